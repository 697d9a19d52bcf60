/**
 * One array that all ranks share: each addresses a point by its global row and column, whichever rank holds it.
 *
 * @module
 */

import type { Block, Dtype, GridData } from "../../core/contract.ts";
import { allocate } from "../../core/dtype.ts";
import { UnavailableError } from "../../core/errors.ts";
import { encodeString } from "../../host/ffi.ts";
import type { Partition } from "../engine-ranks/partition.ts";
import type { GlobalArrays } from "./library.ts";

/** C_FLOAT and C_DBL of macdecls.h. */
const TYPES = { f32: 1003, f64: 1004 } as const;

/** A global array. */
export class GlobalArray {
  readonly #handle: number;

  /**
   * Collective over `group`. Makes one, with the blocks of the partition.
   *
   * @throws UnavailableError if there is no memory for it
   */
  constructor(
    private readonly ga: GlobalArrays,
    private readonly group: number,
    private readonly dtype: Dtype,
    private readonly shape: readonly [ny: number, nx: number],
    { grid: [rows, cols], blocks }: Partition,
  ) {
    // Where each block row begins, then where each block column does.
    const map = Int32Array.of(
      ...Array.from({ length: rows }, (_, p) => blocks[p * cols]!.rows[0]),
      ...Array.from({ length: cols }, (_, q) => blocks[q]!.cols[0]),
    );
    const sizes = Int32Array.from(shape);
    const counts = Int32Array.of(rows, cols);
    this.#handle = ga.NGA_Create_irreg_config(TYPES[dtype], 2, sizes, encodeString("u"), counts, map, group);
    if (this.#handle === 0) throw new UnavailableError(`Cannot make a global array of ${shape.join(" x ")} points`);
  }

  /** Local, whichever rank owns the block. Copies points in C order into it. */
  put(block: Block, data: GridData): void {
    this.ga.NGA_Put(this.#handle, first(block), last(block), data, width(block));
  }

  /** Local, whichever rank owns the block. Copies points out in C order; beyond an end of the array it continues at the other. */
  get(block: Block): GridData {
    const { rows, cols } = block;
    const length = (rows[1] - rows[0]) * width(block)[0]!;
    const data = allocate(this.dtype, length);
    const isInside = rows[0] >= 0 && cols[0] >= 0 && rows[1] <= this.shape[0] && cols[1] <= this.shape[1];
    const get = isInside ? this.ga.NGA_Get : this.ga.NGA_Periodic_get;
    get(this.#handle, first(block), last(block), data, width(block));
    return data;
  }

  /** Collective. A barrier: all puts and gets are complete when it returns. */
  sync(): void {
    this.ga.GA_Pgroup_sync(this.group);
  }

  /** Collective. Frees it. */
  destroy(): void {
    this.ga.GA_Destroy(this.#handle);
  }
}

const first = ({ rows, cols }: Block) => Int32Array.of(rows[0], cols[0]);
const last = ({ rows, cols }: Block) => Int32Array.of(rows[1] - 1, cols[1] - 1);
const width = ({ cols }: Block) => Int32Array.of(cols[1] - cols[0]);
