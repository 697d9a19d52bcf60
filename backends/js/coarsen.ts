/**
 * How levels come about: the equations of a grid in conductances, and those of the level below, A' = Pᵀ A P.
 *
 * @module
 */

import type { Grid } from "./grid.ts";
import { axisOf, interpolation } from "./interpolate.ts";
import { type Equations, type Level, renewRing } from "./level.ts";

/** Local. The equations of a grid, multiplied by what they were divided by: conductances. */
export function equationsOf({ layout, fields }: Grid): Equations {
  const { kind, shape, wrap, cx, cy } = layout;
  const [ny, nx] = shape;
  const array = () => new Float64Array(ny * nx);
  const [c, n, s, w, e] = [array(), array(), array(), array(), array()];
  const { an, as, aw, ae, d } = fields;
  const weighted = kind === "weighted";
  for (let i = 1; i < ny - 1; i++) {
    for (let k = i * nx + 1; k < (i + 1) * nx - 1; k++) c[k] = weighted ? d[k]! : 1;
  }
  renewRing({ shape, wrap }, c);
  for (let i = 1; i < ny - 1; i++) {
    for (let k = i * nx + 1; k < (i + 1) * nx - 1; k++) {
      const here = c[k]!;
      if (c[k - nx]! > 0) n[k] = weighted ? an[k]! * here : cy;
      if (c[k + nx]! > 0) s[k] = weighted ? as[k]! * here : cy;
      if (c[k - 1]! > 0) w[k] = weighted ? aw[k]! * here : cx;
      if (c[k + 1]! > 0) e[k] = weighted ? ae[k]! * here : cx;
    }
  }
  return { shape, wrap, c, n, s, w, e };
}

/** Local. The level below some equations, which keeps every other row, or column, or both. */
export function levelBelow(
  fine: Equations,
  outside: boolean,
  [rowsToo, colsToo]: readonly [rows: boolean, cols: boolean],
): Level {
  const rows = axisOf(fine.shape[0], fine.wrap[0], outside, rowsToo);
  const cols = axisOf(fine.shape[1], fine.wrap[1], outside, colsToo);
  const transfer = interpolation(fine, rows, cols);
  const shape = [rows.stored, cols.stored] as const;
  const size = shape[0] * shape[1];
  const array = () => new Float64Array(size);
  const equations = {
    shape,
    // A single point that would be its own neighbour has no neighbours.
    wrap: [fine.wrap[0] && rows.stored > 3, fine.wrap[1] && cols.stored > 3] as const,
    c: array(),
    n: array(),
    s: array(),
    w: array(),
    e: array(),
    corners: { nw: array(), ne: array(), sw: array(), se: array() },
  };
  project(fine, transfer, equations);
  const inverse = equations.c.map((c) => c > 0 ? 1 / c : 0);
  return { equations, inverse, iterate: array(), f: array(), outside, transfer };
}

/** Pᵀ A P, gathered term by term: of each point p, each neighbour q, and the coarse points P and Q that they depend on. */
function project(fine: Equations, { rows, cols, weights }: Level["transfer"], coarse: Level["equations"]): void {
  const [ny, nx] = fine.shape;
  const stride = coarse.shape[1];
  const { nw, ne, sw, se } = coarse.corners;
  const couplings = [nw, coarse.n, ne, coarse.w, coarse.c, coarse.e, sw, coarse.s, se];
  const { corners } = fine;
  const terms = [corners?.nw, fine.n, corners?.ne, fine.w, fine.c, fine.e, corners?.sw, fine.s, corners?.se];
  const coarseRow = (i: number, m: number) => m < 2 ? rows.low[i]! : rows.high[i]!;
  const coarseCol = (j: number, m: number) => m % 2 === 0 ? cols.low[j]! : cols.high[j]!;
  /** From a coarse row to another: −1, 0 or 1, the short way around a periodic edge. */
  const distance = (from: number, to: number, stored: number) => {
    const steps = to - from;
    return steps > 1 ? steps - (stored - 2) : steps < -1 ? steps + (stored - 2) : steps;
  };
  for (let i = 1; i < ny - 1; i++) {
    for (let j = 1; j < nx - 1; j++) {
      const p = i * nx + j;
      for (let t = 0; t < 9; t++) {
        const term = terms[t]?.[p];
        if (!term) continue;
        const [iq, jq] = [i + Math.floor(t / 3) - 1, j + t % 3 - 1];
        const q = iq * nx + jq;
        for (let m = 0; m < 4; m++) {
          const here = weights[m]![p]! * (t === 4 ? term : -term);
          if (here === 0) continue;
          const [P, Pj] = [coarseRow(i, m), coarseCol(j, m)];
          for (let l = 0; l < 4; l++) {
            const value = here * weights[l]![q]!;
            if (value === 0) continue;
            const di = distance(P, coarseRow(iq, l), rows.stored);
            const dj = distance(Pj, coarseCol(jq, l), cols.stored);
            const to = 3 * di + dj + 4;
            couplings[to]![P * stride + Pj]! += to === 4 ? value : -value;
          }
        }
      }
    }
  }
}
