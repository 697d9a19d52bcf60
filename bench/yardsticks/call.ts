/**
 * What a sweep costs when TypeScript calls it: the counterpart of `call.c`, one call a sweep.
 * Usage: call.ts N CALLS; prints one JSON line.
 *
 * @module
 */

import process from "node:process";
import backend from "../../backends/ffi-c/mod.ts";

const [n, calls] = process.argv.slice(2).map(Number) as [number, number];
const kernels = await backend.kernels({});
const inside = [1, n - 1] as const;
const grid = await kernels.create({
  kind: "plain",
  dtype: "f64",
  shape: [n, n],
  periodic: [false, false],
  inner: { rows: inside, cols: inside },
  parity: 0,
  cx: 0.25,
  cy: 0.25,
  source: false,
  diagonal: false,
});
const u = new Float64Array(n * n).fill(50).fill(100, 0, n);
await kernels.write(grid, "u", { rows: [0, n], cols: [0, n] }, u);
for (let k = 0; k < calls / 10; k++) kernels.sweep(grid, 1);
const start = performance.now();
for (let k = 0; k < calls; k++) kernels.sweep(grid, 1);
console.log(JSON.stringify({ secondsPerSweep: (performance.now() - start) / 1000 / calls }));
