/**
 * The list of all checks, for whatever a backend offers.
 *
 * @module
 */

import { type Backend, type Dtype, METHODS, type StencilKind } from "../core/contract.ts";
import { arithmeticChecks } from "./arithmetic.ts";
import type { Check, ConformanceOptions } from "./check.ts";
import { isFormula, type Subject } from "./compare.ts";
import { multigridChecks } from "./multigrid.ts";
import { physicsChecks } from "./physics.ts";
import { randomChecks } from "./random.ts";
import { sessionChecks } from "./sessions.ts";
import { solverChecks } from "./solvers.ts";
import { settingChecks } from "./settings.ts";

const DTYPES: readonly Dtype[] = ["f64", "f32"];
const KINDS: readonly StencilKind[] = ["plain", "weighted"];

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
      ...(isFormula(subject.method)
        ? [...arithmeticChecks(subject), ...randomChecks(subject, options)]
        : subject.method === "multigrid"
        ? multigridChecks(subject, options)
        : solverChecks(subject)),
      ...physicsChecks(subject),
      ...sessionChecks(subject),
    ].map((check) => ({ ...check, name: `${subject.dtype} ${subject.kind} ${subject.method}: ${check.name}` }))
  );
  const [first] = subjects;
  return [...(first ? settingChecks(first) : []), ...checks, ...missing];
}
