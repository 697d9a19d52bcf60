/**
 * Regions in the coordinates of a grid, where nodes are whole numbers: column 0 is the first, row 0 the top one. What is
 * nearer to a node than a millionth of a link is on it.
 *
 * @module
 */

import { union } from "./chords.ts";
import type { Chords, NodeGrid, Region } from "./region.ts";

/** Where lines of a grid, or between its nodes, lie inside of a region. */
export interface GridRegion {
  /** Local. Intervals of columns on the line at a row, which need not be whole. */
  alongRow(row: number): Chords;
  /** Local. Intervals of rows on the line at a column, which need not be whole. */
  alongColumn(column: number): Chords;
  /** No line beyond these rows and columns meets it. */
  readonly rows: readonly [number, number];
  readonly cols: readonly [number, number];
  /** Rows between nodes at which it begins or ends, as far as they are known. */
  readonly levels?: readonly number[];
}

/** What is nearer to a node, in links, is on it. */
export const ON_NODE = 1e-6;

/** Local. A region on a grid, with the outline that it has. */
export function onGrid(
  region: Region,
  { shape: [ny], spacing: [dy, dx], origin: [south, west] }: NodeGrid,
): GridRegion {
  const top = south + (ny - 1) * dy;
  const column = (x: number) => snapped((x - west) / dx);
  const row = (y: number) => snapped((top - y) / dy);
  const { box } = region;
  return {
    alongRow: (i) => region.alongX(top - i * dy).map(([from, to]) => [column(from), column(to)] as const),
    alongColumn: (j) => region.alongY(west + j * dx).map(([from, to]) => [row(to), row(from)] as const).reverse(),
    rows: [(top - box.y[1]) / dy - ON_NODE, (top - box.y[0]) / dy + ON_NODE],
    cols: [(box.x[0] - west) / dx - ON_NODE, (box.x[1] - west) / dx + ON_NODE],
    levels: [row(box.y[1]), row(box.y[0])].filter(Number.isFinite),
  };
}

/**
 * Local. A region on a grid whose rows or columns are periodic: it goes on at the opposite side. Its intervals reach one link
 * beyond the period, on either side.
 *
 * @param complement whether it is all but a shape, and so all but the repetitions of that
 * @param shape what is repeated, if `complement`
 */
export function repeated(
  region: GridRegion,
  [ny, nx]: readonly [number, number],
  [rowsWrap, colsWrap]: readonly [rows: boolean, cols: boolean],
  complement = false,
  shape: Pick<GridRegion, "rows" | "cols" | "levels"> = region,
): GridRegion {
  if (!rowsWrap && !colsWrap) return { ...region, ...(shape.levels && { levels: shape.levels }) };
  /** Intervals along a line, at a place across it; the period of each direction, Infinity where there is none. */
  const wrap = (along: (at: number) => Chords, across: Range, own: Range, [count, period]: Range) => (at: number) => {
    const lines = count < Infinity ? repetitions(at, at, across, count).map((shift) => along(at - shift)) : [along(at)];
    if (period === Infinity) {
      return complement ? lines.reduce(common, LINE) : lines.length > 1 ? union(lines.flat()) : lines[0] ?? [];
    }
    const shifts = repetitions(-1, period + 1, own, period);
    const images = lines.flatMap((chords) => shifts.map((shift) => moved(chords, shift)));
    return clip(complement ? images.reduce(common, LINE) : union(images.flat()), -1, period + 1);
  };
  const [rows, cols] = [rowsWrap ? ny : Infinity, colsWrap ? nx : Infinity];
  return {
    alongRow: wrap(region.alongRow, shape.rows, shape.cols, [rows, cols]),
    alongColumn: wrap(region.alongColumn, shape.cols, shape.rows, [cols, rows]),
    rows: rowsWrap ? ENDLESS : region.rows,
    cols: colsWrap ? ENDLESS : region.cols,
    levels: (shape.levels ?? []).map((level) => rowsWrap ? ((level % ny) + ny) % ny : level),
  };
}

/** Local. The nodes of a region, with half a link around each of them if `half`. */
export function wholeNodes(region: GridRegion, half: boolean): GridRegion {
  const margin = half ? 0.5 : 0;
  const nodes = (chords: Chords): Chords =>
    chords.flatMap(([from, to]) =>
      Math.ceil(from) <= Math.floor(to) ? [[Math.ceil(from) - margin, Math.floor(to) + margin]] : []
    );
  const near = (along: (at: number) => Chords) => (at: number): Chords => {
    const [low, high] = [Math.ceil(at - 0.5), Math.floor(at + 0.5)];
    if (low === high) return Math.abs(at - low) <= margin ? nodes(along(low)) : [];
    // Halfway between two lines of nodes both count.
    return half ? union([...nodes(along(low)), ...nodes(along(high))]) : [];
  };
  return {
    alongRow: near(region.alongRow),
    alongColumn: near(region.alongColumn),
    rows: [region.rows[0] - margin, region.rows[1] + margin],
    cols: [region.cols[0] - margin, region.cols[1] + margin],
  };
}

