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
import { createGrid, type Grid, type Part, renewImages, zeros } from "./grid.ts";
import { evaluate, norm, type Slice } from "./slices.ts";

/** @returns the kernels of the ndarray backend. */
export function ndarrayKernels(): Kernels<Grid> {
  return {
    threads: 1,
    create: createGrid,
    write(grid, field, region, data) {
      const dense = ndarray(data, extent(region));
      grid.ahead = undefined;
      if (field !== "u") {
        ops.assign(cut(grid.fields[field], region), dense);
        return;
      }
      // The ring is never updated, so both iterates must hold it.
      ops.assign(cut(grid.u.stored, region), dense);
      ops.assign(cut(grid.v.stored, region), dense);
      grid.stale = true;
    },
    read({ layout, u }, region) {
      const dense = zeros(layout.dtype, ...extent(region));
      ops.assign(dense, cut(u.stored, region));
      return dense.data;
    },
    sweep(grid, count) {
      refresh(grid);
      let change = grid.ahead;
      grid.ahead = undefined;
      let done = 0;
      if (change !== undefined) {
        swap(grid);
        done = 1;
      }
      for (; done < count; done++) {
        step(grid);
        if (done === count - 1) change = difference(grid);
        swap(grid);
      }
      return change!;
    },
    relax(grid, omega, colour, count) {
      refresh(grid);
      grid.ahead = undefined;
      const factor = rounder(grid.layout.dtype)(omega);
      let most = 0;
      for (let n = 0; n < count; n++) {
        for (const part of grid.colours[((colour + n) & 1) as 0 | 1]) {
          most = larger(most, relaxPart(grid, part, factor, n >= count - 2));
        }
        renewImages(grid.u);
      }
      return most;
    },
    residual(grid) {
      refresh(grid);
      if (grid.ahead === undefined) {
        step(grid);
        grid.ahead = difference(grid);
      }
      return grid.ahead;
    },
    free(grid) {
      grid.u = grid.v = { ...grid.u, stored: zeros("f64", 0, 0), on: new Map(), images: [] };
    },
  };
}

/** One sweep from u to v. */
function step({ layout, u, v, whole: { lattice, weights, room } }: Grid): void {
  evaluate(layout, weights, u.on.get(lattice)!, v.on.get(lattice)!.here, room);
  renewImages(v);
}

function swap(grid: Grid): void {
  [grid.u, grid.v] = [grid.v, grid.u];
}

/** @returns max |v − u|. */
function difference({ u, v, whole: { lattice, room, counted } }: Grid): number {
  ops.sub(room.t, v.on.get(lattice)!.here, u.on.get(lattice)!.here);
  return norm(counted);
}

/** u += omega * (s − u) on some points. @returns max |u_new − u_old| if `measure`, else 0. */
function relaxPart({ layout, u, v }: Grid, part: Part, omega: number, measure: boolean): number {
  const { lattice, weights, room, counted } = part;
  const old = u.on.get(lattice)!;
  // Nothing is computed ahead, so the other iterate has room for the new values.
  const fresh = v.on.get(lattice)!.here;
  evaluate(layout, weights, old, fresh, room);
  ops.subeq(fresh, old.here);
  ops.mulseq(fresh, omega);
  ops.addeq(fresh, old.here);
  if (measure) ops.sub(room.t, fresh, old.here);
  ops.assign(old.here, fresh);
  return measure ? norm(counted) : 0;
}

/** Renews the images of an iterate that was written from outside. */
function refresh(grid: Grid): void {
  if (grid.stale) renewImages(grid.u);
  grid.stale = false;
}

function extent({ rows, cols }: Block): [number, number] {
  return [rows[1] - rows[0], cols[1] - cols[0]];
}

function cut(stored: Slice, { rows, cols }: Block): Slice {
  return stored.lo(rows[0], cols[0]).hi(rows[1] - rows[0], cols[1] - cols[0]);
}
