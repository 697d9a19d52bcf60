/**
 * Multigrid of several ranks. Each rank makes the first few levels of its own part, halos included, and smooths them without
 * messages. Points at the border of what it stores are then wrong, one layer more after every sweep, and the halo is as wide
 * as they get in a cycle. The level below those, which is small, is solved by all ranks together. So a cycle has three
 * exchanges: halos of the iterate, halos of the right-hand side of the first level, and the small level.
 *
 * @module
 */

import type { Block, Stencil } from "../contract.ts";
import type { Domain, Halo, LevelSize } from "../kernels/distributed.ts";
import type { LevelKernels, Multigrid } from "../kernels/kernels.ts";
import { cycleSolver, Hierarchy, levelSizes } from "./hierarchy.ts";

/** What a rank must know of its part. */
export interface Shared {
  readonly domain: Domain & Required<Pick<Domain, "levels" | "agglomerate">>;
  /** All that it stores, ring included. */
  readonly stored: Block;
}

/** Collective. Allocates the levels of a rank's part; all ranks together solve what is below them. */
export function createDistributed<G, L>(
  multigrid: Multigrid<G, L>,
  grid: G,
  stencil: Stencil,
  shared: Shared,
): Promise<Hierarchy<L>> {
  const { periodic, singular, kind } = stencil;
  const sizes = levelSizes(stencil);
  const { domain } = shared;
  const own = sizes.slice(0, domain.levels);
  const whole = { shape: own.at(-1)!.shape, periodic, singular, below: sizes.slice(own.length) };
  const firstIsCoarse = kind === "weighted";
  const { levels } = multigrid;
  const solver = async (operator: Float64Array) =>
    await cycleSolver(
      levels,
      await multigrid.createLevel!(grid, operator, whole.shape, periodic, firstIsCoarse),
      whole,
    );
  return Hierarchy.create(multigrid, levels, grid, own, stencil, (operator) =>
    domain.agglomerate({
      ...whole,
      firstIsCoarse,
      ...unknownsOf(stencil, own, shared),
      operator,
      ...(multigrid.createLevel && { solver }),
    }));
}

/** Local. The right-hand side of the level right below a grid, as ranks exchange it: each computes what it owns. */
export function rhsHalo<L>(kernels: LevelKernels<L>, level: L, stencil: Stencil, shared: Shared): Halo {
  const first = levelSizes(stencil).slice(0, 1);
  const { shape, axes } = first[0]!;
  const { stored, owned } = unknownsOf(stencil, first, shared);
  const local = (block: Block) => within(block, stored);
  // The outermost layer is the ghost layer, and no unknown.
  const layers = (axis: 0 | 1) => Math.floor((shared.domain.depth - 1) / (axes[axis] ? 2 : 1));
  return {
    dtype: "f64",
    shape,
    owned,
    stored,
    layers: [layers(0), layers(1)],
    read: (block) => kernels.readRhs(level, local(block)),
    write: (block, data) => kernels.writeRhs(level, local(block), data as Float64Array),
  };
}

/** Local. A block as a stored array numbers it. */
export function within({ rows, cols }: Block, stored: Block): Block {
  return {
    rows: [rows[0] - stored.rows[0], rows[1] - stored.rows[0]],
    cols: [cols[0] - stored.cols[0], cols[1] - stored.cols[0]],
  };
}

/** What a rank stores and owns of the last one of some levels. */
function unknownsOf(
  { kind }: Stencil,
  levels: readonly LevelSize[],
  { domain: { owned }, stored }: Shared,
): Pick<Halo, "stored" | "owned"> {
  const { shape } = levels.at(-1)!;
  /** How often an axis is halved. */
  const times = ([0, 1] as const).map((axis) => levels.filter(({ axes }) => axes[axis]).length);
  const unknowns = (block: Block, of: typeof ownedUnknowns) => ({
    rows: of(kind, block.rows, times[0]!, shape[0]),
    cols: of(kind, block.cols, times[1]!, shape[1]),
  });
  return { stored: unknowns(stored, storedUnknowns), owned: unknowns(owned, ownedUnknowns) };
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
