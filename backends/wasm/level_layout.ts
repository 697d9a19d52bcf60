/**
 * Where the levels of multigrid lie in the memory of their grid, as assembly/level.ts reads it.
 *
 * @module
 */

import type { LevelSize } from "../../core/kernels/distributed.ts";
import type { Layout } from "../../core/kernels/kernels.ts";
import { oddLines, pitchOf } from "./pitch.ts";

/** The fields of `Level` in assembly/level.ts, 32 bits each, in their order. */
// deno-fmt-ignore
const FIELDS = [
  "ny", "nx", "periodicRows", "periodicCols", "pitch", "firstIsCoarse", "correction", "f", "r",
  "c", "inverseDiagonal", "e", "sw", "s", "se", "repeatFrom", "repeatEnd",
  "coarsenRows", "coarsenCols", "fineRows", "fineCols", "finePeriodicRows", "finePeriodicCols",
  "finePitch", "weights", "weightStride", "weightsRepeatFrom", "weightsRepeatEnd", "d",
] as const;

/** A level as the kernels see it: addresses, sizes, flags (0 or 1). */
export type LevelFields = { readonly [K in typeof FIELDS[number]]: number };

/** A level, or the grid above all levels, and the address of its fields. */
export interface LevelPlan {
  readonly at: number;
  readonly fields: LevelFields;
}

/** All that lies below a grid. */
export interface LevelsPlan {
  /** The operator of the grid itself, needed while the first level is made. */
  readonly grid: LevelPlan;
  readonly levels: readonly LevelPlan[];
  /** Room for six rows of sums in f64. */
  readonly work: number;
}

/** The number of rows stored for `rows`, where those of [from, end) repeat in pairs. */
function storedRows(rows: number, from: number, end: number): number {
  return rows - Math.max(0, end - from - 2);
}

/** Local. Whether row i is stored, or is a repetition. */
export function isStored(i: number, from: number, end: number): boolean {
  return i < from + 2 || i >= end;
}

/** Local. Where row i is stored. */
export function storedRow(i: number, from: number, end: number): number {
  if (i < from + 2) return i;
  return i < end ? from + (i - from) % 2 : i - Math.max(0, end - from - 2);
}

/** Local. Lays out the levels below a grid. @param allocate returns the address of so many bytes */
export function planLevels(
  { dtype, kind, shape: [ny, nx], periodic }: Pick<Layout, "dtype" | "kind" | "shape" | "periodic">,
  { pitch, d }: { readonly pitch: number; readonly d: number },
  sizes: readonly LevelSize[],
  allocate: (bytes: number) => number,
): LevelsPlan {
  const reserve = (size: number): number => allocate(oddLines(size));
  const weighted = kind === "weighted";
  const firstIsCoarse = weighted ? 1 : 0;
  // A vector may begin before an array, and end after it.
  const array = (rows: number, step: number): number => reserve((rows + 1) * step + 64) + 64;
  const place = (fields: LevelFields): LevelPlan => ({ at: reserve(4 * FIELDS.length), fields });
  if (sizes.length === 0) return { grid: { at: 0, fields: NONE }, levels: [], work: 0 };

  const operator = (
    rows: number,
    step: number,
    repeatFrom: number,
    repeatEnd: number,
    corners: boolean,
    diagonal: number,
  ) => {
    const stored = storedRows(rows, repeatFrom, repeatEnd);
    const one = (used: boolean) => used ? array(stored, step) : 0;
    const c = diagonal === 0 ? one(true) : diagonal;
    const [inverseDiagonal, e, sw] = [one(corners), one(true), one(corners)];
    return { c, inverseDiagonal, e, sw, s: one(true), se: one(corners), repeatFrom, repeatEnd };
  };
  // Of a plate all rows are alike but the last, which has no southern neighbour.
  const grid = place({
    ...NONE,
    ny,
    nx,
    periodicRows: Number(periodic[0]),
    periodicCols: Number(periodic[1]),
    pitch,
    firstIsCoarse,
    ...operator(ny, pitch, weighted ? 0 : 1, weighted ? 0 : ny - 2, false, d),
  });
  const levels: LevelPlan[] = [];
  let fine = grid.fields;
  for (const { shape: [rows, cols], axes } of sizes) {
    const step = pitchOf(cols + 2, dtype);
    const fineIndex = (i: number) => axes[0] ? 2 * i - firstIsCoarse : i;
    // Weights follow from the rows around theirs; a row of the operator from two rows on both sides.
    const [weightsRepeatFrom, weightsRepeatEnd] = weighted ? [0, 0] : [fine.repeatFrom + 2, fine.repeatEnd - 1];
    let [repeatFrom, repeatEnd] = [0, 0];
    for (let i = 1; !weighted && i <= rows; i++) {
      if (fineIndex(i) < fine.repeatFrom + 4 || fineIndex(i) + 2 >= fine.repeatEnd - 1) continue;
      if (repeatFrom === 0) repeatFrom = i;
      repeatEnd = i + 1;
    }
    const weightStride = (storedRows(fine.ny, weightsRepeatFrom, weightsRepeatEnd) + 1) * step;
    const weights = reserve((axes[0] ? 6 : 3) * weightStride + 64) + 64;
    const level = place({
      ny: rows + 2,
      nx: cols + 2,
      periodicRows: Number(fine.periodicRows === 1 && rows > 1),
      periodicCols: Number(fine.periodicCols === 1 && cols > 1),
      pitch: step,
      firstIsCoarse,
      correction: array(rows + 2, step),
      f: array(rows + 2, step),
      r: array(rows + 2, step),
      ...operator(rows + 2, step, repeatFrom, repeatEnd, true, 0),
      coarsenRows: Number(axes[0]),
      coarsenCols: Number(axes[1]),
      fineRows: fine.ny - 2,
      fineCols: fine.nx - 2,
      finePeriodicRows: fine.periodicRows,
      finePeriodicCols: fine.periodicCols,
      finePitch: fine.pitch,
      weights,
      weightStride,
      weightsRepeatFrom,
      weightsRepeatEnd,
      d: levels.length === 0 ? d : 0,
    });
    levels.push(level);
    fine = level.fields;
  }
  return { grid, levels, work: reserve(6 * 8 * (levels[0]!.fields.nx + 1)) };
}

const NONE = Object.fromEntries(FIELDS.map((name) => [name, 0])) as LevelFields;

/** Local. Writes the fields of a level to where the kernels read them. */
export function writeLevel({ at, fields }: LevelPlan, memory: WebAssembly.Memory): void {
  new Int32Array(memory.buffer, at, FIELDS.length).set(FIELDS.map((name) => fields[name]));
}
