/**
 * Lines of a grid, and between its nodes, with the layers on them: what the discretisation knows of the parts of a section.
 *
 * @module
 */

import { type GridRegion, PaintedLine } from "../geometry/grid_region.ts";

/** Lines by which areas are measured, in a row of cells; and in a part of it, where a layer begins or ends there. */
const LINES = 4, LINES_OF_PART = 2;

const BLANK = new PaintedLine();

/** Lines with layers on them, each painted once. Places are rows and columns; around a period they repeat. */
export class PaintedLines {
  readonly #painted = [new Map<number, PaintedLine>(), new Map<number, PaintedLine>()] as const;

  readonly #samples: (readonly { readonly line: PaintedLine; readonly weight: number }[])[] = [];
  readonly #levels: readonly number[];

  /**
   * @param regions of the layers; later ones are on top
   * @param levels where rows of cells are divided besides, so that areas of other lines add up with these
   */
  constructor(
    readonly shape: readonly [ny: number, nx: number],
    readonly periodic: readonly [rows: boolean, cols: boolean],
    readonly regions: readonly GridRegion[],
    levels: readonly number[] = [],
  ) {
    this.#levels = [...regions.flatMap(({ levels = [] }) => levels), ...levels];
  }

  /** Local. The line along an axis (1: a row) at a place across it. Around a period it begins and ends a link beyond. */
  at(axis: 0 | 1, place: number): PaintedLine {
    const count = this.shape[1 - axis]!;
    const at = this.periodic[1 - axis] ? (place + count) % count : place;
    const known = this.#painted[axis].get(at);
    if (known) return known;
    let line: PaintedLine | undefined;
    for (let n = 0; n < this.regions.length; n++) {
      const region = this.regions[n]!;
      const [low, high] = axis === 1 ? region.rows : region.cols;
      if (at < low || at > high) continue;
      for (const chord of axis === 1 ? region.alongRow(at) : region.alongColumn(at)) {
        (line ??= new PaintedLine()).paint(chord[0], chord[1], n);
      }
    }
    this.#painted[axis].set(at, line ?? BLANK);
    return line ?? BLANK;
  }

  /** Local. The ends of the cell of node `n` of the lines across an axis: at an edge it has one half. */
  cell(axis: 0 | 1, n: number): readonly [low: number, high: number] {
    const wraps = this.periodic[1 - axis]!;
    const last = this.shape[1 - axis]! - 1;
    return [n === 0 && !wraps ? 0 : n - 0.5, n === last && !wraps ? last : n + 0.5];
  }

  /** Local. Where layers are on top. */
  visible(isIn: (layer: number) => boolean): GridRegion {
    const along = (axis: 0 | 1) => (place: number) => {
      const { ends, layers } = this.at(axis, place);
      return layers.flatMap((layer, k): [number, number][] =>
        layer >= 0 && isIn(layer) ? [[ends[k - 1] ?? -Infinity, ends[k]!]] : []
      );
    };
    return { alongRow: along(1), alongColumn: along(0), rows: [-Infinity, Infinity], cols: [-Infinity, Infinity] };
  }

  /** Local. Adds the fraction of each cell of a row that is in a layer. @returns the columns [from, to) beyond which it is 0 */
  addCoverage(row: number, layer: number, out: Float64Array): readonly [from: number, to: number] {
    const nx = this.shape[1];
    const wraps = this.periodic[1];
    let [first, last] = [nx, 0];
    const samples = this.#samplesOf(row);
    for (let m = 0; m < samples.length; m++) {
      const { ends, layers } = samples[m]!.line;
      const { weight } = samples[m]!;
      for (let k = 0, from = -Infinity; k < ends.length; k++) {
        const to = ends[k]!;
        if (layers[k] === layer && to > from && to > -0.5 && from < nx - 0.5) {
          addOverlap(Math.max(from, -0.5), Math.min(to, nx - 0.5), weight, wraps, out);
          first = Math.min(first, Math.max(0, Math.floor(from)));
          last = Math.max(last, Math.min(nx, Math.ceil(to) + 1));
        }
        from = to;
      }
    }
    return [first, Math.max(first, last)];
  }

  /** The lines that stand for a row of cells, which share its height. Where a layer begins or ends it is divided. */
  #samplesOf(row: number): readonly { readonly line: PaintedLine; readonly weight: number }[] {
    const known = this.#samples[row];
    if (known) return known;
    const [low, high] = this.cell(1, row);
    const count = this.shape[0];
    const levels = this.#levels.map((level) => this.periodic[0] && level - row > count / 2 ? level - count : level);
    const inside = levels.filter((level) => level > low && level < high).sort((a, b) => a - b);
    const cuts = [low, ...inside, high];
    const lines = inside.length > 0 ? LINES_OF_PART : LINES;
    const samples = cuts.slice(1).flatMap((end, k) => {
      const start = cuts[k]!;
      return Array.from({ length: end > start ? lines : 0 }, (_, m) => ({
        line: this.at(1, start + (end - start) * (m + 0.5) / lines),
        weight: (end - start) / lines / (high - low),
      }));
    });
    return this.#samples[row] = samples;
  }
}

/** Adds to each cell of a row the fraction of it that lies between two places, times a weight. */
function addOverlap(from: number, to: number, weight: number, wraps: boolean, out: Float64Array): void {
  const first = Math.max(0, Math.round(from));
  const end = Math.min(out.length - 1, Math.round(to));
  for (let j = first + 1; j < end; j++) out[j]! += weight;
  out[first]! += weight * overlap(first, from, to, wraps, out.length - 1);
  if (first < end) out[end]! += weight * overlap(end, from, to, wraps, out.length - 1);
}

/** The fraction of a cell that lies between two places. */
function overlap(j: number, from: number, to: number, wraps: boolean, last: number): number {
  const low = j === 0 && !wraps ? 0 : j - 0.5;
  const high = j === last && !wraps ? last : j + 0.5;
  return Math.max(0, Math.min(to, high) - Math.max(from, low)) / (high - low);
}
