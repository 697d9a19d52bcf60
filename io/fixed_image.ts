/**
 * Fixed points painted as an image: each colour of a legend holds its points at a value.
 *
 * @module
 */

import { ConfigError } from "../core/errors.ts";
import { quote } from "./errors.ts";
import { readBytes } from "./files.ts";
import { type Entry, inHex, nearest, parseLegend, StrayPixels } from "./legend.ts";
import { decodePng, type RgbaImage } from "./png_decode.ts";

/** The fixed points of an image. */
export interface FixedImage {
  /** Which points are fixed, 1 or 0, and at which values; both ny × nx in C order. */
  readonly points: { readonly mask: Uint8Array; readonly values: Float64Array };
  /** Pixels in colours that the legend lacks, in one line, if there are any. */
  readonly warning?: string;
}

const LARGEST_IMAGE = 2 ** 30;

/**
 * Local. Reads fixed points from a PNG image with one pixel a point. A pixel has the nearest colour of the legend; where
 * that differs by more than `tolerance` in a channel, opacity included, the point stays free.
 *
 * @param size [ny, nx] of the grid.
 * @param legend a table from `"#rrggbb"` to values in units of u, or to an empty table where points are free.
 * @param tolerance 0 to 255.
 * @throws ConfigError for a damaged image, one of another size, or a legend that is no legend or names a colour which
 * does not occur.
 */
export async function readFixedImage(
  path: string,
  size: readonly [ny: number, nx: number],
  legend: unknown,
  tolerance: number,
): Promise<FixedImage> {
  const entries = parseLegend(legend);
  const image = decodePng(await readBytes(path, LARGEST_IMAGE), path, size);
  return match(image, entries, tolerance, path);
}

function match({ width, height, data }: RgbaImage, legend: readonly Entry[], tolerance: number, path: string) {
  const mask = new Uint8Array(width * height);
  const values = new Float64Array(width * height);
  const unseen = new Set(legend);
  const strays = new StrayPixels();
  const entryOf = (colour: number) => {
    const { entry, apart } = nearest(colour, legend);
    return (colour & 255) > 0 && apart <= tolerance ? entry : undefined;
  };
  let [last, entry]: [number, Entry | undefined] = [0, undefined];
  for (let p = 0; p < mask.length; p++) {
    const colour = (data[4 * p]! << 24 | data[4 * p + 1]! << 16 | data[4 * p + 2]! << 8 | data[4 * p + 3]!) >>> 0;
    // Neighbours are mostly alike.
    if (colour !== last) [last, entry] = [colour, entryOf(colour)];
    if (entry === undefined) {
      strays.add(colour);
      continue;
    }
    unseen.delete(entry);
    if (entry.value === undefined) continue;
    mask[p] = 1;
    values[p] = entry.value;
  }
  const [absent] = unseen;
  if (absent !== undefined) {
    const without = `has no point of the colour ${inHex(absent.colour)} that its legend names`;
    const names = strays.commonest().slice(0, 3).map(([colour]) => inHex(colour));
    const others = names.length === 0
      ? ""
      : `; colours without a value: ${names.join(", ")}; correct the legend, or set fixed.tolerance`;
    throw new ConfigError(`${quote(path)} ${without}${others}`);
  }
  const stray = strays.describe(legend);
  return { points: { mask, values }, ...(stray !== undefined && { warning: `${quote(path)} has ${stray}` }) };
}
