/**
 * Kernels of conjugate gradients from a shared library: the calls. Its other kernels are in native_kernels.ts, the
 * interface in native/include/laplace_plugin.h.
 *
 * @module
 */

import type { Conjugate } from "../../core/kernels/kernels.ts";
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
): Conjugate<NativeGrid> | undefined {
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
    remainder({ pointer }) {
      check(remainder(pointer, found), "take the remainder");
      return { product: found[0]!, residual: found[1]! };
    },
    aim({ pointer }, beta) {
      check(aim(pointer, beta, found), "aim");
      return found[0]!;
    },
    move({ pointer }, alpha) {
      check(move(pointer, alpha, found), "move");
      return { product: found[0]!, residual: found[1]!, change: found[2]! };
    },
    ...(correction && products && {
      correction({ pointer, layout }: NativeGrid) {
        const other = correction(pointer);
        if (!other) throw failure("make a correction");
        return { pointer: other, layout: { ...layout, source: true } };
      },
      products({ pointer }: NativeGrid) {
        check(products(pointer, found), "take the products");
        return [found[0]!, found[1]!] as const;
      },
    }),
  };
}
