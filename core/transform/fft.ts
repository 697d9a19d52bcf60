/**
 * Fourier transforms of any length, many at a time: sums over the first axis of an array of `length` rows and `batch`
 * columns, real and imaginary parts apart. Stockham's order, so that nothing is permuted: radices 4, 2, 3, and plain
 * sums for other small primes; a length with a large prime becomes a convolution (Bluestein).
 *
 * No library is used: of those on npm that are kept up, fft.js, ml-fft, fourier-transform and signalsmith-js-fft take
 * powers of two only, and a grid has any size.
 *
 * @module
 */

import { butterfly, rotations } from "./butterflies.ts";

/** Transforms in place: X_k = Σ x_j exp(−2πi jk / length) for each column. */
export type Fft = (re: Float64Array, im: Float64Array) => void;

/** Primes up to this are summed plainly; above, a convolution costs less. */
const LARGEST = 61;

/**
 * Local. Plans transforms. W. T. Cochran et al., _What is the fast Fourier transform?_, Proc. IEEE 55 (1967) 1664, has
 * Stockham's order; L. I. Bluestein, IEEE Trans. Audio Electroacoust. 18 (1970) 451, the convolution.
 *
 * @param batch how many columns are transformed together
 */
export function planFft(length: number, batch: number): Fft {
  const factors = factorize(length);
  return factors.some((factor) => factor > LARGEST) ? bluestein(length, batch) : stockham(length, batch, factors);
}

/**
 * Local. What a transform costs for each point, in passes over an array: one for each small radix, a third of one for each
 * term of a sum (measured from 2 to 99999 points).
 */
export function workOf(length: number): number {
  const factors = factorize(length);
  if (factors.every((factor) => factor <= LARGEST)) {
    return factors.reduce((sum, factor) => sum + (factor <= 4 ? 1 : factor / 3), 0);
  }
  // Two transforms of the padded length, and three products.
  const padded = paddedLength(length);
  return padded / length * (2 * workOf(padded) + 3);
}

/** @returns the prime factors, pairs of twos as fours. */
export function factorize(length: number): number[] {
  const found: number[] = [];
  let left = length;
  for (let p = 4; left > 1; p = p === 4 ? 2 : p === 2 ? 3 : p + 2) {
    if (p > 4 && p * p > left) p = left;
    for (; left % p === 0; left /= p) found.push(p);
  }
  return found;
}

function stockham(length: number, batch: number, factors: readonly number[]): Fft {
  const spare: readonly Float64Array[] = [new Float64Array(length * batch), new Float64Array(length * batch)];
  let [n, stride] = [length, batch];
  const steps = factors.map((radix) => {
    const step = { radix, count: n / radix, stride, turns: rotations(n, radix) };
    n /= radix;
    stride *= radix;
    return step;
  });
  return (re, im) => {
    let [fromRe, fromIm] = [re, im];
    let [toRe, toIm] = [spare[0]!, spare[1]!];
    for (const { radix, count, stride, turns } of steps) {
      butterfly(radix)(fromRe, fromIm, toRe, toIm, count, stride, turns, radix);
      [fromRe, fromIm, toRe, toIm] = [toRe, toIm, fromRe, fromIm];
    }
    if (fromRe === re) return;
    re.set(fromRe);
    im.set(fromIm);
  };
}

/** The smooth length that a convolution takes. */
function paddedLength(length: number): number {
  let padded = 2 * length - 1;
  while (factorize(padded).some((factor) => factor > 5)) padded++;
  return padded;
}

/** X_k = c_k Σ (x_j c_j) conj(c_{k−j}) with c_j = exp(−πi j² / length): a convolution, by transforms of a longer, smooth length. */
function bluestein(length: number, batch: number): Fft {
  const padded = paddedLength(length);
  const inner = planFft(padded, batch);
  const [chirpRe, chirpIm] = [new Float64Array(length), new Float64Array(length)];
  for (let j = 0; j < length; j++) {
    // j² modulo twice the length, before the angle is taken: large angles would lose digits.
    const angle = Math.PI * (j * j % (2 * length)) / length;
    chirpRe[j] = Math.cos(angle);
    chirpIm[j] = -Math.sin(angle);
  }
  const [kernelRe, kernelIm] = [new Float64Array(padded), new Float64Array(padded)];
  for (let j = 0; j < length; j++) {
    for (const at of j === 0 ? [0] : [j, padded - j]) {
      kernelRe[at] = chirpRe[j]! / padded;
      kernelIm[at] = -chirpIm[j]! / padded;
    }
  }
  planFft(padded, 1)(kernelRe, kernelIm);
  const [workRe, workIm] = [new Float64Array(padded * batch), new Float64Array(padded * batch)];
  return (re, im) => {
    rotate(re, im, chirpRe, chirpIm, workRe, workIm, length, batch);
    workRe.fill(0, length * batch);
    workIm.fill(0, length * batch);
    inner(workRe, workIm);
    rotate(workRe, workIm, kernelRe, kernelIm, workRe, workIm, padded, batch);
    // The inverse is the same transform with the parts exchanged.
    inner(workIm, workRe);
    rotate(workRe, workIm, chirpRe, chirpIm, re, im, length, batch);
  };
}

/** out = x c, row by row. */
function rotate(
  re: Float64Array,
  im: Float64Array,
  cosines: Float64Array,
  sines: Float64Array,
  outRe: Float64Array,
  outIm: Float64Array,
  length: number,
  batch: number,
): void {
  for (let j = 0, at = 0; j < length; j++) {
    const [c, s] = [cosines[j]!, sines[j]!];
    for (let b = 0; b < batch; b++, at++) {
      const [x, y] = [re[at]!, im[at]!];
      outRe[at] = x * c - y * s;
      outIm[at] = x * s + y * c;
    }
  }
}
