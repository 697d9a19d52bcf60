/**
 * Several Jacobi sweeps of a plain stencil in one launch: native/gpu/blocked.cl in WGSL.
 *
 * @module
 */

import { GROUP } from "../../engine-gpu/device.ts";
import type { Source } from "../source.ts";
import { JACOBI_VALUE, storeGroupMax } from "./common.ts";

const [COLS, ROWS] = GROUP;
/** Rows of a tile in the registers of a thread. */
const DEPTH = 16;
const TILE = ROWS * DEPTH;

/** The kernel. Its tile is all the local memory that every adapter has, so norms are reduced in it. */
export const blocked: Source = {
  before: `${JACOBI_VALUE}
var<workgroup> tile: array<u32, ${TILE * COLS}>;
${storeGroupMax("partials", "tile")}
fn old(at: i32) -> f32 { return bitcast<f32>(tile[at]); }`,
  body: `
  var halo = p.sweeps;
  if (p.partial >= 0) { halo += 1; }
  let top_in_tile = id.y * ${DEPTH};
  let j = 1 + group.x * (${COLS} - 2 * halo) - halo + id.x;
  let top = p.begin_row + group.y * (${TILE} - 2 * halo) - halo + top_in_tile;
  let inside = j >= 1 && j < p.nx - 1;
  let is_stored = inside && id.x >= halo && id.x < ${COLS} - halo;
  let left = select(0, -1, id.x > 0);
  let right = select(0, 1, id.x < ${COLS} - 1);
  let first = max(p.begin_row - halo, 0);
  let last = min(p.end_row + halo, p.ny);
  var column: array<f32, ${DEPTH}>;
  for (var k = 0; k < ${DEPTH}; k++) {
    let i = top + k;
    column[k] = 0;
    if (i >= first && i < last && j >= 0 && j < p.nx) { column[k] = u[(i - p.u_first) * p.pitch + j]; }
  }
  var change = 0u;
  var residual = 0u;
  for (var done = 0; done < halo; done++) {
    for (var k = 0; k < ${DEPTH}; k++) { tile[(top_in_tile + k) * ${COLS} + id.x] = bitcast<u32>(column[k]); }
    workgroupBarrier();
    var north = 0f;
    if (top_in_tile > 0) { north = old((top_in_tile - 1) * ${COLS} + id.x); }
    for (var k = 0; k < ${DEPTH}; k++) {
      let i = top + k;
      let at = (top_in_tile + k) * ${COLS} + id.x;
      let here = column[k];
      var south = 0f;
      if (k < ${DEPTH - 1}) {
        south = column[min(k + 1, ${DEPTH - 1})];
      } else if (at + ${COLS} < ${TILE * COLS}) {
        south = old(at + ${COLS});
      }
      if (inside && i >= 1 && i < p.ny - 1 && i >= first && i < last) {
        let value = jacobi_value(north, south, old(at + left), old(at + right), (i - p.fields_first) * p.planes * p.pitch + j);
        if (is_stored && top_in_tile + k >= halo && top_in_tile + k < ${TILE} - halo && i < p.end_row && i >= p.r0 && i < p.r1 && j >= p.c0 && j < p.c1) {
          if (done == p.sweeps - 1) { change = max(change, bits(value - here)); }
          if (done == p.sweeps) { residual = max(residual, bits(value - here)); }
        }
        if (done < p.sweeps) { column[k] = value; }
      }
      north = here;
    }
    workgroupBarrier();
  }
  if (is_stored) {
    for (var k = 0; k < ${DEPTH}; k++) {
      let i = top + k;
      if (top_in_tile + k >= halo && top_in_tile + k < ${TILE} - halo && i < p.end_row) { v[(i - p.v_first) * p.pitch + j] = column[k]; }
    }
  }
  if (p.partial >= 0) {
    store_group_max(change, p.partial, id, group, groups);
    workgroupBarrier();
    store_group_max(residual, p.second, id, group, groups);
  }`,
};
