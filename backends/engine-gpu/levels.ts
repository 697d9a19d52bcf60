/**
 * Multigrid on a device: the levels below a grid, and what a cycle does with them. The formulas are those of `js`
 * (backends/js/level.ts, transfer.ts, interpolate.ts, coarsen.ts), the kernels in native/gpu/levels.cl and coarsen.cl; levels
 * have the precision of the grid.
 *
 * @module
 */

import type { Block, GridData } from "../../core/contract.ts";
import type { LevelSize } from "../../core/kernels/distributed.ts";
import type { Layout, Multigrid } from "../../core/kernels/kernels.ts";
import { around, arrayOn, bands, bytesOf, type DeviceArray, type Reach, readBlock, same, writeBlock } from "./array.ts";
import type { Device } from "./device.ts";
import type { Grid, Launches } from "./grid.ts";
import { CHANGE, RESIDUAL } from "./norms.ts";

/** Numbers for each point of a level's equations, and of an interpolation, as native/gpu/levels.cl has them. */
export const COUPLINGS = 10, WEIGHTS = 4;

/** Whose equations a kernel reads: native/gpu/coarsen.cl. */
const OF_PLAIN = 0, OF_WEIGHTED = 1, OF_LEVEL = 2;

/** Bits of what kernels are told of the way between two levels: native/gpu/levels.cl. */
const WRAP_ROWS = 1, WRAP_COLS = 2, HALVE_ROWS = 4, HALVE_COLS = 8, OUTSIDE = 16;

/** A level: `equations` A e = f, and how it is led to from what is above. */
export interface Level<B> {
  readonly layout: Pick<Layout, "periodic" | "cx" | "cy">;
  readonly shape: readonly [rows: number, cols: number];
  readonly equations: DeviceArray<B>;
  readonly e: DeviceArray<B>;
  readonly f: DeviceArray<B>;
  /** What is left of the equations. */
  readonly r: DeviceArray<B>;
  /** Interpolation to the points above. */
  readonly weights: DeviceArray<B>;
  /** What kernels are told of the way from above. */
  readonly flags: number;
  /** Whether the first unknown is coarse, not the second. */
  readonly outside: boolean;
}

/** What is done with grids, whose sweeps smooth the finest level. */
interface Grids<B> {
  refresh(grid: Grid<B>): void;
  forget(grid: Grid<B>): void;
  smooth(grid: Grid<B>, sweeps: number): void;
}

/** Bytes of the levels below a grid of that shape. */
export function levelBytes(
  shape: readonly [number, number],
  sizes: readonly LevelSize[],
  size: number,
  align: number,
): number {
  let above = shape;
  let bytes = 0;
  for (const { shape: [ny, nx] } of sizes) {
    const here = [ny + 2, nx + 2] as const;
    bytes += bytesOf(above, WEIGHTS, size, align) + bytesOf(here, COUPLINGS + 3, size, align);
    above = here;
  }
  return bytes;
}

/** Bytes of the largest array that a level is made of in one launch, where rows have a period: its ends see each other. */
export function periodBytes(
  shape: readonly [number, number],
  planes: number,
  sizes: readonly LevelSize[],
  size: number,
  align: number,
): number {
  let [above, most] = [shape, 0];
  for (const { shape: [ny, nx] } of sizes) {
    most = Math.max(most, bytesOf(above, Math.max(planes, WEIGHTS), size, align));
    // Of a single row, none is beyond.
    if (ny === 1) break;
    [above, planes] = [[ny + 2, nx + 2], COUPLINGS];
  }
  return most;
}

