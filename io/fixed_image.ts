/**
 * Fixed points painted as an image: each colour of a legend holds its points at a value.
 *
 * @module
 */

import { ConfigError } from "../core/errors.ts";
import { quote } from "./errors.ts";
import { readBytes } from "./files.ts";
import { decodePng, type RgbaImage } from "./png_decode.ts";
import { isTable } from "./problem_text.ts";

/** Which points are fixed, 1 or 0, and at which values; both ny × nx in C order. */
export interface FixedImage {
  readonly mask: Uint8Array;
  readonly values: Float64Array;
}

const LARGEST_IMAGE = 2 ** 30;

/**
 * Local. Reads fixed points from a PNG image with one pixel a point. Points of other colours, and fully transparent
 * ones, stay free.
 *
 * @param size [ny, nx] of the grid.
 * @param legend a table from `"#rrggbb"` to values in units of u.
 * @throws ConfigError for a damaged image, one of another size, or a legend that is no legend or names a colour which
 * does not occur.
 */
export async function readFixedImage(
  path: string,
  size: readonly [ny: number, nx: number],
  legend: unknown,
): Promise<FixedImage> {
  const colours = parseLegend(legend);
  const image = decodePng(await readBytes(path, LARGEST_IMAGE), path, size);
  return match(image, colours, path);
}

function parseLegend(legend: unknown): Map<number, number> {
  if (!isTable(legend)) throw new ConfigError('its legend must be a table, such as { "#ff0000" = 100 }');
  const colours = new Map<number, number>();
  for (const [text, value] of Object.entries(legend)) {
    if (!/^#[0-9a-f]{6}$/i.test(text)) {
      throw new ConfigError(`its legend has ${quote(text)}, which is no colour; write six hex digits, "#ff0000"`);
    }
    if (typeof value !== "number" || !Number.isFinite(value)) {
      throw new ConfigError(`its legend must give a finite number for ${quote(text)}`);
    }
    const colour = Number.parseInt(text.slice(1), 16);
    if (colours.has(colour)) throw new ConfigError(`its legend has ${quote(text)} twice`);
    colours.set(colour, value);
  }
  if (colours.size === 0) throw new ConfigError('its legend is empty; write one such as { "#ff0000" = 100 }');
  return colours;
}

function match({ width, height, data }: RgbaImage, colours: Map<number, number>, path: string): FixedImage {
  const mask = new Uint8Array(width * height);
  const values = new Float64Array(width * height);
  const unseen = new Set(colours.keys());
  for (let p = 0; p < mask.length; p++) {
    const colour = colourAt(data, p);
    if (colour === undefined || !colours.has(colour)) continue;
    mask[p] = 1;
    values[p] = colours.get(colour)!;
    unseen.delete(colour);
  }
  const [colour] = unseen;
  if (colour !== undefined) {
    const without = `has no point of the colour ${inHex(colour)} that its legend names`;
    throw new ConfigError(`${quote(path)} ${without}${most(data, colours)}`);
  }
  return { mask, values };
}

/** Red, green and blue of a point in one number; undefined where it is fully transparent. */
function colourAt(data: Uint8Array, p: number): number | undefined {
  return data[4 * p + 3] === 0 ? undefined : data[4 * p]! << 16 | data[4 * p + 1]! << 8 | data[4 * p + 2]!;
}

function inHex(colour: number): string {
  return `"#${colour.toString(16).padStart(6, "0")}"`;
}

/** The commonest colours that the legend lacks: likely the one that was meant. */
function most(data: Uint8Array, colours: Map<number, number>): string {
  const counts = new Map<number, number>();
  for (let p = 0; 4 * p < data.length; p++) {
    const colour = colourAt(data, p);
    if (colour !== undefined && !colours.has(colour)) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const common = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 3);
  const names = common.map(([colour]) => inHex(colour));
  return names.length === 0 ? "" : `; colours without a value: ${names.join(", ")}`;
}
