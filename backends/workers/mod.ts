/**
 * `workers`: threads in TypeScript. The loops of `js` in worker threads, on memory that they share.
 *
 * @module
 */

import type { Backend } from "../../core/contract.ts";
import { lacksWorkers } from "../../host/workers.ts";
import { openSession } from "../../core/session.ts";
import { count, readSettings } from "../../core/settings.ts";
import { workersKernels } from "./kernels.ts";

const name = "workers";
const settings = { threads: count("worker threads; default: one for each core, fewer for small grids", 1024) };

/** Points of a sweep, about 8 µs of work, below which meeting the others costs more than a further thread gains. */
const WORTH_A_THREAD = 4096;

export default {
  apiVersion: 1,
  name,
  summary: "TypeScript loops in worker threads on shared memory",
  methods: ["jacobi", "sor"],
  dtypes: ["f64", "f32"],
  stencils: ["plain", "weighted"],
  bitwise: true,
  settings,
  async probe() {
    if (typeof SharedArrayBuffer === "undefined") return { available: false, reason: "there is no SharedArrayBuffer" };
    const reason = lacksWorkers();
    if (reason !== undefined) return { available: false, reason };
    try {
      await import("node:worker_threads");
    } catch {
      return { available: false, reason: "there is no node:worker_threads", fix: "run it in Deno, Bun or Node" };
    }
    return { available: true, device: `JavaScript threads on ${cores()} cores`, score: 20 };
  },
  async open(stencil, plan) {
    const [ny, nx] = stencil.shape;
    const useful = Math.min(cores(), Math.ceil(ny * nx / WORTH_A_THREAD));
    const { threads = useful } = readSettings(name, settings, plan.settings);
    return openSession(await workersKernels(threads), stencil, plan);
  },
} satisfies Backend as Backend;

function cores(): number {
  return globalThis.navigator?.hardwareConcurrency || 1;
}
