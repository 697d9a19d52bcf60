/**
 * Cycles through the levels of the algebraic preconditioner. A K-cycle takes two steps of conjugate gradients on each level,
 * with a cycle as preconditioner: they make up for the coarse prolongation. Y. Notay, Electron. Trans. Numer. Anal. 37
 * (2010) 123.
 *
 * @module
 */

import type { Factors } from "./factors.ts";
import {
  addCorrection,
  computeResidual,
  type Level,
  relaxBackward,
  relaxForward,
  restrict,
  type Sums,
} from "./level.ts";

/** One step is enough if it leaves no more of the residual: native/multigrid/aggregation/level.c, measured. */
const ENOUGH = 0.4;

/** The levels below a grid, from fine to coarse, and the solver of the last one; undefined: there are too many rows for one. */
export interface Levels {
  readonly levels: readonly [Level, ...Level[]];
  readonly last: Factors | undefined;
}

/** Local. e of a level becomes about A⁻¹ f: a K-cycle. f changes. */
export function solve(all: Levels, at: number): void {
  const level = all.levels[at]!;
  if (at === all.levels.length - 1) return solveLast(all, level);
  const { f, r, q } = level;
  const { ef, er } = cycle(all, at);
  // ⟨e, A e⟩ = ⟨e, f − r⟩
  const first = ef - er, alpha = first > 0 ? ef / first : 0;
  let [before, after] = [0, 0];
  for (let i = 0; i < f.length; i++) {
    const old = f[i]!, Ae = old - r[i]!, left = old - alpha * Ae;
    q[i] = Ae;
    f[i] = left;
    before += old * old;
    after += left * left;
  }
  if (!(first > 0) || after <= ENOUGH * ENOUGH * before) return scale(level.e, alpha);
  [level.z, level.e] = [level.e, level.z];
  const sums = cycle(all, at);
  // The second direction without its part along the first.
  const shared = sums.eq / first;
  const second = sums.ef - sums.er - shared * sums.eq;
  const beta = second > 0 ? sums.ef / second : 0;
  const { e, z } = level;
  for (let i = 0; i < e.length; i++) e[i] = beta * e[i]! + (alpha - beta * shared) * z[i]!;
}

/** Local. One cycle from zero: e of a level is relaxed, corrected by the level below, and relaxed; r is what that leaves. */
export function cycle(all: Levels, at: number): Sums {
  const [level, below] = [all.levels[at]!, all.levels[at + 1]!];
  relaxForward(level);
  restrict(level, below.f);
  solve(all, at + 1);
  addCorrection(level, below.e);
  relaxBackward(level);
  return computeResidual(level);
}

function solveLast({ last }: Levels, level: Level): void {
  if (last) return last.solve(level.f, level.e);
  relaxForward(level);
  relaxBackward(level);
}

function scale(e: Float64Array, factor: number): void {
  for (let i = 0; i < e.length; i++) e[i]! *= factor;
}
