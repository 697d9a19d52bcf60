/**
 * What ranks do with any value that can be cloned: objects, maps, dates, arrays of arrays. Each is turned into bytes and
 * back. Slower than arrays by the time that takes, and ranks must run the same runtime: Deno and Bun write values
 * differently.
 *
 * @module
 */

import { deserialize, serialize } from "node:v8";
import { CollectivesV } from "./collectives_v.ts";
import { check, counted } from "./errors.ts";
import { constant, ffi, handleMemory } from "./native.ts";
import { Status } from "./status.ts";
import { datatype } from "./datatype.ts";

/** Bytes a message has at most, since counts are ints in C. A longer value takes several. */
export const PIECE = 1 << 30;

/** Ranks that talk to each other. */
export class Objects extends CollectivesV {
  /**
   * Local, but may wait until `dest` receives. Sends any value that can be cloned.
   *
   * @throws Error if it cannot be cloned: a function, a symbol; MPIError
   *
   * @example
   * ```ts ignore
   * if (world.rank === 0) world.send({ name: "plate", edges: new Map([["north", 100]]) }, 1);
   * else console.log(world.recv(0));
   * ```
   */
  send(value: unknown, dest: number, tag = 0): void {
    this.sendBytes(serialize(value), dest, tag);
  }

  /**
   * Local, but waits for the message. Receives what `send` has sent.
   *
   * @param source default any
   * @param tag default any
   * @param status receives source and tag
   * @throws MPIError
   */
  recv(source?: number, tag?: number, status?: Status): unknown {
    return deserialize(this.receiveBytes(source, tag, status));
  }

  /** Collective. Gives the value of one rank to all. @returns the value, at the root as well. @throws as `send` */
  bcast<T>(value: T, root = 0): T {
    const mine = this.rank === root ? serialize(value) : undefined;
    const length = new Float64Array([mine?.length ?? 0]);
    this.Bcast(length, root);
    const bytes = mine ?? new Uint8Array(length[0]!);
    for (let k = 0; k < bytes.length; k += PIECE) this.Bcast(bytes.subarray(k, k + PIECE), root);
    return mine ? value : deserialize(bytes) as T;
  }

  /** Collective. Collects a value of each rank. @returns at the root all, by rank; elsewhere undefined. @throws as `send` */
  gather<T>(value: T, root = 0): T[] | undefined {
    const parts = this.gatherBytes(serialize(value), root);
    return parts?.map((bytes) => deserialize(bytes) as T);
  }

  /** Collective. Collects a value of each rank at every rank. @returns all, by rank. @throws as `send` */
  allgather<T>(value: T): T[] {
    return this.gatherBytes(serialize(value), undefined)!.map((bytes) => deserialize(bytes) as T);
  }

  /**
   * Collective. Deals out values.
   *
   * @param values at the root one for each rank
   * @returns that of this rank
   * @throws RangeError if there is not one for each rank; as `send`
   */
  scatter<T>(values: readonly T[] | undefined, root = 0): T {
    const mine = this.rank === root ? values?.map((value) => serialize(value)) ?? [] : undefined;
    if (mine && mine.length !== this.size) {
      throw new RangeError(`Cannot scatter ${counted(mine.length, "value")} to ${counted(this.size, "rank")}`);
    }
    return deserialize(this.scatterBytes(mine, root)) as T;
  }

  /**
   * Collective. Combines a value of each rank, in the order of ranks.
   *
   * @param combine default `+`
   * @returns the result, the same everywhere. @throws as `send`
   */
  allreduce<T>(value: T, combine: (a: T, b: T) => T = plus): T {
    return this.bcast(this.reduce(value, combine, 0) as T, 0);
  }

  /**
   * Collective. Combines a value of each rank, in the order of ranks.
   *
   * @param combine default `+`
   * @returns at the root the result; elsewhere undefined. @throws as `send`
   */
  reduce<T>(value: T, combine: (a: T, b: T) => T = plus, root = 0): T | undefined {
    return this.gather(value, root)?.reduce(combine);
  }

