/** The reference with something changed: what the broken backends of the suite's own test are made of. */

import { jsKernels } from "../../backends/js/kernels.ts";
import js from "../../backends/js/mod.ts";
import type { Backend, Batch, Plan, Session, Stencil } from "../../core/contract.ts";
import type { Kernels } from "../../core/kernels/kernels.ts";
import { openSession } from "../../core/session.ts";
import { readSettings } from "../../core/settings.ts";

export type JsKernels = ReturnType<typeof jsKernels>;

/** The reference with other kernels. */
export function withKernels(change: (kernels: JsKernels) => Partial<JsKernels>): Backend {
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
export function withSession(change: (session: Session, stencil: Stencil, plan: Plan) => Partial<Session>): Backend {
  return {
    ...js,
    async open(stencil, plan) {
      const session = await js.open(stencil, plan);
      return { ...session, ...change(session, stencil, plan) };
    },
  };
}

/** The reference with another stencil. */
export function withStencil(change: (stencil: Stencil) => Partial<Stencil>): Backend {
  return { ...js, open: (stencil, plan) => js.open({ ...stencil, ...change(stencil) }, plan) };
}

export const hideNaN = (x: number) => (x !== x ? 0 : x);
export const batchWith = (session: Session, change: (batch: Batch) => Partial<Batch>): Partial<Session> => ({
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
