/**
 * The legend of a drawing: which pixels have its colours, and what it does not explain.
 *
 * @module
 */

import { counted, ProblemError } from "../errors.ts";

/** Red, green, blue and opacity, eight bits each, the first highest. */
export type Colour = number;

/** A colour of a legend as it was written, and what it stands for. */
export interface LegendEntry<T> {
  readonly colour: Colour;
  readonly text: string;
  readonly entry: T;
}

/** An image of four bytes a pixel, red, green, blue, opacity, row by row from the top. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** What messages about a drawing call its tolerance, and its pixels in colours that its legend lacks. */
export interface LegendWords {
  /** A key, such as `fixed.tolerance`. */
  readonly tolerance: string;
  /** What such pixels do, such as `stay free`. */
  readonly otherwise: string;
  /** What the legend may say of their colours, such as `that is free`. */
  readonly such: string;
}

/** So many colours outside of the legend are told apart: a photograph has millions. */
const MOST_COLOURS = 2 ** 16;

/** So many of them are named. */
const NAMED = 3;

/**
 * Local. Reads the colours of a legend, `"#rrggbb"`.
 *
 * @param what names the legend in errors
 * @throws ProblemError for what is no colour, and for the same colour twice.
 */
export function readColours<T>(legend: Readonly<Record<string, T>>, what: string): LegendEntry<T>[] {
  const entries = new Map<Colour, LegendEntry<T>>();
  for (const [text, entry] of Object.entries(legend)) {
    const quoted = JSON.stringify(text.length > 200 ? text.slice(0, 200) + "…" : text);
    if (!/^#[0-9a-f]{6}$/i.test(text)) {
      throw new ProblemError(`${what} has ${quoted}, which is no colour; write six hex digits, "#ff0000"`);
    }
    const colour = Number.parseInt(`${text.slice(1)}ff`, 16);
    if (entries.has(colour)) throw new ProblemError(`${what} has ${quoted} twice`);
    entries.set(colour, { colour, text, entry });
  }
  if (entries.size >= 2 ** 16) throw new ProblemError(`${what} has more than ${2 ** 16 - 1} colours`);
  return [...entries.values()];
}

/**
 * Local. Finds the colours of a legend in an image: a pixel has the nearest, unless it is transparent or a channel differs by
 * more than `tolerance`, opacity included.
 *
 * @returns for each pixel the number of its colour in the legend, from 1 on, or 0; and in one line, what those of 0 are that
 * nothing explains
 * @throws ProblemError that begins with "has no", if a colour of the legend does not occur.
 */
export function matchColours(
  { width, height, data }: Pixels,
  legend: readonly LegendEntry<unknown>[],
  tolerance: number,
  words: LegendWords,
): { readonly numbers: Uint16Array; readonly warning: string | undefined } {
  const numbers = new Uint16Array(width * height);
  const unseen = new Set(legend.keys());
  const strays = new StrayPixels();
  const numberOf = (colour: Colour) => {
    const [at, apart] = nearest(colour, legend);
    return (colour & 255) > 0 && apart <= tolerance ? at + 1 : 0;
  };
  let [last, number] = [0, 0];
  for (let p = 0; p < numbers.length; p++) {
    const colour = (data[4 * p]! << 24 | data[4 * p + 1]! << 16 | data[4 * p + 2]! << 8 | data[4 * p + 3]!) >>> 0;
    // Neighbours are mostly alike.
    if (colour !== last) [last, number] = [colour, numberOf(colour)];
    numbers[p] = number;
    if (number === 0) strays.add(colour);
    else unseen.delete(number - 1);
  }
  const [absent] = unseen;
  if (absent === undefined) return { numbers, warning: strays.describe(legend, words) };
  const colour = inHex(legend[absent]!.colour);
  throw new ProblemError(`has no point of the colour ${colour} that its legend names${strays.others(words)}`);
}

/** The place of the nearest colour, the first of several, and the largest difference in a channel. */
function nearest(colour: Colour, legend: readonly LegendEntry<unknown>[]): [at: number, apart: number] {
  let [at, apart] = [0, difference(colour, legend[0]!.colour)];
  for (let k = 1; k < legend.length; k++) {
    const other = difference(colour, legend[k]!.colour);
    if (other < apart) [at, apart] = [k, other];
  }
  return [at, apart];
}

function difference(one: Colour, other: Colour): number {
  let largest = 0;
  for (let shift = 0; shift < 32; shift += 8) {
    largest = Math.max(largest, Math.abs((one >>> shift & 255) - (other >>> shift & 255)));
  }
  return largest;
}

/** A colour as legends write it; where it is not opaque, with its opacity. */
function inHex(colour: Colour): string {
  return `"#${colour.toString(16).padStart(8, "0").replace(/ff$/, "")}"`;
}

/** The pixels of a drawing in colours that its legend lacks. Fully transparent ones need no legend. */
class StrayPixels {
  #total = 0;
  #transparent = false;
  readonly #counts = new Map<Colour, number>();

  /** Counts a pixel. */
  add(colour: Colour): void {
    if ((colour & 255) === 0) {
      this.#transparent = true;
      return;
    }
    this.#total++;
    const count = this.#counts.get(colour);
    if (count !== undefined || this.#counts.size < MOST_COLOURS) this.#counts.set(colour, (count ?? 0) + 1);
  }

  /** The colours, the commonest first. */
  #commonest(): [colour: Colour, count: number][] {
    return [...this.#counts].sort((a, b) => b[1] - a[1]);
  }

  /** The commonest colours, among which may be one that was meant. */
  others({ tolerance }: LegendWords): string {
    const named = this.#commonest().slice(0, NAMED).map(([colour, count]) => `${count} of ${inHex(colour)}`);
    if (named.length === 0) return "";
    return `; colours that it lacks: ${named.join(", ")}; correct the legend, or set ${tolerance}`;
  }

  /**
   * What is left to explain, in words; undefined where that is nothing. Unless the drawing is transparent anywhere, or the
   * legend has {}, the commonest opaque colour is the background.
   */
  describe(legend: readonly LegendEntry<unknown>[], { tolerance, otherwise, such }: LegendWords): string | undefined {
    const hasBackground = this.#transparent || legend.some(({ entry }) => isEmpty(entry));
    const all = this.#commonest();
    const background = hasBackground ? undefined : all.find(([colour]) => (colour & 255) === 255);
    const strays = all.filter((item) => item !== background);
    const total = this.#total - (background?.[1] ?? 0);
    if (total === 0) return undefined;
    const named = strays.slice(0, NAMED).map(([colour, count]) => {
      const [at, apart] = nearest(colour, legend);
      return `${count} of ${inHex(colour)} (nearest: ${inHex(legend[at]!.colour)}, ${apart} apart)`;
    });
    const more = all.length === MOST_COLOURS ? "more than " : "";
    const colours = `${more}${counted(strays.length, "colour")}`;
    const pixels = `${counted(total, "pixel")} in ${colours}`;
    const rest = strays.length > NAMED ? ", …" : "";
    return `${pixels} that its legend lacks, which ${otherwise}: ${named.join(", ")}${rest}; ` +
      `set ${tolerance} to the largest difference to accept, or give a colour ${such} the value {}`;
  }
}

function isEmpty(entry: unknown): boolean {
  return typeof entry === "object" && entry !== null && Object.keys(entry).length === 0;
}
