/**
 * Hard problems on small grids, and solves of them against their exact solutions: any units, conductivities that jump by fifteen
 * decades, convection that is hardly there, values far from zero, nothing held. Not a test itself: tests/solve/soak_test.ts has
 * a few, `deno task test:soak` as many as are asked for.
 *
 * @module
 */

import { maxDifference } from "../../conformance/compare.ts";
import { type Dtype, type Method, METHODS } from "../../core/contract.ts";
import { lower } from "../../core/discretize/lower.ts";
import { ConfigError, UnavailableError } from "../../core/errors.ts";
import { traits } from "../../core/methods/traits.ts";
import type { EdgeInput, Problem } from "../../core/problem/problem.ts";
import { solve } from "../../solve/solve.ts";
import { solveDense } from "./dense_solver.ts";

/** The plugins on the CPU. */
export const PLUGINS = ["js", "ndarray", "workers", "wasm", "ffi-c", "ffi-omp", "ffi-fortran"] as const;

/** A solve, as it is put to the library. */
export interface HardSolve {
  readonly problem: Problem;
  readonly plugin: string;
  readonly method: Method;
  readonly tol: number | undefined;
}

/** How a solve ended, `refused` included, and what is wrong with that. */
export interface Verdict {
  readonly status: string;
  readonly wrong: string | undefined;
}

/** Random numbers from a seed: xorshift32 (G. Marsaglia, J. Stat. Softw. 8 (2003) 14). */
function generator(seed: number) {
  let x = Math.imul(seed + 1, 2654435761) | 1;
  const uniform = () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
  for (let n = 0; n < 8; n++) uniform();
  const between = (low: number, high: number) => low + (high - low) * uniform();
  return {
    between,
    integer: (low: number, high: number) => Math.floor(between(low, high + 1)),
    decades: (low: number, high: number) => 10 ** between(low, high),
    chance: (share: number) => uniform() < share,
    one: <T>(of: readonly T[]) => of[Math.floor(uniform() * of.length)]!,
  };
}

/** Local. The solve of a number. */
export function hardSolve(seed: number, plugins: readonly string[] = PLUGINS): HardSolve {
  const random = generator(seed);
  const { between, integer, decades, chance, one } = random;
  const [ny, nx] = [integer(3, 13), integer(3, 13)];
  // Half of them in units of everyday size.
  const unit = () => chance(0.5) ? 1 : decades(-30, 30);
  const [length, value, k] = [unit(), unit(), unit()];
  const dx = length * between(0.5, 2) / nx;
  const spacing = [chance(0.5) ? dx : dx * decades(-1.5, 1.5), dx] as const;
  const offset = chance(0.2) ? value * decades(0, 6) : 0;
  const field = (low: number, high: number) => {
    const data = Float64Array.from({ length: ny * nx }, () => between(low, high));
    return (i: number, j: number) => data[i * nx + j]!;
  };
  const values = () => chance(0.5) ? offset + value * between(-1, 1) : offset + value * integer(0, 1);
  const edge = (): EdgeInput => {
    if (chance(0.35)) return values();
    if (chance(0.6)) return { flux: chance(0.6) ? 0 : value * k / length * between(-1, 1) };
    return { convection: { h: k / length * decades(-12, 6), ambient: values() } };
  };
  const pair = (): [EdgeInput, EdgeInput] => chance(0.15) ? ["periodic", "periodic"] : [edge(), edge()];
  const [[north, south], [west, east]] = [pair(), pair()];
  const jump = chance(0.3) ? decades(0, 15) : decades(0, 6);
  const phase = integer(1, 3);
  const conductivity = one<Problem["conductivity"]>([
    k,
    (_, j) => j === nx >> 1 ? k * jump : k,
    (i, j) => (Math.floor(i / phase) + Math.floor(j / phase)) % 2 === 0 ? k : k * jump,
    (i, j) => i % 3 === 1 && j % 3 === 1 ? k / jump : k,
    ((exponent) => (i: number, j: number) => k * 10 ** exponent(i, j))(
      field(-Math.log10(jump) / 2, Math.log10(jump) / 2),
    ),
  ]);
  const strength = value * k / length ** 2 * decades(-6, 3);
  const [p, q] = [integer(1, nx - 2), integer(1, ny - 2)];
  const source = one<Problem["source"]>([
    undefined,
    strength,
    (i, j) => i === q && j === p ? strength * ny * nx : 0,
    // Balanced, so that nothing need hold the solution.
    (i, j) => i === 1 && j === 1 ? strength : i === ny - 2 && j === nx - 2 ? -strength : 0,
  ]);
  const problem: Problem = {
    shape: [ny, nx],
    spacing,
    dtype: one<Dtype>(["f64", "f64", "f32"]),
    edges: { north, south, west, east },
    conductivity: conductivity!,
    ...(source !== undefined && { source }),
    ...(chance(0.2) && { initial: ((guess) => (i: number, j: number) => offset + value * guess(i, j))(field(-1, 1)) }),
    ...(chance(0.25) && { fixed: { mask: (i: number, j: number) => i === q && j === p ? 1 : 0, values: values() } }),
  };
  const tol = chance(0.4) ? undefined : decades(-13, -1);
  return { problem, plugin: one(plugins), method: one(METHODS), tol };
}

/** Solves, and compares with the exact solution. */
export async function judge({ problem, plugin, method, tol }: HardSolve): Promise<Verdict> {
  let solution;
  let singular;
  try {
    const stencil = lower(problem);
    if (traits[method].fails?.(stencil) !== undefined) return { status: "refused", wrong: undefined };
    singular = stencil.singular;
    solution = await solve(problem, { plugin, method, tol, maxSweeps: 20_000 });
  } catch (cause) {
    if (cause instanceof ConfigError || cause instanceof UnavailableError) {
      return { status: "refused", wrong: undefined };
    }
    throw cause;
  }
  const { u, status, errorBound, asked } = solution;
  const { u: exact, size } = solveDense(problem, singular);
  const error = maxDifference(u, exact, (x) => x);
  // The exact solution has roundings of its own.
  const least = error - 2 ** -46 * size;
  const wrong = errorBound !== undefined && least > errorBound
    ? `the error is ${error}, the bound ${errorBound}`
    : status === "converged" && !(errorBound! <= asked)
    ? `converged with a bound of ${errorBound} where ${asked} was asked`
    : status === "converged" && !(least <= asked)
    ? `converged with an error of ${error} where ${asked} was asked`
    : undefined;
  return { status, wrong };
}
