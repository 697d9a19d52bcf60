/**
 * Multigrid on a device: the parts of a cycle, on a grid and on the levels below it. The formulas are those of `js`
 * (backends/js/level.ts, transfer.ts, prolong_solution.ts), the kernels in native/gpu/levels.cl and prolong_solution.cl.
 *
 * @module
 */

import type { Block, GridData } from "../../core/contract.ts";
import type { Multigrid } from "../../core/kernels/kernels.ts";
import { around, type DeviceArray, type Reach, readBlock, release, same, writeBlock } from "./array.ts";
import type { Grid, Launches } from "./grid.ts";
import { coarsenGrid, coarsenLevel, coarserRows, finerRows, type Level } from "./levels.ts";
import { CHANGE, RESIDUAL } from "./norms.ts";

/** Operations on grids, whose sweeps smooth the finest level. */
interface Grids<B> {
  refreshGhosts(grid: Grid<B>): void;
  invalidate(grid: Grid<B>): void;
  smooth(grid: Grid<B>, sweeps: number): void;
}

/** @returns the operations of multigrid on a device */
export function multigridKernels<B>(launches: Launches<B>, grids: Grids<B>): Multigrid<Grid<B>, Level<B>> {
  const { device, norms } = launches;

  /** One sweep of Gauss-Seidel in four colours: coarse rows first, in each row coarse columns first. */
  const smooth = (level: Level<B>): void => {
    const { e, f, operator, shape: [ny, nx], firstIsCoarse } = level;
    const coarse = firstIsCoarse ? 1 : 0;
    const operands = { e: [e, around(1)], f: [f, same], coefficients: [operator, same] } as const;
    for (let colour = 0; colour < 4; colour++) {
      const odd_rows = colour < 2 ? coarse : 1 - coarse, odd_cols = colour % 2 === 0 ? coarse : 1 - coarse;
      const scalars = { nx, pitch: e.pitch, odd_rows, odd_cols };
      launches.onRows("smooth", operands, [1, ny - 1], scalars, (nx + 1) >> 1, 2);
      launches.fillGhosts(level, e);
    }
  };
  /** r = f − A e. */
  const computeResidual = (level: Level<B>): void => {
    const { e, f, operator, r, shape: [ny, nx] } = level;
    const operands = { e: [e, around(1)], f: [f, same], coefficients: [operator, same], r: [r, same] } as const;
    launches.onRows("compute_residual", operands, [1, ny - 1], { nx, pitch: e.pitch }, nx);
    launches.fillGhosts(level, r);
  };
  /** What kernels that restrict or prolong are passed. */
  const transfer = ({ shape: [ny, nx], pitch }: DeviceArray<B>, { shape: [my, mx], e, flags }: Level<B>) => {
    return { ny, nx, pitch, my, mx, coarse_pitch: e.pitch, flags };
  };
  /** f of the coarse level becomes Pᵀ r, its correction zero. */
  const restrict = (r: DeviceArray<B>, coarse: Level<B>): void => {
    const { weights, f, e, shape: [my, mx] } = coarse;
    const above = finerRows(coarse);
    const operands = { r: [r, above], weights: [weights, above], f: [f, same], e: [e, same] } as const;
    launches.onRows("restrict_residual", operands, [0, my], transfer(r, coarse), mx);
  };
  /** u += P e. */
  const prolong = (u: DeviceArray<B>, coarse: Level<B>): void => {
    const { e, weights } = coarse;
    const [ny, nx] = u.shape;
    const operands = { u: [u, same], e: [e, coarserRows(coarse)], weights: [weights, same] } as const;
    launches.onRows("prolong_correction", operands, [1, ny - 1], transfer(u, coarse), nx);
  };
  const smoothGrid = (fine: Grid<B>, sweeps: number): void => {
    grids.refreshGhosts(fine);
    grids.invalidate(fine);
    grids.smooth(fine, sweeps);
  };
  const prolongAndSmooth = (fine: Grid<B>, coarse: Level<B>, sweeps: number): void => {
    prolong(fine.u, coarse);
    fine.ghostsStale = true;
    smoothGrid(fine, sweeps);
  };
  /** Restricts the residual of a grid. @returns where its partial norms end */
  const restrictResidual = (fine: Grid<B>, coarse: Level<B>, at?: number): number => {
    const end = launches.sweep(fine, at, true);
    restrict(fine.v, coarse);
    return end;
  };

  return {
    coarsen: (grid, axes) => coarsenGrid(launches, grid, axes),
    smoothAndRestrict(fine, coarse, sweeps) {
      smoothGrid(fine, sweeps);
      restrictResidual(fine, coarse);
    },
    prolongAndSmooth,
    async prolongSmoothRestrict(grid, below, post, pre) {
      launches.copyIterate(grid);
      prolongAndSmooth(grid, below, post);
      grids.smooth(grid, pre);
      norms.reduce(0, launches.difference(grid, 0), CHANGE);
      norms.reduce(0, restrictResidual(grid, below, 0), RESIDUAL);
      const found = await norms.read();
      grid.residual = found.residual;
      return found;
    },
    prolongSolution(fine, coarse) {
      const [[, nx], [my, mx]] = [fine.layout.shape, coarse.layout.shape];
      const { u, u: { pitch } } = fine;
      const twice: Reach = (from, to) => [2 * from, 2 * to];
      const both = { coarse: [coarse.u, same], u: [u, twice] } as const;
      const scalars = { nx, pitch, mx, coarse_pitch: coarse.u.pitch };
      launches.onRows("prolong_solution_rows", both, [1, my - 1], scalars, nx);
      // Cubic: up to three rows of the coarse grid away, at the edges.
      const cubic: Reach = (from, to) => [2 * from - 6, 2 * to + 7];
      launches.onRows("prolong_solution_between", { u: [u, cubic] }, [0, my - 1], { nx, pitch, my }, nx);
      grids.invalidate(fine);
    },
    levels: {
      coarsen: (fine, axes) => coarsenLevel(launches, fine, axes),
      smoothAndRestrict(fine, coarse, sweeps) {
        for (let n = 0; n < sweeps; n++) smooth(fine);
        computeResidual(fine);
        restrict(fine.r, coarse);
      },
      prolongAndSmooth(fine, coarse, sweeps) {
        prolong(fine.e, coarse);
        launches.fillGhosts(fine, fine.e);
        for (let n = 0; n < sweeps; n++) smooth(fine);
      },
      async readOperator({ operator, shape }) {
        const planes: GridData[] = [];
        for (let t = 0; t < 9; t++) planes.push(await readBlock(device, operator, inside(shape), t));
        return Float64Array.from({ length: 9 * planes[0]!.length }, (_, at) => {
          const value = planes[at % 9]![Math.floor(at / 9)]!;
          return at % 9 === 4 ? value : -value;
        });
      },
      readRhs: async ({ f, shape }, block) =>
        Float64Array.from(await readBlock(device, f, block ? stored(block) : inside(shape))),
      writeRhs: ({ f }, block, values) => writeBlock(device, f, stored(block), values),
      writeCorrection(level, values) {
        writeBlock(device, level.e, inside(level.shape), values);
        launches.fillGhosts(level, level.e);
      },
      free: ({ operator, e, f, r, weights }) => release(device, [operator, e, f, r, weights]),
    },
  };
}

/** What is inside the ghost layer. */
function inside([ny, nx]: readonly [number, number]): Block {
  return { rows: [1, ny - 1], cols: [1, nx - 1] };
}

/** A block of unknowns, numbered from 0, as the stored array numbers it. */
function stored({ rows, cols }: Block): Block {
  return { rows: [rows[0] + 1, rows[1] + 1], cols: [cols[0] + 1, cols[1] + 1] };
}
