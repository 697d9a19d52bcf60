/**
 * Messages from rank to rank: the part of a communicator that sends and receives arrays, without copies.
 *
 * @module
 */

import type { Handle } from "../host/ffi.ts";
import { call, check, failure } from "./errors.ts";
import { countOf, type Data, handleOf, ready, viewOf } from "./message.ts";
import { constant, ffi, handleIn, predefined, statusIgnore } from "./native.ts";
import { Request } from "./request.ts";
import { Status } from "./status.ts";

const flag = new Int32Array(1);

/** Ranks that talk to each other, as far as messages between two of them go. */
export class PointToPoint {
  /** MPI's own name for it. */
  handle: Handle;
  /** Where C finds the handle; none for a communicator of MPI's own. */
  readonly memory: Int32Array | undefined;
  /** Which of its ranks this process is. */
  readonly rank: number;
  /** How many ranks it has. */
  readonly size: number;
  readonly #anySource: number;
  readonly #anyTag: number;

  /** Local. Takes over a communicator that MPI has made. @param made its handle, or the memory in which C has left it */
  constructor(made: Handle | Int32Array) {
    this.memory = made instanceof Int32Array ? made : undefined;
    const handle = this.handle = made instanceof Int32Array ? handleIn(made) : made;
    const number = new Int32Array(1);
    // First of all: else the next error would end the program.
    call("MPI_Comm_set_errhandler", handle, predefined("ERRORS_RETURN"));
    call("MPI_Comm_rank", handle, number);
    this.rank = number[0]!;
    call("MPI_Comm_size", handle, number);
    this.size = number[0]!;
    this.#anySource = constant("ANY_SOURCE");
    this.#anyTag = constant("ANY_TAG");
  }

  /**
   * Local, but may wait until `dest` receives. Sends an array, or a part of one.
   *
   * @throws RangeError if the part is not inside its array, MPIError
   *
   * @example
   * ```ts ignore
   * if (world.rank === 0) world.Send(Float64Array.of(1, 2, 3), 1);
   * else world.Recv(new Float64Array(3), 0);
   * ```
   */
  Send(data: Data, dest: number, tag = 0): void {
    const d = ready(data);
    const code = ffi.MPI_Send(viewOf(d), countOf(d), handleOf(d), dest, tag, this.handle);
    if (code !== 0) throw failure(code, "MPI_Send");
  }

  /** Local, but waits until `dest` receives. Sends an array, or a part of one. @throws RangeError, MPIError */
  Ssend(data: Data, dest: number, tag = 0): void {
    const d = ready(data);
    const code = ffi.MPI_Ssend(viewOf(d), countOf(d), handleOf(d), dest, tag, this.handle);
    if (code !== 0) throw failure(code, "MPI_Ssend");
  }

  /**
   * Local, but waits for the message. Receives into an array, or a part of one; what is longer is an error.
   *
   * @param source default any
   * @param tag default any
   * @param status receives source, tag and length
   * @throws RangeError if the part is not inside its array, MPIError
   */
  Recv(data: Data, source: number = this.#anySource, tag: number = this.#anyTag, status?: Status): void {
    const d = ready(data);
    const code = status
      ? ffi.MPI_Recv(viewOf(d), countOf(d), handleOf(d), source, tag, this.handle, status.memory)
      : ffi.MPI_Recv_untold(viewOf(d), countOf(d), handleOf(d), source, tag, this.handle, statusIgnore);
    if (code !== 0) throw failure(code, "MPI_Recv");
  }

  /**
   * Local, but waits for both. Sends one message and receives another, neither waiting for the other.
   *
   * @throws RangeError if a part is not inside its array, MPIError
   */
  Sendrecv(
    send: Data,
    dest: number,
    sendTag: number,
    recv: Data,
    source: number = this.#anySource,
    recvTag: number = this.#anyTag,
    status?: Status,
  ): void {
    const s = ready(send);
    const r = ready(recv);
    const out = viewOf(s);
    const n = countOf(s);
    const type = handleOf(s);
    const into = viewOf(r);
    const m = countOf(r);
    const kind = handleOf(r);
    const code = status
      ? ffi.MPI_Sendrecv(out, n, type, dest, sendTag, into, m, kind, source, recvTag, this.handle, status.memory)
      : ffi.MPI_Sendrecv_untold(out, n, type, dest, sendTag, into, m, kind, source, recvTag, this.handle, statusIgnore);
    if (code !== 0) throw failure(code, "MPI_Sendrecv");
  }

  /** Local. Starts to send; the array must not change until the request is finished. @throws RangeError, MPIError */
  Isend(data: Data, dest: number, tag = 0): Request {
    return new Request("MPI_Isend", false, ready(data), dest, tag, this.handle);
  }

  /** Local. Starts to receive; the array must not be used until the request is finished. @throws RangeError, MPIError */
  Irecv(data: Data, source: number = this.#anySource, tag: number = this.#anyTag): Request {
    return new Request("MPI_Irecv", false, ready(data), source, tag, this.handle);
  }

  /** Local. A message that is sent anew at each `Start`. @throws RangeError, MPIError */
  Send_init(data: Data, dest: number, tag = 0): Request {
    return new Request("MPI_Send_init", true, ready(data), dest, tag, this.handle);
  }

  /** Local. A message that is received anew at each `Start`. @throws RangeError, MPIError */
  Recv_init(data: Data, source: number = this.#anySource, tag: number = this.#anyTag): Request {
    return new Request("MPI_Recv_init", true, ready(data), source, tag, this.handle);
  }

  /** Local, but waits until a message can be received. @returns what is known of it. @throws MPIError */
  Probe(source: number = this.#anySource, tag: number = this.#anyTag, status: Status = new Status()): Status {
    check(ffi.MPI_Probe(source, tag, this.handle, status.memory), "MPI_Probe");
    return status;
  }

  /** Local. @returns what is known of a message that can be received; undefined if there is none. @throws MPIError */
  Iprobe(
    source: number = this.#anySource,
    tag: number = this.#anyTag,
    status: Status = new Status(),
  ): Status | undefined {
    check(ffi.MPI_Iprobe(source, tag, this.handle, flag, status.memory), "MPI_Iprobe");
    return flag[0] === 0 ? undefined : status;
  }
}
