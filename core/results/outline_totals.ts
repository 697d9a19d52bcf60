/**
 * What outlines of parts change in the totals of a row: they cut cells and links between nodes.
 *
 * @module
 */

import type { Outlines, PartMap } from "./section_parts.ts";
import { addNodes, entryOf, FLUX, SIZE, SUM, WEIGHT } from "./totals.ts";
import type { Equations } from "../finite_volumes/assemble.ts";
import type { Sinks } from "../finite_volumes/section.ts";

/** A row of the nodes that a rank owns, and of their cells. */
export interface Row {
  readonly i: number;
  /** The height of its cells. */
  readonly height: number;
  /** The width of each, times its radius. */
  readonly widths: Float64Array;
  /** The field. */
  readonly values: Float64Array;
  /** The values of held nodes, NaN at others. */
  readonly held: Float64Array;
  /** What source and free edges supply to each cell. */
  readonly supply: Float64Array;
}

/** Adds what is at outlines to the entries of totals. */
export class OutlineTotals {
  /** The source of each cell, as if no hole took a piece of it. */
  readonly #own: Float64Array;
  /** The fraction of each cell of a whole row that one part covers. */
  readonly #cover: Float64Array;
  /** What held parts cover of each cell. */
  readonly #heldCover: Float64Array;
  readonly #labels: Int32Array;

  constructor(
    readonly medium: Equations,
    readonly map: PartMap,
    readonly outlines: Outlines,
    readonly columns: readonly [from: number, to: number],
    readonly entries: Float64Array,
  ) {
    const count = columns[1] - columns[0];
    this.#own = new Float64Array(count);
    this.#cover = new Float64Array(medium.shape[1]);
    this.#heldCover = new Float64Array(count);
    this.#labels = new Int32Array(count);
  }

  /**
   * Local. Adds a row, whose supply is that of its source so far and becomes what cells have of it.
   *
   * @returns Σ G (Δu)² of the links that end at outlines
   */
  add(row: Row): number {
    const { medium: { shape: [, nx], f, section }, outlines: { ofLayer, held: isHeld } } = this;
    const { i, values, held, supply } = row;
    const [own, heldCover] = [this.#own, this.#heldCover];
    const sourced = f.uniform !== 0;
    if (sourced) {
      own.set(supply);
      for (let j = 0; section?.voids && j < own.length; j++) {
        own[j] = quotient(own[j]!, 1 - section.voids[i * nx + this.columns[0] + j]!);
      }
      heldCover.fill(0);
    }
    const energy = section ? addSinks(section.sinks[i]!, this.columns, values, ofLayer, held, supply, this.entries) : 0;
    isHeld.forEach((is, part) => this.#addPart(row, part, is && sourced));
    if (sourced) this.#removeHeldSource(row);
    return energy;
  }

  /** Adds what a part covers of the cells of a row. */
  #addPart({ i, height, widths, values, held }: Row, part: number, takesSource: boolean): void {
    const { medium: { shape: [, nx], section }, outlines, entries, columns: [c0, c1] } = this;
    const [first, end] = outlines.addCoverage(i, part, this.#cover);
    const [from, to] = [Math.max(first, c0) - c0, Math.min(end, c1) - c0];
    if (from < to) {
      const cover = this.#cover.subarray(c0, c1);
      const at = entryOf(part);
      addArea(cover, from, to, values, widths, height, entries, at);
      // A source has no nodes of its own, but those whose cells it covers in part.
      for (let j = from; !outlines.ofLayer.includes(part) && j < to; j++) {
        if (cover[j]! > 0 && !section?.excluded?.[i * nx + c0 + j]) {
          addNodes(entries, at, 0, 0, 1, values[j]!, values[j]!);
        }
      }
      if (takesSource) addOutlineSource(cover, from, to, this.#own, held, this.#heldCover, entries, at);
    }
    this.#cover.fill(0, first, end);
  }

  /** Removes the source of what is held: no part of the domain, but for the piece of its cells beyond its outline. */
  #removeHeldSource({ i, held, supply }: Row): void {
    const { medium: { shape: [, nx], section }, outlines, entries, columns: [c0, c1] } = this;
    const [own, heldCover, labels] = [this.#own, this.#heldCover, this.#labels];
    const inside = this.map.read(i, c0, c1, labels);
    for (let j = 0; j < own.length; j++) {
      entries[entries.length - SIZE + FLUX]! -= own[j]! * heldCover[j]!;
      if (!inside || labels[j]! < 0 || !outlines.held[labels[j]!]) {
        // At nodes that an edge holds the source flows in there.
        if (held[j] === held[j]) supply[j]! -= own[j]! * heldCover[j]!;
        continue;
      }
      const open = 1 - (section?.voids?.[i * nx + c0 + j] ?? 0);
      entries[entryOf(labels[j]!) + FLUX]! -= own[j]! * (open - heldCover[j]!);
      supply[j] = 0;
    }
  }
}

function quotient(a: number, b: number): number {
  return b > 0 ? a / b : 0;
}

/** Adds what flows in at outlines to the parts that they are of, and to the supply of nodes that are held. @returns Σ G (Δu)² */
function addSinks(
  { cols, conductances, values: potentials, layers }: Sinks,
  [c0, c1]: readonly [number, number],
  values: Float64Array,
  ofLayer: readonly number[],
  held: Float64Array,
  supply: Float64Array,
  entries: Float64Array,
): number {
  let energy = 0;
  for (let n = 0; n < cols.length; n++) {
    const col = cols[n]!;
    if (col < c0 || col >= c1) continue;
    const rise = potentials[n]! - values[col - c0]!;
    const flow = conductances[n]! * rise;
    if (held[col - c0] === held[col - c0]) supply[col - c0]! += flow;
    entries[entryOf(ofLayer[layers[n]!]!) + FLUX]! += flow;
    energy += flow * rise;
  }
  return energy;
}

/** Adds the fractions of cells that are in a part to its area and integral. */
function addArea(
  cover: Float64Array,
  from: number,
  to: number,
  values: Float64Array,
  widths: Float64Array,
  height: number,
  entries: Float64Array,
  at: number,
): void {
  let sum = 0, moment = 0;
  for (let j = from; j < to; j++) {
    const area = cover[j]! * widths[j]!;
    sum += area;
    moment += area * values[j]!;
  }
  entries[at + WEIGHT]! += sum * height;
  entries[at + SUM]! += moment * height;
}

/** The equations of free nodes have the source of whole cells: the piece of them in a held part did not flow from there. */
function addOutlineSource(
  cover: Float64Array,
  from: number,
  to: number,
  own: Float64Array,
  held: Float64Array,
  heldCover: Float64Array,
  entries: Float64Array,
  at: number,
): void {
  for (let j = from; j < to; j++) {
    heldCover[j]! += cover[j]!;
    if (held[j] !== held[j]) entries[at + FLUX]! += own[j]! * cover[j]!;
  }
}
