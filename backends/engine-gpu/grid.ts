/**
 * A grid on a device: its arrays, and the launches of a sweep, a half-sweep or a pass of several sweeps.
 *
 * @module
 */

import type { FieldName, Layout } from "../../core/kernels/kernels.ts";
import { allocateAll, around, type Band, bands, type DeviceArray, type Operands, rowsOf, same } from "./array.ts";
import { type Device, GROUP, type Window } from "./device.ts";
import type { Launch, ScalarName } from "./launch.ts";
import { groupsOf, type Norms } from "./norms.ts";
import type { KernelName, Names } from "./signatures.ts";

/** Forms of a sweep, as native/gpu/kernels.cl numbers them. */
const FORMS = { square: 0, squareSource: 1, stretched: 2, stretchedSource: 3, weighted: 4 } as const;

/** Planes of the fields of a weighted stencil. */
const PLANES: readonly FieldName[] = ["an", "as", "aw", "ae", "g", "d"];

/** Rows of a thread in `sweep` and `difference`; rows and columns of a tile in `blocked`. */
const ROWS_PER_THREAD = 4, TILE = 64;

/** The most sweeps of one launch: more than half of a tile is its own. */
export const MOST_BLOCKED = 8;

/** An iterate with room for the next, and its stencil. */
export interface Grid<B> {
  readonly layout: Layout;
  u: DeviceArray<B>;
  v: DeviceArray<B>;
  readonly fields: DeviceArray<B>;
  /** max |sweep(u) − u|, where it is known. */
  residual: number | undefined;
  /** Whether `v` is the next sweep already. */
  nextSweepReady: boolean;
  /** Whether periodic ghosts must be filled before they are read. */
  ghostsStale: boolean;
}

/** How many numbers for each point the fields of a layout are. */
export function fieldPlanes({ kind, source, diagonal }: Pick<Layout, "kind" | "source" | "diagonal">): number {
  return kind === "weighted" ? diagonal ? 6 : 5 : source ? 1 : 0;
}

/** Which of them a field is; -1 if the layout does not have it. */
export function planeOf({ kind }: Layout, field: FieldName): number {
  return kind === "weighted" ? PLANES.indexOf(field) : 0;
}

/** The most partial norms that the launches on a grid of that shape store. */
export function partialsOf([ny, nx]: readonly [number, number], oneBand: boolean): number {
  // Two half-sweeps of half a row each, or tiles with few columns of their own; each band may have its own row of groups.
  const own = TILE - 2 * (MOST_BLOCKED + 1);
  return 2 * Math.ceil(nx / own) * (oneBand ? Math.ceil(ny / GROUP[1]) : ny);
}

/** Local. Allocates a grid, all zero, and makes room for the norms of its launches; or neither, if it throws. */
export function allocateGrid<B>(device: Device<B>, norms: Norms<B>, layout: Layout): Grid<B> {
  const { shape } = layout;
  return allocateAll(device, (array) => {
    const [u, v, fields] = [array(shape, 1), array(shape, 1), array(shape, fieldPlanes(layout))];
    const fitsOneBand = shape[0] * Math.max(fields.rowBytes, u.rowBytes) <= device.largest;
    norms.reserve(partialsOf(shape, fitsOneBand));
    return { layout, u, v, fields, residual: undefined, nextSweepReady: false, ghostsStale: false };
  });
}

/** Kernels whose buffers are all windows. */
type BandedKernel = { [K in KernelName]: Names<K, "buffers"> extends never ? K : never }[KernelName];

/** Launches on the grids of one device. All of them return at once. */
export class Launches<B> {
  constructor(readonly device: Device<B>, readonly norms: Norms<B>) {}

  /**
   * A sweep from u to v, or with `writeResidual` its distance from u, in conductances.
   *
   * @param at where partial norms are stored; undefined: nowhere
   * @returns where they end
   */
  sweep(grid: Grid<B>, at?: number, writeResidual = false): number {
    const { layout, u, v, fields } = grid;
    const [ny, nx] = layout.shape;
    const operands = { u: [u, around(1)], v: [v, same], fields: [fields, same] } as const;
    const end = this.withNorms(operands, ny, at, ({ from, to, buffers, rows }, partial) => ({
      kernel: "sweep",
      buffers: { ...buffers, partials: this.norms.window },
      scalars: { ...rows, ...sweepScalars(grid), write_residual: writeResidual ? 1 : 0, partial },
      threads: [nx, Math.ceil((to - from) / ROWS_PER_THREAD)],
      constants: constantsOf(grid),
    }));
    this.fillGhosts(grid, v);
    return end;
  }

  /** A half-sweep of u in place; `colour` as in the contract. @returns where norms end */
  relax(grid: Grid<B>, omega: number, colour: number, at?: number): number {
    const { layout, u, fields } = grid;
    const [ny, nx] = layout.shape;
    const operands = { u: [u, around(1)], fields: [fields, same] } as const;
    const end = this.withNorms(operands, ny, at, ({ from, to, buffers, rows }, partial) => ({
      kernel: "relax",
      buffers: { ...buffers, partials: this.norms.window },
      scalars: { ...rows, ...sweepScalars(grid), odd: (layout.parity + colour) & 1, partial, omega },
      threads: [(nx + 1) >> 1, to - from],
      constants: constantsOf(grid),
    }));
    this.fillGhosts(grid, u);
    return end;
  }

