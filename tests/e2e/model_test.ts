/** `laplace model`, end to end: what it prints, what it measures, and what it refuses. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { predict } from "../../backends/engine-ranks/scaling_model.ts";
import { mpis } from "../mpi/launch.ts";
import { required } from "../../conformance/required.ts";
import { complaint, laplace, root } from "./harness.ts";

const given = ["--rate", "5000", "--latency", "1", "--bandwidth", "20"];
const machine = { rate: 5e9, latency: 1e-6, bandwidth: 20e9 };

test("model --json predicts from what it is given", async () => {
  const args = ["model", "--size", "8192", "--ranks", "1,64,65536", ...given, "--json"];
  const { code, stdout, stderr } = await laplace(args);
  assert.deepEqual([code, stderr], [0, ""]);
  const told = JSON.parse(stdout);
  assert.deepEqual(told.sources, { rate: "given", latency: "given", bandwidth: "given" });
  for (const [k, ranks] of [1, 64, 65536].entries()) {
    const wanted = predict({ shape: [8192, 8192], ranks, grid: "blocks" }, machine);
    assert.deepEqual(Object.keys(told.rows[k]), Object.keys(wanted));
    for (const [key, value] of Object.entries(wanted)) {
      const got = told.rows[k][key];
      // µs and GB/s are turned into other units on the way.
      if (typeof value === "number") assert.ok(Math.abs(got - value) <= 1e-12 * value, `${ranks} ${key}: ${got}`);
      else assert.deepEqual(got, value);
    }
  }
});

test("model prints a table, for slabs, weak scaling, a halo and shared nodes too", async () => {
  const run = async (...more: string[]) => (await laplace(["model", "--ranks", "1,64", ...given, ...more])).stdout;
  const strong = await run("--size", "8192");
  assert.match(strong, /^8192 x 8192 points, jacobi, f64; a prediction, from$/m);
  assert.match(strong, /^ {2}latency +1\.00 µs, given$/m);
  assert.match(strong, /^ +64 +8x8 +1024x1024 +\d+ /m);
  assert.match(await run("--size", "8192", "--grid", "slabs", "--halo", "5"), /^ +64 +64x1 +128x8192 +5 /m);
  assert.match(await run("--size", "512x300", "--weak"), /^512 x 300 points a rank, [^]*^ +64 +8x8 +512x300 +\d+ /m);
  const shared = ["--size", "8192", "--ranks-per-node", "16", "--check-every", "10", "--dtype", "f32"];
  assert.notEqual(await run(...shared), strong);
});

test("docs/cluster.md has the tables that its commands print", async () => {
  const text = readFileSync(join(root, "docs/cluster.md"), "utf8");
  const blocks = [...text.matchAll(/^```console\n\$ laplace (model .*)\n([^]*?)^```$/gm)];
  assert.ok(blocks.length >= 4, `${blocks.length} tables`);
  for (const [, command, printed] of blocks) {
    assert.equal((await laplace(command!.split(" "))).stdout, printed, command);
  }
});

for (const { name, title, mpirun } of mpis) {
  const skip = mpirun === undefined && !required("mpi");
  test(`model measures rate, latency and bandwidth on two ranks of ${title}${skip ? ": skipped" : ""}`, {
    skip,
  }, async () => {
    const args = ["launch", "-n", "2", "--oversubscribe", "--", "model", "--size", "129", "--ranks", "1,2", "--json"];
    const env = {
      LAPLACE_MPI: name,
      OMPI_ALLOW_RUN_AS_ROOT: "1",
      OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
      OMPI_MCA_mpi_yield_when_idle: "1",
      OMPI_MCA_btl_base_warn_component_unused: "0",
    };
    const { code, stdout, stderr } = await laplace(args, { env });
    assert.equal(code, 0, stderr);
    const told = JSON.parse(stdout);
    assert.deepEqual(told.sources, { rate: "measured", latency: "measured", bandwidth: "measured" });
    for (const key of ["rate", "latency", "bandwidth"]) assert.ok(told[key] > 0, `${key} is ${told[key]}`);
    assert.deepEqual(told.rows.map((row: { ranks: number }) => row.ranks), [1, 2]);
  });
}

for (
  const [what, args, culprit] of [
    ["a word for a rate", ["--rate", "fast"], `--rate must be a number: it is "fast"`],
    ["a rate of nothing", ["--rate", "0"], "--rate must be above 0"],
    ["an endless bandwidth", ["--bandwidth", "Infinity"], "--bandwidth must be above 0 and finite"],
    ["a latency below nothing", ["--latency", "-1"], "--latency must be at least 0"],
    ["half a rank", ["--ranks", "1,2.5"], `--ranks must be a whole number of at least 1: it is "2.5"`],
    ["no ranks", ["--ranks", ","], "--ranks names no number of ranks"],
    ["far too many ranks", ["--ranks", "9999999"], "--ranks must be at most 1048576"],
    ["a misspelt grid", ["--grid", "slab"], `did you mean "slabs"?`],
    ["a halo deeper than a part", ["--ranks", "1,4", "--size", "64", "--halo", "40"], "the smallest part has 32"],
    ["ranks as the kernel of ranks", ["--plugin", "mpi"], "name what a rank computes with"],
    ["a misspelt kernel", ["--plugin", "ffi-opm"], `did you mean "ffi-omp"?`],
    ["a misspelt flag", ["--latencey", "1"], "did you mean --latency?"],
  ] as const
) {
  test(`model says in one line what is wrong with ${what}`, async () => {
    assert.equal(complaint(await laplace(["model", ...args]), 2, culprit), undefined);
  });
}