/** @returns the operations of multigrid on a device */
export function multigridKernels<B>(launches: Launches<B>, grids: Grids<B>): Multigrid<Grid<B>, Level<B>> {
  const { device, norms } = launches;

  /** One sweep of Gauss-Seidel, in four colours: even rows, in them even columns first; even is what is coarse next. */
  const smooth = (level: Level<B>): void => {
    const { e, f, equations, shape: [ny, nx], outside } = level;
    const even = outside ? 1 : 0;
    for (let colour = 0; colour < 4; colour++) {
      const odd = [colour < 2 ? even : 1 - even, colour % 2 === 0 ? even : 1 - even];
      for (const band of bands(device, [[e, around(1)], [f, same], [equations, same]], 1, ny - 1)) {
        const threads = [(nx + 1) >> 1, (band.to - band.from + 1) >> 1] as const;
        const ints = [...band.ints, nx, e.pitch, ...odd];
        device.launch({ kernel: "smooth", buffers: band.windows, ints, reals: [], threads });
      }
      launches.wrap(level, e);
    }
  };
  /** r = f − A e. */
  const remain = (level: Level<B>): void => {
    const { e, f, equations, r, shape: [ny, nx] } = level;
    for (const band of bands(device, [[e, around(1)], [f, same], [equations, same], [r, same]], 1, ny - 1)) {
      const ints = [...band.ints, nx, e.pitch];
      const threads = [nx, band.to - band.from] as const;
      device.launch({ kernel: "remain", buffers: band.windows, ints, reals: [], threads });
    }
    launches.wrap(level, r);
  };
  /** What kernels are told of the way between `fine` and `coarse`. */
  const way = (fine: DeviceArray<B>, { e, flags }: Level<B>) => [...fine.shape, fine.pitch, ...e.shape, e.pitch, flags];
  /** f of the coarse level becomes Pᵀ r, its iterate zero. */
  const restrict = (r: DeviceArray<B>, coarse: Level<B>): void => {
    const { weights, f, e, shape: [my, mx] } = coarse;
    const above = seenBy(coarse);
    for (const band of bands(device, [[r, above], [weights, above], [f, same], [e, same]], 0, my)) {
      const ints = [...band.ints, ...way(r, coarse)];
      const threads = [mx, band.to - band.from] as const;
      device.launch({ kernel: "restrict_residual", buffers: band.windows, ints, reals: [], threads });
    }
  };
  /** u += P e. */
  const interpolate = (u: DeviceArray<B>, coarse: Level<B>): void => {
    const { e, weights } = coarse;
    const [ny, nx] = u.shape;
    for (const band of bands(device, [[u, same], [e, coarseOf(coarse)], [weights, same]], 1, ny - 1)) {
      const ints = [...band.ints, ...way(u, coarse)];
      const threads = [nx, band.to - band.from] as const;
      device.launch({ kernel: "interpolate", buffers: band.windows, ints, reals: [], threads });
    }
  };
  const enter = (fine: Grid<B>, coarse: Level<B>, sweeps: number): void => {
    interpolate(fine.u, coarse);
    fine.stale = true;
    grids.refresh(fine);
    grids.forget(fine);
    grids.smooth(fine, sweeps);
  };
  /** Of a grid, after smoothing. @returns where the norms of its residual end */
  const leave = (fine: Grid<B>, coarse: Level<B>, at?: number): number => {
    const end = launches.sweep(fine, at, true);
    restrict(fine.v, coarse);
    return end;
  };

  return {
    coarsen(grid, axes) {
      const { layout, fields } = grid;
      const isWeighted = layout.kind === "weighted";
      const kind = isWeighted ? OF_WEIGHTED : OF_PLAIN;
      return levelBelow(launches, { layout, shape: layout.shape, equations: fields, outside: isWeighted }, kind, axes);
    },
    smoothAndRestrict(fine, coarse, sweeps) {
      grids.refresh(fine);
      grids.forget(fine);
      grids.smooth(fine, sweeps);
      leave(fine, coarse);
    },
    prolongAndSmooth: enter,
    async prolongSmoothRestrict(grid, below, post, pre) {
      launches.keep(grid);
      enter(grid, below, post);
      grids.smooth(grid, pre);
      norms.reduce(0, launches.difference(grid, 0), CHANGE);
      norms.reduce(0, leave(grid, below, 0), RESIDUAL);
      const found = await norms.read();
      grid.residual = found.residual;
      return found;
    },
    ...(device.refines && {
      prolongSolution(fine: Grid<B>, coarse: Grid<B>) {
        const [[, nx], [my, mx]] = [fine.layout.shape, coarse.layout.shape];
        const { u, u: { pitch } } = fine;
        for (const band of bands(device, [[coarse.u, same], [u, (from, to) => [2 * from, 2 * to]]], 1, my - 1)) {
          const ints = [...band.ints, nx, pitch, mx, coarse.u.pitch];
          const threads = [nx, band.to - band.from] as const;
          device.launch({ kernel: "refine_along", buffers: band.windows, ints, reals: [], threads });
        }
        // Cubic: three rows of the coarse grid away, at the edges.
        for (const band of bands(device, [[u, (from, to) => [2 * from - 6, 2 * to + 7]]], 0, my - 1)) {
          const ints = [...band.ints, nx, pitch, my];
          const threads = [nx, band.to - band.from] as const;
          device.launch({ kernel: "refine_across", buffers: band.windows, ints, reals: [], threads });
        }
        grids.forget(fine);
      },
    }),
    levels: {
      coarsen: (fine, axes) => levelBelow(launches, fine, OF_LEVEL, axes),
      smoothAndRestrict(fine, coarse, sweeps) {
        for (let n = 0; n < sweeps; n++) smooth(fine);
        remain(fine);
        restrict(fine.r, coarse);
      },
      prolongAndSmooth(fine, coarse, sweeps) {
        interpolate(fine.e, coarse);
        launches.wrap(fine, fine.e);
        for (let n = 0; n < sweeps; n++) smooth(fine);
      },
      async readOperator({ equations, shape }) {
        const planes: GridData[] = [];
        for (let t = 0; t < 9; t++) planes.push(await readBlock(device, equations, inside(shape), t));
        return Float64Array.from({ length: 9 * planes[0]!.length }, (_, at) => {
          const value = planes[at % 9]![Math.floor(at / 9)]!;
          return at % 9 === 4 ? value : -value;
        });
      },
      readRhs: async ({ f, shape }, block) =>
        Float64Array.from(await readBlock(device, f, block ? stored(block) : inside(shape))),
      writeRhs: ({ f }, block, values) => writeBlock(device, f, stored(block), rounded(device, values)),
      writeCorrection(level, values) {
        writeBlock(device, level.e, inside(level.shape), rounded(device, values));
        launches.wrap(level, level.e);
      },
      free({ equations, e, f, r, weights }) {
        for (const { buffer } of [equations, e, f, r, weights]) device.release(buffer);
      },
    },
  };
}

