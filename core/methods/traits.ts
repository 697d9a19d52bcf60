/**
 * What the solve loop needs to know of a method: which stencils it cannot solve, how often it is checked, and when it has
 * stalled. The counts follow from what a sweep is: an update of each point, a cycle, a whole solve, or nothing but a power.
 *
 * @module
 */

import type { Method, Stencil } from "../contract.ts";
import type { Lowered } from "../analysis.ts";
import { directFails } from "./direct.ts";
import { optimalOmega, redBlackFails } from "./sor.ts";
import { spectralFails } from "./spectral.ts";

/** How a method is judged, in sweeps. */
interface Traits {
  /** Why it cannot solve a stencil, and what can; or undefined. */
  readonly fails?: (stencil: Stencil) => string | undefined;
  /** Sweeps between checks. */
  readonly every: (stencil: Lowered) => number;
  /** The same for the stop rule `change`; default 1000. */
  readonly everyChange?: (stencil: Lowered) => number;
  /**
   * Sweeps without a new low of the residual, after which it has stalled; `low`: the residual is as small as rounding.
   */
  readonly patience: (stencil: Lowered, low: boolean) => number;
  /** The same in checks; default 5. */
  readonly checks?: number;
  /** The limit of sweeps; default ten million. */
  readonly most?: number;
  /** Arrays of f64, one number a point, that it keeps besides those of the stencil. */
  readonly arrays?: number;
  /**
   * Whether a stalled solve continues with sweeps of Gauss-Seidel, which reduce what rounding leaves of the residual: always, or
   * only where the residual is as small as rounding.
   */
  readonly gaussSeidel?: "always" | "low";
  /** Roundings of an update below which the residual cannot fall. */
  readonly roundings: (stencil: Stencil) => number;
}

/** Long enough for the slowest mode to shrink visibly, and for the residual of sor to fall after its first rise. */
const long = ({ shape: [ny, nx] }: Stencil) => Math.max(500, 2 * (ny + nx));
/**
 * The residual of conjugate gradients may stay on a plateau until information has crossed the domain at its finest spacing: at
 * most one step for each point.
 */
const plateau = (stencil: Stencil) => {
  const { shape: [ny, nx], spacing: [dy, dx] } = stencil;
  return Math.max(long(stencil), Math.min(ny * nx, Math.ceil(2 * (ny * dy + nx * dx) / Math.min(dy, dx))));
};
const sixteenth = ({ shape: [ny, nx] }: Stencil) => Math.max(8, Math.ceil(Math.min(ny, nx) / 16));
/** So many of Jacobi's sweeps that the slowest mode shrinks to a tenth. */
const tenth = ({ analysis: { spectralGap } }: Lowered) => Math.max(100, Math.ceil(Math.LN10 / spectralGap));
// Jacobi hardly damps the checkerboard mode: rounding errors add up in it to about a tenth of the side (measured, 17 to
// 200 points).
const checkered = ({ shape: [ny, nx] }: Stencil) => Math.max(4, (ny + nx) / 8);

/** The rule of every method. */
export const traits: Readonly<Record<Method, Traits>> = {
  jacobi: { every: () => 100, patience: long, roundings: checkered },
  sor: {
    fails(stencil) {
      const why = redBlackFails(stencil);
      return why && `${why}; use "jacobi"`;
    },
    every: sixteenth,
    // Over-relaxed modes first grow, for some 1 / (2 − omega) sweeps.
    patience: (stencil) => Math.max(long(stencil), Math.min(1e6, 8 / (2 - optimalOmega(stencil.analysis)))),
    roundings: () => 2,
  },
  multigrid: {
    every: () => 1,
    everyChange: () => 1,
    // With conjugate directions the residual rises now and then.
    patience: (_stencil, low) => low ? 10 : 100,
    gaussSeidel: "always",
    // Of the reference at 2049²: plain 17, weighted 16, stretched 24 and 21 (peak RSS in Deno, less grid and answer). A backend
    // with less says so in its `estimate`.
    arrays: 24,
    // More is hopeless: a conductivity that jumps by 1e6 from point to point took 132826.
    most: 1000,
    roundings: () => 2,
  },
  cg: {
    every: sixteenth,
    everyChange: sixteenth,
    patience: plateau,
    gaussSeidel: "low",
    arrays: 3,
    roundings: () => 4,
  },
  // The second sweep corrects the first; a third can do no more.
  direct: {
    fails: directFails,
    every: () => 1,
    everyChange: () => 1,
    patience: () => 2,
    checks: 2,
    gaussSeidel: "always",
    arrays: 6,
    roundings: () => 4,
  },
  // A batch of any number of sweeps costs the same.
  spectral: {
    fails: spectralFails,
    every: tenth,
    patience: (stencil) => 2 * tenth(stencil),
    checks: 2,
    most: 1e15,
    arrays: 5,
    roundings: () => 4,
  },
};
