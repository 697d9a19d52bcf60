/**
 * `workers`: threads in TypeScript. The loops of `js` in worker threads, on memory that they share.
 *
 * Sweeps go row by row: the loops are bound by computing, and tiles of several sweeps were slower (docs/speed.md).
 *
 * @module
 */

import type { Backend } from "../../core/contract.ts";
import type { Cores } from "../../host/cores.ts";
import { lacksWorkers } from "../../host/workers.ts";
import { aggregateBytes, hostBytes } from "../../core/methods/memory.ts";
import { openSession } from "../../core/session.ts";
import { count, readSettings } from "../../core/settings.ts";
import { threadedKernels } from "../engine-threads/kernels.ts";
import { startPool, usefulThreads } from "../engine-threads/pool.ts";
import { allocateGrid, createEngine, type GridArrays, preconditionedResidual } from "./engine.ts";
import { coarsen } from "./levels.ts";

const name = "workers";
const settings = { threads: count("worker threads; default: one for each core, fewer for small grids", 1024) };

/** Points of a sweep, about 8 µs of work, below which waiting at a barrier costs more than a further thread gains. */
const WORTH_A_THREAD = 4096;

export default {
  apiVersion: 2,
  name,
  summary: "TypeScript loops in worker threads on shared memory",
  methods: ["jacobi", "sor", "multigrid", "cg", "direct", "spectral"],
  dtypes: ["f64", "f32"],
  stencils: ["plain", "weighted"],
  bitwise: true,
  settings,
  // Peak RSS at 2049², less grid and answer: 59 to 65 f64 for each point (Deno and Bun), most of it freed late.
  estimate: (stencil, plan) => ({ hostBytes: hostBytes(stencil, plan, 8 * 65 + aggregateBytes(stencil)) }),
  async probe() {
    const lack = await lacksWorkers();
    if (lack) return { available: false, ...lack };
    return { available: true, device: "JavaScript", score: 20 };
  },
  async open(stencil, plan, domain) {
    const { threads: given } = readSettings(name, settings, plan.settings);
    const { count: threads, why }: Cores = given ? { count: given } : usefulThreads(stencil, domain, WORTH_A_THREAD);
    const vectors = plan.method === "multigrid" ? "all" : plan.method === "cg" ? "own" : "none";
    const kernels = await threadedKernels((release) => startPool<GridArrays>(name, threads, release), {
      createEngine,
      allocate: (layout) => allocateGrid(layout, vectors),
      coarsen,
      preconditionedResidual,
    });
    return await openSession(why === undefined ? kernels : { ...kernels, whyThreads: why }, stencil, plan, domain);
  },
} satisfies Backend as Backend;
