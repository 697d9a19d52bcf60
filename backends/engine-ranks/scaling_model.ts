/**
 * A model of how ranks scale: it counts what `mpi` does in a sweep, and takes the rate of a rank and the latency and bandwidth
 * of a network as given. It measures nothing and calls no MPI.
 *
 * Ranks exchange halos of T layers and then sweep T times (`partition.ts`, `../mpi/domain.ts`). A rank that owns r x c points and
 * has v neighbours in rows and h in columns stores, and sweeps, what lies within T of its own:
 *
 *     points  = (r + v T - 2) (c + h T - 2)                 the outermost layer, or the fixed edge, is only read
 *     compute = T points / rate
 *     bytes   = word T (v c + h (r + v T))                  columns bring the corners along
 *     halo    = (v + h) latency + bytes / bandwidth         bandwidth of the node, divided among its ranks
 *     norms   = 2 ceil(log2 P) latency                      twice in a batch, by recursive doubling
 *
 * All wait for the slowest: a sweep takes max over ranks of (compute + halo) / T, and its part of the norms. This is the
 * model of Hockney (Parallel Computing 20, 1994) for Jacobi. It assumes that messages of other ranks cause no delay, that
 * nothing is computed while halos travel, and that packing halos takes no time. A rate depends on the part and on T, and is
 * to be measured for both.
 *
 * @module
 */

import { depthFor, neighbourRanks, partition } from "./partition.ts";

/** What a machine can do. */
export interface Machine {
  /** Point updates a second of one rank, with all ranks of its node at work. */
  readonly rate: number;
  /** The same of one rank that has the whole grid, which may be less in cache, or swept more often in a pass; default `rate`. */
  readonly alone?: number;
  /** Seconds that a message of no length takes. */
  readonly latency: number;
  /** Bytes a second that a node can send. */
  readonly bandwidth: number;
  /** Ranks that share a node's bandwidth; default 1. */
  readonly ranksPerNode?: number;
}

/** What is swept, and how it is partitioned. */
export interface Run {
  /** ny, nx: edges included. */
  readonly shape: readonly [ny: number, nx: number];
  readonly ranks: number;
  /** Rows of ranks x columns; `slabs` is one column of them, `blocks` those with the shortest borders. */
  readonly grid: "slabs" | "blocks" | readonly [rows: number, cols: number];
  /** Layers of halo; default as `mpi` takes. */
  readonly halo?: number | undefined;
  /** Bytes of a number: 8, or 4 for f32. Default 8. */
  readonly word?: number;
  /** Sweeps in a batch, after which ranks agree on norms; default as many as take 0.2 s, as in a solve. */
  readonly batch?: number | undefined;
}

/** What the model predicts. */
export interface Prediction {
  readonly ranks: number;
  /** Rows of ranks x columns; fewer than `ranks` where the grid has too few points, the others idle. */
  readonly grid: readonly [rows: number, cols: number];
  /** Rows and columns of the largest part. */
  readonly block: readonly [rows: number, cols: number];
  /** Layers of halo; 0 for one rank, which has none. */
  readonly halo: number;
  /** The given rate of a rank, in million point updates a second. */
  readonly rate: number;
  readonly secondsPerSweep: number;
  readonly sweepsPerSecond: number;
  /** Million point updates a second of all ranks together; redundant ones do not count. */
  readonly mlups: number;
  /** How many times faster than one rank. */
  readonly speedup: number;
  /** The same, divided by the number of ranks. */
  readonly efficiency: number;
  /** The part of the time spent on messages, 0 to 1. */
  readonly communication: number;
  /** The part of the updates of the slowest rank that its neighbours do too, 0 to 1. */
  readonly redundant: number;
}

/** Seconds in a batch of a solve. */
const BATCH = 0.2;

/**
 * Local. Predicts the speed of Jacobi sweeps on the plate, against one rank that has all of it.
 *
 * @throws ConfigError if the grid of ranks, or the halo, does not fit
 *
 * @example
 * ```ts
 * import { predict } from "./scaling_model.ts";
 * const machine = { rate: 5e9, latency: 1e-6, bandwidth: 20e9 };
 * const { efficiency } = predict({ shape: [8192, 8192], ranks: 64, grid: "blocks" }, machine);
 * console.log(efficiency.toFixed(2)); // 0.94
 * ```
 */
export function predict({ shape, ranks, grid: wanted, halo, word = 8, batch }: Run, machine: Machine): Prediction {
  const { rate, alone = rate, latency, bandwidth, ranksPerNode = 1 } = machine;
  const parts = partition(shape, ranks, wanted === "slabs" ? [ranks, 1] : wanted === "blocks" ? undefined : wanted);
  const { grid, blocks } = parts;
  const whole = blocks.length === 1;
  const depth = whole ? 1 : depthFor("mpi", parts, halo);
  // A sweep's part of them: a batch begins with one.
  const exchanges = batch === undefined ? 1 / depth : Math.ceil(batch / depth) / batch;
  // Fewer ranks than a node may have share less.
  const share = bandwidth / Math.min(ranks, ranksPerNode);

  let [slowest, messages, redundant] = [0, 0, 0];
  let block: readonly [number, number] = [0, 0];
  for (const [rank, { rows, cols }] of blocks.entries()) {
    const { north, south, west, east } = neighbourRanks(rank, grid, [false, false]);
    const [r, c] = [rows[1] - rows[0], cols[1] - cols[0]];
    const [v, h] = [+(north >= 0) + +(south >= 0), +(west >= 0) + +(east >= 0)];
    const points = (r + v * depth - 2) * (c + h * depth - 2);
    // The rows and columns at the ends of the grid are fixed.
    const own = (r - (2 - v)) * (c - (2 - h));
    const exchange = (v + h) * latency + word * depth * (v * c + h * (r + v * depth)) / share;
    const seconds = points / rate + exchange * exchanges;
    if (r * c > block[0] * block[1]) block = [r, c];
    if (seconds > slowest) [slowest, messages, redundant] = [seconds, exchange * exchanges, 1 - own / points];
  }
  const norms = 2 * Math.ceil(Math.log2(ranks)) * latency;
  // In a batch as long as that of a solve.
  const agreeing = norms / (batch ?? Math.max(1, BATCH / slowest));
  const secondsPerSweep = slowest + agreeing;
  const updates = (shape[0] - 2) * (shape[1] - 2);
  const speedup = updates / alone / secondsPerSweep;
  return {
    ranks,
    grid,
    block,
    halo: whole ? 0 : depth,
    rate: rate / 1e6,
    secondsPerSweep,
    sweepsPerSecond: 1 / secondsPerSweep,
    mlups: updates / secondsPerSweep / 1e6,
    speedup,
    efficiency: speedup / ranks,
    communication: (messages + agreeing) / secondsPerSweep,
    redundant,
  };
}

/**
 * Local. The grid on which each of `ranks` has a part of its own as large as the whole is for one: for weak scaling.
 *
 * @param shape ny, nx of a part
 * @returns the shape of the whole, and rows x columns of ranks: as square as possible, unless slabs are wanted
 */
export function grown(
  [ny, nx]: readonly [number, number],
  ranks: number,
  wanted: "slabs" | "blocks",
): { readonly shape: readonly [number, number]; readonly grid: readonly [number, number] } {
  let cols = 1;
  if (wanted === "blocks") {
    cols = Math.floor(Math.sqrt(ranks));
    while (ranks % cols !== 0) cols--;
  }
  const rows = ranks / cols;
  return { shape: [ny * rows, nx * cols], grid: [rows, cols] };
}
