/**
 * The suite that every backend must pass, whatever runs it: `laplace check`, or a test runner.
 *
 * @example In a plugin's test file, for Deno (`deno test -A`) and Bun (`bun test`) alike:
 * ```ts
 * import backend from "../backends/js/mod.ts";
 * import { testBackend } from "./mod.ts";
 *
 * const names: string[] = [];
 * await testBackend(backend, { test: (name) => void names.push(name) });
 * console.log(names[0]); // js: describes itself
 * ```
 *
 * @module
 */

import type { Backend, Dtype, Method, StencilKind } from "../core/contract.ts";
import { arithmeticChecks } from "./arithmetic.ts";
import type { Subject } from "./compare.ts";
import { physicsChecks } from "./physics.ts";
import { randomChecks } from "./random.ts";
import { sessionChecks } from "./sessions.ts";
import { settingChecks } from "./settings.ts";

export { testBackend, type TestBackendOptions, type TestFunction } from "./runner.ts";

/** One thing that a backend must do. */
export interface Check {
  /** What must hold, in words. */
  readonly name: string;
  /** Why there is nothing to run: the backend does not offer it. */
  readonly skip?: string;
  /** Collective. @throws Error that says what differs. */
  run(): Promise<void>;
}

/** How the random checks are drawn. */
export interface ConformanceOptions {
  /** Of the random problems; the same on every rank. */
  readonly seed?: number;
  /** Random problems per check; default 4. */
  readonly runs?: number;
}

const DTYPES: readonly Dtype[] = ["f64", "f32"];
const KINDS: readonly StencilKind[] = ["plain", "weighted"];
const METHODS: readonly Method[] = ["jacobi", "sor"];

/**
 * Local. Lists what a backend must do: every dtype with every stencil form and method that it offers. What it does not
 * offer is in the list too, with the reason. Nothing is opened yet; checks run one after another, in any order.
 */
export function conformance(backend: Backend, options: ConformanceOptions = {}): Check[] {
  const subjects: Subject[] = [];
  const missing: Check[] = [];
  const offers = <T extends string>(all: readonly T[], some: readonly T[]) =>
    all.filter((one) => {
      if (some.includes(one)) return true;
      missing.push({ name: `${one}`, skip: "not offered", run: () => Promise.resolve() });
      return false;
    });
  const dtypes = offers(DTYPES, backend.dtypes);
  const kinds = offers(KINDS, backend.stencils);
  const methods = offers(METHODS, backend.methods);
  for (const dtype of dtypes) {
    for (const kind of kinds) for (const method of methods) subjects.push({ backend, dtype, kind, method });
  }
  const checks = subjects.flatMap((subject) =>
    [
      ...arithmeticChecks(subject),
      ...physicsChecks(subject),
      ...randomChecks(subject, options),
      ...sessionChecks(subject),
    ].map((check) => ({ ...check, name: `${subject.dtype} ${subject.kind} ${subject.method}: ${check.name}` }))
  );
  const [first] = subjects;
  return [...(first ? settingChecks(first) : []), ...checks, ...missing];
}
