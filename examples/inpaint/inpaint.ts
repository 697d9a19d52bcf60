/**
 * Fills the missing pixels of a picture by Laplace's equation: what is known is held, and red, green and blue are solved
 * between, one after the other (T. F. Chan, J. Shen, SIAM J. Appl. Math. 62 (2002) 1019).
 *
 *     deno run -A examples/inpaint/inpaint.ts damaged.png repaired.png
 *
 * Missing are those that are fully transparent.
 */

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { decode, encode } from "fast-png";
import { ConfigError, solve } from "../../mod.ts";

/** Eight bits a channel. */
export interface Picture {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Row by row from the top, red, green, blue and opacity of each pixel. */
  readonly data: Uint8Array;
}

/** Local. A copy of a picture in which transparent pixels are opaque and have the colours that surround them. */
export async function inpaint({ width, height, data }: Picture): Promise<Picture> {
  const mask = Uint8Array.from({ length: width * height }, (_, pixel) => data[4 * pixel + 3]!);
  const insulated = { flux: 0 };
  const edges = { north: insulated, south: insulated, west: insulated, east: insulated };
  const filled = Uint8Array.from(data);
  for (let channel = 0; channel < 3; channel++) {
    const values = Uint8Array.from(mask, (_, pixel) => data[4 * pixel + channel]!);
    // To a thousandth of the range: a colour has 256 shades.
    const { u } = await solve({ shape: [height, width], edges, fixed: { mask, values } }, { tol: 1e-3 });
    u.forEach((shade, pixel) => filled[4 * pixel + channel] = Math.round(shade));
  }
  for (let at = 3; at < filled.length; at += 4) filled[at] = 255;
  return { width, height, data: filled };
}

/** Local. Decodes a PNG file. @throws ConfigError unless it has eight bits of red, green, blue and opacity */
export function decodePicture(bytes: Uint8Array): Picture {
  const { width, height, data, channels, depth } = decode(bytes);
  if (channels !== 4 || depth !== 8) throw new ConfigError("The picture must have red, green, blue and opacity");
  return { width, height, data: Uint8Array.from(data) };
}

if (import.meta.main) {
  const [damaged, repaired] = process.argv.slice(2);
  if (damaged === undefined || repaired === undefined) {
    console.error("Give it two files: inpaint.ts damaged.png repaired.png");
    process.exit(2);
  }
  writeFileSync(repaired, encode(await inpaint(decodePicture(readFileSync(damaged)))));
}
