/**
 * The waves that a line of equal points vibrates in, by what its ends are: sines between fixed ones, cosines between free
 * ones, quarter waves between one of each, Fourier's around a periodic direction. They turn a second difference into a
 * number for each wave. Reduced to complex transforms of one line's length, two lines at a time: one real, one imaginary.
 *
 * A free end is a point with one neighbour, which counts twice; a fixed end is beyond the line.
 * J. W. Cooley, P. A. W. Lewis and P. D. Welch, J. Sound Vib. 12 (1970) 315: sines and cosines;
 * J. Makhoul, IEEE Trans. Acoust. Speech Signal Process. 28 (1980) 27: quarter waves.
 *
 * @module
 */

import { turn } from "./butterflies.ts";
import { planFft } from "./fft.ts";

/** What is at one end of a line. */
export type End = "fixed" | "free" | "periodic";

/** The waves of a line of `points`. Arrays have `points` rows and `batch` columns, a line in each column. */
export interface Waves {
  readonly points: number;
  readonly batch: number;
  /** For each wave, 4 sin²(θ/2): what 2u − (west + east) makes of it. */
  readonly bends: Float64Array;
  /** Points become waves, in place: `a` and `b` are separate lines. */
  analyse(a: Float64Array, b: Float64Array): void;
  /** Waves become points. */
  synthesize(a: Float64Array, b: Float64Array): void;
}

/** Local. Plans the transforms of lines of `points`, those that are not fixed; both ends are periodic or neither is. */
export function planWaves(low: End, high: End, points: number, batch: number): Waves {
  const transforms = low === "periodic"
    ? around(points, batch)
    : low !== high
    ? quarters(points, batch, low === "fixed")
    : low === "fixed"
    ? sines(points, batch)
    : cosines(points, batch);
  const bends = new Float64Array(points).map((_, k) => {
    const [numerator, denominator] = transforms.angle(k);
    // θ/2 = 2π numerator / denominator.
    const s = turn(numerator, denominator)[1];
    return 4 * s * s;
  });
  return { points, batch, bends, ...transforms };
}

type Transforms = Pick<Waves, "analyse" | "synthesize"> & {
  /** Half the angle of wave k, as a fraction of a turn. */
  angle(k: number): readonly [numerator: number, denominator: number];
};

/** x_j = Σ c_k sin(πjk/n), 0 < j, k < n. */
function sines(points: number, batch: number): Transforms {
  const n = points + 1;
  const fft = planFft(n, batch);
  const [re, im] = [new Float64Array(n * batch), new Float64Array(n * batch)];
  const fold = (x: Float64Array, y: Float64Array) => {
    y.fill(0, 0, batch);
    for (let j = 1; j < n; j++) {
      const s = turn(j, 2 * n)[1];
      for (let b = 0, at = (j - 1) * batch, mirror = (n - j - 1) * batch; b < batch; b++, at++, mirror++) {
        y[at + batch] = s * (x[at]! + x[mirror]!) + 0.5 * (x[at]! - x[mirror]!);
      }
    }
  };
  const unfold = (x: Float64Array, scale: number, cosine: Part, sine: Part) => {
    for (let b = 0; b < batch; b++) {
      let odd = 0.5 * scale * cosine(b, b);
      x[b] = odd;
      for (let k = 1; 2 * k <= points; k++) {
        const at = k * batch + b, mirror = (n - k) * batch + b;
        x[(2 * k - 1) * batch + b] = -scale * sine(at, mirror);
        if (2 * k === points) continue;
        odd += scale * cosine(at, mirror);
        x[2 * k * batch + b] = odd;
      }
    }
  };
  const parts = partsOf(re, im);
  const run = (a: Float64Array, b: Float64Array, scale: number) => {
    fold(a, re);
    fold(b, im);
    fft.run(re, im);
    unfold(a, scale, parts.firstRe, parts.firstIm);
    unfold(b, scale, parts.secondRe, parts.secondIm);
  };
  return {
    angle: (k) => [k + 1, 4 * n],
    analyse: (a, b) => run(a, b, 2 / n),
    synthesize: (a, b) => run(a, b, 1),
  };
}

