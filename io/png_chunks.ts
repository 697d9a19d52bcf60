/**
 * The chunks of a PNG file, read and checked without unpacking its pixels.
 *
 * Source: W3C, Portable Network Graphics (PNG) Specification, third edition.
 *
 * @module
 */

import { counted } from "../core/errors.ts";
import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import { cannot, quote } from "./errors.ts";
import { SIGNATURE } from "./png.ts";

/** What a PNG file holds. */
export interface PngChunks {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample. */
  readonly depth: number;
  /** Samples of a pixel. */
  readonly channels: number;
  /** Whether a sample is an index into the palette. */
  readonly indexed: boolean;
  readonly interlaced: boolean;
  /** The content of IHDR. */
  readonly header: Uint8Array;
  /** The content of PLTE, three bytes a colour; empty without. */
  readonly palette: Uint8Array;
  /** From tRNS: the opacity of each colour of the palette, else the samples of the one colour that is transparent. */
  readonly clear?: readonly number[];
  /** The content of all IDAT together, compressed. */
  readonly data: Uint8Array;
}

/** Of each colour type its samples a pixel, and the depths that exist. */
const TYPES: Readonly<Record<number, { readonly channels: number; readonly depths: readonly number[] }>> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};
const [GREY, RGB, INDEXED] = [0, 2, 3];

/** Local. Reads the chunks of a PNG file. @throws ConfigError that names it, if it breaks the rules of the format. */
export function readChunks(bytes: Uint8Array, name: string): PngChunks {
  if (bytes.length < 8 || SIGNATURE.some((byte, k) => bytes[k] !== byte)) {
    throw cannot("read", name, "it is not a PNG file: the first bytes are not those of PNG");
  }
  const damaged = (why: string) => cannot("read", name, `it is damaged: ${why}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const once = new Map<string, Uint8Array>();
  const data: Uint8Array[] = [];
  for (let at = 8; !once.has("IEND");) {
    const length = at + 12 <= bytes.length ? view.getUint32(at) : Infinity;
    const end = at + 8 + length;
    if (end + 4 > bytes.length) throw cannot("read", name, `it ends too early, after ${counted(bytes.length, "byte")}`);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const content = bytes.subarray(at + 8, end);
    if ((at === 8) !== (type === "IHDR") || (type === "IHDR" && length !== 13)) {
      throw damaged(`it begins with ${quote(type)}, not with a header`);
    }
    if (view.getUint32(end) !== crc32(bytes.subarray(at + 4, end))) {
      throw damaged(`the checksum of ${quote(type)} is wrong`);
    }
    if (type === "IDAT") data.push(content);
    else if (["IHDR", "PLTE", "tRNS", "IEND"].includes(type)) {
      if (once.has(type)) throw damaged(`it has ${type} twice`);
      if (data.length > 0 && type !== "IEND") throw damaged(`it has ${type} after the pixels`);
      once.set(type, content);
    } else if (/^[A-Z]/.test(type)) throw damaged(`it needs ${quote(type)}, which is not in the PNG standard`);
    at = end + 4;
  }
  try {
    return { ...checked(once), data: Buffer.concat(data) };
  } catch (error) {
    throw error instanceof RangeError ? damaged(error.message) : error;
  }
}

/** @throws RangeError for what contradicts itself */
function checked(once: ReadonlyMap<string, Uint8Array>): Omit<PngChunks, "data"> {
  const header = once.get("IHDR")!;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, type, compression, filter, interlace] = [...header.subarray(8)] as [
    number,
    number,
    number,
    number,
    number,
  ];
  const { channels, depths } = TYPES[type] ?? { channels: 0, depths: [] };
  if (!depths.includes(depth)) {
    throw new RangeError(`no PNG file has colours of type ${type} with ${counted(depth, "bit")}`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw new RangeError(`no PNG file has compression ${compression}, filter ${filter} and interlace ${interlace}`);
  }
  const palette = once.get("PLTE") ?? new Uint8Array(0);
  if (once.has("PLTE") && (palette.length % 3 !== 0 || palette.length === 0 || palette.length > 768)) {
    throw new RangeError(`its palette has ${counted(palette.length, "byte")}`);
  }
  if (type === INDEXED && palette.length === 0) throw new RangeError("it has no palette");
  // Of other colours a palette is a hint for screens of few colours.
  if (channels <= 2 && type !== INDEXED && palette.length > 0) throw new RangeError("its palette has no use");
  const clear = transparency(once.get("tRNS"), type, depth, palette.length / 3);
  const kind = { depth, channels, indexed: type === INDEXED, interlaced: interlace === 1 };
  return { width, height, ...kind, header, palette, ...(clear && { clear }) };
}

function transparency(chunk: Uint8Array | undefined, type: number, depth: number, colours: number) {
  if (chunk === undefined) return undefined;
  if (type === INDEXED && chunk.length <= colours) return [...chunk];
  if (chunk.length !== (type === GREY ? 2 : type === RGB ? 6 : NaN)) {
    throw new RangeError(`its tRNS has ${counted(chunk.length, "byte")}, not as its colours need`);
  }
  // Two bytes a sample, of which the lowest bits count.
  return Array.from(
    { length: chunk.length / 2 },
    (_, c) => (chunk[2 * c]! << 8 | chunk[2 * c + 1]!) & (2 ** depth - 1),
  );
}
