/**
 * The operator-induced prolongation of multigrid, robust where the conductivity jumps:
 * J. E. Dendy, Black box multigrid, J. Comput. Phys. 48 (1982) 366.
 *
 * @module
 */

import { type Axis, fillLevelGhosts, type Operator, type Prolongation } from "./level.ts";

/**
 * Local. The coarse rows (or columns) around each stored one.
 *
 * @param firstIsCoarse whether the first unknown is coarse, not the second
 * @param coarsened whether every other row is coarse, not all
 */
export function axisOf(stored: number, periodic: boolean, firstIsCoarse: boolean, coarsened: boolean): Axis {
  const offset = firstIsCoarse ? 1 : 0;
  const unknowns = coarsened ? Math.floor((stored - 2 + offset) / 2) : stored - 2;
  const before = new Int32Array(stored);
  const after = new Int32Array(stored);
  for (let i = 1; i < stored - 1; i++) {
    before[i] = coarsened ? (i + offset) >> 1 : i;
    after[i] = coarsened ? (i + offset + 1) >> 1 : i;
  }
  // The ghosts of a periodic axis repeat the other end, a period before or after.
  if (periodic) {
    [before[0], after[0]] = [before[stored - 2]! - unknowns, after[stored - 2]! - unknowns];
    [before[stored - 1], after[stored - 1]] = [before[1]! + unknowns, after[1]! + unknowns];
  }
  const wrapped = (at: number) => periodic ? (at + unknowns - 1) % unknowns + 1 : at;
  const [low, high] = [before.map(wrapped), after.map(wrapped)];
  const dependents: number[][] = Array.from({ length: unknowns + 2 }, () => []);
  for (let i = 1; i < stored - 1; i++) {
    dependents[low[i]!]!.push(i);
    if (high[i] !== low[i]) dependents[high[i]!]!.push(i);
  }
  return { stored: unknowns + 2, before, after, low, high, dependents };
}

/**
 * Local. The prolongation to the points of an operator.
 *
 * - A coarse point has its own value.
 * - An edge point, between two coarse points of its row, weighs them by the sums of couplings to the west and to the east;
 *   in a column likewise. A Galerkin operator has negative couplings where the conductivity varies from point to point;
 *   they count as 0, or the weights would be no interpolation.
 * - A centre, between four coarse points, has the value that solves its own equation, its neighbours being interpolated.
 *
 * The row sum of a point, its loss to walls, fixed points and by convection, counts fully where it outweighs the
 * couplings to a side, and hardly where it is small (`denominator`): next to a wall the error falls towards it, along a
 * wall it does not. Of the formulas tried this had the lowest convergence factors around edges, electrodes and single
 * fixed points.
 */
export function createProlongation(
  operator: Operator,
  rows: Axis,
  cols: Axis,
  allocate: (length: number) => Float64Array,
): Prolongation {
  const { shape: [ny, nx], c, n, s, w, e, corners } = operator;
  const zeros = () => allocate(ny * nx);
  const [ll, lh, hl, hh] = [zeros(), zeros(), zeros(), zeros()];
  const prolongation: Prolongation = { shape: [ny, nx], rows, cols, weights: [ll, lh, hl, hh] };
  const centres: number[] = [];
  for (let i = 1; i < ny - 1; i++) {
    const betweenRows = rows.before[i] !== rows.after[i];
    for (let j = 1; j < nx - 1; j++) {
      const k = i * nx + j;
      if (!(c[k]! > 0)) continue;
      const betweenCols = cols.before[j] !== cols.after[j];
      const [nw, ne, sw, se] = at(corners, k).map(positive) as [number, number, number, number];
      const [N, S, W, E] = [positive(n[k]!), positive(s[k]!), positive(w[k]!), positive(e[k]!)];
      const [west, east] = [nw + W + sw, ne + E + se];
      const [north, south] = [nw + N + ne, sw + S + se];
      if (!betweenRows && !betweenCols) ll[k] = 1;
      else if (betweenRows && betweenCols) centres.push(k);
      else if (betweenCols) {
        const sum = denominator(west + east, c[k]! - N - S, Math.min(west, east));
        if (sum > 0) [ll[k], lh[k]] = [west / sum, east / sum];
      } else {
        const sum = denominator(north + south, c[k]! - W - E, Math.min(north, south));
        if (sum > 0) [ll[k], hl[k]] = [north / sum, south / sum];
      }
    }
  }
  for (const weights of prolongation.weights) fillLevelGhosts(operator, weights);
  for (const k of centres) {
    const [nw, ne, sw, se] = at(corners, k);
    const [N, S, W, E] = [n[k]!, s[k]!, w[k]!, e[k]!];
    const least = Math.min(nw + N + ne, sw + S + se, nw + W + sw, ne + E + se);
    const sum = denominator(nw + N + ne + (W + E) + (sw + S + se), c[k]!, least);
    if (!(sum > 0)) continue;
    ll[k] = (nw + N * ll[k - nx]! + W * ll[k - 1]!) / sum;
    lh[k] = (ne + N * lh[k - nx]! + E * ll[k + 1]!) / sum;
    hl[k] = (sw + S * ll[k + nx]! + W * hl[k - 1]!) / sum;
    hh[k] = (se + S * lh[k + nx]! + E * hl[k + 1]!) / sum;
  }
  for (const weights of prolongation.weights) fillLevelGhosts(operator, weights);
  return prolongation;
}

/** A coupling that counts. */
function positive(coupling: number): number {
  return coupling > 0 ? coupling : 0;
}

/** The sum of the couplings, and a part of the row sum: of what the diagonal `c` has beyond them. */
function denominator(couplings: number, c: number, least: number): number {
  const rowSum = c - couplings;
  return rowSum > 0 ? couplings + rowSum * rowSum / (rowSum + least) : couplings;
}

function at(corners: Operator["corners"], k: number): readonly [nw: number, ne: number, sw: number, se: number] {
  return corners ? [corners.nw[k]!, corners.ne[k]!, corners.sw[k]!, corners.se[k]!] : [0, 0, 0, 0];
}
