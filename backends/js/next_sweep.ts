/**
 * Jacobi sweeps from one array to another, where a residual computes the next sweep, which is kept: ARCHITECTURE.md,
 * "Decisions about no single file".
 *
 * @module
 */

/** An iterate `u`, and room for the next. */
export interface Iterates<A = unknown> {
  u: A;
  v: A;
  /** The change of the next sweep, where `v` holds its result already: a residual computes it. */
  nextSweepChange: number | undefined;
  /** Whether the periodic ghosts must be filled. */
  ghostsStale: boolean;
}

/** Notes that u was written: neither its periodic ghosts nor the next sweep follow from it any more. */
export function markWritten(grid: Pick<Iterates, "nextSweepChange" | "ghostsStale">): void {
  grid.nextSweepChange = undefined;
  grid.ghostsStale = true;
}

/**
 * @param fillGhosts fills the periodic ghosts of u
 * @param sweepOnce sweeps from u to v, periodic ghosts included, and returns max |v − u| if `norm`
 * @returns these kernels, and `refreshGhosts`, which other ones call before they read u
 */
export function jacobiKernels<G extends Iterates>(
  fillGhosts: (grid: G) => void,
  sweepOnce: (grid: G, norm: boolean) => number,
) {
  const refreshGhosts = (grid: G): void => {
    if (grid.ghostsStale) fillGhosts(grid);
    grid.ghostsStale = false;
  };
  return {
    refreshGhosts,
    sweep(grid: G, count: number): number {
      refreshGhosts(grid);
      let change = grid.nextSweepChange;
      grid.nextSweepChange = undefined;
      if (change !== undefined) swap(grid);
      for (let left = change === undefined ? count : count - 1; left > 0; left--) {
        change = sweepOnce(grid, left === 1);
        swap(grid);
      }
      return change!;
    },
    residual(grid: G): number {
      refreshGhosts(grid);
      return grid.nextSweepChange ??= sweepOnce(grid, true);
    },
  };
}

function swap(grid: Iterates): void {
  [grid.u, grid.v] = [grid.v, grid.u];
}
