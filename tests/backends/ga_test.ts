/**
 * The backend `ga` on ranks that are processes of MPICH: fields and norms equal those of the reference bit for bit; the
 * conformance suite; and that it says why where it cannot run.
 *
 * @module
 */

import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { registry } from "../../backends/registry.ts";
import { required } from "../../conformance/required.ts";
import { functions } from "../../native/ga/functions.ts";
import { ended, laplace, launch, mpis, runtime } from "../mpi/launch.ts";

const { default: ga } = await registry["ga"]!.load();
const probe = await ga.probe();
const [openmpi, mpich] = [mpis[0]!, mpis[1]!];
const why = probe.available ? mpich.mpirun ? undefined : "there is no launcher of MPICH" : probe.reason;
const skip = why !== undefined && !required("ga");
const note = skip ? `: skipped, ${why}` : "";
const cli = new URL("../../cli.ts", import.meta.url).pathname;

const { default: omp } = await registry["ffi-omp"]!.load();
const both = (await omp.probe()).available ? "js,ffi-omp" : "js";

// Ranks of MPICH wait busily: where there are more than cores, a few problems must do.
for (const [ranks, kernels, every] of [[1, both, 1], [2, both, 2], [3, "js", 7], [4, "js", 14]] as const) {
  test(`ga on ${ranks} ranks equals the reference bit for bit: ${kernels}${note}`, { skip }, () => {
    const { code, out, err } = launch(mpich, ranks, "solves.ts", kernels, "ga", String(every));
    assert.equal(code, 0, err);
    assert.match(out, /^compared \d{2,}$/m, err);
  });
}

test(`ga passes the conformance suite, and two sessions of it at once${note}`, { skip }, () => {
  const { code, out, err } = ended([...runtime, cli, "check", "--plugin", "ga"]);
  assert.equal(code, 0, `${out}${err}`);
  assert.match(out, /^\d{3} passed, 0 failed$/m);
  assert.match(out, /two sessions at once/);
});

test(`ga ends with a kernel that knows nothing of domains${note}`, { skip }, () => {
  const mine = new URL("../../examples/plugin_ts/mine.ts", import.meta.url).pathname;
  const args = ["solve", "--plugin", "ga", "--set", `kernel=${mine}`, "--size", "9", "--method", "jacobi", "--quiet"];
  const { code, err } = ended([...runtime, cli, ...args]);
  assert.deepEqual([code, err], [0, ""]);
});

test(`ga reports once what is wrong on all ranks${note}`, { skip }, () => {
  const args = ["solve", "--plugin", "ga", "--set", "grid=3x1", "--size", "33", "--json"];
  const { code, err } = laplace(mpich, 2, args);
  assert.equal(code, 2, err);
  assert.match(err, /^laplace: Setting "grid" is 3x1, which is 3 ranks: there are 2; start so many, or leave it out$/m);
  assert.equal(err.match(/laplace:/g)?.length, 1, err);
});

test("ga says that Open MPI's launcher is not that of Global Arrays", {
  skip: openmpi.mpirun === undefined && !required("ga"),
}, () => {
  const { code, err } = laplace(openmpi, 2, ["solve", "--plugin", "ga", "--size", "33"]);
  assert.equal(code, 3, err);
  assert.match(err, /^laplace: Cannot run "ga" here: mpirun of Open MPI started this, and .* MPICH; .*launch/m);
});

test(`ga says that another MPI is in use${note}`, { skip: skip || openmpi.mpirun === undefined }, () => {
  const args = [cli, "solve", "--plugin", "ga", "--size", "33"];
  const { code, err } = ended([...runtime, ...args], { LAPLACE_MPI: "openmpi" });
  assert.equal(code, 3, err);
  assert.match(err, /^laplace: Cannot open "ga": .* another MPI is in use; set LAPLACE_MPI=mpich$/m);
});

test("ga says what is missing: the library, what it needs, a function", async () => {
  const folder = mkdtempSync(join(tmpdir(), "laplace-"));
  const before = process.env.LAPLACE_NATIVE;
  try {
    process.env.LAPLACE_NATIVE = folder;
    assert.deepEqual(await ga.probe(), {
      available: false,
      reason: "libga.so was not built",
      fix: "deno task native:ga makes it from Debian's archives",
    });
    writeFileSync(join(folder, "libga.so"), "no library");
    const other = await ga.probe();
    assert.deepEqual(other, {
      available: false,
      reason: `${join(folder, "libga.so")} is not a library: file too short`,
      fix: "point LAPLACE_NATIVE at another folder, or unset it",
    });
    if (ended(["gcc", "--version"]).code !== 0) return;
    const file = (name: string) => join(folder, name);
    const make = (...args: string[]) => assert.equal(ended(["gcc", "-shared", "-fPIC", ...args]).code, 0);
    writeFileSync(file("none.c"), "int none(void) { return 0; }\n");
    writeFileSync(
      file("all.c"),
      `${Object.keys(functions).map((name) => `int ${name}(void) { return 0; }`).join("\n")}\n`,
    );
    make(file("none.c"), "-o", file("libmpich_gone.so.12"), "-Wl,-soname,libmpich_gone.so.12");
    rmSync(file("libga.so"));
    make(file("all.c"), "-o", file("libga.so"), "-Wl,--no-as-needed", file("libmpich_gone.so.12"));
    rmSync(file("libmpich_gone.so.12"));
    assert.deepEqual(await ga.probe(), {
      available: false,
      reason: "libmpich_gone.so.12 is missing",
      fix: "apt-get install mpich",
    });
    rmSync(file("libga.so"));
    // Under another name: a loader remembers what it has.
    make(file("none.c"), "-o", file("none.so"));
    copyFileSync(file("none.so"), file("libga.so"));
    const lacking = await ga.probe();
    assert.ok(!lacking.available && /^libga\.so lacks the symbol "/.test(lacking.reason));
  } finally {
    if (before === undefined) delete process.env.LAPLACE_NATIVE;
    else process.env.LAPLACE_NATIVE = before;
    rmSync(folder, { recursive: true, force: true });
  }
});
