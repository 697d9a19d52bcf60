/**
 * Selects the plugin and the method of a solve: those that are named, or with `auto` the best of those that can. Each
 * candidate gets a verdict once; where none is left, the verdicts make the message.
 *
 * @module
 */

import { loadPlugin, registry, requireAvailable } from "../backends/registry.ts";
import type { Backend, Method } from "../core/contract.ts";
import type { Lowered } from "../core/analysis.ts";
import { ConfigError, suggest, UnavailableError, withFix } from "../core/errors.ts";
import { type Memory, unable, unfit } from "../core/methods/memory.ts";
import { launcher } from "../mpi/library.ts";
import { cheapestMethod, chooseMethod, planFor, type SolvePlan } from "../core/methods/plan.ts";

/** The request, by name or `auto`. */
export interface Asked {
  readonly plugin: string;
  readonly method: Method | "auto";
  /** Settings of the plugin, and `omega` of sor. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The plugin and the method that were selected. */
export interface Selection {
  readonly backend: Backend;
  /** What the backend runs on. */
  readonly device: string;
  /** Why this plugin, in words. */
  readonly why: string;
  readonly plan: SolvePlan;
  /** Why this method, in words. */
  readonly whyMethod: string;
}

/** Whether a plugin can do what is asked. */
type Verdict =
  | { readonly ok: true; readonly device: string; readonly score: number }
  /**
   * `absent`: it cannot run here at all; `broken`: though it should. `misfit`: a setting whose value it refuses, and what
   * it expects.
   */
  | {
    readonly ok: false;
    readonly reason: string;
    readonly absent?: true;
    readonly broken?: true;
    readonly misfit?: Misfit;
  };

interface Misfit {
  readonly name: string;
  readonly expects: string;
}

/** A plugin with its verdict. */
interface Candidate {
  readonly backend: Backend;
  readonly verdict: Verdict;
}

/**
 * Local. Selects plugin and method for a stencil. A named plugin is never replaced.
 *
 * @param memory that may be used; undefined if unknown
 * @throws ConfigError if what is named does not exist, or does not go together.
 * @throws UnavailableError if the plugin, or none, can run it here.
 */
export async function select(stencil: Lowered, asked: Asked, memory: Memory | undefined): Promise<Selection> {
  const { plugin, settings } = asked;
  const planOf = (backend: Backend, method: Method) => planFor(backend, stencil, method, settings);
  const fits = (backend: Backend, method: Method) => unfit(backend, stencil, planOf(backend, method), memory);
  // Whether a large problem separates takes long to find out. So plugins are asked about the method that needs the least.
  const firstMethod = (backend: Backend) =>
    asked.method === "auto" ? cheapestMethod(backend, stencil, settings) : asked.method;
  let taken: { readonly backend: Backend; readonly device: string; readonly why: string };
  if (plugin === "auto") {
    const judge = async (backend: Backend): Promise<Verdict> => {
      const early = refusal(unable(backend, stencil) ?? unworthy(backend, stencil));
      if (early) return early;
      const probe = await backend.probe();
      if (!probe.available) {
        const { reason, broken } = probe;
        if (!broken) return { ok: false, reason, absent: true };
        return { ok: false, reason: withFix(probe), absent: true, broken };
      }
      const { device, score } = probe;
      return lack(backend, asked) ?? refusal(fits(backend, firstMethod(backend))) ?? { ok: true, device, score };
    };
    const candidates: Candidate[] = [];
    // The highest score first: what cannot do better than one that can is not even loaded.
    for (const { load, score } of Object.values(registry).sort((a, b) => b.score - a.score)) {
      if (candidates.some(({ verdict }) => verdict.ok && verdict.score >= score)) break;
      const { default: backend } = await load();
      candidates.push({ backend, verdict: await judge(backend) });
    }
    taken = best(candidates) ?? fail(candidates, settings);
  } else {
    const backend = await loadPlugin(plugin);
    const { device } = await requireAvailable(backend);
    const why = fits(backend, firstMethod(backend));
    if (why !== undefined) throw new UnavailableError(`Cannot run "${backend.name}" here: ${why}`);
    taken = { backend, device, why: "named" };
  }
  const { backend } = taken;
  const { method, why: whyMethod } = asked.method === "auto"
    ? chooseMethod(backend, stencil, settings, (method) => fits(backend, method))
    : { method: asked.method, why: "named" };
  return { ...taken, plan: planOf(backend, method), whyMethod };
}

// ---- helpers ----

/** Why `auto` does not even probe a plugin, whose libraries take longer to open than it could save; or undefined. */
function unworthy(backend: Backend, { shape: [ny, nx] }: Lowered): string | undefined {
  const { fromPoints = 0 } = backend.auto ?? {};
  if (ny * nx < fromPoints) return `auto takes it from ${fromPoints} points on`;
  if (backend.distributed && (launcher()?.processes ?? 1) === 1) {
    return "auto takes it where several ranks were launched";
  }
  return undefined;
}

/** What a plugin that was not named lacks; or undefined. */
function lack({ methods, settings: known = {} }: Backend, { method, settings }: Asked): Verdict | undefined {
  if (method !== "auto" && !methods.includes(method)) return refusal(`it has no ${method}`);
  for (const name of Object.keys(settings)) {
    if (name === "omega" && !methods.includes("sor")) return refusal("it has no sor");
    if (name !== "omega" && !Object.hasOwn(known, name)) return refusal(`it has no setting "${name}"`);
  }
  for (const [name, text] of Object.entries(settings)) {
    const spec = Object.hasOwn(known, name) ? known[name] : undefined;
    if (spec === undefined || spec.parse(text) !== undefined) continue;
    const { expects } = spec;
    return { ok: false, reason: `its setting "${name}" must be ${expects}`, misfit: { name, expects } };
  }
  return undefined;
}

function refusal(reason: string | undefined): Verdict | undefined {
  return reason === undefined ? undefined : { ok: false, reason };
}

/** The first of the highest score; undefined if none can. */
function best(candidates: readonly Candidate[]) {
  const able = candidates.flatMap(({ backend, verdict }) => verdict.ok ? [{ backend, ...verdict }] : []);
  const score = Math.max(...able.map(({ score }) => score));
  const first = able.find((one) => one.score === score);
  const why = `auto: the best score here, ${score}`;
  const better = candidates.flatMap(({ backend: { name }, verdict }) => {
    const { score: most = 0 } = registry[name] ?? {};
    return !verdict.ok && verdict.broken && most > score ? [{ name, most, reason: verdict.reason }] : [];
  }).sort((a, b) => b.most - a.most)[0];
  return first && { ...first, why: better ? `${why}; not ${better.name}: ${better.reason}` : why };
}

/** @throws what the verdicts amount to: a setting that no plugin has, or a value that none accepts, is the user's mistake */
function fail(candidates: readonly Candidate[], settings: Asked["settings"]): never {
  const refused = candidates.flatMap(({ backend, verdict }) => verdict.ok ? [] : [{ backend, ...verdict }]);
  const here = refused.filter(({ absent }) => !absent);
  const known = new Set(["omega", ...here.flatMap(({ backend }) => Object.keys(backend.settings ?? {}))]);
  const unknown = Object.keys(settings).find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new ConfigError(`No plugin here has a setting "${unknown}"${suggest(unknown, [...known])}`);
  }
  const misfits = refused.flatMap(({ misfit }) => misfit ?? []);
  if (misfits[0]) {
    const { name } = misfits[0];
    const fitting = new Set(misfits.filter((misfit) => misfit.name === name).map(({ expects }) => expects));
    throw new ConfigError(
      `Setting "${name}" of any plugin here must be ${[...fitting].join("; or ")}: it is "${settings[name]}"`,
    );
  }
  const reasons = refused.map(({ backend, reason }) => `${backend.name}: ${reason}`);
  throw new UnavailableError(`No plugin can run this here: ${reasons.join("; ")}`);
}
