/**
 * Backends that are wrong: each is the reference with one thing broken.
 *
 * @module
 */

import js from "../../backends/js/mod.ts";
import { thrown } from "../../conformance/sessions.ts";
import type { Session } from "../../core/contract.ts";
import { count, readSettings } from "../../core/settings.ts";
import { type Broken, hideNaN, withKernels, withSession } from "./broken_reference.ts";
import { brokenSweeps } from "./broken_sweeps.ts";

/** Every way to be wrong that the suite must notice. */
export const broken: readonly Broken[] = [
  ...brokenSweeps,
  {
    what: "swallows what is written",
    backend: withSession(() => ({ write: () => {} })),
    caught: "write comes back",
  },
  {
    what: "keeps the sweep that a residual computed ahead, in spite of a write",
    backend: withKernels((kernels) => ({
      write(grid, field, region, data) {
        const { nextSweepChange } = grid;
        kernels.write(grid, field, region, data);
        if (field === "u") grid.nextSweepChange = nextSweepChange;
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
    what: "has no preconditioner but cycles",
    backend: withKernels(({ cg }) => {
      const { aggregate: _, ...others } = cg!;
      return { cg: others };
    }),
    caught: "f64 weighted multigrid: a conductivity of two values at random",
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
