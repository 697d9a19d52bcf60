/** Ranks of `ga`, started by `laplace launch`, write the .npy bytes that `js` writes. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { required } from "../../conformance/required.ts";
import { complaint, inEmptyFolder, laplace } from "./harness.ts";

interface Row {
  readonly name: string;
  readonly available: boolean;
  readonly reason?: string;
}

const rows: Row[] = JSON.parse((await laplace(["backends", "--json"])).stdout);
const ga = rows.find(({ name }) => name === "ga")!;
const skip = !ga.available && !required("ga");
const hasOmp = rows.some(({ name, available }) => name === "ffi-omp" && available);
// Deno runs them all, from source and through the binary; 24 launches are enough of each.
const ranksOf = "Bun" in globalThis ? [2] : [1, 2, 3, 4];

for (const [g, size] of ["3x3", "97x131", "1025x777"].entries()) {
  for (const [m, method] of ["jacobi", "sor"].entries()) {
    const title = `ga on ${ranksOf.join(", ")} ranks writes the bytes of js: ${method}, ${size}`;
    test(`${title}${skip ? `: skipped, ${ga.reason}` : ""}`, { skip }, () =>
      inEmptyFolder(async (cwd) => {
        const what = ["solve", "--size", size, "--method", method, "--max-sweeps", "12", "--quiet"];
        // The 3 x 3 plate has one free point, and converges.
        const code = size === "3x3" ? 0 : 1;
        const alone = await laplace([...what, "--plugin", "js", "--out", "js.npy"], { cwd });
        assert.equal(alone.code, code, alone.stderr);
        const expected = readFileSync(join(cwd, "js.npy"));
        for (const ranks of ranksOf) {
          const kernel = hasOmp && (g + m + ranks) % 2 === 0 ? "ffi-omp" : "js";
          const halo = size === "3x3" ? "1" : "4";
          const settings = ["--plugin", "ga", "--set", `kernel=${kernel}`, "--set", `halo=${halo}`];
          const launched = ["launch", "-n", `${ranks}`, "--oversubscribe", "--"];
          const run = await laplace([...launched, ...what, ...settings, "--out", "ga.npy"], { cwd });
          assert.equal(run.code, code, `${ranks} ranks, ${kernel}: ${run.stderr}`);
          assert.ok(readFileSync(join(cwd, "ga.npy")).equals(expected), `${ranks} ranks, ${kernel}`);
        }
      }));
  }
}

test("laplace launch takes the launcher of MPICH for ga", { skip }, async () => {
  for (const named of [["--plugin", "ga"], ["--plugin=ga"]]) {
    const { code, stdout, stderr } = await laplace(["launch", "-n", "1", "--dry-run", "--", "solve", ...named]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, / \S*(hydra|mpich|mpiexec|mpirun)\S* -n 1 -bind-to core:1 /);
  }
});

test("ga that was not built is an error with the fix", () =>
  inEmptyFolder(async (cwd) => {
    const run = await laplace(["solve", "--plugin", "ga"], { cwd, env: { LAPLACE_NATIVE: cwd } });
    assert.equal(complaint(run, 3, "deno task native:ga"), undefined);
  }));
