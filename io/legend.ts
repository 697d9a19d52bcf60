/**
 * The legend of a drawing: which pixels have its colours, and what it does not explain.
 *
 * @module
 */

import { ConfigError } from "../core/errors.ts";
import { quote } from "./errors.ts";
import { isTable } from "./problem_text.ts";

/** Red, green, blue and opacity, eight bits each, the first highest. */
export type Colour = number;

/** A colour of the legend, and the value at which its points are held; none where they are free. */
export interface Entry {
  readonly colour: Colour;
  readonly value?: number;
}

/** So many colours outside of the legend are told apart: a photograph has millions. */
const MOST_COLOURS = 2 ** 16;

/** So many of them are named. */
const NAMED = 3;

/** Local. Reads a table from `"#rrggbb"` to values. @throws ConfigError for a legend that is none */
export function parseLegend(legend: unknown): Entry[] {
  if (!isTable(legend)) throw new ConfigError('its legend must be a table, such as { "#ff0000" = 100 }');
  const entries = new Map<Colour, Entry>();
  for (const [text, value] of Object.entries(legend)) {
    if (!/^#[0-9a-f]{6}$/i.test(text)) {
      throw new ConfigError(`its legend has ${quote(text)}, which is no colour; write six hex digits, "#ff0000"`);
    }
    const colour = Number.parseInt(`${text.slice(1)}ff`, 16);
    if (entries.has(colour)) throw new ConfigError(`its legend has ${quote(text)} twice`);
    if (isTable(value) && Object.keys(value).length === 0) entries.set(colour, { colour });
    else if (typeof value === "number" && Number.isFinite(value)) entries.set(colour, { colour, value });
    else throw new ConfigError(`its legend must give a finite number for ${quote(text)}, or {} where points are free`);
  }
  if (entries.size === 0) throw new ConfigError('its legend is empty; write one such as { "#ff0000" = 100 }');
  return [...entries.values()];
}

/** Local. @returns the entry of the nearest colour, the first of several, and the largest difference in a channel */
export function nearest(colour: Colour, legend: readonly Entry[]): { readonly entry: Entry; readonly apart: number } {
  let entry = legend[0]!;
  let apart = difference(colour, entry.colour);
  for (let k = 1; k < legend.length; k++) {
    const other = difference(colour, legend[k]!.colour);
    if (other < apart) [entry, apart] = [legend[k]!, other];
  }
  return { entry, apart };
}

function difference(one: Colour, other: Colour): number {
  let largest = 0;
  for (let shift = 0; shift < 32; shift += 8) {
    largest = Math.max(largest, Math.abs((one >>> shift & 255) - (other >>> shift & 255)));
  }
  return largest;
}

/** Local. @returns a colour as legends write it; where it is not opaque, with its opacity */
export function inHex(colour: Colour): string {
  return quote(`#${colour.toString(16).padStart(8, "0").replace(/ff$/, "")}`);
}

/** The pixels of a drawing in colours that its legend lacks. Fully transparent ones need no legend. */
export class StrayPixels {
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
  commonest(): [colour: Colour, count: number][] {
    return [...this.#counts].sort((a, b) => b[1] - a[1]);
  }

  /**
   * What is left to explain, in words; undefined where that is nothing. Unless the drawing is transparent anywhere, or the
   * legend says what is free, the commonest opaque colour is the background.
   */
  describe(legend: readonly Entry[]): string | undefined {
    const hasBackground = this.#transparent || legend.some(({ value }) => value === undefined);
    const all = this.commonest();
    const background = hasBackground ? undefined : all.find(([colour]) => (colour & 255) === 255);
    const strays = all.filter((item) => item !== background);
    const total = this.#total - (background?.[1] ?? 0);
    if (total === 0) return undefined;
    const named = strays.slice(0, NAMED).map(([colour, count]) => {
      const { entry, apart } = nearest(colour, legend);
      return `${count} of ${inHex(colour)} (nearest: ${inHex(entry.colour)}, ${apart} apart)`;
    });
    const more = all.length === MOST_COLOURS ? "more than " : "";
    const colours = `${more}${strays.length} ${strays.length === 1 ? "colour" : "colours"}`;
    const pixels = `${total} ${total === 1 ? "pixel" : "pixels"} in ${colours}`;
    const rest = strays.length > NAMED ? ", …" : "";
    return `${pixels} that its legend lacks, which stay free: ${named.join(", ")}${rest}; ` +
      `set fixed.tolerance to the largest difference to accept, or give a colour that is free the value {}`;
  }
}
