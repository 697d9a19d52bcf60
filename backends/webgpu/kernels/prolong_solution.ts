/**
 * Cubic interpolation to a grid with twice the points, for full multigrid: native/gpu/prolong_solution.cl in WGSL.
 *
 * @module
 */

import type { Sources } from "../source.ts";

/** The value midway between points k and k + 1 of a line of n; point k is at `a` of the array, points are `step` apart. */
function midpoint(array: string): string {
  return `
fn midpoint(a: i32, k: i32, n: i32, step: i32) -> f32 {
  let end = k == 0 || k == n - 2;
  let at = select(select(a - step, a, k == 0), a + step, k == n - 2);
  let on = select(step, -step, k == n - 2);
  let weights = select(vec4f(-0.0625, 0.5625, 0.5625, -0.0625), vec4f(0.3125, 0.9375, -0.3125, 0.0625), end);
  return weights.x * ${array}[at] + weights.y * ${array}[at + on] +
    (weights.z * ${array}[at + 2 * on] + weights.w * ${array}[at + 3 * on]);
}`;
}

/** Kernels by name. */
export const prolongSolution = {
  prolong_solution_rows: {
    before: midpoint("coarse"),
    body: `
  let row = p.begin_row + y;
  if (row >= p.end_row || x < 1 || x >= p.nx - 1) { return; }
  let line = (row - p.coarse_first) * p.coarse_pitch + x / 2;
  let to = (2 * row - p.u_first) * p.pitch + x;
  if (x % 2 == 0) {
    u[to] = coarse[line];
  } else {
    u[to] = midpoint(line, x / 2, p.mx, 1);
  }`,
  },

  prolong_solution_between: {
    before: midpoint("u"),
    body: `
  let row = p.begin_row + y;
  if (row >= p.end_row || x < 1 || x >= p.nx - 1) { return; }
  let at = (2 * row - p.u_first) * p.pitch + x;
  u[at + p.pitch] = midpoint(at, row, p.my, 2 * p.pitch);`,
  },
} satisfies Sources;
