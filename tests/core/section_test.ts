/**
 * The stencil of a section: an M-matrix for whatever parts, the same moved, mirrored, transposed and in blocks; or one clear
 * message.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import type { Block, StencilBlock } from "../../core/contract.ts";
import { lower, type Lowered } from "../../core/discretize/lower.ts";
import { ProblemError } from "../../core/errors.ts";
import { type Problem, validateProblem } from "../../core/problem/problem.ts";
import { mirrored, moved, randomParts, randomSections, transposed } from "../support/random_parts.ts";
import "../support/same_cases.ts";

/** A stencil with conductances in place of weights. */
interface Equations {
  readonly stencil: Lowered;
  readonly shape: readonly [ny: number, nx: number];
  /** Of the links to each neighbour, the constant term and the diagonal. */
  readonly fields: Readonly<Record<"north" | "south" | "west" | "east" | "constant" | "diagonal", Float64Array>>;
}

const whole = ([ny, nx]: readonly [number, number]): Block => ({ rows: [0, ny], cols: [0, nx] });

/** The equations of a problem; the message where it is refused. Any other error is a fault. */
function equationsOf(problem: Problem): Equations | string {
  try {
    const stencil = lower(validateProblem(problem));
    if (stencil.kind === "plain") return "parts change no weight";
    const { an, as, aw, ae, g, d } = stencil.evaluate(whole(stencil.shape)) as Required<StencilBlock>;
    const times = (weights: ArrayLike<number>) =>
      Float64Array.from(weights, (weight, n) => d[n] === 0 ? weight : weight * d[n]!);
    return {
      stencil,
      shape: stencil.shape,
      fields: {
        north: times(an),
        south: times(as),
        west: times(aw),
        east: times(ae),
        constant: times(g),
        diagonal: Float64Array.from(d),
      },
    };
  } catch (error) {
    if (error instanceof ProblemError) return error.message;
    throw error;
  }
}

const AS_IT_IS = ["north", "south", "west", "east", "constant", "diagonal"] as const;

/** Checks that two problems have the same equations, node `map(i, j)` of the first being (i, j) of the second. */
function same(
  first: Problem,
  second: Problem,
  names: readonly (keyof Equations["fields"])[],
  map: (i: number, j: number) => readonly [i: number, j: number],
): void {
  const [one, other] = [equationsOf(first), equationsOf(second)];
  if (typeof one === "string" || typeof other === "string") {
    // Whether a sliver of a source is large enough to be seen is a matter of rounding.
    if (first.parts?.some(({ source, total }) => source ?? total)) return;
    assert.equal(
      typeof one,
      typeof other,
      `${typeof one === "string" ? one : ""} | ${typeof other === "string" ? other : ""}`,
    );
    return;
  }
  const order = names.includes("constant") ? AS_IT_IS : AS_IT_IS.filter((name) => name !== "constant");
  const [ny, nx] = other.shape;
  for (let i = 0; i < ny; i++) {
    for (let j = 0; j < nx; j++) {
      // At corners west and east win.
      if ((i === 0 || i === ny - 1) && (j === 0 || j === nx - 1)) continue;
      const [row, col] = map(i, j);
      order.forEach((name, n) => {
        const a = one.fields[names[n]!][row * one.shape[1] + col]!;
        const b = other.fields[name][i * nx + j]!;
        // Outlines near nodes magnify roundings of their places.
        assert.ok(Math.abs(a - b) <= 1e-7 * Math.max(1, Math.abs(a)), `${name} at ${i}, ${j}: ${b}, expected ${a}`);
      });
    }
  }
}

const runs = { numRuns: Number(process.env.LAPLACE_RUNS ?? 300) };

