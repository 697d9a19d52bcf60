/**
 * Kernels on a device, the same for OpenCL, CUDA and WebGPU: everything stays in its memory, and a batch reads two numbers
 * back. A residual is the next sweep, which is not repeated (`nextSweepReady`), or a by-product of a launch of several sweeps.
 *
 * @module
 */

import type { MaybePromise } from "../../core/contract.ts";
import type { Kernels, Layout, Norms as Found } from "../../core/kernels/kernels.ts";
import { readBlock, release, writeBlock } from "./array.ts";
import type { Device } from "./device.ts";
import { allocateGrid, type Grid, Launches, MOST_BLOCKED, planeOf } from "./grid.ts";
import type { Level } from "./levels.ts";
import { multigridKernels } from "./multigrid.ts";
import { CHANGE, Norms, RESIDUAL } from "./norms.ts";
import { Tuner } from "./tune.ts";

/**
 * Local. The kernels of a device.
 *
 * @param block sweeps in one launch, for plain stencils: 1 to {@linkcode MOST_BLOCKED}; auto: the fastest, by trial
 * @param close called at the end; default: closes the device
 */
export function gpuKernels<B>(
  device: Device<B>,
  block: number | "auto",
  close: () => MaybePromise<void> = () => device.close(),
): Kernels<Grid<B>, Level<B>> {
  const norms = new Norms(device);
  const launches = new Launches(device, norms);
  const tuner = new Tuner(block);
  const most = ({ kind }: Layout) => kind === "plain" ? Math.min(tuner.sweeps, MOST_BLOCKED) : 1;
  const refreshGhosts = (grid: Grid<B>) => {
    if (grid.ghostsStale) launches.fillGhosts(grid, grid.u);
    grid.ghostsStale = false;
  };
  /** Drops what is known of an iterate that changes. */
  const invalidate = (grid: Grid<B>) => {
    grid.residual = undefined;
    grid.nextSweepReady = false;
  };
  const swap = (grid: Grid<B>) => {
    [grid.u, grid.v] = [grid.v, grid.u];
    invalidate(grid);
  };
  /** Starts to compute the residual by the next sweep. */
  const startResidual = (grid: Grid<B>) => {
    norms.reduce(0, launches.sweep(grid, 0), RESIDUAL);
    grid.nextSweepReady = true;
  };
  const relax = (grid: Grid<B>, omega: number, colour: number, count: number, withNorm: boolean) => {
    refreshGhosts(grid);
    invalidate(grid);
    let end = 0;
    for (let n = 0; n < count; n++) {
      const ends = launches.relax(grid, omega, (colour + n) & 1, withNorm && n >= count - 2 ? end : undefined);
      if (ends >= 0) end = ends;
    }
    if (withNorm) norms.reduce(0, end, CHANGE);
  };

  /** Sweeps. @returns the change of the last sweep, and the residual if it is wanted */
  const advance = async (grid: Grid<B>, count: number, residual: boolean): Promise<Required<Found>> => {
    refreshGhosts(grid);
    let left = count;
    let known: number | undefined;
    let both = false;
    if (grid.nextSweepReady) {
      known = grid.residual;
      swap(grid);
      left--;
    }
    const { kind, shape } = grid.layout;
    const trials = kind === "plain" ? tuner.wanted(shape[0] * shape[1], left) : 0;
    if (trials > 0) {
      await tuner.tune(trials, (sweeps, each) => {
        for (let n = 0; n < sweeps; n += each) {
          each > 1 ? launches.blocked(grid, each) : launches.sweep(grid);
          swap(grid);
        }
      }, async () => void await norms.read());
      left -= trials;
    }
    for (let passes = Math.ceil(left / most(grid.layout)); passes > 0; passes--) {
      // Launches of nearly equal length.
      const sweeps = Math.ceil(left / passes);
      left -= sweeps;
      const at = left === 0 ? 0 : undefined;
      const end = sweeps > 1 ? launches.blocked(grid, sweeps, at) : launches.sweep(grid, at);
      swap(grid);
      if (at === undefined) continue;
      known = undefined;
      norms.reduce(0, end, CHANGE);
      both = sweeps > 1;
      if (both) norms.reduce(norms.half, norms.half + end, RESIDUAL);
    }
    if (residual && !both) startResidual(grid);
    if (known !== undefined && !residual) return { change: known, residual: NaN };
    const found = await norms.read();
    if (residual || both) grid.residual = found.residual;
    return { change: known ?? found.change, residual: found.residual };
  };

  const grids = {
    refreshGhosts,
    invalidate,
    /** Smooths by Gauss-Seidel. */
    smooth: (grid: Grid<B>, sweeps: number) => relax(grid, 1, 0, 2 * sweeps, false),
  };
  return {
    threads: 1,
    create: (layout) => allocateGrid(device, norms, layout),
    write(grid, field, region, data) {
      invalidate(grid);
      if (field !== "u") return writeBlock(device, grid.fields, region, data, planeOf(grid.layout, field));
      // The ghost layer is never updated, so both iterates must hold it.
      writeBlock(device, grid.u, region, data);
      writeBlock(device, grid.v, region, data);
      grid.ghostsStale = true;
    },
    read: ({ u }, region) => readBlock(device, u, region),
    sweep: async (grid, count) => (await advance(grid, count, false)).change,
    advance: (grid, count) => advance(grid, count, true),
    async relax(grid, omega, colour, count) {
      relax(grid, omega, colour, count, true);
      return (await norms.read()).change;
    },
    async residual(grid) {
      refreshGhosts(grid);
      if (grid.residual !== undefined) return grid.residual;
      startResidual(grid);
      return grid.residual = (await norms.read()).residual;
    },
    multigrid: multigridKernels(launches, grids),
    free: ({ u, v, fields }) => release(device, [u, v, fields]),
    close() {
      norms.free();
      return close();
    },
  };
}
