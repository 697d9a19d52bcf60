/**
 * An instance of the kernels as a thread's engine: all it needs is the compiled program and the memory.
 *
 * @module
 */

import type { Layout } from "../../core/kernels/kernels.ts";
import type { Both, Engine, Steps, VectorEngine } from "../engine-threads/engine.ts";
import type { Share } from "../engine-threads/worker_loop.ts";
import type { Plan, Program } from "./memory.ts";

/** What assembly/index.ts exports, as far as it is called from here. */
interface Exports {
  // deno-fmt-ignore
  open(
    form: number, source: boolean, cx: number, cy: number,
    ny: number, nx: number, pitch: number, r0: number, r1: number, c0: number, c1: number,
    parity: number, wrapRows: boolean, wrapCols: boolean,
    u0: number, u1: number, coefficients: number, apart: number, toG: number, scratch: number,
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
  beginPass(): void;
  enterGrid(below: number, current: number, from: number, to: number): void;
  enterLevel(below: number, level: number, from: number, to: number): void;
  leaveGrid(below: number, current: number, from: number, to: number): void;
  leaveLevel(level: number, from: number, to: number): void;
  restrict(below: number, r: number, from: number, to: number): void;
  smooth(level: number, half: number, from: number, to: number): void;
  renewGrid(u: number, ny: number): void;
  refine(current: number, half: number, from: number, to: number, ny: number): void;
  renewLevel(level: number): void;
  passChange(): number;
  passResidual(): number;
  // deno-fmt-ignore
  openVectors(
    r: number, p: number, q: number, z: number, d: number, sums: number, seconds: number,
  ): void;
  remainder(current: number, from: number, to: number): number;
  combine(beta: number, corrected: boolean, from: number, to: number): void;
  apply(from: number, to: number): void;
  move(current: number, alpha: number, from: number, to: number): void;
  products(from: number, to: number): void;
  clearCorrection(from: number, to: number): void;
}

/** A level as an engine finds it: its fields, and what is left of its equations. */
export interface LevelHandle {
  readonly at: number;
  readonly r: number;
}

const SQUARE = 0, STRETCHED = 1, WEIGHTED = 2;
const NOTHING: Both = { change: 0, residual: 0 };

/** Local. The engine of one thread. */
export function instance({ layout, store: { module, memory, plan }, index }: Share<Program>): Engine<LevelHandle> {
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
  const { open, sweep, relax, strip, clearNorms, change, residual } = exports;
  const { kind, cx, cy, source, shape, inner: { rows, cols }, parity, periodic, dtype } = layout;
  const form = kind === "weighted" ? WEIGHTED : cx === 0.25 && cy === 0.25 ? SQUARE : STRETCHED;
  const { u, v, an, g } = plan.arrays;
  const scratch = plan.scratch + index * plan.perThread;
  const coefficients = form === WEIGHTED ? an : g;
  // deno-fmt-ignore
  open(
    form, source, cx, cy, ...shape, plan.pitch, ...rows, ...cols, parity, ...periodic,
    u, v, coefficients, plan.apart, g - coefficients, scratch,
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
    steps: (current, fine, below) =>
      fine ? levelSteps(exports, fine, below) : gridSteps(exports, layout, plan, current, below),
    vectors: vectorEngine(exports, plan),
    refine: (current, half, from, to) => exports.refine(current, half, from, to, shape[0]),
  };
}

function gridSteps(
  { beginPass, enterGrid, relax, leaveGrid, restrict, renewGrid, passChange, passResidual }: Exports,
  { shape: [ny], periodic }: Layout,
  { arrays: { u, v } }: Plan,
  current: 0 | 1,
  { at }: LevelHandle,
): Steps {
  beginPass();
  const [iterate, other] = current === 0 ? [u, v] : [v, u];
  return {
    colours: 2,
    enter: (from, to) => enterGrid(at, current, from, to),
    smooth: (colour, from, to) => void relax(current, 1, colour, from, to, false),
    leave: (from, to) => leaveGrid(at, current, from, to),
    restrict: (from, to) => restrict(at, other, from, to),
    renew: () => periodic[0] && renewGrid(iterate, ny),
    norms: () => ({ change: passChange(), residual: passResidual() }),
  };
}

function levelSteps(
  { enterLevel, smooth, leaveLevel, restrict, renewLevel }: Exports,
  fine: LevelHandle,
  { at }: LevelHandle,
): Steps {
  return {
    colours: 2,
    enter: (from, to) => enterLevel(at, fine.at, from, to),
    smooth: (half, from, to) => smooth(fine.at, half, from, to),
    leave: (from, to) => leaveLevel(fine.at, from, to),
    restrict: (from, to) => restrict(at, fine.r, from, to),
    renew: () => renewLevel(fine.at),
    norms: () => NOTHING,
  };
}

function vectorEngine(exports: Exports, { arrays: { d }, vectors: { r, p, q, z, sums, seconds } }: Plan): VectorEngine {
  const { openVectors, remainder, combine, apply, move, products, clearCorrection, clearNorms, change, residual } =
    exports;
  openVectors(r, p, q, z, d, sums, seconds);
  return {
    remainder,
    combine,
    apply,
    move(current, alpha, from, to) {
      clearNorms();
      move(current, alpha, from, to);
      return { change: change(), residual: residual() };
    },
    products,
    clear: clearCorrection,
  };
}
