/**
 * The problems that every backend is tried on: small, each with one thing that kernels get wrong.
 *
 * @module
 */

import type { StencilKind } from "../core/contract.ts";
import type { Problem } from "../core/problem/problem.ts";

/** A problem and what is special about it. */
export interface Fixture {
  readonly what: string;
  readonly problem: Problem;
}

/** Numbers that look random and are the same everywhere: a 32-bit linear congruence (Knuth, TAOCP 2, 3.3.4). */
export function scatter(seed: number, low: number, high: number): (row: number, col: number) => number {
  return (row, col) => {
    let x = (Math.imul(row, 73856093) ^ Math.imul(col, 19349663) ^ Math.imul(seed, 83492791)) >>> 0;
    for (let n = 0; n < 3; n++) x = (Math.imul(x ^ (x >>> 15), 1664525) + 1013904223) >>> 0;
    // Divided by a prime: all bits of the significand are used, so that another association shows at once.
    return low + (high - low) * (x / 4294967311);
  };
}

const initial = scatter(1, -50, 50);
const plate = { north: scatter(2, 80, 120), south: scatter(3, -10, 10), west: scatter(4, 60, 80), east: 50 };
const source = scatter(5, -2, 2);

/** @returns the problems of one form. */
export function fixtures(kind: StencilKind): Fixture[] {
  return kind === "plain" ? plain() : weighted();
}

const of = (what: string, problem: Problem): Fixture => ({ what: `${what} ${problem.shape.join(" x ")}`, problem });

function plain(): Fixture[] {
  const base = { edges: plate, initial };
  return [
    of("square", { ...base, shape: [8, 11] }),
    of("square with a source", { ...base, shape: [11, 8], source, spacing: [0.1, 0.1] }),
    of("stretched", { ...base, shape: [9, 10], spacing: [0.5, 0.2] }),
    of("stretched with a source and a conductivity", {
      ...base,
      shape: [10, 9],
      spacing: [0.2, 0.7],
      source,
      conductivity: 3,
    }),
    of("square", { ...base, shape: [3, 3] }),
    of("stretched", { ...base, shape: [3, 37], spacing: [1, 2] }),
    of("square with a source", { ...base, shape: [37, 3], source: 1.5 }),
    of("square, primes", { ...base, shape: [67, 131] }),
    of("stretched with a source, primes", { ...base, shape: [71, 67], spacing: [0.3, 0.4], source }),
  ];
}

function weighted(): Fixture[] {
  const free = {
    north: 100,
    south: { flux: 0 },
    west: { flux: scatter(6, -2, 2) },
    east: { convection: { h: scatter(7, 0.1, 0.9), ambient: scatter(8, 10, 30) } },
  };
  const k = scatter(9, 0.1, 10);
  const around = { north: "periodic", south: "periodic" } as const;
  const across = { west: "periodic", east: "periodic" } as const;
  const hole = (row: number, col: number) => (row + 3 * col) % 7 === 0 ? 1 : 0;
  return [
    of("free edges, flux and convection", { shape: [8, 11], edges: free, initial }),
    of("a hole in a plate", {
      shape: [11, 9],
      edges: plate,
      initial,
      fixed: { mask: hole, values: scatter(10, 0, 9) },
    }),
    of("electrodes", {
      shape: [13, 17],
      spacing: [0.1, 0.1],
      edges: plate,
      initial,
      fixed: {
        shapes: [
          { kind: "circle", center: [0.5, 0.5], radius: 0.25, value: 100 },
          { kind: "rect", from: [0.8, 1.0], to: [1.2, 1.6], value: -100 },
        ],
      },
    }),
    of("conductivity and source, stretched", {
      shape: [9, 13],
      spacing: [0.5, 0.2],
      edges: free,
      initial,
      conductivity: k,
      source,
    }),
    of("periodic columns", { shape: [7, 12], edges: { ...across, north: plate.north }, initial, source }),
    of("periodic rows", { shape: [12, 7], edges: { ...around, west: 5, east: { flux: 1 } }, initial, conductivity: k }),
    of("periodic columns, odd", { shape: [5, 9], edges: { ...across, north: 1 }, initial }),
    of("periodic rows, odd, conductivity", {
      shape: [3, 9],
      spacing: [1, 3],
      edges: { ...around, west: { convection: { h: 0.0034, ambient: 48 } }, east: { flux: 0.05 } },
      initial,
      conductivity: (_, j) => [195, 31, 1103, 55, 2624, 6, 5, 669, 7][j % 9]!,
    }),
    of("a torus with a hole", {
      shape: [10, 8],
      edges: { ...around, ...across },
      initial,
      fixed: { mask: (i, j) => i === 4 && j === 3 ? 1 : 0, values: 7 },
    }),
    of("all insulated", {
      shape: [6, 7],
      edges: { north: { flux: 0 }, south: { flux: 0 }, west: { flux: 0 }, east: { flux: 0 } },
      initial,
    }),
    of("free edges", { shape: [3, 3], edges: free, initial }),
    of("periodic columns", { shape: [37, 4], edges: across, initial, conductivity: k }),
    of("periodic rows", { shape: [4, 37], edges: { ...around, west: free.east, east: 3 }, initial, source }),
    of("conductivity, primes", { shape: [67, 131], edges: free, initial, conductivity: k, source }),
    of("periodic columns, tall", { shape: [131, 66], edges: { ...across, north: 100 }, initial, conductivity: k }),
  ];
}
