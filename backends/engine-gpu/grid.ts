/**
 * A grid on a device: its arrays, and the launches that one sweep, half-sweep or pass takes.
 *
 * @module
 */

import type { FieldName, Layout } from "../../core/kernels/kernels.ts";
import { around, arrayOn, type Band, bands, type DeviceArray, rowsOf, same } from "./array.ts";
import { type Device, GROUP, type Window } from "./device.ts";
import { groupsOf, type Norms } from "./norms.ts";

/** Forms of a sweep, as native/gpu/kernels.cl numbers them. */
const FORMS = { square: 0, squareSource: 1, stretched: 2, stretchedSource: 3, weighted: 4 } as const;

/** Planes of the fields of a weighted stencil. */
const PLANES: readonly FieldName[] = ["an", "as", "aw", "ae", "g", "d"];

/** Rows that a thread takes in `sweep` and `difference`; rows of a tile and columns in `blocked`. */
const EACH = 4, TILE = 64;

/** Sweeps of one launch, at most: half of a tile and more is its own. */
export const MOST_BLOCKED = 8;

/** An iterate with room for the next, and its stencil. */
export interface Grid<B> {
  readonly layout: Layout;
  u: DeviceArray<B>;
  v: DeviceArray<B>;
  readonly fields: DeviceArray<B>;
  /** max |sweep(u) − u|, where it is known. */
  residual: number | undefined;
  /** Whether `v` has the next sweep already. */
  ahead: boolean;
  /** Whether images across periodic edges must be renewed. */
  stale: boolean;
}

/** How many numbers for each point the fields of a layout are. */
export function fieldPlanes({ kind, source, diagonal }: Pick<Layout, "kind" | "source" | "diagonal">): number {
  return kind === "weighted" ? diagonal ? 6 : 5 : source ? 1 : 0;
}

/** Which of them a field is; undefined if the layout does not have it. */
export function planeOf({ kind }: Layout, field: FieldName): number {
  return kind === "weighted" ? PLANES.indexOf(field) : 0;
}

/** Partial norms that the launches on a grid of that shape leave at the most. */
export function partialsOf([ny, nx]: readonly [number, number], oneBand: boolean): number {
  // Two half-sweeps of half a row each, or tiles of which few columns are left; each band may have a row of groups for itself.
  const own = TILE - 2 * (MOST_BLOCKED + 1);
  return 2 * Math.ceil(nx / own) * (oneBand ? Math.ceil(ny / GROUP[1]) : ny);
}

/** Local. Allocates a grid, all zero. If that fails, nothing is left. */
export function allocate<B>(device: Device<B>, layout: Layout): Grid<B> {
  const made: DeviceArray<B>[] = [];
  const array = (planes: number) => {
    const one = arrayOn(device, layout.shape, planes);
    made.push(one);
    return one;
  };
  try {
    return {
      layout,
      u: array(1),
      v: array(1),
      fields: array(fieldPlanes(layout)),
      residual: undefined,
      ahead: false,
      stale: false,
    };
  } catch (cause) {
    for (const { buffer } of made) device.release(buffer);
    throw cause;
  }
}

/** Launches on the grids of one device. All of them return at once. */
export class Launches<B> {
  constructor(readonly device: Device<B>, readonly norms: Norms<B>) {}

  /**
   * A sweep from u to v, or with `remainder` what is left of the equations, in conductances.
   *
   * @param at where norms are collected; undefined: none are
   * @returns where they end
   */
  sweep(grid: Grid<B>, at?: number, remainder = false): number {
    const { layout, u, v, fields } = grid;
    const [ny, nx] = layout.shape;
    let end = at ?? -1;
    for (const band of bands(this.device, [[u, around(1)], [v, same], [fields, same]], 1, ny - 1)) {
      const threads = [nx, Math.ceil((band.to - band.from) / EACH)] as const;
      this.start("sweep", grid, band, threads, [...inner(layout), formOf(layout), remainder ? 1 : 0, end]);
      if (at !== undefined) end += groupsOf(threads);
    }
    this.wrap(grid, v);
    return end;
  }

  /** A half-sweep of u in place; `colour` as in the contract. @returns where norms end */
  relax(grid: Grid<B>, omega: number, colour: number, at?: number): number {
    const { layout, u, fields } = grid;
    const [ny, nx] = layout.shape;
    let end = at ?? -1;
    for (const band of bands(this.device, [[u, around(1)], [fields, same]], 1, ny - 1)) {
      const threads = [(nx + 1) >> 1, band.to - band.from] as const;
      const odd = (layout.parity + colour) & 1;
      this.start("relax", grid, band, threads, [...inner(layout), formOf(layout), odd, end], [omega]);
      if (at !== undefined) end += groupsOf(threads);
    }
    this.wrap(grid, u);
    return end;
  }

