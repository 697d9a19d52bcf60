/**
 * Kernels of conjugate gradients from a shared library: the calls. Its other kernels are in native_kernels.ts, the
 * interface in native/include/laplace_plugin.h.
 *
 * @module
 */

import type { ConjugateGradients } from "../../core/kernels/kernels.ts";
import type { NativeGrid, Plugin } from "./signatures.ts";

/**
 * Local. Conjugate gradients of an open library; undefined if it has none.
 *
 * @param check throws if a call's status says so, with the action that failed
 * @param failure what a call that gave no pointer throws
 */
export function nativeConjugate(
  plugin: Plugin,
  check: (status: number, action: string) => void,
  failure: (action: string) => Error,
): ConjugateGradients<NativeGrid> | undefined {
  const {
    laplace_remainder: remainder,
    laplace_aim: aim,
    laplace_move: move,
    laplace_correction: correction,
    laplace_products: products,
  } = plugin;
  if (!remainder || !aim || !move) return undefined;
  const found = new Float64Array(3);
  return {
    computeResidual({ pointer }) {
      check(remainder(pointer, found), "take the remainder");
      return { dot: found[0]!, residual: found[1]! };
    },
    updateDirection({ pointer }, beta) {
      check(aim(pointer, beta, found), "aim");
      return found[0]!;
    },
    step({ pointer }, alpha) {
      check(move(pointer, alpha, found), "move");
      return { dot: found[0]!, residual: found[1]!, change: found[2]! };
    },
    ...(correction && products && {
      preconditionedResidual({ pointer, layout }: NativeGrid) {
        const other = correction(pointer);
        if (!other) throw failure("make a correction");
        return { pointer: other, layout: { ...layout, source: true } };
      },
      dots({ pointer }: NativeGrid) {
        check(products(pointer, found), "take the products");
        return [found[0]!, found[1]!] as const;
      },
    }),
  };
}