  /**
   * Several sweeps from u to v in one launch, of a plain stencil. Partial norms of changes are stored from `at` on, those of
   * residuals from the second half of the room on.
   *
   * @returns where changes end
   */
  blocked(grid: Grid<B>, sweeps: number, at?: number): number {
    const { layout, u, v, fields } = grid;
    const [ny, nx] = layout.shape;
    const halo = at === undefined ? sweeps : sweeps + 1;
    const own = TILE - 2 * halo;
    const operands = { u: [u, around(halo)], v: [v, same], fields: [fields, around(halo)] } as const;
    return this.withNorms(operands, ny, at, ({ from, to, buffers, rows }, partial) => ({
      kernel: "blocked",
      buffers: { ...buffers, partials: this.norms.window },
      scalars: { ...rows, ny, ...sweepScalars(grid), sweeps, partial, second: this.norms.half + partial },
      threads: [Math.ceil((nx - 2) / own) * GROUP[0], Math.ceil((to - from) / own) * GROUP[1]],
      constants: constantsOf(grid),
    }));
  }

  /** Stores partial norms of |u − v|. @returns where they end */
  difference({ layout, u, v }: Grid<B>, at: number): number {
    const [ny, nx] = layout.shape;
    return this.withNorms({ u: [u, same], v: [v, same] }, ny, at, ({ from, to, buffers, rows }, partial) => ({
      kernel: "difference",
      buffers: { ...buffers, partials: this.norms.window },
      scalars: { ...rows, pitch: u.pitch, ...inner(layout), partial },
      threads: [nx, Math.ceil((to - from) / ROWS_PER_THREAD)],
    }));
  }

  /** v becomes u. */
  copyIterate({ u, v }: Grid<B>): void {
    const [ny] = u.shape;
    for (const { from, to } of bands(this.device, { u: [u, same], v: [v, same] }, 0, ny)) {
      this.copy(rowsOf(u, from, to), rowsOf(v, from, to), to - from, u.pitch);
    }
  }

  /** Fills the periodic ghosts of a stored array: of a grid, or of a level. */
  fillGhosts(of: { readonly layout: Pick<Layout, "periodic"> }, array: DeviceArray<B>): void {
    const { periodic } = of.layout;
    const { shape: [ny, nx], planes, pitch } = array;
    if (periodic[1]) {
      const flat = { ...array, shape: [ny * planes, nx] as const, planes: 1, rowBytes: array.rowBytes / planes };
      for (const { from, to, buffers, rows } of bands(this.device, { a: [flat, same] }, planes, (ny - 1) * planes)) {
        const [scalars, threads] = [{ ...rows, nx, pitch }, [to - from, 1]] as const;
        this.device.launch({ kernel: "fill_ghost_columns", buffers, scalars, threads });
      }
    }
    if (!periodic[0]) return;
    this.copy(rowsOf(array, ny - 2, ny - 1), rowsOf(array, 0, 1), planes, pitch);
    this.copy(rowsOf(array, 1, 2), rowsOf(array, ny - 1, ny), planes, pitch);
  }

  /** Launches a kernel on rows [from, to), band by band: a thread for so many rows of each of `cols` columns. */
  onRows<K extends BandedKernel>(
    kernel: K,
    operands: Operands<B, Names<K, "windows">>,
    [from, to]: readonly [number, number],
    scalars: Readonly<Record<Exclude<ScalarName<K>, "begin_row" | "end_row">, number>>,
    cols: number,
    rowsPerThread = 1,
  ): void {
    for (const band of bands(this.device, operands, from, to)) {
      const threads = [cols, Math.ceil((band.to - band.from) / rowsPerThread)] as const;
      this.device.launch(
        { kernel, buffers: band.buffers, scalars: { ...band.rows, ...scalars }, threads } as Launch<B>,
      );
    }
  }

  /**
   * Launches a kernel that stores partial norms on all rows inside the ghost layer, band by band.
   *
   * @param at where partial norms are stored; undefined: nowhere
   * @param launchOf the launch on a band, whose partial norms begin at `partial`; -1: it stores none
   * @returns where they end
   */
  private withNorms<N extends string>(
    operands: Operands<B, N>,
    ny: number,
    at: number | undefined,
    launchOf: (band: Band<B, N>, partial: number) => Launch<B>,
  ): number {
    let end = at ?? -1;
    for (const band of bands(this.device, operands, 1, ny - 1)) {
      const launch = launchOf(band, end);
      this.device.launch(launch);
      if (at !== undefined) end += groupsOf(launch.threads);
    }
    return end;
  }

  private copy(origin: Window<B>, copied: Window<B>, rows: number, width: number): void {
    const [buffers, scalars, threads] = [{ origin, copied }, { rows, width }, [width, rows]] as const;
    this.device.launch({ kernel: "copy", buffers, scalars, threads });
  }
}

/** What all kernels that sweep are passed. */
function sweepScalars<B>({ layout, u: { pitch }, fields: { planes } }: Grid<B>) {
  const { cx, cy, shape: [, nx] } = layout;
  return { nx, pitch, planes, ...inner(layout), form: formOf(layout), cx, cy };
}

/** What a program that is built for one grid has as constants. */
function constantsOf<B>({ layout, u: { pitch } }: Grid<B>) {
  return { FORM: formOf(layout), PITCH: pitch };
}

function inner({ inner: { rows, cols } }: Layout) {
  return { r0: rows[0], r1: rows[1], c0: cols[0], c1: cols[1] };
}

function formOf({ kind, cx, cy, source }: Layout): number {
  if (kind === "weighted") return FORMS.weighted;
  if (cx === 0.25 && cy === 0.25) return source ? FORMS.squareSource : FORMS.square;
  return source ? FORMS.stretchedSource : FORMS.stretched;
}
