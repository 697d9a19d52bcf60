/**
 * Several Jacobi sweeps of a plain stencil in one launch: native/gpu/blocked.cl in WGSL. What it does, its numbers and its
 * threads are told there.
 *
 * @module
 */

import { GROUP } from "../../engine-gpu/device.ts";
import type { Source } from "../source.ts";
import { collect, SWEPT } from "./common.ts";

const [COLS, ROWS] = GROUP;
/** Rows of a tile that a thread has in registers. */
const DEEP = 16;
const TILE = ROWS * DEEP;

/** The kernel. Its tile is all the local memory that every adapter has, so norms are collected in it. */
export const blocked: Source = {
  buffers: [["u", "r"], ["v", "w"], ["fields", "r"], ["partials", "w", "u32"]],
  // deno-fmt-ignore
  ints: [
    "u_first", "v_first", "fields_first", "from_", "to_", "ny", "nx", "pitch", "planes", "r0", "r1", "c0", "c1", "form",
    "sweeps", "partial", "second",
  ],
  reals: ["cx", "cy"],
  before: `${SWEPT}
var<workgroup> tile: array<u32, ${TILE * COLS}>;
${collect("partials", "tile")}
fn old(at: i32) -> f32 { return bitcast<f32>(tile[at]); }`,
  body: `
  var halo = p.sweeps;
  if (p.partial >= 0) { halo += 1; }
  let deep = id.y * ${DEEP};
  let j = 1 + group.x * (${COLS} - 2 * halo) - halo + id.x;
  let top = p.from_ + group.y * (${TILE} - 2 * halo) - halo + deep;
  let inside = j >= 1 && j < p.nx - 1;
  let kept = inside && id.x >= halo && id.x < ${COLS} - halo;
  let left = select(0, -1, id.x > 0);
  let right = select(0, 1, id.x < ${COLS} - 1);
  let first = max(p.from_ - halo, 0);
  let last = min(p.to_ + halo, p.ny);
  var column: array<f32, ${DEEP}>;
  for (var k = 0; k < ${DEEP}; k++) {
    let i = top + k;
    column[k] = 0;
    if (i >= first && i < last && j >= 0 && j < p.nx) { column[k] = u[(i - p.u_first) * p.pitch + j]; }
  }
  var change = 0u;
  var residual = 0u;
  for (var done = 0; done < halo; done++) {
    for (var k = 0; k < ${DEEP}; k++) { tile[(deep + k) * ${COLS} + id.x] = bitcast<u32>(column[k]); }
    workgroupBarrier();
    var north = 0f;
    if (deep > 0) { north = old((deep - 1) * ${COLS} + id.x); }
    for (var k = 0; k < ${DEEP}; k++) {
      let i = top + k;
      let at = (deep + k) * ${COLS} + id.x;
      let here = column[k];
      var south = 0f;
      if (k < ${DEEP - 1}) {
        south = column[min(k + 1, ${DEEP - 1})];
      } else if (at + ${COLS} < ${TILE * COLS}) {
        south = old(at + ${COLS});
      }
      if (inside && i >= 1 && i < p.ny - 1 && i >= first && i < last) {
        let value = swept(north, south, old(at + left), old(at + right), (i - p.fields_first) * p.planes * p.pitch + j);
        if (kept && deep + k >= halo && deep + k < ${TILE} - halo && i < p.to_ && i >= p.r0 && i < p.r1 && j >= p.c0 && j < p.c1) {
          if (done == p.sweeps - 1) { change = max(change, bits(value - here)); }
          if (done == p.sweeps) { residual = max(residual, bits(value - here)); }
        }
        if (done < p.sweeps) { column[k] = value; }
      }
      north = here;
    }
    workgroupBarrier();
  }
  if (kept) {
    for (var k = 0; k < ${DEEP}; k++) {
      let i = top + k;
      if (deep + k >= halo && deep + k < ${TILE} - halo && i < p.to_) { v[(i - p.v_first) * p.pitch + j] = column[k]; }
    }
  }
  if (p.partial >= 0) {
    collect(change, p.partial, id, group, groups);
    workgroupBarrier();
    collect(residual, p.second, id, group, groups);
  }`,
};
