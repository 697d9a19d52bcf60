/**
 * Solves with holes: regions that they cut off, edges that they cover, and what the field is inside of them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ProblemError } from "../../core/errors.ts";
import type { PartInput } from "../../core/problem/parts.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { insulated } from "../support/problems.ts";
import { acrossX, bar, kernel, unit } from "../support/sections.ts";
import { near, resultsOf, solved } from "../support/solved.ts";

/** Refuses a problem with this message. */
async function refuses(problem: Problem, message: RegExp): Promise<void> {
  await assert.rejects(solved(problem), (error) => error instanceof ProblemError && message.test(error.message));
}

const ring: PartInput = { name: "ring", kind: "ring", center: [0.5, 0.5], radii: [0.2, 0.22], hole: true };

test("a region that holes cut off must be held", async () => {
  const message =
    /^parts cut off a region that is held nowhere, with the node at x = [\d.]+, y = [\d.]+: hold a part of it/;
  await refuses({ ...unit, edges: acrossX, parts: [ring] }, message);
  await refuses({ ...unit, edges: acrossX, parts: [ring, kernel({ charge: 0 })] }, message);
  await refuses({ ...unit, edges: acrossX, parts: [ring, kernel({ conductivity: 3 })] }, message);
  await refuses({ ...unit, edges: insulated, parts: [bar("x", 0.51, 0.53, { hole: true })] }, message);
  await refuses({ ...unit, edges: { ...insulated, west: 1 }, parts: [bar("x", 0.51, 0.53, { hole: true })] }, message);
  await refuses({ ...unit, parts: [bar("x", -1, 3, { hole: true })] }, /^parts\[0\]: holes leave no node of the plate/);
  const held = await resultsOf({ ...unit, edges: acrossX, parts: [ring, kernel({ value: 5 })] });
  near(held.parts.kernel!.flux, 0, 1e-11, "flux");
  near(held.max.value, 5, 1e-12, "max");
  const convects = { ...insulated, west: 1, east: { convection: { h: 2, ambient: 3 } } };
  const { edges } = await resultsOf({ ...unit, edges: convects, parts: [bar("x", 0.51, 0.53, { hole: true })] });
  near(edges.east!.mean, 3, 1e-12, "east");
});

test("a single region that is held nowhere has the mean 0, and must balance", async () => {
  const hole: PartInput = { name: "hole", kind: "circle", center: [0.5, 0.5], radius: 0.21, hole: true };
  const edges = { ...insulated, west: { flux: -1 }, east: { flux: 1 } };
  const { edges: found, integral, energy } = await resultsOf({ ...unit, edges, parts: [hole] });
  near(found.west!.flux, -1, 1e-12, "west");
  near(integral, 0, 1e-12, "integral");
  near(found.east!.mean, -found.west!.mean, 1e-12, "mean");
  near(energy, found.east!.mean, 1e-12, "energy");
  await refuses(
    { ...unit, edges: { ...insulated, east: { flux: 1 } }, parts: [hole] },
    /^source and fluxes do not balance/,
  );
  await refuses(
    { ...unit, edges: insulated, parts: [kernel({ charge: 1 })] },
    /^charges, sources and fluxes do not balance/,
  );
  // A conductor that floats among what is held.
  const { parts } = await resultsOf({
    ...unit,
    edges: insulated,
    parts: [kernel({ charge: 0 }), bar("x", -1, 0.1, { value: 7 })],
  });
  near(parts.kernel!.value!, 7, 1e-11, "value");
});

test("holes take their piece of edges: nothing flows in there", async () => {
  const hole: PartInput = { name: "hole", kind: "circle", center: [0.5, 0], radius: 0.2, hole: true };
  const flux = await resultsOf({ ...unit, edges: { ...insulated, west: { flux: 1 }, east: 0 }, parts: [hole] });
  near(flux.edges.west!.flux, 0.6, 1e-11, "flux");
  const h = await resultsOf({
    ...unit,
    edges: { ...insulated, west: { convection: { h: 1e-6, ambient: 1 } }, east: 0 },
    parts: [hole],
  });
  near(h.edges.west!.flux, 0.6e-6, 1e-11, "convection");
});

test("u is NaN inside of holes, and results ignore them", async () => {
  const parts = [{ name: "hole", kind: "circle", center: [0.5, 0.5], radius: 0.25, hole: true }] as const;
  const problem: Problem = { ...unit, edges: { ...acrossX, west: 101, east: 100 }, parts };
  const { u, results, spread } = await solved({ ...problem, probes: [{ name: "inside", at: [0.5, 0.5] }] });
  assert.ok(Number.isNaN(u[8 * 17 + 8]!));
  const missing = u.filter((value) => value !== value).length;
  assert.ok(missing > 20 && missing < 60, `${missing} nodes`);
  assert.deepEqual([results!.min.value, results!.max.value, spread], [100, 101, 1]);
  near(results!.integral, 100.5 * (1 - Math.PI * 0.0625), 0.2, "integral");
  assert.ok(Number.isNaN((results!.probes.inside as { value: number }).value));
  const { discretisationError, estimates } = await solved({ ...problem }, { estimate: true });
  assert.ok(discretisationError! > 0 && discretisationError! < 0.01, `${discretisationError}`);
  assert.ok(estimates!.edges.west!.flux < 0.02);
});
