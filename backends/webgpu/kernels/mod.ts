/**
 * All kernels in WGSL by name: a translation of native/gpu/, where what they do is told.
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