test("the stencil of any section is an M-matrix, symmetric in its conductances, and finite", () => {
  fc.assert(
    fc.property(randomSections(12), (problem) => {
      const found = equationsOf(problem);
      if (typeof found === "string") return assert.match(found, /^(parts|source and fluxes)/);
      const { shape: [ny, nx], fields: { north, south, west, east, constant, diagonal }, stencil } = found;
      const { an, as, aw, ae, g, d, u } = stencil.evaluate(whole(stencil.shape)) as Required<StencilBlock>;
      for (let i = 0, p = 0; i < ny; i++) {
        for (let j = 0; j < nx; j++, p++) {
          for (const field of [an, as, aw, ae, g, d, u]) {
            assert.ok(Number.isFinite(field[p]), `not finite at ${i}, ${j}`);
          }
          for (const field of [an, as, aw, ae, d]) assert.ok(field[p]! >= 0, `negative at ${i}, ${j}`);
          const sum = an[p]! + as[p]! + aw[p]! + ae[p]!;
          assert.ok(sum <= 1 + 1e-15 * 8, `weights at ${i}, ${j} sum to ${sum}`);
          if (d[p] === 0) continue;
          // The link from a node that is held has no weight there.
          for (
            const [q, there, back] of [[(i + 1) % ny * nx + j, south, north], [
              i * nx + (j + 1) % nx,
              east,
              west,
            ]] as const
          ) {
            if (d[q] === 0) continue;
            assert.ok(
              Math.abs(there[p]! - back[q]!) <= 1e-12 * there[p]!,
              `link ${p} to ${q}: ${there[p]}, back ${back[q]}`,
            );
          }
        }
      }
      void constant, diagonal;
    }),
    runs,
  );
});

test("blocks of any partition evaluate to the same as the whole", () => {
  fc.assert(
    fc.property(randomSections(12), fc.nat(), fc.nat(), (problem, a, b) => {
      const found = equationsOf(problem);
      if (typeof found === "string") return;
      const { stencil, shape: [ny, nx] } = found;
      const all = stencil.evaluate(whole(stencil.shape)) as Required<StencilBlock>;
      const [row, col] = [1 + a % (ny - 1), 1 + b % (nx - 1)];
      for (const rows of [[0, row], [row, ny]] as const) {
        for (const cols of [[0, col], [col, nx]] as const) {
          const part = stencil.evaluate({ rows, cols }) as Required<StencilBlock>;
          for (const field of ["u", "an", "as", "aw", "ae", "g", "d"] as const) {
            for (let i = rows[0], n = 0; i < rows[1]; i++) {
              for (let j = cols[0]; j < cols[1]; j++, n++) {
                assert.equal(part[field][n], all[field][i * nx + j], `${field} at ${i}, ${j}`);
              }
            }
          }
        }
      }
    }),
    runs,
  );
});

test("a problem with its columns mirrored has the same equations, mirrored", () => {
  fc.assert(
    fc.property(randomSections(12), (problem) => {
      const nx = problem.shape[1];
      const wraps = problem.edges?.west === "periodic";
      same(problem, mirrored(problem), ["north", "south", "east", "west", "constant", "diagonal"], (i, j) => [
        i,
        wraps ? (nx - j) % nx : nx - 1 - j,
      ]);
    }),
    runs,
  );
});

test("a problem with rows for columns has the same equations, transposed", () => {
  const flat = randomSections(12).filter(({ edges }) => edges?.north !== "periodic" && edges?.west !== "periodic");
  fc.assert(
    fc.property(flat, (problem) => {
      // Areas are measured along rows.
      const constant = problem.source === 0 && !problem.parts?.some(({ source, total }) => source ?? total);
      const names = ["west", "east", "north", "south", ...constant ? ["constant" as const] : [], "diagonal"] as const;
      same(problem, transposed(problem), names, (i, j) => [j, i]);
    }),
    runs,
  );
});

test("around a torus shapes moved by whole cells have the same equations, moved", () => {
  const wrap = "periodic" as const;
  const problems = fc.tuple(fc.integer({ min: 5, max: 12 }), fc.integer({ min: 5, max: 12 })).chain((shape) =>
    randomParts(shape).map((parts): Problem => ({
      shape,
      spacing: [1, 1],
      edges: { north: wrap, south: wrap, west: wrap, east: wrap },
      parts: [...parts, { name: "held", kind: "circle", center: [1.3, 2.2], radius: 1.1, value: 1 }],
    }))
  );
  fc.assert(
    fc.property(
      problems,
      fc.integer({ min: -15, max: 15 }),
      fc.integer({ min: -15, max: 15 }),
      (problem, up, right) => {
        const [ny, nx] = problem.shape;
        same(problem, moved(problem, [up, right]), AS_IT_IS, (i, j) => [
          (i + up + 4 * ny) % ny,
          (j - right + 4 * nx) % nx,
        ]);
      },
    ),
    runs,
  );
});
