/**
 * The loops of conjugate gradients of `js`, on shared arrays.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import { larger, type Layout } from "../../core/kernels/kernels.ts";
import type { Fields } from "../js/grid.ts";
import { fillGhosts, sweepRows } from "../js/sweep.ts";
import { add, applyPlain, applyWeighted, combine, dot, subtract } from "../js/vectors.ts";
import type { VectorEngine } from "../engine-threads/engine.ts";

/** The vectors of conjugate gradients: r, p, q = B p, z, and two sums for each row. */
export interface Vectors extends Readonly<Record<"r" | "p" | "q" | "z", GridData>> {
  readonly rowDots: readonly [Float64Array, Float64Array];
}

/** Local. Conjugate gradients in one thread; `pair` returns u and v. */
export function createVectorEngine(
  layout: Layout,
  fields: Fields,
  pair: (current: 0 | 1) => readonly [GridData, GridData],
  { r, p, q, z, rowDots }: Vectors,
): VectorEngine {
  const { kind, shape: [, nx], cx, cy } = layout;
  const { an, as, aw, ae, d } = fields;
  /** Calls `run` for each row, with its points inside the ghost layer. */
  const rows = (from: number, to: number, run: (from: number, to: number, i: number) => void) => {
    for (let i = from; i < to; i++) run(i * nx + 1, (i + 1) * nx - 1, i);
  };
  return {
    computeResidual(current, from, to) {
      const [u, v] = pair(current);
      const residual = sweepRows(layout, fields, u, v, from, to, true);
      rows(from, to, (a, b, i) => rowDots[0][i] = subtract(v, u, r, a, b, d));
      return residual;
    },
    updateDirection(beta, preconditioned, from, to) {
      rows(from, to, (a, b) => combine(preconditioned ? z : r, p, beta, a, b));
      fillGhosts(layout, p, nx, from, to);
    },
    applyOperator(from, to) {
      rows(from, to, (a, b, i) => {
        rowDots[0][i] = kind === "plain"
          ? applyPlain(p, q, a, b, nx, cx, cy)
          : applyWeighted(p, q, a, b, nx, an, as, aw, ae, d);
      });
    },
    step(current, alpha, from, to) {
      const [u] = pair(current);
      let [change, residual] = [0, 0];
      rows(from, to, (a, b, i) => {
        change = larger(change, add(alpha, p, u, a, b));
        residual = larger(residual, add(-alpha, q, r, a, b, true));
        rowDots[0][i] = dot(r, r, a, b, d);
      });
      return { change, residual };
    },
    clearPreconditioned: (from, to) => void z.fill(0, from * nx, to * nx),
    dots(from, to) {
      rows(from, to, (a, b, i) => {
        rowDots[0][i] = dot(r, z, a, b, d);
        rowDots[1][i] = dot(q, z, a, b, d);
      });
    },
  };
}
