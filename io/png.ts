/**
 * PNG files: indexed images are written, all kinds are read. What the pictures show is in `heatmap.ts`.
 *
 * Source: W3C, Portable Network Graphics (PNG) Specification, third edition.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { convertIndexedToRgb, decode, type DecodedPng } from "fast-png";
import { cannot, firstLine, quote } from "./errors.ts";

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

/** An image of four bytes a pixel: red, green, blue, opacity. */
export interface RgbaImage {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Row by row from the top. */
  readonly data: Uint8Array;
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

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

/**
 * Local. Decodes a PNG file of any kind to eight bits a channel; sixteen are rounded.
 *
 * @param name names the file in errors.
 * @param size the [height, width] that the image must have, checked before it is decompressed.
 * @throws ConfigError if it is not a whole, sound PNG file, or not of that size.
 */
export function decodePng(bytes: Uint8Array, name: string, size: readonly [height: number, width: number]): RgbaImage {
  const content = inspect(bytes, name);
  if (content.height !== size[0] || content.width !== size[1]) {
    const [ny, nx] = size;
    const is = `it is ${content.width} pixels wide and ${content.height} high`;
    throw cannot("read", name, `${is}, but the grid needs ${nx} and ${ny}, one for each point`);
  }
  try {
    // Once with a limit first: a small file may unpack to more than there is memory.
    inflateSync(content.compressed, { maxOutputLength: content.most });
    return toRgba(decode(bytes, { checkCrc: true }));
  } catch (error) {
    throw cannot("read", name, `it is damaged: ${firstLine(error)}`);
  }
}

/** What can be known of a PNG file without unpacking it. */
function inspect(bytes: Uint8Array, name: string) {
  if (bytes.length < 8 || SIGNATURE.some((byte, k) => bytes[k] !== byte)) {
    throw cannot("read", name, "it is not a PNG file: the first bytes are not those of PNG");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let ended = false;
  for (let at = 8; !ended;) {
    const length = at + 12 <= bytes.length ? view.getUint32(at) : Infinity;
    if (at + 12 + length > bytes.length) throw cannot("read", name, `it ends too early, after ${bytes.length} bytes`);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if ((at === 8) !== (type === "IHDR") || (type === "IHDR" && length !== 13)) {
      throw cannot("read", name, `it is damaged: it begins with ${quote(type)}, not with a header`);
    }
    if (type === "IDAT") parts.push(bytes.subarray(at + 8, at + 8 + length));
    ended = type === "IEND";
    at += 12 + length;
  }
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  const bits = bytes[24]! * (CHANNELS[bytes[25]!] ?? 1);
  const compressed = Buffer.concat(parts);
  // Interlaced images have up to seven times as many lines, each a byte of filter and a rounded-up end longer.
  return { width, height, compressed, most: height * (Math.ceil(width * bits / 8) + 1) + 16 * (width + height) + 64 };
}

function toRgba(image: DecodedPng): RgbaImage {
  const { width, height } = image;
  const indexed = image.palette !== undefined;
  if (indexed && image.channels !== 1) throw new Error("its palette has no use");
  const source = indexed ? convertIndexedToRgb(image) : image.data;
  const channels = indexed ? source.length / (width * height) : image.channels;
  // Grey images of fewer than eight bits come as packed bits.
  const grey = channels <= 2;
  const samples = !indexed && image.depth < 8 ? unpackBits(image) : source;
  const scale = image.depth === 16 ? 1 / 257 : image.depth < 8 && !indexed ? 255 / (2 ** image.depth - 1) : 1;
  const data = new Uint8Array(4 * width * height);
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < 3; c++) data[4 * p + c] = Math.round(samples[p * channels + (grey ? 0 : c)]! * scale);
    const opacity = channels % 2 === 0 ? samples[p * channels + channels - 1]! * scale : 255;
    data[4 * p + 3] = Math.round(opacity);
  }
  return { width, height, data };
}

function unpackBits({ width, height, depth, data }: DecodedPng): Uint8Array {
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

function chunk(type: string, content: Uint8Array): Uint8Array {
  const out = new Uint8Array(content.length + 12);
  const view = new DataView(out.buffer);
  view.setUint32(0, content.length);
  for (let k = 0; k < 4; k++) out[4 + k] = type.charCodeAt(k);
  out.set(content, 8);
  view.setUint32(content.length + 8, crc32(out.subarray(4, content.length + 8)));
  return out;
}
