/**
 * Jacobi and red-black sweeps, one a launch, and norms: native/gpu/kernels.cl in WGSL.
 *
 * @module
 */

import type { Sources } from "../source.ts";
import { JACOBI_VALUE, LESS, storeGroupMax } from "./common.ts";

/** Rows of a thread in `sweep` and `difference`. */
const ROWS_PER_THREAD = 4;

/** Kernels by name. */
export const sweeps = {
  sweep: {
    before: `${JACOBI_VALUE}\n${storeGroupMax("partials")}`,
    body: `
  var largest = 0u;
  if (x >= 1 && x < p.nx - 1) {
    let begin = p.begin_row + ${ROWS_PER_THREAD} * y;
    for (var i = begin; i < min(begin + ${ROWS_PER_THREAD}, p.end_row); i++) {
      let at = (i - p.u_first) * p.pitch + x;
      let f = (i - p.fields_first) * p.planes * p.pitch + x;
      let value = jacobi_value(u[at - p.pitch], u[at + p.pitch], u[at - 1], u[at + 1], f);
      let residual = value - u[at];
      var result = value;
      if (p.write_residual != 0) {
        result = residual;
        if (p.form == WEIGHTED) { result = fields[f + 5 * p.pitch] * residual; }
      }
      v[(i - p.v_first) * p.pitch + x] = result;
      if (i >= p.r0 && i < p.r1 && x >= p.c0 && x < p.c1) { largest = max(largest, bits(residual)); }
    }
  }
  if (p.partial >= 0) { store_group_max(largest, p.partial, id, group, groups); }`,
  },

  relax: {
    before: `${JACOBI_VALUE}\n${LESS}\n${storeGroupMax("partials")}`,
    body: `
  let i = p.begin_row + y;
  let j = 2 * x + ((i + p.odd) & 1);
  var largest = 0u;
  if (i < p.end_row && j >= 1 && j < p.nx - 1) {
    let at = (i - p.u_first) * p.pitch + j;
    let f = (i - p.fields_first) * p.planes * p.pitch + j;
    let before = u[at];
    let value = before + mul(p.omega, jacobi_value(u[at - p.pitch], u[at + p.pitch], u[at - 1], u[at + 1], f) - before);
    u[at] = value;
    if (i >= p.r0 && i < p.r1 && j >= p.c0 && j < p.c1) { largest = bits(less(value, before)); }
  }
  if (p.partial >= 0) { store_group_max(largest, p.partial, id, group, groups); }`,
  },

  fill_ghost_columns: {
    body: `
  let i = p.begin_row + x;
  if (i >= p.end_row || y > 0) { return; }
  let row = (i - p.a_first) * p.pitch;
  a[row] = a[row + p.nx - 2];
  a[row + p.nx - 1] = a[row + 1];`,
  },

  copy: {
    aliased: true,
    body: `
  if (x < p.width && y < p.rows) { copied[y * p.width + x] = origin[y * p.width + x]; }`,
  },

  difference: {
    before: storeGroupMax("partials"),
    body: `
  var largest = 0u;
  if (x >= p.c0 && x < p.c1) {
    let begin = p.begin_row + ${ROWS_PER_THREAD} * y;
    for (var i = begin; i < min(begin + ${ROWS_PER_THREAD}, p.end_row); i++) {
      if (i < p.r0 || i >= p.r1) { continue; }
      largest = max(largest, bits(u[(i - p.u_first) * p.pitch + x] - v[(i - p.v_first) * p.pitch + x]));
    }
  }
  store_group_max(largest, p.partial, id, group, groups);`,
  },

  reduce: {
    before: storeGroupMax("norms"),
    body: `
  var largest = 0u;
  for (var k = p.begin + id.y * 64 + id.x; k < p.end; k += 256) { largest = max(largest, partials[k]); }
  store_group_max(largest, p.slot, id, group, groups);`,
  },
} satisfies Sources;
