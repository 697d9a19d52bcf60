/** End to end: signals end a run with exit 130 and leave whole files. */

import assert from "node:assert/strict";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inEmptyFolder, laplace } from "./harness.ts";

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
