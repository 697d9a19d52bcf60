/**
 * Properties of random problems: the maximum principle, and the symmetries of the grid. Addition commutes, bit for bit,
 * and the association of a sweep pairs north with south and west with east: so a mirrored problem, and a transposed
 * one, have exactly the mirrored and the transposed iterates.
 *
 * @module
 */

import fc from "fast-check";
import type { EdgeInput, EdgeName, Problem } from "../core/problem/problem.ts";
import { cannotRun, drift, everything, expect, expectSame, lowered, planOf, runOf } from "./compare.ts";
import { sizeOf, type Subject, using } from "./compare.ts";
import { roundoff } from "../core/dtype.ts";
import type { Check, ConformanceOptions } from "./check.ts";
import { scatter } from "./problems.ts";

/** A random problem, as numbers from which its fields are made. */
export interface Draft {
  readonly shape: readonly [number, number];
  readonly spacing: readonly [number, number];
  readonly kinds: readonly [Kind, Kind, Kind, Kind];
  readonly periodic: readonly [boolean, boolean];
  readonly varied: boolean;
  readonly holes: boolean;
  readonly seed: number;
  readonly sweeps: number;
}
type Kind = "fixed" | "insulated" | "convection";
type Cell = readonly [row: number, col: number];

/** How a problem's picture is turned: where a new point was, and what its edges were. */
export interface Turn {
  readonly what: string;
  readonly edges: Readonly<Record<EdgeName, EdgeName>>;
  readonly swaps: boolean;
  from(cell: Cell, shape: Cell): Cell;
}
/** Not turned at all. */
export const same: Turn = {
  what: "as it is",
  edges: { north: "north", south: "south", west: "west", east: "east" },
  swaps: false,
  from: (cell) => cell,
};
const turns: readonly Turn[] = [
  {
    ...same,
    what: "flipped north to south",
    edges: { ...same.edges, north: "south", south: "north" },
    from: ([i, j], [ny]) => [ny - 1 - i, j],
  },
  {
    ...same,
    what: "flipped west to east",
    edges: { ...same.edges, west: "east", east: "west" },
    from: ([i, j], [, nx]) => [i, nx - 1 - j],
  },
  {
    what: "transposed",
    edges: { north: "west", south: "east", west: "north", east: "south" },
    swaps: true,
    from: ([i, j]) => [j, i],
  },
];

/** @returns the random checks of one subject. */
export function randomChecks(subject: Subject, { seed = 20260101, runs = 4 }: ConformanceOptions): Check[] {
  // Symmetry is a matter of association, not of precision: the second dtype needs fewer.
  const some = subject.dtype === subject.backend.dtypes[0] ? runs : Math.ceil(runs / 2);
  return [
    {
      name: `the maximum principle holds on random problems (seed ${seed})`,
      run: onRandom(subject, { seed, runs: some }, (draft) => staysBetween(subject, draft)),
    },
    {
      name: `mirrored and transposed random problems have mirrored and transposed fields (seed ${seed})`,
      run: onRandom(subject, { seed, runs: some }, (draft) => turnsWithProblem(subject, draft)),
    },
  ];
}

/** What runs a check on random problems. fast-check's message carries the seed, the counterexample and the path to it. */
export function onRandom(
  subject: Subject,
  { seed, runs }: Required<ConformanceOptions>,
  check: (draft: Draft) => Promise<void>,
): () => Promise<void> {
  return () => fc.assert(fc.asyncProperty(drafts(subject), check), { seed, numRuns: runs });
}

/** Random problems of a subject's form. */
function drafts({ kind, method }: Subject): fc.Arbitrary<Draft> {
  // Mirrored, red stays red only if the number of points is odd.
  const points = method === "sor"
    ? fc.integer({ min: 1, max: 9 }).map((n) => 2 * n + 1)
    : fc.integer({ min: 3, max: 19 });
  const edge = kind === "plain"
    ? fc.constant<Kind>("fixed")
    : fc.constantFrom<Kind>("fixed", "insulated", "convection");
  const flag = kind === "plain" ? fc.constant(false) : fc.boolean();
  const wrap = method === "sor" ? fc.constant(false) : flag;
  const step = fc.constantFrom(1, 0.1, 0.25, 3);
  return fc.record({
    shape: fc.tuple(points, points),
    spacing: fc.oneof(step.map((d) => [d, d] as [number, number]), fc.tuple(step, step)),
    kinds: fc.tuple(edge, edge, edge, edge),
    periodic: fc.tuple(wrap, wrap),
    varied: flag,
    holes: kind === "plain" ? fc.constant(false) : fc.constant(true),
    seed: fc.integer({ min: 0, max: 2 ** 30 }),
    sweeps: fc.integer({ min: 1, max: 12 }),
  });
}

