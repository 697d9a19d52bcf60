// The first and last steps of a pass through the grid or a level: see backends/engine-threads/tiling.ts.

import { c0, c1, nx, r0, r1, row, scratch, SIZE, u0, u1, VECTOR, wrapCols } from "./grid";
import { Level, renewEnds } from "./levels";
import { clear, difference, NORM, result } from "./norm";
import { real } from "./real";
import { firstLanes, sweepRow } from "./rows";
import { enterRow } from "./transfer";

/** Forgets norms. Half-sweeps, which come between the rows of a pass, have others. */
export function beginPass(): void {
  clear(scratch - 4 * NORM);
  clear(scratch - 3 * NORM);
}

/** How far the iterate is from what `enterGrid` found, in the rows left since the pass began. */
export function passChange(): f64 {
  return result(scratch - 4 * NORM);
}

/** max |sweep(u) − u| of the same. */
export function passResidual(): f64 {
  return result(scratch - 3 * NORM);
}

/** Adds the correction to rows [from, to) of the grid; the other iterate keeps what they were. */
export function enterGrid(below: Level, current: i32, from: i32, to: i32): void {
  const u = current == 0 ? u0 : u1, v = current == 0 ? u1 : u0;
  for (let i = from; i < to; i++) {
    memory.copy(row(v, i) + SIZE, row(u, i) + SIZE, <usize> (nx - 2) * SIZE);
    enterRow(below, row(u, i), i);
    if (wrapCols) renewEnds(row(u, i), nx);
  }
}

/** Adds the correction to rows [from, to) of a level. */
export function enterLevel(below: Level, level: Level, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    const u = level.e + <usize> i * level.pitch;
    enterRow(below, u, i);
    if (level.wrapCols) renewEnds(u, level.nx);
  }
}

/** d (v − u) of a row, over v; `divided`: there is a d. */
export function subtractRow(u: usize, v: usize, d: usize, divided: bool): void {
  const end = v + <usize> (nx - 1) * SIZE;
  v += SIZE; u += SIZE; d += SIZE;
  for (; v < end; v += VECTOR, u += VECTOR, d += VECTOR) {
    const old = v128.load(v);
    let r = v128.sub<real>(old, v128.load(u));
    if (divided) r = v128.mul<real>(r, v128.load(d));
    v128.store(v, v + VECTOR <= end ? r : v128.bitselect(r, old, firstLanes((end - v) / SIZE)));
  }
}

/** The other iterate becomes what is left of the equations of rows [from, to), in conductances. Norms are added up. */
export function leaveGrid(below: Level, current: i32, from: i32, to: i32): void {
  const u = current == 0 ? u0 : u1, v = current == 0 ? u1 : u0;
  for (let i = from; i < to; i++) {
    const counts = i >= r0 && i < r1;
    if (counts) difference(row(v, i), row(u, i), c0, c1, 1, scratch - 4 * NORM);
    sweepRow(u, v, i);
    if (counts) difference(row(u, i), row(v, i), c0, c1, 1, scratch - 3 * NORM);
    subtractRow(row(u, i), row(v, i), row(below.d, i), below.d != 0);
    if (wrapCols) renewEnds(row(v, i), nx);
  }
}