  // ---- bytes of any number ----

  /** Local, but may wait. Sends bytes in pieces; one that is not full is the last. @throws MPIError */
  protected sendBytes(bytes: Uint8Array, dest: number, tag: number, piece: number = PIECE): void {
    let from = 0;
    do {
      this.Send(bytes.subarray(from, from + piece), dest, tag);
      from += piece;
    } while (from <= bytes.length);
  }

  /** Local, but waits. Receives what `sendBytes` has sent. @throws MPIError */
  protected receiveBytes(
    source?: number,
    tag?: number,
    status: Status = new Status(),
    piece: number = PIECE,
  ): Uint8Array {
    const first = this.#receivePiece(source ?? constant("ANY_SOURCE"), tag ?? constant("ANY_TAG"), status);
    if (first.length < piece) return first;
    const pieces = [first];
    const [from, as] = [status.source, status.tag];
    while (pieces.at(-1)!.length === piece) pieces.push(this.#receivePiece(from, as, status));
    return join(pieces);
  }

  /** A message whose length is not known before: it is taken out of the queue first, so that nobody else gets it. */
  #receivePiece(source: number, tag: number, status: Status): Uint8Array {
    const message = handleMemory();
    check(ffi.MPI_Mprobe(source, tag, this.handle, message, status.memory), "MPI_Mprobe");
    const bytes = new Uint8Array(status.Get_count() ?? 0);
    const { handle } = datatype("UINT8_T");
    check(ffi.MPI_Mrecv(bytes, bytes.length, handle, message, status.memory), "MPI_Mrecv");
    return bytes;
  }

  /** Collective. Collects bytes of each rank at `root`, or everywhere; in rounds, so that no count is too large. */
  protected gatherBytes(mine: Uint8Array, root: number | undefined, piece: number = PIECE): Uint8Array[] | undefined {
    const lengths = new Float64Array(this.size);
    this.Allgather(Float64Array.of(mine.length), lengths);
    const share = Math.max(1, Math.floor(piece / this.size));
    const wants = root === undefined || root === this.rank;
    const parts = wants ? Array.from(lengths, (length) => new Uint8Array(length)) : undefined;
    for (let k = 0; k < Math.max(...lengths); k += share) {
      const counts = Int32Array.from(lengths, (length) => Math.min(share, Math.max(0, length - k)));
      const data = wants ? new Uint8Array(counts.reduce((a, b) => a + b)) : undefined;
      const send = mine.subarray(k, k + share);
      if (root === undefined) this.Allgatherv(send, { data: data!, counts });
      else this.Gatherv(send, data ? { data, counts } : null, root);
      let from = 0;
      for (let rank = 0; data && rank < this.size; rank++) {
        if (counts[rank]! > 0) parts![rank]!.set(data.subarray(from, from += counts[rank]!), k);
      }
    }
    return parts;
  }

  /** Collective. Deals out bytes, in rounds, so that no count is too large. */
  protected scatterBytes(all: readonly Uint8Array[] | undefined, root: number, piece: number = PIECE): Uint8Array {
    const lengths = Float64Array.from({ length: this.size }, (_, rank) => all?.[rank]?.length ?? 0);
    this.Bcast(lengths, root);
    const share = Math.max(1, Math.floor(piece / this.size));
    const mine = new Uint8Array(lengths[this.rank]!);
    for (let k = 0; k < Math.max(...lengths); k += share) {
      const counts = Int32Array.from(lengths, (length) => Math.min(share, Math.max(0, length - k)));
      const data = all ? join(all.map((bytes) => bytes.subarray(k, k + share))) : undefined;
      this.Scatterv(data ? { data, counts } : null, mine.subarray(k, k + share), root);
    }
    return mine;
  }
}

// deno-lint-ignore no-explicit-any
const plus = (a: any, b: any) => a + b;

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let from = 0;
  for (const piece of pieces) {
    all.set(piece, from);
    from += piece.length;
  }
  return all;
}
