/**
 * Numbers for people: the range of a field, nice positions on a scale, and short texts for them.
 *
 * @module
 */

import type { GridData } from "../core/contract.ts";

/** A position on a scale and its text. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/**
 * Local. Positions at multiples of 1, 2 or 5 times a power of ten within [low, high].
 *
 * @param most about how many at most, at least 2.
 * @returns from low to high; a single one if nothing lies between low and high that doubles can distinguish.
 */
export function ticks(low: number, high: number, most: number): Tick[] {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const step = niceStep(high / most - low / most);
  // Without this, a scale of a few rounding errors would repeat its labels.
  if (!(step > size * 1e-12)) return [{ value: low, label: short(low) }];
  const digits = Math.floor(Math.log10(step) + 1e-9);
  const plain = digits >= -6 && size >= 1e-3 && (size < 1e6 || (digits < 0 && size < 1e12));
  const out: Tick[] = [];
  for (let k = Math.ceil(low / step - 1e-9); k <= high / step + 1e-9; k++) {
    const value = k * step;
    const figures = k === 0 ? 0 : Math.max(0, Math.floor(Math.log10(Math.abs(value)) + 1e-9) - digits);
    const label = k === 0 ? "0" : plain ? value.toFixed(Math.max(0, -digits)) : exponent(value, figures);
    out.push({ value: Math.min(high, Math.max(low, value)), label });
  }
  return out;
}

/** Local. A number in about `figures` figures: `-0.5`, `1.5e-7`. */
export function short(value: number, figures = 6): string {
  const rounded = Number(value.toPrecision(figures));
  const size = Math.abs(rounded);
  const plain = size === 0 || (size >= 1e-3 && size < Math.max(1e6, 10 ** (figures - 2)));
  return plain ? String(rounded) : exponent(value, figures - 1).replace(/\.?0+e/, "e");
}

/** Local. The least and the greatest finite value, and how many are infinite, beside NaN; low > high where none is finite. */
export function extremes(data: GridData): { low: number; high: number; missing: number } {
  let low = Infinity;
  let high = -Infinity;
  let missing = 0;
  for (let k = 0; k < data.length; k++) {
    const value = data[k]!;
    if (!Number.isFinite(value)) missing += value === value ? 1 : 0;
    else {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return { low, high, missing };
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = [1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10;
  return nice * power;
}

function exponent(value: number, figures: number): string {
  return value.toExponential(Math.min(figures, 15)).replace("e+", "e");
}
