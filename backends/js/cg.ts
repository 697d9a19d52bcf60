/**
 * Conjugate gradients in plain loops, for both precisions: stored numbers are rounded to the grid's own, intermediate
 * ones are not. `v`, room for the next iterate, holds q = B p between `updateDirection` and `step`; with a
 * preconditioner, which needs it later too, q has an array of its own.
 *
 * @module
 */

import { type ConjugateGradients, larger, type Layout } from "../../core/kernels/kernels.ts";
import { allocate } from "../../core/dtype.ts";
import { createAggregates } from "./aggregation/mod.ts";
import type { Grid, Vectors } from "./grid.ts";
import { markWritten } from "./next_sweep.ts";
import { fillGhosts } from "./sweep.ts";
import { add, applyPlain, applyWeighted, combine, dot, subtract } from "./vectors.ts";

/**
 * @param residual of the reference kernels: returns max |sweep(u) − u|, and leaves sweep(u) in v
 * @returns the operations of conjugate gradients, for grids of those kernels
 */
export function conjugateKernels(residual: (grid: Grid) => number): ConjugateGradients<Grid> {
  const zeros = ({ layout, u }: Grid) => allocate(layout.dtype, u.length);
  const vectors = (grid: Grid): Vectors => grid.vectors ??= { r: zeros(grid), p: zeros(grid) };
  const clear = ({ preconditionedResidual: z }: Vectors) => {
    z?.u.fill(0);
    if (z) z.nextSweepChange = undefined;
  };
  return {
    computeResidual(grid) {
      const { layout, u, fields: { d, g } } = grid;
      const kept = vectors(grid);
      for (let k = 0; k < d.length; k++) if (d[k] === 0) u[k] = g[k]!;
      markWritten(grid);
      const most = residual(grid);
      const { v } = grid;
      const product = rows(layout, (from, to) => subtract(v, u, kept.r, from, to, d));
      clear(kept);
      return { dot: product, residual: most };
    },
    updateDirection(grid, beta) {
      const { layout, fields } = grid;
      const { r, p, q = grid.v, preconditionedResidual: z } = vectors(grid);
      grid.nextSweepChange = undefined;
      rows(layout, (from, to) => combine(z?.u ?? r, p, beta, from, to));
      fillGhosts(layout, p);
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
      markWritten(grid);
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
      if (kept.preconditionedResidual) return kept.preconditionedResidual;
      kept.q = zeros(grid);
      return kept.preconditionedResidual = {
        layout: { ...grid.layout, source: true },
        u: zeros(grid),
        v: zeros(grid),
        fields: { ...grid.fields, g: kept.r },
        scratch: grid.scratch,
        nextSweepChange: undefined,
        ghostsStale: false,
        vectors: undefined,
        residualOf: grid,
      };
    },
    aggregate(correction) {
      const { layout, fields } = correction;
      const { cycle, free } = createAggregates({ layout, stride: layout.shape[1], fields });
      return {
        cycle() {
          cycle(correction.u);
          markWritten(correction);
        },
        free,
      };
    },
    dots(grid) {
      const { layout, fields: { d } } = grid;
      const { r, q, preconditionedResidual } = vectors(grid);
      const z = preconditionedResidual!.u;
      return [rows(layout, (from, to) => dot(r, z, from, to, d)), rows(layout, (from, to) => dot(q!, z, from, to, d))];
    },
  };
}

/** @returns the sum of `run` over the rows inside the ghost layer, [from, to) being the points of a row there. */
function rows({ shape: [ny, nx] }: Layout, run: (from: number, to: number) => number): number {
  let sum = 0;
  for (let i = 1; i < ny - 1; i++) sum += run(i * nx + 1, (i + 1) * nx - 1);
  return sum;
}
