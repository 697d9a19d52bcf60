/**
 * The domain of a rank of MPI: halos by persistent messages, norms by MPI_Allreduce.
 *
 * @module
 */

import type { Block, GridData, Stencil } from "../../core/contract.ts";
import type { Domain, Halo, SharedLevel } from "../../core/kernels/distributed.ts";
import { allocate } from "../../core/dtype.ts";
import type { Comm, MPI } from "../../mpi/mod.ts";
import { agglomerate } from "../engine-ranks/agglomerate.ts";
import { rankDomain } from "../engine-ranks/domain.ts";
import { POINTS_AT_ONCE, type Stretch, writeStretches } from "../engine-ranks/file.ts";
import { Messages } from "./messages.ts";
import { neighbourRanks, type Partition } from "../engine-ranks/partition.ts";

/** Of the message with a rank's block; those of halos have tags of their own: `messages.ts`. */
const BLOCK = 4;

/**
 * Collective. The domain of one rank.
 *
 * @param world of all ranks; those that own nothing join in collective calls only
 * @param cart of those that own something, in order of rank
 * @param depth layers of halo; no more than any rank owns, where the grid is split
 * @param levels of multigrid that are made of each block
 */
export function mpiDomain(
  mpi: MPI,
  world: Comm,
  cart: Comm,
  { shape, periodic, dtype }: Pick<Stencil, "shape" | "periodic" | "dtype">,
  parts: Partition,
  depth: number,
  levels?: number,
): Domain {
  const common = rankDomain(mpi, world, parts, depth);
  const { rank, owned: { rows: [r0, r1], cols: [c0, c1] } } = common;
  const near = neighbourRanks(rank, parts.grid, periodic);
  /** Messages of halos, kept from one exchange to the next. */
  const messages = new Map<Halo, Messages>();
  const messagesOf = (halo: Halo) => {
    const found = messages.get(halo) ?? new Messages(mpi, cart, near, halo);
    messages.set(halo, found);
    return found;
  };

  /** The arrays of all ranks that own a block, in order. */
  const collect = (mine: Float64Array) => {
    const counts = new Int32Array(cart.size);
    cart.Allgather(Int32Array.of(mine.length), counts);
    const data = new Float64Array(counts.reduce((sum, count) => sum + count));
    cart.Allgatherv(mine, { data, counts });
    let at = 0;
    return Array.from(counts, (count) => data.subarray(at, at += count));
  };

  /**
   * Collective. The rows of the field from `start` on, each stretch from one rank: ranks that own parts of the same rows take
   * turns to put these together, so that what a rank writes is contiguous in the file, and of no more than it can hold.
   */
  function* wholeRows(mine: GridData, start: number): Iterable<Stretch> {
    const [across, nx] = [parts.grid[1], shape[1]];
    const beside = cart.Split(Math.floor(rank / across), rank)!;
    try {
      const blocks = parts.blocks.slice(rank - beside.rank, rank - beside.rank + across);
      const step = Math.max(1, Math.floor(POINTS_AT_ONCE / nx));
      for (let i = r0, turn = 0; i < r1; i += step, turn++) {
        const rows = Math.min(step, r1 - i);
        const own = mine.subarray((i - r0) * (c1 - c0), (i - r0 + rows) * (c1 - c0));
        const writer = turn % across;
        const all = beside.rank === writer ? allocate(dtype, rows * nx) : undefined;
        const counts = blocks.map(({ cols }) => rows * (cols[1] - cols[0]));
        beside.Gatherv(own, all ? { data: all, counts } : null, writer);
        if (all) yield { at: start + i * nx * all.BYTES_PER_ELEMENT, data: besideEachOther(all, blocks, rows, nx) };
      }
    } finally {
      beside.Free();
    }
  }

  return {
    ...common,
    exchange: (halo) => messagesOf(halo).exchange(),
    gather(mine) {
      if (rank !== 0) {
        cart.Send(mine, 0, BLOCK);
        return undefined;
      }
      const [ny, nx] = shape;
      const u = allocate(dtype, ny * nx);
      for (const [n, block] of parts.blocks.entries()) {
        const width = block.cols[1] - block.cols[0];
        const part = n === 0 ? mine : allocate(dtype, (block.rows[1] - block.rows[0]) * width);
        if (n > 0) cart.Recv(part, n, BLOCK);
        for (let i = block.rows[0], at = 0; i < block.rows[1]; i++, at += width) {
          u.set(part.subarray(at, at + width), i * nx + block.cols[0]);
        }
      }
      return u;
    },
    ...(levels !== undefined && { levels, agglomerate: (level: SharedLevel) => agglomerate(level, collect) }),
    store(mine, file, offset) {
      const [path, start] = cart.bcast([file, offset] as const);
      if (path) writeStretches(path, wholeRows(mine, start));
    },
    close() {
      for (const kept of messages.values()) kept.free();
      cart.Free();
      world.Free();
    },
  };
}

/** Whole rows, from blocks that follow one another. */
function besideEachOther(parts: GridData, blocks: readonly Block[], rows: number, nx: number): GridData {
  if (blocks.length === 1) return parts;
  const all = parts.slice();
  let at = 0;
  for (const { cols: [c0, c1] } of blocks) {
    for (let i = 0; i < rows; i++, at += c1 - c0) all.set(parts.subarray(at, at + c1 - c0), i * nx + c0);
  }
  return all;
}
