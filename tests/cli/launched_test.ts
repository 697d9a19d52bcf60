/** `laplace launch` ends a launcher that hangs, and its group. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { inEmptyFolder } from "../e2e/harness.ts";
import { ended, runtime } from "../mpi/launch.ts";

const HOUR = 3_600_000;

/** Whether a process runs; one that has ended and nobody has waited for does not. */
function runs(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

const interrupt = "kill -TERM $PPID";
const again = `while :; do ${interrupt}; sleep 0.3; done`;

for (
  const [interrupts, patience, when] of [[interrupt, 300, "in time"], [again, HOUR, "at the second signal"]] as const
) {
  test(`a launcher that hangs after a signal is ended ${when}, and its group with it`, () =>
    inEmptyFolder(async (folder) => {
      const pids = join(folder, "pids");
      // The second process keeps stderr open, as a rank would.
      const script = `trap "" TERM INT HUP; sleep 600 & echo $$ $! >"${pids}"; ${interrupts}; wait; sleep 600`;
      const file = fileURLToPath(new URL("hanging_launcher.ts", import.meta.url));
      const { code, out, err } = ended([...runtime, file, script, `${patience}`]);
      assert.equal(code, 0, err);
      assert.equal(out, "130\n");
      const started = readFileSync(pids, "utf8").trim().split(" ").map(Number);
      assert.equal(started.length, 2);
      for (let tries = 0; started.some(runs) && tries < 100; tries++) await setTimeout(20);
      assert.deepEqual(started.filter(runs), []);
    }));
}
