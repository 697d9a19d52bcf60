/**
 * What a rank runs for tests/backends/mpi_test.ts and tests/backends/ga_test.ts: solves by a backend with ranks, compared on
 * rank 0 with the reference, bit for bit. Not a test file. Arguments: kernels, separated by commas; the backend, `mpi` or `ga`;
 * n, for each n-th problem alone. Rank 0 prints how many solves were compared.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import process from "node:process";
import js from "../../backends/js/mod.ts";
import { registry } from "../../backends/registry.ts";
import { fixtures } from "../../conformance/problems.ts";
import type { Backend, Batch, GridData, Method } from "../../core/contract.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { optimalOmega, redBlackFails } from "../../core/methods/sor.ts";
import { lower, type Lowered } from "../../core/discretize/lower.ts";
import { decodeNpy, readProblem } from "../../io/mod.ts";
import { openMPI } from "../../mpi/mod.ts";
import { type Solution, solve } from "../../solve/solve.ts";

const COUNTS = [1, 2, 3, 7];

type Settings = Readonly<Record<string, string>>;

async function run(backend: Backend, stencil: Lowered, method: Method, settings: Settings) {
  await using session = await backend.open(stencil, { method, settings });
  const omega = optimalOmega(stencil.analysis);
  const batches: Batch[] = [];
  for (const count of COUNTS) batches.push(await session.advance(count, { omega }));
  return { batches, u: await session.read("global") };
}

const [, , kernels = "js", plugin = "mpi", every = "1"] = process.argv;
const { default: backend } = await registry[plugin]!.load();
const mpi = await openMPI({ abortOnError: true });
const { rank, size } = mpi.world;
const expected = new Map<string, { batches: Batch[]; u: GridData | undefined }>();
let compared = 0;

async function compare(what: string, problem: Problem, settings: Settings): Promise<void> {
  const stencil = lower(problem);
  for (const method of ["jacobi", "sor"] as const) {
    if (method === "sor" && redBlackFails(stencil)) continue;
    const found = await run(backend, stencil, method, settings);
    const key = `${what} ${method}`;
    if (rank === 0 && !expected.has(key)) expected.set(key, await run(js, stencil, method, {}));
    const { batches, u } = mpi.world.bcast(
      expected.get(key) && { batches: expected.get(key)!.batches, u: undefined },
    ) as {
      batches: Batch[];
      u: undefined;
    };
    void u;
    const where = `${key}, ${JSON.stringify(settings)}, rank ${rank} of ${size}`;
    assert.deepEqual(found.batches, batches, `batches: ${where}`);
    assert.equal(found.u === undefined, rank > 0, `the field: ${where}`);
    if (rank === 0) assert.deepEqual(found.u, expected.get(key)!.u, `field: ${where}`);
    compared++;
  }
}

/** Cycles promise no bits: both end where rounding does, at the same field. */
async function compareCycles(what: string, problem: Problem, settings: Settings): Promise<void> {
  const options = { method: "multigrid", stop: "residual", tol: 1e-12 } as const;
  const found = await solve(problem, { ...options, plugin: "mpi", settings });
  const where = `${what} multigrid, ${JSON.stringify(settings)}, rank ${rank} of ${size}`;
  assert.ok(["converged", "stalled"].includes(found.status), `${found.status}: ${where}`);
  assert.ok(found.sweeps <= 20, `${found.sweeps} cycles: ${where}`);
  if (rank > 0) return;
  const key = `${what} multigrid`;
  const reference = cycled.get(key) ?? await solve(problem, { ...options, plugin: "js" });
  cycled.set(key, reference);
  const most = Math.max(...reference.u.map(Math.abs));
  for (const [k, value] of reference.u.entries()) {
    assert.ok(Math.abs(found.u[k]! - value) <= 1e-9 * most, `point ${k}: ${found.u[k]} for ${value}: ${where}`);
  }
  compared++;
}
const cycled = new Map<string, Solution>();

const grids = [undefined, ...(size === 4 ? ["2x2", "1x4"] : size > 1 ? [`${size}x1`, `1x${size}`] : [])];
for (const kernel of kernels.split(",")) {
  for (const kind of ["plain", "weighted"] as const) {
    for (const [n, { what, problem }] of fixtures(kind).entries()) {
      if (n % Number(every) !== 0) continue;
      const grid = grids[n % grids.length];
      const dtype = n % 3 === 2 ? "f32" : "f64";
      await compare(`${dtype} ${kind} ${what}`, { ...problem, dtype }, { kernel, ...(grid && { grid }) });
    }
  }
  // Halos of several layers: with what is in the middle of a part, and with parts no larger than that.
  const edges = { north: 100, west: 75, east: 50 } as const;
  for (const halo of ["2", "5"]) {
    await compare("halo 97 x 131", { shape: [97, 131], edges }, { kernel, halo });
  }
  await compare("97 x 131", { shape: [97, 131], edges }, { kernel });
  await compare("3 x 3", { shape: [3, 3], edges }, { kernel });
  if (plugin !== "mpi" || ["ndarray", "ffi-fortran"].includes(kernel)) continue;
  const disc = { kind: "circle", center: [40, 60], radius: 9, value: 7 } as const;
  const problems: Record<string, Problem> = {
    "3 x 3": { shape: [3, 3], edges },
    "97 x 131": { shape: [97, 131], edges },
    "a source, stretched": { shape: [100, 77], spacing: [1, 3], edges, source: (i, j) => Math.sin(i * j) },
    "a hole between free edges": {
      shape: [120, 121],
      edges: { north: 100, west: { flux: 0 }, east: { convection: { h: 0.1, ambient: 20 } } },
      fixed: { shapes: [disc] },
    },
    "jumps around a period": {
      shape: [128, 90],
      edges: { north: "periodic", south: "periodic", west: 1 },
      conductivity: (i, j) => (i > 60) === (j > 40) ? 100 : 1,
    },
    "an odd period": {
      shape: [131, 90],
      edges: { north: "periodic", south: "periodic", west: 1 },
      source: (i) => i % 7,
    },
    "a constant left open": {
      shape: [96, 80],
      edges: { north: { flux: 1 }, south: { flux: -1 }, west: "periodic", east: "periodic" },
    },
  };
  for (const [n, [what, problem]] of Object.entries(problems).entries()) {
    const grid = grids[n % grids.length];
    await compareCycles(what, problem, { kernel, ...(grid && { grid }) });
  }
}
// MPICH's ranks do not give way to each other: where cores are few, that takes minutes.
if (size === 3 && mpi.abi === "openmpi") {
  const folder = new URL("../cases/", import.meta.url);
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".toml"))) {
    const problem = await readProblem(fileURLToPath(new URL(file, folder)));
    const { u, status } = await solve(problem, { plugin: "mpi", settings: { kernel: "js" }, tol: 1e-12 });
    assert.equal(status, "converged", file);
    if (rank > 0) continue;
    const name = file.replace(".toml", ".expected.npy");
    const { data } = decodeNpy(readFileSync(new URL(name, folder)), name);
    const [low, high] = [Math.min(...data), Math.max(...data)];
    for (const [k, value] of data.entries()) {
      assert.ok(Math.abs(u[k]! - value) <= 1e-9 * (high - low), `${file}: point ${k}`);
    }
    compared++;
  }
}
if (rank === 0) console.log(`compared ${compared}`);
mpi.Finalize();
process.exit(0);
