/**
 * Communicators: how they are copied, split and arranged in grids. What they send and receive is in the classes that they
 * extend: point_to_point.ts, collectives.ts, collectives_v.ts, objects.ts.
 *
 * @module
 */

import { call, counted, create } from "./errors.ts";
import { constant, ffi, isHandle, predefined } from "./native.ts";
import { Objects } from "./objects.ts";

/** Ranks that talk to each other: `world`, or a part of it, or a copy of it whose messages do not mix with others. */
export class Comm extends Objects {
  /** Collective. The same ranks, whose messages do not mix with those of this communicator. @throws MPIError */
  Dup(): Comm {
    return new Comm(create("MPI_Comm_dup", this.handle));
  }

  /**
   * Collective. Ranks of the same colour get a communicator.
   *
   * @param color 0 or more; undefined: this rank gets none
   * @param key ranks are numbered in the order of it
   * @throws RangeError if the colour is below 0, MPIError
   */
  Split(color: number | undefined, key = 0): Comm | undefined {
    if (color !== undefined && !(color >= 0)) throw new RangeError(`Cannot split by colour ${color}: it is below 0`);
    // A key may well be -0, the negative of a rank, which is no int to Deno.
    return some(create("MPI_Comm_split", this.handle, color ?? constant("UNDEFINED"), key | 0), Comm);
  }

  /**
   * Collective. Ranks that have something in common get a communicator.
   *
   * @param type `shared`: they share memory, because they run on one machine
   * @param key ranks are numbered in the order of it
   * @throws MPIError
   */
  Split_type(type: "shared", key = 0): Comm {
    if (type !== "shared") throw new RangeError(`Cannot split by "${type}": only "shared" is known`);
    const [shared, info] = [constant("COMM_TYPE_SHARED"), predefined("INFO_NULL")];
    return new Comm(create("MPI_Comm_split_type", this.handle, shared, key | 0, info));
  }

  /**
   * Collective. Arranges the ranks in a grid, in C order.
   *
   * @param dims how many ranks in each direction; `mpi.Dims_create` proposes them
   * @param periods which directions are closed to rings; default none
   * @param reorder whether ranks may be numbered anew, to suit the machine
   * @returns the grid; undefined for ranks that are left over. @throws MPIError
   */
  Cart_create(dims: readonly number[], periods: readonly boolean[] = [], reorder = false): CartComm | undefined {
    const [sizes, rings] = [Int32Array.from(dims), Int32Array.from(dims, (_, d) => periods[d] ? 1 : 0)];
    const grid = create("MPI_Cart_create", this.handle, sizes.length, sizes, rings, reorder ? 1 : 0);
    return some(grid, CartComm, dims);
  }

  /** Collective. Gives it up. Once it is given up, this does nothing. @throws TypeError for one of MPI's own, MPIError */
  Free(): void {
    if (this.memory === undefined) throw new TypeError("Cannot free a communicator of MPI's own");
    if (this.handle === predefined("COMM_NULL")) return;
    call("MPI_Comm_free", this.memory);
    this.handle = predefined("COMM_NULL");
  }

  /** Local. Ends the program on all ranks, at once. @param code the exit code. */
  Abort(code = 1): never {
    ffi.MPI_Abort(this.handle, code);
    throw new Error("MPI_Abort returned");
  }
}

/** Ranks in a grid. */
export class CartComm extends Comm {
  /** How many ranks in each direction. */
  readonly dims: readonly number[];
  /** Where this rank is. */
  readonly coords: readonly number[];

  /** Local. Takes over a communicator that MPI has made. */
  constructor(made: Int32Array, dims: readonly number[]) {
    super(made);
    this.dims = [...dims];
    this.coords = this.Cart_coords(this.rank);
  }

  /** Local. The ranks `displacement` steps before and after this one; PROC_NULL where the grid ends. @throws MPIError */
  Cart_shift(direction: number, displacement = 1): { source: number; dest: number } {
    const ranks = new Int32Array(2);
    call("MPI_Cart_shift", this.handle, direction, displacement, ranks, ranks.subarray(1));
    return { source: ranks[0]!, dest: ranks[1]! };
  }

  /** Local. Where a rank is in the grid. @throws MPIError */
  Cart_coords(rank: number): number[] {
    const coords = new Int32Array(this.dims.length);
    call("MPI_Cart_coords", this.handle, rank, coords.length, coords);
    return [...coords];
  }

  /** Local. Which rank is there; outside is inside again in a ring. @throws RangeError, MPIError */
  Cart_rank(coords: readonly number[]): number {
    if (coords.length !== this.dims.length) {
      throw new RangeError(
        `Cannot find ${counted(coords.length, "coordinate")} in a grid of ${counted(this.dims.length, "direction")}`,
      );
    }
    const rank = new Int32Array(1);
    call("MPI_Cart_rank", this.handle, Int32Array.from(coords), rank);
    return rank[0]!;
  }

  /** Collective. Cuts the grid into grids of fewer directions: rows, columns. @param keep which remain. @throws MPIError */
  Cart_sub(keep: readonly boolean[]): CartComm {
    if (keep.length !== this.dims.length) {
      throw new RangeError(
        `Cannot keep some of ${counted(keep.length, "direction")}: the grid has ${this.dims.length}`,
      );
    }
    const part = create("MPI_Cart_sub", this.handle, Int32Array.from(keep, Number));
    return new CartComm(part, this.dims.filter((_, d) => keep[d]));
  }
}

/** A communicator, unless MPI has left this rank out of it. */
function some<A extends unknown[], T>(
  memory: Int32Array,
  kind: new (memory: Int32Array, ...more: A) => T,
  ...more: A
): T | undefined {
  return isHandle(memory, "COMM_NULL") ? undefined : new kind(memory, ...more);
}
