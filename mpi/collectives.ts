/**
 * What all ranks of a communicator do together with arrays, without copies. Those that deal out or collect parts of
 * different length are in collectives_v.ts.
 *
 * @module
 */

import { check, counted, failure } from "./errors.ts";
import { countOf, type Data, handleOf, IN_PLACE, type Ready, ready, typeOf, viewOf } from "./message.ts";
import { ffi, inPlace } from "./native.ts";
import { Op } from "./op.ts";
import { PointToPoint } from "./point_to_point.ts";

/** What is sent, or IN_PLACE: what is sent lies where the result will. */
export type Send = Data | typeof IN_PLACE;

/** Ranks that talk to each other, as far as arrays go. */
export class Collectives extends PointToPoint {
  /** Collective. Waits until all ranks are here. @throws MPIError */
  Barrier(): void {
    const code = ffi.MPI_Barrier(this.handle);
    if (code !== 0) throw failure(code, "MPI_Barrier");
  }

  /**
   * Collective. Sends the array of one rank to all; as long everywhere.
   *
   * @throws RangeError if a part is not inside its array, MPIError
   */
  Bcast(data: Data, root = 0): void {
    const d = ready(data);
    const code = ffi.MPI_Bcast(viewOf(d), countOf(d), handleOf(d), root, this.handle);
    if (code !== 0) throw failure(code, "MPI_Bcast");
  }

  /**
   * Collective. Combines the arrays of all ranks, element by element; all get the result.
   *
   * @param send what this rank contributes, or IN_PLACE: it lies in `recv`
   * @param recv where the result goes; as long as `send`
   * @param op default SUM
   * @throws RangeError if the two differ in length, MPIError
   *
   * @example
   * ```ts ignore
   * const sum = new Float64Array(1);
   * world.Allreduce(Float64Array.of(part), sum);
   * ```
   */
  Allreduce(send: Send, recv: Data, op: Op = sum()): void {
    const r = ready(recv);
    let code: number;
    if (send === IN_PLACE) {
      code = ffi.MPI_Allreduce_in_place(inPlace, viewOf(r), countOf(r), handleOf(r), op.handle, this.handle);
    } else {
      const s = alike(ready(send), r);
      code = ffi.MPI_Allreduce(viewOf(s), viewOf(r), countOf(s), handleOf(s), op.handle, this.handle);
    }
    if (code !== 0) throw failure(code, "MPI_Allreduce");
  }

  /**
   * Collective. Combines the arrays of all ranks, element by element; `root` gets the result.
   *
   * @param send what this rank contributes; at the root also IN_PLACE: it lies in `recv`
   * @param recv at the root where the result goes, as long as `send`; elsewhere null
   * @param op default SUM
   * @throws RangeError if the two differ in length, MPIError
   */
  Reduce(send: Send, recv: Data | null, op: Op = sum(), root = 0): void {
    const r = atRoot(this, recv, root, "Reduce");
    let code: number;
    if (send === IN_PLACE) {
      const all = inPlaceOf(r, "Reduce");
      code = ffi.MPI_Reduce_in_place(inPlace, viewOf(all), countOf(all), handleOf(all), op.handle, root, this.handle);
    } else {
      const s = r ? alike(ready(send), r) : ready(send);
      code = ffi.MPI_Reduce(viewOf(s), r ? viewOf(r) : null, countOf(s), handleOf(s), op.handle, root, this.handle);
    }
    if (code !== 0) throw failure(code, "MPI_Reduce");
  }

  /**
   * Collective. Combines the arrays of this rank and those before it.
   *
   * @param send what this rank contributes, or IN_PLACE: it lies in `recv`
   * @throws RangeError if the two differ in length, MPIError
   */
  Scan(send: Send, recv: Data, op: Op = sum()): void {
    const r = ready(recv);
    if (send === IN_PLACE) {
      const code = ffi.MPI_Scan_in_place(inPlace, viewOf(r), countOf(r), handleOf(r), op.handle, this.handle);
      return check(code, "MPI_Scan");
    }
    const s = alike(ready(send), r);
    check(ffi.MPI_Scan(viewOf(s), viewOf(r), countOf(s), handleOf(s), op.handle, this.handle), "MPI_Scan");
  }

  /**
   * Collective. Collects arrays of one length at `root`, one after the other.
   *
   * @param send what this rank contributes; at the root also IN_PLACE: it lies at its place in `recv`
   * @param recv at the root where they go: `size` times as long; elsewhere null
   * @throws RangeError if `recv` does not divide into `size` parts, MPIError
   */
  Gather(send: Send, recv: Data | null, root = 0): void {
    const r = atRoot(this, recv, root, "Gather");
    const count = r ? share(this, r) : 0;
    if (send === IN_PLACE) {
      const into = inPlaceOf(r, "Gather");
      const type = handleOf(into);
      const code = ffi.MPI_Gather_in_place(inPlace, count, type, viewOf(into), count, type, root, this.handle);
      return check(code, "MPI_Gather");
    }
    const s = ready(send);
    const [n, type] = [countOf(s), handleOf(s)];
    const to = r ? viewOf(r) : null;
    const code = ffi.MPI_Gather(viewOf(s), n, type, to, count, r ? handleOf(r) : type, root, this.handle);
    check(code, "MPI_Gather");
  }

