/**
 * Corners that two edges hold (Dirichlet): which of what flows in there is whose.
 *
 * @module
 */

import type { Equations } from "../finite_volumes/assemble.ts";
import { coefficientRows } from "../finite_volumes/coefficient_rows.ts";

/**
 * Local. What the corners that two edges hold add to the flux of one and take from that of the other. Half each of a corner is
 * wrong by as much as its cell takes of either: the fluxes along its two edges, extrapolated to the corner, tell them apart.
 *
 * @returns the change of each edge, in the order of EDGES
 */
export function cornerShares(equations: Equations): readonly number[] {
  const { shape: [ny, nx], edges, fixed } = equations;
  const shares = [0, 0, 0, 0];
  const inside = new Float64Array(1);
  for (const [n, name, i] of [[0, "north", 0], [1, "south", ny - 1]] as const) {
    for (const [m, other, j] of [[2, "west", 0], [3, "east", nx - 1]] as const) {
      if (edges[name].kind !== "fixed" || edges[other].kind !== "fixed") continue;
      if (fixed.readInside(i, j, j + 1, inside)) continue;
      const [down, along] = [i === 0 ? 1 : -1, j === 0 ? 1 : -1];
      const across = (extrapolated(equations, i, j, 0, along) - extrapolated(equations, i, j, down, 0)) / 2;
      shares[m]! += across;
      shares[n]! -= across;
    }
  }
  return shares;
}

/** What flows from a corner along one of its edges, which are held, extrapolated from the first two links to the corner. */
function extrapolated(equations: Equations, i: number, j: number, down: number, along: number): number {
  const [corner, next, last] = [0, 1, 2].map((n) => {
    const [row, col] = [i + n * down, j + n * along];
    const value = new Float64Array(1);
    equations.fixed.read(row, col, col + 1, value);
    const { north, south, west, east } = coefficientRows(equations, [col, col + 1]).coefficients(row);
    return { value: value[0]!, link: (down === 0 ? (along > 0 ? east : west) : down > 0 ? south : north)[0]! };
  }) as [Held, Held, Held];
  const flow = (from: Held, to: Held) => from.link * (from.value - to.value);
  return 1.5 * flow(corner, next) - 0.5 * flow(next, last);
}

/** The value of a held node, and the conductance to the next. */
interface Held {
  readonly value: number;
  readonly link: number;
}
