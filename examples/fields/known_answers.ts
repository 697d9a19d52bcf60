/**
 * What the problem files of this folder are known to give. `bench/exact.ts` measures how near they come and writes
 * docs/examples.md, `tests/examples/fields_test.ts` checks it on small grids.
 *
 * @module
 */

import type { GridData, Problem, Results } from "../../mod.ts";

/** A number whose true value is known. */
export interface KnownAnswer {
  /** The problem file, without `.toml`. */
  readonly file: string;
  /** Parameters that differ from those of the file. */
  readonly parameters?: Readonly<Record<string, number>>;
  /** What is asked, in a few words. */
  readonly quantity: string;
  readonly exact: number;
  /** The results that it is made of, by the names of `laplace refine --result`. */
  readonly results: readonly string[];
  /** Local. Makes it of them; without, it is the only one. */
  readonly of?: (...values: readonly number[]) => number;
  /** The power of the spacing that the error falls with: 2 where the field is smooth, less where it is singular, and for
   * gradients at outlines. */
  readonly order: number;
  /** The coarsest grid that has nodes enough for it, in spacings that make one of the file; else a quarter. */
  readonly coarsest?: number;
}

/** A field that is exact at the nodes, up to rounding. */
export interface ExactField {
  /** The problem file, without `.toml`. */
  readonly file: string;
  readonly u: (x: number, y: number) => number;
  /** What flows in at the edges, and the source, where these are exact too. */
  readonly totals?: readonly [north: number, south: number, west: number, east: number, source: number];
}

/** The rows of a table, in the order of its page. */
export const KNOWN_ANSWERS: readonly KnownAnswer[] = [
  {
    file: "square-coax",
    quantity: "C/ε₀, inner side ½",
    exact: 10.2340925694,
    results: ["parts.inner.flux"],
    order: 4 / 3,
  },
  {
    file: "square-coax",
    parameters: { ratio: 0.25 },
    quantity: "C/ε₀, inner side ¼",
    exact: 4.84441954842,
    results: ["parts.inner.flux"],
    order: 4 / 3,
  },
  {
    file: "round-coax",
    quantity: "C/ε₀, b/a = 2",
    exact: 2 * Math.PI / Math.log(2),
    results: ["parts.inner.flux"],
    order: 2,
  },
  {
    file: "round-coax",
    parameters: { ratio: 10 },
    quantity: "C/ε₀, b/a = 10",
    exact: 2 * Math.PI / Math.log(10),
    results: ["parts.inner.flux"],
    order: 2,
  },
  {
    file: "coated-coax",
    quantity: "C in pF/m",
    exact: 8.8541878188 * 2 * Math.PI / (Math.log(1.5) / 2 + Math.log(4 / 3)),
    results: ["parts.wire.flux"],
    order: 2,
  },
  {
    file: "stripline",
    quantity: "C/ε₀",
    exact: 5.76448992428,
    results: ["parts.strip.flux"],
    order: 1,
  },
  {
    file: "microstrip-air",
    quantity: "C/ε₀",
    exact: 4.231557942,
    results: ["parts.strip.flux"],
    order: 1,
  },
  {
    file: "nafems-t4",
    quantity: "u at E in °C",
    exact: 18.2537565371,
    results: ["probes.E.value"],
    order: 2,
  },
  {
    file: "nafems-axisymmetric",
    quantity: "u at the point in K",
    exact: 332.970513921539,
    results: ["probes.point.value"],
    order: 2,
  },
  {
    file: "motz",
    quantity: "flux",
    exact: 340.31708653,
    results: ["edges.east.flux"],
    order: 1,
  },
  {
    file: "motz",
    quantity: "u(0, ½)",
    exact: 176.04545,
    results: ["probes.middle.value"],
    order: 1,
  },
  {
    file: "torsion",
    quantity: "J/a⁴",
    exact: 0.14057701495515,
    results: ["integral"],
    of: (integral) => 4 * integral!,
    order: 2,
  },
  {
    file: "torsion",
    quantity: "u in the middle",
    exact: 0.07367135328151,
    results: ["probes.middle.value"],
    order: 2,
  },
  {
    file: "duct",
    quantity: "f Re",
    exact: 56.9083075391,
    results: ["integral"],
    of: (integral) => 2 / integral!,
    order: 2,
  },
  {
    file: "sheet-pile",
    quantity: "q/kH",
    exact: 0.5,
    results: ["parts.gap.flux"],
    order: 1,
  },
  {
    file: "strip-corner",
    quantity: "squares",
    exact: 1 - 2 * Math.LN2 / Math.PI,
    results: ["edges.east.flux"],
    of: (current) => 1 / current! - 6,
    order: 4 / 3,
  },
  {
    file: "spheres",
    quantity: "C/ε₀",
    exact: 8 * Math.PI,
    results: ["parts.inner.flux"],
    order: 2,
  },
  {
    file: "cylinder-flow",
    quantity: "speed at the shoulder",
    exact: 2,
    results: ["probes.shoulder.flux[0]", "probes.shoulder.flux[1]"],
    of: Math.hypot,
    order: 1,
  },
];

