/**
 * The plate path of multigrid in the native libraries (native/multigrid/plate/plate.h): against known solutions, for shapes,
 * spacings, precisions and numbers of threads; the norms that it reports, and grids that are swept and written in between.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import ffiC from "../../backends/ffi-c/mod.ts";
import ffiOmp from "../../backends/ffi-omp/mod.ts";
import type { NativeBackend } from "../../backends/engine-ffi/library.ts";
import { scatter } from "../../conformance/problems.ts";
import { required } from "../../conformance/required.ts";
import type { Block, Dtype, GridData } from "../../core/contract.ts";
import type { Kernels, Layout, Multigrid } from "../../core/kernels/kernels.ts";
import { Hierarchy, POST, PRE } from "../../core/methods/hierarchy.ts";
import { lower } from "../../core/discretize/lower.ts";

const runs: { title: string; backend: NativeBackend; settings: Record<string, string>; skip: boolean }[] = [];
for (const [backend, counts] of [[ffiC, [1]], [ffiOmp, [1, 2, 5]]] as const) {
  const probe = await backend.probe();
  const skip = !probe.available && !required(backend.name);
  for (const threads of counts) {
    const title = `${backend.name}, ${threads} thread${threads === 1 ? "" : "s"}${
      skip ? ` (${(probe as { reason: string }).reason})` : ""
    }`;
    runs.push({ title, backend, settings: backend === ffiC ? {} : { threads: `${threads}` }, skip });
  }
}

/** A test with kernels and their multigrid. */
function plate(title: string, body: <G, L>(kernels: Kernels<G, L>, multigrid: Multigrid<G, L>) => Promise<void>): void {
  for (const { title: run, backend, settings, skip } of runs) {
    test(`plate path ${title}: ${run}`, { skip }, async () => {
      const kernels = await backend.kernels(settings);
      await body(kernels, kernels.multigrid!);
    });
  }
}

const all = ([rows, cols]: readonly [number, number]): Block => ({ rows: [0, rows], cols: [0, cols] });
const filled = (dtype: Dtype, n: number, f: (k: number) => number): GridData =>
  dtype === "f32" ? Float32Array.from({ length: n }, (_, k) => f(k)) : Float64Array.from({ length: n }, (_, k) => f(k));
const largest = (n: number, f: (k: number) => number) => {
  let most = 0;
  for (let k = 0; k < n; k++) if (!(Math.abs(f(k)) <= most)) most = Math.abs(f(k));
  return most;
};

interface Case {
  readonly shape: readonly [number, number];
  readonly spacing?: readonly [number, number];
  readonly dtype?: Dtype;
  readonly source?: boolean;
  /** Of all values. */
  readonly scale?: number;
}

/** A grid whose equations have a known solution, `u`; inside it is noise, or zero if `lazy`. */
async function known<G>(
  kernels: Kernels<G>,
  { shape, spacing = [1, 1], dtype = "f64", source = true, scale = 1 }: Case,
  lazy = false,
) {
  const stencil = lower({ shape, spacing, dtype, ...(source && { source: 1 }) });
  const { cx, cy } = stencil;
  const [rows, cols] = shape;
  const n = rows * cols;
  const layout: Layout = {
    kind: "plain",
    dtype,
    shape,
    periodic: [false, false],
    inner: { rows: [1, rows - 1], cols: [1, cols - 1] },
    parity: 0,
    cx,
    cy,
    source,
    diagonal: false,
    levels: true,
  };
  const grid = await kernels.create(layout);
  // Without a source: a polynomial that satisfies the equations of the square and of the stretched stencil.
  const noise = scatter(rows + cols, -1, 1), [dy, dx] = spacing;
  const u = filled(dtype, n, (k) => {
    const [i, j] = [Math.floor(k / cols), k % cols];
    const [y, x] = [i * dy / rows, j * dx / rows];
    return scale * (source ? noise(i, j) : x * x - y * y + x * y - 3 * x);
  });
  const swept = (v: ArrayLike<number>, k: number) => cx * (v[k - 1]! + v[k + 1]!) + cy * (v[k - cols]! + v[k + cols]!);
  const inside = (k: number) => k >= cols && k < n - cols && k % cols > 0 && k % cols < cols - 1;
  const g = filled(dtype, n, (k) => source && inside(k) ? u[k]! - swept(u, k) : 0);
  if (source) await kernels.write(grid, "g", all(shape), g);
  await kernels.write(
    grid,
    "u",
    all(shape),
    filled(dtype, n, (k) => !inside(k) ? u[k]! : lazy ? 0 : scale * noise(k, 7)),
  );
  const residual = (v: GridData) => largest(n, (k) => inside(k) ? swept(v, k) + g[k]! - v[k]! : 0);
  return { grid, stencil, u, residual, n };
}

