/**
 * Kernels of conjugate gradients from a shared library: the calls. Its other kernels are in kernels.ts, the
 * interface in native/include/laplace_plugin.h.
 *
 * @module
 */

import type { ConjugateGradients } from "../../core/kernels/kernels.ts";
import { type Calls, hasAll, type NativeGrid } from "./signatures.ts";

/** Local. Conjugate gradients of an open library; undefined if it has none. */
export function nativeConjugate({ plugin, check, failure }: Calls): ConjugateGradients<NativeGrid> | undefined {
  if (!hasAll(plugin, "cg")) return undefined;
  const { laplace_preconditioned_residual: preconditionedResidual, laplace_dots: dots } = plugin;
  const { laplace_aggregate: aggregate, laplace_aggregation_cycle: cycle, laplace_aggregation_free: free } = plugin;
  const found = new Float64Array(3);
  return {
    computeResidual({ pointer }) {
      check(plugin.laplace_compute_residual(pointer, found), "compute the residual");
      return { dot: found[0]!, residual: found[1]! };
    },
    updateDirection({ pointer }, beta) {
      check(plugin.laplace_update_direction(pointer, beta, found), "update the direction");
      return found[0]!;
    },
    step({ pointer }, alpha) {
      check(plugin.laplace_step(pointer, alpha, found), "step");
      return { dot: found[0]!, residual: found[1]!, change: found[2]! };
    },
    ...(preconditionedResidual && dots && {
      preconditionedResidual({ pointer, layout }: NativeGrid) {
        const other = preconditionedResidual(pointer);
        if (!other) throw failure("make a grid for the preconditioned residual");
        return { pointer: other, layout: { ...layout, source: true } };
      },
      dots({ pointer }: NativeGrid) {
        check(dots(pointer, found), "take the dot products");
        return [found[0]!, found[1]!] as const;
      },
    }),
    ...(aggregate && cycle && free && {
      aggregate({ pointer }: NativeGrid) {
        const aggregates = aggregate(pointer);
        if (!aggregates) throw failure("choose aggregates");
        return {
          cycle: () => check(cycle(aggregates), "run a cycle"),
          free: () => void free(aggregates),
        };
      },
    }),
  };
}
