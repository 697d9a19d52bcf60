/**
 * Progress on stderr: a line that rewrites itself on a terminal, else a line now and then. Nothing in the first second.
 *
 * @module
 */

import process from "node:process";
import type { Progress } from "../core/criterion.ts";
import { note } from "./print.ts";
import { counted } from "../core/errors.ts";

/** What `--progress` accepts. */
export const PROGRESS = ["auto", "bar", "text", "none"] as const;
/** One of them. */
export type ProgressMode = typeof PROGRESS[number];

/** A progress display. */
export interface Display {
  show(progress: Progress): void;
  /** Clears what is not to stay. */
  end(): void;
}

/** The bar's longest and shortest form, in characters; where it would be shorter, there is none. */
const [WIDTH, LEAST] = [24, 8];

/**
 * @param mode `auto` is a bar on a terminal and text elsewhere
 * @param measure the number that the stop rule looks at
 */
export function display(mode: ProgressMode, measure: (progress: Progress) => number): Display {
  if (mode === "none") return { show: () => {}, end: () => {} };
  const bar = mode === "bar" || (mode === "auto" && process.stderr.isTTY === true);
  let first: number | undefined;
  let next = 1;
  let length = 0;
  return {
    show(progress) {
      const now = measure(progress);
      if (first === undefined || !(first >= now)) first = now;
      if (progress.seconds < next) return;
      next = bar ? progress.seconds + 0.1 : progress.seconds * 2;
      // Residuals fall by a constant factor, so the way that is left is measured in logarithms.
      const done = Math.min(1, Math.max(0, Math.log(first / now) / Math.log(first / progress.target)));
      const share = Number.isFinite(done) ? done : 0;
      if (!bar) return note(`${progressLine(progress, share)}\n`);
      // The last column is for the cursor. Some terminals say that they have none.
      const columns = (process.stderr.columns || 80) - 1;
      const text = progressLine(progress, share, columns);
      note(`\r${text.padEnd(Math.min(length, columns))}`);
      length = text.length;
    },
    end() {
      if (length > 0) note(`\r${" ".repeat(length)}\r`);
    },
  };
}

/**
 * A line about how far a solve is. Where it is too long, first the bar becomes shorter, then figures are left out.
 *
 * @param share of the way that is done, 0 to 1
 * @param columns that the line may have; undefined: any, and no bar
 */
export function progressLine(
  { sweeps, residual, seconds }: Pick<Progress, "sweeps" | "residual" | "seconds">,
  share: number,
  columns?: number,
): string {
  const percent = `${(100 * share).toFixed(0).padStart(3)} %`;
  const figures = [counted(sweeps, "sweep"), `residual ${residual.toExponential(2)}`, `${seconds.toFixed(1)} s`];
  const line = (left: number) => [percent, ...figures.slice(left)].join("  ");
  if (columns === undefined) return line(0);
  const text = [0, 1, 2].map(line).find(({ length }) => length <= columns) ?? percent.slice(0, columns);
  const width = Math.min(WIDTH, columns - text.length - "[] ".length);
  if (width < LEAST) return text;
  const full = Math.round(share * width);
  return `[${"#".repeat(full)}${".".repeat(width - full)}] ${text}`;
}
