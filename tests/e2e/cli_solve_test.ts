/**
 * End to end: `laplace solve`, what a user types, what they see, and the exit code.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decodeNpy } from "../../io/mod.ts";
import { writePng } from "../support/png_writer.ts";
import { complaint, inEmptyFolder, laplace, root } from "./harness.ts";

test("solve with no argument solves the plate and says so in words", () =>
  inEmptyFolder(async (cwd) => {
    const { code, stdout, stderr } = await laplace(["solve"], { cwd });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^status +converged, \d+ sweeps$/m);
    assert.match(stdout, /at most .* from the exact discrete solution/);
    assert.match(stdout, /56\.25 in the middle/);
    assert.equal(stderr, "");
  }));

test("solve --json prints one object with the documented keys", async () => {
  const { code, stdout } = await laplace(["solve", "--size", "33", "--json"]);
  assert.equal(code, 0);
  const result = JSON.parse(stdout);
  assert.deepEqual(Object.keys(result).sort(), [
    "asked",
    "change",
    "device",
    "discretisationError",
    "dtype",
    "errorBound",
    "method",
    "mlups",
    "plugin",
    "ranks",
    "residual",
    "results",
    "seconds",
    "shape",
    "spread",
    "status",
    "sweeps",
    "target",
    "threads",
  ]);
  assert.equal(result.status, "converged");
  assert.deepEqual(result.shape, [33, 33]);
  assert.equal(result.discretisationError, null);
  const spans = ["bound", "open", "read", "setup", "solve", "total", "write"];
  assert.deepEqual(Object.keys(result.seconds).sort(), spans);
  const { edges, parts, probes, ...totals } = result.results;
  assert.deepEqual(Object.keys(edges), ["north", "south", "west", "east"]);
  for (const edge of Object.values<object>(edges)) assert.deepEqual(Object.keys(edge), ["flux", "mean", "min", "max"]);
  assert.deepEqual([parts, probes], [{}, {}]);
  assert.deepEqual(Object.keys(totals), ["source", "imbalance", "energy", "integral", "min", "max"]);
  assert.deepEqual(totals.max, { value: 100, at: [32, 1] });
});

test("solve --max-sweeps 10 ends with status limit and exit 1, and still writes the field", () =>
  inEmptyFolder(async (cwd) => {
    const { code, stdout } = await laplace([
      "solve",
      "--method",
      "jacobi",
      "--max-sweeps",
      "10",
      "--json",
      "--out",
      "u.npy",
    ], { cwd });
    assert.equal(code, 1);
    assert.equal(JSON.parse(stdout).status, "limit");
    assert.equal(JSON.parse(stdout).sweeps, 10);
    assert.deepEqual(readdirSync(cwd), ["u.npy"]);
  }));

test("solve shows Chapra & Canale's plate", async () => {
  const { stdout } = await laplace(["solve", join(root, "tests/cases/chapra-plate.toml"), "--tol", "1e-12"]);
  const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/).slice(1, 4).join(" "));
  for (
    const row of ["78.57143 76.11607 69.64286", "63.16964 56.25 52.45536", "42.85714 33.25893 33.92857"]
  ) assert.ok(rows.includes(row), stdout);
});

test("solve --estimate reports the discretisation error apart, or why there is none", () =>
  inEmptyFolder(async (cwd) => {
    writeFileSync(join(cwd, "smooth.toml"), "shape = [33, 33]\nsource.value = 1\n");
    writeFileSync(join(cwd, "even.toml"), "shape = [33, 34]\n");
    const smooth = await laplace(["solve", "smooth.toml", "--estimate", "--plugin", "js"], { cwd });
    assert.match(smooth.stdout, /^discretisation about \d\.\de-\d+ \(Richardson, from 17 x 17 points\)$/m);
    assert.match(smooth.stdout, /^error +at most /m);
    const { stdout } = await laplace(["solve", "smooth.toml", "--estimate", "--json", "--plugin", "js"], { cwd });
    assert.ok(JSON.parse(stdout).discretisationError > 0);
    const { results, estimates } = JSON.parse(stdout);
    assert.deepEqual(Object.keys(estimates), Object.keys(results));
    assert.ok(estimates.edges.north.flux > 0 && estimates.edges.north.flux < 0.1 * -results.edges.north.flux);
    assert.equal(JSON.parse(stdout).discretisationNote, "Richardson, from 17 x 17 points");
    const even = await laplace(["solve", "even.toml", "--estimate", "--plugin", "js"], { cwd });
    assert.equal(even.code, 0);
    const none = await laplace(["solve", "even.toml", "--estimate", "--json", "--plugin", "js"], { cwd });
    assert.equal(JSON.parse(none.stdout).estimates, null);
    assert.match(even.stdout, /^discretisation no estimate: nx is 34, and must be odd/m);
    const plate = await laplace(["solve", "--size", "33", "--estimate", "--plugin", "js"]);
    assert.match(plate.stdout, /where fixed edges of different values meet, in all corners,/);
  }));

test("solve stops by the study's rule: change at most eps, checked every 1000 sweeps", async () => {
  const { stdout } = await laplace(["solve", "--size", "41", "--method", "jacobi", "--stop", "change", "--json"]);
  const { sweeps, change, status } = JSON.parse(stdout);
  assert.equal(status, "converged");
  assert.equal(sweeps % 1000, 0);
  assert.ok(change <= 1e-4);
});

test("--out writes npy, csv and png, each in its format", () =>
  inEmptyFolder(async (cwd) => {
    const out = ["u.npy", "u.csv", "u.png"];
    const { code, stdout } = await laplace(["solve", "--size", "9x17", ...out.flatMap((file) => ["--out", file])], {
      cwd,
    });
    assert.equal(code, 0);
    for (const file of out) assert.match(stdout, new RegExp(`^written +${file}$`, "m"));
    const { shape, data } = decodeNpy(readFileSync(join(cwd, "u.npy")), "u.npy");
    assert.deepEqual([...shape], [9, 17]);
    const rows = readFileSync(join(cwd, "u.csv"), "utf8").trim().split("\n").map((row) => row.split(",").map(Number));
    assert.deepEqual(rows.flat(), [...data]);
    assert.equal(readFileSync(join(cwd, "u.png")).subarray(1, 4).toString(), "PNG");
    assert.deepEqual(readdirSync(cwd).sort(), out.sort());
  }));

test("--quiet prints nothing", async () => {
  const { code, stdout, stderr } = await laplace(["solve", "--size", "9", "--quiet"]);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
});

test("a drawing with colours that its legend lacks is solved with one warning, none if --quiet", () =>
  inEmptyFolder(async (cwd) => {
    const draw = (name: string, stray: readonly number[]) => {
      const samples = (x: number, y: number) => x + y === 0 ? stray : x === 4 ? [255, 0, 0] : [255, 255, 255];
      writeFileSync(join(cwd, `${name}.png`), writePng({ width: 9, height: 9, type: 2, depth: 8, samples }));
      const fixed = `[fixed]\nimage = "${name}.png"\nlegend = { "#ff0000" = 100 }\n`;
      writeFileSync(join(cwd, `${name}.toml`), `shape = [9, 9]\n${fixed}`);
    };
    draw("clean", [255, 255, 255]);
    draw("stray", [255, 9, 9]);
    const solve = (...args: string[]) => laplace(["solve", "--plugin", "js", ...args], { cwd });
    const [text, object, quiet, clean] = await Promise.all([
      solve("stray.toml"),
      solve("stray.toml", "--json"),
      solve("stray.toml", "--quiet"),
      solve("clean.toml", "--json"),
    ]);
    const warning =
      /^laplace: warning: fixed\.image of "stray\.toml": "stray\.png" has 1 pixel in 1 colour [^\n]*"#ff0909"[^\n]*\n$/;
    for (const { code, stderr } of [text, object]) {
      assert.equal(code, 0);
      assert.match(stderr, warning);
    }
    assert.match(text.stdout, /^status +converged/m);
    assert.equal(JSON.parse(object.stdout).status, "converged");
    assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, "", ""]);
    assert.deepEqual([clean.code, clean.stderr], [0, ""]);
  }));

test("every option of solve changes what it should", async () => {
  const json = async (...args: string[]) =>
    JSON.parse((await laplace(["solve", "--size", "33", "--json", ...args])).stdout);
  const cycles = ["--plugin", "js", "--method", "multigrid"];
  const base = await json(...cycles);
  assert.ok((await json(...cycles, "--tol", "1e-9")).sweeps > base.sweeps);
  assert.ok((await json(...cycles, "--stop", "residual")).sweeps < base.sweeps);
  assert.notEqual((await json("--plugin", "js", "--set", "omega=1.5")).sweeps, base.sweeps);
  assert.equal((await json("--plugin", "js", "--dtype", "f32")).dtype, "f32");
  assert.equal((await json("--plugin", "js", "--method", "jacobi")).method, "jacobi");
  assert.equal((await json("--plugin", "js", "--check-every", "500")).sweeps, 500);
  const change = [...cycles, "--stop", "change", "--check-every", "1"];
  assert.ok((await json(...change, "--eps", "1e-9")).sweeps > (await json(...change, "--eps", "1e-2")).sweeps);
});

test("solve says which method auto took, and why; of one that was named, nothing", async () => {
  const line = async (...args: string[]) =>
    /^method +(.*)$/m.exec((await laplace(["solve", "--size", "33", "--plugin", "js", ...args])).stdout)?.[1];
  assert.match((await line())!, /^direct, auto: the problem separates, and /);
  assert.match((await line("--set", "omega=1.5"))!, /^sor, auto: the setting "omega" is for it$/);
  assert.equal(await line("--method", "multigrid"), "multigrid");
});

test("progress appears on stderr in a run of over a second, and only there", async () => {
  const args = ["solve", "--size", "2049", "--plugin", "js", "--method", "jacobi", "--json"];
  const line = /^ *\d+ % +\d+ sweeps +residual \S+ +\d+\.\d s$/m;
  const text = await laplace([...args, "--progress", "text"], { until: line });
  assert.match(text.stderr, line);
  assert.equal(JSON.parse(text.stdout).status, "interrupted");
  const bar = /\r\[#*\.*\] +\d+ % /;
  assert.match((await laplace([...args, "--progress", "bar"], { until: bar })).stderr, bar);
  const none = await laplace([...args, "--progress", "none"], { started: (kill) => setTimeout(kill, 2500, "SIGINT") });
  assert.equal(none.stderr, "");
});

test("ffi-omp reports what libgomp would complain about, replace, or end the program for", async () => {
  const solve = (env: Record<string, string>) =>
    laplace(["solve", "--plugin", "ffi-omp", "--set", "threads=2", "--size", "65"], { env });
  const values = { OMP_NUM_THREADS: "many", OMP_THREAD_LIMIT: "0", OMP_STACKSIZE: "lots" };
  for (const [name, value] of Object.entries({ ...values, GOMP_STACKSIZE: "1" })) {
    assert.equal(complaint(await solve({ [name]: value }), 3, `${name} is "${value}"`), undefined);
  }
  assert.equal(complaint(await solve({ OMP_NUM_THREADS: "4096" }), 3, 'OMP_NUM_THREADS is "4096"'), undefined);
  // More than a process can address.
  const why = "starts no more than 1 of 2 threads with a stack of OMP_STACKSIZE=1000000G";
  assert.equal(complaint(await solve({ OMP_STACKSIZE: "1000000G" }), 3, why), undefined);
  const { code, stdout } = await solve({ OMP_THREAD_LIMIT: "1" });
  assert.equal(code, 0);
  assert.match(stdout, /^plugin +ffi-omp \(.*, 1 thread: OMP_THREAD_LIMIT is 1\)$/m);
});
