/**
 * The domain of a run without ranks, which owns everything and exchanges nothing; and how a grid is dealt to ranks.
 *
 * @module
 */

import type { Domain } from "../contract.ts";

/** Gives the domain of a single rank, which owns a whole grid of `shape`. */
export function serial(shape: readonly [number, number]): Domain {
  return {
    rank: 0,
    ranks: 1,
    owned: { rows: [0, shape[0]], cols: [0, shape[1]] },
    depth: Infinity,
    split: [false, false],
    exchange: () => {},
    max: (values) => values,
    gather: (owned) => owned,
  };
}

/** Gives the half-open range of part `index` when `n` points are dealt to `parts`, in order and as evenly as can be. */
export function share(n: number, parts: number, index: number): readonly [number, number] {
  return [Math.floor(n * index / parts), Math.floor(n * (index + 1) / parts)];
}
