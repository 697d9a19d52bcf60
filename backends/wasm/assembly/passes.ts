// The first and last steps of a pass through the grid or a level: see backends/engine-threads/wavefront.ts.

import { c0, c1, nx, periodicCols, r0, r1, row, scratch, SIZE, u0, u1, VECTOR } from "./grid";
import { fillGhostColumns, Level } from "./level";
import { clearNorm, difference, NORM, normOf } from "./norm";
import { real } from "./real";
import { firstLanes, sweepRow } from "./rows";
import { addCorrectionToRow, restrict } from "./transfer";

/** Resets the norms of a pass. Half-sweeps, which come between its rows, have others. */
export function clearPassNorms(): void {
  clearNorm(scratch - 4 * NORM);
  clearNorm(scratch - 3 * NORM);
}

/** How far the iterate is from its value before `addCorrectionToGrid`, in all rows of `residualOfGrid` in this pass. */
export function passChange(): f64 {
  return normOf(scratch - 4 * NORM);
}

/** max |sweep(u) − u| of the same rows. */
export function passResidual(): f64 {
  return normOf(scratch - 3 * NORM);
}

/** Adds the prolonged correction to rows [from, to) of the grid; the other iterate keeps their old values. */
export function addCorrectionToGrid(coarse: Level, current: i32, from: i32, to: i32): void {
  const u = current == 0 ? u0 : u1, v = current == 0 ? u1 : u0;
  for (let i = from; i < to; i++) {
    memory.copy(row(v, i) + SIZE, row(u, i) + SIZE, <usize> (nx - 2) * SIZE);
    addCorrectionToRow(coarse, row(u, i), i);
    if (periodicCols) fillGhostColumns(row(u, i), nx);
  }
}

/** Adds the prolonged correction to rows [from, to) of a level. */
export function addCorrectionToLevel(coarse: Level, level: Level, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    const u = level.correction + <usize> i * level.pitch;
    addCorrectionToRow(coarse, u, i);
    if (level.periodicCols) fillGhostColumns(u, level.nx);
  }
}

/** v = d (v − u) in a row; `scaled`: there is a d. */
export function scaledResidualRow(u: usize, v: usize, d: usize, scaled: bool): void {
  const end = v + <usize> (nx - 1) * SIZE;
  v += SIZE; u += SIZE; d += SIZE;
  for (; v < end; v += VECTOR, u += VECTOR, d += VECTOR) {
    const old = v128.load(v);
    let r = v128.sub<real>(old, v128.load(u));
    if (scaled) r = v128.mul<real>(r, v128.load(d));
    v128.store(v, v + VECTOR <= end ? r : v128.bitselect(r, old, firstLanes((end - v) / SIZE)));
  }
}

/** The other iterate becomes the residual of rows [from, to), in conductances. Norms are accumulated. */
export function residualOfGrid(coarse: Level, current: i32, from: i32, to: i32): void {
  const u = current == 0 ? u0 : u1, v = current == 0 ? u1 : u0;
  for (let i = from; i < to; i++) {
    const counts = i >= r0 && i < r1;
    if (counts) difference(row(v, i), row(u, i), c0, c1, 1, scratch - 4 * NORM);
    sweepRow(u, v, i);
    if (counts) difference(row(u, i), row(v, i), c0, c1, 1, scratch - 3 * NORM);
    scaledResidualRow(row(u, i), row(v, i), row(coarse.d, i), coarse.d != 0);
    if (periodicCols) fillGhostColumns(row(v, i), nx);
  }
}

/** Of rows [from, to) of the grid those that are coarse; the residual is in the other iterate. */
export function restrictGrid(coarse: Level, current: i32, from: i32, to: i32): void {
  restrict(coarse, current == 0 ? u1 : u0, from, to);
}

/** Of rows [from, to) of a level those that are coarse. */
export function restrictLevel(coarse: Level, level: Level, from: i32, to: i32): void {
  restrict(coarse, level.r, from, to);
}
