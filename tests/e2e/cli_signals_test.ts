/** End to end: signals end a run with exit 130, whatever it computes, and leave whole files. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { required } from "../../conformance/required.ts";
import { assetPath } from "../../host/assets.ts";
import { command, inEmptyFolder, laplace, type Run } from "./harness.ts";
import { slowPlugin } from "./slow_plugin.ts";

test("SIGINT ends a long solve between two batches, with exit 130 and its field", () =>
  inEmptyFolder(async (cwd) => {
    const args = ["solve", "--size", "2049", "--plugin", "js", "--method", "jacobi", "--json", "--out", "u.npy"];
    const { code, stdout } = await laplace(args, { cwd, until: /sweeps/ });
    assert.equal(code, 130);
    assert.equal(JSON.parse(stdout).status, "interrupted");
    assert.deepEqual(readdirSync(cwd), ["u.npy"]);
  }));

test("SIGINT while a large problem is being set up ends it with exit 130", () =>
  inEmptyFolder(async (cwd) => {
    // With a first guess that is not zero every point is written.
    writeFileSync(join(cwd, "large.toml"), "shape = [12001, 12001]\ninitial.value = 1\n");
    const { code } = await laplace(["solve", "large.toml", "--plugin", "js", "--quiet"], {
      cwd,
      started: (kill) => setTimeout(() => kill("SIGINT"), 700),
    });
    assert.equal(code, 130);
  }));

test("signals while a large file is written leave the whole file or nothing", () =>
  inEmptyFolder(async (cwd) => {
    writeFileSync(join(cwd, "long.toml"), "shape = [2501, 2501]\ninitial = { value = 0.12345678901234567 }\n");
    for (const twice of [false, true]) {
      const args = ["solve", "long.toml", "--max-sweeps", "1", "--plugin", "js", "--quiet", "--out", "u.csv"];
      let waiting: ReturnType<typeof setInterval> | undefined;
      const { code } = await laplace(args, {
        cwd,
        started: (kill) => {
          // Once the temporary file is there, the solve is over.
          waiting = setInterval(() => {
            if (readdirSync(cwd).length === 1) return;
            if (!twice) clearInterval(waiting);
            kill("SIGINT");
          }, 20);
        },
      });
      clearInterval(waiting);
      assert.equal(code, 130);
      assert.deepEqual(readdirSync(cwd).sort(), twice ? ["long.toml"] : ["long.toml", "u.csv"]);
      if (!twice) rmSync(join(cwd, "u.csv"));
    }
  }));

/** A solve by a plugin that runs `body` in the member `where`, there also `signal(name)`, which sends one to the process itself. */
function solveWith(where: string, body: string, by = command): Promise<Run & { files: string[]; status?: string }> {
  return inEmptyFolder(async (cwd) => {
    writeFileSync(join(cwd, "slow.ts"), slowPlugin(where, body));
    const args = [
      "solve",
      "--size",
      "5",
      "--plugin",
      "./slow.ts",
      "--max-sweeps",
      "4",
      "--progress",
      "none",
      "--json",
      "--out",
      "u.npy",
    ];
    const run = await laplace(args, { cwd, by });
    const status = run.stdout === "" ? {} : { status: JSON.parse(run.stdout).status };
    return { ...run, ...status, files: readdirSync(cwd).filter((name) => name !== "slow.ts") };
  });
}

/** Without C only code that yields hears of signals, and nobody tells whether SIGHUP was ignored. */
const built = process.env.LAPLACE_BIN !== undefined || existsSync(assetPath("liblaplace_signals.so")!);
const skip = !built && !required("ffi-c") && "liblaplace_signals.so was not built: deno task native";

for (const where of ["probe", "open", "advance", "again", "read"]) {
  test(`the second signal ends a plugin that never returns from ${where}, the first does not`, { skip }, async () => {
    const { code, stderr, files } = await solveWith(
      where,
      `signal("SIGINT"); compute(1); note("alive"); signal("SIGINT"); compute(5); throw new Error("it went on");`,
    );
    assert.deepEqual([code, stderr, files], [130, "alive\n", []]);
  });
}

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  test(`${name}, even if it comes twice at once, ends a solve with its field`, { skip }, async () => {
    const { code, status, files } = await solveWith("again", `signal("${name}"); signal("${name}"); await pause();`);
    assert.deepEqual([code, status, files], [130, "interrupted", ["u.npy"]]);
  });
}

test("SIGHUP is ignored where it was ignored before, as nohup asks", { skip }, async () => {
  const nohup = ["sh", "-c", `trap "" HUP; exec "$0" "$@"`, ...command];
  const { code, status } = await solveWith("again", `signal("SIGHUP"); await pause();`, nohup);
  assert.deepEqual([code, status], [1, "limit"]);
});
