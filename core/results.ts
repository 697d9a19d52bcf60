/**
 * What a solve answers besides its field: what flows in at edges and parts, the balance, energy, extremes, and the values at
 * probes. Types only; `core/results/field_results.ts` computes them.
 *
 * Positions are [y, x], y up, from the `origin` of the problem. Fluxes, source, imbalance, energy and the integral are times
 * its depth.
 *
 * @module
 */

/** What flows in through an edge, and the values along it. */
export interface EdgeResult {
  /** The integral of k du/dn, n outward of the domain: what flows in there, with the sign of `flux` in a problem. */
  readonly flux: number;
  /** Mean of u by length. */
  readonly mean: number;
  /** Least value of u at its nodes. */
  readonly min: number;
  /** Largest value of u at its nodes. */
  readonly max: number;
}

/** What flows in at a part of the section, and the values in it: NaN where it has none, as in holes. */
export interface PartResult extends EdgeResult {
  /** What the part is; `held`: at given values (Dirichlet), `floating`: a conductor at a value of its own. */
  readonly role: "held" | "floating" | "material" | "source" | "hole";
  /** The value that it is held at, or floats at, where that is one number. */
  readonly value?: number;
  /** Its area, as far as later parts leave it; of what `fixed` holds the cells of its nodes. The mean is by area. */
  readonly area: number;
  /** How many nodes it has. */
  readonly nodes: number;
}

/** The least or the largest value of u, and the first node from the north-west that has it. */
export interface Extreme {
  /** u there. */
  readonly value: number;
  /** The position of the node. */
  readonly at: readonly [y: number, x: number];
}

/** The field at a point. */
export interface PointResult {
  /** u, bilinear between nodes. */
  readonly value: number;
  /** −k grad u, y up, interpolated between the faces of cells: what flows, per area. */
  readonly flux: readonly [fy: number, fx: number];
}

/** The field along a straight line, point by point from its one end to the other. */
export interface LineResult {
  /** From the first point. */
  readonly distance: readonly number[];
  /** The positions. */
  readonly at: readonly (readonly [y: number, x: number])[];
  /** u at each. */
  readonly value: readonly number[];
  /** −k grad u at each. */
  readonly flux: readonly (readonly [fy: number, fx: number])[];
}

/** The mean of u in a part. */
export interface AverageResult {
  /** By area. */
  readonly value: number;
}

/** What a solve answers. */
export interface Results {
  /** By name. A periodic edge has none: what passes there leaves and enters. */
  readonly edges: { readonly [name in "north" | "south" | "west" | "east"]?: EdgeResult };
  /** By name; `fixed` has the points that `fixed` of the problem holds, on edges too. */
  readonly parts: Readonly<Record<string, PartResult>>;
  /** The integral of f, as the equations have it: without the surplus. */
  readonly source: number;
  /** The sum of all fluxes and the source: rounding, and what the solve left as residual. */
  readonly imbalance: number;
  /** ½ ∫ k |grad u|². */
  readonly energy: number;
  /** ∫ u. */
  readonly integral: number;
  /** Where u is least. */
  readonly min: Extreme;
  /** Where it is largest. */
  readonly max: Extreme;
  /** By name. */
  readonly probes: Readonly<Record<string, PointResult | LineResult | AverageResult>>;
}

/** The same numbers, each an estimate of its own error; places, names and counts have none. */
export type Estimated<T> = T extends number ? number
  : T extends readonly (infer Item)[] ? readonly Estimated<Item>[]
  : { readonly [K in keyof T as K extends NotEstimated ? never : K]: Estimated<T[K]> };

/** The discretisation error of each of the {@linkcode Results}. */
export type Estimates = Estimated<Results>;

/** What no error is estimated of. */
export type NotEstimated = "at" | "distance" | "role" | "nodes";
