/**
 * Parts of a section, as an author writes them: shapes with a name and a role each; a drawing whose colours have roles; and
 * probes. Positions are x to the right (axisymmetric: r) and y up (z), in the coordinates of `origin`. Numbers are made of
 * them in `core/problem/resolve.ts`.
 *
 * @module
 */

import type { FieldInput } from "./field.ts";

/** A number, or a formula of the parameters, `width`, `height` and `pi`. */
export type NumberInput = number | string;

/** A position, [y, x]. */
export type PointInput = readonly [y: NumberInput, x: NumberInput];

/** A function of the position, in units of `spacing`: x and y; axisymmetric: r and z. */
export type PlaceFunction = (x: number, y: number) => number;

/** A quantity that depends on the position: a number, a formula of x and y (axisymmetric: r and z) as well, or a function. */
export type PlaceInput = NumberInput | PlaceFunction;

/** A shape. Lengths are in units of `spacing`, angles in degrees, counter-clockwise. */
export type FigureInput =
  | { readonly kind: "circle"; readonly center: PointInput; readonly radius: NumberInput }
  | {
    readonly kind: "ellipse";
    readonly center: PointInput;
    readonly radii: readonly [ry: NumberInput, rx: NumberInput];
    /** Default 0. */
    readonly angle?: NumberInput;
  }
  | {
    readonly kind: "ring";
    readonly center: PointInput;
    readonly radii: readonly [inner: NumberInput, outer: NumberInput];
  }
  | {
    readonly kind: "rect";
    readonly from: PointInput;
    readonly to: PointInput;
    /** About its middle; default 0. */
    readonly angle?: NumberInput;
  }
  /** Closed by itself. */
  | { readonly kind: "polygon"; readonly points: readonly PointInput[] }
  /** With round ends and joints. */
  | { readonly kind: "polyline"; readonly points: readonly PointInput[]; readonly width: NumberInput }
  /** Where an inequality of x and y holds; or a function that is true, or greater than 0, inside. */
  | { readonly kind: "formula"; readonly where: string | ((x: number, y: number) => number | boolean) }
  /** Whole nodes: those where the mask is not 0, ny × nx. Problem files name a file. */
  | { readonly kind: "file"; readonly mask: FieldInput };

/** What a part is: exactly one role. `source` may stand beside `conductivity`. */
export interface RoleInput {
  /** Held at a value (Dirichlet). */
  readonly value?: PlaceInput;
  /** A conductor that floats: one unknown value, and this total flux. */
  readonly charge?: NumberInput;
  /** A material of this conductivity. */
  readonly conductivity?: PlaceInput;
  /** A source of this density. */
  readonly source?: PlaceInput;
  /** A source of this total, spread evenly over the part. */
  readonly total?: NumberInput;
  /** Not part of the domain; its outline is insulated. */
  readonly hole?: true;
}

/** A part: a shape with a name and a role. Later parts win. */
export type PartInput = FigureInput & RoleInput & {
  /** What results are reported under; each part has its own. */
  readonly name: string;
  /** Whether the part is everything but the shape. */
  readonly outside?: boolean;
  /** "nodes": whole nodes belong to it, and no link is cut at its outline; default "exact". */
  readonly outline?: "exact" | "nodes";
};

/** A drawing of the section, whose colours have roles. Problem files name a file. */
export interface ImageInput {
  /** Colours, row by row from the top, four bytes a pixel: red, green, blue, opacity. */
  readonly data: Uint8Array | Uint8ClampedArray;
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** "cells", the default: a pixel is a cell between four nodes; "nodes": a node. */
  readonly pixels?: "cells" | "nodes";
  /** The largest difference in a channel, of 255, that still counts as the same colour; default 0. */
  readonly tolerance?: number;
  /** What a colour, "#rrggbb", means: a role, or {} for the medium. Colours of one name and role are one part. */
  readonly legend: Readonly<Record<string, RoleInput & { readonly name?: string }>>;
}

/** What is asked about the field at a place: a point, a line, or the average of a part. */
export type ProbeInput =
  | { readonly name: string; readonly at: PointInput }
  /** `points` of them, ends included; default 101. */
  | { readonly name: string; readonly from: PointInput; readonly to: PointInput; readonly points?: number }
  | { readonly name: string; readonly part: string };
