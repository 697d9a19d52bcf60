/**
 * The kernels on ndarray slices: `../js/kernels.ts` without a loop over points.
 *
 * @module
 */

// @ts-types="@types/ndarray"
import ndarray from "ndarray";
// @ts-types="@types/ndarray-ops"
import ops from "ndarray-ops";
import type { Block } from "../../core/contract.ts";
import { rounder } from "../../core/dtype.ts";
import { type Kernels, larger } from "../../core/kernels/kernels.ts";
import { createGrid, fillGhosts, type Grid, type Part, zeros } from "./grid.ts";
import { evaluate, norm, type Slice } from "./slices.ts";

/** @returns the kernels of the ndarray backend. */
export function ndarrayKernels(): Kernels<Grid> {
  return {
    threads: 1,
    create: createGrid,
    write(grid, field, region, data) {
      const dense = ndarray(data, extent(region));
      grid.nextSweepChange = undefined;
      if (field !== "u") {
        ops.assign(regionOf(grid.fields[field], region), dense);
        return;
      }
      // The ghost layer is never updated, so both iterates must hold it.
      ops.assign(regionOf(grid.u.stored, region), dense);
      ops.assign(regionOf(grid.v.stored, region), dense);
      grid.ghostsStale = true;
    },
    read({ layout, u }, region) {
      const dense = zeros(layout.dtype, ...extent(region));
      ops.assign(dense, regionOf(u.stored, region));
      return dense.data;
    },
    sweep(grid, count) {
      refreshGhosts(grid);
      let change = grid.nextSweepChange;
      grid.nextSweepChange = undefined;
      let done = 0;
      if (change !== undefined) {
        swap(grid);
        done = 1;
      }
      for (; done < count; done++) {
        sweepOnce(grid);
        if (done === count - 1) change = difference(grid);
        swap(grid);
      }
      return change!;
    },
    relax(grid, omega, colour, count) {
      refreshGhosts(grid);
      grid.nextSweepChange = undefined;
      const factor = rounder(grid.layout.dtype)(omega);
      let most = 0;
      for (let n = 0; n < count; n++) {
        for (const part of grid.colours[((colour + n) & 1) as 0 | 1]) {
          most = larger(most, relaxPart(grid, part, factor, n >= count - 2));
        }
        fillGhosts(grid.u);
      }
      return most;
    },
    residual(grid) {
      refreshGhosts(grid);
      if (grid.nextSweepChange === undefined) {
        sweepOnce(grid);
        grid.nextSweepChange = difference(grid);
      }
      return grid.nextSweepChange;
    },
    free(grid) {
      grid.u = grid.v = { ...grid.u, stored: zeros("f64", 0, 0), slices: new Map(), ghosts: [] };
    },
  };
}

/** One sweep from u to v. */
function sweepOnce({ layout, u, v, whole: { lattice, weights, temporaries } }: Grid): void {
  evaluate(layout, weights, u.slices.get(lattice)!, v.slices.get(lattice)!.here, temporaries);
  fillGhosts(v);
}

function swap(grid: Grid): void {
  [grid.u, grid.v] = [grid.v, grid.u];
}

/** @returns max |v − u|. */
function difference({ u, v, whole: { lattice, temporaries, counted } }: Grid): number {
  ops.sub(temporaries.t, v.slices.get(lattice)!.here, u.slices.get(lattice)!.here);
  return norm(counted);
}

/** u += omega * (s − u) on some points. @returns max |u_new − u_old| if `measure`, else 0. */
function relaxPart({ layout, u, v }: Grid, part: Part, omega: number, measure: boolean): number {
  const { lattice, weights, temporaries, counted } = part;
  const old = u.slices.get(lattice)!;
  // No next sweep is kept, so the other iterate has room for the new values.
  const fresh = v.slices.get(lattice)!.here;
  evaluate(layout, weights, old, fresh, temporaries);
  ops.subeq(fresh, old.here);
  ops.mulseq(fresh, omega);
  ops.addeq(fresh, old.here);
  if (measure) ops.sub(temporaries.t, fresh, old.here);
  ops.assign(old.here, fresh);
  return measure ? norm(counted) : 0;
}

/** Fills the periodic ghosts of an iterate that was written from outside. */
function refreshGhosts(grid: Grid): void {
  if (grid.ghostsStale) fillGhosts(grid.u);
  grid.ghostsStale = false;
}

function extent({ rows, cols }: Block): [number, number] {
  return [rows[1] - rows[0], cols[1] - cols[0]];
}

function regionOf(stored: Slice, { rows, cols }: Block): Slice {
  return stored.lo(rows[0], cols[0]).hi(rows[1] - rows[0], cols[1] - cols[0]);
}
