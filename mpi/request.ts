/**
 * Requests: messages under way. As long as one is, MPI reads or writes its array, so the array is kept here.
 *
 * @module
 */

import type { Handle } from "../host/ffi.ts";
import { call, check, failure } from "./errors.ts";
import { countOf, handleOf, type Message, type TypedArray, typeOf, viewOf } from "./message.ts";
import { abi, constant, ffi, handleMemory, keep, predefined, statusIgnore, words } from "./native.ts";
import { ignored, ignoredOf, Status } from "./status.ts";

/**
 * Requests that MPI has not finished. A program that drops a request must not let the collector free what MPI still
 * writes to; it leaks, as in C, until it is waited for.
 */
const pending = new Set<Request>();

const flag = new Int32Array(1);
const index = new Int32Array(1);

/** Memory for handles, used again and again: it must keep its place, and arrays that do are slow to make. */
const pool: Int32Array[] = [];

/** The handle of no request. Waiting for it takes no time. */
let none: Int32Array | undefined;

/** A message under way, or one that `Start` sends and receives again and again. */
export class Request {
  /** Where C keeps the handle. */
  memory: Int32Array = pool.pop() ?? fixed(1);
  /** What is sent or received. */
  readonly data: TypedArray | Message;
  /** Whether it can be started again. */
  readonly persistent: boolean;
  /**
   * Naming the array's buffer moves small arrays out of the collector's heap, where they have lain till then, to a place
   * that they keep. So it is named before C gets the address.
   */
  readonly #buffer: ArrayBufferLike;

  /** Local. Starts a message, or prepares it, with one of the four functions that do so. @throws MPIError */
  constructor(
    start: "MPI_Isend" | "MPI_Irecv" | "MPI_Send_init" | "MPI_Recv_init",
    persistent: boolean,
    data: TypedArray | Message,
    peer: number,
    tag: number,
    comm: Handle,
  ) {
    this.data = data;
    this.persistent = persistent;
    this.#buffer = viewOf(data).buffer;
    check(ffi[start](viewOf(data), countOf(data), handleOf(data), peer, tag, comm, this.memory), start);
    pending.add(this);
  }

  /** How many bytes it is of, at most. */
  get bytes(): number {
    return Math.min(countOf(this.data) * typeOf(this.data).size, this.#buffer.byteLength);
  }

  /** Local. Starts a persistent request. @throws MPIError */
  Start(): void {
    const code = ffi.MPI_Start(this.memory);
    if (code !== 0) throw failure(code, "MPI_Start");
  }

  /** Local, but waits for the other side. @param status receives the envelope of the message. @throws MPIError */
  Wait(status?: Status): void {
    const code = status ? ffi.MPI_Wait(this.memory, status.memory) : ffi.MPI_Wait_untold(this.memory, statusIgnore);
    if (!this.persistent) this.#forget();
    if (code !== 0) throw failure(code, "MPI_Wait");
  }

  /** Local. @returns whether it is finished; then `status` has the envelope of the message. @throws MPIError */
  Test(status?: Status): boolean {
    const code = ffi.MPI_Test(this.memory, flag, status ? status.memory : ignored);
    if (code === 0 && flag[0] === 0) return false;
    if (!this.persistent) this.#forget();
    if (code !== 0) throw failure(code, "MPI_Test");
    return true;
  }

  /** Local. Takes it back if it has met no counterpart yet; it must still be waited for. @throws MPIError */
  Cancel(): void {
    call("MPI_Cancel", this.memory);
  }

  /** Local. Gives up a persistent request, which must not be under way. Others free themselves. @throws MPIError */
  Free(): void {
    if (!pending.has(this)) return;
    if (!this.persistent) throw new TypeError("Cannot free a request under way: wait for it");
    call("MPI_Request_free", this.memory);
    this.#forget();
  }

  /** Local. What MPI has finished is no longer kept. */
  static finished(requests: readonly Request[]): void {
    for (const request of requests) if (!request.persistent) request.#forget();
  }

  /** C no longer knows the array, nor where the handle was. */
  #forget(): void {
    if (!pending.delete(this)) return;
    pool.push(this.memory);
    if (none === undefined) keep(predefined("REQUEST_NULL"), none = handleMemory());
    this.memory = none;
  }
}

/**
 * Requests that are started and waited for together, again and again: `mpi.Requests([…])`. The handles lie side by side, as
 * C wants them, so that a call copies and allocates nothing.
 *
 * @example Both halos of a row of ranks
 * ```ts ignore
 * const halos = mpi.Requests([world.Recv_init(west, rank - 1), world.Send_init(east, rank + 1)]);
 * for (;;) {
 *   halos.Start();
 *   sweepInterior();
 *   halos.Wait();
 * }
 * ```
 */
