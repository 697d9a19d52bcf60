/**
 * The results of a solve: the totals of all ranks in the units of the problem, and its probes.
 *
 * @module
 */

import { cornerShares } from "./corners.ts";
import { fieldTotals } from "./field_totals.ts";
import { allGather, type OwnedField, ownedField, type Ranks } from "./owned_field.ts";
import { lineResult, type Place, pointResult, positionOf, type Probe } from "./probes.ts";
import type { SectionParts } from "./section_parts.ts";
import { addTotals, entryOf, FLUX, HIGH, LOW, NODES, noTotals, SIZE, SUM, type Totals, WEIGHT } from "./totals.ts";
import type { GridData } from "../contract.ts";
import type { Equations } from "../finite_volumes/assemble.ts";
import { EDGES } from "../problem/problem.ts";
import type { ResolvedProblem } from "../problem/resolve.ts";
import type { EdgeResult, Estimated, PartResult, PointResult, Results } from "../results.ts";

/** What results are made of, besides the field. */
export interface Asked {
  readonly given: ResolvedProblem;
  /** Its fields, conductivities multiplied by `factor`, and a source that balances if the problem is singular. */
  readonly equations: Equations;
  readonly factor: number;
  /** Whether the field is known up to a constant: its mean is to be zero. */
  readonly singular: boolean;
  readonly parts: SectionParts;
  readonly probes: readonly Probe[];
}

/**
 * Collective. The results of a field, the same on all ranks.
 *
 * @param u at the nodes that this rank owns, C order
 */
export async function resultsOf(asked: Asked, u: GridData, ranks: Ranks): Promise<Results> {
  const { given, equations, factor, singular, parts, probes } = asked;
  const { shape: [ny, nx], edges } = equations;
  const periodic = [edges.north.kind === "periodic", edges.west.kind === "periodic"] as const;
  const field = await ownedField(u, [ny, nx], periodic, ranks);
  const totals = await gathered(fieldTotals(equations, parts, field), parts.count, ranks);
  const { entries, energy, lowAt, highAt } = totals;
  cornerShares(equations).forEach((share, n) => entries[n * SIZE + FLUX]! += share);

  const { depth, grid } = given;
  const scale = depth / factor;
  const whole = entries.length - SIZE;
  // Ranks do not know the mean while they have the field; one rank has subtracted it.
  const mean = singular && ranks.ranks > 1 ? entries[whole + SUM]! / entries[whole + WEIGHT]! : 0;
  const entry = (at: number): EdgeResult => ({
    flux: entries[at + FLUX]! * scale,
    mean: entries[at + SUM]! / entries[at + WEIGHT]! - mean,
    min: entries[at + LOW]! - mean,
    max: entries[at + HIGH]! - mean,
  });
  const ofEdges = Object.fromEntries(
    EDGES.flatMap((name, n) => edges[name].kind === "periodic" ? [] : [[name, entry(n * SIZE)]]),
  );
  const ofParts = Object.fromEntries(parts.names.map((name, n): [string, PartResult] => {
    const at = entryOf(n);
    const value = parts.values.get(n);
    const nodes = entries[at + NODES]!;
    return [name, {
      role: parts.roles[n]!,
      ...entry(at),
      // Between nodes there are no values but those that are held; in holes there is no field.
      ...(nodes === 0 && { min: NaN, max: NaN }),
      ...(parts.roles[n] === "hole" && { mean: NaN, min: NaN, max: NaN }),
      // Cells at an outline have other values as well.
      ...(value !== undefined && { value, mean: value, ...(nodes === 0 && { min: value, max: value }) }),
      area: entries[at + WEIGHT]!,
      nodes,
    }];
  }));
  const source = entries[whole + FLUX]! * scale;
  const extreme = (value: number, node: number) => ({
    value: value - mean,
    at: positionOf(grid, Math.floor(node / nx), node % nx),
  });
  const points = await pointsOf(equations, probes, field, [factor, mean]);
  return {
    edges: ofEdges,
    parts: ofParts,
    source,
    imbalance: [...Object.values(ofEdges), ...Object.values(ofParts)].reduce((sum, { flux }) => sum + flux, source),
    energy: energy * scale,
    integral: (entries[whole + SUM]! - mean * entries[whole + WEIGHT]!) * depth,
    min: extreme(entries[whole + LOW]!, lowAt),
    max: extreme(entries[whole + HIGH]!, highAt),
    probes: Object.fromEntries(probes.map((probe) => {
      if (probe.kind === "average") return [probe.name, { value: ofParts[probe.part]!.mean }];
      const results = points(probe.kind === "line" ? probe.places : [probe.place]);
      return [probe.name, probe.kind === "line" ? lineResult(probe.places, results) : results[0]!];
    })),
  };
}

/**
 * Local. Richardson's estimate of the discretisation error of each number, as for the field (`richardson.ts`): a third of
 * what it differs by from that on every other row and column.
 */
export function estimatesOf<T>(fine: T, coarse: T): Estimated<T>;
export function estimatesOf(fine: unknown, coarse: unknown): unknown {
  if (typeof fine === "number") return Math.abs(fine - Number(coarse)) / 3;
  if (Array.isArray(fine) && Array.isArray(coarse)) return fine.map((value, n) => estimatesOf(value, coarse[n]));
  const others = new Map(Object.entries(Object(coarse)));
  return Object.fromEntries(
    Object.entries(Object(fine)).filter(([key]) => !NOT_ESTIMATED.has(key)).map(([key, value]) => [
      key,
      estimatesOf(value, others.get(key)),
    ]),
  );
}

const NOT_ESTIMATED: ReadonlySet<string> = new Set(["at", "distance", "role", "nodes"]);

// ---- helpers ----

/** Collective. The sum of the totals of all ranks, in order of rank. */
async function gathered({ entries, energy, lowAt, highAt }: Totals, parts: number, ranks: Ranks): Promise<Totals> {
  const all = noTotals(parts);
  for (const values of await allGather([...entries, energy, lowAt, highAt], ranks)) {
    const [energy, lowAt, highAt] = values.slice(-3) as [number, number, number];
    addTotals(all, { entries: Float64Array.from(values.slice(0, -3)), energy, lowAt, highAt });
  }
  return all;
}

/** Collective. Reads the nodes that points need. @returns the results at places of the probes, in the units of the problem */
async function pointsOf(
  equations: Equations,
  probes: readonly Probe[],
  field: OwnedField,
  [factor, mean]: readonly [factor: number, mean: number],
): Promise<(places: readonly Place[]) => PointResult[]> {
  const places = probes.flatMap((probe) =>
    probe.kind === "line" ? probe.places : probe.kind === "point" ? [probe.place] : []
  );
  if (places.length === 0) return () => [];
  const nx = equations.shape[1];
  const needed = new Set<number>();
  const note = (i: number, j: number) => {
    needed.add(i * nx + j);
    return 0;
  };
  for (const place of places) pointResult(equations, place, note);
  const nodes = [...needed];
  const found = await field.at(nodes);
  const values = new Map(nodes.map((node, n) => [node, found[n]!]));
  return (places) =>
    places.map((place) => {
      const { value, flux: [fy, fx] } = pointResult(equations, place, (i, j) => values.get(i * nx + j)!);
      return { value: value - mean, flux: [fy / factor, fx / factor] };
    });
}
