/**
 * A level of multigrid in the reference backend: arrays of f64 whatever the precision of the problem, and what leads to
 * it from the grid or level above. Smoothing is here, the way between levels in `transfer.ts`; how levels come about is in
 * `coarsen.ts`. No state: `workers` runs the same functions on shared memory.
 *
 * @module
 */

/**
 * Equations `c e − Σ coupling × e of the neighbour = f`, the couplings named by where the neighbour is. Symmetric. Those
 * to fixed points and walls are left out, but are part of c; c is 0 where a point is fixed. Without corners: five points.
 */
export interface Equations {
  readonly shape: readonly [rows: number, cols: number];
  readonly periodic: readonly [rows: boolean, cols: boolean];
  readonly c: Float64Array;
  readonly n: Float64Array;
  readonly s: Float64Array;
  readonly w: Float64Array;
  readonly e: Float64Array;
  readonly corners?: Corners;
}

/** Couplings to the four diagonal neighbours. */
export interface Corners {
  readonly nw: Float64Array;
  readonly ne: Float64Array;
  readonly sw: Float64Array;
  readonly se: Float64Array;
}

/** For each stored row (or column) the coarse ones below and above it; the same where it is itself coarse. */
export interface Axis {
  /** Stored rows of the coarse level. */
  readonly stored: number;
  /** In the order of a walk along the axis: around a periodic one they run on beyond its ends. */
  readonly below: Int32Array;
  readonly above: Int32Array;
  /** The same as numbered on the coarse level. */
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** For each coarse row the stored ones that depend on it, in order. */
  readonly seen: readonly (readonly number[])[];
}

/** The interpolation P: to each point from the four coarse ones around it, or fewer. */
export interface Transfer {
  readonly shape: readonly [rows: number, cols: number];
  readonly rows: Axis;
  readonly cols: Axis;
  /** Weights of (low, low), (low, high), (high, low), (high, high): row, column. */
  readonly weights: readonly [Float64Array, Float64Array, Float64Array, Float64Array];
}

/** `equations` A e = f, in stored arrays with a ring like those of a grid. */
export interface System {
  readonly equations: Required<Equations>;
  /** 1 / c, and 0 at fixed points. */
  readonly inverse: Float64Array;
  readonly iterate: Float64Array;
  readonly f: Float64Array;
  /** Whether the first unknown is coarse, not the second: the ring is outside of the grid, no wall. */
  readonly outside: boolean;
}

/** A level. */
export interface Level extends System {
  /** From this level to the one above it. */
  readonly transfer: Transfer;
}

/** Renews what repeats across periodic edges. */
export function renewRing(of: Pick<Equations, "shape" | "periodic">, a: Float64Array): void {
  renewColumns(of, a, 1, of.shape[0] - 1);
  renewRows(of, a);
}

/** Renews the ring columns of rows [from, to). */
export function renewColumns(
  { shape: [, nx], periodic }: Pick<Equations, "shape" | "periodic">,
  a: Float32Array | Float64Array,
  from: number,
  to: number,
): void {
  for (let i = from; periodic[1] && i < to; i++) {
    a[i * nx] = a[(i + 1) * nx - 2]!;
    a[(i + 1) * nx - 1] = a[i * nx + 1]!;
  }
}

/** Renews the ring rows. */
export function renewRows(
  { shape: [ny, nx], periodic }: Pick<Equations, "shape" | "periodic">,
  a: Float32Array | Float64Array,
) {
  if (!periodic[0]) return;
  a.copyWithin(0, (ny - 2) * nx, (ny - 1) * nx);
  a.copyWithin((ny - 1) * nx, nx, 2 * nx);
}

/** Colours of a sweep of Gauss-Seidel. */
export const COLOURS = 4;

/** Gauss-Seidel in four colours: even rows, in them even columns first, then odd rows; even is what is coarse next. */
export function smooth(level: System): void {
  const { equations, iterate } = level;
  for (let colour = 0; colour < COLOURS; colour++) {
    smoothRows(level, colour, 1, equations.shape[0] - 1);
    renewRing(equations, iterate);
  }
}

/** The points of one colour in rows [from, to). */
export function smoothRows(
  { equations, inverse, iterate: u, f, outside }: System,
  colour: number,
  from: number,
  to: number,
): void {
  const { shape: [, nx], n, s, w, e, corners: { nw, ne, sw, se } } = equations;
  const even = outside ? 1 : 2;
  const i0 = colour < 2 ? even : 3 - even;
  const j0 = colour % 2 === 0 ? even : 3 - even;
  for (let i = from + ((from + i0) & 1); i < to; i += 2) {
    const end = (i + 1) * nx - 1;
    for (let k = i * nx + j0; k < end; k += 2) {
      const [north, south] = [k - nx, k + nx];
      const beside = n[k]! * u[north]! + s[k]! * u[south]! + (w[k]! * u[k - 1]! + e[k]! * u[k + 1]!);
      const diagonal = nw[k]! * u[north - 1]! + ne[k]! * u[north + 1]! +
        (sw[k]! * u[south - 1]! + se[k]! * u[south + 1]!);
      u[k] = inverse[k]! * (f[k]! + (beside + diagonal));
    }
  }
}

/** r = f − A e in rows [from, to). */
export function subtractImage(
  { equations, iterate: u, f }: System,
  r: Float64Array,
  from: number,
  to: number,
): void {
  const { shape: [, nx], c, n, s, w, e, corners: { nw, ne, sw, se } } = equations;
  for (let i = from; i < to; i++) {
    for (let k = i * nx + 1; k < (i + 1) * nx - 1; k++) {
      const [north, south] = [k - nx, k + nx];
      const beside = n[k]! * u[north]! + s[k]! * u[south]! + (w[k]! * u[k - 1]! + e[k]! * u[k + 1]!);
      const diagonal = nw[k]! * u[north - 1]! + ne[k]! * u[north + 1]! +
        (sw[k]! * u[south - 1]! + se[k]! * u[south + 1]!);
      r[k] = f[k]! - c[k]! * u[k]! + (beside + diagonal);
    }
  }
}
