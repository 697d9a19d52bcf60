/**
 * An instance of the kernels as a thread's engine: all it needs is the compiled program and the memory.
 *
 * @module
 */

import type { Both, Engine } from "../team/engine.ts";
import type { Share } from "../team/share.ts";
import type { Plan } from "./memory.ts";

/** What a thread makes an instance of. */
export interface Program {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly plan: Plan;
}

/** What assembly/index.ts exports, as far as it is called from here. */
interface Exports {
  // deno-fmt-ignore
  open(
    form: number, source: boolean, cx: number, cy: number,
    ny: number, nx: number, pitch: number, r0: number, r1: number, c0: number, c1: number,
    parity: number, wrapRows: boolean, wrapCols: boolean,
    u0: number, u1: number, coefficients: number, apart: number, scratch: number,
  ): void;
  sweep(current: number, from: number, to: number, norm: boolean): number;
  relax(current: number, omega: number, colour: number, from: number, to: number, norm: boolean): number;
  // deno-fmt-ignore
  strip(
    current: number, sweeps: number, norms: number, x0: number, length: number,
    a: number, b: number, ya: number, yb: number,
  ): void;
  clearNorms(): void;
  change(): number;
  residual(): number;
}

const SQUARE = 0, STRETCHED = 1, WEIGHTED = 2;
const NOTHING: Both = { change: 0, residual: 0 };

/** Local. The engine of one thread. */
export function instance({ layout, store: { module, memory, plan }, index }: Share<Program>): Engine {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const { open, sweep, relax, strip, clearNorms, change, residual } = exports as unknown as Exports;
  const { kind, cx, cy, source, shape, inner: { rows, cols }, parity, wrap, dtype } = layout;
  const form = kind === "weighted" ? WEIGHTED : cx === 0.25 && cy === 0.25 ? SQUARE : STRETCHED;
  const { u, v, an, g } = plan.arrays;
  const scratch = plan.scratch + index * plan.perThread;
  // deno-fmt-ignore
  open(
    form, source, cx, cy, ...shape, plan.pitch, ...rows, ...cols, parity, ...wrap,
    u, v, form === WEIGHTED ? an : g, plan.apart, scratch,
  );
  const lanes = dtype === "f32" ? 4 : 2;
  return {
    sweep,
    relax,
    strip(current, sweeps, norms, { left, width, cols, rows }) {
      if (norms > 0) clearNorms();
      strip(current, sweeps, norms, left, width / lanes, ...cols, ...rows);
      return norms > 0 ? { change: change(), residual: norms === 2 ? residual() : 0 } : NOTHING;
    },
  };
}
