/**
 * What all ranks of a communicator do together with parts of different length: Gatherv, Scatterv, Allgatherv.
 *
 * @module
 */

import { type Datatype, elementType } from "./datatype.ts";
import { check, counted } from "./errors.ts";
import { countOf, type Data, handleOf, IN_PLACE, ready, type TypedArray, viewOf } from "./message.ts";
import { ffi, inPlace } from "./native.ts";
import { Collectives, inPlaceOf, type Send } from "./collectives.ts";

/** An array that consists of a part for each rank. */
export interface Parts {
  /** The array. */
  readonly data: TypedArray;
  /** How many of `type` are in each part. */
  readonly counts: readonly number[] | Int32Array;
  /** Where each part starts, in extents of `type` from the start of the array; default one after the other. */
  readonly displs?: readonly number[] | Int32Array;
  /** Default the datatype of the array's elements. */
  readonly type?: Datatype;
}

/** Parts, checked, as C wants them. */
interface ReadyParts {
  readonly data: TypedArray;
  readonly counts: Int32Array;
  readonly displs: Int32Array;
  readonly type: Datatype;
}

/** Ranks that talk to each other, as far as arrays and their parts go. */
export class CollectivesV extends Collectives {
  /**
   * Collective. Collects arrays at `root`, each at its place.
   *
   * @param send what this rank contributes; at the root also IN_PLACE: it lies at its place in `recv`
   * @param recv at the root where they go; elsewhere null
   * @throws RangeError if a part is not inside the array, MPIError
   */
  Gatherv(send: Send, recv: Parts | null, root = 0): void {
    const r = this.#partsAtRoot(recv, root, "Gatherv");
    if (send === IN_PLACE) {
      const { data, counts, displs, type: { handle } } = inPlaceOf(r, "Gatherv");
      const code = ffi.MPI_Gatherv_in_place(inPlace, 0, handle, data, counts, displs, handle, root, this.handle);
      return check(code, "MPI_Gatherv");
    }
    const s = ready(send);
    const type = handleOf(s);
    const [to, counts, displs, to1] = r ? [r.data, r.counts, r.displs, r.type.handle] : [null, null, null, type];
    const code = ffi.MPI_Gatherv(viewOf(s), countOf(s), type, to, counts, displs, to1, root, this.handle);
    check(code, "MPI_Gatherv");
  }

  /**
   * Collective. Deals out parts of the array of `root`, one to each rank.
   *
   * @param send at the root what is dealt out; elsewhere null
   * @param recv where the part of this rank goes; at the root also IN_PLACE: it stays where it is
   * @throws RangeError if a part is not inside the array, MPIError
   */
  Scatterv(send: Parts | null, recv: Data | typeof IN_PLACE, root = 0): void {
    const s = this.#partsAtRoot(send, root, "Scatterv");
    if (recv === IN_PLACE) {
      const { data, counts, displs, type: { handle } } = inPlaceOf(s, "Scatterv");
      const code = ffi.MPI_Scatterv_in_place(data, counts, displs, handle, inPlace, 0, handle, root, this.handle);
      return check(code, "MPI_Scatterv");
    }
    const r = ready(recv);
    const type = handleOf(r);
    const [from, counts, displs, from1] = s ? [s.data, s.counts, s.displs, s.type.handle] : [null, null, null, type];
    const code = ffi.MPI_Scatterv(from, counts, displs, from1, viewOf(r), countOf(r), type, root, this.handle);
    check(code, "MPI_Scatterv");
  }

  /**
   * Collective. Collects arrays at every rank, each at its place.
   *
   * @param send what this rank contributes, or IN_PLACE: it lies at its place in `recv`
   * @param recv where they go
   * @throws RangeError if a part is not inside the array, MPIError
   */
  Allgatherv(send: Send, recv: Parts): void {
    const { data, counts, displs, type: { handle } } = partsOf(recv, this.size);
    if (send === IN_PLACE) {
      const code = ffi.MPI_Allgatherv_in_place(inPlace, 0, handle, data, counts, displs, handle, this.handle);
      return check(code, "MPI_Allgatherv");
    }
    const s = ready(send);
    const code = ffi.MPI_Allgatherv(viewOf(s), countOf(s), handleOf(s), data, counts, displs, handle, this.handle);
    check(code, "MPI_Allgatherv");
  }

  #partsAtRoot(parts: Parts | null, root: number, call: string): ReadyParts | undefined {
    if (this.rank !== root) return undefined;
    if (parts === null) throw new TypeError(`Cannot ${call}: the root must pass an array, not null`);
    return partsOf(parts, this.size);
  }
}

/** Parts, checked. @throws RangeError if there is not one for each rank, or one is not inside its array */
function partsOf({ data, counts, displs, type = elementType(data) }: Parts, size: number): ReadyParts {
  if (counts.length !== size || (displs && displs.length !== size)) {
    throw new RangeError(`Cannot pass ${counted(displs?.length ?? counts.length, "part")} to ${counted(size, "rank")}`);
  }
  const places = displs ?? running(counts);
  for (let k = 0; k < size; k++) {
    const start = places[k]! * type.extent;
    const [from, to] = [start + type.reachBack(counts[k]!), start + type.reach(counts[k]!)];
    if (!(counts[k]! >= 0 && from >= 0 && to <= data.byteLength)) {
      throw new RangeError(
        `Cannot pass the part of rank ${k}: ${counts[k]} at ${places[k]} are not inside an array of ${data.length}`,
      );
    }
  }
  return { data, counts: Int32Array.from(counts), displs: Int32Array.from(places), type };
}

function running(counts: readonly number[] | Int32Array): number[] {
  let next = 0;
  return Array.from(counts, (count) => (next += count) - count);
}
