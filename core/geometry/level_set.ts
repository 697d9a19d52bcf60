/**
 * Where a function of the position is greater than 0: its sign at the nodes of a line, and bisection between.
 *
 * @module
 */

import type { Limits } from "./chords.ts";
import type { Chords, NodeGrid } from "./region.ts";

/** Halves a link until what is left of it is 1e-12 of its length. */
const HALVINGS = 40;

/**
 * Local. The chords of a function on lines across y (first) and x. They end where its sign changes between two neighbouring
 * nodes of the line, and go on beyond the last node. What lies between two nodes alike is not seen; nor is, on a line between
 * lines of nodes, what lies between four nodes alike. So the function is called once for each node, and along outlines.
 *
 * @param where the function; where it is NaN counts as outside
 * @param closed whether 0 counts as inside
 */
export function levelSetLimits(
  where: (x: number, y: number) => number,
  closed: boolean,
  { shape: [ny, nx], spacing: [dy, dx], origin: [y0, x0] }: NodeGrid,
): readonly [acrossY: Limits, acrossX: Limits] {
  const holds = closed ? (x: number, y: number) => where(x, y) >= 0 : (x: number, y: number) => where(x, y) > 0;
  let known: Uint8Array | undefined;
  /** Whether it holds at each node, row by row from the south. */
  const nodes = () => known ??= signsOf(holds, [ny, nx], [dy, dx], [y0, x0]);
  const row = (i: number) => nodes().subarray(i * nx, i * nx + nx);
  const column = (j: number) => columnOf(nodes(), j, nx, ny);
  const at = (place: number, count: number, line: (n: number) => Uint8Array) => {
    const [low, high] = [Math.floor(place), Math.ceil(place)].map((n) => Math.max(0, Math.min(count - 1, n)));
    return [line(low!), line(high!)] as const;
  };
  return [
    (y) => [intervalsWhere((x) => holds(x, y), x0, dx, ...at(snapped((y - y0) / dy), ny, row))],
    (x) => [intervalsWhere((y) => holds(x, y), y0, dy, ...at(snapped((x - x0) / dx), nx, column))],
  ];
}

function signsOf(
  holds: (x: number, y: number) => boolean,
  [ny, nx]: readonly [number, number],
  [dy, dx]: readonly [number, number],
  [y0, x0]: readonly [number, number],
): Uint8Array {
  const signs = new Uint8Array(ny * nx);
  for (let i = 0, n = 0; i < ny; i++) {
    for (let j = 0; j < nx; j++, n++) {
      signs[n] = holds(x0 + j * dx, y0 + i * dy) ? 1 : 0;
    }
  }
  return signs;
}

function columnOf(signs: Uint8Array, start: number, step: number, count: number): Uint8Array {
  const column = new Uint8Array(count);
  for (let i = 0, n = start; i < count; i++, n += step) column[i] = signs[n]!;
  return column;
}

/** A place within rounding of a whole number is it. */
function snapped(place: number): number {
  const node = Math.round(place);
  return Math.abs(place - node) <= 1e-9 ? node : place;
}

/** @param before whether the condition holds at the nodes of the line before @param after the same of the one after */
function intervalsWhere(
  holds: (position: number) => boolean,
  start: number,
  step: number,
  before: Uint8Array,
  after: Uint8Array,
): Chords {
  const chords: (readonly [number, number])[] = [];
  const isInside = (k: number) => before[k] === after[k] ? before[k] === 1 : holds(start + k * step);
  let inside = isInside(0);
  let from = -Infinity;
  for (let k = 1; k < before.length; k++) {
    const next = isInside(k);
    if (next === inside) continue;
    const end = crossing(holds, start + (k - 1) * step, start + k * step, next);
    if (next) from = end;
    else chords.push([from, end]);
    inside = next;
  }
  if (inside) chords.push([from, Infinity]);
  return chords;
}

/** Where a condition changes on a link, as a position where it holds; `atEnd` is what it is at the end. */
function crossing(holds: (position: number) => boolean, start: number, end: number, atEnd: boolean): number {
  for (let n = 0; n < HALVINGS; n++) {
    const middle = start + (end - start) / 2;
    if (holds(middle) === atEnd) end = middle;
    else start = middle;
  }
  return atEnd ? end : start;
}
