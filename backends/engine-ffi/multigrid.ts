/**
 * Multigrid kernels of a shared library: the calls, and the checks that keep them from crashing. Its other kernels are in
 * kernels.ts, the interface in native/include/laplace_plugin.h.
 *
 * @module
 */

import type { Block } from "../../core/contract.ts";
import type { Coarsening, Multigrid } from "../../core/kernels/kernels.ts";
import { flags, type NativeGrid, type Plugin } from "./signatures.ts";

/** A level. */
export interface NativeLevel {
  readonly pointer: NativeGrid["pointer"];
  /** Stored rows and columns, ghost layer included. */
  readonly shape: readonly [rows: number, cols: number];
  /** Whether the level below keeps its first unknown, not its second. */
  readonly firstIsCoarse: boolean;
}

type Make = NonNullable<Plugin["laplace_coarsen"]>;
type Smooth = NonNullable<Plugin["laplace_smooth_and_restrict"]>;

/**
 * Local. Multigrid of an open library; undefined if it has none.
 *
 * @param check throws if a call's status says so, with the action that failed
 * @param failure what a call that gave no pointer throws
 */
export function nativeMultigrid(
  plugin: Plugin,
  check: (status: number, action: string) => void,
  failure: (action: string) => Error,
): Multigrid<NativeGrid, NativeLevel> | undefined {
  const {
    laplace_coarsen: coarsen,
    laplace_smooth_and_restrict: smoothAndRestrict,
    laplace_prolong_and_smooth: prolongAndSmooth,
    laplace_prolong_smooth_restrict: prolongSmoothRestrict,
    laplace_prolong_solution: prolongSolution,
    laplace_create_level: createLevel,
    laplace_level_coarsen: levelCoarsen,
    laplace_level_smooth_and_restrict: levelSmoothAndRestrict,
    laplace_level_prolong_and_smooth: levelProlongAndSmooth,
    laplace_level_read_operator: readOperator,
    laplace_level_read_rhs: readRhs,
    laplace_level_write_rhs: writeRhs,
    laplace_level_write_correction: writeCorrection,
    laplace_level_read_correction: readCorrection,
    laplace_level_free: levelFree,
  } = plugin;
  if (!coarsen || !smoothAndRestrict || !prolongAndSmooth || !prolongSmoothRestrict) return undefined;
  if (!levelCoarsen || !levelSmoothAndRestrict || !levelProlongAndSmooth || !levelFree) return undefined;
  if (!readOperator || !readRhs || !writeRhs || !writeCorrection) return undefined;
  const norm = new Float64Array(2);
  /** The operations between a grid or level and the level below: the library has three functions for each of the two. */
  const coarsening = <F extends { readonly pointer: NativeGrid["pointer"] }>(
    [coarsen, smoothAndRestrict, prolongAndSmooth]: readonly [Make, Smooth, Smooth],
    sizeOf: (fine: F) => Pick<NativeLevel, "shape" | "firstIsCoarse">,
  ): Coarsening<F, NativeLevel> => ({
    coarsen(fine, [rows, cols]) {
      const pointer = coarsen(fine.pointer, Number(rows), Number(cols));
      if (!pointer) throw failure("make a coarser level");
      const { shape, firstIsCoarse } = sizeOf(fine);
      const half = (n: number) => (firstIsCoarse ? Math.ceil((n - 2) / 2) : Math.floor((n - 2) / 2)) + 2;
      return { pointer, shape: [rows ? half(shape[0]) : shape[0], cols ? half(shape[1]) : shape[1]], firstIsCoarse };
    },
    smoothAndRestrict(fine, coarse, sweeps) {
      check(smoothAndRestrict(fine.pointer, coarse.pointer, sweeps), "smooth and restrict");
    },
    prolongAndSmooth(fine, coarse, sweeps) {
      check(prolongAndSmooth(fine.pointer, coarse.pointer, sweeps), "prolong and smooth");
    },
  });
  return {
    ...coarsening(
      [coarsen, smoothAndRestrict, prolongAndSmooth],
      ({ layout }: NativeGrid) => ({ shape: layout.shape, firstIsCoarse: layout.kind === "weighted" }),
    ),
    prolongSmoothRestrict(fine, coarse, post, pre) {
      check(prolongSmoothRestrict(fine.pointer, coarse.pointer, post, pre, norm), "run a cycle");
      return { change: norm[0]!, residual: norm[1]! };
    },
    ...(prolongSolution && {
      prolongSolution(fine: NativeGrid, coarse: NativeGrid) {
        check(prolongSolution(fine.pointer, coarse.pointer), "prolong a solution");
      },
    }),
    ...(createLevel && {
      createLevel({ pointer: grid }: NativeGrid, coefficients, [rows, cols], periodic, firstIsCoarse): NativeLevel {
        if (coefficients.length !== 9 * rows * cols) {
          throw new RangeError(`Cannot make a level: ${rows * cols} points from ${coefficients.length} coefficients`);
        }
        const layout = (periodic[0] && rows > 1 ? flags.periodicRows : 0) +
          (periodic[1] && cols > 1 ? flags.periodicCols : 0);
        const pointer = createLevel(grid, layout, rows, cols, Number(firstIsCoarse), coefficients);
        if (!pointer) throw failure("make a level");
        return { pointer, shape: [rows + 2, cols + 2], firstIsCoarse };
      },
    } satisfies Pick<Multigrid<NativeGrid, NativeLevel>, "createLevel">),
    levels: {
      ...coarsening([levelCoarsen, levelSmoothAndRestrict, levelProlongAndSmooth], (level: NativeLevel) => level),
      readOperator(level) {
        const coefficients = new Float64Array(9 * size(all(level)));
        check(readOperator(level.pointer, coefficients), "read a level");
        return coefficients;
      },
      readRhs(level, block = all(level)) {
        const f = new Float64Array(size(block));
        check(readRhs(level.pointer, ...stored(block), f), "read a level");
        return f;
      },
      writeRhs(level, block, values) {
        // C sees an address only.
        if (values.length !== size(block)) {
          throw new RangeError(`Cannot write a right-hand side: ${size(block)} points from ${values.length} numbers`);
        }
        check(writeRhs(level.pointer, ...stored(block), values), "write a level");
      },
      writeCorrection(level, values) {
        // C sees an address only.
        if (values.length !== size(all(level))) {
          throw new RangeError(`Cannot write a correction: ${size(all(level))} points from ${values.length} numbers`);
        }
        check(writeCorrection(level.pointer, values), "write a level");
      },
      ...(readCorrection && {
        readCorrection(level: NativeLevel) {
          const e = new Float64Array(size(all(level)));
          check(readCorrection(level.pointer, e), "read a level");
          return e;
        },
      }),
      free({ pointer }) {
        levelFree(pointer);
      },
    },
  };
}

/** What a level has inside its ghost layer. */
function all({ shape: [ny, nx] }: NativeLevel): Block {
  return { rows: [0, ny - 2], cols: [0, nx - 2] };
}

/** How many points. */
function size({ rows, cols }: Block): number {
  return (rows[1] - rows[0]) * (cols[1] - cols[0]);
}

/** Rows and columns as C numbers them, where the ghost layer comes first. */
function stored({ rows, cols }: Block) {
  return [rows[0] + 1, rows[1] + 1, cols[0] + 1, cols[1] + 1] as const;
}
