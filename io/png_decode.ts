/**
 * PNG files of every kind become four bytes a pixel. `png_chunks.ts` reads and checks the file; here its pixels are
 * unpacked, by fast-png, and given their colours.
 *
 * @module
 */

import { counted } from "../core/errors.ts";
import { Buffer } from "node:buffer";
import { deflateSync, inflateSync } from "node:zlib";
import { decode, type PngDataArray } from "fast-png";
import { cannot, firstLine } from "./errors.ts";
import { chunk, SIGNATURE } from "./png.ts";
import { type PngChunks, readChunks } from "./png_chunks.ts";

/** An image of four bytes a pixel: red, green, blue, opacity. */
export interface RgbaImage {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Row by row from the top. */
  readonly data: Uint8Array;
}

/** Of each seventh of an interlaced image (Adam7): the first column and row, and the steps from there. */
const PASSES = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [
  0,
  1,
  1,
  2,
]] as const;
const WHOLE = [[0, 0, 1, 1]] as const;

/** What is forgiven after the last line, where some writers leave a few bytes. */
const SURPLUS = 2 ** 16;

/**
 * Local. Decodes a PNG file of any kind to eight bits a channel; sixteen are rounded. Colour profiles are not applied.
 *
 * @param name names the file in errors.
 * @param size the [height, width] that the image must have, checked before it is decompressed.
 * @param each what a pixel is, in words.
 * @throws ConfigError if it is not a whole, sound PNG file, or not of that size.
 */
export function decodePng(
  bytes: Uint8Array,
  name: string,
  size: readonly [height: number, width: number],
  each = "point",
): RgbaImage {
  const content = readChunks(bytes, name);
  if (content.height !== size[0] || content.width !== size[1]) {
    const [ny, nx] = size;
    const is = `it is ${counted(content.width, "pixel")} wide and ${content.height} high`;
    throw cannot("read", name, `${is}, but the grid needs ${nx} and ${ny}, one for each ${each}`);
  }
  try {
    return { width: content.width, height: content.height, data: colour(content, samplesOf(content)) };
  } catch (error) {
    throw cannot("read", name, `it is damaged: ${firstLine(error)}`);
  }
}

/** A part of an image that is stored like one without interlace. */
interface Pass {
  readonly columns: number;
  readonly rows: number;
  /** Where its pixel in column x and row y belongs in the image. */
  place(x: number, y: number): number;
  /** Bytes of all lines, each after a byte for its filter. */
  readonly bytes: number;
}

function passesOf({ width, height, interlaced, channels, depth }: PngChunks): Pass[] {
  return (interlaced ? PASSES : WHOLE).map(([x0, y0, dx, dy]) => {
    const columns = Math.ceil((width - x0) / dx);
    const rows = Math.ceil((height - y0) / dy);
    return {
      columns,
      rows,
      place: (x: number, y: number) => (y0 + y * dy) * width + x0 + x * dx,
      bytes: rows * (1 + Math.ceil(columns * channels * depth / 8)),
    };
  }).filter(({ columns, rows }) => columns > 0 && rows > 0);
}

/** The samples of an image, row by row, one number each. */
function samplesOf(content: PngChunks): PngDataArray {
  const { width, height, interlaced, depth } = content;
  const passes = passesOf(content);
  const length = passes.reduce((sum, { bytes }) => sum + bytes, 0);
  // With a limit: a small file may unpack to more than there is memory.
  const lines = inflateSync(content.data, { maxOutputLength: length + SURPLUS });
  if (lines.length < length) throw new Error(`its pixels have ${counted(lines.length, "byte")} instead of ${length}`);
  if (!interlaced || depth >= 8) return samplesIn(content, width, height, content.data);
  // fast-png 8.0.0 takes each sample of an interlaced image for at least a byte, so it gets every pass as an image.
  const samples = new Uint8Array(width * height);
  let at = 0;
  for (const { columns, rows, place, bytes } of passes) {
    const part = samplesIn(content, columns, rows, deflateSync(lines.subarray(at, at += bytes), { level: 0 }));
    part.forEach((sample, p) => samples[place(p % columns, Math.floor(p / columns))] = sample);
  }
  return samples;
}

/** The samples of a file of the same kind; only its pixels are for fast-png to read, an index counts as grey. */
function samplesIn(
  { header, indexed, depth, interlaced }: PngChunks,
  width: number,
  height: number,
  data: Uint8Array,
): PngDataArray {
  const plain = Uint8Array.from(header);
  const view = new DataView(plain.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  if (indexed) plain[9] = 0;
  if (interlaced && depth < 8) plain[12] = 0;
  const parts = [chunk("IHDR", plain), chunk("IDAT", data), chunk("IEND", new Uint8Array(0))];
  const image = decode(Buffer.concat([SIGNATURE, ...parts]));
  return depth < 8 ? unpackBits(image.data, width, height, depth) : image.data;
}

function unpackBits(data: PngDataArray, width: number, height: number, depth: number): Uint8Array {
  const stride = Math.ceil(width * depth / 8);
  const out = new Uint8Array(width * height);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const bit = j * depth;
      const byte = data[i * stride + (bit >> 3)]!;
      out[i * width + j] = (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
    }
  }
  return out;
}

/** Red, green, blue and opacity of all pixels. */
function colour({ width, height, channels, depth, indexed, palette, clear }: PngChunks, samples: PngDataArray) {
  const data = new Uint8Array(4 * width * height);
  if (indexed) {
    for (let p = 0; p < width * height; p++) {
      const index = samples[p]!;
      if (3 * index >= palette.length) throw new Error(`its palette has no colour ${index}`);
      data.set(palette.subarray(3 * index, 3 * index + 3), 4 * p);
      data[4 * p + 3] = clear?.[index] ?? 255;
    }
    return data;
  }
  const largest = 2 ** depth - 1;
  const grey = channels <= 2;
  const opacity = channels % 2 === 0;
  for (let p = 0; p < width * height; p++) {
    const at = p * channels;
    for (let c = 0; c < 3; c++) data[4 * p + c] = Math.round(samples[at + (grey ? 0 : c)]! * 255 / largest);
    // Where one colour stands for transparent, its samples count before they are rounded.
    const isClear = clear !== undefined && clear.every((sample, c) => samples[at + c] === sample);
    data[4 * p + 3] = opacity ? Math.round(samples[at + channels - 1]! * 255 / largest) : isClear ? 0 : 255;
  }
  return data;
}
