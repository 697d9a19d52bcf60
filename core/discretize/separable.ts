/**
 * Tests whether a stencil separates: whether all lines in one direction are alike, so that trigonometric functions along it
 * are its eigenvectors. Fast direct methods need that.
 *
 * It reads the weights, not the problem: layers of conductivity, convection at the ends of lines and rows of fixed
 * points need no rule of their own.
 *
 * @module
 */

import type { GridData, Stencil } from "../contract.ts";
import { roundoff } from "../dtype.ts";
import type { End } from "../transform/dst_dct.ts";

/** Lines along one direction, the `axis`. Across it, each line may have its own weights. */
export interface Lines {
  /** 0: the lines are columns; 1: rows. */
  readonly axis: 0 | 1;
  /** What is before the first unknown of a line, and after the last. */
  readonly ends: readonly [low: End, high: End];
  /** Half-open range of the unknowns in a line. */
  readonly unknowns: readonly [from: number, to: number];
  /** For each line, the weight of either neighbour in it; 0 in a line that is fixed as a whole. */
  readonly along: Float64Array;
  /** For each line, the weights of the neighbours in the line before, and after. */
  readonly before: Float64Array;
  readonly after: Float64Array;
}

/** Band by band, so that the weights of a large grid never are in memory at once. */
const BAND = 1 << 16;

const known = new WeakMap<Stencil, readonly [Lines | string, Lines | string]>();

/** Local. The lines of a stencil in each direction, columns first; or why they are not alike. */
export function linesOf(stencil: Stencil): readonly [columns: Lines | string, rows: Lines | string] {
  let found = known.get(stencil);
  if (!found) known.set(stencil, found = stencil.kind === "plain" ? plainLines(stencil) : weightedLines(stencil));
  return found;
}

function plainLines({ shape, cx, cy }: Stencil): readonly [Lines, Lines] {
  const lines = (axis: 0 | 1): Lines => {
    const count = shape[1 - axis]!;
    const inside = (weight: number) => {
      const weights = new Float64Array(count).fill(weight);
      weights[0] = weights[count - 1] = 0;
      return weights;
    };
    const across = inside(axis === 1 ? cy : cx);
    return {
      axis,
      ends: ["fixed", "fixed"],
      unknowns: [1, shape[axis]! - 1],
      along: inside(axis === 1 ? cx : cy),
      before: across,
      after: across,
    };
  };
  return [lines(0), lines(1)];
}

function weightedLines(stencil: Stencil): readonly [Lines | string, Lines | string] {
  const [ny, nx] = stencil.shape;
  const readers = [reader(stencil, 0), reader(stencil, 1)] as const;
  const step = Math.max(2, Math.floor(BAND / nx));
  for (let from = 0; from < ny && readers.some((one) => !one.reason()); from += step) {
    const to = Math.min(ny, from + step);
    const { an, as, aw, ae, d } = stencil.evaluate({ rows: [from, to], cols: [0, nx] });
    // A line's own weights are those at its second point; a column must know them before the others are compared.
    readers[0].compare({ w: an!, e: as!, n: aw!, s: ae!, d: d! }, from, to);
    readers[1].compare({ w: aw!, e: ae!, n: an!, s: as!, d: d! }, from, to);
  }
  return [readers[0].lines(), readers[1].lines()];
}

/** Weights of some rows as lines see them: west and east are along a line, north and south across. */
type Band = Readonly<Record<"w" | "e" | "n" | "s" | "d", GridData>>;

