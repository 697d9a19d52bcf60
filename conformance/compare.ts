/**
 * What the checks compare with and how: opening the backend under test, and fields against fields.
 *
 * @module
 */

import { counted } from "../core/errors.ts";
import reference from "../backends/js/mod.ts";
import type { Backend, Batch, Block, Dtype, GridData, MaybePromise, Method, Plan } from "../core/contract.ts";
import type { Session, Stencil, StencilKind } from "../core/contract.ts";
import { roundoff } from "../core/dtype.ts";
import { larger } from "../core/kernels/kernels.ts";
import { traits } from "../core/methods/traits.ts";
import { type SolvePlan, sweepOptions } from "../core/methods/plan.ts";
import { optimalOmega } from "../core/methods/sor.ts";
import type { Problem } from "../core/problem/problem.ts";
import { lower, type Lowered } from "../core/discretize/lower.ts";

/** What one group of checks is about: a backend with one of its dtypes, stencil forms and methods. */
export interface Subject {
  readonly backend: Backend;
  readonly dtype: Dtype;
  readonly kind: StencilKind;
  readonly method: Method;
}

/** A run: the field that a rank owns, and what each batch reported. */
export interface Run {
  readonly owned: Block;
  readonly u: GridData;
  readonly batches: readonly Batch[];
}

/** @throws Error if `holds` is false: a check failed. */
export function expect(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}

/** Lowers a problem, and makes sure that it has the form that the check is about. */
export function lowered(problem: Problem, { dtype, kind }: Pick<Subject, "dtype" | "kind">): Lowered {
  const stencil = lower({ ...problem, dtype });
  expect(stencil.kind === kind, `the check is wrong: its stencil is ${stencil.kind}, not ${kind}`);
  return stencil;
}

/** A plan without settings; omega is the optimal one unless given. */
export function planOf(stencil: Lowered, method: Method, omega: number = optimalOmega(stencil.analysis)): SolvePlan {
  return { method, omega, settings: {} };
}

/** Whether a method is a formula for each point, which all backends evaluate alike; else only its results are compared. */
export function isFormula(method: Method): boolean {
  return method === "jacobi" || method === "sor";
}

/** Why the subject cannot run a stencil at all, or undefined: odd periodic grids have no red-black order. */
export function cannotRun({ backend, method }: Subject, stencil: Lowered): string | undefined {
  return traits[method].fails?.(stencil) ?? backend.estimate?.(stencil, planOf(stencil, method)).rejects;
}

