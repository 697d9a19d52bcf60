/**
 * The domain of a rank of Global Arrays: all ranks share a copy of the iterate. Each puts its border there and gets its halo by
 * row and column, whichever rank owns it. `../mpi/domain.ts` does the same with messages.
 *
 * @module
 */

import type { Block, Stencil } from "../../core/contract.ts";
import type { Domain } from "../../core/kernels/distributed.ts";
import type { Comm, MPI } from "../../mpi/mod.ts";
import { rankDomain } from "../engine-ranks/domain.ts";
import { POINTS_AT_ONCE, type Stretch, writeStretches } from "../engine-ranks/file.ts";
import type { Partition } from "../engine-ranks/partition.ts";
import type { GlobalArray } from "./array.ts";

/**
 * Local. The domain of one rank.
 *
 * @param world of all ranks; those that own nothing join in collective calls only
 * @param owners the ranks that own a block
 * @param u the copy of the iterate that the owners share
 * @param depth layers of halo; no more than any rank owns, where the grid is split
 */
export function gaDomain(
  mpi: MPI,
  world: Comm,
  owners: Comm,
  u: GlobalArray,
  { shape, periodic }: Pick<Stencil, "shape" | "periodic">,
  parts: Partition,
  depth: number,
): Domain {
  const common = rankDomain(mpi, world, parts, depth);
  const { rank, owned, split } = common;
  /** The block of this rank with its halo, and the part of it that is in no other halo. */
  const widened = (axis: 0 | 1, [from, to]: Block["rows"]) => {
    if (!split[axis]) return [from, to] as const;
    if (periodic[axis]) return [from - depth, to + depth] as const;
    return [Math.max(0, from - depth), Math.min(shape[axis], to + depth)] as const;
  };
  const narrowed = (axis: 0 | 1, [from, to]: Block["rows"]) => {
    if (!split[axis]) return [from, to] as const;
    return [from + depth, Math.max(from + depth, to - depth)] as const;
  };
  const seen = { rows: widened(0, owned.rows), cols: widened(1, owned.cols) };
  const inside = { rows: narrowed(0, owned.rows), cols: narrowed(1, owned.cols) };

  return {
    ...common,
    async exchange(halo) {
      for (const block of frameOf(inside, owned)) u.put(block, await halo.read(block));
      u.sync();
      for (const block of frameOf(owned, seen)) await halo.write(block, u.get(block));
      u.sync();
    },
    gather(mine) {
      u.put(owned, mine);
      u.sync();
      const all = rank === 0 ? u.get({ rows: [0, shape[0]], cols: [0, shape[1]] }) : undefined;
      u.sync();
      return all;
    },
    store(mine, file, offset) {
      u.put(owned, mine);
      u.sync();
      try {
        // Rank 0 writes all of it, and holds no more than a part at a time.
        if (rank === 0 && file) writeStretches(file, rowsOf(u, offset, shape));
      } finally {
        u.sync();
      }
    },
    close() {
      u.destroy();
      owners.Free();
      world.Free();
    },
  };
}

/** The frame of a block around another one inside it: up to four blocks. */
function frameOf({ rows: [r0, r1], cols: [c0, c1] }: Block, { rows, cols }: Block): Block[] {
  const sides: Block[] = [
    { rows: [rows[0], r0], cols },
    { rows: [r1, rows[1]], cols },
    { rows: [r0, r1], cols: [cols[0], c0] },
    { rows: [r0, r1], cols: [c1, cols[1]] },
  ];
  return sides.filter(({ rows, cols }) => rows[0] < rows[1] && cols[0] < cols[1]);
}

/** Local. The rows of an array, as they follow one another in a file from a byte on. */
function* rowsOf(u: GlobalArray, start: number, [ny, nx]: readonly [number, number]): Iterable<Stretch> {
  const step = Math.max(1, Math.floor(POINTS_AT_ONCE / nx));
  for (let i = 0; i < ny; i += step) {
    const data = u.get({ rows: [i, Math.min(ny, i + step)], cols: [0, nx] });
    yield { at: start + i * nx * data.BYTES_PER_ELEMENT, data };
  }
}
