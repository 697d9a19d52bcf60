/**
 * Makes the levels of a grid: the main thread has its own instance of the kernels do so, row by row.
 *
 * @module
 */

import type { Block, Dtype, GridData } from "../../core/contract.ts";
import type { Layout } from "../../core/kernels/kernels.ts";
import type { LevelStore } from "../engine-threads/engine.ts";
import type { LevelHandle } from "./engine.ts";
import { announce, isKept, kept, type LevelFields, type LevelPlan } from "./levels.ts";
import { type GridStore, numbers, type Program } from "./memory.ts";

type Equation = "c" | "east" | "southwest" | "south" | "southeast";

/** What assembly/index.ts exports for this. */
interface Exports {
  conduct(grid: number, ae: number, as: number, row: number): void;
  weighRow(fine: number, below: number, row: number): void;
  equate(fine: number, below: number, row: number, sums: number): void;
}

/** A level, and which one it is. */
export interface WasmLevel extends LevelStore<LevelHandle> {
  readonly number: number;
}

/** Local. Makes the level below a grid, or below a level of it. */
export function levelBelow({ layout, shared }: GridStore, fine: WasmLevel | undefined): WasmLevel {
  const { memory, plan: { arrays, levels: { grid, levels, work } }, module } = shared;
  const { conduct, weighRow, equate } = new WebAssembly.Instance(module, { env: { memory } })
    .exports as unknown as Exports;
  const number = fine ? fine.number + 1 : 0;
  const [above, level] = [number === 0 ? grid : levels[number - 1]!, levels[number]!];
  const { fields } = level;
  if (number === 0) {
    announce(grid, memory);
    if (layout.kind === "weighted") {
      for (let i = 0; i < fields.fineRows + 2; i++) conduct(grid.at, arrays.ae, arrays.as, i);
    } else fillPlate(shared, layout);
  }
  announce(level, memory);

  // First the rows that are coarse: those between take from them.
  const last = fields.fineRows + 1;
  const between = (i: number) => fields.rows === 1 && (i + fields.fineShift) % 2 === 1;
  for (const later of [false, true]) {
    for (let i = 1; i < last; i++) {
      if (between(i) === later && isKept(i, fields.alike, fields.alikeEnd)) weighRow(above.at, level.at, i);
    }
    if (fields.fineWrapRows) {
      for (let n = 0; n < (fields.rows ? 6 : 3); n++) {
        renewRows(memory, fields.weights + n * fields.apart, fields.fineRows, fields.pitch);
      }
    }
  }
  for (let I = 1; I < fields.ny - 1; I++) {
    if (isKept(I, fields.same, fields.sameEnd)) equate(above.at, level.at, I, work);
  }
  if (fields.wrapRows) {
    for (const name of ["c", "east", "southwest", "south", "southeast"] as const) {
      renewRows(memory, fields[name], fields.ny - 2, fields.pitch);
    }
  }
  return {
    number,
    shape: [fields.ny, fields.nx],
    periodic: [fields.wrapRows === 1, fields.wrapCols === 1],
    shared: { at: level.at, r: fields.r },
    ...coarsest(shared, layout.dtype, level),
    free: () => {},
  };
}

/** Row i of an array of equations. */
function rowOf({ memory }: Program, fields: LevelFields, name: Equation, dtype: Dtype, i: number): GridData {
  const at = fields[name] + kept(i, fields.same, fields.sameEnd) * fields.pitch;
  return numbers(memory, dtype, at, fields.nx);
}

/** The equations of a plate: all points inside the ring are alike, and none sees the ring. */
function fillPlate(shared: Program, { dtype, cx, cy }: Layout): void {
  const { fields } = shared.plan.levels.grid;
  const { ny, nx, same, sameEnd } = fields;
  for (let i = 1; i < ny - 1; i++) {
    if (!isKept(i, same, sameEnd)) continue;
    rowOf(shared, fields, "c", dtype, i).fill(1, 1, nx - 1);
    rowOf(shared, fields, "east", dtype, i).fill(cx, 1, nx - 2);
    if (i < ny - 2) rowOf(shared, fields, "south", dtype, i).fill(cy, 1, nx - 1);
  }
}

/** Rows around: the first and last also stand for their images. */
function renewRows({ buffer }: WebAssembly.Memory, at: number, inside: number, pitch: number): void {
  const bytes = new Uint8Array(buffer, at, (inside + 2) * pitch);
  bytes.copyWithin(0, inside * pitch, (inside + 1) * pitch);
  bytes.copyWithin((inside + 1) * pitch, pitch, 2 * pitch);
}

/** How the core solves a level that is small. */
function coarsest(shared: Program, dtype: Dtype, { fields }: LevelPlan) {
  const { ny, nx, pitch } = fields;
  const { memory } = shared;
  const row = (name: Equation, i: number) => rowOf(shared, fields, name, dtype, i);
  const line = (array: "e" | "f", i: number) => numbers(memory, dtype, fields[array] + i * pitch, nx);
  return {
    equations(): Float64Array {
      const all: number[] = [];
      for (let i = 1; i < ny - 1; i++) {
        const [sw, s, se] = [row("southwest", i), row("south", i), row("southeast", i)];
        const [ne, n, nw] = [row("southwest", i - 1), row("south", i - 1), row("southeast", i - 1)];
        const [c, e] = [row("c", i), row("east", i)];
        for (let j = 1; j < nx - 1; j++) {
          all.push(-nw[j - 1]!, -n[j]!, -ne[j + 1]!, -e[j - 1]!, c[j]!, -e[j]!, -sw[j]!, -s[j]!, -se[j]!);
        }
      }
      return Float64Array.from(all);
    },
    rightSide({ rows: [r0, r1], cols: [c0, c1] }: Block = { rows: [0, ny - 2], cols: [0, nx - 2] }): Float64Array {
      const width = c1 - c0;
      const some = new Float64Array((r1 - r0) * width);
      for (let i = r0; i < r1; i++) some.set(line("f", i + 1).subarray(c0 + 1, c1 + 1), (i - r0) * width);
      return some;
    },
    setRightSide({ rows: [r0, r1], cols: [c0, c1] }: Block, values: Float64Array): void {
      const width = c1 - c0;
      for (let i = r0; i < r1; i++) {
        line("f", i + 1).set(values.subarray((i - r0) * width, (i - r0 + 1) * width), c0 + 1);
      }
    },
    correct(values: Float64Array): void {
      for (let i = 1; i < ny - 1; i++) {
        const e = line("e", i);
        e.set(values.subarray((i - 1) * (nx - 2), i * (nx - 2)), 1);
        if (fields.wrapCols) [e[0], e[nx - 1]] = [e[nx - 2]!, e[1]!];
      }
      if (fields.wrapRows) renewRows(memory, fields.e, ny - 2, pitch);
    },
  };
}
