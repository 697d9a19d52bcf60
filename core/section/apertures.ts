/**
 * Apertures: what holes leave open of the faces of cells (J. W. Purvis, J. E. Burkhalter, AIAA J. 17 (1979) 1178; Y. T. Ng,
 * C. Min, F. Gibou, J. Comput. Phys. 228 (2009) 8807). A node in a hole takes part while a face of its cell is open.
 *
 * A wall may be thinner than a cell, and nothing must leak through it. So a face counts with what is connected to the nodes
 * on both sides, going around their cells: of the open spans of a cell's outline those are its node's that it sees along a
 * grid line. A cell with one span has no wall; a node in a hole that parts the outline of its cell lies in a wall, and has no
 * face.
 *
 * @module
 */

import type { PaintedLine } from "../geometry/grid_region.ts";
import type { PaintedLines } from "./painted_lines.ts";

/** The sides of a cell, clockwise. */
const NORTH = 0, EAST = 1, SOUTH = 2, WEST = 3;

/** Sides on edges are looked at from so far inside, in links. */
const INSIDE = 1e-5;

/** What is open of the outline of a cell, side by side: intervals of columns, or of rows, each two numbers. */
type OpenSides = readonly [north: number[], east: number[], south: number[], west: number[]];

/** A span of an outline, open from one place to another of a side. */
interface OpenSpan {
  readonly side: number;
  readonly from: number;
  readonly to: number;
  /** Whether it goes on around the corner at its lower end, and its upper one. */
  readonly low: boolean;
  readonly high: boolean;
  arc: number;
}

/** The open faces of a plate with holes. */
export class Apertures {
  /** 1 for nodes whose cells outlines of holes cut, C order. */
  readonly near: Uint8Array;
  readonly #cells = new Map<number, OpenSides>();

  /**
   * @param isHole by layer
   * @param inHole by node, C order
   * @param weight the mean weight of a span of a row, from one column to another
   */
  constructor(
    readonly lines: PaintedLines,
    readonly isHole: readonly boolean[],
    readonly inHole: (node: number) => boolean,
    readonly weight: (from: number, to: number) => number,
  ) {
    const [ny, nx] = lines.shape;
    this.near = new Uint8Array(ny * nx);
    for (const axis of [0, 1] as const) {
      const across = lines.shape[1 - axis]!;
      for (let n = 0; n < across; n++) {
        this.#mark(axis, n, [n]);
        this.#mark(axis, n + 0.5, [n, n + 1]);
      }
    }
  }

  /** Local. The open fraction of the face between a node and the next one along an axis (1: to the east). */
  face(axis: 0 | 1, row: number, col: number): number {
    const [ny, nx] = this.lines.shape;
    const [one, other] = axis === 1
      ? [this.#open(row, col)[EAST], this.#open(row, (col + 1) % nx)[WEST]]
      : [this.#open(row, col)[SOUTH], this.#open((row + 1) % ny, col)[NORTH]];
    const [low, high] = this.lines.cell(axis, axis === 1 ? row : col);
    let sum = 0;
    for (let k = 0; k < one.length; k += 2) {
      for (let m = 0; m < other.length; m += 2) {
        sum += this.#length(axis, Math.max(one[k]!, other[m]!), Math.min(one[k + 1]!, other[m + 1]!));
      }
    }
    return sum / this.#length(axis, low, high);
  }

  /** Local. The open fraction of the side of a cell that lies on an edge. */
  edge(name: "north" | "south" | "west" | "east", row: number, col: number): number {
    const side = { north: NORTH, east: EAST, south: SOUTH, west: WEST }[name];
    const axis = side === NORTH || side === SOUTH ? 0 : 1;
    const open = this.#open(row, col)[side]!;
    const [low, high] = this.lines.cell(axis, axis === 1 ? row : col);
    let sum = 0;
    for (let k = 0; k < open.length; k += 2) sum += this.#length(axis, open[k]!, open[k + 1]!);
    return sum / this.#length(axis, low, high);
  }

  /** The length, times its weight, of a span of a face across an axis. */
  #length(axis: 0 | 1, from: number, to: number): number {
    return to > from ? (to - from) * (axis === 0 ? this.weight(from, to) : 1) : 0;
  }

  /** Marks the cells at which outlines of holes meet a line along an axis, in the rows, or columns, that it belongs to. */
  #mark(axis: 0 | 1, place: number, owners: readonly number[]): void {
    const { lines: { shape, periodic }, isHole, near } = this;
    const [count, across] = [shape[axis]!, shape[1 - axis]!];
    if (place > across - 1 && !periodic[1 - axis]) return;
    const { ends, layers } = this.lines.at(axis, place);
    for (let k = 0; k + 1 < ends.length; k++) {
      if (!isHole[layers[k]!] && !isHole[layers[k + 1]!]) continue;
      if (!(ends[k]! > -2 && ends[k]! < count + 1)) continue;
      for (let n = Math.ceil(ends[k]! - 0.5); n <= Math.floor(ends[k]! + 0.5); n++) {
        if (!periodic[axis] && (n < 0 || n >= count)) continue;
        for (const m of owners) {
          const [along, line] = [(n + count) % count, m % across];
          near[axis === 1 ? line * shape[1] + along : along * shape[1] + line] = 1;
        }
      }
    }
  }

