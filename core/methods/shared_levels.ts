/**
 * Multigrid of several ranks. Each makes the first few levels of its own part alone, halos and all, and smooths them without
 * a word to its neighbours: what it does not know of them is wrong at the border of what it stores, a little further inwards
 * after every sweep, and the halo is as wide as that goes in a cycle. Then all ranks solve together on what is left, a level
 * with a thousandth of the points or so. So a cycle exchanges twice: halos of the grid, and that level.
 *
 * @module
 */

import type { Block, Domain, GridData, Stencil } from "../contract.ts";
import { type Kernels, larger } from "../kernels.ts";
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

/** Points that are compared at a time. */
const BAND = 1 << 16;

/** How far the iterate of what a rank owns has moved since it was last asked. Kernels tell of their last pass, not of a cycle. */
export class Movement<G> {
  readonly #before: GridData;

  constructor(
    readonly kernels: Kernels<G>,
    readonly grid: G,
    { dtype }: Stencil,
    readonly part: Pick<Shared, "stored" | "owned">,
  ) {
    const { rows: [r0, r1], cols: [c0, c1] } = part.owned;
    const points = (r1 - r0) * (c1 - c0);
    this.#before = dtype === "f32" ? new Float32Array(points) : new Float64Array(points);
  }

  /** Local. max |u − u before|; NaN if any point is NaN. */
  async measure(): Promise<number> {
    const { kernels, grid, part: { stored, owned } } = this;
    const [top, left] = [stored.rows[0], stored.cols[0]];
    const cols = [owned.cols[0] - left, owned.cols[1] - left] as const;
    const [from, to] = [owned.rows[0] - top, owned.rows[1] - top];
    const step = Math.max(1, Math.floor(BAND / (cols[1] - cols[0])));
    let most = 0;
    for (let i = from, at = 0; i < to; i += step) {
      const band = await kernels.read(grid, { rows: [i, Math.min(i + step, to)], cols });
      most = larger(most, moved(this.#before.subarray(at, at + band.length), band));
      this.#before.set(band, at);
      at += band.length;
    }
    return most;
  }
}

/** A function of its own, which engines optimize. */
function moved(before: GridData, now: GridData): number {
  let most = 0;
  for (let k = 0; k < now.length; k++) {
    const distance = Math.abs(now[k]! - before[k]!);
    if (!(distance <= most)) most = distance;
    if (most !== most) return most;
  }
  return most;
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