/** Makes a draft's problem, turned. */
export function problemOf({ shape, spacing, kinds, periodic, varied, holes, seed }: Draft, turn: Turn): Problem {
  const field = (n: number, low: number, high: number) => {
    const f = scatter(seed + n, low, high);
    return (i: number, j: number) => f(...turn.from([i, j], shape));
  };
  const names: readonly EdgeName[] = ["north", "south", "west", "east"];
  const edge = (name: EdgeName): EdgeInput => {
    const index = names.indexOf(turn.edges[name]);
    if (periodic[index < 2 ? 0 : 1]) return "periodic";
    if (kinds[index] === "insulated") return { flux: 0 };
    // One boundary field for all edges: corners agree whichever edge they belong to.
    if (kinds[index] === "fixed") return field(1, -10, 10);
    return { convection: { h: field(2, 0.1, 2), ambient: field(3, -5, 15) } };
  };
  const swap = <T>([a, b]: readonly [T, T]): [T, T] => turn.swaps ? [b, a] : [a, b];
  const mask = field(4, 0, 1);
  return {
    shape: swap(shape),
    spacing: swap(spacing),
    edges: { north: edge("north"), south: edge("south"), west: edge("west"), east: edge("east") },
    initial: field(5, -8, 8),
    ...(varied && { conductivity: field(6, 0.01, 10) }),
    // At least one point, so that the problem has a solution and a weighted stencil.
    ...(holes && {
      fixed: {
        mask: (i, j) => mask(i, j) < 0.1 || turn.from([i, j], shape).every((n) => n === 1) ? 1 : 0,
        values: field(7, -10, 10),
      },
    }),
  };
}

/** Every new value is a mean of old ones: no iterate leaves their range, for omega <= 1. */
async function staysBetween(subject: Subject, draft: Draft): Promise<void> {
  const stencil = lowered(problemOf(draft, same), subject);
  const start = stencil.evaluate(everything(stencil.shape)).u;
  let [low, high] = [Math.min(...start), Math.max(...start)];
  if (draft.kinds.includes("convection")) [low, high] = [Math.min(low, -5), Math.max(high, 15)];
  // A mean is off by eight roundings.
  const slack = 8 * draft.sweeps * roundoff(subject.dtype) * Math.max(-low, high);
  await using(subject.backend, stencil, planOf(stencil, subject.method, 1), async (session) => {
    await session.advance(draft.sweeps);
    const u = await session.read("owned");
    const [least, most] = [Math.min(...u!), Math.max(...u!)];
    expect(
      least >= low - slack && most <= high + slack,
      `the field runs from ${least} to ${most}, beyond ${low} to ${high} (slack ${slack.toExponential(2)})`,
    );
  });
}

async function turnsWithProblem(subject: Subject, draft: Draft): Promise<void> {
  const stencil = lowered(problemOf(draft, same), subject);
  const plan = planOf(stencil, subject.method, 1.3);
  if (cannotRun(subject, stencil) !== undefined) return;
  const straight = await runOf(subject.backend, stencil, plan, [draft.sweeps]);
  const tolerance = drift(subject, draft.sweeps, sizeOf(straight.u), plan.omega);
  for (const turn of turns) {
    const other = lowered(problemOf(draft, turn), subject);
    const turned = await runOf(subject.backend, other, { ...plan }, [draft.sweeps]);
    // A rank has only its part; which part of the other picture that is, it need not know.
    if (turned.u.length !== straight.u.length || straight.u.length !== draft.shape[0] * draft.shape[1]) return;
    const width = other.shape[1];
    const expected = turned.u.map((_, k) => {
      const [i, j] = turn.from([Math.floor(k / width), k % width], draft.shape);
      return straight.u[i * draft.shape[1] + j]!;
    });
    expectSame(turn.what, turned.u, expected, everything(other.shape), tolerance);
  }
}
