/**
 * The plan of a solve: a method that the backend has and the stencil allows, its relaxation factor, and settings that
 * belong to it. Here is the rule of `--method auto`, too, from the stencil and from what a backend declares: bench/auto.ts
 * measures what it rests on, and docs/methods.md has the table.
 *
 * @module
 */

import type { Backend, Method, Plan, Stencil, SweepOptions } from "../contract.ts";
import type { Lowered } from "../analysis.ts";
import { ConfigError, suggest } from "../errors.ts";
import { isSemicoarsened } from "./hierarchy.ts";
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
  const omega = given === undefined ? Math.min(optimalOmega(stencil.analysis), LARGEST_OMEGA) : Number(given);
  if (given?.trim() === "" || !(omega > 0 && omega < 2)) {
    throw new ConfigError(`Setting "omega" must be greater than 0 and less than 2: it is "${given}"`);
  }
  return { method: chosen, omega, settings: rest };
}

/** Below 2, to which the optimal factor is rounded where the spectral gap is tiny. */
const LARGEST_OMEGA = 2 - 2 ** -40;

/** A method, and the reason in words. */
export interface Chosen {
  readonly method: Method;
  readonly why: string;
}

/**
 * Local. Chooses a method: `direct` for problems that separate, where cycles of multigrid take longer; else `multigrid`; where
 * neither is possible, `sor`, `cg` or `jacobi`.
 *
 * @param settings those given, some of which ask for a method
 * @param unfit why a method does not fit here, such as into memory; or undefined
 */
export function chooseMethod(
  backend: Backend,
  stencil: Stencil,
  settings: Readonly<Record<string, string>> = {},
  unfit: (method: Method) => string | undefined = () => undefined,
): Chosen {
  const [asking] = methodSettings(backend, settings);
  if (asking) return { method: asking.method, why: `auto: the setting "${asking.name}" is for it` };
  const { first, why } = preferred(backend, stencil);
  const second = first === "direct" ? "multigrid" : "direct";
  const lacking: Method[] = [];
  const refused: string[] = [];
  const reasons = () => [...(lacking.length > 0 ? [`the plugin has no ${lacking.join(", ")}`] : []), ...refused];
  for (const method of [first, second, "sor", "cg", "jacobi"] as const) {
    if (!backend.methods.includes(method)) lacking.push(method);
    else {
      const lack = failure(stencil, method) ?? unfit(method);
      if (lack === undefined) return { method, why: `auto: ${reasons().join("; ") || why}` };
      refused.push(`not ${method}: ${lack}`);
    }
  }
  return { method: cheapestMethod(backend, stencil, settings), why: `auto: ${reasons().join("; ")}` };
}

/** By the memory that they need, the least first. */
const MODEST = ["jacobi", "sor", "cg"] as const;

/** Local. Of the methods that could be chosen the one that needs the least memory: if it does not fit, none does. */
export function cheapestMethod(backend: Backend, stencil: Stencil, settings: Readonly<Record<string, string>>): Method {
  const [asking] = methodSettings(backend, settings);
  const able = (method: Method) => backend.methods.includes(method) && failure(stencil, method) === undefined;
  return asking?.method ?? [...MODEST, ...backend.methods].find(able) ?? "jacobi";
}

/** Local. The settings given that belong to one method, and which. */
export function methodSettings(
  { settings: known }: Pick<Backend, "settings">,
  given: Readonly<Record<string, string>>,
): { readonly name: string; readonly method: Method }[] {
  return Object.keys(given).flatMap((name) => {
    const method = name === "omega" ? "sor" : known?.[name]?.method as Method | undefined;
    return method === undefined ? [] : [{ name, method }];
  });
}

/** A period of k × this + 1 points, such as 1025, has an odd number of points on nine levels, each of which slows cycles down. */
const ODD_LEVELS = 2 ** 9;

/** Whether `direct` or `multigrid` is faster if the problem separates, which takes longer to find out and is asked later. */
function preferred(backend: Backend, stencil: Stencil): { first: "direct" | "multigrid"; why: string } {
  const { auto: { directUpTo = Infinity } = {}, methods } = backend;
  const { kind, shape, periodic } = stencil;
  const direct = (why: string) => ({ first: "direct", why: `the problem separates, and ${why}` }) as const;
  if (!methods.includes("multigrid")) return direct("the plugin has no multigrid");
  if (directUpTo === Infinity) return direct("cycles of multigrid take longer in this plugin");
  if (shape[0] * shape[1] <= directUpTo) {
    return direct(`up to ${directUpTo} points cycles of multigrid take longer in this plugin`);
  }
  if (shape.some((n, axis) => periodic[axis] && (n - 1) % ODD_LEVELS === 0)) {
    return direct("around a number of points that is odd on so many levels cycles of multigrid are slow");
  }
  if (kind === "plain" && isSemicoarsened(stencil)) {
    return direct("where points are closer in one direction cycles of multigrid are slow");
  }
  return { first: "multigrid", why: `beyond ${directUpTo} points cycles are the fastest in this plugin` };
}

/** Why a method cannot solve a stencil, without the advice; or undefined. */
function failure(stencil: Stencil, method: Method): string | undefined {
  return traits[method].fails?.(stencil)?.replace(/; use .*/, "");
}
