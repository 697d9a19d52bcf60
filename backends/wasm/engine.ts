/**
 * An instance of the kernels as a thread's engine: all it needs is the compiled program and the memory.
 *
 * @module
 */

import { type BothNorms, type Engine, NO_NORMS, type PassSteps, type VectorEngine } from "../engine-threads/engine.ts";
import type { ThreadContext } from "../engine-threads/worker_loop.ts";
import type { Program } from "./memory.ts";

/** What assembly/index.ts exports, as far as it is called from TypeScript. A level is the address of its fields. */
interface Exports extends Pick<Required<Engine>, "sweep" | "relax" | "prolongSolution">, Omit<VectorEngine, "step"> {
  // deno-fmt-ignore
  open(
    form: number, source: boolean, cx: number, cy: number,
    ny: number, nx: number, pitch: number, r0: number, r1: number, c0: number, c1: number,
    parity: number, periodicRows: boolean, periodicCols: boolean,
    u0: number, u1: number, coefficients: number, arrayStride: number, gOffset: number, scratch: number,
  ): void;
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
  restrictGrid(coarse: number, current: number, from: number, to: number): void;
  restrictLevel(coarse: number, level: number, from: number, to: number): void;
  smooth(level: number, half: number, from: number, to: number): void;
  fillGridGhostRows(current: number): void;
  fillLevelGhostRows(level: number): void;
  passChange(): number;
  passResidual(): number;
  // deno-fmt-ignore
  openVectors(
    r: number, p: number, q: number, z: number, d: number, rowDots: number, secondRowDots: number,
  ): void;
  step(current: number, alpha: number, from: number, to: number): void;
  gridOperatorRow(grid: number, ae: number, as: number, row: number): void;
  prolongationRow(fine: number, coarse: number, row: number): void;
  galerkinRow(fine: number, coarse: number, row: number, sums: number): void;
  fillGhostRows(array: number, rows: number, pitch: number): void;
}

/** Local. The kernels on the memory of a program. */
export function instantiate({ module, memory }: Program): Exports {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
}

const SQUARE = 0, STRETCHED = 1, WEIGHTED = 2;

/** Local. The engine of one thread. */
export function createEngine(
  { layout, store, index }: Pick<ThreadContext<Program>, "layout" | "store" | "index">,
): Engine<number> {
  const exports = instantiate(store);
  const { sweep, relax, prolongSolution, clearNorms, change, residual } = exports;
  const { kind, cx, cy, source, shape, inner: { rows, cols }, parity, periodic, dtype } = layout;
  const { plan } = store;
  const form = kind === "weighted" ? WEIGHTED : cx === 0.25 && cy === 0.25 ? SQUARE : STRETCHED;
  const { u, v, an, g, d } = plan.arrays;
  const scratch = plan.scratch + index * plan.perThread;
  const coefficients = form === WEIGHTED ? an : g;
  // deno-fmt-ignore
  exports.open(
    form, source, cx, cy, ...shape, plan.pitch, ...rows, ...cols, parity, ...periodic,
    u, v, coefficients, plan.arrayStride, g - coefficients, scratch,
  );
  const { r, p, q, z, rowDots, secondRowDots } = plan.vectors;
  exports.openVectors(r, p, q, z, d, rowDots, secondRowDots);
  const lanes = dtype === "f32" ? 4 : 2;
  const norms = (): BothNorms => ({ change: change(), residual: residual() });
  return {
    sweep,
    relax,
    sweepTile(current, sweeps, wanted, { left, width, cols, rows }) {
      if (wanted > 0) clearNorms();
      exports.sweepTile(current, sweeps, wanted, left, width / lanes, ...cols, ...rows);
      return wanted > 0 ? norms() : NO_NORMS;
    },
    passSteps: (current, fine, coarse) =>
      fine === undefined ? gridSteps(exports, current, coarse) : levelSteps(exports, fine, coarse),
    vectors: {
      ...exports,
      step(current, alpha, from, to) {
        clearNorms();
        exports.step(current, alpha, from, to);
        return norms();
      },
    },
    prolongSolution,
  };
}

/** The steps of a pass through a grid. */
function gridSteps(exports: Exports, current: 0 | 1, coarse: number): PassSteps {
  const { addCorrectionToGrid, relax, residualOfGrid, restrictGrid, fillGridGhostRows } = exports;
  exports.clearPassNorms();
  return {
    colours: 2,
    addCorrection: (from, to) => addCorrectionToGrid(coarse, current, from, to),
    smooth: (colour, from, to) => void relax(current, 1, colour, from, to, false),
    computeResidual: (from, to) => residualOfGrid(coarse, current, from, to),
    restrict: (from, to) => restrictGrid(coarse, current, from, to),
    fillGhostRows: () => fillGridGhostRows(current),
    norms: () => ({ change: exports.passChange(), residual: exports.passResidual() }),
  };
}

/** The steps of a pass through a level. */
function levelSteps(exports: Exports, fine: number, coarse: number): PassSteps {
  const { addCorrectionToLevel, smooth, residualOfLevel, restrictLevel, fillLevelGhostRows } = exports;
  return {
    colours: 2,
    addCorrection: (from, to) => addCorrectionToLevel(coarse, fine, from, to),
    smooth: (half, from, to) => smooth(fine, half, from, to),
    computeResidual: (from, to) => residualOfLevel(fine, from, to),
    restrict: (from, to) => restrictLevel(coarse, fine, from, to),
    fillGhostRows: () => fillLevelGhostRows(fine),
    norms: () => NO_NORMS,
  };
}
