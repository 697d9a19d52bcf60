/** End to end: who reads the output may go away, and nothing is lost. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { command, inEmptyFolder } from "./harness.ts";
import { slowPlugin } from "./slow_plugin.ts";

/** Runs a script of sh in a folder that has slow.ts; "$@" is `laplace`, to which the script adds arguments. */
function script(cwd: string, text: string): void {
  writeFileSync(join(cwd, "slow.ts"), slowPlugin());
  const { status, stderr } = spawnSync("sh", ["-c", text, "sh", ...command], { cwd, encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

const read = (cwd: string, name: string) => readFileSync(join(cwd, name), "utf8").trim();

for (const mode of ["text", "bar"]) {
  test(`a reader of stderr that goes away does not end a solve with --progress ${mode}`, () =>
    inEmptyFolder((cwd) => {
      const [sweeps, first] = mode === "bar" ? [10, "head -c 1"] : [16, "head -n 1"];
      const args = `solve --size 5 --plugin ./slow.ts --max-sweeps ${sweeps} --progress ${mode} --json --out u.npy`;
      script(cwd, `{ "$@" ${args} 2>&1 >out.json; echo $? >code; } | ${first}`);
      assert.equal(read(cwd, "code"), "1");
      assert.equal(JSON.parse(read(cwd, "out.json")).status, "limit");
      assert.ok(readdirSync(cwd).includes("u.npy"));
      return Promise.resolve();
    }));
}

for (const args of ["--json", ""]) {
  test(`a reader of stdout that has gone away does not end a solve ${args || "with a summary"}`, () =>
    inEmptyFolder((cwd) => {
      const gone = "{ exec <&-; : >gone; }";
      const solve = `"$@" solve --size 33 --plugin js --out u.npy --out u.csv ${args} 2>err; echo $? >code`;
      script(cwd, `{ until [ -e gone ]; do sleep 0.1; done; ${solve}; } | ${gone}`);
      assert.deepEqual([read(cwd, "code"), read(cwd, "err")], ["0", ""]);
      assert.deepEqual(readdirSync(cwd).filter((name) => /^u/.test(name)).sort(), ["u.csv", "u.npy"]);
      return Promise.resolve();
    }));
}

test("an error that stderr has no place for has its exit code all the same", () =>
  inEmptyFolder((cwd) => {
    script(cwd, `"$@" solve --sise 5 2>/dev/full; echo $? >code`);
    assert.equal(read(cwd, "code"), "2");
    return Promise.resolve();
  }));
