/**
 * Properties of solves with parts: fluxes balance, methods agree, scaled and halved problems have scaled and halved fluxes.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import type { Method } from "../../core/contract.ts";
import { ConfigError, ProblemError } from "../../core/errors.ts";
import type { PartInput } from "../../core/problem/parts.ts";
import type { Problem } from "../../core/problem/problem.ts";
import type { SolveOptions } from "../../solve/solve.ts";
import { insulated } from "../support/problems.ts";
import { randomSections } from "../support/random_parts.ts";
import "../support/same_cases.ts";
import { near, solved } from "../support/solved.ts";

const runs = (most: number) => ({ numRuns: Number(process.env.LAPLACE_RUNS ?? most) });

/** Solves a random section; undefined where it is refused by a message. */
async function attempt(problem: Problem, options: SolveOptions = {}) {
  try {
    return await solved(problem, options);
  } catch (error) {
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

test("what flows in balances, whatever the parts are", async () => {
  await fc.assert(
    fc.asyncProperty(randomSections(10), async (problem) => {
      const found = await attempt(problem);
      if (!found) return;
      const { results, status } = found;
      assert.ok(["converged", "stalled"].includes(status), status);
      const fluxes = [...Object.values(results!.edges), ...Object.values(results!.parts)].map(({ flux }) =>
        Math.abs(flux)
      );
      const size = fluxes.reduce((sum, flux) => sum + flux, Math.abs(results!.source));
      near(results!.imbalance, 0, 1e-9 * Math.max(1, size), "imbalance");
      for (const [name, { total }] of problem.parts!.map((part) => [part.name, part] as const)) {
        if (total === undefined) continue;
        assert.ok(results!.parts[name]!.area > 0, name);
      }
    }),
    runs(150),
  );
});

test("every method has the same field, or refuses the problem", async () => {
  const methods: readonly Method[] = ["direct", "spectral", "cg", "sor"];
  await fc.assert(
    fc.asyncProperty(randomSections(9), fc.constantFrom(...methods), async (problem, method) => {
      const wanted = await attempt(problem);
      if (!wanted) return;
      let found;
      try {
        found = await attempt(problem, { method });
      } catch (error) {
        if (error instanceof ConfigError) return;
        throw error;
      }
      const size = Math.max(1, wanted.results!.max.value, -wanted.results!.min.value);
      found!.u.forEach((value, n) => {
        if (Number.isNaN(wanted.u[n]!)) assert.ok(Number.isNaN(value), `${n}`);
        else near(value, wanted.u[n]!, 1e-8 * size, `${method}, ${n}`);
      });
    }),
    runs(200),
  );
});

/** A problem whose conductivities, and all that is relative to them, are larger by a factor. */
function scaled(problem: Problem, factor: number): Problem {
  const times = (value: unknown) => Number(value) * factor;
  const edges = Object.entries(problem.edges!).map(([name, edge]) => {
    if (typeof edge !== "object") return [name, edge];
    if ("flux" in edge) return [name, { flux: times(edge.flux) }];
    return [name, "convection" in edge ? { convection: { ...edge.convection, h: times(edge.convection.h) } } : edge];
  });
  return {
    ...problem,
    conductivity: factor,
    source: times(problem.source),
    edges: Object.fromEntries(edges),
    parts: problem.parts!.map((part): PartInput => ({
      ...part,
      ...(part.conductivity !== undefined && { conductivity: times(part.conductivity) }),
      ...(part.source !== undefined && { source: times(part.source) }),
      ...(part.total !== undefined && { total: times(part.total) }),
      ...(part.charge !== undefined && { charge: times(part.charge) }),
    })),
  };
}

test("a factor of all conductivities, sources, fluxes and charges leaves the field, and is one of fluxes and energy", async () => {
  await fc.assert(
    fc.asyncProperty(randomSections(8), fc.constantFrom(7, 1e-3, 1e30), async (problem, factor) => {
      const found = await attempt(problem);
      if (!found) return;
      const other = await attempt(scaled(problem, factor));
      const size = Math.max(1, found.results!.max.value, -found.results!.min.value);
      other!.u.forEach((value, n) => value === value && near(value, found.u[n]!, 1e-8 * size, `${n}`));
      near(other!.results!.energy / factor, found.results!.energy, 1e-8 * Math.max(1, found.results!.energy), "energy");
    }),
    runs(60),
  );
});

test("half of what is symmetric has half of its flux behind an insulated edge, whatever lies on the edge", async () => {
  const h = 1 / 16;
  for (
    const role of [{ value: 2 }, { conductivity: 5 }, { conductivity: 5, source: 3 }, { hole: true }, { source: 3 }]
  ) {
    const part = { name: "part", kind: "circle", center: [0.53, 0], radius: 0.31, ...role } as PartInput;
    const common = { spacing: [h, h] as const, parts: [part] };
    const whole = await solved({
      ...common,
      shape: [17, 33],
      origin: [0, -1],
      edges: { ...insulated, north: 1, south: 0 },
    });
    const half = await solved({ ...common, shape: [17, 17], edges: { ...insulated, north: 1, south: 0 } });
    for (let i = 0; i < 17; i++) {
      for (let j = 0; j < 17; j++) {
        const [a, b] = [whole.u[i * 33 + 16 + j]!, half.u[i * 17 + j]!];
        assert.ok(Math.abs(a - b) < 1e-11 || (Number.isNaN(a) && Number.isNaN(b)), `${i}, ${j}: ${b}, expected ${a}`);
      }
    }
    const [all, one] = [whole.results!, half.results!];
    near(one.edges.north!.flux, all.edges.north!.flux / 2, 1e-11, "north");
    near(one.parts.part!.flux, all.parts.part!.flux / 2, 1e-10, "part");
    near(one.parts.part!.area, all.parts.part!.area / 2, 1e-12, "area");
    near(one.source, all.source / 2, 1e-12, "source");
  }
});
