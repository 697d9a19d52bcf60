/**
 * Backends that are wrong: each is the reference with one thing broken.
 *
 * @module
 */

import { jsKernels } from "../../backends/js/kernels.ts";
import js from "../../backends/js/mod.ts";
import { maxDifference } from "../../conformance/compare.ts";
import { thrown } from "../../conformance/sessions.ts";
import type { Backend, Batch, GridData, Plan, Session, Stencil, SweepOptions } from "../../core/contract.ts";
import type { Kernels } from "../../core/kernels/kernels.ts";
import { openSession } from "../../core/session.ts";
import { count, readSettings } from "../../core/settings.ts";

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
  async advance(sweeps, options) {
    const batch = await session.advance(sweeps, options);
    return { ...batch, ...change(batch) };
  },
});

/** A broken backend. */
export interface Broken {
  /** What is broken, to follow "a backend that". */
  readonly what: string;
  readonly backend: Backend;
  /** Part of the name of a check that must fail. */
  readonly caught: string;
}

/** Every way to be wrong that the suite must notice. */
export const broken: readonly Broken[] = [
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
      async advance(sweeps, options) {
        const before = await session.read("owned");
        const batch = await session.advance(sweeps, options);
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
      async advance(sweeps, options) {
        return { ...await session.advance(sweeps, options), sweeps };
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
    what: "keeps the omega of its first batch",
    backend: withSession((session) => {
      let first: SweepOptions | undefined;
      return { advance: (sweeps, options = {}) => session.advance(sweeps, first ??= options) };
    }),
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
      advance: (sweeps, options) => session.advance(Math.max(1, Math.floor(sweeps) || 1), options),
    })),
    caught: "advance refuses",
  },
  {
    what: "shares one array between sessions",
    backend: (() => {
      let last: Session | undefined;
      return withSession((session) => {
        last = session;
        return { advance: (sweeps, options) => last!.advance(sweeps, options) };
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
    what: "corrects too little from the coarsest level",
    backend: withKernels(({ multigrid }) => ({
      multigrid: {
        ...multigrid!,
        levels: {
          ...multigrid!.levels,
          writeCorrection: (level, values) =>
            multigrid!.levels.writeCorrection(level, values.map((value) => value / 2)),
        },
      },
    })),
    caught: "f64 weighted multigrid: each cycle leaves a third at most",
  },
  {
    what: "reports the residual before a cycle, not after it",
    backend: withKernels((kernels) => ({
      multigrid: {
        ...kernels.multigrid!,
        async prolongSmoothRestrict(...args) {
          const residual = await kernels.residual(args[0]);
          return { ...await kernels.multigrid!.prolongSmoothRestrict(...args), residual };
        },
      },
    })),
    caught: "f32 plain multigrid: change and residual recompute",
  },
  {
    what: "hides NaN from multigrid",
    backend: withKernels(({ multigrid }) => ({
      multigrid: {
        ...multigrid!,
        async prolongSmoothRestrict(...args) {
          const { change, residual } = await multigrid!.prolongSmoothRestrict(...args);
          return { change: hideNaN(change), residual: hideNaN(residual) };
        },
      },
    })),
    caught: "f64 plain multigrid: NaN surfaces",
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
