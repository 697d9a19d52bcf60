/**
 * The loops of `js` as a thread's engine, on shared arrays.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import type { FieldName, Layout } from "../../core/kernels.ts";
import { allocate } from "../js/grid.ts";
import { relaxRows, sweepRows } from "../js/sweep.ts";
import type { Engine, Store } from "../team/engine.ts";
import type { Share } from "../team/share.ts";

/** The arrays of a grid, in shared memory. */
export interface Arrays {
  readonly iterates: readonly [GridData, GridData];
  readonly fields: Readonly<Record<Exclude<FieldName, "u">, GridData>>;
}

/** Local. Allocates shared arrays, all zero. */
export function sharedArrays(layout: Layout): Store<Arrays> {
  const size = layout.shape[0] * layout.shape[1];
  const array = (used: boolean): GridData => {
    const length = used ? size : 0;
    return layout.dtype === "f32"
      ? new Float32Array(new SharedArrayBuffer(4 * length))
      : new Float64Array(new SharedArrayBuffer(8 * length));
  };
  const weighted = layout.kind === "weighted";
  const iterates = [array(true), array(true)] as const;
  const fields = {
    g: array(weighted || layout.source),
    an: array(weighted),
    as: array(weighted),
    aw: array(weighted),
    ae: array(weighted),
    d: array(layout.diagonal),
  };
  return { stride: layout.shape[1], iterates, fields, shared: { iterates, fields }, free: () => {} };
}

/** Local. The engine of one thread. */
export function loops({ layout, store: { iterates, fields } }: Share<Arrays>): Engine {
  const scratch = allocate(layout.dtype, layout.shape[1]);
  return {
    sweep: (current, from, to, norm) =>
      sweepRows(layout, fields, iterates[current], iterates[current === 0 ? 1 : 0], from, to, norm),
    relax: (current, omega, colour, from, to, norm) =>
      relaxRows(layout, fields, iterates[current], omega, colour, from, to, scratch, norm),
  };
}