/** x_j = Σ c_k cos(πjk/n), 0 <= j, k <= n; at the ends c_k is that of a sum with half weights. */
function cosines(points: number, batch: number): Transforms {
  const n = points - 1;
  const fft = planFft(n, batch);
  const [re, im] = [new Float64Array(n * batch), new Float64Array(n * batch)];
  const first = new Float64Array(batch);
  /** y folded, and Σ'' x_j cos(πj/n), from which the odd waves follow. */
  const fold = (x: Float64Array, y: Float64Array) => {
    first.fill(0);
    for (let j = 0; j < n; j++) {
      const [c, s] = turn(j, 2 * n);
      for (let b = 0, at = j * batch, mirror = (n - j) * batch; b < batch; b++, at++, mirror++) {
        const difference = x[at]! - x[mirror]!;
        y[at] = 0.5 * (x[at]! + x[mirror]!) - s * difference;
        // A point and its mirror image have opposite cosines: each pair comes twice.
        first[b]! += 0.5 * c * difference;
      }
    }
  };
  const unfold = (x: Float64Array, scale: number, start: Float64Array, cosine: Part, sine: Part) => {
    for (let b = 0; b < batch; b++) {
      let odd = scale * start[b]!;
      for (let k = 0; 2 * k <= n; k++) {
        const at = k * batch + b, mirror = (k === 0 ? 0 : n - k) * batch + b;
        x[2 * k * batch + b] = scale * cosine(at, mirror);
        if (k > 0) odd -= scale * sine(at, mirror);
        if (2 * k < n) x[(2 * k + 1) * batch + b] = odd;
      }
    }
  };
  const halve = (x: Float64Array, factor: number) => {
    for (let b = 0; b < batch; b++) {
      x[b]! *= factor;
      x[n * batch + b]! *= factor;
    }
  };
  const parts = partsOf(re, im);
  const run = (a: Float64Array, b: Float64Array, scale: number) => {
    fold(a, re);
    const start = first.slice();
    fold(b, im);
    fft.run(re, im);
    unfold(a, scale, start, parts.firstRe, parts.firstIm);
    unfold(b, scale, first, parts.secondRe, parts.secondIm);
  };
  return {
    angle: (k) => [k, 4 * n],
    analyse(a, b) {
      run(a, b, 2 / n);
      halve(a, 0.5);
      halve(b, 0.5);
    },
    synthesize(a, b) {
      // The transform is a sum with half weights at the ends.
      halve(a, 2);
      halve(b, 2);
      run(a, b, 1);
    },
  };
}

