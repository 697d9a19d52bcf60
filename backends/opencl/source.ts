/**
 * The source of the kernels, as texts.
 *
 * @module
 */

import blocked from "../../native/gpu/blocked.cl" with { type: "text" };
import galerkin from "../../native/gpu/galerkin.cl" with { type: "text" };
import kernels from "../../native/gpu/kernels.cl" with { type: "text" };
import levels from "../../native/gpu/levels.cl" with { type: "text" };
import prelude from "../../native/gpu/opencl.cl" with { type: "text" };
import prolongSolution from "../../native/gpu/prolong_solution.cl" with { type: "text" };
import weights from "../../native/gpu/weights.cl" with { type: "text" };

/** Sweeps and norms: the kernels of a program for one grid. */
export const sweeps = [prelude, kernels, blocked].join("\n");

/** All kernels, in the order in which they are compiled. */
export const all = [sweeps, levels, weights, galerkin, prolongSolution].join("\n");
