/**
 * The guard around plugins from files: what it passes on, and what it makes of a plugin at fault.
 *
 * @module
 */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { guarded } from "../../backends/engine-file/guard.ts";
import { loadFile } from "../../backends/engine-file/load.ts";
import js from "../../backends/js/mod.ts";
import type { Backend, Collective, Plan, Session, SweepOptions } from "../../core/contract.ts";
import { lower } from "../../core/discretize/lower.ts";

const stencil = lower({ shape: [5, 5], edges: { north: 1 } });
const plan: Plan = { method: "sor", settings: {} };

/** The reference with another session, guarded. */
function guardedWith(change: (session: Session) => Partial<Session>): Backend {
  const open: Backend["open"] = async (stencil, plan) => {
    const session = await js.open(stencil, plan);
    return Object.assign(session, change({ ...session }));
  };
  return guarded({ ...js, open }, "./mine.ts");
}

/** A value, or a call: what it is called with here, and what it answers. */
type Member = { readonly value: unknown } | { readonly args: readonly unknown[]; readonly answer: unknown };

const call = (answer: unknown, ...args: unknown[]): Member => ({ args, answer });

/** Members of T that may be absent. One that the contract gains does not compile until it stands in each list of them. */
type Members<T> = { readonly [K in keyof T as undefined extends T[K] ? K : never]-?: Member };

const block = { rows: [1, 2], cols: [1, 2] } as const;

const OF_BACKEND: Members<Backend> = {
  settings: { value: { threads: { about: "", expects: "a number", parse: Number } } },
  distributed: { value: true },
  auto: { value: { fromPoints: 100, directUpTo: 200 } },
  estimate: call({ hostBytes: 5, rejects: "it is too large" }, stencil, plan),
};

const OF_SESSION: Members<Omit<Session, "collective">> = {
  about: { value: { device: "an abacus", sharing: { kernel: "js", grid: [2, 1], halo: 3 } } },
  write: call(undefined, block, Float64Array.of(5)),
  restart: call(undefined, stencil),
  prepare: call(undefined),
  errorFactor: call(7),
  errorBound: call(8, 1e-15, 9, 0.1),
  pass: call({ sweeps: 8, width: 100 }),
};

const OF_COLLECTIVE: Members<Collective> & { readonly agree: Member } = {
  agree: call([3], [1, 2]),
  store: call(undefined, "u.npy", 128),
  abort: call(undefined, new Error("no luck")),
};

/** An object that has the members as those of a class: on its prototype, where a copy by spreading leaves them. */
function classy(members: Readonly<Record<string, Member>>, calls: unknown[], base: object = {}): object {
  const made: object = Object.create(Object.create(base));
  for (const [name, member] of Object.entries(members)) {
    Object.defineProperty(Object.getPrototypeOf(made), name, {
      get: () =>
        "value" in member ? member.value : function (this: unknown, ...args: unknown[]) {
          assert.equal(this, made, `${name} is called on its object`);
          calls.push([name, ...args]);
          return member.answer;
        },
    });
  }
  return made;
}

/** Checks that an object has the members, and that they answer. */
async function arrived(object: object, members: Readonly<Record<string, Member>>, calls: unknown[]): Promise<void> {
  for (const [name, member] of Object.entries(members)) {
    const found: unknown = object[name as never];
    if ("value" in member) assert.equal(found, member.value, name);
    else {
      assert.ok(typeof found === "function", `${name} does not arrive`);
      assert.deepEqual(await found(...member.args), member.answer, name);
      assert.deepEqual(calls.splice(0), [[name, ...member.args]]);
    }
  }
}

