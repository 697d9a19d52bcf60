/**
 * Steps of conjugate gradients on two backends at once, compared to rounding. As a program it compares one backend with js
 * in a process of its own, so that a test can set the environment:
 * `LAPLACE_ISA=baseline deno run -A tests/support/cg_steps.ts ffi-c`.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import { jsKernels } from "../../backends/js/kernels.ts";
import type { NativeBackend } from "../../backends/engine-ffi/library.ts";
import { roundoff } from "../../core/dtype.ts";
import { fixtures } from "../../conformance/problems.ts";
import type { Session, Stencil } from "../../core/contract.ts";
import type { Kernels, Layout } from "../../core/kernels/kernels.ts";
import { openSession } from "../../core/session.ts";
import { lower } from "../../core/discretize/lower.ts";

/** A grid as cg opens it, with the kernels for it and the session that owns it. */
export interface Opened<G = unknown, L = unknown> {
  readonly kernels: Kernels<G, L>;
  readonly grid: G;
  readonly session: Session;
}

/** Local. Opens the grid of a stencil for steps that the caller takes. */
export async function openGrid<G, L>(kernels: Kernels<G, L>, stencil: Stencil): Promise<Opened<G, L>> {
  let grid: G;
  const create = async (layout: Layout) => grid = await kernels.create(layout);
  const session = await openSession({ ...kernels, create }, stencil, { method: "cg", settings: {} });
  return { kernels, grid: grid!, session };
}

/** Roundings that some steps may differ by: of the largest number that the field, or a product, has been. */
const ROUNDINGS = 100;

/** Local. Takes the same steps with `ours` and with js: with a correction as well, which both relax a little. */
export async function compareSteps<G>(ours: Kernels<G>, stencil: Stencil, what: string): Promise<void> {
  for (const corrected of [false, true]) {
    const both: readonly [Opened, Opened] = [await openGrid(jsKernels(), stencil), await openGrid(ours, stencil)];
    const unit = roundoff(stencil.dtype);
    const largest = { u: stencil.magnitude, product: 0, norm: 0 };
    const same = (found: readonly number[], kind: keyof typeof largest, where: string) => {
      const [expected, got] = found as [number, number];
      largest[kind] = Math.max(largest[kind], Math.abs(expected));
      const off = Math.abs(expected - got);
      const allowed = ROUNDINGS * unit * largest[kind];
      if (!(off <= allowed)) assert.fail(`${what}: ${where} is ${got}, not ${expected} to ${allowed}`);
    };
    const remainders = await each(both, ({ kernels, grid }) => kernels.cg!.computeResidual(grid));
    same(remainders.map((it) => it.dot), "product", "<r, r>");
    same(remainders.map((it) => it.residual), "norm", "max |r|");
    const others = corrected
      ? await each(both, ({ kernels, grid }) => kernels.cg!.preconditionedResidual!(grid))
      : undefined;
    let [before, alpha] = [0, 0];
    for (let step = 0; step < 4; step++) {
      let rz = remainders[0]!.dot;
      let beta = step === 0 ? 0 : 0.5;
      if (others) {
        await each(both, ({ kernels }, k) => kernels.sweep(others[k], 2 + step));
        const products = await each(both, ({ kernels, grid }) => kernels.cg!.dots!(grid));
        same(products.map(([it]) => it!), "product", "<r, z>");
        if (step > 0) same(products.map(([, it]) => it!), "product", "<Bp, z>");
        rz = products[0]![0];
        beta = before > 0 ? -alpha * products[0]![1] / before : 0;
      }
      const lengths = await each(both, ({ kernels, grid }) => kernels.cg!.updateDirection(grid, beta));
      same(lengths, "product", "<p, Bp>");
      alpha = lengths[0]! > 0 ? Math.min(1, rz / lengths[0]!) : 0;
      before = alpha && rz;
      const moves = await each(both, ({ kernels, grid }) => kernels.cg!.step(grid, alpha));
      same(moves.map((it) => it.dot), "product", "<r, r>");
      same(moves.map((it) => it.residual!), "norm", "max |r|");
      same(moves.map((it) => it.change), "norm", "max |alpha p|");
      const residuals = await each(both, ({ kernels, grid }) => kernels.residual(grid));
      same(residuals, "u", "max |sweep(u) - u|");
      const [want, got] = await each(both, ({ session }) => session.read("owned"));
      want!.forEach((value, k) => same([value, got![k]!], "u", "a point"));
    }
    for (const { session } of both) await session[Symbol.asyncDispose]();
  }
}

async function each<T, R>(both: readonly T[], run: (one: T, k: number) => R): Promise<Awaited<R>[]> {
  const results: Awaited<R>[] = [];
  for (const [k, one] of both.entries()) results.push(await run(one, k));
  return results;
}

if (import.meta.main) {
  const { default: backend } = await import(`../../backends/${process.argv[2]}/mod.ts`) as { default: NativeBackend };
  const probe = await backend.probe();
  console.log(probe.available ? probe.device : probe.reason);
  for (const kind of probe.available ? ["plain", "weighted"] as const : []) {
    for (const dtype of ["f32", "f64"] as const) {
      for (const { what, problem } of fixtures(kind)) {
        await compareSteps(await backend.kernels({}), lower({ ...problem, dtype }), `${what}, ${dtype}`);
      }
    }
  }
}
