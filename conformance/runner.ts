/**
 * Registers the suite with a test runner.
 *
 * @module
 */

import process from "node:process";
import type { Backend } from "../core/contract.ts";
import { withFix } from "../core/errors.ts";
import type { ConformanceOptions } from "./check.ts";
import { required } from "./required.ts";
import { conformance } from "./suite.ts";

/** What registers one test: `test` of `node:test`, or anything called alike. */
export type TestFunction = (name: string, options: { skip?: boolean }, run: () => Promise<void>) => void;

/** How the suite is registered. */
export interface TestBackendOptions extends ConformanceOptions {
  /** Default: `test` of `node:test`, which runs on Deno, Bun and Node. */
  readonly test?: TestFunction;
}

/**
 * Local. Registers each check of a backend as a test, named after the backend. A backend that cannot run here is one
 * skipped test that gives the reason; a failing one if the environment variable `LAPLACE_REQUIRE` (names, with commas
 * between) has its name. `LAPLACE_SEED` draws other random problems.
 *
 * @example
 * ```ts ignore
 * import backend from "./mod.ts";
 * import { testBackend } from "@laplace/laplace/conformance";
 *
 * await testBackend(backend);
 * ```
 */
export async function testBackend(backend: Backend, options: TestBackendOptions = {}): Promise<void> {
  const test = options.test ?? (await import("node:test")).test as TestFunction;
  const { name } = backend;
  const probe = await backend.probe();
  if (!probe.available) {
    const reason = withFix(probe);
    if (required(name)) {
      test(`${name}: is available`, {}, () => {
        throw new Error(`LAPLACE_REQUIRE names "${name}", and it cannot run here: ${reason}`);
      });
    } else test(`${name}: skipped, it cannot run here: ${reason}`, { skip: true }, () => Promise.resolve());
    return;
  }
  const seed = options.seed ?? numberOf(process.env.LAPLACE_SEED);
  for (const check of conformance(backend, { ...options, ...(seed !== undefined && { seed }) })) {
    if (check.skip === undefined) test(`${name}: ${check.name}`, {}, () => check.run());
    else test(`${name}: ${check.name}: ${check.skip}`, { skip: true }, () => check.run());
  }
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}
