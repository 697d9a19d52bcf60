/**
 * The suite can fail: each backend here is the reference with one thing broken, and the suite must notice, by a check
 * whose name says where to look.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { jsKernels } from "../backends/js/kernels.ts";
import js from "../backends/js/mod.ts";
import { maxDifference } from "../conformance/compare.ts";
import { type Check, conformance, testBackend } from "../conformance/mod.ts";
import { thrown } from "../conformance/sessions.ts";
import type { Backend, Batch, GridData, Plan, Session, Stencil } from "../core/contract.ts";
import type { Kernels } from "../core/kernels.ts";
import { openSession } from "../core/session.ts";
import { count, readSettings } from "../core/settings.ts";

/** The names of the checks that fail. */
async function failures(backend: Backend, only?: (check: Check) => boolean): Promise<string[]> {
  const found: string[] = [];
  for (const check of conformance(backend, { runs: 3 })) {
    if (only && !only(check)) continue;
    await check.run().catch((cause: Error) => {
      assert.ok(cause.message.length > 10, `a message without content: ${cause.message}`);
      found.push(check.name);
    });
  }
  return found;
}

type JsKernels = ReturnType<typeof jsKernels>;

/** The reference with other kernels. */
function withKernels(change: (kernels: JsKernels) => Partial<JsKernels>): Backend {
  return {
    ...js,
    open(stencil, plan) {
      readSettings("js", {}, plan.settings);
      const kernels = jsKernels();
      return openSession({ ...kernels, ...change(kernels) } as Kernels, stencil, plan);
    },
  };
}

/** The reference with another session. */
function withSession(change: (session: Session, stencil: Stencil, plan: Plan) => Partial<Session>): Backend {
  return {
    ...js,
    async open(stencil, plan) {
      const session = await js.open(stencil, plan);
      return { ...session, ...change(session, stencil, plan) };
    },
  };
}

/** The reference with another stencil. */
function withStencil(change: (stencil: Stencil) => Partial<Stencil>): Backend {
  return { ...js, open: (stencil, plan) => js.open({ ...stencil, ...change(stencil) }, plan) };
}

const hideNaN = (x: number) => (x !== x ? 0 : x);
const batchWith = (session: Session, change: (batch: Batch) => Partial<Batch>): Partial<Session> => ({
  async advance(sweeps) {
    const batch = await session.advance(sweeps);
    return { ...batch, ...change(batch) };
  },
});

interface Broken {
  readonly what: string;
  readonly backend: Backend;
  /** Part of the name of a check that must fail. */
  readonly caught: string;
}