test("guarded passes on every optional member of the contract, with its arguments, its answer and its object", async () => {
  const calls: unknown[] = [];
  const collective = classy(OF_COLLECTIVE, calls);
  const open: Backend["open"] = async (stencil, plan) =>
    classy({ ...OF_SESSION, collective: { value: collective } }, calls, await js.open(stencil, plan)) as Session;
  const backend = guarded(classy(OF_BACKEND, calls, { ...js, open }) as Backend, "./mine.ts");
  for (const member of Object.keys(js) as (keyof Backend)[]) assert.ok(member in backend, member);
  await arrived(backend, OF_BACKEND, calls);
  const session = await backend.open(stencil, plan);
  await arrived(session, OF_SESSION, calls);
  await arrived(session.collective!, OF_COLLECTIVE, calls);
});

test("guarded leaves out the optional members that a plugin lacks", async () => {
  const backend = guardedWith(() => ({ write: undefined as never }));
  for (const member of Object.keys(OF_BACKEND)) assert.equal(member in backend, member in js, member);
  const session = await backend.open(stencil, plan);
  for (const member of ["about", "write", "pass", "collective"] as const) assert.ok(!(member in session), member);
});

test("guarded passes on how a batch sweeps", async () => {
  const seen: (SweepOptions | undefined)[] = [];
  const backend = guardedWith((session) => ({
    advance(sweeps, options) {
      seen.push(options);
      return session.advance(sweeps, options);
    },
  }));
  const session = await backend.open(stencil, plan);
  await session.advance(1, { omega: 1.5 });
  await session.advance(1, { gaussSeidel: true });
  await session.advance(1);
  assert.deepEqual(seen, [{ omega: 1.5 }, { gaussSeidel: true }, undefined]);
});

test("guarded blames the plugin in one line for what an optional member throws", async () => {
  const luckless = () => {
    throw new Error("no luck");
  };
  const backend = guarded({
    ...guardedWith(() => ({
      errorFactor: luckless,
      pass: luckless,
      collective: { agree: () => Promise.reject(new Error("no peers")), abort: luckless },
    })),
    estimate: luckless,
  }, "./mine.ts");
  const session = await backend.open(stencil, plan);
  const calls: readonly [() => unknown, string][] = [
    [() => backend.estimate!(stencil, plan), "estimate throws no luck"],
    [() => session.errorFactor!(), "errorFactor throws no luck"],
    [() => session.pass!(), "pass throws no luck"],
    [() => session.collective!.agree([1]), "agree throws no peers"],
    [() => session.collective!.abort!(new Error()), "abort throws no luck"],
  ];
  for (const [act, why] of calls) {
    const message = `The plugin "./mine.ts" is at fault: ${why}`;
    await assert.rejects(async () => await act(), { name: "ConfigError", message });
  }
});

test("loadFile refuses plugins of another version of the contract, and says what has changed since the first", async () => {
  const folder = mkdtempSync(join(tmpdir(), "laplace-"));
  try {
    for (const [version, more] of [[1, ": omega now comes with each batch, not with the plan"], [3, ""]] as const) {
      const path = join(folder, `v${version}.ts`);
      writeFileSync(path, `export default { apiVersion: ${version} };\n`);
      await assert.rejects(loadFile(path), {
        name: "ConfigError",
        message: `Cannot load the plugin "${path}": its apiVersion is ${version}, and must be 2${more}`,
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("loadFile loads a module whatever its name holds, and says what Bun cannot", async () => {
  const folder = mkdtempSync(join(tmpdir(), "laplace-"));
  const source = "export default { apiVersion: 2, name: 'mine', summary: '', methods: [], dtypes: [], stencils: [], " +
    "bitwise: false, probe() {}, open() {} };";
  try {
    for (const name of ["a#b", "a%20b", "a%3Fb", "a b", "a?c", "\u00e4[b]"]) {
      const path = join(folder, `${name}.mjs`);
      writeFileSync(path, source);
      if ("Bun" in globalThis && name.includes("?")) {
        await assert.rejects(loadFile(path), {
          name: "ConfigError",
          message: `Cannot load the plugin "${path}": Bun takes what follows "?" in its path for a query; ` +
            "rename it, or load it from another folder",
        });
      } else assert.equal((await loadFile(path)).name, "mine");
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