export class Requests {
  readonly #list: readonly Request[];
  readonly #memory: Int32Array;

  /** Local. Takes over requests: from here on they are started and waited for through this. */
  constructor(list: Iterable<Request>) {
    this.#list = [...list];
    this.#memory = gather(this.#list, fixed(this.#list.length));
  }

  /** Local. Starts them; all must be persistent. @throws MPIError */
  Start(): void {
    const code = ffi.MPI_Startall(this.#list.length, this.#memory);
    if (code !== 0) throw failure(code, "MPI_Startall");
  }

  /** Local, but waits for the other sides. @throws MPIError */
  Wait(): void {
    const code = ffi.MPI_Waitall_untold(this.#list.length, this.#memory, statusIgnore);
    Request.finished(this.#list);
    if (code !== 0) throw failure(code, "MPI_Waitall");
  }

  /** Local. @returns whether all are finished. @throws MPIError */
  Test(): boolean {
    const code = ffi.MPI_Testall(this.#list.length, this.#memory, flag, ignoredOf(this.#list.length));
    if (code !== 0) throw failure(code, "MPI_Testall");
    if (flag[0] !== 0) Request.finished(this.#list);
    return flag[0] !== 0;
  }

  /** Local. Gives up persistent requests. @throws MPIError */
  Free(): void {
    scatter(this.#list, this.#memory);
    for (const request of this.#list) request.Free();
  }
}

let scratch = new Int32Array(0);

/** Memory for handles that does not move, which small arrays else do. */
function fixed(count: number): Int32Array {
  return new Int32Array(new ArrayBuffer(count * words() * 4));
}

/** The handles of requests side by side, as C wants them. */
function gather(list: readonly Request[], into?: Int32Array): Int32Array {
  const width = words();
  if (!into && scratch.length < list.length * width) scratch = new Int32Array(list.length * width * 2);
  const memory = into ?? scratch;
  for (let k = 0; k < list.length; k++) {
    const from = list[k]!.memory;
    memory[k * width] = from[0]!;
    if (width === 2) memory[k * 2 + 1] = from[1]!;
  }
  return memory;
}

/** Back again: C may have changed them. */
function scatter(list: readonly Request[], memory: Int32Array): void {
  const width = words();
  for (let k = 0; k < list.length; k++) {
    const to = list[k]!.memory;
    to[0] = memory[k * width]!;
    if (width === 2) to[1] = memory[k * 2 + 1]!;
  }
}

/** Local. Starts persistent requests. @throws MPIError */
export function Startall(list: readonly Request[]): void {
  const memory = gather(list);
  const code = ffi.MPI_Startall(list.length, memory);
  scatter(list, memory);
  if (code !== 0) throw failure(code, "MPI_Startall");
}

/** Local, but waits for the other sides. @returns a status for each if `statuses`. @throws MPIError */
export function Waitall(list: readonly Request[], statuses: boolean): Status[] {
  const memory = gather(list);
  const ints = abi.status.bytes / 4;
  const memories = statuses ? new Int32Array(list.length * ints) : undefined;
  const code = memories
    ? ffi.MPI_Waitall(list.length, memory, memories)
    : ffi.MPI_Waitall_untold(list.length, memory, statusIgnore);
  scatter(list, memory);
  Request.finished(list);
  if (code !== 0) throw failure(code, "MPI_Waitall");
  return memories ? list.map((_, k) => new Status(memories.subarray(k * ints, (k + 1) * ints))) : [];
}

/** Local, but waits for one. @returns which is finished; -1 if none is under way. @throws MPIError */
export function Waitany(list: readonly Request[], status?: Status): number {
  const memory = gather(list);
  const code = ffi.MPI_Waitany(list.length, memory, index, status ? status.memory : ignored);
  scatter(list, memory);
  if (code !== 0) throw failure(code, "MPI_Waitany");
  const k = index[0]!;
  if (k === constant("UNDEFINED")) return -1;
  Request.finished([list[k]!]);
  return k;
}

/** Local. @returns whether all are finished. @throws MPIError */
export function Testall(list: readonly Request[]): boolean {
  const memory = gather(list);
  const code = ffi.MPI_Testall(list.length, memory, flag, ignoredOf(list.length));
  scatter(list, memory);
  if (code !== 0) throw failure(code, "MPI_Testall");
  if (flag[0] !== 0) Request.finished(list);
  return flag[0] !== 0;
}
