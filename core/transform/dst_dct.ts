/**
 * The eigenvectors of the second difference along a line of equal points, by its ends: sines between Dirichlet ends (DST),
 * cosines between Neumann ends (DCT), quarter waves between one of each, Fourier's around a periodic direction. Reduced to
 * complex transforms of one line's length, two lines at a time: one real, one imaginary.
 *
 * A Neumann ("free") end is a point with one neighbour, which counts twice; a Dirichlet ("fixed") end is beyond the line.
 * J. W. Cooley, P. A. W. Lewis and P. D. Welch, J. Sound Vib. 12 (1970) 315: sines and cosines;
 * J. Makhoul, IEEE Trans. Acoust. Speech Signal Process. 28 (1980) 27: quarter waves.
 *
 * @module
 */

import { turn } from "./butterflies.ts";
import { planFft, workOf } from "./fft.ts";

/** What is at one end of a line. */
export type End = "fixed" | "free" | "periodic";

/** The transforms of a line of `points`. Arrays have `points` rows and `batch` columns, a line in each column. */
export interface TrigTransform {
  readonly points: number;
  readonly batch: number;
  /** Of 2u − (west + east), one for each wave: 4 sin²(θ/2). */
  readonly eigenvalues: Float64Array;
  /** From points to amplitudes of waves, in place: `a` and `b` are separate lines. */
  forward(a: Float64Array, b: Float64Array): void;
  /** From amplitudes to points. */
  inverse(a: Float64Array, b: Float64Array): void;
}

/** Local. Plans the transforms of lines of `points`, those that are not fixed; both ends are periodic or neither is. */
export function planTrigTransform(low: End, high: End, points: number, batch: number): TrigTransform {
  const transforms = low === "periodic"
    ? fourier(points, batch)
    : low !== high
    ? quarterWaves(points, batch, low === "fixed")
    : low === "fixed"
    ? sines(points, batch)
    : cosines(points, batch);
  const eigenvalues = new Float64Array(points).map((_, k) => {
    const [numerator, denominator] = transforms.angle(k);
    // θ/2 = 2π numerator / denominator.
    const s = turn(numerator, denominator)[1];
    return 4 * s * s;
  });
  return { points, batch, eigenvalues, ...transforms };
}

/** Local. What a point of such lines costs, in passes over an array. */
export function transformWork(low: End, high: End, points: number): number {
  return workOf(low !== high || low === "periodic" ? points : low === "fixed" ? points + 1 : points - 1);
}

type Transforms = Pick<TrigTransform, "forward" | "inverse"> & {
  /** Half the angle of wave k, as a fraction of a turn. */
  angle(k: number): readonly [numerator: number, denominator: number];
};

/** Cosines and sines of 2πj / denominator for j < count. */
function turns(count: number, denominator: number): { cosines: Float64Array; sines: Float64Array } {
  const [cosines, sines] = [new Float64Array(count), new Float64Array(count)];
  for (let j = 0; j < count; j++) [cosines[j], sines[j]] = turn(j, denominator);
  return { cosines, sines };
}

/** x_j = Σ c_k sin(πjk/n), 0 < j, k < n. */
function sines(points: number, batch: number): Transforms {
  const n = points + 1;
  const fft = planFft(n, batch);
  const [re, im] = [new Float64Array(n * batch), new Float64Array(n * batch)];
  const { sines } = turns(n, 2 * n);
  const fold = (x: Float64Array, y: Float64Array) => {
    y.fill(0, 0, batch);
    for (let j = 1; j < n; j++) {
      const s = sines[j]!;
      for (let at = (j - 1) * batch, mirror = (n - j - 1) * batch; at < j * batch; at++, mirror++) {
        y[at + batch] = s * (x[at]! + x[mirror]!) + 0.5 * (x[at]! - x[mirror]!);
      }
    }
  };
  /** Sines give every other wave; the others differ from the one two before by a cosine. */
  const unfold = (a: Float64Array, b: Float64Array, scale: number) => {
    for (let t = 0; t < batch; t++) {
      a[t] = scale * re[t]!;
      b[t] = scale * im[t]!;
    }
    for (let k = 1; 2 * k <= points; k++) {
      const next = 2 * k < points;
      for (
        let t = 0, at = k * batch, mirror = (n - k) * batch, to = 2 * k * batch;
        t < batch;
        t++, at++, mirror++, to++
      ) {
        const p = re[at]!, q = im[at]!, p2 = re[mirror]!, q2 = im[mirror]!;
        a[to - batch] = scale * (q2 - q);
        b[to - batch] = scale * (p - p2);
        if (!next) continue;
        a[to] = a[to - 2 * batch]! + scale * (p + p2);
        b[to] = b[to - 2 * batch]! + scale * (q + q2);
      }
    }
  };
  const run = (a: Float64Array, b: Float64Array, scale: number) => {
    fold(a, re);
    fold(b, im);
    fft(re, im);
    unfold(a, b, 0.5 * scale);
  };
  return {
    angle: (k) => [k + 1, 4 * n],
    forward: (a, b) => run(a, b, 2 / n),
    inverse: (a, b) => run(a, b, 1),
  };
}