const cases: Case[] = [
  { shape: [5, 5] },
  { shape: [5, 9] },
  { shape: [7, 11] },
  { shape: [9, 17] },
  { shape: [33, 65] },
  { shape: [65, 33], spacing: [1, 1.4] },
  { shape: [129, 129], source: false },
  { shape: [129, 129], dtype: "f32" },
  { shape: [129, 65], spacing: [1.3, 1], dtype: "f32" },
  { shape: [99, 301], spacing: [1.4, 1] },
  { shape: [257, 513], spacing: [1, 1.2], source: false },
  { shape: [65, 65], scale: 1e-60 },
  { shape: [65, 65], scale: 1e60 },
  { shape: [65, 65], dtype: "f32", scale: 1e-15 },
  { shape: [65, 65], dtype: "f32", scale: 1e15 },
];
for (const lazy of [false, true]) {
  plate(
    `finds known solutions${lazy ? " from zero" : ""}, and reports the residual of what it returns`,
    async (kernels, multigrid) => {
      for (const of of cases) {
        const { grid, stencil, u, residual, n } = await known(kernels, of, lazy);
        const levels = await Hierarchy.createBelow(multigrid, grid, stencil);
        const size = largest(n, (k) => u[k]!);
        const what = JSON.stringify(of);
        // An operation rounds by half of this; a sweep has five.
        const rounding = (of.dtype === "f32" ? 2 ** -23 : 2 ** -52) * size;
        await multigrid.smoothAndRestrict(grid, levels.first, PRE);
        for (let cycle = 0, before = Infinity; cycle < 30; cycle++) {
          await levels.solve();
          const found = await multigrid.prolongSmoothRestrict(grid, levels.first, POST, PRE);
          const computed = residual(await kernels.read(grid, all(of.shape)));
          assert.ok(
            Math.abs(found.residual - computed) <= 6 * rounding + 1e-9 * computed,
            `${what}: ${found.residual} for ${computed}`,
          );
          if (found.residual <= 2 * rounding) break;
          // Spacings that differ by up to sqrt(2) slow smoothing.
          assert.ok(
            cycle === 0 || found.residual < 0.2 * before || found.residual < 6 * rounding,
            `${what}: ${found.residual} after ${before}`,
          );
          assert.ok(cycle < 29, what);
          before = found.residual;
        }
        const v = await kernels.read(grid, all(of.shape));
        // The inverse of the equations is at most L² / 8 in units of a residual, L the short side (maximum principle).
        const bound = Math.min(...of.shape) ** 2 * (Math.max(...(of.spacing ?? [1])) ** 2) * 4 * rounding;
        assert.ok(largest(n, (k) => v[k]! - u[k]!) <= bound, `${what}: error`);
        await levels.free();
        await kernels.free(grid);
      }
    },
  );
}

plate("reads any part, and resumes after sweeps and writes", async (kernels, multigrid) => {
  const shape = [65, 101] as const;
  const { grid, stencil, u, residual, n } = await known(kernels, { shape });
  const levels = await Hierarchy.createBelow(multigrid, grid, stencil);
  await levels.cycle(multigrid, grid);
  const whole = await kernels.read(grid, all(shape));
  for (
    const block of [{ rows: [0, 1], cols: [0, 101] }, { rows: [3, 9], cols: [1, 2] }, {
      rows: [64, 65],
      cols: [100, 101],
    }, { rows: [7, 60], cols: [13, 98] }] as const
  ) {
    const part = await kernels.read(grid, block);
    let k = 0;
    for (let i = block.rows[0]; i < block.rows[1]; i++) {
      for (let j = block.cols[0]; j < block.cols[1]; j++) assert.equal(part[k++], whole[i * 101 + j]);
    }
  }
  const before = residual(whole);
  assert.ok(Math.abs(await kernels.residual(grid) - before) <= 1e-12 * before);
  await kernels.sweep(grid, 3);
  await levels.cycle(multigrid, grid);
  await kernels.write(grid, "u", { rows: [10, 12], cols: [20, 22] }, new Float64Array(4).fill(9));
  assert.deepEqual(await kernels.read(grid, { rows: [10, 12], cols: [20, 22] }), new Float64Array(4).fill(9));
  for (let cycle = 0; cycle < 16; cycle++) await levels.cycle(multigrid, grid);
  const v = await kernels.read(grid, all(shape));
  assert.ok(largest(n, (k) => v[k]! - u[k]!) < 65 ** 2 * 2 ** -50);
  await levels.free();
  await kernels.free(grid);
});

