/**
 * Sums over nodes: what flows in, areas, integrals and extremes of each edge, each part and the whole domain.
 *
 * @module
 */

import { EDGES } from "../problem/problem.ts";

/** The numbers of an entry of {@linkcode Totals}; weight and sum of u are by length on an edge, else by area. */
export const FLUX = 0, WEIGHT = 1, SUM = 2, NODES = 3, LOW = 4, HIGH = 5, SIZE = 6;

/** Sums over nodes; conductances are in the units of the equations. */
export interface Totals {
  /** SIZE numbers for each edge, in the order of EDGES, then for each part; then for all nodes, whose flux is the source. */
  readonly entries: Float64Array;
  /** ½ Σ G (Δu)² over all links. */
  energy: number;
  /** The first node with the least value, row × nx + column; Infinity if there is none. */
  lowAt: number;
  /** That with the largest. */
  highAt: number;
}

/** Local. Totals of no node. */
export function noTotals(parts: number): Totals {
  const entries = new Float64Array((EDGES.length + parts + 1) * SIZE);
  for (let at = 0; at < entries.length; at += SIZE) {
    entries[at + LOW] = Infinity;
    entries[at + HIGH] = -Infinity;
  }
  return { entries, energy: 0, lowAt: Infinity, highAt: Infinity };
}

/** Local. Where the entry of a part begins. */
export function entryOf(part: number): number {
  return (EDGES.length + part) * SIZE;
}

/** Local. Adds the totals of another rank. */
export function addTotals(to: Totals, { entries, energy, lowAt, highAt }: Totals): void {
  const whole = entries.length - SIZE;
  const [low, high] = [entries[whole + LOW]!, entries[whole + HIGH]!];
  const [lowest, highest] = [to.entries[whole + LOW]!, to.entries[whole + HIGH]!];
  if (low < lowest || (low === lowest && lowAt < to.lowAt)) to.lowAt = lowAt;
  if (high > highest || (high === highest && highAt < to.highAt)) to.highAt = highAt;
  to.energy += energy;
  for (let at = 0; at < entries.length; at += SIZE) {
    to.entries[at + FLUX]! += entries[at + FLUX]!;
    const [weight, sum, nodes, low, high] = entries.subarray(at + WEIGHT, at + SIZE);
    addNodes(to.entries, at, weight!, sum!, nodes!, low!, high!);
  }
}

/** Local. Adds all but a flux to an entry. */
export function addNodes(
  entries: Float64Array,
  at: number,
  weight: number,
  sum: number,
  nodes: number,
  low: number,
  high: number,
): void {
  entries[at + WEIGHT]! += weight;
  entries[at + SUM]! += sum;
  entries[at + NODES]! += nodes;
  if (low < entries[at + LOW]!) entries[at + LOW] = low;
  if (high > entries[at + HIGH]!) entries[at + HIGH] = high;
}
