/**
 * The formulas of a sweep, written out naively point by point, each operation rounded: a second opinion on the
 * reference, and what reported norms are recomputed with. No speed, no halos, the whole grid at once.
 *
 * @module
 */

import type { GridData, Stencil } from "../core/contract.ts";
import { rounder } from "../core/dtype.ts";
import { everything } from "./compare.ts";

/** A whole problem to step by hand. */
export interface Oracle {
  readonly u: GridData;
  /** One Jacobi sweep. */
  sweep(): void;
  /** One red and one black half-sweep. */
  relax(omega: number): void;
}

/** Evaluates one point: what its neighbours say, or undefined where nothing is ever updated. */
export function pointFormula(stencil: Stencil): (u: GridData, i: number, j: number) => number | undefined {
  const { shape: [ny, nx], periodic, cx, cy, source } = stencil;
  const { an, as, aw, ae, g } = stencil.evaluate(everything(stencil.shape));
  const f = rounder(stencil.dtype);
  const at = (u: GridData, i: number, j: number) => {
    if ((i < 0 || i >= ny) && !periodic[0]) return 0;
    if ((j < 0 || j >= nx) && !periodic[1]) return 0;
    return u[(i + ny) % ny * nx + (j + nx) % nx]!;
  };
  return (u, i, j) => {
    const [n, s, w, e] = [at(u, i - 1, j), at(u, i + 1, j), at(u, i, j - 1), at(u, i, j + 1)];
    const k = i * nx + j;
    if (stencil.kind === "weighted") {
      const lengthwise = f(f(an![k]! * n) + f(as![k]! * s));
      return f(f(lengthwise + f(f(aw![k]! * w) + f(ae![k]! * e))) + g![k]!);
    }
    if (i === 0 || j === 0 || i === ny - 1 || j === nx - 1) return undefined;
    const value = cx === 0.25 && cy === 0.25
      ? f(0.25 * f(f(n + s) + f(w + e)))
      : f(f(cx * f(w + e)) + f(cy * f(n + s)));
    return source ? f(value + g![k]!) : value;
  };
}

/** @returns a stencil's iterate, and how to step it. */
export function oracle(stencil: Stencil): Oracle {
  const [ny, nx] = stencil.shape;
  const f = rounder(stencil.dtype);
  const formula = pointFormula(stencil);
  const u = stencil.evaluate(everything(stencil.shape)).u;
  return {
    u,
    sweep: () => u.set(swept(stencil, u, formula)),
    relax(omega) {
      const factor = f(omega);
      for (const colour of [0, 1]) {
        for (let i = 0; i < ny; i++) {
          for (let j = 0; j < nx; j++) {
            if ((i + j) % 2 !== colour) continue;
            const k = i * nx + j;
            const value = formula(u, i, j);
            if (value !== undefined) u[k] = f(u[k]! + f(factor * f(value - u[k]!)));
          }
        }
      }
    },
  };
}

/** @returns the field after one Jacobi sweep of `u`, which stays as it is. */
export function swept(stencil: Stencil, u: GridData, formula = pointFormula(stencil)): GridData {
  const next = u.slice();
  const [ny, nx] = stencil.shape;
  for (let i = 0; i < ny; i++) {
    for (let j = 0; j < nx; j++) next[i * nx + j] = formula(u, i, j) ?? u[i * nx + j]!;
  }
  return next;
}
