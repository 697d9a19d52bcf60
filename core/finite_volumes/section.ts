/**
 * The section that parts make of a plate. Types only; `discretize_section.ts` makes it.
 *
 * @module
 */

import type { GridRegion } from "../geometry/grid_region.ts";
import type { EdgeName } from "../problem/problem.ts";

/** A part as the discretisation sees it: of layers that overlap the last is on top. Positions are rows and columns. */
export interface Layer {
  readonly region: GridRegion;
  readonly kind: "held" | "material" | "hole";
  /** Of a material. */
  conductivity(row: number, col: number): number;
  /** Of what is held. */
  value(row: number, col: number): number;
  /** What it covers, where that is not its region: the cells of whole nodes that are held. */
  readonly cells?: GridRegion;
  /** Whether it is part of a drawing by cells, which have its conductivity already: nothing lies below it. */
  readonly drawn?: boolean;
}

/** The plate below the parts. */
export interface Plate {
  readonly shape: readonly [ny: number, nx: number];
  /** Whether row 0 and row ny-1 are neighbours, and column 0 and column nx-1. */
  readonly periodic: readonly [rows: boolean, cols: boolean];
  /** Conductivity of the medium at a node; undefined where it is given by cells. */
  conductivity(row: number, col: number): number | undefined;
  /**
   * That of the link from a node along an axis (1: to the east, 0: to the south) where no part is near; or of the half of its
   * face on one side (0: the one of the row or column before, 1: after).
   */
  between(axis: 0 | 1, row: number, col: number, side?: 0 | 1): number;
  /** The area of a node's cell, in cells inside of the plate; around an axis times its radius. */
  share(row: number, col: number): number;
  /** Length over distance of the link from a node to its eastern neighbour, and to its southern one. */
  eastward(row: number, col: number): number;
  southward(row: number, col: number): number;
  /** The mean weight of a piece of a line, from one column to another: 1, or the radius. */
  weight(from: number, to: number): number;
}

/** Values at some columns of a row, in ascending order. */
export interface Sparse {
  readonly cols: readonly number[];
  readonly values: readonly number[];
}

/** What flows into nodes of a row from held parts, through links that end at an outline. */
export interface Sinks {
  /** The column of the node, ascending. */
  readonly cols: readonly number[];
  /** The conductance. */
  readonly conductances: readonly number[];
  /** The value that is held at its end, and where that is. */
  readonly values: readonly number[];
  readonly endRows: readonly number[];
  readonly endCols: readonly number[];
  /** Whose it is. */
  readonly layers: readonly number[];
}

/** What holes leave open of the edges of a plate. */
export type OpenEdges = Readonly<Record<EdgeName, Float64Array>>;

/** A plate with its parts, row by row. */
export interface Section {
  /** The layer of each node, C order; -1: the medium. */
  readonly layers: Int16Array;
  /** How many nodes each layer has. */
  readonly counts: Int32Array;
  /** 1 where a node has no equation: none of its links conducts. Undefined where all have. */
  readonly excluded?: Uint8Array | undefined;
  /** Local. Adds the fraction of each cell of a row that is in a layer. @returns the columns [from, to) beyond which it is 0 */
  addCoverage(row: number, layer: number, out: Float64Array): readonly [from: number, to: number];
  /** Local. Where layers are on top. */
  visible(isIn: (layer: number) => boolean): GridRegion;
  /** Whether each layer has a node, or a link that it changes. */
  readonly seen: readonly boolean[];
  /** The fraction of each node's cell that is in a hole; undefined without holes. */
  readonly voids: Float64Array | undefined;
  /** The open fraction of the sides of cells that lie on edges, node by node; undefined without holes. */
  readonly openEdges: OpenEdges | undefined;
  /** Conductances of links to the east, and to the south, that differ from those of two nodes side by side. */
  readonly east: readonly Sparse[];
  readonly south: readonly Sparse[];
  readonly sinks: readonly Sinks[];
}
