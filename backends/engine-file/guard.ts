/**
 * Stands between the core and a plugin from a file: what the plugin throws, or returns wrongly, becomes an error of one line
 * that names it. It cannot help against a plugin that hangs or ends the process.
 *
 * @module
 */

import type { Backend, Collective, Probe, Session, Stencil } from "../../core/contract.ts";
import { arrayType } from "../../core/dtype.ts";
import { ConfigError, counted } from "../../core/errors.ts";

/** Local. Wraps a plugin; `path` is how the user named it. */
export function guarded(backend: Backend, path: string): Backend {
  const fail = (what: string) => new ConfigError(`The plugin "${path}" is at fault: ${what}`);
  /** What to throw for what a member throws: a ConfigError of its own is the user's fault, not the plugin's. */
  const blame = (member: string, cause: unknown) => {
    if (cause instanceof Error && cause.name === "ConfigError") return cause;
    if (cause instanceof RangeError) return cause;
    return fail(`${member} throws ${cause instanceof Error ? cause.message : String(cause)}`);
  };
  const call: Call = {
    async later<T>(member: string, action: () => T): Promise<Awaited<T>> {
      try {
        return await action();
      } catch (cause) {
        throw blame(member, cause);
      }
    },
    now(member, action) {
      try {
        return action();
      } catch (cause) {
        throw blame(member, cause);
      }
    },
  };
  const { apiVersion, name, summary, methods, dtypes, stencils, bitwise } = backend;
  return {
    // Not by spreading: what is a member of a class would be lost.
    ...{ apiVersion, name, summary, methods, dtypes, stencils, bitwise },
    ...passedOn(backend, OF_BACKEND, call),
    async probe(): Promise<Probe> {
      try {
        const probe = await backend.probe();
        if (probe.available && typeof probe.device === "string" && Number.isFinite(probe.score)) return probe;
        if (!probe.available && typeof probe.reason === "string") return probe;
        return { available: false, reason: "its probe gives neither device and score nor a reason" };
      } catch (cause) {
        return {
          available: false,
          reason: `its probe throws ${cause instanceof Error ? cause.message : String(cause)}`,
        };
      }
    },
    async open(stencil, plan, domain) {
      const session = await call.later("open", () => backend.open(stencil, plan, domain));
      for (const member of ["advance", "read", Symbol.asyncDispose] as const) {
        if (typeof session?.[member] !== "function") throw fail(`its session has no ${String(member)}`);
      }
      return guardedSession(session, stencil, call, fail);
    },
  };
}

/** Calls a member of the plugin, and says in an error of one line what it throws. */
interface Call {
  readonly later: <T>(member: string, action: () => T) => Promise<Awaited<T>>;
  readonly now: <T>(member: string, action: () => T) => T;
}

/** How a member is passed on: a value as it is, a call that may be awaited, or one that answers at once. */
type Way = "value" | keyof Call | { readonly [member: string]: Way };

/** The members of T that may be absent. */
type Optional<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];

// A new optional member of the contract does not compile until it stands here.
const OF_BACKEND: Readonly<Record<Optional<Backend>, Way>> = {
  settings: "value",
  distributed: "value",
  auto: "value",
  estimate: "now",
};
const OF_SESSION: Readonly<Record<Optional<Session>, Way>> = {
  about: "value",
  write: "later",
  restart: "later",
  prepare: "later",
  errorFactor: "later",
  errorBound: "later",
  pass: "now",
  collective: { agree: "later", store: "later", abort: "now" } satisfies Record<keyof Collective, Way>,
};

/** Those of the listed members that an object has. */
function passedOn(from: object, ways: Readonly<Record<string, Way>>, call: Call): object {
  const members = Object.entries(ways).map(([name, way]) => [name, way, from[name as never] as unknown] as const);
  return Object.fromEntries(
    members.filter(([, , member]) => member !== undefined).map(([name, way, member]) => {
      if (way === "value") return [name, member];
      if (typeof way === "object") return [name, passedOn(member as object, way, call)];
      const method = member as (...args: unknown[]) => unknown;
      return [name, (...args: unknown[]) => call[way](name, () => method.apply(from, args))];
    }),
  );
}

function guardedSession(session: Session, stencil: Stencil, call: Call, fail: (what: string) => Error): Session {
  let done = 0;
  const points = stencil.shape[0] * stencil.shape[1];
  const { rank = 0, ranks = 1, threads = 1 } = session;
  const owned = session.owned ?? { rows: [0, stencil.shape[0]], cols: [0, stencil.shape[1]] };
  return {
    rank,
    ranks,
    threads,
    owned,
    async advance(sweeps, options) {
      const batch = await call.later("advance", () => session.advance(sweeps, options));
      done += sweeps;
      if (batch?.sweeps !== done) {
        throw fail(`advance counts ${counted(String(batch?.sweeps), "sweep")} in all, not ${done}`);
      }
      for (const norm of ["change", "residual"] as const) {
        // NaN is allowed: it says that the field is not finite.
        if (typeof batch[norm] !== "number" || batch[norm] < 0) throw fail(`advance gives ${batch[norm]} as ${norm}`);
      }
      return batch;
    },
    async read(scope) {
      const data = await call.later("read", () => session.read(scope));
      const array = arrayType(stencil.dtype);
      const fits = data instanceof array && (scope === "owned" || data.length === points);
      if (!fits && !(data === undefined && rank > 0)) {
        throw fail(`read does not give ${points} numbers in a ${array.name}`);
      }
      return data;
    },
    ...passedOn(session, OF_SESSION, call),
    ...(session.restart && {
      async restart(other: Stencil) {
        await call.later("restart", () => session.restart!(other));
        done = 0;
      },
    }),
    async [Symbol.asyncDispose]() {
      await call.later("asyncDispose", () => session[Symbol.asyncDispose]());
    },
  };
}
