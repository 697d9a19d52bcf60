/**
 * Conductivities that are hard for solvers, on n x n nodes of the unit square, the same for each n and run.
 *
 * @module
 */

import { planFft } from "../core/transform/fft.ts";

/** Uniform numbers in (0, 1): xorshift32 (G. Marsaglia, J. Stat. Softw. 8 (2003) 14). */
function uniform(): () => number {
  let x = 20261128;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return ((x >>> 0) + 0.5) / 2 ** 32;
  };
}

/** Numbers of mean 0 and variance 1, normally distributed: G. E. P. Box and M. E. Muller, Ann. Math. Stat. 29 (1958) 610. */
function normal(): () => number {
  const next = uniform();
  return () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
}

type Field = (n: number) => Float64Array;

const each = (value: (x: number, y: number) => number): Field => (n) =>
  Float64Array.from({ length: n * n }, (_, k) => value((k % n) / (n - 1), Math.floor(k / n) / (n - 1)));
const independent = (value: (next: () => number) => number, numbers: () => () => number): Field => (n) => {
  const next = numbers();
  return Float64Array.from({ length: n * n }, () => value(next));
};

/** The least number from n on that has no prime factor above 5: transforms of that length are fast. */
function smooth(n: number): number {
  let left = n;
  for (const p of [2, 3, 5]) while (left % p === 0) left /= p;
  return left === 1 ? n : smooth(n + 1);
}

/** Noise that is correlated over `length`, of mean 0 and variance 1: spectrum (1 + length² k²)^-3/2, periodic beyond n. */
function correlated(length: number): Field {
  return (n) => {
    const m = smooth(n);
    const next = normal();
    let re: Float64Array = Float64Array.from({ length: m * m }, next);
    let im: Float64Array = new Float64Array(m * m);
    const transform = planFft(m, m);
    const both = () => {
      transform(re, im);
      [re, im] = [transpose(re, m), transpose(im, m)];
      transform(re, im);
      [re, im] = [transpose(re, m), transpose(im, m)];
    };
    both();
    const wave = (k: number) => 2 * Math.PI * Math.min(k, m - k) * n / m;
    for (let i = 0, k = 0; i < m; i++) {
      for (let j = 0; j < m; j++, k++) {
        const factor = (1 + length ** 2 * (wave(i) ** 2 + wave(j) ** 2)) ** -0.75;
        re[k]! *= factor;
        im[k]! *= factor;
      }
    }
    // Forward again: the field mirrored, which is as good.
    both();
    const field = Float64Array.from({ length: n * n }, (_, k) => re[Math.floor(k / n) * m + k % n]!);
    const mean = field.reduce((sum, value) => sum + value, 0) / field.length;
    const variance = field.reduce((sum, value) => sum + (value - mean) ** 2, 0) / field.length;
    return field.map((value) => (value - mean) / Math.sqrt(variance));
  };
}

function transpose(a: Float64Array, m: number): Float64Array {
  const to = new Float64Array(a.length);
  const tile = 32;
  for (let i0 = 0; i0 < m; i0 += tile) {
    for (let j0 = 0; j0 < m; j0 += tile) {
      for (let i = i0; i < Math.min(m, i0 + tile); i++) {
        for (let j = j0; j < Math.min(m, j0 + tile); j++) to[j * m + i] = a[i * m + j]!;
      }
    }
  }
  return to;
}

const black = (x: number, y: number) => (Math.min(7, Math.floor(8 * x)) + Math.min(7, Math.floor(8 * y))) % 2 === 0;

/** Squares of 16 points a side, each of 1e6 or 1 at random. */
const tiles: Field = (n) => {
  const next = uniform();
  const across = Math.ceil(n / 16);
  const values = Float64Array.from({ length: across * across }, () => next() < 0.5 ? 1e6 : 1);
  return Float64Array.from({ length: n * n }, (_, k) => values[(Math.floor(k / n) >> 4) * across + (k % n >> 4)]!);
};

/** By name. `corr`, `white`: exp(σ g), g normal, correlated over a twentieth of the side, or independent from point to point. */
export const conductivities: Readonly<Record<string, Field>> = {
  uneven: each((x, y) => 1 + 0.5 * Math.sin(40 * x) * Math.cos(30 * y)),
  smooth: each((x, y) => Math.exp(2 * Math.sin(2 * Math.PI * x) * Math.sin(2 * Math.PI * y))),
  ...Object.fromEntries(
    [1, 2, 3].map((s) => [`corr${s}`, (n: number) => correlated(0.05)(n).map((g) => Math.exp(s * g))]),
  ),
  ...Object.fromEntries([1, 2, 3].map((s) => [`white${s}`, independent((next) => Math.exp(s * next()), normal)])),
  disc6: each((x, y) => (x - 0.5) ** 2 + (y - 0.5) ** 2 < 1 / 16 ? 1e6 : 1),
  chess6: each((x, y) => black(x, y) ? 1e6 : 1),
  tiles6: tiles,
  pix3: independent((next) => next() < 0.5 ? 1e3 : 1, uniform),
  pix6: independent((next) => next() < 0.5 ? 1e6 : 1, uniform),
};
