/**
 * PNG files as this program writes them: indexed images. What the pictures show is in `heatmap.ts`; `png_decode.ts` reads
 * PNG files of all kinds.
 *
 * Source: W3C, Portable Network Graphics (PNG) Specification, third edition.
 *
 * @module
 */

import { crc32, deflateSync } from "node:zlib";

/** An image whose pixels are indices into a palette. */
export interface IndexedImage {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** One byte a pixel, row by row from the top. */
  readonly pixels: Uint8Array;
  /** Up to 256 colours [red, green, blue], each 0 to 255. */
  readonly palette: readonly (readonly [number, number, number])[];
}

/** The bytes that begin every PNG file. */
export const SIGNATURE: Uint8Array = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Local. Encodes a PNG file. @returns its parts, in order. */
export function encodePng(image: IndexedImage): Uint8Array[] {
  const { width, height, pixels, palette } = image;
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 3], 8); // Eight bits, indexed; then the only compression, the only filters, not interlaced.
  const lines = new Uint8Array((width + 1) * height); // Each line after its filter type, 0: none.
  for (let y = 0; y < height; y++) lines.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  return [
    SIGNATURE,
    chunk("IHDR", header),
    chunk("PLTE", Uint8Array.from(palette.flat())),
    chunk("IDAT", deflateSync(lines, { level: 9 })),
    chunk("IEND", new Uint8Array(0)),
  ];
}

/** Local. One chunk of a PNG file. */
export function chunk(type: string, content: Uint8Array): Uint8Array {
  const out = new Uint8Array(content.length + 12);
  const view = new DataView(out.buffer);
  view.setUint32(0, content.length);
  for (let k = 0; k < 4; k++) out[4 + k] = type.charCodeAt(k);
  out.set(content, 8);
  view.setUint32(content.length + 8, crc32(out.subarray(4, content.length + 8)));
  return out;
}
