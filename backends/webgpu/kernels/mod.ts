/**
 * All kernels in WGSL by name: a translation of native/gpu/, where what they do is told.
 *
 * Two dozen kernels of a few lines are written twice, in C and in WGSL: whatever translated one into the other would be
 * larger. A test compares names, buffers and numbers.
 *
 * @module
 */

import type { Source } from "../source.ts";
import { blocked } from "./blocked.ts";
import { coarsen } from "./coarsen.ts";
import { levels } from "./levels.ts";
import { refine } from "./refine.ts";
import { sweeps } from "./sweeps.ts";

/** Kernels by name. */
export const sources: Readonly<Record<string, Source>> = { ...sweeps, blocked, ...levels, ...coarsen, ...refine };
