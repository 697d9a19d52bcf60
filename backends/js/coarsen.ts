/**
 * Makes levels: the operator A of a grid in conductances, and the Galerkin operator of the level below, Pᵀ A P.
 *
 * @module
 */

import type { Grid } from "./grid.ts";
import { axisOf, createProlongation } from "./prolongation.ts";
import { type CoarseLevel, coefficientsOf, fillLevelGhosts, type Level, type Operator } from "./level.ts";

const zeros = (length: number): Float64Array => new Float64Array(length);

/** Local. The operator of a grid in conductances: its equations, multiplied by the diagonal that they were divided by. */
export function gridOperator({ layout, fields }: Pick<Grid, "layout" | "fields">): Operator {
  const { kind, shape, periodic, cx, cy } = layout;
  const [ny, nx] = shape;
  const array = () => zeros(ny * nx);
  const [c, n, s, w, e] = [array(), array(), array(), array(), array()];
  const { an, as, aw, ae, d } = fields;
  const weighted = kind === "weighted";
  for (let i = 1; i < ny - 1; i++) {
    for (let k = i * nx + 1; k < (i + 1) * nx - 1; k++) c[k] = weighted ? d[k]! : 1;
  }
  fillLevelGhosts({ shape, periodic }, c);
  for (let i = 1; i < ny - 1; i++) {
    for (let k = i * nx + 1; k < (i + 1) * nx - 1; k++) {
      const here = c[k]!;
      if (c[k - nx]! > 0) n[k] = weighted ? an[k]! * here : cy;
      if (c[k + nx]! > 0) s[k] = weighted ? as[k]! * here : cy;
      if (c[k - 1]! > 0) w[k] = weighted ? aw[k]! * here : cx;
      if (c[k + 1]! > 0) e[k] = weighted ? ae[k]! * here : cx;
    }
  }
  return { shape, periodic, c, n, s, w, e };
}

/**
 * Local. A level with a given operator, without the couplings to fixed points and walls.
 *
 * @param coefficients nine at each of `rows` × `cols` unknowns, as `readOperator` returns them
 * @param firstIsCoarse whether unknowns 0, 2, … are coarse
 */
export function levelFromOperator(
  coefficients: Float64Array,
  [rows, cols]: readonly [number, number],
  periodic: readonly [boolean, boolean],
  firstIsCoarse: boolean,
): Level {
  const shape = [rows + 2, cols + 2] as const;
  const level = createLevel(shape, periodic, firstIsCoarse);
  const { operator } = level;
  const all = coefficientsOf(operator);
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0, k = (i + 1) * shape[1] + 1; j < cols; j++, k++) {
      for (let t = 0; t < 9; t++, at++) all[t]![k] = t === 4 ? coefficients[at]! : -coefficients[at]!;
    }
  }
  fillLevelGhosts(operator, operator.c);
  for (let t = 0; t < 9; t++) {
    const part = all[t]!;
    const [down, right] = [Math.floor(t / 3) - 1, t % 3 - 1];
    for (let i = 1; i <= rows; i++) {
      for (let j = 1, k = i * shape[1] + 1; j <= cols; j++, k++) {
        if (!(operator.c[k + down * shape[1] + right]! > 0)) part[k] = 0;
      }
    }
    fillLevelGhosts(operator, part);
  }
  invertDiagonal(level);
  return level;
}

/** A level whose arrays are zero. @param periodic whether what is above it is */
function createLevel(
  shape: Operator["shape"],
  periodic: Operator["periodic"],
  firstIsCoarse: boolean,
  allocate = zeros,
): Level {
  const array = () => allocate(shape[0] * shape[1]);
  return {
    operator: {
      shape,
      // A single point would be its own neighbour: it has none.
      periodic: [periodic[0] && shape[0] > 3, periodic[1] && shape[1] > 3],
      c: array(),
      n: array(),
      s: array(),
      w: array(),
      e: array(),
      corners: { nw: array(), ne: array(), sw: array(), se: array() },
    },
    inverseDiagonal: array(),
    correction: array(),
    f: array(),
    firstIsCoarse,
  };
}

function invertDiagonal({ operator: { c }, inverseDiagonal }: Level): void {
  c.forEach((value, k) => inverseDiagonal[k] = value > 0 ? 1 / value : 0);
}

/**
 * Local. The level below one with operator `fine`: every other row, or column, or both.
 *
 * @param allocate returns so many zeros, for all arrays of the level
 */
export function coarsenOperator(
  fine: Operator,
  firstIsCoarse: boolean,
  [coarsenRows, coarsenCols]: readonly [rows: boolean, cols: boolean],
  allocate = zeros,
): CoarseLevel {
  const rows = axisOf(fine.shape[0], fine.periodic[0], firstIsCoarse, coarsenRows);
  const cols = axisOf(fine.shape[1], fine.periodic[1], firstIsCoarse, coarsenCols);
  const prolongation = createProlongation(fine, rows, cols, allocate);
  const level = createLevel([rows.stored, cols.stored], fine.periodic, firstIsCoarse, allocate);
  galerkinProduct(fine, prolongation, level.operator);
  invertDiagonal(level);
  return { ...level, prolongation };
}

/**
 * Pᵀ A P: for each point p its row of A P, at the 4 x 4 coarse points from one before those that p itself depends on;
 * then the share of it that Pᵀ adds to each of these.
 */
function galerkinProduct(
  fine: Operator,
  { rows, cols, weights }: CoarseLevel["prolongation"],
  coarse: Operator,
): void {
  const [ny, nx] = fine.shape;
  const stride = coarse.shape[1];
  const couplings = coefficientsOf(coarse);
  // Around an axis with one point, a neighbour is the point itself.
  const folded = [fine.periodic[0] && rows.stored === 3, fine.periodic[1] && cols.stored === 3];
  const terms = coefficientsOf(fine);
  const row = new Float64Array(16);
  for (let i = 1; i < ny - 1; i++) {
    for (let j = 1; j < nx - 1; j++) {
      const p = i * nx + j;
      if (fine.c[p] === 0) continue;
      const [top, left] = [rows.before[i]! - 1, cols.before[j]! - 1];
      row.fill(0);
      for (let t = 0; t < 9; t++) {
        const term = terms[t]?.[p];
        if (!term) continue;
        const value = t === 4 ? term : -term;
        const [iq, jq] = [i + (t / 3 | 0) - 1, j + t % 3 - 1];
        const q = iq * nx + jq;
        for (let m = 0; m < 4; m++) {
          const weight = weights[m]![q]!;
          if (weight === 0) continue;
          const I = (m < 2 ? rows.before : rows.after)[iq]! - top;
          const J = (m % 2 === 0 ? cols.before : cols.after)[jq]! - left;
          row[4 * I + J]! += value * weight;
        }
      }
      for (let m = 0; m < 4; m++) {
        const weight = weights[m]![p]!;
        if (weight === 0) continue;
        const P = (m < 2 ? rows.low : rows.high)[i]! * stride + (m % 2 === 0 ? cols.low : cols.high)[j]!;
        const first = 4 * (m >> 1) + m % 2;
        for (let I = 0; I < 3; I++) {
          for (let J = 0; J < 3; J++) {
            const value = weight * row[first + 4 * I + J]!;
            const to = 3 * (folded[0] ? 1 : I) + (folded[1] ? 1 : J);
            couplings[to]![P]! += to === 4 ? value : -value;
          }
        }
      }
    }
  }
}
