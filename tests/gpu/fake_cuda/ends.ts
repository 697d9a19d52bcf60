/** A program that solves with the driver that LAPLACE_CUDA names, and ends by itself: tests/gpu/cuda_test.ts runs it. */

import { solve } from "../../../mod.ts";

const { status, sweeps } = await solve(
  { shape: [33, 33], edges: { north: 1 } },
  { plugin: "cuda", method: "jacobi", maxSweeps: 10 },
);
console.log(status, sweeps);
