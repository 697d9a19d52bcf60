/**
 * Conjugate gradients: each step minimises the error over all combinations of the residuals so far. About N sweeps per
 * decimal digit, and no factor to choose. Preconditioned by the diagonal, or by a method that the caller supplies.
 *
 * A backend supplies three operations on vectors (`core/kernels/kernels.ts`). A preconditioner works on a grid whose
 * constant term is the residual, so that any kernel can be one.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import type { Stencil } from "../contract.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Neighbours, Step } from "./stepper.ts";

/** M. R. Hestenes and E. Stiefel, J. Res. Nat. Bur. Standards 49 (1952) 409. */
export function cg<G>(kernels: Kernels<G>, grid: G, neighbours: Neighbours, stencil: Stencil): Step {
  if (neighbours.depth !== Infinity) {
    throw new ConfigError(`Cannot use method "cg": its sums are over one rank only; use "jacobi" or "sor"`);
  }
  return conjugate(kernels, grid, neighbours, stencil);
}

/**
 * Local. Conjugate gradients over a grid.
 *
 * Each step updates its residual instead of computing it, so that rounding separates it from the true one. Whenever it has
 * fallen by half the digits of the precision it is computed anew, and the direction is kept. H. A. van der Vorst and
 * Q. Ye, SIAM J. Sci. Comput. 22 (2000) 835.
 *
 * @param precondition given the grid B z = r, whose iterate is zero, improves that iterate: a cycle of multigrid. It gets
 * ⟨r, z⟩ of the step before, too; 0 before the first. It need be neither symmetric nor the same each time: the directions are
 * those of Polak and Ribière. Y. Notay, SIAM J. Sci. Comput. 22 (2000) 1444.
 */
export function conjugate<G>(
  kernels: Kernels<G>,
  grid: G,
  { writes }: Pick<Neighbours, "writes">,
  { dtype }: Pick<Stencil, "dtype">,
  precondition?: (correction: G, product: number) => Promise<void>,
): Step {
  const { cg: vectors } = kernels;
  if (!vectors) throw new Error("Cannot step with cg: the kernels have no conjugate directions");
  const half = dtype === "f32" ? 2 ** -12 : 2 ** -26;
  let correction: G | undefined;
  let begun: number | undefined;
  /** ⟨r, r⟩ and max |r|, the r at which to take it anew, and of the step before ⟨r, z⟩ and alpha. */
  let [product, residual, low, before, alpha] = [0, 0, 0, 0, 0];

  const recompute = async () => {
    const old = product;
    ({ dot: product, residual } = await vectors.computeResidual(grid));
    low = half * residual;
    // The old direction leads nowhere from a residual that is another.
    if (!(product <= 4 * old)) before = 0;
  };
  const size = async (): Promise<{ rz: number; beta: number }> => {
    if (!correction) return { rz: product, beta: before > 0 ? product / before : 0 };
    await precondition!(correction, before);
    const [rz, qz] = await vectors.dots!(grid);
    return { rz, beta: before > 0 ? -alpha * qz / before : 0 };
  };

  return async (sweeps) => {
    if (begun !== writes()) {
      if (precondition) correction ??= await vectors.preconditionedResidual!(grid);
      [product, before] = [0, 0];
      await recompute();
      begun = writes();
    }
    let change = 0;
    for (let n = 0; n < sweeps; n++) {
      if (residual <= low) await recompute();
      const { rz, beta } = await size();
      const length = await vectors.updateDirection(grid, beta);
      // Nothing is left where r is zero; a length below zero is rounding alone. NaN goes on.
      alpha = length <= 0 || rz === 0 ? 0 : rz / length;
      before = alpha === 0 ? 0 : rz;
      ({ dot: product, residual, change = 0 } = await vectors.step(grid, alpha));
    }
    return { change };
  };
}
