/**
 * Parts and plates of which tests make sections. Random ones are in random_parts.ts.
 *
 * @module
 */

import type { PartInput } from "../../core/problem/parts.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { free, insulated } from "./problems.ts";

/** The unit square. */
export const unit = { shape: [17, 17], spacing: [1 / 16, 1 / 16] } as const;
/** Edges between which a current flows along x. */
export const acrossX = { ...insulated, west: 1, east: 0 } as const;
/** The same along y. */
export const acrossY = { ...insulated, south: 1, north: 0 } as const;

/** A rect from one place along x to another, as tall as the plate, or the same along y. */
export const bar = (axis: "x" | "y", from: number, to: number, role: object, name = "bar"): PartInput => ({
  name,
  kind: "rect",
  ...(axis === "x" ? { from: [-1, from], to: [2, to] } : { from: [from, -1], to: [to, 2] }),
  ...role,
} as PartInput);

/** A grid of n x n nodes around the origin, off it by a part of a spacing. */
export function around(n: number, half: number, [up, right] = [0, 0]) {
  const h = 2 * half / (n - 1);
  return { shape: [n, n], spacing: [h, h], origin: [-half + up * h, -half + right * h] } as const;
}

/** Where circles of coaxial lines lie: off the nodes. */
export const center = [0.0137, 0.0071] as const;
/** The outer conductor of a line. */
export const shield = (radius: number): PartInput => ({
  name: "shield",
  kind: "circle",
  center,
  radius,
  outside: true,
  value: 0,
});
/** The inner one. */
export const core = (radius: number): PartInput => ({ name: "core", kind: "circle", center, radius, value: 1 });

/** A quarter of a round section of radius 1 around the origin; its totals are of the whole. */
export const quarter = (parts: readonly PartInput[]): Problem => ({
  shape: [65, 65],
  spacing: [1.05 / 64, 1.05 / 64],
  depth: 4,
  edges: { south: free, west: free },
  parts,
});

/** A small circle in the middle of the unit square. */
export const kernel = (role: object): PartInput =>
  ({ name: "kernel", kind: "circle", center: [0.5, 0.5], radius: 0.05, ...role }) as PartInput;
