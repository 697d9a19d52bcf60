/**
 * Jacobi and red-black sweeps, one a launch, and norms: native/gpu/kernels.cl in WGSL, kernel by kernel. What each does, its
 * numbers and its threads are told there.
 *
 * @module
 */

import type { Source } from "../source.ts";
import { collect, LESS, SWEPT } from "./common.ts";

/** Rows that a thread takes in `sweep` and `difference`. */
const EACH = 4;

/** Kernels by name. */
export const sweeps: Readonly<Record<string, Source>> = {
  sweep: {
    buffers: [["u", "r"], ["v", "w"], ["fields", "r"], ["partials", "w", "u32"]],
    // deno-fmt-ignore
    ints: [
      "u_first", "v_first", "fields_first", "from_", "to_", "nx", "pitch", "planes", "r0", "r1", "c0", "c1", "form",
      "remainder", "partial",
    ],
    reals: ["cx", "cy"],
    before: `${SWEPT}\n${collect("partials")}`,
    body: `
  var most = 0u;
  if (x >= 1 && x < p.nx - 1) {
    let begin = p.from_ + ${EACH} * y;
    for (var i = begin; i < min(begin + ${EACH}, p.to_); i++) {
      let at = (i - p.u_first) * p.pitch + x;
      let f = (i - p.fields_first) * p.planes * p.pitch + x;
      let value = swept(u[at - p.pitch], u[at + p.pitch], u[at - 1], u[at + 1], f);
      let way = value - u[at];
      var result = value;
      if (p.remainder != 0) {
        result = way;
        if (p.form == WEIGHTED) { result = fields[f + 5 * p.pitch] * way; }
      }
      v[(i - p.v_first) * p.pitch + x] = result;
      if (i >= p.r0 && i < p.r1 && x >= p.c0 && x < p.c1) { most = max(most, bits(way)); }
    }
  }
  if (p.partial >= 0) { collect(most, p.partial, id, group, groups); }`,
  },

  relax: {
    buffers: [["u", "w"], ["fields", "r"], ["partials", "w", "u32"]],
    // deno-fmt-ignore
    ints: [
      "u_first", "fields_first", "from_", "to_", "nx", "pitch", "planes", "r0", "r1", "c0", "c1", "form", "odd", "partial",
    ],
    reals: ["cx", "cy", "omega"],
    before: `${SWEPT}\n${LESS}\n${collect("partials")}`,
    body: `
  let i = p.from_ + y;
  let j = 2 * x + ((i + p.odd) & 1);
  var most = 0u;
  if (i < p.to_ && j >= 1 && j < p.nx - 1) {
    let at = (i - p.u_first) * p.pitch + j;
    let f = (i - p.fields_first) * p.planes * p.pitch + j;
    let before = u[at];
    let value = before + mul(p.omega, swept(u[at - p.pitch], u[at + p.pitch], u[at - 1], u[at + 1], f) - before);
    u[at] = value;
    if (i >= p.r0 && i < p.r1 && j >= p.c0 && j < p.c1) { most = bits(less(value, before)); }
  }
  if (p.partial >= 0) { collect(most, p.partial, id, group, groups); }`,
  },

  wrap_columns: {
    buffers: [["a", "w"]],
    ints: ["a_first", "from_", "to_", "nx", "pitch"],
    reals: [],
    body: `
  let i = p.from_ + x;
  if (i >= p.to_ || y > 0) { return; }
  let row = (i - p.a_first) * p.pitch;
  a[row] = a[row + p.nx - 2];
  a[row + p.nx - 1] = a[row + 1];`,
  },

  copy: {
    // Both may be parts of one buffer, which is bound in one way.
    buffers: [["origin", "w"], ["copied", "w"]],
    ints: ["rows", "width"],
    reals: [],
    body: `
  if (x < p.width && y < p.rows) { copied[y * p.width + x] = origin[y * p.width + x]; }`,
  },

  difference: {
    buffers: [["u", "r"], ["v", "r"], ["partials", "w", "u32"]],
    ints: ["u_first", "v_first", "from_", "to_", "pitch", "r0", "r1", "c0", "c1", "partial"],
    reals: [],
    before: collect("partials"),
    body: `
  var most = 0u;
  if (x >= p.c0 && x < p.c1) {
    let begin = p.from_ + ${EACH} * y;
    for (var i = begin; i < min(begin + ${EACH}, p.to_); i++) {
      if (i < p.r0 || i >= p.r1) { continue; }
      most = max(most, bits(u[(i - p.u_first) * p.pitch + x] - v[(i - p.v_first) * p.pitch + x]));
    }
  }
  collect(most, p.partial, id, group, groups);`,
  },

  reduce: {
    buffers: [["partials", "r", "u32"], ["norms", "w", "u32"]],
    ints: ["from_", "to_", "slot"],
    reals: [],
    before: collect("norms"),
    body: `
  var most = 0u;
  for (var k = p.from_ + id.y * 64 + id.x; k < p.to_; k += 256) { most = max(most, partials[k]); }
  collect(most, p.slot, id, group, groups);`,
  },
};
