// A level of multigrid, or what coarsening must know of the grid above all levels: addresses and sizes, laid out by
// backends/wasm/level_layout.ts, which must agree with the order of the fields.
//
// The operator A of `c e − Σ coupling × e of the neighbour = f` is symmetric, so that half of the couplings are stored:
// to the east, southwest, south and southeast (e sw s se). Rows that repeat, those of a plate, are stored once, in
// pairs.

import { ny, pitch, SIZE, u0, u1 } from "./grid";
import { real } from "./real";

@unmanaged
export class Level {
  /** Stored rows and columns, ghost layer included; whether its rows and columns are periodic ghosts. */
  ny: i32; nx: i32; periodicRows: i32; periodicCols: i32;
  /** Bytes from row to row of all arrays; whether on every level the first unknown is coarse (1) or the second (0). */
  pitch: usize; firstIsCoarse: i32;
  /** Correction e, right-hand side and residual of A e = f. */
  correction: usize; f: usize; r: usize;
  /** A: c, 1 / c, and couplings; sw and se are 0 on a grid. Rows [repeatFrom, repeatEnd) repeat in pairs. */
  c: usize; inverseDiagonal: usize; e: usize; sw: usize; s: usize; se: usize;
  repeatFrom: i32; repeatEnd: i32;
  /** Of the level or grid above: which axes are coarsened on the way from it, its unknowns. */
  coarsenRows: i32; coarsenCols: i32; fineRows: i32; fineCols: i32; finePeriodicRows: i32; finePeriodicCols: i32;
  finePitch: usize;
  /** The weights of the prolongation to it: see `weightRow`; which of its rows repeat. */
  weights: usize; weightStride: usize; weightsRepeatFrom: i32; weightsRepeatEnd: i32;
  /** Of a grid above: the diagonal that its equations were divided by; 0 in a plain stencil. */
  d: usize;
}

/** Where row i is stored, if rows [from, end) repeat in pairs. */
// @ts-ignore: decorator
@inline
export function storedRow(i: i32, from: i32, end: i32): i32 {
  if (i < from + 2) return i;
  return i < end ? from + ((i - from) & 1) : i - max(0, end - from - 2);
}

/** Bytes from the start of an array of A to row i. */
// @ts-ignore: decorator
@inline
export function operatorRow(level: Level, i: i32): usize {
  return <usize> storedRow(i, level.repeatFrom, level.repeatEnd) * level.pitch;
}

/**
 * The weights of fine row i towards one coarse row, of those around it the lower (0) or the higher (1) by number. For
 * each coarse column: the weights of the fine columns west of it, at it and east of it, each `weightStride` from the
 * other.
 */
// @ts-ignore: decorator
@inline
export function weightRow(coarse: Level, i: i32, high: i32): usize {
  const at = <usize> storedRow(i, coarse.weightsRepeatFrom, coarse.weightsRepeatEnd) * coarse.pitch;
  return coarse.weights + at + <usize> (3 * high) * coarse.weightStride;
}

/**
 * The coarse row at fine row i, or of those around it the lower (0) or the higher (1): around periodic rows their
 * numbers run on beyond the ends.
 */
// @ts-ignore: decorator
@inline
export function coarseRow(coarse: Level, i: i32, high: i32): i32 {
  if (!coarse.coarsenRows) return i;
  // Of an odd number around, first and last are both coarse, and neighbours.
  if (coarse.fineRows & 1 && coarse.firstIsCoarse && (i == 0 || i > coarse.fineRows)) {
    return i == 0 ? 0 : coarse.ny - 1;
  }
  return (i + coarse.firstIsCoarse + high) >> 1;
}

/** The fine row, or column, at coarse one I. */
// @ts-ignore: decorator
@inline
export function fineIndex(coarsened: i32, firstIsCoarse: i32, I: i32): i32 {
  return coarsened ? 2 * I - firstIsCoarse : I;
}

/** The number at column j of a row. */
// @ts-ignore: decorator
@inline
export function at(row: usize, j: i32): f64 {
  return load<real>(row + <usize> j * SIZE);
}
// @ts-ignore: decorator
@inline
export function put(row: usize, j: i32, value: f64): void {
  store<real>(row + <usize> j * SIZE, <real> value);
}

/** Fills both periodic ghosts of a row. */
// @ts-ignore: decorator
@inline
export function fillGhostColumns(at: usize, nx: i32): void {
  const last = at + <usize> (nx - 1) * SIZE;
  store<real>(at, load<real>(last - SIZE));
  store<real>(last, load<real>(at + SIZE));
}

/** Fills the periodic ghost rows of an array. */
export function fillGhostRows(array: usize, ny: i32, pitch: usize): void {
  const last = array + <usize> (ny - 1) * pitch;
  memory.copy(array, last - pitch, pitch);
  memory.copy(last, array + pitch, pitch);
}

/** The ghost rows of a level's correction. */
export function fillLevelGhostRows(level: Level): void {
  fillGhostRows(level.correction, level.ny, level.pitch);
}

/** The ghost rows of an iterate of the grid. */
export function fillGridGhostRows(current: i32): void {
  fillGhostRows(current == 0 ? u0 : u1, ny, pitch);
}
