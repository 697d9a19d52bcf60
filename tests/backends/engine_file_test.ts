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
import type { Backend, Plan, Session, SweepOptions } from "../../core/contract.ts";
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

test("guarded passes on every optional member of a session, with its arguments, its answer and its object", async () => {
  const about = { device: "an abacus", sharing: { kernel: "js", grid: [2, 1], halo: 3 } } as const;
  const calls: [string, ...unknown[]][] = [];
  /** A call with `this`: each must see the object that it is a member of. */
  function member<T>(name: string, answer: T) {
    return function (this: unknown, ...args: unknown[]): T {
      calls.push([name, Object.hasOwn(this as object, name), ...args]);
      return answer;
    };
  }
  const members: Pick<Session, "about" | "write" | "errorFactor" | "pass" | "collective"> = {
    about,
    write: member("write", undefined),
    errorFactor: member("errorFactor", 7),
    pass: member("pass", { sweeps: 8, width: 100 }),
    collective: {
      agree: member("agree", [3]),
      store: member("store", undefined),
      abort: member("abort", undefined),
    },
  };
  const backend = guardedWith(() => members);
  const session = await backend.open(stencil, plan);
  assert.deepEqual(session.about, about);
  const block = { rows: [1, 2], cols: [1, 2] } as const;
  await session.write!(block, Float64Array.of(5));
  assert.equal(await session.errorFactor!(), 7);
  assert.deepEqual(session.pass!(), { sweeps: 8, width: 100 });
  assert.deepEqual(await session.collective!.agree([1, 2]), [3]);
  await session.collective!.store!("u.npy", 128);
  const cause = new Error("no luck");
  assert.equal(session.collective!.abort!(cause), undefined);
  assert.deepEqual(calls, [
    ["write", true, block, Float64Array.of(5)],
    ["errorFactor", true],
    ["pass", true],
    ["agree", true, [1, 2]],
    ["store", true, "u.npy", 128],
    ["abort", true, cause],
  ]);
});

test("guarded leaves out the optional members that a session lacks", async () => {
  const session = await guardedWith(() => ({ write: undefined as never })).open(stencil, plan);
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
  const backend = guardedWith(() => ({
    errorFactor() {
      throw new Error("no luck");
    },
    collective: { agree: () => Promise.reject(new Error("no peers")) },
  }));
  const session = await backend.open(stencil, plan);
  const message = /^The plugin "\.\/mine\.ts" is at fault: (errorFactor throws no luck|agree throws no peers)$/;
  await assert.rejects(async () => await session.errorFactor!(), { name: "ConfigError", message });
  await assert.rejects(async () => await session.collective!.agree([1]), { name: "ConfigError", message });
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
