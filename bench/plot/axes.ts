/**
 * What the figures share: logarithmic axes and the words beside them.
 *
 * @module
 */

/** From a value to a place on an axis, in pixels. */
export type Scale = (value: number) => number;

/** Puts the values `from` and `to` at the places `low` and `high`, and others between, by their logarithms. */
export function logarithmic(from: number, to: number, low: number, high: number): Scale {
  return (value) => Math.round(10 * (low + (high - low) * Math.log(value / from) / Math.log(to / from))) / 10;
}

/** @returns a text in grey, at a place. */
export function text(x: number, y: number, what: string, anchor = "middle"): string {
  return `<text x="${x}" y="${y}" stroke="none" fill="#555" text-anchor="${anchor}">${what}</text>`;
}
