/**
 * A picture of a field: colours for values, a scale that says which, the extremes and the shape in words.
 *
 * @module
 */

import { interpolateViridis } from "d3-scale-chromatic";
import type { GridData } from "../core/contract.ts";
import { GLYPH_HEIGHT, typeset } from "./font.ts";
import type { IndexedImage } from "./png.ts";
import { extremes, short, ticks } from "./ticks.ts";

/** Viridis: as bright as it is high, for every eye, in print too (van der Walt and Smith, 2015). */
const colour: (t: number) => string = interpolateViridis;

/** Colours of the map, an odd number so that one is in the middle; then paper, ink, frame and the colour of no value. */
const LEVELS = 251;
const [PAPER, INK, FRAME, NO_VALUE] = [LEVELS, LEVELS + 1, LEVELS + 2, LEVELS + 3] as const;
const PALETTE: IndexedImage["palette"] = [
  ...Array.from({ length: LEVELS }, (_, k): [number, number, number] => {
    const hex = Number.parseInt(colour(k / (LEVELS - 1)).slice(1), 16);
    return [hex >> 16, (hex >> 8) & 255, hex & 255];
  }),
  [255, 255, 255],
  [34, 34, 34],
  [120, 120, 120],
  [190, 190, 190],
];

/** Pixels. A grid is enlarged to at most ENLARGED, and reduced to at most REDUCED. */
const ENLARGED = 640;
const REDUCED = 1200;
const THINNEST = 24;
const SHORTEST_BAR = 200;
const BAR_WIDTH = 22;
const MARGIN = 20;
const GAP = 24;
const TICK = 6;
const TICK_DISTANCE = 48;
const MOST_TICKS = 12;
/** Pixels of the image for one of the font. */
const TEXT = 2;
const LINE = GLYPH_HEIGHT * TEXT;

/**
 * Local. Draws a field: north at the top, every point a rectangle of the proportions of `spacing`. Small grids are
 * enlarged point by point, large ones reduced by averages over boxes. Where there is NaN, as in holes, the paper is left blank;
 * infinite values are grey.
 *
 * @param shape [ny, nx], each at least 1.
 * @param data values in C order, in any unit.
 * @param spacing [dy, dx]; a picture more than 50 times as long as wide is thickened.
 *
 * @example
 * ```ts
 * import { heatmap } from "./heatmap.ts";
 *
 * const image = heatmap([2, 2], Float64Array.of(0, 1, 2, 3), [1, 1]);
 * console.log(image.width > 640); // true
 * ```
 */
export function heatmap(
  shape: readonly [ny: number, nx: number],
  data: GridData,
  spacing: readonly [dy: number, dx: number],
): IndexedImage {
  const [height, width] = plotSize(shape, spacing);
  const { low, high, missing } = extremes(data);
  const none = low > high;
  const barHeight = Math.max(height, SHORTEST_BAR);
  const marks = none ? [] : ticks(low, high, Math.min(MOST_TICKS, Math.floor(barHeight / TICK_DISTANCE)));
  const labels = marks.map((mark) => typeset(mark.label));
  const labelWidth = Math.max(0, ...marks.map(({ label }) => widthOf(label)));
  const inner = none ? width : width + GAP + BAR_WIDTH + 2 * TICK + 2 + labelWidth;
  // Enough figures to distinguish the extremes of a nearly constant field.
  const needed = low < high ? Math.ceil(Math.log10(Math.max(-low, high) / (high - low))) + 4 : 6;
  const figures = Math.min(15, Math.max(6, needed));
  const extremesText = none ? [] : [`min ${short(low, figures)}`, `max ${short(high, figures)}`];
  const notFinite = missing > 0 ? [`${missing} not finite`] : [];
  const caption = wrap([...extremesText, `${shape[0]} x ${shape[1]}`, ...notFinite], inner);

  const innerWidth = Math.max(inner, ...caption.map(widthOf));
  const plotHeight = none ? height : barHeight;
  const captionHeight = caption.length * (LINE + 10) - 10;
  const canvas = new Canvas(innerWidth + 2 * MARGIN, plotHeight + GAP + captionHeight + 2 * MARGIN);
  const top = MARGIN + Math.floor((plotHeight - height) / 2);
  canvas.frame(MARGIN, top, width, height);
  plot(canvas, MARGIN, top, shape, data, [height, width], low, high);
  if (!none) {
    const left = MARGIN + width + GAP;
    canvas.frame(left, MARGIN, BAR_WIDTH, barHeight);
    for (let y = 0; y < barHeight; y++) {
      const t = low === high ? 0.5 : 1 - y / (barHeight - 1);
      canvas.fill(left, MARGIN + y, BAR_WIDTH, 1, level(t));
    }
    marks.forEach(({ value }, k) => {
      const t = part(value, low, high);
      const y = MARGIN + Math.round((1 - t) * (barHeight - 1));
      canvas.fill(left + BAR_WIDTH + 1, y - 1, TICK, 2, INK);
      canvas.text(left + BAR_WIDTH + 2 * TICK + 2, y - LINE / 2, labels[k]!);
    });
  }
  caption.forEach((line, k) => {
    canvas.text(MARGIN, MARGIN + plotHeight + GAP + k * (LINE + 10), typeset(line));
  });
  return canvas;
}