/** x_j = Σ c_k cos(πjk/n), 0 <= j, k <= n; at the ends c_k is that of a sum with half weights. */
function cosines(points: number, batch: number): Transforms {
  const n = points - 1;
  const fft = planFft(n, batch);
  const [re, im] = [new Float64Array(n * batch), new Float64Array(n * batch)];
  const { cosines, sines } = turns(n, 2 * n);
  /** Σ'' x_j cos(πj/n), from which the odd waves follow. */
  const [firstA, firstB] = [new Float64Array(batch), new Float64Array(batch)];
  const fold = (x: Float64Array, y: Float64Array, first: Float64Array) => {
    first.fill(0);
    for (let j = 0; j < n; j++) {
      const c = cosines[j]!, s = sines[j]!;
      for (let t = 0, at = j * batch, mirror = (n - j) * batch; t < batch; t++, at++, mirror++) {
        const difference = x[at]! - x[mirror]!;
        y[at] = 0.5 * (x[at]! + x[mirror]!) - s * difference;
        // A point and its mirror image have opposite cosines: each pair comes twice.
        first[t]! += c * difference;
      }
    }
  };
  const unfold = (a: Float64Array, b: Float64Array, scale: number) => {
    for (let k = 0; 2 * k <= n; k++) {
      const next = 2 * k < n;
      const mirrors = (k === 0 ? 0 : n - k) * batch;
      for (let t = 0, at = k * batch, mirror = mirrors, to = 2 * k * batch; t < batch; t++, at++, mirror++, to++) {
        const p = re[at]!, q = im[at]!, p2 = re[mirror]!, q2 = im[mirror]!;
        a[to] = scale * (p + p2);
        b[to] = scale * (q + q2);
        if (!next) continue;
        a[to + batch] = k === 0 ? scale * firstA[t]! : a[to - batch]! + scale * (q2 - q);
        b[to + batch] = k === 0 ? scale * firstB[t]! : b[to - batch]! + scale * (p - p2);
      }
    }
  };
  const run = (a: Float64Array, b: Float64Array, scale: number) => {
    fold(a, re, firstA);
    fold(b, im, firstB);
    fft(re, im);
    unfold(a, b, 0.5 * scale);
  };
  const scaleEnds = (x: Float64Array, factor: number) => {
    for (let t = 0; t < batch; t++) {
      x[t]! *= factor;
      x[n * batch + t]! *= factor;
    }
  };
  return {
    angle: (k) => [k, 4 * n],
    forward(a, b) {
      run(a, b, 2 / n);
      scaleEnds(a, 0.5);
      scaleEnds(b, 0.5);
    },
    inverse(a, b) {
      // The transform is a sum with half weights at the ends.
      scaleEnds(a, 2);
      scaleEnds(b, 2);
      run(a, b, 1);
    },
  };
}

