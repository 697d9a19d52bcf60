/**
 * What is known of a message that has arrived, or is about to.
 *
 * @module
 */

import { type Datatype, datatype } from "./datatype.ts";
import { check } from "./errors.ts";
import { abi, constant, ffi } from "./native.ts";

const one = new Int32Array(1);

/** As long as any ABI's. */
const INTS = 8;

/**
 * Where C may write what nobody asked about: what says "ignore" is an address, and no array lies there.
 */
export const ignored: Int32Array = new Int32Array(INTS);

let more: Int32Array = ignored;

/** Local. The same, for many messages. */
export function ignoredOf(count: number): Int32Array {
  if (more.length < count * INTS) more = new Int32Array(2 * count * INTS);
  return more;
}

/** Who sent a message, with which tag, and how long it is. Made by `mpi.Status()`; calls that are given one fill it. */
export class Status {
  /** Where C writes it. */
  readonly memory: Int32Array;

  /** Local. An empty one. @param memory where C writes it, if it is one of many */
  constructor(memory: Int32Array = new Int32Array(abi.status.bytes / 4)) {
    this.memory = memory;
  }

  /** The rank that sent it. */
  get source(): number {
    return this.memory[abi.status.source]!;
  }

  /** Its tag. */
  get tag(): number {
    return this.memory[abi.status.tag]!;
  }

  /** Its error code, where several messages were waited for. */
  get error(): number {
    return this.memory[abi.status.error]!;
  }

  /** Whether it was cancelled. */
  get cancelled(): boolean {
    check(ffi.MPI_Test_cancelled(this.memory, one), "MPI_Test_cancelled");
    return one[0] !== 0;
  }

  /**
   * Local. How long it is, in elements of a datatype; default bytes.
   *
   * @returns the count; undefined if it is no whole number of them, or more than 2147483647
   */
  Get_count(type: Datatype = datatype("BYTE")): number | undefined {
    check(ffi.MPI_Get_count(this.memory, type.handle, one), "MPI_Get_count");
    return one[0] === constant("UNDEFINED") ? undefined : one[0]!;
  }
}
