/**
 * Multigrid of several ranks. Each makes the first few levels of its own part alone, halos and all, and smooths them without
 * a word to its neighbours: what it does not know of them is wrong at the border of what it stores, a little further inwards
 * after every sweep, and the halo is as wide as that goes in a cycle. Then all ranks solve together on what is left, a level
 * with a thousandth of the points or so. So a cycle exchanges twice: halos of the grid, and that level.
 *
 * @module
 */

import type { Block, Domain, Stencil } from "../contract.ts";
import type { Kernels } from "../kernels.ts";
import { Levels, sizesBelow } from "./levels.ts";

/** What a rank must know of its part. */
export interface Shared extends Required<Pick<Domain, "levels" | "agglomerate">> {
  /** All that it stores, ring included. */
  readonly stored: Block;
  readonly owned: Block;
}

/** Collective. The levels of a rank's part, ended by what all ranks solve together. */
export function sharedLevels<G>(
  kernels: Kernels<G>,
  grid: G,
  stencil: Stencil,
  { levels, agglomerate, stored, owned }: Shared,
): Promise<Levels<G>> {
  const { kind, periodic, singular } = stencil;
  const sizes = sizesBelow(stencil);
  const own = sizes.slice(0, levels);
  const { shape } = own.at(-1)!;
  /** How often an axis is halved. */
  const times = ([0, 1] as const).map((axis) => own.filter(({ axes }) => axes[axis]).length);
  const unknowns = (block: Block, of: typeof ownedUnknowns) => ({
    rows: of(kind, block.rows, times[0]!, shape[0]),
    cols: of(kind, block.cols, times[1]!, shape[1]),
  });
  return Levels.made(kernels, grid, own, stencil, (equations) =>
    agglomerate({
      shape,
      periodic,
      singular,
      even: kind === "weighted",
      stored: unknowns(stored, storedUnknowns),
      owned: unknowns(owned, ownedUnknowns),
      equations,
      below: sizes.slice(own.length),
    }));
}

type Range = readonly [from: number, to: number];

/** The unknowns of a level that kernels make of stored rows, or columns. */
function storedUnknowns(kind: Stencil["kind"], [from, to]: Range, times: number): Range {
  let count = to - from - 2;
  for (let n = 0; n < times; n++) count = kind === "plain" ? Math.floor(count / 2) : Math.ceil(count / 2);
  const first = (kind === "plain" ? from : from + 1) / 2 ** times;
  return [first, first + count];
}

/** Those at the rows, or columns, of a range, of `most` unknowns: k is at 2^times k, of a plain stencil at 2^times (k + 1). */
function ownedUnknowns(kind: Stencil["kind"], range: Range, times: number, most: number): Range {
  const [from, to] = range.map((n) => {
    const k = Math.ceil(n / 2 ** times) - (kind === "plain" ? 1 : 0);
    return Math.max(0, Math.min(k, most));
  });
  return [from!, to!];
}