/** x_j = Σ c_k cos(π(2k + 1)j / 2n), 0 <= j, k < n; reversed where the fixed end comes first. */
function quarterWaves(points: number, batch: number, reversed: boolean): Transforms {
  const n = points;
  const fft = planFft(n, batch);
  const [re, im] = [new Float64Array(n * batch), new Float64Array(n * batch)];
  const { cosines, sines } = turns(n, 4 * n);
  const place = (j: number) => (reversed ? n - 1 - j : j) * batch;
  /** Where wave k of a line is in a transform: even ones first, then odd ones, backwards. */
  const shuffled = (k: number) => (k % 2 === 0 ? k / 2 : n - 1 - (k - 1) / 2) * batch;
  return {
    angle: (k) => [2 * k + 1, 8 * n],
    forward(a, b) {
      for (let j = 0; j < n; j++) {
        const c = cosines[j]!, s = sines[j]!;
        const paired = j > 0;
        for (let t = 0, at = place(j), mirror = paired ? place(n - j) : 0; t < batch; t++, at++, mirror++) {
          const x = a[at]!, y = b[at]!, x2 = paired ? a[mirror]! : 0, y2 = paired ? b[mirror]! : 0;
          // exp(iπj/2n) (x − i x2), and i times the same of y.
          re[j * batch + t] = (c * x + s * x2) - (s * y - c * y2);
          im[j * batch + t] = (s * x - c * x2) + (c * y + s * y2);
        }
      }
      fft(im, re);
      for (let k = 0; k < n; k++) {
        for (let t = 0, from = shuffled(k), to = k * batch; t < batch; t++, from++, to++) {
          a[to] = re[from]! / n;
          b[to] = im[from]! / n;
        }
      }
    },
    inverse(a, b) {
      for (let k = 0; k < n; k++) {
        for (let t = 0, to = shuffled(k), from = k * batch; t < batch; t++, from++, to++) {
          re[to] = a[from]!;
          im[to] = b[from]!;
        }
      }
      fft(re, im);
      for (let j = 0; j < n; j++) {
        const c = 0.5 * cosines[j]!, s = 0.5 * sines[j]!;
        const mirrors = (j === 0 ? 0 : n - j) * batch;
        for (let t = 0, at = j * batch, mirror = mirrors, to = place(j); t < batch; t++, at++, mirror++, to++) {
          const p = re[at]!, q = im[at]!, p2 = re[mirror]!, q2 = im[mirror]!;
          a[to] = c * (p + p2) + s * (q - q2);
          b[to] = c * (q + q2) - s * (p - p2);
        }
      }
    },
  };
}

/** x_j = Σ c_k exp(2πijk/n) with real x: the constant, then cosine and sine of each wave in turn. */
function fourier(points: number, batch: number): Transforms {
  const n = points;
  const fft = planFft(n, batch);
  const [re, im] = [new Float64Array(n * batch), new Float64Array(n * batch)];
  return {
    angle: (k) => [Math.ceil(k / 2), 2 * n],
    forward(a, b) {
      re.set(a);
      im.set(b);
      fft(re, im);
      const half = 0.5 / n;
      for (let k = 0; 2 * k <= n; k++) {
        const alone = k === 0 || 2 * k === n;
        const mirrors = (k === 0 ? 0 : n - k) * batch, cosine = Math.max(0, 2 * k - 1) * batch;
        for (let t = 0, at = k * batch, mirror = mirrors, to = cosine; t < batch; t++, at++, mirror++, to++) {
          const p = re[at]!, q = im[at]!, p2 = re[mirror]!, q2 = im[mirror]!;
          a[to] = half * (p + p2);
          b[to] = half * (q + q2);
          if (alone) continue;
          a[to + batch] = half * (q - q2);
          b[to + batch] = half * (p2 - p);
        }
      }
    },
    inverse(a, b) {
      for (let k = 0; 2 * k <= n; k++) {
        const alone = k === 0 || 2 * k === n;
        const mirrors = (k === 0 ? 0 : n - k) * batch, cosine = Math.max(0, 2 * k - 1) * batch;
        for (let t = 0, at = k * batch, mirror = mirrors, from = cosine; t < batch; t++, at++, mirror++, from++) {
          const c = a[from]!, c2 = b[from]!, s = alone ? 0 : a[from + batch]!, s2 = alone ? 0 : b[from + batch]!;
          re[mirror] = c + s2;
          im[mirror] = c2 - s;
          re[at] = c - s2;
          im[at] = c2 + s;
        }
      }
      fft(im, re);
      a.set(re);
      b.set(im);
    },
  };
}