  /**
   * Collective. Deals out the array of `root`, a part of one length to each rank.
   *
   * @param send at the root what is dealt out: `size` parts; elsewhere null
   * @param recv where the part of this rank goes; at the root also IN_PLACE: it stays where it is
   * @throws RangeError if `send` does not divide into `size` parts, MPIError
   */
  Scatter(send: Data | null, recv: Data | typeof IN_PLACE, root = 0): void {
    const s = atRoot(this, send, root, "Scatter");
    const count = s ? share(this, s) : 0;
    if (recv === IN_PLACE) {
      const from = inPlaceOf(s, "Scatter");
      const type = handleOf(from);
      const code = ffi.MPI_Scatter_in_place(viewOf(from), count, type, inPlace, count, type, root, this.handle);
      return check(code, "MPI_Scatter");
    }
    const r = ready(recv);
    const [n, type] = [countOf(r), handleOf(r)];
    const from = s ? viewOf(s) : null;
    const code = ffi.MPI_Scatter(from, count, s ? handleOf(s) : type, viewOf(r), n, type, root, this.handle);
    check(code, "MPI_Scatter");
  }

  /**
   * Collective. Collects arrays of one length at every rank, one after the other.
   *
   * @param send what this rank contributes, or IN_PLACE: it lies at its place in `recv`
   * @param recv where they go: `size` parts
   * @throws RangeError if `recv` does not divide into `size` parts, MPIError
   */
  Allgather(send: Send, recv: Data): void {
    const r = ready(recv);
    const [count, type] = [share(this, r), handleOf(r)];
    if (send === IN_PLACE) {
      const code = ffi.MPI_Allgather_in_place(inPlace, count, type, viewOf(r), count, type, this.handle);
      return check(code, "MPI_Allgather");
    }
    const s = ready(send);
    const code = ffi.MPI_Allgather(viewOf(s), countOf(s), handleOf(s), viewOf(r), count, type, this.handle);
    check(code, "MPI_Allgather");
  }

  /**
   * Collective. Sends part k of `send` to rank k, from each rank to each.
   *
   * @param send `size` parts, or IN_PLACE: they lie in `recv`
   * @param recv where they go: `size` parts
   * @throws RangeError if one does not divide into `size` parts, MPIError
   */
  Alltoall(send: Send, recv: Data): void {
    const r = ready(recv);
    const [count, type] = [share(this, r), handleOf(r)];
    if (send === IN_PLACE) {
      const code = ffi.MPI_Alltoall_in_place(inPlace, count, type, viewOf(r), count, type, this.handle);
      return check(code, "MPI_Alltoall");
    }
    const s = ready(send);
    const code = ffi.MPI_Alltoall(viewOf(s), share(this, s), handleOf(s), viewOf(r), count, type, this.handle);
    check(code, "MPI_Alltoall");
  }
}

/** The array of the root; undefined elsewhere. @throws TypeError if the root has none */
function atRoot({ rank }: Collectives, data: Data | null, root: number, call: string): Ready | undefined {
  if (rank !== root) return undefined;
  if (data === null) throw new TypeError(`Cannot ${call}: the root must pass an array, not null`);
  return ready(data);
}

/** How long the parts are that an array divides into, one for each rank. @throws RangeError if it does not */
function share({ size }: Collectives, data: Ready): number {
  const count = countOf(data);
  if (count % size !== 0) {
    throw new RangeError(
      `Cannot divide ${counted(count, "element")} into ${counted(size, "equal part")}, one for each rank`,
    );
  }
  return count / size;
}

let added: Op | undefined;

/** SUM, the default of every reduction. */
function sum(): Op {
  return added ??= new Op("SUM");
}

/** @throws RangeError if what is sent and received differ, TypeError if they are of different types */
function alike(send: Ready, recv: Ready): Ready {
  if (countOf(send) !== countOf(recv)) {
    throw new RangeError(`Cannot reduce ${counted(countOf(send), "element")} into ${countOf(recv)}`);
  }
  if (typeOf(send).handle !== typeOf(recv).handle) {
    throw new TypeError("Cannot reduce elements of one datatype into those of another");
  }
  return send;
}

/** The array in which the root works. @throws TypeError elsewhere: C would take IN_PLACE for an address */
export function inPlaceOf<T>(data: T | undefined, call: string): T {
  if (data === undefined) throw new TypeError(`Cannot ${call} in place: only the root can`);
  return data;
}
