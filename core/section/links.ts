/**
 * The conductances of links that are not those between two nodes of one layer.
 *
 * - A link from a free node that meets a held part at the fraction t of its length ends there: its conductance is that of what
 *   lies before, over t (F. Gibou, R. P. Fedkiw, L.-T. Cheng, M. Kang, J. Comput. Phys. 176 (2002) 205), and what is held
 *   is a constant term, like convection of that conductance. It is symmetric, an M-matrix, and of second order.
 * - Between materials a link has the conductance of its segments in series, where fields cross outlines at right angles of
 *   second order; along an outline that is parallel to it the mean over its face. No two-point formula is both.
 *
 * @module
 */

import { ON_NODE, type PaintedLine } from "../geometry/grid_region.ts";
import type { Apertures } from "./apertures.ts";
import { HELD, HOLE, LayerKinds, MEDIUM, type Meeting } from "./layer_kinds.ts";
import type { PaintedLines } from "./painted_lines.ts";
import type { Layer, Plate } from "../finite_volumes/section.ts";

/** What flows into a node from a held part, through a link that ends at an outline. */
export interface Sink {
  readonly row: number;
  readonly col: number;
  readonly conductance: number;
  readonly endRow: number;
  readonly endCol: number;
  readonly layer: number;
}

/** The links along an axis (1: to the east) of a plate with layers. */
export class Links {
  readonly #kinds: LayerKinds;

  constructor(
    readonly plate: Plate,
    readonly layers: readonly Layer[],
    readonly lines: PaintedLines,
    readonly owners: Int16Array,
    readonly apertures: Apertures | undefined,
    readonly axis: 0 | 1,
  ) {
    this.#kinds = new LayerKinds(layers);
  }

  /** Local. The links on each line along the axis, by their first node, that are near outlines; in ascending order. */
  marked(): Int32Array[] {
    const { axis, lines, plate: { shape, periodic } } = this;
    const [count, across] = [shape[axis]!, shape[1 - axis]!];
    const links = periodic[axis] ? count : count - 1;
    const found: number[][] = Array.from({ length: across }, () => []);
    for (let n = 0; n < across; n++) {
      for (const end of this.#kinds.outlines(lines.at(axis, n), count, HELD)) {
        found[n]!.push(Math.floor(end));
        if (Number.isInteger(end)) found[n]!.push((end - 1 + count) % count);
      }
    }
    for (let link = 0; this.#kinds.mixed && link < links; link++) {
      // A held part that only covers a piece of a face changes nothing.
      for (const end of this.#kinds.outlines(this.#face(link + 0.5), across, HOLE)) {
        for (let n = Math.ceil(end - 0.5); n <= Math.floor(end + 0.5); n++) found[(n + across) % across]?.push(link);
      }
    }
    this.#markNodes(found);
    return found.map((all) =>
      Int32Array.from(all).sort().filter((link, k, sorted) => link < links && (k === 0 || link > sorted[k - 1]!))
    );
  }