/** Opens a session, gives it to `use`, and disposes of it whatever happens. */
export async function using<T>(
  backend: Backend,
  stencil: Stencil,
  plan: Plan,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await backend.open(stencil, plan);
  try {
    return await use(session);
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

/** Sweeps as a plan says: with its relaxation factor. */
export function advance(session: Session, plan: SolvePlan, count: number): MaybePromise<Batch> {
  return session.advance(count, sweepOptions(plan));
}

/** Runs batches of the given sizes and reads what this rank owns. */
export function runOf(backend: Backend, stencil: Stencil, plan: SolvePlan, counts: readonly number[]): Promise<Run> {
  return using(backend, stencil, plan, async (session) => {
    const batches: Batch[] = [];
    for (const count of counts) batches.push(await advance(session, plan, count));
    return { owned: session.owned, u: await ownedOf(session), batches };
  });
}

/** The same with the reference `js`, cut to the part that a rank under test owns. */
export async function referenceRun(stencil: Stencil, plan: SolvePlan, counts: readonly number[], owned: Block) {
  const { u, batches } = await runOf(reference, stencil, { ...plan, settings: {} }, counts);
  return { owned, u: cut(u, stencil.shape, owned), batches };
}

/** What this rank owns. */
export async function ownedOf(session: Session): Promise<GridData> {
  const u = await session.read("owned");
  expect(u !== undefined, `read("owned") gave nothing`);
  return u;
}

/** The points of `block` out of a whole field. */
export function cut(u: GridData, [, nx]: readonly [number, number], { rows, cols }: Block): GridData {
  const width = cols[1] - cols[0];
  const length = (rows[1] - rows[0]) * width;
  const part = u instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  for (let i = rows[0]; i < rows[1]; i++) {
    part.set(u.subarray(i * nx + cols[0], i * nx + cols[1]), (i - rows[0]) * width);
  }
  return part;
}

/** The whole grid as a block. */
export function everything([ny, nx]: readonly [number, number]): Block {
  return { rows: [0, ny], cols: [0, nx] };
}

/** max |a − b|, rounded as a dtype rounds; NaN if any is NaN. */
export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>, round: (x: number) => number): number {
  let most = 0;
  for (let k = 0; k < a.length; k++) most = larger(most, Math.abs(round(a[k]! - b[k]!)));
  return most;
}

/**
 * How far a backend that promises no bits may be from the reference after some sweeps: a sweep makes at most eight
 * roundings, none of a number larger than `size`; Jacobi does not amplify them, over-relaxation about 1 / (2 − omega)
 * times (Young 1971, ch. 7).
 */
export function drift({ backend, dtype, method }: Subject, sweeps: number, size: number, omega: number): number {
  if (backend.bitwise) return 0;
  return (method === "sor" ? 4 / (2 - omega) : 1) * 8 * sweeps * roundoff(dtype) * size;
}

/**
 * Compares fields point by point.
 *
 * @param tolerance 0: the same numbers, and NaN only where NaN is expected
 * @throws Error that names the first point that differs, the numbers and how many more there are.
 */
export function expectSame(
  what: string,
  found: GridData,
  expected: GridData,
  { rows, cols }: Block,
  tolerance: number,
  where = "",
): void {
  expect(
    found.length === expected.length,
    `${what}: ${counted(found.length, "point")}, expected ${expected.length}${where}`,
  );
  const width = cols[1] - cols[0];
  let first = -1;
  let differing = 0;
  for (let k = 0; k < found.length; k++) {
    const [a, b] = [found[k]!, expected[k]!];
    if (tolerance === 0 ? Object.is(a, b) : Math.abs(a - b) <= tolerance) continue;
    if (first < 0) first = k;
    differing++;
  }
  if (differing === 0) return;
  const point = `row ${rows[0] + Math.floor(first / width)}, column ${cols[0] + first % width}`;
  const allowed = tolerance === 0 ? "the same bits" : `at most ${tolerance.toExponential(2)} apart`;
  throw new Error(
    `${what}: ${differing} of ${found.length} points differ, first ${point}: ` +
      `${found[first]}, expected ${expected[first]} (${allowed})${where}`,
  );
}

/** Compares one reported number with what it should be. */
export function expectNumber(what: string, found: number, expected: number, tolerance: number, where = ""): void {
  const same = tolerance === 0 || expected !== expected
    ? Object.is(found, expected)
    : Math.abs(found - expected) <= tolerance;
  const allowed = tolerance === 0 ? "" : ` within ${tolerance.toExponential(2)}`;
  expect(same, `${what}: it is ${found}, expected ${expected}${allowed}${where}`);
}

/** Compares the numbers of a batch with those that it should report. */
export function expectBatch(found: Batch, expected: Batch, tolerance: number, where: string): void {
  expectNumber("sweeps so far", found.sweeps, expected.sweeps, 0, where);
  // Each of the two points of a difference may be off.
  expectNumber("change", found.change, expected.change, 2 * tolerance, where);
  expectNumber("residual", found.residual, expected.residual, 2 * tolerance, where);
}

/** Compares runs: their fields, and the numbers of every batch. */
export function expectSameRun(found: Run, expected: Run, tolerance: number, where: string): void {
  expectSame("field", found.u, expected.u, found.owned, tolerance, where);
  expected.batches.forEach((batch, n) => expectBatch(found.batches[n]!, batch, tolerance, `${where}, batch ${n + 1}`));
}

/** max |u|. */
export function sizeOf(u: GridData): number {
  let most = 0;
  for (let k = 0; k < u.length; k++) most = larger(most, Math.abs(u[k]!));
  return most;
}
