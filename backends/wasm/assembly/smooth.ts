// Smoothing of a level, and what is left of its equations, row by row.
//
// Gauss-Seidel in four colours. The even rows, or the odd ones, are a step: their neighbours to the north and south stay
// what they are, so what these say is summed for all of a row; then the even columns of the row move, then the odd ones.

import { scratch, SIZE, VECTOR } from "./grid";
import { equationRow, Level, renewEnds } from "./levels";
import { ODD } from "./norm";
import { real } from "./real";
import { firstLanes } from "./rows";

/** f and all that the rows north and south say, of the points from `at` in row u; k, n: offsets in equations of the row and the one north. */
// @ts-ignore: decorator
@inline
function beyond(level: Level, f: usize, u: usize, k: usize, n: usize): v128 {
  const north = u - level.pitch, south = u + level.pitch;
  const straight = v128.add<real>(
    v128.mul<real>(v128.load(level.south + n), v128.load(north)),
    v128.mul<real>(v128.load(level.south + k), v128.load(south)),
  );
  const rising = v128.add<real>(
    v128.mul<real>(v128.load(level.southwest + n + SIZE), v128.load(north + SIZE)),
    v128.mul<real>(v128.load(level.southwest + k), v128.load(south - SIZE)),
  );
  const falling = v128.add<real>(
    v128.mul<real>(v128.load(level.southeast + n - SIZE), v128.load(north - SIZE)),
    v128.mul<real>(v128.load(level.southeast + k), v128.load(south + SIZE)),
  );
  return v128.add<real>(v128.load(f), v128.add<real>(straight, v128.add<real>(rising, falling)));
}

/** What west and east say. */
// @ts-ignore: decorator
@inline
function beside(east: usize, u: usize): v128 {
  return v128.add<real>(
    v128.mul<real>(v128.load(east - SIZE), v128.load(u - SIZE)),
    v128.mul<real>(v128.load(east), v128.load(u + SIZE)),
  );
}

/** Moves the lanes of one colour in a row whose sums are in scratch memory. */
export function moveColumns(u: usize, end: usize, east: usize, inverse: usize, colour: v128): void {
  for (let t = scratch; u < end; u += VECTOR, t += VECTOR, east += VECTOR, inverse += VECTOR) {
    const x = v128.mul<real>(v128.load(inverse), v128.add<real>(v128.load(t), beside(east, u)));
    if (u + VECTOR > end) colour = v128.and(colour, firstLanes((end - u) / SIZE));
    v128.store(u, v128.bitselect(x, v128.load(u), colour));
  }
}

/** Sums for all of a row what f and the rows north and south say, into scratch memory. */
export function sumBeyond(level: Level, f: usize, u: usize, end: usize, k: usize, n: usize): void {
  for (let t = scratch; u < end; t += VECTOR) {
    v128.store(t, beyond(level, f, u, k, n));
    f += VECTOR; u += VECTOR; k += VECTOR; n += VECTOR;
  }
}

/** Half a sweep of rows [from, to): the rows that are coarse next (0), or the others (1). */
export function smooth(level: Level, half: i32, from: i32, to: i32): void {
  const first = (level.shift + half) & 1, even = level.shift ? ODD : v128.not(ODD), odd = v128.not(even);
  for (let i = from + ((from + first) & 1); i < to; i += 2) {
    const at = level.e + <usize> i * level.pitch, u = at + SIZE, end = u + <usize> (level.nx - 2) * SIZE;
    const k = equationRow(level, i) + SIZE, n = equationRow(level, i - 1) + SIZE;
    sumBeyond(level, level.f + <usize> i * level.pitch + SIZE, u, end, k, n);
    moveColumns(u, end, level.east + k, level.inverse + k, even);
    if (level.wrapCols) renewEnds(at, level.nx);
    moveColumns(u, end, level.east + k, level.inverse + k, odd);
    if (level.wrapCols) renewEnds(at, level.nx);
  }
}

/** r = f − A e in rows [from, to). Lanes beyond a row become what they may: their weights are zero. */
export function leaveLevel(level: Level, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    const row = <usize> i * level.pitch;
    let u = level.e + row + SIZE, f = level.f + row + SIZE, r = level.r + row + SIZE;
    let k = equationRow(level, i) + SIZE, n = equationRow(level, i - 1) + SIZE;
    const end = u + <usize> (level.nx - 2) * SIZE;
    for (; u < end; u += VECTOR) {
      const said = v128.add<real>(beyond(level, f, u, k, n), beside(level.east + k, u));
      v128.store(r, v128.sub<real>(said, v128.mul<real>(v128.load(level.c + k), v128.load(u))));
      f += VECTOR; r += VECTOR; k += VECTOR; n += VECTOR;
    }
    if (level.wrapCols) renewEnds(level.r + row, level.nx);
  }
}
