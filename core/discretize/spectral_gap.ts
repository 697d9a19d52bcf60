/**
 * The spectral gap of Jacobi, estimated from a problem's edges alone.
 *
 * @module
 */

import type { Edge, Edges } from "../problem/edges.ts";

/**
 * Local. 1 less the spectral radius of Jacobi: the fraction of the slowest error mode that a sweep removes. Exact for plain stencils;
 * otherwise an estimate that knows edges, but neither jumps of k nor points fixed inside.
 *
 * The slowest mode is half a wave between two fixed edges, a quarter from a fixed one to a free one, constant between two
 * free ones. Convection lengthens its side by the extrapolation length k / h.
 */
export function spectralGap(
  edges: Edges,
  [ny, nx]: readonly [number, number],
  [dy, dx]: readonly [number, number],
): number {
  const angle = (one: Edge, other: Edge, n: number, d: number) => {
    if (one.kind === "periodic") return 0;
    const beyond = (edge: Edge) => {
      if (edge.kind === "fixed") return 0;
      return edge.kind === "free" && edge.h.uniform ? Math.min(n - 1, 1 / (edge.h.uniform * d)) : n - 1;
    };
    const [a, b] = [beyond(one), beyond(other)];
    return a >= n - 1 && b >= n - 1 ? 0 : Math.PI / (n - 1 + a + b);
  };
  let y = angle(edges.north, edges.south, ny, dy);
  let x = angle(edges.west, edges.east, nx, dx);
  if (y === 0 && x === 0) {
    // Nothing is held at an edge. The constant aside, the slowest mode is half a wave, or one, along the long side.
    const free = (n: number, edge: Edge) => (edge.kind === "periodic" ? 2 : 1) * Math.PI / n;
    [y, x] = [free(ny, edges.north), free(nx, edges.west)];
    if (y / dy < x / dx) x = 0;
    else y = 0;
  }
  const scale = dx * dx + dy * dy;
  return (dy * dy / scale) * oneMinusCos(x) + (dx * dx / scale) * oneMinusCos(y);
}

/** 1 − cos t for 0 <= t <= pi by its series, to rounding: Math.cos differs in bits between JavaScript engines. */
function oneMinusCos(t: number): number {
  let term = t * t / 2;
  let sum = 0;
  for (let n = 4; term !== 0 && n < 60; n += 2) {
    sum += term;
    term *= -(t * t) / (n * (n - 1));
  }
  return sum;
}
