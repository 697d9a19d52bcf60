/**
 * `wasm`: AssemblyScript with SIMD and temporal blocking, in the calling thread or in workers on shared memory. It runs
 * wherever WebAssembly does, without a native library. The kernels are in assembly/.
 *
 * @module
 */

import type { Backend, Plan, Stencil } from "../../core/contract.ts";
import { bytesPerValue } from "../../core/dtype.ts";
import { ConfigError, UnavailableError } from "../../core/errors.ts";
import type { Layout } from "../../core/kernels/kernels.ts";
import { isSemicoarsened, levelSizes } from "../../core/methods/hierarchy.ts";
import { aggregateBytes, hostBytes } from "../../core/methods/memory.ts";
import { openSession } from "../../core/session.ts";
import { count, readSettings } from "../../core/settings.ts";
import { type Cores, cores } from "../../host/cores.ts";
import { lacksWorkers } from "../../host/workers.ts";
import { block } from "../../core/block_setting.ts";
import { threadedKernels } from "../engine-threads/kernels.ts";
import { startPool, usefulThreads } from "../engine-threads/pool.ts";
import { coarsen } from "./coarsen.ts";
import { createEngine } from "./engine.ts";
import {
  allocateGrid,
  type Builds,
  type Extras,
  planOf,
  preconditionedResidual,
  type Program,
  tooLarge,
} from "./memory.ts";
import { measured, standard } from "./tune.ts";

const name = "wasm";
const unbuilt = { reason: "the kernels were not built", fix: "deno task wasm" };
const settings = {
  threads: count("threads; default: one for each core, fewer for small grids", 1024),
  block: block(
    "Jacobi sweeps in one pass x columns of a tile, off or auto; 24x1056, 8x512 for weighted stencils, in f32 twice as wide",
  ),
};

/** Points of a grid below which starting a further thread costs more than it gains in a solve. */
const WORTH_A_THREAD = 1 << 17;

/** The smallest program with a v128 in it: (module (func (result v128) (i32x4.splat (i32.const 0)))). */
// deno-fmt-ignore
const SIMD = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 17, 11,
);

export default {
  apiVersion: 2,
  name,
  summary: "WebAssembly with SIMD, blocked in time, in worker threads",
  methods: ["jacobi", "sor", "multigrid", "cg", "direct", "spectral"],
  dtypes: ["f64", "f32"],
  stencils: ["plain", "weighted"],
  bitwise: true,
  settings,
  async probe() {
    if (typeof WebAssembly === "undefined") return { available: false, reason: "there is no WebAssembly" };
    if (!WebAssembly.validate(SIMD)) return { available: false, reason: "its WebAssembly has no SIMD" };
    if (!await load()) return { available: false, ...unbuilt };
    return { available: true, device: "WebAssembly SIMD", score: 35 };
  },
  estimate(stencil, plan) {
    const { dtype, kind, source, shape: [ny, nx], periodic } = stencil;
    const ghosts = kind === "weighted" ? 2 : 0;
    const diagonal = kind === "weighted" && (plan.method === "multigrid" || plan.method === "cg");
    const layout = { dtype, kind, source, shape: [ny + ghosts, nx + ghosts] as const, periodic, diagonal };
    const { threads = cores().count, block = "auto" } = readSettings(name, settings, plan.settings);
    const size = plan.method !== "jacobi" || block === "off" ? undefined : block === "auto" ? standard(layout) : block;
    // Peak RSS at 2049², less grid and answer, in numbers: plain 4 to 10, weighted 14 (f32: 17), stretched 24 (f32:
    // 27).
    const levels = bytesPerValue(dtype) * (kind === "plain" ? 10 : isSemicoarsened(stencil) ? 27 : 17);
    const rejects = tooLarge(planOf(layout, size, threads, extras(layout, stencil, plan)));
    return { hostBytes: hostBytes(stencil, plan, levels + aggregateBytes(stencil)), rejects };
  },
  async open(stencil, plan, domain) {
    const { threads, block = standard(stencil) } = readSettings(name, settings, plan.settings);
    const lacking = await lacksWorkers();
    if (lacking !== undefined && threads !== undefined && threads > 1) {
      throw new ConfigError(`Setting "threads" of "${name}" must be 1 here: ${lacking.reason}`);
    }
    const builds = await load();
    if (!builds) throw new UnavailableError(`Cannot open "${name}": ${unbuilt.reason}; ${unbuilt.fix}`);
    const useful: Cores = lacking === undefined ? usefulThreads(stencil, domain, WORTH_A_THREAD) : { count: 1 };
    const { count: poolSize, why }: Cores = threads === undefined ? useful : { count: threads };
    const shared = poolSize > 1;
    const build = builds[`${stencil.dtype}${shared ? " shared" : ""}`];
    let first: Program | undefined;
    const kernels = await threadedKernels(
      (release) => shared ? startPool<Program>(name, poolSize, release) : undefined,
      {
        createEngine,
        block: (layout) =>
          plan.method !== "jacobi" || block === "off" ? undefined : block === "auto" ? measured(builds, layout) : block,
        allocate(layout, threads, block) {
          const laid = planOf(layout, block, threads, extras(layout, stencil, plan));
          const store = allocateGrid(build, layout, laid, shared, first);
          first ??= store.shared;
          return store;
        },
        coarsen,
        prolongsSolution: true,
        preconditionedResidual,
      },
    );
    return await openSession(why === undefined ? kernels : { ...kernels, whyThreads: why }, stencil, plan, domain);
  },
} satisfies Backend as Backend;

/** What a method stores besides a grid of the stencil, or of a coarser one. */
function extras(
  { kind, shape: [ny, nx] }: Pick<Layout, "kind" | "shape">,
  { spacing }: Pick<Stencil, "spacing">,
  { method }: Plan,
): Extras {
  if (method === "cg") return { levels: [], vectors: "own" };
  if (method !== "multigrid") return { levels: [], vectors: "none" };
  const ghosts = kind === "weighted" ? 2 : 0;
  return { levels: levelSizes({ kind, shape: [ny - ghosts, nx - ghosts], spacing }), vectors: "all" };
}

/** The compiled kernels, or undefined where they were not built. */
async function load(): Promise<Builds | undefined> {
  try {
    return (await import("./build/module.ts")).builds;
  } catch {
    return undefined;
  }
}
