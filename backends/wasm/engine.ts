/**
 * An instance of the kernels as a thread's engine: all it needs is the compiled program and the memory.
 *
 * @module
 */

import type { Layout } from "../../core/kernels/kernels.ts";
import type { BothNorms, Engine, PassSteps, VectorEngine } from "../engine-threads/engine.ts";
import type { ThreadContext } from "../engine-threads/worker_loop.ts";
import type { Plan, Program } from "./memory.ts";

/** What assembly/index.ts exports, as far as it is called from here. */
interface Exports {
  // deno-fmt-ignore
  open(
    form: number, source: boolean, cx: number, cy: number,
    ny: number, nx: number, pitch: number, r0: number, r1: number, c0: number, c1: number,
    parity: number, periodicRows: boolean, periodicCols: boolean,
    u0: number, u1: number, coefficients: number, arrayStride: number, gOffset: number, scratch: number,
  ): void;
  sweep(current: number, from: number, to: number, norm: boolean): number;
  relax(current: number, omega: number, colour: number, from: number, to: number, norm: boolean): number;
  // deno-fmt-ignore
  sweepTile(
    current: number, sweeps: number, norms: number, x0: number, length: number,
    a: number, b: number, ya: number, yb: number,
  ): void;
  clearNorms(): void;
  change(): number;
  residual(): number;
  clearPassNorms(): void;
  addCorrectionToGrid(coarse: number, current: number, from: number, to: number): void;
  addCorrectionToLevel(coarse: number, level: number, from: number, to: number): void;
  residualOfGrid(coarse: number, current: number, from: number, to: number): void;
  residualOfLevel(level: number, from: number, to: number): void;
  restrict(coarse: number, r: number, from: number, to: number): void;
  smooth(level: number, half: number, from: number, to: number): void;
  fillGridGhostRows(u: number, ny: number): void;
  fillLevelGhostRows(level: number): void;
  prolongSolution(current: number, half: number, from: number, to: number, ny: number): void;
  passChange(): number;
  passResidual(): number;
  // deno-fmt-ignore
  openVectors(
    r: number, p: number, q: number, z: number, d: number, rowDots: number, secondRowDots: number,
  ): void;
  computeResidual(current: number, from: number, to: number): number;
  updateDirection(beta: number, preconditioned: boolean, from: number, to: number): void;
  applyOperator(from: number, to: number): void;
  step(current: number, alpha: number, from: number, to: number): void;
  dots(from: number, to: number): void;
  clearPreconditioned(from: number, to: number): void;
}

/** A level as an engine finds it: the addresses of its fields and of its residual. */
export interface LevelAddress {
  readonly at: number;
  readonly r: number;
}

const SQUARE = 0, STRETCHED = 1, WEIGHTED = 2;
const NO_NORMS: BothNorms = { change: 0, residual: 0 };

/** Local. The engine of one thread. */
export function createEngine(
  { layout, store: { module, memory, plan }, index }: ThreadContext<Program>,
): Engine<LevelAddress> {
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
  const { open, sweep, relax, sweepTile, clearNorms, change, residual } = exports;
  const { kind, cx, cy, source, shape, inner: { rows, cols }, parity, periodic, dtype } = layout;
  const form = kind === "weighted" ? WEIGHTED : cx === 0.25 && cy === 0.25 ? SQUARE : STRETCHED;
  const { u, v, an, g } = plan.arrays;
  const scratch = plan.scratch + index * plan.perThread;
  const coefficients = form === WEIGHTED ? an : g;
  // deno-fmt-ignore
  open(
    form, source, cx, cy, ...shape, plan.pitch, ...rows, ...cols, parity, ...periodic,
    u, v, coefficients, plan.arrayStride, g - coefficients, scratch,
  );
  const lanes = dtype === "f32" ? 4 : 2;
  return {
    sweep,
    relax,
    sweepTile(current, sweeps, norms, { left, width, cols, rows }) {
      if (norms > 0) clearNorms();
      sweepTile(current, sweeps, norms, left, width / lanes, ...cols, ...rows);
      return norms > 0 ? { change: change(), residual: norms === 2 ? residual() : 0 } : NO_NORMS;
    },
    passSteps: (current, fine, coarse) =>
      fine ? levelSteps(exports, fine, coarse) : gridSteps(exports, layout, plan, current, coarse),
    vectors: createVectorEngine(exports, plan),
    prolongSolution: (current, half, from, to) => exports.prolongSolution(current, half, from, to, shape[0]),
  };
}

/** The steps of a pass through a grid. */
function gridSteps(
  exports: Exports,
  { shape: [ny], periodic }: Layout,
  { arrays: { u, v } }: Plan,
  current: 0 | 1,
  { at }: LevelAddress,
): PassSteps {
  const { addCorrectionToGrid, relax, residualOfGrid, restrict, fillGridGhostRows, passChange, passResidual } = exports;
  exports.clearPassNorms();
  const [iterate, other] = current === 0 ? [u, v] : [v, u];
  return {
    colours: 2,
    addCorrection: (from, to) => addCorrectionToGrid(at, current, from, to),
    smooth: (colour, from, to) => void relax(current, 1, colour, from, to, false),
    computeResidual: (from, to) => residualOfGrid(at, current, from, to),
    restrict: (from, to) => restrict(at, other, from, to),
    fillGhostRows: () => periodic[0] && fillGridGhostRows(iterate, ny),
    norms: () => ({ change: passChange(), residual: passResidual() }),
  };
}

/** The steps of a pass through a level. */
function levelSteps(
  { addCorrectionToLevel, smooth, residualOfLevel, restrict, fillLevelGhostRows }: Exports,
  fine: LevelAddress,
  { at }: LevelAddress,
): PassSteps {
  return {
    colours: 2,
    addCorrection: (from, to) => addCorrectionToLevel(at, fine.at, from, to),
    smooth: (half, from, to) => smooth(fine.at, half, from, to),
    computeResidual: (from, to) => residualOfLevel(fine.at, from, to),
    restrict: (from, to) => restrict(at, fine.r, from, to),
    fillGhostRows: () => fillLevelGhostRows(fine.at),
    norms: () => NO_NORMS,
  };
}

/** Conjugate gradients in one thread. */
function createVectorEngine(exports: Exports, { arrays: { d }, vectors }: Plan): VectorEngine {
  const { openVectors, computeResidual, updateDirection, applyOperator, step, dots, clearPreconditioned } = exports;
  const { clearNorms, change, residual } = exports;
  const { r, p, q, z, rowDots, secondRowDots } = vectors;
  openVectors(r, p, q, z, d, rowDots, secondRowDots);
  return {
    computeResidual,
    updateDirection,
    applyOperator,
    step(current, alpha, from, to) {
      clearNorms();
      step(current, alpha, from, to);
      return { change: change(), residual: residual() };
    },
    dots,
    clearPreconditioned,
  };
}