/** x_j = Σ c_k cos(π(2k + 1)j / 2n), 0 <= j, k < n; reversed where the fixed end comes first. */
function quarters(points: number, batch: number, reversed: boolean): Transforms {
  const n = points;
  const fft = planFft(n, batch);
  const [re, im] = [new Float64Array(n * batch), new Float64Array(n * batch)];
  const place = (j: number) => (reversed ? n - 1 - j : j) * batch;
  /** Where wave k, or point k, of a transform comes to be: even ones first, then odd ones, backwards. */
  const shuffled = (k: number) => (k % 2 === 0 ? k / 2 : n - 1 - (k - 1) / 2) * batch;
  return {
    angle: (k) => [2 * k + 1, 8 * n],
    analyse(a, b) {
      for (let j = 0; j < n; j++) {
        const [c, s] = turn(j, 4 * n);
        const at = place(j), mirror = j === 0 ? 0 : place(n - j);
        for (let t = 0; t < batch; t++) {
          const x = a[at + t]!, y = b[at + t]!;
          const x2 = j === 0 ? 0 : a[mirror + t]!, y2 = j === 0 ? 0 : b[mirror + t]!;
          // exp(iπj/2n) (x − i x2), and i times the same of y.
          re[j * batch + t] = (c * x + s * x2) - (s * y - c * y2);
          im[j * batch + t] = (s * x - c * x2) + (c * y + s * y2);
        }
      }
      fft.run(im, re);
      for (let k = 0; k < n; k++) {
        for (let t = 0, from = shuffled(k), to = k * batch; t < batch; t++, from++, to++) {
          a[to] = re[from]! / n;
          b[to] = im[from]! / n;
        }
      }
    },
    synthesize(a, b) {
      for (let k = 0; k < n; k++) {
        for (let t = 0, to = shuffled(k), from = k * batch; t < batch; t++, from++, to++) {
          re[to] = a[from]!;
          im[to] = b[from]!;
        }
      }
      fft.run(re, im);
      for (let j = 0; j < n; j++) {
        const [c, s] = turn(j, 4 * n);
        const mirror = j === 0 ? 0 : (n - j) * batch;
        for (let t = 0, from = j * batch, to = place(j); t < batch; t++, from++, to++) {
          const p = re[from]!, q = im[from]!, p2 = re[mirror + t]!, q2 = im[mirror + t]!;
          a[to] = 0.5 * (c * (p + p2) + s * (q - q2));
          b[to] = 0.5 * (c * (q + q2) - s * (p - p2));
        }
      }
    },
  };
}

/** x_j = Σ c_k exp(2πijk/n) with real x: the constant, then cosine and sine of each wave in turn. */
function around(points: number, batch: number): Transforms {
  const n = points;
  const fft = planFft(n, batch);
  const [re, im] = [new Float64Array(n * batch), new Float64Array(n * batch)];
  const { firstRe, firstIm, secondRe, secondIm } = partsOf(re, im);
  return {
    angle: (k) => [Math.ceil(k / 2), 2 * n],
    analyse(a, b) {
      re.set(a);
      im.set(b);
      fft.run(re, im);
      for (let k = 0; 2 * k <= n; k++) {
        const cosine = Math.max(0, 2 * k - 1) * batch;
        for (let t = 0; t < batch; t++) {
          const at = k * batch + t, mirror = (k === 0 ? 0 : n - k) * batch + t;
          a[cosine + t] = firstRe(at, mirror) / n;
          b[cosine + t] = secondRe(at, mirror) / n;
          if (k === 0 || 2 * k === n) continue;
          a[cosine + batch + t] = firstIm(at, mirror) / n;
          b[cosine + batch + t] = secondIm(at, mirror) / n;
        }
      }
    },
    synthesize(a, b) {
      for (let k = 0; 2 * k <= n; k++) {
        const cosine = Math.max(0, 2 * k - 1) * batch;
        const alone = k === 0 || 2 * k === n;
        for (let t = 0; t < batch; t++) {
          const at = k * batch + t, mirror = (k === 0 ? 0 : n - k) * batch + t;
          const c = a[cosine + t]!, c2 = b[cosine + t]!;
          const s = alone ? 0 : a[cosine + batch + t]!, s2 = alone ? 0 : b[cosine + batch + t]!;
          re[mirror] = c + s2;
          im[mirror] = c2 - s;
          re[at] = c - s2;
          im[at] = c2 + s;
        }
      }
      fft.run(im, re);
      a.set(re);
      b.set(im);
    },
  };
}

/** A number of the transform of one of two real lines, from that of the complex line which they are together. */
type Part = (at: number, mirror: number) => number;

/** `mirror` is where wave −k is. */
function partsOf(re: Float64Array, im: Float64Array): Record<"firstRe" | "firstIm" | "secondRe" | "secondIm", Part> {
  return {
    firstRe: (at, mirror) => 0.5 * (re[at]! + re[mirror]!),
    firstIm: (at, mirror) => 0.5 * (im[at]! - im[mirror]!),
    secondRe: (at, mirror) => 0.5 * (im[at]! + im[mirror]!),
    secondIm: (at, mirror) => -0.5 * (re[at]! - re[mirror]!),
  };
}
