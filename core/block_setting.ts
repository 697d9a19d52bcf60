/**
 * The setting `block`: whether and how sweeps are blocked in time. One meaning for every backend that offers it.
 *
 * @module
 */

import type { SettingSpec } from "./settings.ts";

/** Several sweeps of a strip of columns in one pass over memory; or row sweeps (`off`); or what a probe finds (`auto`). */
export type Blocking = "off" | "auto" | BlockSize;

/** The size of a block. */
export interface BlockSize {
  /** Sweeps in one pass: T. */
  readonly sweeps: number;
  /** Columns of a strip, those included that its neighbours compute as well: W. */
  readonly width: number;
}

/** T is at most this. */
export const MOST_SWEEPS = 64;

/** W is at most this. */
const MOST_WIDTH = 65536;

/** A setting `TxW`, `off` or `auto`. At least half of a strip is its own: W >= 4 (T + 1). */
export function block(about: string): SettingSpec<Blocking> {
  return {
    about,
    method: "jacobi",
    expects: `off, auto or TxW, such as 16x544: T sweeps in one pass, 1 to ${MOST_SWEEPS}, ` +
      `over strips of W columns, 4 (T + 1) to ${MOST_WIDTH}`,
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
