/**
 * The arrays of a grid and every slice of them that a sweep uses, cut once: what is left for a sweep is arithmetic.
 *
 * @module
 */

// @ts-types="@types/ndarray"
import ndarray from "ndarray";
// @ts-types="@types/ndarray-ops"
import ops from "ndarray-ops";
import type { Dtype } from "../../core/contract.ts";
import { allocate } from "../../core/dtype.ts";
import type { FieldName, Layout } from "../../core/kernels/kernels.ts";
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

/** One iterate, its slices on each lattice, and what repeats across periodic edges (to, from). */
export interface Iterate {
  readonly stored: Slice;
  readonly on: ReadonlyMap<Lattice, Slices>;
  readonly images: readonly (readonly [to: Slice, from: Slice])[];
}

/** Points that are updated together, with what that needs besides iterates. */
export interface Part {
  readonly lattice: Lattice;
  readonly weights: Weights;
  readonly room: Temporaries;
  /** Those numbers in `room.t` that count in norms. */
  readonly counted: Slice;
}

/** An iterate `u` with room for the next, and its stencil. */
export interface Grid {
  readonly layout: Layout;
  u: Iterate;
  v: Iterate;
  readonly fields: Readonly<Record<Exclude<FieldName, "u">, Slice>>;
  readonly whole: Part;
  readonly colours: readonly [red: readonly Part[], black: readonly Part[]];
  /** The change of the next sweep, where `v` holds its result already: a residual computes it. */
  ahead: number | undefined;
  /** Whether images across periodic edges must be renewed. */
  stale: boolean;
}

/** @returns an array of zeros. */
export function zeros(dtype: Dtype, rows: number, cols: number): Slice {
  const length = rows * cols;
  return ndarray(allocate(dtype, length), [rows, cols]);
}

/** Allocates a grid, all zero, and cuts its slices. */
export function createGrid(layout: Layout): Grid {
  const { dtype, shape: [ny, nx] } = layout;
  const weighted = layout.kind === "weighted";
  const field = (used: boolean) => used ? zeros(dtype, ny, nx) : zeros(dtype, 0, 0);
  const fields = {
    an: field(weighted),
    as: field(weighted),
    aw: field(weighted),
    ae: field(weighted),
    g: field(weighted || layout.source),
    d: field(layout.diagonal),
  };
  const t = zeros(dtype, ny - 2, nx - 2);
  const q = weighted ? zeros(dtype, ny - 2, nx - 2) : t;

  const part = (lattice: Lattice): Part => {
    const weight = (of: Slice) => of.size > 0 ? slice(of, lattice) : of;
    const { an, as, aw, ae, g } = fields;
    const [rows, cols] = slice(u.stored, lattice).shape as [number, number];
    const room = { t: t.hi(rows, cols), q: q.hi(rows, cols) };
    return {
      lattice,
      weights: { an: weight(an), as: weight(as), aw: weight(aw), ae: weight(ae), g: weight(g) },
      room,
      counted: inner(room.t, lattice, layout),
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
    ahead: undefined,
    stale: false,
  };
}

function createIterate({ dtype, shape: [ny, nx], periodic }: Layout, lattices: readonly Lattice[]): Iterate {
  const stored = zeros(dtype, ny, nx);
  // Corners are never read, so rows and columns are repeated without them.
  const row = (i: number) => stored.pick(i, null).lo(1).hi(nx - 2);
  const col = (j: number) => stored.pick(null, j).lo(1).hi(ny - 2);
  return {
    stored,
    on: new Map(lattices.map((lattice) => [lattice, slices(stored, lattice)])),
    images: [
      ...periodic[0] ? [[row(0), row(ny - 2)] as const, [row(ny - 1), row(1)] as const] : [],
      ...periodic[1] ? [[col(0), col(nx - 2)] as const, [col(nx - 1), col(1)] as const] : [],
    ],
  };
}

/** Renews what repeats across periodic edges. */
export function renewImages({ images }: Iterate): void {
  for (const [to, from] of images) ops.assign(to, from);
}