const broken: readonly Broken[] = [
  {
    what: "associates (n + w) + (s + e)",
    backend: withKernels((kernels) => ({
      async sweep(grid, sweeps) {
        const { layout } = grid;
        if (layout.kind !== "plain" || layout.cx !== 0.25 || layout.source) return await kernels.sweep(grid, sweeps);
        const [ny, nx] = layout.shape;
        let change = 0;
        grid.ahead = undefined;
        for (let n = 0; n < sweeps; n++) {
          const u: GridData = grid.u.slice();
          change = 0;
          for (let i = 1; i < ny - 1; i++) {
            for (let j = 1; j < nx - 1; j++) {
              const k = i * nx + j;
              grid.u[k] = 0.25 * ((u[k - nx]! + u[k - 1]!) + (u[k + nx]! + u[k + 1]!));
              change = Math.max(change, Math.abs(grid.u[k]! - u[k]!));
            }
          }
        }
        return change;
      },
    })),
    caught: "f64 plain jacobi: equals the reference bit for bit: square",
  },
  {
    what: "hides NaN in the change",
    backend: withSession((session) => batchWith(session, ({ change }) => ({ change: hideNaN(change) }))),
    caught: "f64 plain jacobi: NaN surfaces",
  },
  {
    what: "hides NaN in the residual",
    backend: withSession((session) => batchWith(session, ({ residual }) => ({ residual: hideNaN(residual) }))),
    caught: "f32 weighted sor: NaN surfaces",
  },
  {
    what: "leaves out the last column",
    backend: withKernels((kernels) => ({
      async sweep(grid, sweeps) {
        const [ny, nx] = grid.layout.shape;
        const before = grid.u.slice();
        const change = await kernels.sweep(grid, sweeps);
        if (nx > 20) { for (let i = 1; i < ny - 1; i++) grid.u[i * nx + nx - 2] = before[i * nx + nx - 2]!; }
        return change;
      },
    })),
    caught: "f64 plain jacobi: equals the reference bit for bit: square, primes",
  },
  {
    what: "has a weight that is off by a billionth",
    backend: withStencil(({ cx }) => ({ cx: cx * (1 + 1e-9) })),
    caught: "f64 plain jacobi: a sine mode",
  },
  {
    what: "reports the change of all sweeps of a batch",
    backend: withSession((session) => ({
      async advance(sweeps) {
        const before = await session.read("owned");
        const batch = await session.advance(sweeps);
        const after = await session.read("owned");
        return { ...batch, change: maxDifference(after!, before!, (x) => x) };
      },
    })),
    caught: "f64 plain jacobi: advance(3) and advance(4)",
  },
  {
    what: "reports the change as residual",
    backend: withSession((session) => batchWith(session, ({ change }) => ({ residual: change }))),
    caught: "change and residual recompute",
  },
  {
    what: "reports the sweeps of a batch, not all so far",
    backend: withSession((session) => ({
      async advance(sweeps) {
        return { ...await session.advance(sweeps), sweeps };
      },
    })),
    caught: "advance(3) and advance(4)",
  },
  {
    what: "relaxes black first",
    backend: withKernels((kernels) => ({
      relax: (grid, omega, colour, sweeps) => kernels.relax!(grid, omega, (1 - colour) as 0 | 1, sweeps),
    })),
    caught: "f64 weighted sor: follows the formula",
  },
  {
    what: "takes colours from local numbers",
    backend: withKernels((kernels) => ({ create: (layout) => kernels.create({ ...layout, parity: 1 }) })),
    caught: "f64 plain sor: equals the reference",
  },
  {
    what: "does half the half-sweeps",
    backend: withKernels((kernels) => ({
      relax: (grid, omega, colour, sweeps) => kernels.relax!(grid, omega, colour, Math.ceil(sweeps / 2)),
    })),
    caught: "f64 plain sor: equals the reference",
  },
  {
    what: "keeps the omega that it was opened with",
    backend: { ...js, open: (stencil, plan) => js.open(stencil, { ...plan }) },
    caught: "sor takes every omega",
  },
  {
    what: "computes f32 in double precision",
    backend: {
      ...js,
      async open(stencil, plan) {
        const session = await js.open({ ...stencil, dtype: "f64" }, plan);
        const rounded = (u: GridData | undefined) => u && (stencil.dtype === "f32" ? Float32Array.from(u) : u);
        return { ...session, read: async (scope) => rounded(await session.read(scope)) };
      },
    },
    caught: "f32 plain jacobi: equals the reference",
  },
  {
    what: "forgets the source",
    backend: withKernels((kernels) => ({
      write: (grid, field, region, data) => field === "g" ? undefined : kernels.write(grid, field, region, data),
    })),
    caught: "f64 plain jacobi: equals the reference bit for bit: square with a source",
  },
  {
    what: "does not wrap columns",
    backend: withStencil((stencil) => ({ periodic: [stencil.periodic[0], false] })),
    caught: "f64 weighted jacobi: equals the reference bit for bit: periodic columns",
  },
  {
    what: "swaps dx and dy",
    backend: withStencil(({ cx, cy }) => ({ cx: cy, cy: cx })),
    caught: "f64 plain jacobi: a sine mode",
  },
  {
    what: "drifts a little at each sweep",
    backend: withKernels((kernels) => ({
      async sweep(grid, sweeps) {
        const change = await kernels.sweep(grid, sweeps);
        const k = grid.layout.shape[1] + 1;
        grid.u[k] = grid.u[k]! + 1e-3;
        return change;
      },
    })),
    caught: "1, x, y, xy",
  },
  {
    what: "swallows what is written",
    backend: withSession(() => ({ write: () => {} })),
    caught: "write comes back",
  },
  {
    what: "keeps the sweep that a residual computed ahead, in spite of a write",
    backend: withKernels((kernels) => ({
      write(grid, field, region, data) {
        const { ahead } = grid;
        kernels.write(grid, field, region, data);
        if (field === "u") grid.ahead = ahead;
      },
    })),
    caught: "the next sweep uses it",
  },
  {
    what: "takes a block outside",
    backend: withSession((session) => ({
      write: (block, data) => thrown(() => session.write!(block, data)).then(() => {}),
    })),
    caught: "write refuses",
  },
  {
    what: "gives its own array to readers",
    backend: withKernels(() => ({ read: ({ u }) => u })),
    caught: "f64 plain jacobi: read gives a copy",
  },
  {
    what: "advances by nothing",
    backend: withSession((session) => ({
      advance: (sweeps) => session.advance(Math.max(1, Math.floor(sweeps) || 1)),
    })),
    caught: "advance refuses",
  },
  {
    what: "shares one array between sessions",
    backend: (() => {
      let last: Session | undefined;
      return withSession((session) => {
        last = session;
        return { advance: (sweeps) => last!.advance(sweeps) };
      });
    })(),
    caught: "two sessions at once",
  },
  {
    what: "closes every session with one",
    backend: (() => {
      const all = new Set<Session>();
      return withSession((session) => {
        all.add(session);
        return {
          async [Symbol.asyncDispose]() {
            for (const one of all) await one[Symbol.asyncDispose]();
            all.clear();
          },
        };
      });
    })(),
    caught: "two sessions at once",
  },
  {
    what: "cannot be disposed of twice",
    backend: withSession((session) => {
      let open = true;
      return {
        async [Symbol.asyncDispose]() {
          if (!open) throw new Error("double free");
          open = false;
          await session[Symbol.asyncDispose]();
        },
      };
    }),
    caught: "disposing twice",
  },
  {
    what: "works on after its end",
    backend: withSession(() => ({ [Symbol.asyncDispose]: () => Promise.resolve() })),
    caught: "disposing twice",
  },
  {
    what: "ignores settings that it does not know",
    backend: { ...js, open: (stencil, plan) => js.open(stencil, { ...plan, settings: {} }) },
    caught: "an unknown setting",
  },
  {
    what: "declares threads and ignores them",
    backend: {
      ...js,
      settings: { threads: count("threads to sweep with") },
      open(stencil, plan) {
        readSettings("js", { threads: count("") }, plan.settings);
        return js.open(stencil, { ...plan, settings: {} });
      },
    },
    caught: `setting "threads"`,
  },
  {
    what: "does not check a setting",
    backend: {
      ...js,
      settings: { chunk: count("rows at a time") },
      open: (stencil, plan) => js.open(stencil, { ...plan, settings: {} }),
    },
    caught: `setting "chunk"`,
  },
  {
    what: "answers in double precision to single",
    backend: withSession((session) => ({
      async read(scope) {
        const u = await session.read(scope);
        return u && Float64Array.from(u);
      },
    })),
    caught: "f32 plain jacobi: read gives a copy",
  },
  {
    what: "has a name with blanks",
    backend: { ...js, name: "My Backend" },
    caught: "describes itself",
  },
  {
    what: "promises no bits, and is off by more than rounding",
    backend: {
      ...withKernels((kernels) => ({
        async sweep(grid, sweeps) {
          const change = await kernels.sweep(grid, sweeps);
          const k = grid.layout.shape[1] + 1;
          grid.u[k] = grid.u[k]! * (1 + 1e-4);
          return change;
        },
      })),
      bitwise: false,
    },
    caught: "f32 plain jacobi: equals the reference within rounding",
  },
];

