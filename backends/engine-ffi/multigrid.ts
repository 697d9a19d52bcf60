/**
 * Multigrid kernels of a shared library: the calls, and the checks that keep them from crashing. Its other kernels are in
 * native_kernels.ts, the interface in native/include/laplace_plugin.h.
 *
 * @module
 */

import type { Block } from "../../core/contract.ts";
import type { Multigrid } from "../../core/kernels/kernels.ts";
import { flags, type NativeGrid, type Plugin } from "./signatures.ts";

/** A grid, or a level: its layout is that of the grid but for the shape. */
type Level = NativeGrid;

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
): Multigrid<NativeGrid> | undefined {
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
  return {
    coarsen(fine, [rows, cols]): Level {
      const pointer = coarsen(fine.pointer, Number(rows), Number(cols));
      if (!pointer) throw failure("make a coarser level");
      const { kind, shape } = fine.layout;
      const half = (n: number) => (kind === "plain" ? Math.floor((n - 2) / 2) : Math.ceil((n - 2) / 2)) + 2;
      return {
        pointer,
        layout: { ...fine.layout, shape: [rows ? half(shape[0]) : shape[0], cols ? half(shape[1]) : shape[1]] },
      };
    },
    smoothAndRestrict(fine, coarse, sweeps) {
      check(descend(fine.pointer, coarse.pointer, sweeps), "descend");
    },
    prolongAndSmooth(fine, coarse, sweeps) {
      check(ascend(fine.pointer, coarse.pointer, sweeps), "ascend");
    },
    prolongSmoothRestrict(fine, coarse, post, pre) {
      check(turn(fine.pointer, coarse.pointer, post, pre, norm), "turn");
      return { change: norm[0]!, residual: norm[1]! };
    },
    ...(refine && {
      prolongSolution(fine: NativeGrid, coarse: NativeGrid) {
        check(refine(fine.pointer, coarse.pointer), "refine a grid");
      },
    }),
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
        throw new RangeError(`Cannot set a right side: ${size(block)} points from ${values.length} numbers`);
      }
      check(setRightSide(level.pointer, ...stored(block), values), "write a level");
    },
    writeCorrection(level, values) {
      // C sees an address only.
      if (values.length !== size(all(level))) {
        throw new RangeError(`Cannot correct a level: ${size(all(level))} points from ${values.length} numbers`);
      }
      check(correct(level.pointer, values), "correct a level");
    },
    ...(system && iterate && {
      createLevel({ pointer: grid, layout }: NativeGrid, coefficients, [rows, cols], periodic, even): Level {
        if (coefficients.length !== 9 * rows * cols) {
          throw new RangeError(`Cannot make a level: ${rows * cols} points from ${coefficients.length} coefficients`);
        }
        const wrap = (periodic[0] && rows > 1 ? flags.wrapRows : 0) + (periodic[1] && cols > 1 ? flags.wrapCols : 0);
        const pointer = system(grid, wrap, rows, cols, Number(even), coefficients);
        if (!pointer) throw failure("make a level");
        return { pointer, layout: { ...layout, kind: even ? "weighted" : "plain", shape: [rows + 2, cols + 2] } };
      },
      readCorrection(level: Level) {
        const e = new Float64Array(size(all(level)));
        check(iterate(level.pointer, e), "read a level");
        return e;
      },
    } satisfies Pick<Multigrid<NativeGrid>, "createLevel" | "readCorrection">),
  };
}

/** What a level has inside its ring. */
function all({ layout: { shape: [ny, nx] } }: Level): Block {
  return { rows: [0, ny - 2], cols: [0, nx - 2] };
}

/** How many points. */
function size({ rows, cols }: Block): number {
  return (rows[1] - rows[0]) * (cols[1] - cols[0]);
}

/** Rows and columns as C numbers them, where those of the ring come first. */
function stored({ rows, cols }: Block) {
  return [rows[0] + 1, rows[1] + 1, cols[0] + 1, cols[1] + 1] as const;
}
