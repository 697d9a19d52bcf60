/**
 * The setting `block`: the temporal tile, swept several times while it is in cache. It means the same in every backend on
 * the CPU; that of GPUs, which have no such cache, is in `backends/engine-gpu/backend.ts`.
 *
 * @module
 */

import type { Pass } from "./contract.ts";
import type { SettingSpec } from "./settings.ts";

/** Several sweeps of a temporal tile in one pass over memory; row by row (`off`); or the best of some trials (`auto`). */
export type Blocking = "off" | "auto" | Pass;

/** T, the sweeps of a pass, is at most this. */
export const MOST_SWEEPS = 64;

/** W, the columns of a tile with those that its neighbours compute as well, is at most this. */
const MOST_WIDTH = 65536;

/** A setting `TxW`, `off` or `auto`. Neighbours compute at most half of a tile as well: W >= 4 (T + 1). */
export function block(about: string): SettingSpec<Blocking> {
  return {
    about,
    method: "jacobi",
    expects: `off, auto or TxW, such as 16x544: T sweeps in one pass, 1 to ${MOST_SWEEPS}, ` +
      `over tiles of W columns, 4 (T + 1) to ${MOST_WIDTH}`,
    parse(text) {
      if (text === "off" || text === "auto") return text;
      const found = /^(\d{1,9})[x×](\d{1,9})$/.exec(text);
      if (!found) return undefined;
      const [sweeps, width] = [Number(found[1]), Number(found[2])];
      const fits = sweeps >= 1 && sweeps <= MOST_SWEEPS && width >= 4 * (sweeps + 1) && width <= MOST_WIDTH;
      return fits ? { sweeps, width } : undefined;
    },
  };
}
