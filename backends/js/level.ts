/**
 * A level of multigrid in the reference backend: arrays of f64, whatever the precision of the problem. Smoothing and
 * residual are here, restriction and prolongation in `transfer.ts`, the making of levels in `coarsen.ts`. No state:
 * `workers` runs the same functions on shared memory.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";

/**
 * The operator A of `c e − Σ coupling × e of the neighbour = f`, the couplings named by where the neighbour is.
 * Symmetric. Couplings to fixed points and walls are 0, but are part of c; c is 0 at fixed points. Without corners:
 * five points.
 */
export interface Operator {
  readonly shape: readonly [rows: number, cols: number];
  readonly periodic: readonly [rows: boolean, cols: boolean];
  readonly c: Float64Array;
  readonly n: Float64Array;
  readonly s: Float64Array;
  readonly w: Float64Array;
  readonly e: Float64Array;
  /** Couplings to the four diagonal neighbours. */
  readonly corners?: Readonly<Record<"nw" | "ne" | "sw" | "se", Float64Array>>;
}

/** The nine coefficients, as `readOperator` orders them; undefined where there are no corners. */
export function coefficientsOf({ c, n, s, w, e, corners }: Operator): (Float64Array | undefined)[] {
  return [corners?.nw, n, corners?.ne, w, c, e, corners?.sw, s, corners?.se];
}

/** For each stored row (or column) the coarse ones before and after it; the same where it is itself coarse. */
export interface Axis {
  /** Stored rows of the coarse level. */
  readonly stored: number;
  /** Numbered along the axis: around a periodic one the numbers run on beyond its ends. */
  readonly before: Int32Array;
  readonly after: Int32Array;
  /** The same two, numbered as on the coarse level. */
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** For each coarse row the stored ones that depend on it, in order. */
  readonly dependents: readonly (readonly number[])[];
}

/** P: to each point from the four coarse ones around it, or fewer. */
export interface Prolongation {
  readonly shape: readonly [rows: number, cols: number];
  readonly rows: Axis;
  readonly cols: Axis;
  /** Weights of (low, low), (low, high), (high, low), (high, high): row, column. */
  readonly weights: readonly [Float64Array, Float64Array, Float64Array, Float64Array];
}

/** A level: A e = f, in stored arrays with a ghost layer like those of a grid. */
export interface Level {
  readonly operator: Required<Operator>;
  /** 1 / c, and 0 at fixed points. */
  readonly inverseDiagonal: Float64Array;
  /** e. */
  readonly correction: Float64Array;
  readonly f: Float64Array;
  /** Whether the first unknown is coarse, not the second: then the ghost layer is padding, no wall. */
  readonly firstIsCoarse: boolean;
}

/** A level below another, or below a grid. */
export interface CoarseLevel extends Level {
  /** To the level or grid above. */
  readonly prolongation: Prolongation;
}

/** What an array is stored for. */
type Periodic = Pick<Operator, "shape" | "periodic">;

/** Fills the periodic ghosts of an array, corners included. @param stride points from one row to the next */
export function fillLevelGhosts(of: Periodic, a: GridData, stride: number = of.shape[1]): void {
  fillGhostColumns(of, a, 1, of.shape[0] - 1, stride);
  fillGhostRows(of, a, stride);
}

/** Fills the ghost columns in rows [from, to). */
export function fillGhostColumns(
  { shape: [, nx], periodic }: Periodic,
  a: GridData,
  from: number,
  to: number,
  stride: number = nx,
): void {
  for (let i = from; periodic[1] && i < to; i++) {
    const first = i * stride, last = first + nx - 1;
    a[first] = a[last - 1]!;
    a[last] = a[first + 1]!;
  }
}

/** Fills the ghost rows. */
export function fillGhostRows({ shape: [ny, nx], periodic }: Periodic, a: GridData, stride: number = nx): void {
  if (!periodic[0]) return;
  a.copyWithin(0, (ny - 2) * stride, (ny - 1) * stride);
  a.copyWithin((ny - 1) * stride, stride, 2 * stride);
}

/** Colours of a sweep of Gauss-Seidel. */
export const COLOURS = 4;

/** One sweep of Gauss-Seidel in four colours: the rows that the next level keeps, in them the columns that it keeps first. */
export function smooth(level: Level): void {
  const { operator, correction } = level;
  for (let colour = 0; colour < COLOURS; colour++) {
    smoothRows(level, colour, 1, operator.shape[0] - 1);
    fillLevelGhosts(operator, correction);
  }
}

/** The points of one colour in rows [from, to). */
export function smoothRows(
  { operator, inverseDiagonal, correction: u, f, firstIsCoarse }: Level,
  colour: number,
  from: number,
  to: number,
): void {
  const { shape: [, nx], n, s, w, e, corners: { nw, ne, sw, se } } = operator;
  const first = firstIsCoarse ? 1 : 2;
  const i0 = colour < 2 ? first : 3 - first;
  const j0 = colour % 2 === 0 ? first : 3 - first;
  for (let i = from + ((from + i0) & 1); i < to; i += 2) {
    const end = (i + 1) * nx - 1;
    for (let k = i * nx + j0; k < end; k += 2) {
      const [north, south] = [k - nx, k + nx];
      const axial = n[k]! * u[north]! + s[k]! * u[south]! + (w[k]! * u[k - 1]! + e[k]! * u[k + 1]!);
      const diagonal = nw[k]! * u[north - 1]! + ne[k]! * u[north + 1]! +
        (sw[k]! * u[south - 1]! + se[k]! * u[south + 1]!);
      u[k] = inverseDiagonal[k]! * (f[k]! + (axial + diagonal));
    }
  }
}

/** r = f − A e in rows [from, to). */
export function residualRows(
  { operator, correction: u, f }: Level,
  r: Float64Array,
  from: number,
  to: number,
): void {
  const { shape: [, nx], c, n, s, w, e, corners: { nw, ne, sw, se } } = operator;
  for (let i = from; i < to; i++) {
    for (let k = i * nx + 1; k < (i + 1) * nx - 1; k++) {
      const [north, south] = [k - nx, k + nx];
      const axial = n[k]! * u[north]! + s[k]! * u[south]! + (w[k]! * u[k - 1]! + e[k]! * u[k + 1]!);
      const diagonal = nw[k]! * u[north - 1]! + ne[k]! * u[north + 1]! +
        (sw[k]! * u[south - 1]! + se[k]! * u[south + 1]!);
      r[k] = f[k]! - c[k]! * u[k]! + (axial + diagonal);
    }
  }
}