/** Compares the points of each line of a weighted stencil with the second one, which no edge is at. */
function reader({ shape, periodic, dtype }: Stencil, axis: 0 | 1) {
  const length = shape[axis]!;
  const count = shape[1 - axis]!;
  const nx = shape[1];
  const [along, before, after] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  /** Whether a line's second point is fixed, and so all of it must be. */
  const rigid = new Uint8Array(count);
  /** Whether the first points of lines, and the last, are fixed; unknown at first. */
  const held: [boolean | undefined, boolean | undefined] = [undefined, undefined];
  let reason: string | undefined;
  const unit = roundoff(dtype);
  // Weights are quotients of sums: a few roundings each.
  const same = (a: number, b: number) => Math.abs(a - b) <= 8 * unit;

  /** Compares a point, `place` in its line and `k` in its band. @returns why the lines are not alike, or undefined */
  const check = (band: Band, line: number, place: number, k: number) => {
    const w = band.w[k]!, e = band.e[k]!, n = band.n[k]!, s = band.s[k]!, fixed = band.d[k] === 0;
    const end = place === 0 ? 0 : place === length - 1 ? 1 : undefined;
    if (rigid[line]) return fixed ? undefined : "some points inside are held fixed";
    const wraps = periodic[axis];
    if (end === undefined || wraps) {
      if (fixed) return end === undefined ? "some points inside are held fixed" : "an edge is held fixed in part";
    } else {
      held[end] ??= fixed;
      if (held[end] !== fixed) return "an edge is held fixed in part";
      if (fixed) return undefined;
      // A free end: the only neighbour in the line counts twice.
      const [outer, inner] = end === 0 ? [w, e] : [e, w];
      if (outer !== 0 || !same(inner, 2 * along[line]!)) return VARIES;
    }
    const inLine = end !== undefined && !wraps || (same(w, along[line]!) && same(e, along[line]!));
    return inLine && same(n, before[line]!) && same(s, after[line]!) ? undefined : VARIES;
  };

  return {
    reason: () => reason,
    compare(band: Band, from: number, to: number): void {
      const at = (i: number, j: number) => (i - from) * nx + j;
      const learn = (line: number, k: number) => {
        along[line] = band.w[k]!;
        before[line] = band.n[k]!;
        after[line] = band.s[k]!;
        rigid[line] = band.d[k] === 0 ? 1 : 0;
      };
      for (let i = from; i < to && reason === undefined; i++) {
        if (axis === 1) {
          learn(i, at(i, 1));
          for (let j = 0; j < nx; j++) reason ??= check(band, i, j, at(i, j));
        } else {
          // The second point of every column is in row 1; row 0 is compared with it.
          if (i === 0) { for (let j = 0; j < nx; j++) learn(j, at(1, j)); }
          for (let j = 0; j < nx; j++) reason ??= check(band, j, i, at(i, j));
        }
      }
    },
    lines(): Lines | string {
      if (reason !== undefined) return reason;
      const end = (fixed?: boolean): End => periodic[axis] ? "periodic" : fixed ? "fixed" : "free";
      const [low, high] = [end(held[0]), end(held[1])];
      return {
        axis,
        ends: [low, high],
        unknowns: [low === "fixed" ? 1 : 0, high === "fixed" ? length - 1 : length],
        along,
        before,
        after,
      };
    },
  };
}

const VARIES = "its weights vary along rows and along columns (conductivity, or convection)";

const DIFFERS = "its conductivity varies, or an edge convects";

/** Local. Why no direction of a stencil has lines that are alike, or undefined. */
export function separationFails(stencil: Stencil): string | undefined {
  const found = linesOf(stencil);
  const [columns, rows] = found;
  if (typeof columns !== "string" || typeof rows !== "string") return undefined;
  return columns === VARIES ? rows : columns;
}

/** A direction whose lines are alike, its ends, and the weight of either neighbour in it: the same everywhere. */
export interface Uniform {
  readonly rows: Lines;
  readonly columns: Lines;
  readonly cx: number;
  readonly cy: number;
}

/** Local. Both directions of a stencil whose waves separate in both, or why they do not. */
export function uniformOf(stencil: Stencil): Uniform | string {
  const [columns, rows] = linesOf(stencil);
  if (typeof rows === "string" || typeof columns === "string") {
    return [rows, columns].find((why) => typeof why === "string" && why !== VARIES) as string ?? DIFFERS;
  }
  const unit = roundoff(stencil.dtype);
  const alike = ({ along }: Lines, [from, to]: Lines["unknowns"]) =>
    along.every((weight, line) => line < from || line >= to || Math.abs(weight - along[from]!) <= 8 * unit);
  const cx = rows.along[columns.unknowns[0]]!;
  const cy = columns.along[rows.unknowns[0]]!;
  if (!alike(rows, columns.unknowns) || !alike(columns, rows.unknowns)) return DIFFERS;
  if (Math.abs(1 - 2 * (cx + cy)) > 16 * unit) return DIFFERS;
  return { rows, columns, cx, cy };
}
