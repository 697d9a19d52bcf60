/**
 * Makes the levels of a grid, row by row, with an instance of the kernels in the main thread. The set-up of `js` in its
 * place would take as long as a whole solve (docs/speed.md): it skips no rows that repeat.
 *
 * @module
 */

import type { Dtype, GridData } from "../../core/contract.ts";
import { bytesPerValue, view } from "../../core/dtype.ts";
import type { Layout } from "../../core/kernels/kernels.ts";
import type { LevelStore } from "../engine-threads/engine.ts";
import { instantiate } from "./engine.ts";
import { isStored, type LevelFields, storedRow, writeLevel } from "./level_layout.ts";
import type { Program } from "./memory.ts";

/** What is stored of the operator: c, and half of the couplings. */
const COEFFICIENTS = ["c", "e", "sw", "s", "se"] as const;
type Coefficient = typeof COEFFICIENTS[number];

/** Local. Makes the level below a grid, or below a level of it, which is given by the address of its fields. */
export function coarsen(program: Program, layout: Layout, above: number | undefined): LevelStore<number> {
  const { memory, plan: { arrays, levels: { grid, levels, work } } } = program;
  const { gridOperatorRow, prolongationRow, galerkinRow, fillGhostRows } = instantiate(program);
  const fine = above === undefined ? grid : levels.find(({ at }) => at === above)!;
  // The grid is not among the levels, and above the first.
  const level = levels[levels.indexOf(fine) + 1]!;
  const { fields } = level;
  if (fine === grid) {
    writeLevel(grid, memory);
    if (layout.kind === "weighted") {
      for (let i = 0; i < fields.fineRows + 2; i++) gridOperatorRow(grid.at, arrays.ae, arrays.as, i);
    } else fillPlainOperator(program, layout);
  }
  writeLevel(level, memory);

  // First the rows that are coarse: those between depend on them.
  const last = fields.fineRows + 1;
  const isBetween = (i: number) => fields.coarsenRows === 1 && (i + fields.firstIsCoarse) % 2 === 1;
  for (const between of [false, true]) {
    for (let i = 1; i < last; i++) {
      if (isBetween(i) === between && isStored(i, fields.weightsRepeatFrom, fields.weightsRepeatEnd)) {
        prolongationRow(fine.at, level.at, i);
      }
    }
    if (fields.finePeriodicRows) {
      for (let n = 0; n < (fields.coarsenRows ? 6 : 3); n++) {
        fillGhostRows(fields.weights + n * fields.weightStride, fields.fineRows + 2, fields.pitch);
      }
    }
  }
  for (let I = 1; I < fields.ny - 1; I++) {
    if (isStored(I, fields.repeatFrom, fields.repeatEnd)) galerkinRow(fine.at, level.at, I, work);
  }
  if (fields.periodicRows) {
    for (const name of COEFFICIENTS) fillGhostRows(fields[name], fields.ny, fields.pitch);
  }
  const stride = fields.pitch / bytesPerValue(layout.dtype);
  const array = (at: number) => view(layout.dtype, memory.buffer, at, fields.ny * stride);
  return {
    shape: [fields.ny, fields.nx],
    periodic: [fields.periodicRows === 1, fields.periodicCols === 1],
    shared: level.at,
    stride,
    correction: array(fields.correction),
    f: array(fields.f),
    readOperator: () => readOperator(program, fields, layout.dtype),
  };
}

/** Row i of a coefficient of the operator. */
function operatorRow({ memory }: Program, fields: LevelFields, name: Coefficient, dtype: Dtype, i: number): GridData {
  const at = fields[name] + storedRow(i, fields.repeatFrom, fields.repeatEnd) * fields.pitch;
  return view(dtype, memory.buffer, at, fields.nx);
}

/** The operator of a plain stencil: all points inside the ghost layer are alike, without couplings to that layer. */
function fillPlainOperator(program: Program, { dtype, cx, cy }: Layout): void {
  const { fields } = program.plan.levels.grid;
  const { ny, nx, repeatFrom, repeatEnd } = fields;
  for (let i = 1; i < ny - 1; i++) {
    if (!isStored(i, repeatFrom, repeatEnd)) continue;
    operatorRow(program, fields, "c", dtype, i).fill(1, 1, nx - 1);
    operatorRow(program, fields, "e", dtype, i).fill(cx, 1, nx - 2);
    if (i < ny - 2) operatorRow(program, fields, "s", dtype, i).fill(cy, 1, nx - 1);
  }
}

/** The nine coefficients of each point: see `LevelKernels`. */
function readOperator(program: Program, fields: LevelFields, dtype: Dtype): Float64Array {
  const row = (name: Coefficient, i: number) => operatorRow(program, fields, name, dtype, i);
  const all: number[] = [];
  for (let i = 1; i < fields.ny - 1; i++) {
    const [sw, s, se] = [row("sw", i), row("s", i), row("se", i)];
    const [ne, n, nw] = [row("sw", i - 1), row("s", i - 1), row("se", i - 1)];
    const [c, e] = [row("c", i), row("e", i)];
    for (let j = 1; j < fields.nx - 1; j++) {
      all.push(-nw[j - 1]!, -n[j]!, -ne[j + 1]!, -e[j - 1]!, c[j]!, -e[j]!, -sw[j]!, -s[j]!, -se[j]!);
    }
  }
  return Float64Array.from(all);
}
