// Smoother and residual of a level, row by row.
//
// Gauss-Seidel in four colours. The rows that the next level keeps, or the others, are a step: their neighbours to the
// north and south stay as they are, so the terms of these are summed for all of a row; then the columns that the next
// level keeps are updated, then the others.

import { scratch, SIZE, VECTOR } from "./grid";
import { fillGhostColumns, Level, operatorRow } from "./level";
import { ODD } from "./norm";
import { real } from "./real";
import { firstLanes } from "./rows";

/**
 * f and the terms of the rows north and south, at the points from u on. The coefficients of a point are at offset `k`
 * in each array, those of the row north of it at `n`. Arrays are parameters, since an engine looks up fields each time.
 */
// @ts-ignore: decorator
@inline
function northSouth(f: usize, u: usize, pitch: usize, k: usize, n: usize, sw: usize, s: usize, se: usize): v128 {
  const north = u - pitch, south = u + pitch;
  const ns = v128.add<real>(
    v128.mul<real>(v128.load(s + n), v128.load(north)), v128.mul<real>(v128.load(s + k), v128.load(south)),
  );
  const swne = v128.add<real>(
    v128.mul<real>(v128.load(sw + n, SIZE), v128.load(north, SIZE)),
    v128.mul<real>(v128.load(sw + k), v128.load(south - SIZE)),
  );
  const nwse = v128.add<real>(
    v128.mul<real>(v128.load(se + n - SIZE), v128.load(north - SIZE)),
    v128.mul<real>(v128.load(se + k), v128.load(south, SIZE)),
  );
  return v128.add<real>(v128.load(f), v128.add<real>(ns, v128.add<real>(swne, nwse)));
}

/** The terms of the neighbours west and east. */
// @ts-ignore: decorator
@inline
function westEast(east: usize, w: v128, e: v128): v128 {
  return v128.add<real>(v128.mul<real>(v128.load(east - SIZE), w), v128.mul<real>(v128.load(east), e));
}

/** The neighbours west of the next vector, read before this one is stored: a later load would wait. See relax.ts. */
// @ts-ignore: decorator
@inline
function westOfNext(u: usize, e: v128): v128 {
  return SIZE == 8 ? e : v128.load(u, VECTOR - SIZE);
}

/** Stores x in those lanes of a colour that are in the row. */
// @ts-ignore: decorator
@inline
function updateLanes(u: usize, end: usize, x: v128, colour: v128): void {
  if (u + VECTOR > end) colour = v128.and(colour, firstLanes((end - u) / SIZE));
  v128.store(u, v128.bitselect(x, v128.load(u), colour));
}

/** Updates the lanes of the first colour in a row; stores the terms of other rows, for all its points, in scratch. */
export function updateFirst(
  f: usize, u: usize, end: usize, pitch: usize, k: usize, n: usize,
  sw: usize, s: usize, se: usize, east: usize, inverseDiagonal: usize, colour: v128,
): void {
  let w = v128.load(u - SIZE);
  for (let t = scratch; u < end; t += VECTOR) {
    const sum = northSouth(f, u, pitch, k, n, sw, s, se), e = v128.load(u, SIZE), next = westOfNext(u, e);
    v128.store(t, sum);
    updateLanes(u, end, v128.mul<real>(v128.load(inverseDiagonal), v128.add<real>(sum, westEast(east, w, e))), colour);
    w = next;
    f += VECTOR; u += VECTOR; k += VECTOR; n += VECTOR; east += VECTOR; inverseDiagonal += VECTOR;
  }
}

/** Updates those of the second colour. */
export function updateSecond(u: usize, end: usize, east: usize, inverseDiagonal: usize, colour: v128): void {
  let w = v128.load(u - SIZE);
  for (let t = scratch; u < end; t += VECTOR) {
    const e = v128.load(u, SIZE), next = westOfNext(u, e);
    const sum = v128.add<real>(v128.load(t), westEast(east, w, e));
    updateLanes(u, end, v128.mul<real>(v128.load(inverseDiagonal), sum), colour);
    w = next;
    u += VECTOR; east += VECTOR; inverseDiagonal += VECTOR;
  }
}

/** Half a sweep of rows [from, to): of those that the next level keeps (0), or the others (1). */
export function smooth(level: Level, half: i32, from: i32, to: i32): void {
  const first = (level.firstIsCoarse + half) & 1;
  const coarseLanes = level.firstIsCoarse ? ODD : v128.not(ODD), otherLanes = v128.not(coarseLanes);
  for (let i = from + ((from + first) & 1); i < to; i += 2) {
    const at = level.correction + <usize> i * level.pitch, u = at + SIZE, end = u + <usize> (level.nx - 2) * SIZE;
    const k = operatorRow(level, i) + SIZE, n = operatorRow(level, i - 1) + SIZE;
    const f = level.f + <usize> i * level.pitch + SIZE, east = level.e + k, inverseDiagonal = level.inverseDiagonal + k;
    updateFirst(f, u, end, level.pitch, k, n, level.sw, level.s, level.se, east, inverseDiagonal, coarseLanes);
    if (level.periodicCols) fillGhostColumns(at, level.nx);
    updateSecond(u, end, east, inverseDiagonal, otherLanes);
    if (level.periodicCols) fillGhostColumns(at, level.nx);
  }
}

/** r = f − A e in a row. Lanes beyond it hold anything: their weights are zero. */
export function residualRow(
  f: usize, u: usize, end: usize, pitch: usize, k: usize, n: usize,
  sw: usize, s: usize, se: usize, east: usize, c: usize, r: usize,
): void {
  for (; u < end; r += VECTOR) {
    const couplings = v128.add<real>(
      northSouth(f, u, pitch, k, n, sw, s, se), westEast(east, v128.load(u - SIZE), v128.load(u, SIZE)),
    );
    v128.store(r, v128.sub<real>(couplings, v128.mul<real>(v128.load(c), v128.load(u))));
    f += VECTOR; u += VECTOR; k += VECTOR; n += VECTOR; east += VECTOR; c += VECTOR;
  }
}

/** r = f − A e in rows [from, to). */
export function residualOfLevel(level: Level, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    const row = <usize> i * level.pitch + SIZE, u = level.correction + row, end = u + <usize> (level.nx - 2) * SIZE;
    const k = operatorRow(level, i) + SIZE, n = operatorRow(level, i - 1) + SIZE;
    residualRow(
      level.f + row, u, end, level.pitch, k, n,
      level.sw, level.s, level.se, level.e + k, level.c + k, level.r + row,
    );
    if (level.periodicCols) fillGhostColumns(level.r + row - SIZE, level.nx);
  }
}
