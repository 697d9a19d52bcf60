/**
 * The arrays of a grid and every slice of them that a sweep uses, made once: a sweep itself is arithmetic only.
 *
 * @module
 */

// @ts-types="@types/ndarray"
import ndarray from "ndarray";
// @ts-types="@types/ndarray-ops"
import ops from "ndarray-ops";
import type { Dtype } from "../../core/contract.ts";
import { allocate } from "../../core/dtype.ts";
import type { Layout } from "../../core/kernels/kernels.ts";
import { createFields, type Fields } from "../js/grid.ts";
import type { Iterates } from "../js/next_sweep.ts";
import {
  all,
  coloured,
  inner,
  type Lattice,
  type Slice,
  slice,
  type Slices,
  slices,
  type Temporaries,
  type Weights,
} from "./slices.ts";

/** One iterate, its slices on each lattice, and its periodic ghosts with what they repeat. */
export interface Iterate {
  readonly stored: Slice;
  readonly slices: ReadonlyMap<Lattice, Slices>;
  readonly ghosts: readonly (readonly [to: Slice, from: Slice])[];
}

/** Points that are updated together, with all that this needs besides iterates. */
export interface Part {
  readonly lattice: Lattice;
  readonly weights: Weights;
  readonly temporaries: Temporaries;
  /** The numbers of `temporaries.t` that count in norms. */
  readonly counted: Slice;
}

/** An iterate `u` with room for the next, and its stencil. */
export interface Grid extends Iterates<Iterate> {
  readonly layout: Layout;
  readonly fields: Fields<Slice>;
  readonly whole: Part;
  readonly colours: readonly [red: readonly Part[], black: readonly Part[]];
}

/** @returns an array of zeros. */
export function zeros(dtype: Dtype, rows: number, cols: number): Slice {
  const length = rows * cols;
  return ndarray(allocate(dtype, length), [rows, cols]);
}

/** Allocates a grid, all zero, and makes its slices. */
export function createGrid(layout: Layout): Grid {
  const { dtype, shape: [ny, nx] } = layout;
  const fields = createFields(layout, (used) => used ? zeros(dtype, ny, nx) : zeros(dtype, 0, 0));
  const t = zeros(dtype, ny - 2, nx - 2);
  const q = layout.kind === "weighted" ? zeros(dtype, ny - 2, nx - 2) : t;

  const part = (lattice: Lattice): Part => {
    const weight = (of: Slice) => of.size > 0 ? slice(of, lattice) : of;
    const { an, as, aw, ae, g } = fields;
    const [rows, cols] = slice(u.stored, lattice).shape as [number, number];
    const temporaries = { t: t.hi(rows, cols), q: q.hi(rows, cols) };
    return {
      lattice,
      weights: { an: weight(an), as: weight(as), aw: weight(aw), ae: weight(ae), g: weight(g) },
      temporaries,
      counted: inner(temporaries.t, lattice, layout),
    };
  };
  const [red, black] = [coloured(layout, 0), coloured(layout, 1)];
  const lattices = [all, ...red, ...black];
  const u = createIterate(layout, lattices);
  const v = createIterate(layout, lattices);
  return {
    layout,
    u,
    v,
    fields,
    whole: part(all),
    colours: [red.map(part), black.map(part)],
    nextSweepChange: undefined,
    ghostsStale: false,
  };
}

function createIterate({ dtype, shape: [ny, nx], periodic }: Layout, lattices: readonly Lattice[]): Iterate {
  const stored = zeros(dtype, ny, nx);
  // Corners are never read: the ghosts of rows and columns do without them.
  const row = (i: number) => stored.pick(i, null).lo(1).hi(nx - 2);
  const col = (j: number) => stored.pick(null, j).lo(1).hi(ny - 2);
  return {
    stored,
    slices: new Map(lattices.map((lattice) => [lattice, slices(stored, lattice)])),
    ghosts: [
      ...periodic[0] ? [[row(0), row(ny - 2)] as const, [row(ny - 1), row(1)] as const] : [],
      ...periodic[1] ? [[col(0), col(nx - 2)] as const, [col(nx - 1), col(1)] as const] : [],
    ],
  };
}

/** Fills the periodic ghosts. */
export function fillGhosts({ ghosts }: Iterate): void {
  for (const [to, from] of ghosts) ops.assign(to, from);
}
