/**
 * The temporal tiles where no setting gives them: a fixed size that was good everywhere, or a short measurement.
 *
 * @module
 */

import type { Pass } from "../../core/contract.ts";
import type { Layout } from "../../core/kernels/kernels.ts";
import { padded } from "../engine-threads/tiling.ts";
import { createEngine } from "./engine.ts";
import { allocateGrid, type Builds, planOf } from "./memory.ts";

type About = Pick<Layout, "dtype" | "kind" | "source">;

/**
 * Local. A good size: its rows take about 400 KiB, of a second-level cache of 512 KiB or more. docs/speed.md has the
 * measurement.
 */
export function standard({ dtype, kind }: Pick<Layout, "dtype" | "kind">): Pass {
  const [sweeps, width] = kind === "weighted" ? [8, 512] : [24, 1056];
  return { sweeps, width: dtype === "f32" ? 2 * width : width };
}

/** Times the standard sweeps, and times the standard width. */
const FACTORS = [[1, 1], [1, 0.5], [2, 1], [1, 2], [0.5, 0.5]] as const;

/** Each size is timed so often, in turn, and its best time counts: the first ones also let the engine optimize. */
const ROUNDS = 6;

const found = new Map<string, Pass>();

/** Local. The fastest of a few sizes on this machine, found in some tens of milliseconds, once in a process. */
export function measured(
  builds: Builds,
  { dtype, kind, source, cx, cy }: About & Pick<Layout, "cx" | "cy">,
): Pass {
  const key = `${dtype} ${kind} ${source} ${cx === cy}`;
  const known = found.get(key);
  if (known) return known;
  const { sweeps, width } = standard({ dtype, kind });
  const sizes = FACTORS.map(([t, w]) => ({ sweeps: sweeps * t, width: width * w }));
  // A tile as high as that spends little on its beginning and end, and is larger than most second-level caches.
  const shape = [130, padded(2 * width)] as const;
  const inner = { rows: [1, shape[0] - 1], cols: [1, shape[1] - 1] } as const;
  const common = { shape, inner, periodic: [false, false], parity: 0, diagonal: false } as const;
  const layout: Layout = { dtype, kind, source, cx, cy, ...common };
  const plan = planOf(layout, { sweeps: 2 * sweeps, width: 2 * width }, 1);
  const store = allocateGrid(builds[dtype], layout, plan, false).shared;
  const engine = createEngine({ layout, store, index: 0 });
  /** Time that a tile of this size adds to a pass, for each update. */
  const time = ({ sweeps, width }: Pass): number => {
    const cols = [sweeps, width - sweeps] as const;
    const start = performance.now();
    engine.sweepTile!(0, sweeps, 0, { left: 0, width, cols, rows: inner.rows });
    return (performance.now() - start) / (sweeps * (width - 2 * sweeps));
  };
  const best = sizes.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round++) {
    sizes.forEach((size, n) => best[n] = Math.min(best[n]!, time(size)));
  }
  const size = sizes[best.indexOf(Math.min(...best))]!;
  found.set(key, size);
  return size;
}