/**
 * The level below a grid or level: the weights of interpolation first, then its equations.
 *
 * @param fine `equations` are the fields of a grid
 * @param kind whose equations they are
 */
function levelBelow<B>(
  launches: Launches<B>,
  fine: Pick<Level<B>, "layout" | "shape" | "equations" | "outside">,
  kind: number,
  axes: readonly [rows: boolean, cols: boolean],
): Level<B> {
  const { device } = launches;
  const { layout: { periodic, cx, cy }, shape: [ny, nx], equations: above, outside } = fine;
  const shift = outside ? 1 : 0;
  const half = (stored: number, coarsened: boolean) => coarsened ? Math.floor((stored - 2 + shift) / 2) + 2 : stored;
  const shape = [half(ny, axes[0]), half(nx, axes[1])] as const;
  const flags = (periodic[0] ? WRAP_ROWS : 0) | (periodic[1] ? WRAP_COLS : 0) | (axes[0] ? HALVE_ROWS : 0) |
    (axes[1] ? HALVE_COLS : 0) | (outside ? OUTSIDE : 0);
  const made: DeviceArray<B>[] = [];
  const array = (of: readonly [number, number], planes: number) => {
    const one = arrayOn(device, of, planes);
    made.push(one);
    return one;
  };
  try {
    const level: Level<B> = {
      // A single point that would be its own neighbour has no neighbours.
      layout: { periodic: [periodic[0] && shape[0] > 3, periodic[1] && shape[1] > 3], cx, cy },
      shape,
      flags,
      outside,
      weights: array([ny, nx], WEIGHTS),
      equations: array(shape, COUPLINGS),
      e: array(shape, 1),
      f: array(shape, 1),
      r: array(shape, 1),
    };
    const { weights, equations } = level;
    const ways = [ny, nx, weights.pitch, ...shape];
    for (const kernel of ["weigh_beside", "weigh_amid"]) {
      for (const band of bands(device, [[above, around(1)], [weights, around(1)]], 1, ny - 1)) {
        const ints = [...band.ints, kind, above.planes, ...ways, flags];
        const threads = [nx, band.to - band.from] as const;
        device.launch({ kernel, buffers: band.windows, ints, reals: [cx, cy], threads });
      }
      launches.wrap(fine, weights);
    }
    // What is seen across periodic edges is at the other end: then all of it must be in the window.
    const seen: Reach = periodic[0] ? () => [0, ny] : (from, to) => {
      const [lo, hi] = seenBy(level)(from, to);
      return [lo - 1, hi + 1];
    };
    for (const band of bands(device, [[above, seen], [weights, seen], [equations, same]], 1, shape[0] - 1)) {
      const ints = [...band.ints, kind, above.planes, ...ways, equations.pitch, flags];
      const threads = [shape[1], band.to - band.from] as const;
      device.launch({ kernel: "project", buffers: band.windows, ints, reals: [cx, cy], threads });
    }
    return level;
  } catch (cause) {
    for (const { buffer } of made) device.release(buffer);
    throw cause;
  }
}

/** The rows above that depend on some coarse rows. */
function seenBy<B>({ flags, outside }: Level<B>): Reach {
  const shift = outside ? 1 : 0;
  if (!(flags & HALVE_ROWS)) return same;
  return (from, to) => [2 * from - shift - 1, 2 * (to - 1) - shift + 2];
}

/** The coarse rows that some rows above depend on. */
function coarseOf<B>({ flags, outside, layout: { periodic }, shape: [my] }: Level<B>): Reach {
  const shift = outside ? 1 : 0;
  // Around an axis with one coarse row that is everybody's neighbour.
  if ((flags & WRAP_ROWS) && !periodic[0]) return () => [0, my];
  if (!(flags & HALVE_ROWS)) return same;
  return (from, to) => [(from + shift) >> 1, ((to - 1 + shift + 1) >> 1) + 1];
}

/** What is inside the ring. */
function inside([ny, nx]: readonly [number, number]): Block {
  return { rows: [1, ny - 1], cols: [1, nx - 1] };
}

/** A block of unknowns, numbered from 0, as the stored array numbers it. */
function stored({ rows, cols }: Block): Block {
  return { rows: [rows[0] + 1, rows[1] + 1], cols: [cols[0] + 1, cols[1] + 1] };
}

function rounded({ dtype }: Pick<Device, "dtype">, values: Float64Array): GridData {
  return dtype === "f32" ? Float32Array.from(values) : values;
}
