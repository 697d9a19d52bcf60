/**
 * Multigrid kernels of a shared library: the calls, and the checks that keep them from crashing. Its other kernels are in
 * native_kernels.ts, the interface in native/include/laplace_plugin.h.
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
    laplace_descend: descend,
    laplace_ascend: ascend,
    laplace_turn: turn,
    laplace_refine: refine,
    laplace_equations: equations,
    laplace_right_side: rightSide,
    laplace_set_right_side: setRightSide,
    laplace_correct: correct,
    laplace_system: system,
    laplace_iterate: iterate,
  } = plugin;
  if (!coarsen || !descend || !ascend || !turn || !equations || !correct) return undefined;
  if (!rightSide || !setRightSide) return undefined;
  const norm = new Float64Array(2);
  /** The operations between a grid or level and the level below: the library has the same functions for both. */
  const coarsening = <F extends { readonly pointer: NativeGrid["pointer"] }>(
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
      check(descend(fine.pointer, coarse.pointer, sweeps), "smooth and restrict");
    },
    prolongAndSmooth(fine, coarse, sweeps) {
      check(ascend(fine.pointer, coarse.pointer, sweeps), "prolong and smooth");
    },
  });
  return {
    ...coarsening(({ layout }: NativeGrid) => ({ shape: layout.shape, firstIsCoarse: layout.kind === "weighted" })),
    prolongSmoothRestrict(fine, coarse, post, pre) {
      check(turn(fine.pointer, coarse.pointer, post, pre, norm), "run a cycle");
      return { change: norm[0]!, residual: norm[1]! };
    },
    ...(refine && {
      prolongSolution(fine: NativeGrid, coarse: NativeGrid) {
        check(refine(fine.pointer, coarse.pointer), "prolong a solution");
      },
    }),
    ...(system && {
      createLevel({ pointer: grid }: NativeGrid, coefficients, [rows, cols], periodic, firstIsCoarse): NativeLevel {
        if (coefficients.length !== 9 * rows * cols) {
          throw new RangeError(`Cannot make a level: ${rows * cols} points from ${coefficients.length} coefficients`);
        }
        const layout = (periodic[0] && rows > 1 ? flags.wrapRows : 0) + (periodic[1] && cols > 1 ? flags.wrapCols : 0);
        const pointer = system(grid, layout, rows, cols, Number(firstIsCoarse), coefficients);
        if (!pointer) throw failure("make a level");
        return { pointer, shape: [rows + 2, cols + 2], firstIsCoarse };
      },
    } satisfies Pick<Multigrid<NativeGrid, NativeLevel>, "createLevel">),
    levels: {
      ...coarsening((level: NativeLevel) => level),
      readOperator(level) {
        const coefficients = new Float64Array(9 * size(all(level)));
        check(equations(level.pointer, coefficients), "read a level");
        return coefficients;
      },
      readRhs(level, block = all(level)) {
        const f = new Float64Array(size(block));
        check(rightSide(level.pointer, ...stored(block), f), "read a level");
        return f;
      },
      writeRhs(level, block, values) {
        // C sees an address only.
        if (values.length !== size(block)) {
          throw new RangeError(`Cannot write a right-hand side: ${size(block)} points from ${values.length} numbers`);
        }
        check(setRightSide(level.pointer, ...stored(block), values), "write a level");
      },
      writeCorrection(level, values) {
        // C sees an address only.
        if (values.length !== size(all(level))) {
          throw new RangeError(`Cannot write a correction: ${size(all(level))} points from ${values.length} numbers`);
        }
        check(correct(level.pointer, values), "write a level");
      },
      ...(iterate && {
        readCorrection(level: NativeLevel) {
          const e = new Float64Array(size(all(level)));
          check(iterate(level.pointer, e), "read a level");
          return e;
        },
      }),
      free({ pointer }) {
        plugin.laplace_free(pointer);
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
