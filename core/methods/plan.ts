/**
 * The plan of a solve: a method that the backend has and the stencil allows, its relaxation factor, and settings that
 * belong to it.
 *
 * @module
 */

import type { Backend, Method, Plan, SweepOptions } from "../contract.ts";
import type { Lowered } from "../analysis.ts";
import { ConfigError, suggest } from "../errors.ts";
import { chooseMethod, methodSettings } from "./auto.ts";
import { optimalOmega } from "./sor.ts";
import { traits } from "./traits.ts";

/** A plan, and the relaxation factor that its first batches have. */
export interface SolvePlan extends Plan {
  readonly omega: number;
}

/** Local. How the first batches of a plan sweep. */
export function sweepOptions({ method, omega }: SolvePlan): SweepOptions {
  return method === "sor" ? { omega } : {};
}

/**
 * Local. Fills in the method for a stencil on a backend, and its relaxation factor.
 *
 * @param method `auto`: what {@linkcode chooseMethod} prefers
 * @param settings those of the plugin, and `omega`, the factor of sor
 * @throws ConfigError if the backend lacks the method, or omega is out of range.
 */
export function planFor(
  backend: Backend,
  stencil: Lowered,
  method: Method | "auto",
  settings: Readonly<Record<string, string>>,
): SolvePlan {
  const { omega: given, ...rest } = settings;
  const chosen = method === "auto" ? chooseMethod(backend, stencil, settings).method : method;
  if (!backend.methods.includes(chosen)) {
    throw new ConfigError(`"${backend.name}" has no method "${chosen}"${suggest(chosen, backend.methods)}`);
  }
  const conflict = traits[chosen].fails?.(stencil);
  if (conflict !== undefined) throw new ConfigError(`Cannot use method "${chosen}": ${conflict}`);
  for (const { name, method: only } of methodSettings(backend, settings)) {
    if (chosen === only) continue;
    throw new ConfigError(`Setting "${name}" belongs to method "${only}": the method is "${chosen}"`);
  }
  const omega = given === undefined ? optimalOmega(stencil.analysis) : Number(given);
  if (given?.trim() === "" || !(omega > 0 && omega < 2)) {
    throw new ConfigError(`Setting "omega" must be greater than 0 and less than 2: it is "${given}"`);
  }
  return { method: chosen, omega, settings: rest };
}
