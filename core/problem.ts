/**
 * A problem as its author writes it, and its validation. Keys are those of a problem file; a field may also be
 * a typed array, an ndarray, or a function of (row, column).
 *
 * @module
 */

import * as v from "valibot";
import type { Dtype, GridData } from "./contract.ts";
import { ConfigError, suggest } from "./errors.ts";

/** A strided array: what the npm package `ndarray` makes. */
export interface NdArray {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;
}

/** A quantity at the nodes: one number, an array in C order, an ndarray, or a function of (row, column). */
export type FieldInput = number | ArrayLike<number> | NdArray | ((row: number, col: number) => number);

/** A field, or the same under the key `value`, as problem files write it. */
export type SectionInput = FieldInput | { readonly value: FieldInput };

/**
 * One edge: held at a value (units of u; an array has one value per point), a flux `k du/dn` with n outward,
 * convection `k du/dn = h (ambient - u)`, or periodic, together with the opposite edge.
 */
export type EdgeInput =
  | FieldInput
  | { readonly flux: FieldInput }
  | { readonly convection: { readonly h: FieldInput; readonly ambient: FieldInput } }
  | "periodic";

/** A region whose points are held at a value. Lengths are in units of `spacing`, measured from node (0, 0). */
export type Shape =
  | {
    readonly kind: "circle";
    readonly center: readonly [y: number, x: number];
    readonly radius: number;
    readonly value: number;
  }
  | {
    readonly kind: "rect";
    readonly from: readonly [y: number, x: number];
    readonly to: readonly [y: number, x: number];
    readonly value: number;
  };

/** The names of the edges. */
export const EDGES = ["north", "south", "west", "east"] as const;
/** One of the four edges. */
export type EdgeName = typeof EDGES[number];

/** div(k grad u) + f = 0 on a uniform grid, vertex-centred, edges included. */
export interface Problem {
  /** ny, nx: rows and columns, edges included; each >= 3. */
  readonly shape: readonly [ny: number, nx: number];
  /** dy, dx; default 1. */
  readonly spacing?: readonly [dy: number, dx: number];
  /** Precision of the field; default f64. */
  readonly dtype?: Dtype;
  /** A missing edge is held at 0. */
  readonly edges?: { readonly [E in EdgeName]?: EdgeInput };
  /** f; default 0. */
  readonly source?: SectionInput;
  /** k > 0; default 1. */
  readonly conductivity?: SectionInput;
  /** First guess; default 0. */
  readonly initial?: SectionInput;
  /** Points held at a value: those where `mask` is nonzero, and those inside `shapes`; later shapes win. */
  readonly fixed?: {
    readonly mask?: FieldInput;
    readonly values?: FieldInput;
    readonly shapes?: readonly Shape[];
  };
}
