/**
 * The algebraic preconditioner of conjugate gradients, for conductivities that vary from point to point, where no grid of
 * every other point holds what matters. Coarse unknowns are **aggregates**, sets of up to four unknowns that strong
 * couplings join, wherever these lead; the prolongation is constant on an aggregate. One thread, plain loops; levels are
 * f64, whatever the grid is.
 *
 * Files: `pair.ts` chooses aggregates, `sum_up.ts` makes coarse operators of them, `level.ts` and `k_cycle.ts` solve these,
 * `finest.ts` relaxes the grid. Not here: conjugate gradients on the grid.
 *
 * @module
 */

import type { GridData } from "../../../core/contract.ts";
import { Factors } from "./factors.ts";
import { BLACK, correctGrid, RED, relax, removeMean, restrictGrid, startRed } from "./finest.ts";
import { type Levels, solve } from "./k_cycle.ts";
import { balance, createLevel, isSingular, type Level } from "./level.ts";
import { operatorOfGrid, type WeightedGrid } from "./grid_operator.ts";
import { type Operator, release } from "./operator.ts";
import { coarsen } from "./sum_up.ts";

/**
 * A level of `FEW` rows is the last one, solved directly. So is one that the next would keep more than `WORTH` of, the two steps on
 * each level taking longer and longer, up to `DIRECT` rows: where few rows are left of what conducts, and all others are
 * coupled to these alone, a row finds no partner, and elimination is quick. One of more ends where `HARDLY` is exceeded.
 */
const FEW = 256, WORTH = 0.6, DIRECT = 1 << 15, HARDLY = 0.8;

/** The preconditioner of a grid. */
export interface Aggregates {
  /**
   * One K-cycle: z, an iterate of the grid, becomes about the solution of B z = r, r being the constant term, whatever z was. Its
   * periodic ghosts are filled.
   */
  cycle(z: GridData): void;
  /** Releases it. */
  free(): void;
}

/** Local. Chooses the aggregates of a weighted grid that has its diagonal. */
export function createAggregates(grid: WeightedGrid): Aggregates {
  const { A, aggregate } = coarsen(operatorOfGrid(grid), false);
  const all = createLevels(A);
  const [first] = all.levels;
  const singular = isSingular(first);
  return {
    cycle(z) {
      startRed(grid, z);
      for (const colour of [BLACK, RED, BLACK]) relax(grid, z, colour, "down");
      restrictGrid(grid, z, aggregate, first.f);
      if (singular) balance(first);
      solve(all, 0);
      correctGrid(grid, z, aggregate, first.e);
      // In the reverse order, so that a cycle is symmetric.
      for (const colour of [BLACK, RED, BLACK, RED]) relax(grid, z, colour, "up");
      if (singular) removeMean(grid, z);
    },
    free() {
      for (const object of [{ aggregate }, ...all.levels, ...all.levels.map((level) => level.A)]) release(object);
    },
  };
}

/** Local. The levels from an operator on, which is that of the first. @param few rows of the last one */
export function createLevels(A: Operator, few: number = FEW): Levels {
  const levels: Level[] = [];
  let last = A;
  while (last.rows > few) {
    const coarse = coarsen(last);
    if (coarse.A.rows > (last.rows <= DIRECT ? WORTH : HARDLY) * last.rows) break;
    levels.push(createLevel(last, coarse.aggregate));
    last = coarse.A;
  }
  const [first, ...others] = [...levels, createLevel(last, undefined)];
  return { levels: [first!, ...others], last: last.rows <= DIRECT ? new Factors(last) : undefined };
}