for (const { what, backend, caught } of broken) {
  test(`conformance notices a backend that ${what}`, async () => {
    // Only checks of that name: what else fails does not matter.
    const found = await failures(backend, (check) => check.name.includes(caught));
    assert.ok(found.length > 0, `no check named "${caught}" failed`);
  });
}

test("conformance passes a backend that is right but promises no bits", async () => {
  // Contracted: one rounding less where a product meets a sum, as a GPU may do.
  const backend: Backend = { ...js, name: "no-bits", bitwise: false };
  assert.deepEqual(await failures(backend), []);
});

test("conformance lists what a backend does not offer, with the reason", () => {
  const checks = conformance({ ...js, dtypes: ["f32"], stencils: ["plain"], methods: ["jacobi"] });
  const skipped = checks.filter(({ skip }) => skip !== undefined).map(({ name, skip }) => `${name}: ${skip}`);
  assert.deepEqual(skipped, ["f64: not offered", "weighted: not offered", "sor: not offered"]);
  assert.ok(checks.filter(({ skip }) => skip === undefined).every(({ name }) => !/f64|weighted|sor/.test(name)));
});

test("conformance names every check once", () => {
  const names = conformance(js).map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
});

const absent: Backend = {
  ...js,
  name: "absent",
  probe: () => ({ available: false, reason: "libabsent.so is missing", fix: "build it" }),
};

/** What `testBackend` registers with a variable set. */
async function registered(backend: Backend, required: string | undefined) {
  const before = process.env.LAPLACE_REQUIRE;
  const found: { name: string; skip: boolean; run: () => Promise<void> }[] = [];
  try {
    if (required === undefined) delete process.env.LAPLACE_REQUIRE;
    else process.env.LAPLACE_REQUIRE = required;
    await testBackend(backend, { test: (name, { skip = false }, run) => void found.push({ name, skip, run }) });
  } finally {
    if (before === undefined) delete process.env.LAPLACE_REQUIRE;
    else process.env.LAPLACE_REQUIRE = before;
  }
  return found;
}

test("testBackend shows a backend that cannot run here as one skipped test with its reason", async () => {
  for (const required of [undefined, "js,other"]) {
    const [one, ...more] = await registered(absent, required);
    assert.ok(one!.skip && more.length === 0);
    assert.match(one!.name, /^absent: .*libabsent\.so is missing; build it$/);
  }
});

test("testBackend fails for a backend that LAPLACE_REQUIRE names and that cannot run here", async () => {
  const [one, ...more] = await registered(absent, "js, absent");
  assert.ok(!one!.skip && more.length === 0);
  await assert.rejects(async () => await one!.run(), /LAPLACE_REQUIRE names "absent".*libabsent\.so is missing/);
});

test("testBackend registers each check under the backend's name", async () => {
  const found = await registered(js, undefined);
  assert.equal(found.length, conformance(js).length);
  assert.ok(found.every(({ name }) => name.startsWith("js: ")));
});
