/**
 * Writes PNG files of every kind, for what reads them. It shares nothing with the writer of the program.
 *
 * Source: W3C, Portable Network Graphics (PNG) Specification, third edition.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";

/** A picture, and how its file is made. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Colour type: 0 grey, 2 RGB, 3 indexed, 4 grey and opacity, 6 RGB and opacity. */
  readonly type: number;
  /** Bits of a sample. */
  readonly depth: number;
  /** The samples of a pixel. */
  readonly samples: (x: number, y: number) => readonly number[];
  readonly interlaced?: boolean;
  /** The filter of a line, 0 to 4; default 0. */
  readonly filter?: (line: number) => number;
  /** Chunks before and after the pixels. */
  readonly before?: readonly Uint8Array[];
  readonly after?: readonly Uint8Array[];
  /** Bytes of pixels in a chunk; default all. */
  readonly split?: number;
}

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const ADAM7 = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [
  0,
  1,
  1,
  2,
]] as const;

/** @returns the bytes of the file */
export function writePng({ width, height, type, depth, samples, ...how }: Picture): Uint8Array {
  const { interlaced = false, filter = () => 0, before = [], after = [], split = Infinity } = how;
  const step = Math.max(1, CHANNELS[type]! * depth / 8);
  const lines: number[] = [];
  for (const [x0, y0, dx, dy] of interlaced ? ADAM7 : [[0, 0, 1, 1]] as const) {
    let above: number[] = [];
    for (let y = y0; y < height && x0 < width; y += dy) {
      const row: number[] = [];
      for (let x = x0; x < width; x += dx) row.push(...samples(x, y));
      const line = pack(row, depth);
      const kind = filter(y);
      lines.push(kind, ...filtered(line, above, kind, step));
      above = line;
    }
  }
  const data = deflateSync(Uint8Array.from(lines));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, type, 0, 0, interlaced ? 1 : 0], 8);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += split) parts.push(chunk("IDAT", data.subarray(at, at + split)));
  return pngOf(chunk("IHDR", header), ...before, ...parts, ...after, chunk("IEND"));
}

/** @returns a PNG file of these chunks */
export function pngOf(...chunks: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10), ...chunks]);
}

/** @returns a chunk of a PNG file; text has one byte a character */
export function chunk(type: string, content: Uint8Array | readonly number[] | string = []): Uint8Array {
  const bytes = typeof content === "string" ? Buffer.from(content, "latin1") : Buffer.from(content);
  const out = Buffer.alloc(bytes.length + 12);
  out.writeUInt32BE(bytes.length, 0);
  out.write(type, 4, "latin1");
  out.set(bytes, 8);
  out.writeUInt32BE(crc32(out.subarray(4, -4)), bytes.length + 8);
  return out;
}

function pack(row: readonly number[], depth: number): number[] {
  const bits = row.map((sample) => sample.toString(2).padStart(depth, "0")).join("");
  return (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
}

function filtered(line: readonly number[], above: readonly number[], kind: number, step: number): number[] {
  return line.map((byte, k) => {
    const [a, b, c] = [line[k - step] ?? 0, above[k] ?? 0, above[k - step] ?? 0];
    return (byte - [0, a, b, a + b >> 1, paeth(a, b, c)][kind]!) & 255;
  });
}

function paeth(a: number, b: number, c: number): number {
  const far = (x: number) => Math.abs(a + b - c - x);
  return far(a) <= far(b) && far(a) <= far(c) ? a : far(b) <= far(c) ? b : c;
}
