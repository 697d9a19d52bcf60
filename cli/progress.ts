/**
 * Progress on stderr: a line that rewrites itself on a terminal, else a line now and then. Nothing in the first second.
 *
 * @module
 */

import process from "node:process";
import type { Progress } from "../core/criterion.ts";
import { note } from "./print.ts";
import { counted } from "./report.ts";

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

const WIDTH = 24;

/**
 * @param mode `auto` is a bar on a terminal and text elsewhere
 * @param measure the number that the stop rule looks at
 */
export function display(mode: ProgressMode, measure: (progress: Progress) => number): Display {
  if (mode === "none") return { show: () => {}, end: () => {} };
  const bar = mode === "bar" || (mode === "auto" && process.stderr.isTTY === true);
  let first: number | undefined;
  let next = 1;
  let shown = false;
  return {
    show(progress) {
      const now = measure(progress);
      if (first === undefined || !(first >= now)) first = now;
      if (progress.seconds < next) return;
      next = bar ? progress.seconds + 0.1 : progress.seconds * 2;
      // Residuals fall by a constant factor, so the way that is left is measured in logarithms.
      const done = Math.min(1, Math.max(0, Math.log(first / now) / Math.log(first / progress.target)));
      const share = Number.isFinite(done) ? done : 0;
      const figures = `${counted(progress.sweeps, "sweep")}  residual ${progress.residual.toExponential(2)}  ${
        progress.seconds.toFixed(1)
      } s`;
      const full = Math.round(share * WIDTH);
      const text = bar
        ? `\r[${"#".repeat(full)}${".".repeat(WIDTH - full)}] ${(100 * share).toFixed(0).padStart(3)} %  ${figures} `
        : `${(100 * share).toFixed(0).padStart(3)} %  ${figures}\n`;
      note(text);
      shown = bar;
    },
    end() {
      if (shown) note(`\r${" ".repeat(79)}\r`);
    },
  };
}
