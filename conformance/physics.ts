/**
 * Checks in closed form: modes that decay as theory says, and polynomials that a sweep must leave alone. They do not
 * need the reference, so they would find an error that a backend shares with it.
 *
 * @module
 */

import { counted } from "../core/errors.ts";
import { drift, expect, expectNumber, expectSame, lowered, planOf, runOf } from "./compare.ts";
import { cut, everything, isFormula, sizeOf, type Subject } from "./compare.ts";
import type { Check } from "./check.ts";
import { rounder, roundoff } from "../core/dtype.ts";
import type { Problem } from "../core/problem/problem.ts";

type FieldFunction = (row: number, col: number) => number;

/** @returns the checks in closed form of one subject. */
export function physicsChecks(subject: Subject): Check[] {
  const plain = subject.kind === "plain";
  return [
    ...(!isFormula(subject.method) && subject.method !== "spectral" ? [] : [{
      name: plain ? "a sine mode of a plate decays as theory says" : "a cosine mode of a free, periodic plate does too",
      async run() {
        await decays(subject, [1, 1], [1, 1]);
        await decays(subject, [0.5, 0.2], [3, 2]);
      },
    }]),
    {
      name: `1, x, y, xy and x² − y² are fixed points${plain ? "" : " with fluxes to match"}`,
      async run() {
        for (const form of polynomials) await rests(subject, [0.5, 0.2], form);
        await rests(subject, [1, 1], polynomials.at(-1)!);
      },
    },
  ];
}

/**
 * Jacobi multiplies a mode by rho = 2 cx cos(tx) + 2 cy cos(ty). Red-black SOR acts on its red and black halves, of
 * amplitudes r and b: r += omega (rho b − r), then b += omega (rho r − b). (Young 1971, ch. 5.)
 */
async function decays(subject: Subject, spacing: readonly [number, number], numbers: readonly [number, number]) {
  const { backend, dtype, kind, method } = subject;
  const shape = [9, 14] as const;
  const [ny, nx] = shape;
  const plain = kind === "plain";
  const ty = Math.PI * numbers[0] / (ny - 1);
  const tx = plain ? Math.PI * numbers[1] / (nx - 1) : 2 * Math.PI * numbers[1] / nx;
  const wave = plain ? Math.sin : Math.cos;
  const mode: FieldFunction = (i, j) => wave(ty * i) * wave(tx * j);
  const insulated = { flux: 0 };
  const edges: Problem["edges"] = plain ? {} : {
    north: insulated,
    south: insulated,
    west: "periodic",
    east: "periodic",
  };
  const stencil = lowered({ shape, spacing, edges: edges!, initial: mode }, subject);
  const plan = planOf(stencil, method, 1.4);
  const [dy, dx] = spacing;
  const rho = (dy * dy * Math.cos(tx) + dx * dx * Math.cos(ty)) / (dy * dy + dx * dx);

  const sweeps = 6;
  const found = await runOf(backend, stencil, plan, [sweeps]);
  let [red, black] = [1, 1];
  for (let n = 0; n < sweeps; n++) {
    if (method !== "sor") [red, black] = [rho * black, rho * red];
    else {
      red += plan.omega * (rho * black - red);
      black += plan.omega * (rho * red - black);
    }
  }
  const expected = new Float64Array(ny * nx);
  expected.forEach((_, k) => {
    const [i, j] = [Math.floor(k / nx), k % nx];
    expected[k] = ((i + j) % 2 === 0 ? red : black) * mode(i, j);
  });
  // Eight roundings a sweep, of numbers up to 1 (over-relaxed: up to 4), and those of the mode and its factor.
  const tolerance = (method === "sor" ? 4 : 1) * (8 * sweeps + 8) * roundoff(dtype);
  const where = ` after ${counted(sweeps, "sweep")}, rho = ${rho}, spacing ${spacing}, ${dtype} tolerance`;
  expectSame("mode", found.u, cut(expected, shape, found.owned), found.owned, tolerance, where);
  if (method !== "sor" && rho > 0) {
    const most = sizeOf(stencil.evaluate(everything(shape)).u);
    expectNumber("change", found.batches[0]!.change, rho ** (sweeps - 1) * (1 - rho) * most, 2 * tolerance, where);
  }
}

/** Harmonic on the grid as in the plane, whatever dx and dy; with their gradients. */
const polynomials = [
  { what: "1", p: () => 1, py: () => 0, px: () => 0 },
  { what: "x", p: (_y: number, x: number) => x, py: () => 0, px: () => 1 },
  { what: "y", p: (y: number) => y, py: () => 1, px: () => 0 },
  { what: "xy", p: (y: number, x: number) => x * y, py: (_y: number, x: number) => x, px: (y: number) => y },
  {
    what: "x² − y²",
    p: (y: number, x: number) => x * x - y * y,
    py: (y: number) => -2 * y,
    px: (_y: number, x: number) => 2 * x,
  },
];

async function rests(subject: Subject, [dy, dx]: readonly [number, number], form: typeof polynomials[number]) {
  const { backend, dtype, kind, method } = subject;
  const on = (f: (y: number, x: number) => number, sign = 1): FieldFunction => (i, j) => sign * f(i * dy, j * dx);
  const shape = [7, 10] as const;
  const p = on(form.p);
  // Fluxes are the outward derivatives: towards smaller y in the north, smaller x in the west.
  const edges = kind === "plain"
    ? { north: p, south: p, west: p, east: p }
    : { north: { flux: on(form.py, -1) }, south: { flux: on(form.py) }, west: p, east: { flux: on(form.px) } };
  const stencil = lowered({ shape, spacing: [dy, dx], edges, initial: p }, subject);
  const plan = planOf(stencil, method, 1.5);
  const { u, g } = stencil.evaluate(everything(shape));
  // Sixteen roundings: of u, of the weights and in the sweep, each of a number no larger than this.
  const once = 16 * roundoff(dtype) * (sizeOf(u) + (g ? sizeOf(g) : 0));
  const sweeps = 5;
  const found = await runOf(backend, stencil, plan, [1, sweeps - 1]);
  const first = found.batches[0]!;
  const where = ` for ${form.what}, spacing ${dy}, ${dx}, ${dtype}`;
  expect(first.change <= 2 * once, `change: it is ${first.change}, expected at most ${2 * once}${where}`);
  expect(first.residual <= 2 * once, `residual: it is ${first.residual}, expected at most ${2 * once}${where}`);
  const tolerance = (method === "sor" ? 4 / (2 - plan.omega) : 1) * sweeps * once +
    drift(subject, sweeps, sizeOf(u), 1);
  const exact = u.map((_, k) => rounder(dtype)(p(Math.floor(k / shape[1]), k % shape[1])));
  expectSame("field", found.u, cut(exact, shape, found.owned), found.owned, tolerance, where);
}
