/**
 * How much a conductivity varies from point to point, by a sample of a stencil.
 *
 * @module
 */

import type { Stencil } from "../contract.ts";

/** The sample: so many blocks along each axis, each of so many rows and columns. */
const BLOCKS = 8, SIDE = 24;

/**
 * Local. The mean of |ln(k / k')| over neighbouring couplings k and k' of a weighted stencil, along rows: 0 where the
 * conductivity is constant, 2 where one that is independent from point to point varies by a factor of e^2 as a rule.
 */
export function roughness(stencil: Pick<Stencil, "shape" | "evaluate">): number {
  const [ny, nx] = stencil.shape;
  const starts = (
    n: number,
  ) => [...new Set(Array.from({ length: BLOCKS }, (_, b) => Math.round(b * Math.max(0, n - SIDE) / (BLOCKS - 1))))];
  let [sum, count] = [0, 0];
  for (const i of starts(ny)) {
    for (const j of starts(nx)) {
      const [rows, cols] = [Math.min(ny, i + SIDE) - i, Math.min(nx, j + SIDE) - j];
      const { ae, d } = stencil.evaluate({ rows: [i, i + rows], cols: [j, j + cols] });
      for (let k = 1; k < rows * cols; k++) {
        const [before, here] = [ae![k - 1]! * d![k - 1]!, ae![k]! * d![k]!];
        if (k % cols === 0 || !(before > 0) || !(here > 0)) continue;
        sum += Math.abs(Math.log(here / before));
        count++;
      }
    }
  }
  return count === 0 ? 0 : sum / count;
}