/** The colours of the points, at (left, top). */
function plot(
  canvas: Canvas,
  left: number,
  top: number,
  [ny, nx]: readonly [number, number],
  data: GridData,
  [height, width]: readonly [number, number],
  low: number,
  high: number,
): void {
  const columns = Array.from({ length: width }, (_, x) => box(x, width, nx));
  for (let y = 0; y < height; y++) {
    const [i0, i1] = box(y, height, ny);
    for (let x = 0; x < width; x++) {
      const [j0, j1] = columns[x]!;
      let [sum, count] = [0, 0];
      for (let i = i0; i < i1; i++) {
        for (let j = j0; j < j1; j++) {
          const value = data[i * nx + j]!;
          if (value !== value) continue;
          sum += part(value, low, high);
          count++;
        }
      }
      canvas.set(left + x, top + y, count > 0 ? level(sum / count) : PAPER);
    }
  }
}

/** The half-open range of `n` points under pixel `p` of `pixels`: one point repeated, or a box of several. */
function box(p: number, pixels: number, n: number): readonly [number, number] {
  const start = Math.floor(p * n / pixels);
  return [start, Math.max(start + 1, Math.floor((p + 1) * n / pixels))];
}

/** Where a value lies between low and high, 0 to 1; NaN if it is infinite. */
function part(value: number, low: number, high: number): number {
  if (!Number.isFinite(value)) return NaN;
  if (low === high) return 0.5;
  // The spread of two doubles may overflow; halving all would lose the smallest ones.
  const spread = high - low;
  return spread < Infinity ? (value - low) / spread : (value / 2 - low / 2) / (high / 2 - low / 2);
}

/** The palette index for t in [0, 1]. */
function level(t: number): number {
  return t !== t ? NO_VALUE : Math.round(t * (LEVELS - 1));
}

/** Height and width in pixels: whole pixels a point if that keeps the proportions within 1 %. */
function plotSize([ny, nx]: readonly [number, number], [dy, dx]: readonly [number, number]): [number, number] {
  for (let px = Math.floor(ENLARGED / nx); px >= 1; px--) {
    const py = Math.max(1, Math.round(px * dy / dx));
    const faithful = Math.abs(py * dx / (px * dy) - 1) < 0.01;
    if (faithful && ny * py <= ENLARGED && ENLARGED < 2 * Math.max(nx * px, ny * py)) return atLeast(ny * py, nx * px);
  }
  const longest = Math.max(ny, nx);
  const side = dy === dx && longest <= REDUCED ? longest : longest <= ENLARGED ? ENLARGED : REDUCED;
  const scale = side / Math.max(ny * dy, nx * dx);
  return atLeast(Math.round(ny * dy * scale), Math.round(nx * dx * scale));
}

/** Of a text, in pixels. */
function widthOf(text: string): number {
  return typeset(text)[0]!.length * TEXT;
}

function atLeast(height: number, width: number): [number, number] {
  return [Math.max(THINNEST, height), Math.max(THINNEST, width)];
}

/** Puts pieces of text on as few lines as fit into `width` pixels. */
function wrap(pieces: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const piece of pieces) {
    const longer = lines.length === 0 ? piece : `${lines.at(-1)}    ${piece}`;
    if (lines.length > 0 && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(piece);
  }
  return lines;
}

/** White paper to draw on. */
class Canvas implements IndexedImage {
  readonly palette = PALETTE;
  readonly pixels: Uint8Array;

  constructor(readonly width: number, readonly height: number) {
    this.pixels = new Uint8Array(width * height).fill(PAPER);
  }

  set(x: number, y: number, index: number): void {
    this.pixels[y * this.width + x] = index;
  }

  fill(x: number, y: number, width: number, height: number, index: number): void {
    for (let row = y; row < y + height; row++) {
      this.pixels.fill(index, row * this.width + x, row * this.width + x + width);
    }
  }

  /** A line of one pixel around a rectangle. */
  frame(x: number, y: number, width: number, height: number): void {
    this.fill(x - 1, y - 1, width + 2, height + 2, FRAME);
  }

  /** Rows of ink, as the font sets them, with (x, y) at their upper left. */
  text(x: number, y: number, rows: readonly string[]): void {
    rows.forEach((row, i) => {
      for (let j = 0; j < row.length; j++) {
        if (row[j] === "#") this.fill(x + j * TEXT, y + i * TEXT, TEXT, TEXT, INK);
      }
    });
  }
}
