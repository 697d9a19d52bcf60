/**
 * Measures what could be gained by sweeping the inside of a part while its halo travels: at the most what messages take,
 * which is found by leaving them out. Sessions in turn, batch by batch, on the same ranks: with messages; without, halos
 * copied out and in as before; and without halos at all. The fields of the other two are wrong, their sweeps as fast.
 *
 *     deno task bench:halos [--ranks 2]
 *
 * Needs as many free cores as ranks, and the launcher of an MPI.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import ffiOmp from "../backends/ffi-omp/mod.ts";
import { mpiDomain } from "../backends/mpi/domain.ts";
import { depthFor, partition } from "../backends/engine-ranks/partition.ts";
import type { Domain, Halo } from "../core/kernels/distributed.ts";
import { lower } from "../mod.ts";
import { launcher } from "../mpi/library.ts";
import { openMPI } from "../mpi/mod.ts";
import { flags, median, printHead, printRow, small } from "./tables.ts";
import { forMpi } from "./yardsticks/build.ts";

const { ranks } = flags({ ranks: 2 });
const self = fileURLToPath(import.meta.url);
if (!launcher()) {
  const { status } = spawnSync("mpirun", [
    "-n",
    `${ranks}`,
    process.execPath,
    "run",
    "-A",
    self,
    ...process.argv.slice(2),
  ], {
    stdio: "inherit",
    env: forMpi,
  });
  process.exit(status ?? 1);
}

const SIZES = small ? [64] : [64, 128, 256, 512, 1024, 2048, 4096, 8192];
const ROUNDS = small ? 1 : 15, SECONDS = small ? 1e-3 : 0.05;
const mpi = await openMPI();
const { rank, size } = mpi.world;
const percent = (values: readonly number[]) => `${(100 * median(values)).toFixed(1)} %`;

/** The copies that an exchange makes, and no message. */
function copies({ owned: { rows: [r0, r1], cols }, depth, split }: Domain, halo: Halo): void {
  if (!split[0]) return;
  for (const [from, to] of [[r0, r0 - depth], [r1 - depth, r1]] as const) {
    const [first, end] = halo.stored.rows;
    if (to < first || to + depth > end) continue;
    halo.write({ rows: [to, to + depth], cols }, halo.read({ rows: [from, from + depth], cols }) as Float64Array);
  }
}

if (rank === 0) printHead(0, "size", "layers", "µs a sweep", "of it messages", "copies");
for (const n of SIZES) {
  const stencil = lower({ shape: [n, n], edges: { north: 100 } });
  const parts = partition(stencil.shape, size, [size, 1]);
  const depth = depthFor("mpi", parts, undefined);
  const open = (exchange?: (domain: Domain) => Domain["exchange"]) => {
    const world = mpi.world.Dup();
    const domain = mpiDomain(mpi, world, world.Dup(), stencil, parts, depth);
    const plan = { method: "jacobi", settings: { threads: "1" } } as const;
    return ffiOmp.open(stencil, plan, { ...domain, ...(exchange && { exchange: exchange(domain) }) });
  };
  const sessions = [await open(), await open((domain) => (halo) => copies(domain, halo)), await open(() => () => {})];
  let sweeps = 10 * depth;
  const time = async (session: typeof sessions[number]) => {
    mpi.world.Barrier();
    const start = performance.now();
    await session.advance(sweeps);
    return (performance.now() - start) / 1e3 / sweeps;
  };
  for (const session of sessions) await time(session);
  const once = await time(sessions[0]!);
  const wanted = new Float64Array(1);
  mpi.world.Allreduce(Float64Array.of(SECONDS / once), wanted, mpi.MAX);
  sweeps = Math.max(1, Math.round(wanted[0]! / depth)) * depth;
  const [whole, messages, copied]: [number[], number[], number[]] = [[], [], []];
  for (let k = 0; k < ROUNDS; k++) {
    const [all, silent, bare] = [await time(sessions[0]!), await time(sessions[1]!), await time(sessions[2]!)];
    whole.push(all), messages.push((all - silent) / all), copied.push((silent - bare) / all);
  }
  const row = [`${n}²`, depth, (1e6 * median(whole)).toFixed(2), percent(messages), percent(copied)];
  if (rank === 0) printRow(...row);
  for (const session of sessions) await session[Symbol.asyncDispose]();
}
