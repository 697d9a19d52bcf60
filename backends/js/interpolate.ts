/**
 * The interpolation of multigrid that the equations themselves suggest, so that jumps of the conductivity do no harm:
 * J. E. Dendy, Black box multigrid, J. Comput. Phys. 48 (1982) 366.
 *
 * @module
 */

import { type Axis, type Equations, renewRing, type Transfer } from "./level.ts";

/**
 * Local. The coarse rows (or columns) around each stored one.
 *
 * @param outside whether the first unknown is coarse, not the second
 * @param coarsened whether every other one is kept, not all
 */
export function axisOf(stored: number, periodic: boolean, outside: boolean, coarsened: boolean): Axis {
  const shift = outside ? 1 : 0;
  const unknowns = coarsened ? Math.floor((stored - 2 + shift) / 2) : stored - 2;
  const below = new Int32Array(stored);
  const above = new Int32Array(stored);
  for (let i = 1; i < stored - 1; i++) {
    below[i] = coarsened ? (i + shift) >> 1 : i;
    above[i] = coarsened ? (i + shift + 1) >> 1 : i;
  }
  // The ring of a periodic axis repeats the other end, a turn before or after.
  if (periodic) {
    [below[0], above[0]] = [below[stored - 2]! - unknowns, above[stored - 2]! - unknowns];
    [below[stored - 1], above[stored - 1]] = [below[1]! + unknowns, above[1]! + unknowns];
  }
  const turned = (at: number) => periodic ? (at + unknowns - 1) % unknowns + 1 : at;
  const [low, high] = [below.map(turned), above.map(turned)];
  const seen: number[][] = Array.from({ length: unknowns + 2 }, () => []);
  for (let i = 1; i < stored - 1; i++) {
    seen[low[i]!]!.push(i);
    if (high[i] !== low[i]) seen[high[i]!]!.push(i);
  }
  return { stored: unknowns + 2, below, above, low, high, seen };
}

/**
 * Local. The interpolation to the points of some equations.
 *
 * - A coarse point has its own value.
 * - One between two coarse points of its row weighs them by all couplings to the west, and to the east; in a column likewise.
 * - One amid four has the value at which its own equation holds, its neighbours being interpolated already.
 *
 * What a point loses to walls, fixed points and by convection counts fully where it outweighs the couplings to a side,
 * and hardly where it is small (`denominator`): next to a wall the error falls towards it, along a wall it does not. Of
 * the formulas tried this had the lowest convergence factors around edges, electrodes and single points held.
 */
export function interpolation(
  equations: Equations,
  rows: Axis,
  cols: Axis,
  allocate: (length: number) => Float64Array,
): Transfer {
  const { shape: [ny, nx], c, n, s, w, e, corners } = equations;
  const zeros = () => allocate(ny * nx);
  const [ll, lh, hl, hh] = [zeros(), zeros(), zeros(), zeros()];
  const transfer: Transfer = { shape: [ny, nx], rows, cols, weights: [ll, lh, hl, hh] };
  const amid: number[] = [];
  for (let i = 1; i < ny - 1; i++) {
    const betweenRows = rows.below[i] !== rows.above[i];
    for (let j = 1; j < nx - 1; j++) {
      const k = i * nx + j;
      if (!(c[k]! > 0)) continue;
      const betweenCols = cols.below[j] !== cols.above[j];
      const [nw, ne, sw, se] = at(corners, k);
      const [west, east] = [nw + w[k]! + sw, ne + e[k]! + se];
      const [north, south] = [nw + n[k]! + ne, sw + s[k]! + se];
      if (!betweenRows && !betweenCols) ll[k] = 1;
      else if (betweenRows && betweenCols) amid.push(k);
      else if (betweenCols) {
        const sum = denominator(west + east, c[k]! - n[k]! - s[k]!, Math.min(west, east));
        if (sum > 0) [ll[k], lh[k]] = [west / sum, east / sum];
      } else {
        const sum = denominator(north + south, c[k]! - w[k]! - e[k]!, Math.min(north, south));
        if (sum > 0) [ll[k], hl[k]] = [north / sum, south / sum];
      }
    }
  }
  for (const weights of transfer.weights) renewRing(equations, weights);
  for (const k of amid) {
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
  for (const weights of transfer.weights) renewRing(equations, weights);
  return transfer;
}

/** The couplings that matter, and as much of the excess of the diagonal `c` over them as is due. */
function denominator(couplings: number, c: number, least: number): number {
  const excess = c - couplings;
  return excess > 0 ? couplings + excess * excess / (excess + least) : couplings;
}

function at(corners: Equations["corners"], k: number): readonly [nw: number, ne: number, sw: number, se: number] {
  return corners ? [corners.nw[k]!, corners.ne[k]!, corners.sw[k]!, corners.se[k]!] : [0, 0, 0, 0];
}