  /** Adds links between nodes of two layers, and those of cells that holes cut. */
  #markNodes(found: readonly number[][]): void {
    const { axis, owners, plate: { shape: [ny, nx], periodic }, apertures } = this;
    const places: number[] = [];
    for (let i = 0; i < ny; i++) {
      const row = owners.subarray(i * nx, i * nx + nx);
      const next = axis === 1 ? row.subarray(1) : owners.subarray((i + 1) % ny * nx, (i + 1) % ny * nx + nx);
      places.length = 0;
      findUnlike(row, next, places);
      if (axis === 1 && periodic[1] && row[nx - 1] !== row[0]) places.push(nx - 1);
      for (const j of places) {
        if (this.#kinds.isOutline(row[j]!, next[j] ?? row[0]!)) {
          (axis === 1 ? found[i]! : found[j]!).push(axis === 1 ? j : i);
        }
      }
      if (apertures === undefined) continue;
      const near = apertures.near.subarray(i * nx, i * nx + nx);
      for (let j = near.indexOf(1); j >= 0; j = near.indexOf(1, j + 1)) {
        if (axis === 1) found[i]!.push((j - 1 + nx) % nx, j);
        else found[j]!.push((i - 1 + ny) % ny, i);
      }
    }
  }

  /**
   * Local. The conductance between a node and its next one.
   *
   * @param n the line
   * @param link the place of the node on it
   * @param sinks get what ends at a held part on the way
   */
  conductance(n: number, link: number, sinks: Sink[]): number {
    const { axis, lines, plate } = this;
    const [row, col] = this.#place(n, link);
    const shape = (axis === 1 ? plate.eastward(row, col) : plate.southward(row, col)) *
      (this.apertures?.face(axis, row, col) ?? 1);
    if (shape === 0) return 0;
    const line = lines.at(axis, n);
    const next = (link + 1) % plate.shape[axis]!;
    const [p, q] = [this.#owner(n, link), this.#owner(n, next)];
    const [first, last] = [this.#kinds.firstHeld(line, link, link + 1), this.#kinds.lastHeld(line, link, link + 1)];
    if (first === undefined && last === undefined && !this.#kinds.isHeld(p) && !this.#kinds.isHeld(q)) {
      return shape * this.#between(line, n, link);
    }
    // A node that counts as on the outline is held, though its line just misses the part.
    const sink = (node: number, at: Meeting | undefined) => {
      const conductance = at === undefined ? 0 : shape * this.#untilHeld(line, n, link, node, at.at);
      if (conductance === 0) return;
      const [row, col] = this.#place(n, node === link ? link : next);
      const [endRow, endCol] = this.#place(n, at!.at);
      sinks.push({ row, col, conductance, endRow, endCol, layer: at!.layer });
    };
    if (!this.#kinds.isHeld(p)) sink(link, first ?? (this.#kinds.isHeld(q) ? { at: link + 1, layer: q } : undefined));
    if (!this.#kinds.isHeld(q)) sink(link + 1, last ?? (this.#kinds.isHeld(p) ? { at: link, layer: p } : undefined));
    return 0;
  }

  #owner(n: number, along: number): number {
    const nx = this.plate.shape[1];
    return this.owners[this.axis === 1 ? n * nx + along : along * nx + n]!;
  }

  #place(n: number, along: number): readonly [row: number, col: number] {
    return this.axis === 1 ? [n, along] : [along, n];
  }

  /** The conductivity of a link between two nodes that are not held. */
  #between(line: PaintedLine, n: number, link: number): number {
    if (!this.#kinds.mixed) return this.#inSeries(line, n, link, link, link + 1);
    const middle = this.#face(link + 0.5);
    const parallel = this.#kinds.isOne(line, link, link + 1) && this.#differ(this.#face(link), middle, n) <= ON_NODE &&
      this.#differ(middle, this.#face(link + 1), n) <= ON_NODE;
    const mean = parallel ? this.#mean(middle, n, link) : NaN;
    return mean >= 0 ? mean : this.#inSeries(line, n, link, link, link + 1);
  }

  /** The conductivity from a node to where a held part begins, over the distance in links. */
  #untilHeld(line: PaintedLine, n: number, link: number, node: number, at: number): number {
    const [low, high] = node < at ? [node, at] : [at, node];
    if (!(high > low)) return 0;
    if (!this.#kinds.mixed) return this.#inSeries(line, n, link, low, high, node) / (high - low);
    const face = this.#face(node);
    const parallel = this.#kinds.isOne(line, low, high) && this.#differ(face, this.#face(link + 0.5), n) <= ON_NODE;
    const mean = parallel || this.#kinds.kindOf(this.#owner(n, node % this.plate.shape[this.axis]!)) === HOLE
      ? this.#mean(face, n, link, node)
      : NaN;
    const k = mean >= 0
      ? mean * this.#weight(this.axis, low, high) / this.#weight(this.axis, link, link + 1)
      : this.#inSeries(line, n, link, low, high, node);
    return k / (high - low);
  }

  /** The line across the axis at a place, on which the faces of links lie. */
  #face(place: number): PaintedLine {
    return this.lines.at(this.axis === 1 ? 0 : 1, place);
  }

  /** The length of a face along which two lines across have different materials. */
  #differ(one: PaintedLine, other: PaintedLine, n: number): number {
    if (one === other) return 0;
    const [low, high] = this.lines.cell(this.axis, n);
    let length = 0;
    for (let k = 0, m = 0, from = low; from < high;) {
      while (one.ends[k]! <= from) k++;
      while (other.ends[m]! <= from) m++;
      const to = Math.min(one.ends[k]!, other.ends[m]!, high);
      const [a, b] = [this.#kinds.kindOf(one.layers[k]!), this.#kinds.kindOf(other.layers[m]!)];
      if (a !== b && a >= MEDIUM && b >= MEDIUM) length += to - from;
      from = to;
    }
    return length;
  }

  /**
   * The mean conductivity of a link over its face, as far as materials are there; NaN where none is.
   *
   * @param node where k of the medium is taken; that of the link if undefined
   */
  #mean({ ends, layers }: PaintedLine, n: number, link: number, node?: number): number {
    const [low, high] = this.lines.cell(this.axis, n);
    const across = this.axis === 1 ? 0 : 1;
    const place = node ?? link + 0.5;
    let [sum, size] = [0, 0];
    const add = (layer: number, from: number, to: number) => {
      if (!(to > from)) return;
      const weight = (to - from) * this.#weight(across, from, to);
      size += weight;
      sum += weight *
        (this.#kinds.kindOf(layer) === MEDIUM
          ? this.#medium(n, link, node, from < n ? 0 : 1)
          : this.layers[layer]!.conductivity(...this.#place((from + to) / 2, place)));
    };
    for (let k = 0, start = -Infinity; k < ends.length && start < high; k++) {
      const [from, to] = [Math.max(start, low), Math.min(ends[k]!, high)];
      start = ends[k]!;
      if (this.#kinds.kindOf(layers[k]!) < MEDIUM) continue;
      // Cells of the medium differ on both sides of the link.
      add(layers[k]!, from, Math.min(to, n));
      add(layers[k]!, Math.max(from, n), to);
    }
    return sum / size;
  }

  /** The conductivity of a piece of a link, whose materials are in series; 0 where there is none. */
  #inSeries({ ends, layers }: PaintedLine, n: number, link: number, low: number, high: number, node?: number): number {
    let [length, resistance] = [0, 0];
    for (let k = 0, start = -Infinity; k < ends.length && start < high; k++) {
      const [from, to] = [Math.max(start, low), Math.min(ends[k]!, high)];
      start = ends[k]!;
      const kind = this.#kinds.kindOf(layers[k]!);
      if (!(to > from) || kind < MEDIUM) continue;
      const end = from === link ? (to === link + 1 ? undefined : link) : to === link + 1 ? link + 1 : undefined;
      const own = kind === MEDIUM
        ? this.#medium(n, link, node ?? end)
        : this.layers[layers[k]!]!.conductivity(...this.#place(n, (from + to) / 2));
      length += to - from;
      resistance += (to - from) / (own * this.#weight(this.axis, from, to));
    }
    return length > 0 ? length / resistance / this.#weight(this.axis, link, link + 1) : 0;
  }

  /** The conductivity of the medium: at a node, else that of the link, or of the cell before it (0) or after it (1). */
  #medium(n: number, link: number, node: number | undefined, side?: 0 | 1): number {
    const { axis, plate } = this;
    const [ny, nx] = plate.shape;
    const [i, j] = this.#place(n, node ?? link);
    const own = node === undefined ? undefined : plate.conductivity(i % ny, j % nx);
    return own ?? plate.between(axis, ...this.#place(n, link), side);
  }

  /** The mean weight of a piece of a line along an axis: around an axis of rotation rows go outwards. */
  #weight(axis: 0 | 1, from: number, to: number): number {
    return axis === 1 ? this.plate.weight(from, to) : 1;
  }
}

/** Appends the places at which two rows differ, as far as both go. */
function findUnlike(one: Int16Array, other: Int16Array, places: number[]): void {
  for (let j = 0; j < other.length; j++) if (one[j] !== other[j]) places.push(j);
}
