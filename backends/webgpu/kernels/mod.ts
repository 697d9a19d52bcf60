/**
 * All kernels in WGSL by name: a translation of native/gpu/, which explains them and their parameters.
 *
 * Some kernels of a few lines are written twice, in C and in WGSL: a translator would be larger.
 *
 * @module
 */

import type { KernelName } from "../../engine-gpu/signatures.ts";
import type { Source } from "../source.ts";
import { blocked } from "./blocked.ts";
import { galerkin } from "./galerkin.ts";
import { levels } from "./levels.ts";
import { prolongSolution } from "./prolong_solution.ts";
import { sweeps } from "./sweeps.ts";
import { weights } from "./weights.ts";

/** Kernels by name. */
export const sources: Readonly<Record<KernelName, Source>> = {
  ...sweeps,
  blocked,
  ...levels,
  ...weights,
  ...galerkin,
  ...prolongSolution,
};
