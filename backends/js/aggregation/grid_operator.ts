/**
 * The finest operator of the algebraic preconditioner: the couplings of a weighted grid.
 *
 * @module
 */

import type { Layout } from "../../../core/kernels/kernels.ts";
import type { Fields } from "../grid.ts";
import { type Operator, OperatorBuilder } from "./operator.ts";

/** A weighted grid, wherever its arrays are. */
export interface WeightedGrid {
  readonly layout: Layout;
  /** Points from one row to the next. */
  readonly stride: number;
  readonly fields: Fields;
}

/** What the weights of an equation leave of its diagonal, as a part of it: 0 if it is no more than rounding. */
export function rest(sum: number, rounding: number): number {
  return 1 - sum > rounding ? 1 - sum : 0;
}

/** So much of a diagonal is rounding. */
export function roundingOf({ dtype }: Layout): number {
  return 8 * (dtype === "f32" ? 2 ** -24 : 2 ** -53);
}

/**
 * Local. The operator of a grid, whose rows are its stored points. A coupling to a fixed point is part of the row sum; fixed
 * points and ghosts have nothing.
 */
export function operatorOfGrid({ layout, stride, fields: { an, as, aw, ae, d } }: WeightedGrid): Operator {
  const { shape: [ny, nx], periodic } = layout;
  const rounding = roundingOf(layout);
  const builder = new OperatorBuilder(ny * stride, 4 * ny * stride);
  for (let i = 0; i < ny; i++) {
    const north = periodic[0] && i === 1 ? ny - 2 : i - 1;
    const south = periodic[0] && i === ny - 2 ? 1 : i + 1;
    for (let j = 0; j < stride; j++) {
      const at = i * stride + j;
      const isInside = i > 0 && i < ny - 1 && j > 0 && j < nx - 1;
      if (!isInside || !(d[at]! > 0)) {
        builder.endRow(0);
        continue;
      }
      const west = periodic[1] && j === 1 ? at + nx - 3 : at - 1;
      const east = periodic[1] && j === nx - 2 ? at - nx + 3 : at + 1;
      let rowSum = d[at]! * rest(an[at]! + as[at]! + (aw[at]! + ae[at]!), rounding);
      const couple = (other: number, k: number, isFree: boolean) => {
        if (!(k > 0) || other === at) return;
        if (isFree) builder.couple(other, k);
        else rowSum += k;
      };
      // The same number from both sides: that of the northern or western point, if it is free.
      const [n, s] = [north * stride + j, south * stride + j];
      couple(n, d[n]! > 0 ? d[n]! * as[n]! : d[at]! * an[at]!, d[n]! > 0);
      couple(west, d[west]! > 0 ? d[west]! * ae[west]! : d[at]! * aw[at]!, d[west]! > 0);
      couple(east, d[at]! * ae[at]!, d[east]! > 0);
      couple(s, d[at]! * as[at]!, d[s]! > 0);
      builder.endRow(rowSum);
    }
  }
  return builder.finish();
}
