/**
 * Points painted as an image: each colour of a legend holds its points at a value, or all that is painted is a mask.
 *
 * @module
 */

import { ConfigError, ProblemError } from "../core/errors.ts";
import { type LegendEntry, matchColours, readColours } from "../core/problem/legend.ts";
import { quote } from "./errors.ts";
import { readBytes } from "./files.ts";
import { decodePng } from "./png_decode.ts";
import { isTable } from "./problem_text.ts";

/** The fixed points of an image. */
export interface FixedImage {
  /** Which points are fixed, 1 or 0, and at which values; both ny × nx in C order. */
  readonly points: { readonly mask: Uint8Array; readonly values: Float64Array };
  /** Pixels in colours that the legend lacks, in one line, if there are any. */
  readonly warning?: string;
}

/** The most bytes that are read of an image. */
export const LARGEST_IMAGE = 2 ** 30;

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
  try {
    const { numbers, warning } = matchColours(image, entries, tolerance, WORDS);
    const values = [NaN, ...entries.map(({ entry }) => typeof entry === "number" ? entry : NaN)];
    return {
      points: {
        mask: Uint8Array.from(numbers, (number) => Number.isNaN(values[number]) ? 0 : 1),
        values: Float64Array.from(numbers, (number) => Number.isNaN(values[number]) ? 0 : values[number]!),
      },
      ...(warning !== undefined && { warning: `${quote(path)} has ${warning}` }),
    };
  } catch (error) {
    throw error instanceof ProblemError ? new ConfigError(`${quote(path)} ${error.message}`) : error;
  }
}

/**
 * Local. Reads a mask from a PNG image with one pixel a point: 1 where it is neither black nor fully transparent, else 0.
 *
 * @param size [ny, nx] of the grid.
 * @throws ConfigError for a damaged image, or one of another size.
 */
export async function readMask(path: string, size: readonly [ny: number, nx: number]): Promise<Uint8Array> {
  const { data } = decodePng(await readBytes(path, LARGEST_IMAGE), path, size);
  const mask = new Uint8Array(size[0] * size[1]);
  for (let p = 0; p < mask.length; p++) {
    const lit = data[4 * p]! | data[4 * p + 1]! | data[4 * p + 2]!;
    mask[p] = lit > 0 && data[4 * p + 3]! > 0 ? 1 : 0;
  }
  return mask;
}

const WORDS = { tolerance: "fixed.tolerance", otherwise: "stay free", such: "that is free" };

/** Reads a table from `"#rrggbb"` to values, or to {} where points are free. */
function parseLegend(legend: unknown): LegendEntry<unknown>[] {
  if (!isTable(legend)) throw new ConfigError('its legend must be a table, such as { "#ff0000" = 100 }');
  const entries = readColours(legend, "its legend");
  if (entries.length === 0) throw new ConfigError('its legend is empty; write one such as { "#ff0000" = 100 }');
  for (const { text, entry } of entries) {
    const free = isTable(entry) && Object.keys(entry).length === 0;
    if (free || (typeof entry === "number" && Number.isFinite(entry))) continue;
    throw new ConfigError(`its legend must give a finite number for ${quote(text)}, or {} where points are free`);
  }
  return entries;
}