  /**
   * Several sweeps from u to v in one launch, of a plain stencil. With norms, changes are collected from `at` on, residuals
   * from half of the room on.
   *
   * @returns where changes end
   */
  blocked(grid: Grid<B>, sweeps: number, at?: number): number {
    const { layout, u, v, fields } = grid;
    const [ny, nx] = layout.shape;
    const halo = at === undefined ? sweeps : sweeps + 1;
    const own = TILE - 2 * halo;
    let end = at ?? -1;
    for (const band of bands(this.device, [[u, around(halo)], [v, same], [fields, around(halo)]], 1, ny - 1)) {
      const threads = [
        Math.ceil((nx - 2) / own) * GROUP[0],
        Math.ceil((band.to - band.from) / own) * GROUP[1],
      ] as const;
      const rest = [...inner(layout), formOf(layout), sweeps, end, this.norms.half + end];
      this.start("blocked", grid, { ...band, ints: [...band.ints, ny] }, threads, rest);
      if (at !== undefined) end += groupsOf(threads);
    }
    return end;
  }

  /** Collects |u − v|. @returns where norms end */
  difference({ layout, u, v }: Grid<B>, at: number): number {
    const [ny, nx] = layout.shape;
    let end = at;
    for (const { from, to, windows, ints } of bands(this.device, [[u, same], [v, same]], 1, ny - 1)) {
      const threads = [nx, Math.ceil((to - from) / EACH)] as const;
      const buffers = [...windows, this.norms.window];
      this.device.launch({
        kernel: "difference",
        buffers,
        ints: [...ints, u.pitch, ...inner(layout), end],
        reals: [],
        threads,
      });
      end += groupsOf(threads);
    }
    return end;
  }

  /** v becomes u. */
  keep({ u, v }: Grid<B>): void {
    const [ny] = u.shape;
    for (const { from, to } of bands(this.device, [[u, same], [v, same]], 0, ny)) {
      this.copy([rowsOf(u, from, to), rowsOf(v, from, to)], to - from, u.pitch);
    }
  }

  /** Renews what a stored array repeats across periodic edges: of a grid, or of a level. */
  wrap(of: { readonly layout: Pick<Layout, "periodic"> }, array: DeviceArray<B>): void {
    const { periodic } = of.layout;
    const { shape: [ny, nx], planes, pitch } = array;
    if (periodic[1]) {
      const flat = { ...array, shape: [ny * planes, nx] as const, planes: 1, rowBytes: array.rowBytes / planes };
      for (const { from, to, windows, ints } of bands(this.device, [[flat, same]], planes, (ny - 1) * planes)) {
        const threads = [to - from, 1] as const;
        this.device.launch({
          kernel: "wrap_columns",
          buffers: windows,
          ints: [...ints, nx, pitch],
          reals: [],
          threads,
        });
      }
    }
    if (!periodic[0]) return;
    this.copy([rowsOf(array, ny - 2, ny - 1), rowsOf(array, 0, 1)], planes, pitch);
    this.copy([rowsOf(array, 1, 2), rowsOf(array, ny - 1, ny)], planes, pitch);
  }

  private copy(buffers: readonly Window<B>[], rows: number, width: number): void {
    this.device.launch({ kernel: "copy", buffers, ints: [rows, width], reals: [], threads: [width, rows] });
  }

  /** Starts a kernel that sweeps: what all of these are told, and what one is told besides. */
  private start(
    kernel: string,
    { layout, u, fields }: Grid<B>,
    { windows, ints }: Band<B>,
    threads: readonly [number, number],
    rest: readonly number[],
    reals: readonly number[] = [],
  ): void {
    const form = formOf(layout);
    this.device.launch({
      kernel,
      buffers: [...windows, this.norms.window],
      ints: [...ints, layout.shape[1], u.pitch, fields.planes, ...rest],
      reals: [layout.cx, layout.cy, ...reals],
      threads,
      constants: { FORM: form, PITCH: u.pitch },
    });
  }
}

function inner({ inner: { rows, cols } }: Layout): readonly number[] {
  return [...rows, ...cols];
}

function formOf({ kind, cx, cy, source }: Layout): number {
  if (kind === "weighted") return FORMS.weighted;
  if (cx === 0.25 && cy === 0.25) return source ? FORMS.squareSource : FORMS.square;
  return source ? FORMS.stretchedSource : FORMS.stretched;
}
