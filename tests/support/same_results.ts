/**
 * Compares the results of solves number by number, from plugin to plugin and from ranks to one. Not a test itself.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { jsKernels } from "../../backends/js/kernels.ts";
import { loadPlugin } from "../../backends/registry.ts";
import { required } from "../../conformance/required.ts";
import type { GridData, Method } from "../../core/contract.ts";
import type { lower } from "../../core/discretize/lower.ts";
import type { Results } from "../../core/results.ts";
import { openSession } from "../../core/session.ts";
import { distribute } from "./in_process_ranks.ts";
import { near } from "./solved.ts";

/** All numbers that are values, by path; places may be those of another node with the same value. */
function* values(results: unknown, path = ""): Generator<[string, number]> {
  if (typeof results === "number") yield [path, results];
  else if (typeof results === "object" && results !== null) {
    for (const [key, part] of Object.entries(results)) if (key !== "at") yield* values(part, `${path}.${key}`);
  }
}

/** Fails unless results agree to a part of the largest of them, or of 1; means of holes are NaN. */
export function assertAlike(found: Results, wanted: Results, tolerance: number): void {
  const expected = new Map(values(wanted));
  const size = Math.max(1, ...[...expected.values()].filter((value) => !Number.isNaN(value)).map(Math.abs));
  assert.deepEqual([...values(found)].map(([path]) => path), [...expected.keys()]);
  for (const [path, value] of values(found)) {
    const other = expected.get(path)!;
    if (Number.isNaN(other)) assert.ok(Number.isNaN(value) && path.startsWith(".parts."), path);
    else near(value, other, tolerance * size, path);
  }
}

/** Tests each of some plugins, or skips it and says why. */
export async function testPlugins(
  names: readonly string[],
  body: (plugin: string, methods: readonly Method[]) => Promise<void>,
): Promise<void> {
  for (const name of names) {
    const { methods, ...backend } = await loadPlugin(name);
    const probe = await backend.probe();
    const skip = !probe.available && !required(name);
    const reason = probe.available ? "" : ` (${probe.reason})`;
    test(`${name} has the results of js${reason}`, { skip }, () => body(name, methods));
  }
}

/** Fails unless 1 to 5 ranks have the results and the field of one, after some sweeps. @returns the field, as files have it */
export async function overRanks(stencil: ReturnType<typeof lower>): Promise<readonly number[]> {
  const [ny, nx] = stencil.shape;
  const plan = { method: "jacobi", settings: {} } as const;
  let wanted: { results: Results; field: readonly number[] } | undefined;
  for (const grid of [[1, 1], [2, 1], [1, 3], [2, 2], [5, 1]] as const) {
    const { domains } = distribute(stencil.shape, grid, stencil.periodic, 1);
    const field = new Array<number>(ny * nx).fill(Infinity);
    const all = await Promise.all(domains.map(async (domain) => {
      const store = (owned: GridData) => {
        const { rows: [r0, r1], cols: [c0, c1] } = domain.owned;
        for (let i = r0, n = 0; i < r1; i++) {
          for (let j = c0; j < c1; j++) field[i * nx + j] = owned[n++]!;
        }
      };
      await using session = await openSession(jsKernels(), stencil, plan, { ...domain, store });
      await session.advance(50);
      const results = await stencil.results((await session.read("owned"))!, session);
      if (session.collective) await session.collective.store!("", 0);
      else store((await session.read("global"))!.map((value, n) => stencil.excluded?.[n] ? NaN : value));
      return results;
    }));
    for (const results of all) assert.deepEqual(results, all[0]);
    const results = all[0]!;
    wanted ??= { results, field };
    assertAlike(results, wanted.results, 1e-12);
    assert.deepEqual([results.min.at, results.max.at], [wanted.results.min.at, wanted.results.max.at]);
    assert.deepEqual(field, wanted.field);
  }
  return wanted!.field;
}