  #open(row: number, col: number): OpenSides {
    const node = row * this.lines.shape[1] + col;
    let open = this.#cells.get(node);
    if (open === undefined) this.#cells.set(node, open = this.#around(row, col));
    return open;
  }

  /** What is open around a cell, and connected to its node. */
  #around(row: number, col: number): OpenSides {
    const { lines } = this;
    const [top, bottom] = lines.cell(1, row);
    const [left, right] = lines.cell(0, col);
    // What only touches an edge from outside does not close it.
    const side = (axis: 0 | 1, place: number, node: number, inwards: number) =>
      lines.at(axis, place === node ? place + inwards * INSIDE : place);
    const spans = [
      ...this.#spans(NORTH, side(1, top, row, 1), left, right),
      ...this.#spans(EAST, side(0, right, col, -1), top, bottom),
      ...this.#spans(SOUTH, side(1, bottom, row, -1), left, right).reverse(),
      ...this.#spans(WEST, side(0, left, col, 1), top, bottom).reverse(),
    ];
    const arcs = joinArcs(spans);
    const [along, down] = [lines.at(1, row), lines.at(0, col)];
    const inWall = this.inHole(row * lines.shape[1] + col) || this.#isCrack(along, col) || this.#isCrack(down, row);
    const own = new Set<number>();
    if (arcs === 1) own.add(spans[0]!.arc);
    else if (!inWall) {
      for (const { side, from, to, arc } of spans) {
        const lengthwise = side === NORTH || side === SOUTH;
        const middle = lengthwise ? col : row;
        const end = [top, right, bottom, left][side]!;
        if (from > middle || to < middle) continue;
        if (lengthwise ? this.#sees(down, row, end) : this.#sees(along, col, end)) own.add(arc);
      }
    }
    const open: OpenSides = [[], [], [], []];
    for (const { side, from, to, arc } of spans) if (own.has(arc)) open[side]!.push(from, to);
    return open;
  }

  /** The open spans of a side. */
  #spans(side: number, { ends, layers }: PaintedLine, low: number, high: number): OpenSpan[] {
    const spans: OpenSpan[] = [];
    let [from, fromCorner] = [low, true];
    for (let k = 0, start = -Infinity; k < ends.length && start <= high; k++) {
      const end = ends[k]!;
      if (this.isHole[layers[k]!] && end >= low) {
        if (start > from) spans.push({ side, from, to: start, low: fromCorner, high: false, arc: 0 });
        [from, fromCorner] = [Math.max(from, end), false];
      }
      start = end;
    }
    if (from < high) spans.push({ side, from, to: high, low: fromCorner, high: true, arc: 0 });
    return spans;
  }

  /** Whether a line meets no hole from a node to the end of its cell. */
  #sees({ ends, layers }: PaintedLine, node: number, end: number): boolean {
    if (node === end) return true;
    const [low, high] = node < end ? [node, end] : [end, node];
    for (let k = 0, start = -Infinity; k < ends.length && start <= high; k++) {
      const stop = ends[k]!;
      if (this.isHole[layers[k]!] && stop >= low && !(start === stop && start === node)) {
        // A hole on the other side may touch the node.
        if (node < end ? stop > node : start < node) return false;
      }
      start = stop;
    }
    return true;
  }

  /** Whether a line crosses a hole without a thickness at a place. */
  #isCrack({ ends, layers }: PaintedLine, place: number): boolean {
    for (let k = 1; k < ends.length; k++) {
      if (ends[k] === place && ends[k - 1] === place && this.isHole[layers[k]!]) return true;
    }
    return false;
  }
}

/** Joins spans, clockwise, that meet at corners. @returns how many arcs they make */
function joinArcs(spans: readonly OpenSpan[]): number {
  if (spans.length === 0) return 0;
  // Clockwise the north and the east side go up, the others down.
  const ends = ({ side, low, high }: OpenSpan) =>
    side === NORTH || side === EAST ? [low, high] as const : [high, low] as const;
  const meets = (one: OpenSpan, next: OpenSpan) => (one.side + 1) % 4 === next.side && ends(one)[1] && ends(next)[0];
  let arcs = 0;
  spans.forEach((span, n) => {
    if (n > 0 && !meets(spans[n - 1]!, span)) arcs++;
    span.arc = arcs;
  });
  const last = spans.at(-1)!;
  if (arcs > 0 && meets(last, spans[0]!)) {
    for (const span of spans) if (span.arc === arcs) span.arc = 0;
    return arcs;
  }
  return arcs + 1;
}
