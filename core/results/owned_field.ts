/**
 * The field of one rank: what it owns, and the nodes around that, which it gets from the others. No rank gathers the field:
 * all know the first and the last row and column of each block.
 *
 * @module
 */

import type { Block, GridData, Session } from "../contract.ts";

/** What results need of a session. */
export type Ranks = Pick<Session, "rank" | "ranks" | "owned" | "collective">;

/** The part of a field that a rank owns. */
export interface OwnedField {
  readonly block: Block;
  /**
   * Local. Copies a row of the block, or the one above or below it, into `out`, whose second number is the block's first
   * column. The row and columns beyond an edge are those around a period; else they are copies of the edge.
   */
  read(i: number, out: Float64Array): void;
  /** Collective. The field at nodes, given by row × nx + column; the same on all ranks. */
  at(nodes: readonly number[]): Promise<readonly number[]>;
}

/** Collective. The values of each rank, all as many, in order of rank. */
export async function allGather(values: readonly number[], ranks: Ranks): Promise<readonly (readonly number[])[]> {
  const { length } = values;
  const sent = new Array<number>(length * ranks.ranks).fill(-Infinity);
  for (let k = 0; k < length; k++) sent[ranks.rank * length + k] = values[k]!;
  const all = await ranks.collective?.agree(sent) ?? sent;
  return Array.from({ length: ranks.ranks }, (_, rank) => all.slice(rank * length, (rank + 1) * length));
}

/**
 * Collective. Makes the field of a rank readable together with its neighbours.
 *
 * @param u at the nodes that this rank owns, C order
 * @param shape ny, nx of the whole field
 */
export async function ownedField(
  u: GridData,
  shape: readonly [ny: number, nx: number],
  periodic: readonly [rows: boolean, cols: boolean],
  ranks: Ranks,
): Promise<OwnedField> {
  const [ny, nx] = shape;
  const { rows: [r0, r1], cols: [c0, c1] } = ranks.owned;
  const width = c1 - c0;
  const rowOf = (i: number) => u.subarray((i - r0) * width, (i - r0 + 1) * width);
  const lines = await borders(u, shape, ranks);
  const beside = (j: number) => periodic[1] ? (j + nx) % nx : Math.max(0, Math.min(nx - 1, j));
  const [west, east] = [beside(c0 - 1), beside(c1)];
  return {
    block: ranks.owned,
    read(row, out) {
      const i = periodic[0] ? (row + ny) % ny : Math.max(0, Math.min(ny - 1, row));
      if (i >= r0 && i < r1) {
        const own = rowOf(i);
        out.set(own, 1);
        out[0] = west >= c0 && west < c1 ? own[west - c0]! : lines.cols.get(west)![i]!;
        out[width + 1] = east >= c0 && east < c1 ? own[east - c0]! : lines.cols.get(east)![i]!;
      } else out.set(lines.rows.get(i)!.subarray(c0, c1), 1);
    },
    async at(nodes) {
      const mine = nodes.map((node) => {
        const [i, j] = [Math.floor(node / nx), node % nx];
        return i >= r0 && i < r1 && j >= c0 && j < c1 ? u[(i - r0) * width + j - c0]! : -Infinity;
      });
      return await ranks.collective?.agree(mine) ?? mine;
    },
  };
}

/** Rows and columns of the whole field, by number. */
interface Lines {
  readonly rows: ReadonlyMap<number, Float64Array>;
  readonly cols: ReadonlyMap<number, Float64Array>;
}

/** Collective. The first and the last row and column of each block. */
async function borders(u: GridData, [ny, nx]: readonly [number, number], ranks: Ranks): Promise<Lines> {
  if (ranks.ranks === 1) return { rows: new Map(), cols: new Map() };
  const { rows: [r0, r1], cols: [c0, c1] } = ranks.owned;
  const blocks = (await allGather([r0, r1, c0, c1], ranks)).filter(([from, to]) => from! < to!);
  const numbers = (from: number) => [...new Set(blocks.flatMap((block) => [block[from]!, block[from + 1]! - 1]))];
  const [rows, cols] = [numbers(0), numbers(2)];
  const mine = new Array<number>(rows.length * nx + cols.length * ny).fill(-Infinity);
  rows.forEach((i, n) => {
    if (i < r0 || i >= r1) return;
    for (let j = c0; j < c1; j++) mine[n * nx + j] = u[(i - r0) * (c1 - c0) + j - c0]!;
  });
  const start = rows.length * nx;
  cols.forEach((j, n) => {
    if (j < c0 || j >= c1) return;
    for (let i = r0; i < r1; i++) mine[start + n * ny + i] = u[(i - r0) * (c1 - c0) + j - c0]!;
  });
  const all = Float64Array.from(await ranks.collective!.agree(mine));
  return {
    rows: new Map(rows.map((i, n) => [i, all.subarray(n * nx, (n + 1) * nx)])),
    cols: new Map(cols.map((j, n) => [j, all.subarray(start + n * ny, start + (n + 1) * ny)])),
  };
}
