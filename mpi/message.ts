/**
 * Messages: an array, or a part of one, as MPI wants it: an address, a count, a datatype. All bounds are checked here.
 *
 * @module
 */

import { counted } from "./errors.ts";
import type { Buffer, Handle } from "../host/ffi.ts";
import { type Datatype, elementType } from "./datatype.ts";

/** Counts are ints in C. */
const MOST = 0x7fffffff;
const COUNTS = "a count is 0 to 2147483647";

/** Arrays that MPI can send and receive without a copy. */
export type TypedArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** A part of an array. */
export interface Part {
  /** The array. */
  readonly data: TypedArray;
  /** Where it starts, in elements of the array; default 0. */
  readonly offset?: number;
  /** How many of `type`; default as many as fit. */
  readonly count?: number;
  /** Default the datatype of the array's elements. */
  readonly type?: Datatype;
}

/**
 * A part of an array, checked and ready: `mpi.message({ data, offset, count, type })`. Calls that are made again and again
 * are faster with one.
 */
export class Message {
  /** What C gets: it starts where the message starts. */
  readonly view: TypedArray;
  /** How many of `type`. */
  readonly count: number;
  /** What it consists of. */
  readonly type: Datatype;
  /** How many bytes of `view` C may touch. */
  readonly #bytes: number;

  /** Local. Checks a part of an array. @throws RangeError if it is not all inside, TypeError if it is no array. */
  constructor({ data, offset = 0, count, type = elementType(arrayOf(data)) }: Part) {
    const { length, BYTES_PER_ELEMENT: size } = data;
    if (!Number.isInteger(offset) || offset < 0 || offset > length) {
      throw new RangeError(`Cannot start a message at ${offset}: the array has ${counted(length, "element")}`);
    }
    const rest = (length - offset) * size;
    this.count = count ?? fit(type, rest);
    if (!Number.isInteger(this.count) || this.count < 0 || this.count > MOST) {
      throw new RangeError(`Cannot pass ${counted(this.count, "element")} to MPI: ${COUNTS}`);
    }
    this.#bytes = type.reach(this.count);
    if (this.#bytes > rest) {
      throw new RangeError(
        `Cannot pass ${this.count} of a datatype, ${counted(this.#bytes, "byte")}: the array has ${rest} there`,
      );
    }
    if (type.reachBack(this.count) < -offset * size) {
      throw new RangeError(
        `Cannot pass a datatype that starts ${counted(-type.reachBack(this.count), "byte")} before its message`,
      );
    }
    this.type = type;
    this.view = offset === 0 ? data : data.subarray(offset);
  }

  /** Local. @throws RangeError if the array has been detached or has shrunk. */
  check(): this {
    if (this.view.byteLength < this.#bytes) {
      throw new RangeError(
        `Cannot pass a message of ${counted(this.#bytes, "byte")}: its array now has ${this.view.byteLength}`,
      );
    }
    return this;
  }
}

/** What can be sent and received: an array, a part of one, or a part that has been checked. */
export type Data = TypedArray | Part | Message;

/** An array, or a part that has been checked. */
export type Ready = TypedArray | Message;

/** Stands for the buffer that is sent, or received, where MPI is to work in the other one alone. */
export const IN_PLACE: unique symbol = Symbol("MPI_IN_PLACE");

/** Local. What is given, checked. @throws RangeError, TypeError */
export function ready(data: Data): Ready {
  if (data instanceof Message) return data.check();
  if (!ArrayBuffer.isView(data)) return new Message(data);
  if (data.length > MOST) throw new RangeError(`Cannot pass ${data.length} elements to MPI: ${COUNTS}`);
  return data;
}

// Three accessors instead of an object: calls are made millions of times, and these allocate nothing.

/** Local. What C gets. */
export function viewOf(data: Ready): Buffer {
  return data instanceof Message ? data.view : data;
}

/** Local. How many elements. */
export function countOf(data: Ready): number {
  return data instanceof Message ? data.count : data.length;
}

/** Local. Of which datatype. */
export function typeOf(data: Ready): Datatype {
  return data instanceof Message ? data.type : elementType(data);
}

/** Local. The handle of that. */
export function handleOf(data: Ready): Handle {
  return typeOf(data).handle;
}

/** How many of a datatype fit into so many bytes. */
function fit(type: Datatype, bytes: number): number {
  const first = type.reach(1);
  if (first > bytes) return 0;
  if (type.extent <= 0) return 1;
  return 1 + Math.floor((bytes - first) / type.extent);
}

function arrayOf(data: unknown): TypedArray {
  if (!ArrayBuffer.isView(data)) throw new TypeError(`Cannot pass ${typeof data} to MPI: a typed array is wanted`);
  return data as TypedArray;
}
