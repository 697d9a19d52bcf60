/**
 * Multigrid kernels of a shared library: the calls, and the checks that keep them from crashing. Its other kernels are in
 * kernels.ts, the interface in native/include/laplace_plugin.h.
 *
 * @module
 */

import { counted } from "../../core/errors.ts";
import type { Block } from "../../core/contract.ts";
import type { Coarsening, Multigrid } from "../../core/kernels/kernels.ts";
import { type Calls, flags, hasAll, type NativeGrid } from "./signatures.ts";

/** A level. */
export interface NativeLevel {
  readonly pointer: NativeGrid["pointer"];
  /** Stored rows and columns, ghost layer included. */
  readonly shape: readonly [rows: number, cols: number];
  /** Whether the level below keeps its first unknown, not its second. */
  readonly firstIsCoarse: boolean;
}

/** Local. Multigrid of an open library; undefined if it has none. */
export function nativeMultigrid({ plugin, check, failure }: Calls): Multigrid<NativeGrid, NativeLevel> | undefined {
  if (!hasAll(plugin, "multigrid")) return undefined;
  const { laplace_prolong_solution, laplace_create_level, laplace_level_read_correction } = plugin;
  const norm = new Float64Array(2);
  /** The operations between a grid or level and the level below: the library has three functions for each of the two. */
  const coarsening = <F extends { readonly pointer: NativeGrid["pointer"] }>(
    prefix: "laplace_" | "laplace_level_",
    sizeOf: (fine: F) => Pick<NativeLevel, "shape" | "firstIsCoarse">,
  ): Coarsening<F, NativeLevel> => ({
    coarsen(fine, [rows, cols]) {
      const pointer = plugin[`${prefix}coarsen` as const](fine.pointer, Number(rows), Number(cols));
      if (!pointer) throw failure("make a coarser level");
      const { shape, firstIsCoarse } = sizeOf(fine);
      const half = (n: number) => (firstIsCoarse ? Math.ceil((n - 2) / 2) : Math.floor((n - 2) / 2)) + 2;
      return { pointer, shape: [rows ? half(shape[0]) : shape[0], cols ? half(shape[1]) : shape[1]], firstIsCoarse };
    },
    smoothAndRestrict({ pointer }, coarse, sweeps) {
      check(plugin[`${prefix}smooth_and_restrict` as const](pointer, coarse.pointer, sweeps), "smooth and restrict");
    },
    prolongAndSmooth({ pointer }, coarse, sweeps) {
      check(plugin[`${prefix}prolong_and_smooth` as const](pointer, coarse.pointer, sweeps), "prolong and smooth");
    },
  });
  return {
    ...coarsening(
      "laplace_",
      ({ layout }: NativeGrid) => ({ shape: layout.shape, firstIsCoarse: layout.kind === "weighted" }),
    ),
    prolongSmoothRestrict(fine, coarse, post, pre) {
      check(plugin.laplace_prolong_smooth_restrict(fine.pointer, coarse.pointer, post, pre, norm), "run a cycle");
      return { change: norm[0]!, residual: norm[1]! };
    },
    ...(laplace_prolong_solution && {
      prolongSolution(fine: NativeGrid, coarse: NativeGrid) {
        check(laplace_prolong_solution(fine.pointer, coarse.pointer), "prolong a solution");
      },
    }),
    ...(laplace_create_level && {
      createLevel({ pointer: grid }: NativeGrid, coefficients, [rows, cols], periodic, firstIsCoarse): NativeLevel {
        if (coefficients.length !== 9 * rows * cols) {
          throw new RangeError(
            `Cannot make a level: ${counted(rows * cols, "point")} from ${counted(coefficients.length, "coefficient")}`,
          );
        }
        const layout = (periodic[0] && rows > 1 ? flags.periodicRows : 0) +
          (periodic[1] && cols > 1 ? flags.periodicCols : 0);
        const pointer = laplace_create_level(grid, layout, rows, cols, Number(firstIsCoarse), coefficients);
        if (!pointer) throw failure("make a level");
        return { pointer, shape: [rows + 2, cols + 2], firstIsCoarse };
      },
    } satisfies Pick<Multigrid<NativeGrid, NativeLevel>, "createLevel">),
    levels: {
      ...coarsening("laplace_level_", (level: NativeLevel) => level),
      readOperator(level) {
        const coefficients = new Float64Array(9 * size(all(level)));
        check(plugin.laplace_level_read_operator(level.pointer, coefficients), "read a level");
        return coefficients;
      },
      readRhs(level, block = all(level)) {
        const f = new Float64Array(size(block));
        check(plugin.laplace_level_read_rhs(level.pointer, ...stored(block), f), "read a level");
        return f;
      },
      writeRhs(level, block, values) {
        // C sees an address only.
        if (values.length !== size(block)) {
          throw new RangeError(
            `Cannot write a right-hand side: ${counted(size(block), "point")} from ${counted(values.length, "number")}`,
          );
        }
        check(plugin.laplace_level_write_rhs(level.pointer, ...stored(block), values), "write a level");
      },
      writeCorrection(level, values) {
        // C sees an address only.
        if (values.length !== size(all(level))) {
          throw new RangeError(
            `Cannot write a correction: ${counted(size(all(level)), "point")} from ${counted(values.length, "number")}`,
          );
        }
        check(plugin.laplace_level_write_correction(level.pointer, values), "write a level");
      },
      ...(laplace_level_read_correction && {
        readCorrection(level: NativeLevel) {
          const e = new Float64Array(size(all(level)));
          check(laplace_level_read_correction(level.pointer, e), "read a level");
          return e;
        },
      }),
      free({ pointer }) {
        plugin.laplace_level_free(pointer);
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
