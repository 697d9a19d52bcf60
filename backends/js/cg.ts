/**
 * Conjugate gradients in plain loops, for both precisions: what is stored is rounded to the grid's own, what is computed
 * on the way is not. `v`, room for the next iterate, holds B p between `aim` and `move`; with a correction, which asks for
 * it later too, it has an array of its own.
 *
 * @module
 */

import { type ConjugateGradients, larger, type Layout } from "../../core/kernels/kernels.ts";
import { allocate } from "../../core/dtype.ts";
import type { Grid, Vectors } from "./grid.ts";
import { renewAllImages } from "./sweep.ts";
import { add, applyPlain, applyWeighted, combine, dot, subtract } from "./vectors.ts";

/**
 * @param residual of the reference kernels: gives max |sweep(u) − u|, and leaves sweep(u) in v
 * @returns the operations of conjugate gradients, for grids of those kernels
 */
export function conjugateKernels(residual: (grid: Grid) => number): ConjugateGradients<Grid> {
  const zeros = ({ layout, u }: Grid) => allocate(layout.dtype, u.length);
  const vectors = (grid: Grid): Vectors => grid.vectors ??= { r: zeros(grid), p: zeros(grid) };
  const clear = ({ correction }: Vectors) => {
    correction?.u.fill(0);
    if (correction) correction.ahead = undefined;
  };
  return {
    computeResidual(grid) {
      const { layout, u, fields: { d, g } } = grid;
      const kept = vectors(grid);
      for (let k = 0; k < d.length; k++) if (d[k] === 0) u[k] = g[k]!;
      grid.ahead = undefined;
      grid.stale = true;
      const most = residual(grid);
      const { v } = grid;
      const product = rows(layout, (from, to) => subtract(v, u, kept.r, from, to, d));
      clear(kept);
      return { dot: product, residual: most };
    },
    updateDirection(grid, beta) {
      const { layout, fields } = grid;
      const { r, p, q = grid.v, correction } = vectors(grid);
      grid.ahead = undefined;
      rows(layout, (from, to) => combine(correction?.u ?? r, p, beta, from, to));
      renewAllImages(layout, p);
      const stride = layout.shape[1];
      const { cx, cy } = layout;
      const { an, as, aw, ae, d } = fields;
      return rows(
        layout,
        layout.kind === "plain"
          ? (from, to) => applyPlain(p, q, from, to, stride, cx, cy)
          : (from, to) => applyWeighted(p, q, from, to, stride, an, as, aw, ae, d),
      );
    },
    step(grid, alpha) {
      const { layout, u, fields: { d } } = grid;
      const kept = vectors(grid);
      const { r, p, q = grid.v } = kept;
      grid.ahead = undefined;
      grid.stale = true;
      let [change, most] = [0, 0];
      const product = rows(layout, (from, to) => {
        change = larger(change, add(alpha, p, u, from, to));
        most = larger(most, add(-alpha, q, r, from, to, true));
        return dot(r, r, from, to, d);
      });
      clear(kept);
      return { dot: product, change, residual: most };
    },
    preconditionedResidual(grid) {
      const kept = vectors(grid);
      if (kept.correction) return kept.correction;
      kept.q = zeros(grid);
      return kept.correction = {
        layout: { ...grid.layout, source: true },
        u: zeros(grid),
        v: zeros(grid),
        fields: { ...grid.fields, g: kept.r },
        scratch: grid.scratch,
        ahead: undefined,
        stale: false,
        vectors: undefined,
        of: grid,
      };
    },
    dots(grid) {
      const { layout, fields: { d } } = grid;
      const { r, q, correction } = vectors(grid);
      const z = correction!.u;
      return [rows(layout, (from, to) => dot(r, z, from, to, d)), rows(layout, (from, to) => dot(q!, z, from, to, d))];
    },
  };
}

/** @returns the sum of what `run` gives for each row inside the ring, [from, to) being its points there. */
function rows({ shape: [ny, nx] }: Layout, run: (from: number, to: number) => number): number {
  let sum = 0;
  for (let i = 1; i < ny - 1; i++) sum += run(i * nx + 1, (i + 1) * nx - 1);
  return sum;
}
