/**
 * Many Jacobi sweeps at once: each eigenvector shrinks by its own factor, so that T sweeps cost as much as one. Equal to
 * Jacobi's sweeps in exact arithmetic, not bit for bit.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import type { Stencil } from "../contract.ts";
import { type Kernels, larger } from "../kernels/kernels.ts";
import { type Uniform, uniformOf } from "../discretize/separable.ts";
import { batchOf, type Place, transformLines } from "../transform/lines.ts";
import { planTrigTransform } from "../transform/dst_dct.ts";
import { residualCorrection } from "./residual_correction.ts";
import type { Neighbours, Step } from "./stepper.ts";

/**
 * Jacobi multiplies wave k by rho_k, so that u_T = u + S (1 − rhoᵀ)/(1 − rho) S⁻¹ r, S the waves and r = sweep(u) − u. The
 * eigenvectors are those of D. M. Young, Iterative Solution of Large Linear Systems (1971), ch. 4.
 */
export function spectral<G>(kernels: Kernels<G>, grid: G, neighbours: Neighbours, stencil: Stencil): Step {
  const why = spectralFails(stencil, neighbours.depth);
  if (why !== undefined) throw new ConfigError(`Cannot use method "spectral": ${why}`);
  const { forEachMode, forward, inverse } = planTransforms(stencil, uniformOf(stencil) as Uniform);
  const correct = residualCorrection(kernels, grid, stencil);
  let begun = neighbours.writes();
  return async (asked) => {
    let [sweeps, change] = [asked, 0];
    if (begun !== neighbours.writes()) {
      // Fixed points have their values after a sweep, whatever was written; until then waves know nothing of them.
      begun = neighbours.writes();
      change = await kernels.sweep(grid, 1);
      if (--sweeps === 0) return { change };
    }
    change = 0;
    await correct((r) => {
      const amounts = forward(r);
      const lasts = amounts.slice();
      forEachMode((at, gap) => {
        amounts[at]! *= geometric(gap, sweeps);
        lasts[at]! *= power(gap, sweeps - 1);
      });
      inverse(lasts, r);
      for (const value of r) change = larger(change, Math.abs(value));
      inverse(amounts, r);
    });
    return { change };
  };
}

/** Local. Why `spectral` cannot step here, and what can; or undefined. */
export function spectralFails(stencil: Stencil, depth = Infinity): string | undefined {
  if (depth !== Infinity) return `it runs on one rank only; use "jacobi"`;
  const found = uniformOf(stencil);
  if (typeof found !== "string") return undefined;
  return `${found}, so that Jacobi's sweeps have no waves in closed form; use "jacobi"`;
}

/** (1 − gap)ᵗ, to rounding also where the gap is tiny. */
export function power(gap: number, sweeps: number): number {
  if (gap <= 0 || sweeps === 0) return 1;
  const size = gap < 1 ? Math.exp(sweeps * Math.log1p(-gap)) : Math.exp(sweeps * Math.log(gap - 1));
  return gap > 1 && sweeps % 2 === 1 ? -size : size;
}

/** The sum of (1 − gap)ᵗ for t < sweeps. */
export function geometric(gap: number, sweeps: number): number {
  if (gap <= 0) return sweeps;
  return (gap < 1 ? -Math.expm1(sweeps * Math.log1p(-gap)) : 1 - power(gap, sweeps)) / gap;
}

function planTransforms(stencil: Stencil, { rows, columns, cx, cy }: Uniform) {
  const nx = stencil.shape[1];
  const [fromX, toX] = rows.unknowns;
  const [fromY, toY] = columns.unknowns;
  const [width, height] = [toX - fromX, toY - fromY];
  const across = planTrigTransform(rows.ends[0], rows.ends[1], width, batchOf(height));
  const down = planTrigTransform(columns.ends[0], columns.ends[1], height, batchOf(width));
  const field: Place = { start: fromY * nx + fromX, line: nx, point: 1 };
  const dense: Place = { start: 0, line: width, point: 1 };
  const upright: Place = { start: 0, line: 1, point: width };
  return {
    /** Visits each wave: where its amount is, and 1 less its factor. */
    forEachMode(visit: (at: number, gap: number) => void): void {
      for (let i = 0, at = 0; i < height; i++) {
        for (let j = 0; j < width; j++, at++) visit(at, cx * across.eigenvalues[j]! + cy * down.eigenvalues[i]!);
      }
    },
    forward(r: Float64Array): Float64Array {
      const amounts = new Float64Array(height * width);
      transformLines(across, "forward", height, r, field, amounts, dense);
      transformLines(down, "forward", width, amounts, upright, amounts, upright);
      return amounts;
    },
    /** Points that are no unknowns keep what they have in `field`: zero, in a residual. */
    inverse(amounts: Float64Array, r: Float64Array): void {
      transformLines(down, "inverse", width, amounts, upright, amounts, upright);
      transformLines(across, "inverse", height, amounts, dense, r, field);
    },
  };
}
