/**
 * What `laplace solve` says in words: of the error against what was asked, of the field, of a single sweep.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import ffiFortran from "../../backends/ffi-fortran/mod.ts";
import wasm from "../../backends/wasm/mod.ts";
import { summary } from "../../cli/report.ts";
import type { Session } from "../../core/contract.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { passOf } from "../../core/iterate.ts";
import { type Solution, solve, type SolveOptions } from "../../solve/solve.ts";
import { plate } from "../support/problems.ts";

const told = (solution: Solution, key: string) =>
  new RegExp(`^${key} +(.*)$`, "m").exec(summary(solution, "a plate", []))![1]!;

const line = async (key: string, problem: Problem, options: SolveOptions = {}) =>
  told(await solve(problem, { plugin: "js", ...options }), key);

const errorOf = (problem: Problem, options: SolveOptions = {}) => line("error", problem, options);

const BOUND = String.raw`at most \d\.\de-\d+ from the exact discrete solution`;
const insulated = plate(33, { edges: { north: 100, south: { flux: 0 } } });

test("a title heads the summary, and the unit of u stands behind its values", async () => {
  const solution = await solve(plate(33), { plugin: "js", estimate: true, method: "multigrid" });
  const lines = summary(solution, "plate.toml", [], { title: "A plate", unit: "K" }).split("\n");
  const said = (key: string) => lines.find((line) => line.startsWith(key))!.slice(key.length).trim();
  assert.equal(said("problem"), "A plate (plate.toml), 33 x 33 points, f64");
  const number = String.raw`\d\.\de[+-]\d+ K`;
  assert.match(
    said("error"),
    new RegExp(
      `^at most ${number} from .*\\(asked: ${number}\\); residual ${number} \\(stops at ${number}\\), change ${number}$`,
    ),
  );
  assert.match(said("discretisation"), new RegExp(`^about ${number} \\(Richardson`));
  assert.match(said("field"), /^0 to 100 K, \d+\.\d+ K in the middle$/);
});

test("the error is reported against what was asked, in units of u", async () => {
  assert.match(
    await errorOf(plate(33), { method: "multigrid" }),
    new RegExp(`^${BOUND} \\(asked: 1\\.0e-4\\); residual \\S+ \\(stops at \\S+\\), change \\S+$`),
  );
  assert.match(await errorOf(insulated, { method: "multigrid" }), new RegExp(`^${BOUND} \\(asked: 1\\.0e-4\\);`));
  assert.match(await errorOf(plate(33), { tol: 1e-3, method: "sor" }), /\(asked: 1\.0e-1\);/);
});

test("a solve that rounding stops above what was asked is stalled, and says what would help", async () => {
  for (const method of ["multigrid", "direct"] as const) {
    const solution = await solve(plate(33), { plugin: "js", tol: 1e-14, method });
    assert.equal(solution.status, "stalled");
    assert.match(told(solution, "error"), new RegExp(`^${BOUND} \\(asked: 1\\.0e-12\\);`));
    const [, tol] = /^rounding allows --tol (\S+)$/.exec(told(solution, "help"))!;
    assert.equal((await solve(plate(33), { plugin: "js", tol: Number(tol), method })).status, "converged");
  }
  const f32 = await solve(plate(33, { dtype: "f32" }), { plugin: "js", tol: 1e-9, method: "multigrid" });
  assert.equal(told(f32, "help"), "f64 has nine digits more: --dtype f64, with a plugin that has it");
  const limited = await errorOf(plate(33), { maxSweeps: 1, method: "jacobi" });
  assert.match(limited, /^at most \S+ from the exact discrete solution \(asked: 1\.0e-4\);/);
});

test("a default that f32 cannot reach is reported as loosened; one that was asked for is not", async () => {
  const f32 = plate(65, { dtype: "f32" });
  assert.match(await errorOf(f32, { method: "multigrid" }), /\(asked: \d\.\de-\d+, since f32 cannot reach 1\.0e-4[;)]/);
  assert.match(await errorOf(f32, { method: "multigrid", tol: 0.1 }), /\(asked: 1\.0e\+1\);/);
  const narrow = { ...f32, edges: { north: 101, south: 100, west: 100, east: 100 } };
  const residual = await errorOf(narrow, { stop: "residual", method: "multigrid" });
  assert.match(residual, /residual \S+ \(stops at \S+, since f32 cannot reach 1\.0e-6\), change/);
});

test("a residual that proves nothing gets a warning", async () => {
  const free = { flux: 0 };
  const edges = { north: free, south: free, east: free, west: { convection: { h: 1e-7, ambient: 100 } } };
  const problem = { shape: [17, 17], edges, dtype: "f32" } as const;
  const solution = await solve(problem, { plugin: "js", method: "cg", stop: "residual" });
  assert.equal(solution.status, "converged");
  assert.equal(told(solution, "warning"), "the residual proves nothing here: the bound is wider than the field");
});

test("without a bound, status and error say so, and why", async () => {
  const solution = await solve(plate(9), { plugin: "js", method: "sor" });
  const unbounded = { ...solution, status: "stalled", errorBound: undefined, noBound: "rounding hides it" } as const;
  assert.match(told(unbounded, "status"), /^not converged: no bound on the error was found, \d+ sweeps$/);
  assert.match(told(unbounded, "error"), /^no bound is known: rounding hides it \(asked: 1\.0e-4\); residual/);
  const residual = told({ ...unbounded, status: "converged", stop: "residual" }, "error");
  assert.match(residual, /^no bound is known: rounding hides it; residual \S+ \(stops at \S+\), change/);
});

test("where every point is held there is no error, by any method", async () => {
  const shapes = [{ kind: "rect", from: [0, 0], to: [4, 4], value: 3 }] as const;
  for (const method of ["jacobi", "sor", "cg", "multigrid", "direct"] as const) {
    for (const stop of ["error", "residual"] as const) {
      const solution = await solve(plate(5, { fixed: { shapes } }), { plugin: "js", method, stop });
      assert.equal(solution.status, "converged");
      assert.equal(solution.errorBound, 0);
      assert.equal(told(solution, "error"), "none: every point is held at a value");
    }
  }
  // One point left free, by a shape or by a mask.
  const free = [{ kind: "rect", from: [0, 0], to: [4, 2], value: 3 }] as const;
  const mask = (i: number, j: number) => i === 2 && j === 2 ? 0 : 1;
  for (const fixed of [{ shapes: free }, { mask, values: 3 }]) {
    assert.ok((await solve(plate(5, { fixed }), { plugin: "js" })).errorBound! > 0);
  }
});

test("one sweep is singular", async () => {
  assert.equal(await line("status", plate(9), { method: "direct" }), "converged, 1 sweep");
  assert.match(await line("status", plate(9), { method: "sor" }), /^converged, \d+ sweeps$/);
});

test("the field is printed to the eighth digit of its range, and what is rounding beside it as 0", async () => {
  const { u: _, ...solved } = await solve({ shape: [3, 3] }, { plugin: "js" });
  const field = (low: number, middle: number, high: number, dtype: "f32" | "f64" = "f64") =>
    told({ ...solved, dtype, u: Float64Array.of(low, low, low, low, middle, high, high, high, high) }, "field");
  assert.equal(field(0, 56.249583, 100), "0 to 100, 56.24958 in the middle");
  assert.equal(field(1e6, 1e6 + 3e-4, 1e6 + 1e-3), "1000000 to 1000000.001, 1000000.0003 in the middle");
  assert.equal(field(-100, 3.9e-10, 100), "-100 to 100, 0 in the middle");
  assert.equal(field(-100, -1.8e-15, 100), "-100 to 100, 0 in the middle");
  assert.equal(field(0, 3.9e-10, 1e-9), "0 to 1e-9, 3.9e-10 in the middle");
  assert.equal(field(-1e308, 0, 1e308), "-1e+308 to 1e+308, 0 in the middle");
  assert.equal(field(50 - 2e-14, 50, 50 + 2e-14), "50 to 50, 50 in the middle");
  assert.equal(field(0, 0, 0), "0 to 0, 0 in the middle");
  assert.equal(field(1e6, 1e6 + 0.25, 1e6 + 2, "f32"), "1000000 to 1000002, 1000000.25 in the middle");
});

test("passOf reports blocks where a plugin has that setting, or passes of several sweeps", () => {
  const session = (pass?: Session["pass"]) => ({ ...(pass && { pass }) }) as Session;
  const pass = { sweeps: 8, width: 100 };
  assert.equal(passOf(wasm, session()), undefined);
  assert.equal(passOf(wasm, session(() => undefined)), "off");
  assert.equal(passOf(ffiFortran, session(() => undefined)), undefined);
  assert.equal(passOf(ffiFortran, session(() => pass)), pass);
});

test("of a field that is not finite no error is reported", async () => {
  const solution = await solve(plate(9), { plugin: "js" });
  const diverged = { ...solution, status: "diverged", errorBound: NaN, residual: NaN, change: NaN } as const;
  assert.match(told(diverged, "error"), /^unknown: the field is not finite; /);
});

test("the number of threads is reported with what holds it back", async () => {
  const solution = await solve(plate(9), { plugin: "js" });
  assert.equal(told(solution, "plugin"), "js (JavaScript, 1 thread)");
  const whyThreads = "the CPU quota of its cgroup is that of 0.5 of 2 cores";
  assert.equal(told({ ...solution, whyThreads }, "plugin"), `js (JavaScript, 1 thread: ${whyThreads})`);
});
