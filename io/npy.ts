/**
 * NumPy's .npy format, versions 1 to 3, of real numbers in up to two dimensions. Bytes only: files are in `files.ts`.
 *
 * Source: NumPy Enhancement Proposal 1 and `numpy/lib/format.py`.
 *
 * @module
 */

import { counted } from "../core/errors.ts";
import type { Dtype, GridData } from "../core/contract.ts";
import { cannot, inWords, quote } from "./errors.ts";
import { parseHeader } from "./npy_header.ts";

/** The array in a file. */
export interface FieldArray {
  /** No, one or two dimensions. */
  readonly shape: readonly number[];
  /** Values in C order. */
  readonly data: GridData;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
/** NumPy leaves room for a first dimension of this many digits, so that a file can grow in place. */
const GROWTH_DIGITS = 21;

/** Rows that are transposed at a time. */
const ROWS = 16;

type Reader = (view: DataView, at: number, little: boolean) => number;

const READERS: Readonly<Record<string, Reader>> = {
  b1: (view, at) => view.getUint8(at) === 0 ? 0 : 1,
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i8: (view, at, little) => exact(view.getBigInt64(at, little)),
  u8: (view, at, little) => exact(view.getBigUint64(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

/**
 * Local. Decodes the content of a .npy file. Single precision stays single; integers and truth values become
 * doubles, exactly or not at all; Fortran order becomes C order. The result may share memory with `bytes`, so that a large
 * field is not copied.
 *
 * @param name names the file in errors.
 * @throws ConfigError if the bytes are not such a file, down to a single byte too few or too many.
 *
 * @example
 * ```ts
 * import { decodeNpy, encodeNpy } from "./npy.ts";
 *
 * const file = Uint8Array.from(encodeNpy([2, 2], Float64Array.of(1, 2, 3, 4)).flatMap((part) => [...part]));
 * console.log(decodeNpy(file, "u.npy").shape); // [ 2, 2 ]
 * ```
 */
export function decodeNpy(bytes: Uint8Array, name: string): FieldArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { text, end } = headerText(view, name);
  const { descr, fortranOrder, shape } = parseHeader(text, name);

  const type = descr.slice(1);
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  const size = Number(type.slice(1));
  if (read === undefined || !"<>=|".includes(descr[0]!) || (descr[0] === "|" && size > 1)) {
    throw cannot("read", name, `its numbers are of type ${quote(descr)}; save them as "<f8" or "<f4"`);
  }
  const little = descr[0] === "=" ? LITTLE : descr[0] !== ">";
  if (shape.length > 2) throw cannot("read", name, `its shape is ${inWords(shape)}; at most two dimensions are read`);
  const count = shape.reduce((product, n) => product * n, 1);
  // Before anything is allocated: a header can ask for any number of bytes.
  const asked = count * size;
  const held = bytes.byteLength - end;
  if (asked !== held) {
    const bytesAsked = Number.isSafeInteger(asked) ? asked : asked.toExponential(3);
    throw cannot(
      "read",
      name,
      `its header asks for ${counted(bytesAsked, "byte")} of data, but the file holds ${held}`,
    );
  }

  const Numbers = type === "f4" ? Float32Array : Float64Array;
  const place = bytes.byteOffset + end;
  // The fast way: the bytes are the numbers already.
  const ready = type[0] === "f" && little === LITTLE;
  const data = ready && place % size === 0
    ? new Numbers(bytes.buffer as ArrayBuffer, place, count)
    : new Numbers(count);
  if (ready) {
    if (data.buffer !== bytes.buffer) new Uint8Array(data.buffer).set(bytes.subarray(end));
  } else {
    for (let k = 0; k < count; k++) {
      const value = read(view, end + k * size, little);
      if (value !== value && type[0] !== "f") {
        throw cannot("read", name, `its value ${k} is beyond 2^53 and no double equals it; save it as "<f8"`);
      }
      data[k] = value;
    }
  }
  return { shape, data: fortranOrder && shape.length === 2 ? transposed(data, shape[0]!, shape[1]!) : data };
}

/**
 * Local. Encodes a .npy file, byte for byte as NumPy writes it: version 1.0, C order, in this machine's byte order.
 *
 * @param shape dimensions whose product is the length of `data`.
 * @returns the header and the numbers; the second shares memory with `data`, so that a large field is not copied.
 * @throws RangeError if shape and data do not fit.
 */
export function encodeNpy(shape: readonly number[], data: GridData): [header: Uint8Array, numbers: Uint8Array] {
  if (shape.reduce((product, n) => product * n, 1) !== data.length) {
    throw new RangeError(`Cannot encode ${counted(data.length, "number")}: the shape is ${inWords(shape)}`);
  }
  const header = encodeNpyHeader(shape, data instanceof Float32Array ? "f32" : "f64");
  return [header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}

/** Local. The header alone, for numbers that somebody else writes behind it, in C order and this machine's byte order. */
export function encodeNpyHeader(shape: readonly number[], dtype: Dtype): Uint8Array {
  const descr = (LITTLE ? "<" : ">") + (dtype === "f32" ? "f4" : "f8");
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  let dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  if (shape.length > 0) dict += " ".repeat(GROWTH_DIGITS - String(shape[0]).length);
  // A whole block of blanks if it fits already, as NumPy does.
  const total = (Math.floor((10 + dict.length + 1) / 64) + 1) * 64;
  const header = new Uint8Array(total);
  header.set([...MAGIC, 1, 0, (total - 10) & 255, (total - 10) >> 8]);
  header.set(new TextEncoder().encode(dict.padEnd(total - 11) + "\n"), 10);
  return header;
}

/** The dict of the header, and where the data begin. */
function headerText(view: DataView, name: string): { text: string; end: number } {
  const held = view.byteLength;
  if (held < 6 || MAGIC.some((byte, k) => view.getUint8(k) !== byte)) {
    throw cannot("read", name, "it is not a .npy file: the first bytes are not those of NumPy");
  }
  if (held < 12) throw cannot("read", name, `it ends inside its header, after ${counted(held, "byte")}`);
  const version = view.getUint8(6);
  if (version < 1 || version > 3) {
    throw cannot("read", name, `it is of version ${version}.${view.getUint8(7)}; versions 1 to 3 are read`);
  }
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (start + length > held) {
    throw cannot("read", name, `its header should be ${counted(length, "byte")}, but it ends after ${held - start}`);
  }
  // NumPy has the same limit: a longer header is an attack, not an array.
  if (length > 10000) throw cannot("read", name, `its header has ${length} bytes; at most 10000 are read`);
  const text = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + start, length));
  return { text, end: start + length };
}

/** NaN, which no integer is, stands for one that a double cannot hold. */
function exact(value: bigint): number {
  const double = Number(value);
  return Number.isSafeInteger(double) || BigInt(double) === value ? double : NaN;
}

/** C order of an ny × nx array in Fortran order. */
function transposed(data: GridData, ny: number, nx: number): GridData {
  const out = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length);
  // Some rows at a time: whole cache lines are read, and as many written.
  for (let from = 0; from < ny; from += ROWS) {
    const to = Math.min(from + ROWS, ny);
    for (let j = 0; j < nx; j++) {
      for (let i = from; i < to; i++) out[i * nx + j] = data[j * ny + i]!;
    }
  }
  return out;
}
