/**
 * Named problems, one for each form that a stencil can take, the field that most of them start from, and edges of which tests
 * make others. Random ones are in random_problems.ts, problem files in problem_files.ts.
 *
 * @module
 */

import type { Dtype, Stencil } from "../../core/contract.ts";
import { lower } from "../../core/discretize/lower.ts";
import { type Problem, validateProblem } from "../../core/problem/problem.ts";

/** Sums of roots of integers: rough enough that no two orders of addition agree by chance. */
export const rough = (row: number, col: number): number =>
  Math.sqrt(7 * row + 13 * col + 2) - Math.sqrt(row * row + 3 * col + 1);

/** An insulated edge. */
export const free = { flux: 0 } as const;
/** Four of them. */
export const insulated = { north: free, south: free, west: free, east: free } as const;
/** Columns that go around. */
export const tube = { west: "periodic", east: "periodic" } as const;
/** Both directions. */
export const torus = { ...tube, north: "periodic", south: "periodic" } as const;

/** Problems by what is special about them. */
export const problems: Readonly<Record<string, Problem>> = {
  "a plate": { shape: [17, 23], edges: { north: 100, west: 75, east: 50 }, initial: rough },
  "the smallest plate": { shape: [3, 3], edges: { north: 1, west: 2, east: 4, south: 8 }, initial: rough },
  "a narrow plate": { shape: [31, 3], edges: { north: 1, west: rough, south: 8 } },
  "a flat plate": { shape: [3, 32], edges: { north: rough, west: 2, south: 8 }, initial: rough },
  "a stretched plate": { shape: [12, 19], spacing: [0.3, 0.7], edges: { north: rough }, initial: rough },
  "a plate with a source": { shape: [14, 15], edges: { west: 1 }, source: rough },
  "a stretched plate with a source": { shape: [9, 8], spacing: [2, 1], source: rough },
  "free edges": {
    shape: [13, 16],
    edges: { north: 3, west: { flux: -1.5 }, south: { flux: 0 }, east: rough },
    conductivity: (row, col) => 1 + Math.sqrt(row + 2 * col),
  },
  "convection": {
    shape: [11, 12],
    edges: { north: 3, west: { convection: { h: 0.3, ambient: 20 } }, south: { flux: 0.25 } },
    source: rough,
  },
  "periodic rows": { shape: [10, 13], edges: { north: "periodic", south: "periodic", east: 7, west: rough } },
  "periodic columns": { shape: [9, 14], edges: { east: "periodic", west: "periodic", south: { flux: 1 } } },
  "a small torus": {
    shape: [4, 4],
    edges: { north: "periodic", south: "periodic", east: "periodic", west: "periodic" },
    fixed: { shapes: [{ kind: "circle", center: [1, 1], radius: 0.5, value: 3 }] },
    initial: rough,
    source: rough,
  },
  "a hole": {
    shape: [18, 21],
    edges: { north: 5, south: { flux: 0 } },
    fixed: { shapes: [{ kind: "rect", from: [4, 5], to: [9, 11], value: -100 }] },
  },
};

/** @returns the stencil of one of the problems. */
export function stencilOf(name: string, dtype: Dtype): Stencil {
  return lower(validateProblem({ ...problems[name]!, dtype }));
}

/** A plate of n x n points, with what is said otherwise. */
export const plate = (n: number, more: Partial<Problem> = {}): Problem => ({
  shape: [n, n],
  edges: { north: 100, west: 75, east: 50 },
  ...more,
});
