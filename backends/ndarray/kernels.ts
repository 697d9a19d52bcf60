/**
 * The kernels on ndarray slices: backends/js/kernels.ts without a loop over points.
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
import { jacobiKernels } from "../js/next_sweep.ts";
import { createGrid, fillGhosts, type Grid, type Part, zeros } from "./grid.ts";
import { evaluate, maxNorm, type Slice } from "./slices.ts";

const { refreshGhosts, sweep, residual } = jacobiKernels<Grid>(({ u }) => fillGhosts(u), sweepOnce);

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
    sweep,
    relax,
    residual,
    free(grid) {
      grid.u = grid.v = { ...grid.u, stored: zeros("f64", 0, 0), slices: new Map(), ghosts: [] };
    },
  };
}

function relax(grid: Grid, omega: number, colour: 0 | 1, count: number): number {
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
}

/** One sweep from u to v. @returns max |v − u| if `norm`. */
function sweepOnce({ layout, u, v, whole }: Grid, norm: boolean): number {
  const { lattice, weights, temporaries, counted } = whole;
  const [old, fresh] = [u.slices.get(lattice)!, v.slices.get(lattice)!.here];
  evaluate(layout, weights, old, fresh, temporaries);
  fillGhosts(v);
  if (norm) ops.sub(temporaries.t, fresh, old.here);
  return norm ? maxNorm(counted) : 0;
}

/** u += omega * (s − u) on some points. @returns max |u_new − u_old| if `norm`, else 0. */
function relaxPart({ layout, u, v }: Grid, part: Part, omega: number, norm: boolean): number {
  const { lattice, weights, temporaries, counted } = part;
  // No next sweep is kept, so the other iterate has room for the new values.
  const [old, fresh] = [u.slices.get(lattice)!, v.slices.get(lattice)!.here];
  evaluate(layout, weights, old, fresh, temporaries);
  ops.subeq(fresh, old.here);
  ops.mulseq(fresh, omega);
  ops.addeq(fresh, old.here);
  if (norm) ops.sub(temporaries.t, fresh, old.here);
  ops.assign(old.here, fresh);
  return norm ? maxNorm(counted) : 0;
}

function extent({ rows, cols }: Block): [number, number] {
  return [rows[1] - rows[0], cols[1] - cols[0]];
}

function regionOf(stored: Slice, { rows, cols }: Block): Slice {
  return stored.lo(rows[0], cols[0]).hi(rows[1] - rows[0], cols[1] - cols[0]);
}