plate("prolongs a cubic exactly, and the coarse grid may be freed before", async (kernels, multigrid) => {
  const p = (y: number, x: number) => x ** 3 - 3 * x * y * y + 2 * x - y + 1; // sweeps leave it as it is
  for (const [rows, cols] of [[9, 17], [33, 17], [65, 129]] as const) {
    for (const swept of [false, true]) {
      const at = (m: number, h: number) => (k: number) => p(Math.floor(k / m) * h / rows, (k % m) * h / rows);
      const make = async (rows: number, cols: number, h: number) => {
        const { grid, stencil } = await known(kernels, { shape: [rows, cols], source: false }, true);
        await kernels.write(grid, "u", all([rows, cols]), filled("f64", rows * cols, at(cols, h)));
        return { grid, levels: await Hierarchy.createBelow(multigrid, grid, stencil) };
      };
      const coarse = await make((rows + 1) / 2, (cols + 1) / 2, 2), fine = await make(rows, cols, 1);
      if (swept) await coarse.levels.cycle(multigrid, coarse.grid);
      await multigrid.prolongSolution!(fine.grid, coarse.grid);
      await coarse.levels.free();
      await kernels.free(coarse.grid);
      const v = await kernels.read(fine.grid, all([rows, cols]));
      assert.ok(largest(v.length, (k) => v[k]! - at(cols, 1)(k)) < 1e-12, `${rows} x ${cols}`);
      await fine.levels.free();
      await kernels.free(fine.grid);
    }
  }
});

plate("prolongs from a grid that is still lazy", async (kernels, multigrid) => {
  const coarse = await known(kernels, { shape: [9, 9], source: false }, true);
  const fine = await known(kernels, { shape: [17, 17], source: false }, true);
  const levels = await Hierarchy.createBelow(multigrid, fine.grid, fine.stencil);
  await multigrid.prolongSolution!(fine.grid, coarse.grid);
  const v = await kernels.read(fine.grid, all([17, 17]));
  // The edge point between a wall and three zeros.
  assert.equal(v[4 * 17 + 1], 5 / 16 * coarse.u[2 * 9]!);
  await levels.free();
  await kernels.free(fine.grid);
  await kernels.free(coarse.grid);
});

plate("reports NaN where a point is NaN", async (kernels, multigrid) => {
  for (const shape of [[9, 9], [65, 129]] as const) {
    for (const [i, j] of [[1, 1], [2, 5], [shape[0] - 2, shape[1] - 2], [0, 3], [4, 0]] as const) {
      const { grid, stencil } = await known(kernels, { shape });
      await kernels.write(grid, "u", { rows: [i, i + 1], cols: [j, j + 1] }, new Float64Array([NaN]));
      const levels = await Hierarchy.createBelow(multigrid, grid, stencil);
      await multigrid.smoothAndRestrict(grid, levels.first, PRE);
      await levels.solve();
      const { change, residual } = await multigrid.prolongSmoothRestrict(grid, levels.first, POST, PRE);
      // A red point inside is not stored: a sweep of its neighbours replaces it.
      const forgotten = i > 0 && j > 0 && (i + j) % 2 === 0;
      assert.deepEqual(
        [Number.isNaN(change), Number.isNaN(residual)],
        [!forgotten, !forgotten],
        `${shape}: ${i}, ${j}`,
      );
      await levels.free();
      await kernels.free(grid);
    }
  }
});

plate("reports the same for any number of threads", async (kernels, multigrid) => {
  const [one] = [await ffiC.kernels({})];
  const norms = async <G, L>(kernels: Kernels<G, L>, multigrid: Multigrid<G, L>) => {
    const { grid, stencil } = await known(kernels, { shape: [257, 129] });
    const levels = await Hierarchy.createBelow(multigrid, grid, stencil);
    await multigrid.smoothAndRestrict(grid, levels.first, PRE);
    await levels.solve();
    const found = await multigrid.prolongSmoothRestrict(grid, levels.first, POST, PRE);
    await levels.free();
    await kernels.free(grid);
    return found;
  };
  assert.deepEqual(await norms(kernels, multigrid), await norms(one, one.multigrid!));
});
