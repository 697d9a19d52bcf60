// Smoothing of a level, and what is left of its equations, row by row.
//
// Gauss-Seidel in four colours. The even rows, or the odd ones, are a step: their neighbours to the north and south stay
// what they are, so what these say is summed for all of a row; then the even columns of the row move, then the odd ones.

import { scratch, SIZE, VECTOR } from "./grid";
import { equationRow, Level, renewEnds } from "./levels";
import { ODD } from "./norm";
import { real } from "./real";
import { firstLanes } from "./rows";

/**
 * f and all that the rows north and south say, of the points from u on. What belongs to a point is `k` beyond arrays of the
 * row itself, `n` beyond those of the row north of it. Arrays are handed over, since an engine looks up fields each time.
 */
// @ts-ignore: decorator
@inline
function beyond(f: usize, u: usize, pitch: usize, k: usize, n: usize, sw: usize, s: usize, se: usize): v128 {
  const north = u - pitch, south = u + pitch;
  const straight = v128.add<real>(
    v128.mul<real>(v128.load(s + n), v128.load(north)), v128.mul<real>(v128.load(s + k), v128.load(south)),
  );
  const rising = v128.add<real>(
    v128.mul<real>(v128.load(sw + n, SIZE), v128.load(north, SIZE)),
    v128.mul<real>(v128.load(sw + k), v128.load(south - SIZE)),
  );
  const falling = v128.add<real>(
    v128.mul<real>(v128.load(se + n - SIZE), v128.load(north - SIZE)),
    v128.mul<real>(v128.load(se + k), v128.load(south, SIZE)),
  );
  return v128.add<real>(v128.load(f), v128.add<real>(straight, v128.add<real>(rising, falling)));
}

/** What west and east say. */
// @ts-ignore: decorator
@inline
function beside(east: usize, w: v128, e: v128): v128 {
  return v128.add<real>(v128.mul<real>(v128.load(east - SIZE), w), v128.mul<real>(v128.load(east), e));
}

/** What is west of the next vector, read before this one is stored: it would have to wait. As in relax.ts. */
// @ts-ignore: decorator
@inline
function westOfNext(u: usize, e: v128): v128 {
  return SIZE == 8 ? e : v128.load(u, VECTOR - SIZE);
}

/** x where the lanes of a colour are in the row, else what is there. */
// @ts-ignore: decorator
@inline
function moveLanes(u: usize, end: usize, x: v128, colour: v128): void {
  if (u + VECTOR > end) colour = v128.and(colour, firstLanes((end - u) / SIZE));
  v128.store(u, v128.bitselect(x, v128.load(u), colour));
}

/** Moves the lanes of the first colour in a row; in scratch memory remains what all of its points hear from other rows. */
export function moveFirst(
  f: usize, u: usize, end: usize, pitch: usize, k: usize, n: usize,
  sw: usize, s: usize, se: usize, east: usize, inverse: usize, colour: v128,
): void {
  let w = v128.load(u - SIZE);
  for (let t = scratch; u < end; t += VECTOR) {
    const sum = beyond(f, u, pitch, k, n, sw, s, se), e = v128.load(u, SIZE), next = westOfNext(u, e);
    v128.store(t, sum);
    moveLanes(u, end, v128.mul<real>(v128.load(inverse), v128.add<real>(sum, beside(east, w, e))), colour);
    w = next;
    f += VECTOR; u += VECTOR; k += VECTOR; n += VECTOR; east += VECTOR; inverse += VECTOR;
  }
}

/** Moves those of the other colour. */
export function moveSecond(u: usize, end: usize, east: usize, inverse: usize, colour: v128): void {
  let w = v128.load(u - SIZE);
  for (let t = scratch; u < end; t += VECTOR) {
    const e = v128.load(u, SIZE), next = westOfNext(u, e);
    const sum = v128.add<real>(v128.load(t), beside(east, w, e));
    moveLanes(u, end, v128.mul<real>(v128.load(inverse), sum), colour);
    w = next;
    u += VECTOR; east += VECTOR; inverse += VECTOR;
  }
}

/** Half a sweep of rows [from, to): the rows that are coarse next (0), or the others (1). */
export function smooth(level: Level, half: i32, from: i32, to: i32): void {
  const first = (level.shift + half) & 1, even = level.shift ? ODD : v128.not(ODD), odd = v128.not(even);
  for (let i = from + ((from + first) & 1); i < to; i += 2) {
    const at = level.e + <usize> i * level.pitch, u = at + SIZE, end = u + <usize> (level.nx - 2) * SIZE;
    const k = equationRow(level, i) + SIZE, n = equationRow(level, i - 1) + SIZE;
    const f = level.f + <usize> i * level.pitch + SIZE, east = level.east + k, inverse = level.inverse + k;
    moveFirst(
      f, u, end, level.pitch, k, n, level.southwest, level.south, level.southeast, east, inverse, even,
    );
    if (level.wrapCols) renewEnds(at, level.nx);
    moveSecond(u, end, east, inverse, odd);
    if (level.wrapCols) renewEnds(at, level.nx);
  }
}

/** r = f − A e in a row. Lanes beyond it become what they may: their weights are zero. */
export function leaveRow(
  f: usize, u: usize, end: usize, pitch: usize, k: usize, n: usize,
  sw: usize, s: usize, se: usize, east: usize, c: usize, r: usize,
): void {
  for (; u < end; r += VECTOR) {
    const said = v128.add<real>(beyond(f, u, pitch, k, n, sw, s, se), beside(east, v128.load(u - SIZE), v128.load(u, SIZE)));
    v128.store(r, v128.sub<real>(said, v128.mul<real>(v128.load(c), v128.load(u))));
    f += VECTOR; u += VECTOR; k += VECTOR; n += VECTOR; east += VECTOR; c += VECTOR;
  }
}

/** r = f − A e in rows [from, to). */
export function leaveLevel(level: Level, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    const row = <usize> i * level.pitch + SIZE, u = level.e + row, end = u + <usize> (level.nx - 2) * SIZE;
    const k = equationRow(level, i) + SIZE, n = equationRow(level, i - 1) + SIZE;
    leaveRow(
      level.f + row, u, end, level.pitch, k, n,
      level.southwest, level.south, level.southeast, level.east + k, level.c + k, level.r + row,
    );
    if (level.wrapCols) renewEnds(level.r + row - SIZE, level.nx);
  }
}