/** Jobs of every day. */
export const JOBS: readonly KnownAnswer[] = [
  {
    file: "cold-bridge",
    quantity: "U in W/(m² K)",
    exact: 0.94915,
    results: ["edges.south.flux"],
    of: (flux) => flux! / 0.5 / 20,
    order: 1,
  },
  {
    file: "busbar",
    quantity: "R in µΩ",
    exact: 7.114949114,
    results: ["edges.east.flux"],
    of: (current) => 1e6 / current!,
    order: 2,
  },
  {
    file: "pcb-trace",
    quantity: "C in pF/m",
    exact: 115.698,
    results: ["parts.trace.flux"],
    order: 1,
    coarsest: 1,
  },
  {
    file: "dam",
    quantity: "seepage in m³/s per m",
    exact: 2.231187e-5,
    results: ["parts.upstream.flux", "edges.west.flux"],
    of: (upstream, beyond) => upstream! + beyond!,
    order: 1,
  },
  {
    file: "dam",
    quantity: "exit gradient",
    exact: 0.21917,
    results: ["probes.exit.flux[0]"],
    of: (flux) => flux! / 1e-5,
    order: 1,
    coarsest: 1,
  },
  {
    file: "cable",
    quantity: "u of the sheath in °C",
    exact: 15 + 50 / (2 * Math.PI) * Math.acosh(20),
    results: ["parts.cable.value"],
    order: 2,
  },
  {
    file: "van-der-pauw",
    quantity: "π/ln 2 V/I in Ω",
    exact: 9.99495,
    results: ["parts.d.value", "parts.c.value"],
    of: (d, c) => Math.PI / Math.LN2 * (d! - c!) / 1e-3,
    order: 4 / 3,
  },
];

/** The rows that are exact up to rounding. */
export const EXACT_FIELDS: readonly ExactField[] = [
  { file: "bubble", u: (x, y) => 16 * x * (1 - x) * y * (1 - y) },
  { file: "saddle", u: (x, y) => x * x - y * y },
  { file: "cubic", u: (x, y) => x * x * x - 3 * x * y * y },
  { file: "paraboloid", u: (x, y) => 1 + x * x + 3 * y * y, totals: [6, 0, 0, 2, -8] },
  { file: "uniform-flow", u: (x) => x - 0.5, totals: [0, 0, -1, 1, 0] },
  {
    file: "rods",
    u: (x) => 100 - 100 / (4.5 + 5.5e-6) * (x < 4.5 ? x : 4.5 + (x - 4.5) / 1e6),
    totals: [0, 0, 100 / (4.5 + 5.5e-6), -100 / (4.5 + 5.5e-6), 0],
  },
];

/** Local. What the answer is, of results by name. */
export function answerOf({ results, of = (value = NaN) => value }: KnownAnswer, at: (name: string) => number): number {
  return of(...results.map(at));
}

/** Local. A result by its name, such as `probes.middle.flux[0]`. @throws Error if there is none */
export function resultAt(results: Results, name: string): number {
  const found = name.split(/[.[\]]+/).filter((key) => key !== "").reduce<unknown>(
    (table, key) => typeof table === "object" && table !== null ? Reflect.get(table, key) : undefined,
    results,
  );
  if (typeof found !== "number") throw new Error(`Cannot find the result "${name}"`);
  return found;
}

/** Local. How far a solution is from the exact field: u relative to its scale, and totals, where these are exact too. */
export function errorsOf(
  { u: exact, totals }: ExactField,
  { shape: [ny, nx], spacing: [dy, dx] = [1, 1], origin: [y0, x0] = [0, 0] }: Problem,
  { u, results: { edges, source } }: { readonly u: GridData; readonly results: Results },
): { readonly u: number; readonly totals: number | undefined } {
  let [scale, most] = [0, 0];
  for (let k = 0; k < u.length; k++) {
    const value = exact(x0 + k % nx * dx, y0 + (ny - 1 - Math.floor(k / nx)) * dy);
    scale = Math.max(scale, Math.abs(value));
    most = Math.max(most, Math.abs(u[k]! - value));
  }
  const { north, south, west, east } = edges;
  const flows = [north, south, west, east].map((edge) => edge?.flux ?? NaN).concat(source);
  return { u: most / scale, totals: totals && Math.max(...flows.map((flow, n) => Math.abs(flow - totals[n]!))) };
}

/**
 * Local. The same problem on another grid.
 *
 * @param factor spacings for one; it divides them without a rest
 * @param parameters some that differ from those of the problem
 */
export function onGrid(problem: Problem, factor: number, parameters: KnownAnswer["parameters"] = {}): Problem {
  const { shape: [ny, nx], spacing: [dy, dx] = [1, 1] } = problem;
  const nodes = (n: number) => (n - 1) * factor + 1;
  return {
    ...problem,
    shape: [nodes(ny), nodes(nx)],
    spacing: [dy / factor, dx / factor],
    parameters: { ...problem.parameters, ...parameters },
  };
}
