/**
 * The source of the kernels, as one text.
 *
 * @module
 */

import blocked from "../../native/gpu/blocked.cl" with { type: "text" };
import coarsen from "../../native/gpu/coarsen.cl" with { type: "text" };
import kernels from "../../native/gpu/kernels.cl" with { type: "text" };
import levels from "../../native/gpu/levels.cl" with { type: "text" };
import prelude from "../../native/gpu/opencl.cl" with { type: "text" };

/** All of it, in the order in which it is compiled. */
export const source = [prelude, kernels, blocked, levels, coarsen].join("\n");
