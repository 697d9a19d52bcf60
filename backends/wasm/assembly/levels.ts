// A level of multigrid, or what coarsening must know of the grid above all levels: addresses and sizes, laid out by
// backends/wasm/levels.ts, which must agree with the order of the fields.
//
// Equations are `c e − Σ coupling × e of the neighbour = f`, symmetric, so that half of the couplings are kept: to the
// east, southwest, south and southeast. Rows that repeat, those of a plate, are kept once, in pairs.

import { pitch as gridPitch, row, SIZE } from "./grid";
import { real } from "./real";

@unmanaged
export class Level {
  /** Stored rows and columns, ring included; whether ring rows and columns repeat the opposite side. */
  ny: i32; nx: i32; wrapRows: i32; wrapCols: i32;
  /** Bytes from row to row of all arrays; 1 where the first unknown is coarse next, 0 where it is the second. */
  pitch: usize; shift: i32;
  /** Iterate and right side; what is left of the equations. */
  e: usize; f: usize; r: usize;
  /** Equations: c, 1 / c, and couplings; corners are 0 on a grid. Rows [same, sameEnd) repeat in pairs. */
  c: usize; inverse: usize; east: usize; southwest: usize; south: usize; southeast: usize;
  same: i32; sameEnd: i32;
  /** From the level or grid above: which axes are coarsened, its unknowns, its weights, which rows of these repeat. */
  rows: i32; cols: i32; fineRows: i32; fineCols: i32; fineWrapRows: i32; fineWrapCols: i32;
  finePitch: usize; fineShift: i32;
  weights: usize; apart: usize; alike: i32; alikeEnd: i32;
  /** Of a grid above: by what its equations were divided; 0 in a plain stencil. */
  d: usize;
}

/** Where row i is kept, if rows [from, end) repeat in pairs. */
// @ts-ignore: decorator
@inline
export function kept(i: i32, from: i32, end: i32): i32 {
  if (i < from + 2) return i;
  return i < end ? from + ((i - from) & 1) : i - max(0, end - from - 2);
}

/** Bytes from the start of an array of equations to row i. */
// @ts-ignore: decorator
@inline
export function equationRow(level: Level, i: i32): usize {
  return <usize> kept(i, level.same, level.sameEnd) * level.pitch;
}

/**
 * The weights of fine row i towards one coarse row, the one at or below it (0) or the one above (1) by number. For each
 * coarse column these are the weights of the fine columns west of it, at it and east of it, each `apart` from the other.
 */
// @ts-ignore: decorator
@inline
export function weightRow(below: Level, i: i32, high: i32): usize {
  return below.weights + <usize> kept(i, below.alike, below.alikeEnd) * below.pitch + <usize> (3 * high) * below.apart;
}

/** The coarse rows at, or around, fine row i: around periodic rows they run on beyond the ends. */
// @ts-ignore: decorator
@inline
export function lowRow(below: Level, i: i32): i32 {
  if (!below.rows) return i;
  // Of an odd number around, first and last are both coarse, and neighbours.
  if (below.fineRows & 1 && below.fineShift && (i == 0 || i > below.fineRows)) return i == 0 ? 0 : below.ny - 1;
  return (i + below.fineShift) >> 1;
}
// @ts-ignore: decorator
@inline
export function highRow(below: Level, i: i32): i32 {
  if (!below.rows) return i;
  if (below.fineRows & 1 && below.fineShift && (i == 0 || i > below.fineRows)) return i == 0 ? 0 : below.ny - 1;
  return (i + below.fineShift + 1) >> 1;
}

/** The fine row, or column, that coarse one I is. */
// @ts-ignore: decorator
@inline
export function centre(coarsened: i32, shift: i32, I: i32): i32 {
  return coarsened ? 2 * I - shift : I;
}

/** Copies a row's first and last points to where periodic columns repeat them. */
// @ts-ignore: decorator
@inline
export function renewEnds(at: usize, nx: i32): void {
  const last = at + <usize> (nx - 1) * SIZE;
  store<real>(at, load<real>(last - SIZE));
  store<real>(last, load<real>(at + SIZE));
}

/** Copies rows to where periodic ones repeat them. */
function renewRing(array: usize, ny: i32, pitch: usize): void {
  const last = array + <usize> (ny - 1) * pitch;
  memory.copy(array, last - pitch, pitch);
  memory.copy(last, array + pitch, pitch);
}

/** The ring rows of a level's iterate. */
export function renewLevel(level: Level): void {
  if (level.wrapRows) renewRing(level.e, level.ny, level.pitch);
}

/** The ring rows of an iterate of the grid. */
export function renewGrid(u: usize, ny: i32): void {
  renewRing(u, ny, gridPitch);
}
