/** Backends whose sweeps are wrong: what they compute, round, count or report. */

import js from "../../backends/js/mod.ts";
import { maxDifference } from "../../conformance/compare.ts";
import type { GridData, SweepOptions } from "../../core/contract.ts";
import { batchWith, type Broken, hideNaN, withKernels, withSession, withStencil } from "./broken_reference.ts";

/** Sweeps that are wrong. */
export const brokenSweeps: readonly Broken[] = [
  {
    what: "associates (n + w) + (s + e)",
    backend: withKernels((kernels) => ({
      async sweep(grid, sweeps) {
        const { layout } = grid;
        if (layout.kind !== "plain" || layout.cx !== 0.25 || layout.source) return await kernels.sweep(grid, sweeps);
        const [ny, nx] = layout.shape;
        let change = 0;
        grid.nextSweepChange = undefined;
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
    what: "skips the last column",
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
];
