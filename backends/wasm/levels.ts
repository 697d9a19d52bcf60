/**
 * Where the levels of multigrid lie in the memory of their grid, and how assembly/levels.ts is told.
 *
 * @module
 */

import type { Layout } from "../../core/kernels/kernels.ts";
import { oddLines, pitchOf } from "./pitch.ts";

/** Rows and columns inside the ring, and which axes were coarsened on the way to them. */
export interface LevelSize {
  readonly shape: readonly [rows: number, cols: number];
  readonly axes: readonly [rows: boolean, cols: boolean];
}

/** The fields of `Level` in assembly/levels.ts, 32 bits each, in their order. */
// deno-fmt-ignore
const FIELDS = [
  "ny", "nx", "wrapRows", "wrapCols", "pitch", "shift", "e", "f", "r",
  "c", "inverse", "east", "southwest", "south", "southeast", "same", "sameEnd",
  "rows", "cols", "fineRows", "fineCols", "fineWrapRows", "fineWrapCols", "finePitch", "fineShift",
  "weights", "apart", "alike", "alikeEnd", "d",
] as const;

/** A level as the kernels see it: addresses, sizes, and 0 or 1. */
export type LevelFields = { readonly [K in typeof FIELDS[number]]: number };

/** A level, or the grid above all levels, and where the kernels find it. */
export interface LevelPlan {
  readonly at: number;
  readonly fields: LevelFields;
}

/** All that lies below a grid. */
export interface LevelsPlan {
  /** The equations of the grid itself, needed while the first level is made. */
  readonly grid: LevelPlan;
  readonly levels: readonly LevelPlan[];
  /** Room for six rows of sums in f64. */
  readonly work: number;
  /** Where the next thing may lie. */
  readonly bytes: number;
}

/** So many rows are kept of `rows`, where those of [from, end) repeat in pairs. */
function keptRows(rows: number, from: number, end: number): number {
  return rows - Math.max(0, end - from - 2);
}

/** Local. Whether row i is kept, or is a repetition. */
export function isKept(i: number, from: number, end: number): boolean {
  return i < from + 2 || i >= end;
}

/** Local. Where row i is kept. */
export function kept(i: number, from: number, end: number): number {
  if (i < from + 2) return i;
  return i < end ? from + (i - from) % 2 : i - Math.max(0, end - from - 2);
}

/** Local. Lays out the levels below a grid whose arrays end at `bytes`. */
export function planLevels(
  { dtype, kind, shape: [ny, nx], periodic }: Pick<Layout, "dtype" | "kind" | "shape" | "periodic">,
  { pitch, d, bytes }: { readonly pitch: number; readonly d: number; readonly bytes: number },
  sizes: readonly LevelSize[],
): LevelsPlan {
  let end = bytes;
  const take = (size: number): number => {
    const at = end;
    end += oddLines(size);
    return at;
  };
  const weighted = kind === "weighted";
  const shift = weighted ? 1 : 0;
  // A vector may begin before an array, and end beyond it.
  const array = (rows: number, step: number): number => take((rows + 1) * step + 64) + 64;
  const place = (fields: LevelFields): LevelPlan => ({ at: take(4 * FIELDS.length), fields });
  if (sizes.length === 0) return { grid: { at: 0, fields: NONE }, levels: [], work: 0, bytes };

  const equations = (rows: number, step: number, same: number, sameEnd: number, corners: boolean, diagonal: number) => {
    const kept = keptRows(rows, same, sameEnd);
    const one = (used: boolean) => used ? array(kept, step) : 0;
    const c = diagonal === 0 ? one(true) : diagonal;
    const [inverse, east, southwest] = [one(corners), one(true), one(corners)];
    return { c, inverse, east, southwest, south: one(true), southeast: one(corners), same, sameEnd };
  };
  // Of a plate all rows are alike but the last, which has no southern neighbour.
  const grid = place({
    ...NONE,
    ny,
    nx,
    wrapRows: Number(periodic[0]),
    wrapCols: Number(periodic[1]),
    pitch,
    shift,
    ...equations(ny, pitch, weighted ? 0 : 1, weighted ? 0 : ny - 2, false, d),
  });
  const levels: LevelPlan[] = [];
  let fine = grid.fields;
  for (const { shape: [rows, cols], axes } of sizes) {
    const step = pitchOf(cols + 2, dtype);
    const centre = (i: number) => axes[0] ? 2 * i - shift : i;
    // Weights follow from their own row and those beside it; equations from two rows around.
    const [alike, alikeEnd] = weighted ? [0, 0] : [fine.same + 2, fine.sameEnd - 1];
    let [same, sameEnd] = [0, 0];
    for (let i = 1; !weighted && i <= rows; i++) {
      if (centre(i) < fine.same + 4 || centre(i) + 2 >= fine.sameEnd - 1) continue;
      if (same === 0) same = i;
      sameEnd = i + 1;
    }
    const apart = (keptRows(fine.ny, alike, alikeEnd) + 1) * step;
    const weights = take((axes[0] ? 6 : 3) * apart + 64) + 64;
    const level = place({
      ny: rows + 2,
      nx: cols + 2,
      wrapRows: Number(fine.wrapRows === 1 && rows > 1),
      wrapCols: Number(fine.wrapCols === 1 && cols > 1),
      pitch: step,
      shift,
      e: array(rows + 2, step),
      f: array(rows + 2, step),
      r: array(rows + 2, step),
      ...equations(rows + 2, step, same, sameEnd, true, 0),
      rows: Number(axes[0]),
      cols: Number(axes[1]),
      fineRows: fine.ny - 2,
      fineCols: fine.nx - 2,
      fineWrapRows: fine.wrapRows,
      fineWrapCols: fine.wrapCols,
      finePitch: fine.pitch,
      fineShift: shift,
      weights,
      apart,
      alike,
      alikeEnd,
      d: levels.length === 0 ? d : 0,
    });
    levels.push(level);
    fine = level.fields;
  }
  return { grid, levels, work: take(6 * 8 * (levels[0]!.fields.nx + 1)), bytes: end };
}

const NONE = Object.fromEntries(FIELDS.map((name) => [name, 0])) as unknown as LevelFields;

/** Local. Tells the kernels of a level. */
export function announce({ at, fields }: LevelPlan, memory: WebAssembly.Memory): void {
  new Int32Array(memory.buffer, at, FIELDS.length).set(FIELDS.map((name) => fields[name]));
}
