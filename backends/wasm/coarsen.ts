/**
 * Makes the levels of a grid, row by row, with an instance of the kernels in the main thread. The set-up of `js` in its
 * place would take as long as a whole solve (docs/speed.md): it skips no rows that repeat.
 *
 * @module
 */

import type { Block, Dtype, GridData } from "../../core/contract.ts";
import type { Layout } from "../../core/kernels/kernels.ts";
import type { LevelStore } from "../engine-threads/engine.ts";
import type { LevelAddress } from "./engine.ts";
import { isStored, type LevelFields, type LevelPlan, storedRow, writeLevel } from "./level_layout.ts";
import { type GridStore, numbers, type Program } from "./memory.ts";

/** What is stored of the operator: c, and half of the couplings. */
const COEFFICIENTS = ["c", "e", "sw", "s", "se"] as const;
type Coefficient = typeof COEFFICIENTS[number];

/** What assembly/index.ts exports for this. */
interface Exports {
  gridOperatorRow(grid: number, ae: number, as: number, row: number): void;
  prolongationRow(fine: number, coarse: number, row: number): void;
  galerkinRow(fine: number, coarse: number, row: number, sums: number): void;
}

/** A level, and which one it is. */
export interface WasmLevel extends LevelStore<LevelAddress> {
  readonly number: number;
}

/** Local. Makes the level below a grid, or below a level of it. */
export function coarsen({ layout, shared }: GridStore, above: WasmLevel | undefined): WasmLevel {
  const { memory, plan: { arrays, levels: { grid, levels, work } }, module } = shared;
  const { gridOperatorRow, prolongationRow, galerkinRow } = new WebAssembly.Instance(module, { env: { memory } })
    .exports as unknown as Exports;
  const number = above ? above.number + 1 : 0;
  const [fine, level] = [number === 0 ? grid : levels[number - 1]!, levels[number]!];
  const { fields } = level;
  if (number === 0) {
    writeLevel(grid, memory);
    if (layout.kind === "weighted") {
      for (let i = 0; i < fields.fineRows + 2; i++) gridOperatorRow(grid.at, arrays.ae, arrays.as, i);
    } else fillPlainOperator(shared, layout);
  }
  writeLevel(level, memory);

  // First the rows that are coarse: those between depend on them.
  const last = fields.fineRows + 1;
  const isBetween = (i: number) => fields.coarsenRows === 1 && (i + fields.fineFirstIsCoarse) % 2 === 1;
  for (const between of [false, true]) {
    for (let i = 1; i < last; i++) {
      if (isBetween(i) === between && isStored(i, fields.weightsRepeatFrom, fields.weightsRepeatEnd)) {
        prolongationRow(fine.at, level.at, i);
      }
    }
    if (fields.finePeriodicRows) {
      for (let n = 0; n < (fields.coarsenRows ? 6 : 3); n++) {
        fillGhostRows(memory, fields.weights + n * fields.weightStride, fields.fineRows, fields.pitch);
      }
    }
  }
  for (let I = 1; I < fields.ny - 1; I++) {
    if (isStored(I, fields.repeatFrom, fields.repeatEnd)) galerkinRow(fine.at, level.at, I, work);
  }
  if (fields.periodicRows) {
    for (const name of COEFFICIENTS) fillGhostRows(memory, fields[name], fields.ny - 2, fields.pitch);
  }
  return {
    number,
    shape: [fields.ny, fields.nx],
    periodic: [fields.periodicRows === 1, fields.periodicCols === 1],
    shared: { at: level.at, r: fields.r },
    ...accessors(shared, layout.dtype, level),
    free: () => {},
  };
}

/** Row i of a coefficient of the operator. */
function operatorRow({ memory }: Program, fields: LevelFields, name: Coefficient, dtype: Dtype, i: number): GridData {
  const at = fields[name] + storedRow(i, fields.repeatFrom, fields.repeatEnd) * fields.pitch;
  return numbers(memory, dtype, at, fields.nx);
}

/** The operator of a plain stencil: all points inside the ghost layer are alike, without couplings to that layer. */
function fillPlainOperator(shared: Program, { dtype, cx, cy }: Layout): void {
  const { fields } = shared.plan.levels.grid;
  const { ny, nx, repeatFrom, repeatEnd } = fields;
  for (let i = 1; i < ny - 1; i++) {
    if (!isStored(i, repeatFrom, repeatEnd)) continue;
    operatorRow(shared, fields, "c", dtype, i).fill(1, 1, nx - 1);
    operatorRow(shared, fields, "e", dtype, i).fill(cx, 1, nx - 2);
    if (i < ny - 2) operatorRow(shared, fields, "s", dtype, i).fill(cy, 1, nx - 1);
  }
}

/** Fills the periodic ghost rows of an array. */
function fillGhostRows({ buffer }: WebAssembly.Memory, at: number, inside: number, pitch: number): void {
  const bytes = new Uint8Array(buffer, at, (inside + 2) * pitch);
  bytes.copyWithin(0, inside * pitch, (inside + 1) * pitch);
  bytes.copyWithin((inside + 1) * pitch, pitch, 2 * pitch);
}

/** How the core reads and writes a level. */
function accessors(shared: Program, dtype: Dtype, { fields }: LevelPlan) {
  const { ny, nx, pitch } = fields;
  const { memory } = shared;
  const row = (name: Coefficient, i: number) => operatorRow(shared, fields, name, dtype, i);
  const line = (array: "correction" | "f", i: number) => numbers(memory, dtype, fields[array] + i * pitch, nx);
  return {
    readOperator(): Float64Array {
      const all: number[] = [];
      for (let i = 1; i < ny - 1; i++) {
        const [sw, s, se] = [row("sw", i), row("s", i), row("se", i)];
        const [ne, n, nw] = [row("sw", i - 1), row("s", i - 1), row("se", i - 1)];
        const [c, e] = [row("c", i), row("e", i)];
        for (let j = 1; j < nx - 1; j++) {
          all.push(-nw[j - 1]!, -n[j]!, -ne[j + 1]!, -e[j - 1]!, c[j]!, -e[j]!, -sw[j]!, -s[j]!, -se[j]!);
        }
      }
      return Float64Array.from(all);
    },
    readRhs({ rows: [r0, r1], cols: [c0, c1] }: Block = { rows: [0, ny - 2], cols: [0, nx - 2] }): Float64Array {
      const width = c1 - c0;
      const values = new Float64Array((r1 - r0) * width);
      for (let i = r0; i < r1; i++) values.set(line("f", i + 1).subarray(c0 + 1, c1 + 1), (i - r0) * width);
      return values;
    },
    writeRhs({ rows: [r0, r1], cols: [c0, c1] }: Block, values: Float64Array): void {
      const width = c1 - c0;
      for (let i = r0; i < r1; i++) {
        line("f", i + 1).set(values.subarray((i - r0) * width, (i - r0 + 1) * width), c0 + 1);
      }
    },
    writeCorrection(values: Float64Array): void {
      for (let i = 1; i < ny - 1; i++) {
        const e = line("correction", i);
        e.set(values.subarray((i - 1) * (nx - 2), i * (nx - 2)), 1);
        if (fields.periodicCols) [e[0], e[nx - 1]] = [e[nx - 2]!, e[1]!];
      }
      if (fields.periodicRows) fillGhostRows(memory, fields.correction, ny - 2, pitch);
    },
  };
}