/** Local. The nodes where a mask of ny x nx points, C order, is not 0. */
export function maskRegion(mask: Uint8Array | Uint16Array, [ny, nx]: readonly [number, number]): GridRegion {
  const row = remembered((i) => runs(mask, 1, i * nx, 1, nx, 0));
  const column = remembered((j) => runs(mask, 1, j, nx, ny, 0));
  return {
    alongRow: (i) => Number.isInteger(i) && i >= 0 && i < ny ? row(i) : [],
    alongColumn: (j) => Number.isInteger(j) && j >= 0 && j < nx ? column(j) : [],
    rows: [0, ny - 1],
    cols: [0, nx - 1],
  };
}

/** Local. The cells between nodes that have a number, rows x cols of them in C order. Grid lines belong to the cells on both sides. */
export function cellRegion(numbers: Uint16Array, number: number, [rows, cols]: readonly [number, number]): GridRegion {
  const row = remembered((i) => i >= 0 && i < rows ? runs(numbers, number, i * cols, 1, cols, 1) : []);
  const column = remembered((j) => j >= 0 && j < cols ? runs(numbers, number, j, cols, rows, 1) : []);
  const near = (along: (n: number) => Chords) => (at: number): Chords => {
    const [before, after] = [Math.ceil(at) - 1, Math.floor(at)];
    return before === after ? along(after) : union([...along(before), ...along(after)]);
  };
  return { alongRow: near(row), alongColumn: near(column), rows: [0, rows], cols: [0, cols] };
}

/** A line with the layer that is on top in each of its segments. */
export class PaintedLine {
  /** Where segments end; the last one is endless. */
  readonly ends: number[] = [Infinity];
  /** The layer of each; -1: none. */
  readonly layers: number[] = [-1];

  /** Puts a layer on top of all before, from one place to another; where these are the same there is a segment of no length. */
  paint(from: number, to: number, layer: number): void {
    const { ends, layers } = this;
    let first = 0;
    // By halves: drawings have long lines.
    for (let end = ends.length - 1; first < end;) {
      const middle = (first + end) >> 1;
      if (ends[middle]! < from) first = middle + 1;
      else end = middle;
    }
    let last = first;
    while (ends[last]! <= to && last < ends.length - 1) last++;
    const before = layers[first]!, after = layers[last]!, end = ends[last]!;
    const newEnds = to < end ? [from, to, end] : [from, end];
    const newLayers = to < end ? [before, layer, after] : [before, layer];
    ends.splice(first, last - first + 1, ...newEnds);
    layers.splice(first, last - first + 1, ...newLayers);
  }
}

// ---- helpers ----

type Range = readonly [from: number, to: number];

const LINE: Chords = [[-Infinity, Infinity]];
const ENDLESS: Range = [-Infinity, Infinity];

/** The multiples of a period by which a range can be moved to meet another one; of one that repeats itself those nearby. */
function repetitions(from: number, to: number, [low, high]: Range, period: number): number[] {
  if (low === -Infinity) return from === to ? [0] : [-period, 0, period];
  const [first, last] = [Math.ceil((from - high) / period), Math.floor((to - low) / period)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => (first + n) * period);
}

function moved(chords: Chords, by: number): Chords {
  return by === 0 ? chords : chords.map(([from, to]) => [from + by, to + by]);
}

function clip(chords: Chords, low: number, high: number): Chords {
  return common(chords, [[low, high]]);
}

/** What two sets of intervals share; not the points where they only touch. */
function common(one: Chords, other: Chords): Chords {
  const shared: Range[] = [];
  for (const [from, to] of one) {
    for (const [start, end] of other) {
      const [low, high] = [Math.max(from, start), Math.min(to, end)];
      if (low < high || (low === high && (from === to || start === end))) shared.push([low, high]);
    }
  }
  return shared;
}

/** Where a number stands in a line of an array, as intervals whose ends are the first place and the last, or `more` beyond it. */
function runs(
  values: Uint8Array | Uint16Array,
  number: number,
  start: number,
  step: number,
  count: number,
  more: number,
): Chords {
  const found: Range[] = [];
  for (let n = 0, at = start; n < count; n++, at += step) {
    if (values[at] !== number) continue;
    const from = n;
    while (n + 1 < count && values[at + step] === number) n++, at += step;
    found.push([from, n + more]);
  }
  return found;
}

/** A function that computes each of its values once. */
function remembered(compute: (n: number) => Chords): (n: number) => Chords {
  const known = new Map<number, Chords>();
  return (n) => {
    let value = known.get(n);
    if (value === undefined) known.set(n, value = compute(n));
    return value;
  };
}

function snapped(place: number): number {
  const node = Math.round(place);
  return Math.abs(place - node) <= ON_NODE ? node : place;
}
