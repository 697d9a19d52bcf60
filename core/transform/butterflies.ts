/**
 * The steps of a Fourier transform in Stockham's order: from rows p + q m (q < radix, p < m), each `stride` numbers long,
 * to rows radix p + k, turned by exp(−2πi pk / n), n = radix m.
 *
 * @module
 */

/** One step. `turns` are those of `rotations`. */
export type Butterfly = (
  re: Float64Array,
  im: Float64Array,
  outRe: Float64Array,
  outIm: Float64Array,
  m: number,
  stride: number,
  turns: Float64Array,
  radix: number,
) => void;

/** @returns the step of a radix. */
export function butterfly(radix: number): Butterfly {
  return radix === 4 ? four : radix === 2 ? two : radix === 3 ? three : odd;
}

/** @returns cosine and sine of −2πpk/n for p < n/radix and 0 < k < radix, after them those of −2πk/radix for all k. */
export function rotations(n: number, radix: number): Float64Array {
  const m = n / radix;
  const turns = new Float64Array(2 * (m * (radix - 1) + radix));
  let at = 0;
  const push = (numerator: number, denominator: number) => {
    const [c, s] = turn(numerator % denominator, denominator);
    turns[at++] = c;
    turns[at++] = -s;
  };
  for (let p = 0; p < m; p++) for (let k = 1; k < radix; k++) push(p * k, n);
  for (let k = 0; k < radix; k++) push(k, radix);
  return turns;
}

/** @returns cosine and sine of 2π numerator / denominator, from an angle of the first eighth: exact at the quarters. */
export function turn(numerator: number, denominator: number): readonly [cos: number, sin: number] {
  const eighths = 8 * numerator;
  if (2 * numerator > denominator) {
    const [c, s] = turn(denominator - numerator, denominator);
    return [c, -s];
  }
  if (4 * numerator > denominator) {
    const [c, s] = turn(denominator / 2 - numerator, denominator);
    return [-c, s];
  }
  if (eighths > denominator) {
    const [c, s] = turn(denominator / 4 - numerator, denominator);
    return [s, c];
  }
  const angle = 2 * Math.PI * numerator / denominator;
  return [Math.cos(angle), Math.sin(angle)];
}

function two(...[re, im, outRe, outIm, m, stride, turns]: Parameters<Butterfly>): void {
  for (let p = 0; p < m; p++) {
    const [c, s] = [turns[2 * p]!, turns[2 * p + 1]!];
    const from = p * stride, across = m * stride, to = 2 * from;
    for (let b = 0; b < stride; b++) {
      const at = from + b, out = to + b;
      const x0 = re[at]!, y0 = im[at]!, x1 = re[at + across]!, y1 = im[at + across]!;
      outRe[out] = x0 + x1;
      outIm[out] = y0 + y1;
      const x = x0 - x1, y = y0 - y1;
      outRe[out + stride] = x * c - y * s;
      outIm[out + stride] = x * s + y * c;
    }
  }
}

function three(...[re, im, outRe, outIm, m, stride, turns]: Parameters<Butterfly>): void {
  const half = Math.sqrt(3) / 2;
  for (let p = 0; p < m; p++) {
    const c1 = turns[4 * p]!, s1 = turns[4 * p + 1]!, c2 = turns[4 * p + 2]!, s2 = turns[4 * p + 3]!;
    const from = p * stride, across = m * stride, to = 3 * from;
    for (let b = 0; b < stride; b++) {
      const at = from + b, out = to + b;
      const x0 = re[at]!, y0 = im[at]!;
      const x1 = re[at + across]!, y1 = im[at + across]!, x2 = re[at + 2 * across]!, y2 = im[at + 2 * across]!;
      const sx = x1 + x2, sy = y1 + y2, dx = half * (x1 - x2), dy = half * (y1 - y2);
      const mx = x0 - 0.5 * sx, my = y0 - 0.5 * sy;
      outRe[out] = x0 + sx;
      outIm[out] = y0 + sy;
      const ax = mx + dy, ay = my - dx, bx = mx - dy, by = my + dx;
      outRe[out + stride] = ax * c1 - ay * s1;
      outIm[out + stride] = ax * s1 + ay * c1;
      outRe[out + 2 * stride] = bx * c2 - by * s2;
      outIm[out + 2 * stride] = bx * s2 + by * c2;
    }
  }
}

function four(...[re, im, outRe, outIm, m, stride, turns]: Parameters<Butterfly>): void {
  for (let p = 0; p < m; p++) {
    const c1 = turns[6 * p]!, s1 = turns[6 * p + 1]!, c2 = turns[6 * p + 2]!, s2 = turns[6 * p + 3]!;
    const c3 = turns[6 * p + 4]!, s3 = turns[6 * p + 5]!;
    const from = p * stride, across = m * stride, to = 4 * from;
    for (let b = 0; b < stride; b++) {
      const at = from + b, out = to + b;
      const x0 = re[at]!, y0 = im[at]!, x1 = re[at + across]!, y1 = im[at + across]!;
      const x2 = re[at + 2 * across]!, y2 = im[at + 2 * across]!, x3 = re[at + 3 * across]!, y3 = im[at + 3 * across]!;
      const sx = x0 + x2, sy = y0 + y2, dx = x0 - x2, dy = y0 - y2;
      const tx = x1 + x3, ty = y1 + y3, ex = x1 - x3, ey = y1 - y3;
      outRe[out] = sx + tx;
      outIm[out] = sy + ty;
      const ax = dx + ey, ay = dy - ex, bx = sx - tx, by = sy - ty, cx = dx - ey, cy = dy + ex;
      outRe[out + stride] = ax * c1 - ay * s1;
      outIm[out + stride] = ax * s1 + ay * c1;
      outRe[out + 2 * stride] = bx * c2 - by * s2;
      outIm[out + 2 * stride] = bx * s2 + by * c2;
      outRe[out + 3 * stride] = cx * c3 - cy * s3;
      outIm[out + 3 * stride] = cx * s3 + cy * c3;
    }
  }
}

/** Any odd radix: terms k and radix − k have the same cosines and opposite sines, and so have their sums. */
function odd(...[re, im, outRe, outIm, m, stride, turns, radix]: Parameters<Butterfly>): void {
  const roots = 2 * m * (radix - 1);
  const half = (radix - 1) / 2;
  const [sumRe, sumIm] = [new Float64Array(half + 1), new Float64Array(half + 1)];
  const [gapRe, gapIm] = [new Float64Array(half + 1), new Float64Array(half + 1)];
  for (let p = 0; p < m; p++) {
    for (let b = 0; b < stride; b++) {
      const first = p * stride + b, to = radix * p * stride + b;
      const x0 = re[first]!, y0 = im[first]!;
      let x = x0, y = y0;
      for (let q = 1; q <= half; q++) {
        const at = first + q * m * stride, mirror = first + (radix - q) * m * stride;
        x += sumRe[q] = re[at]! + re[mirror]!;
        y += sumIm[q] = im[at]! + im[mirror]!;
        gapRe[q] = re[at]! - re[mirror]!;
        gapIm[q] = im[at]! - im[mirror]!;
      }
      outRe[to] = x;
      outIm[to] = y;
      for (let k = 1; k <= half; k++) {
        let evenRe = x0, evenIm = y0, oddRe = 0, oddIm = 0;
        for (let q = 1, root = k; q <= half; q++) {
          const c = turns[roots + 2 * root]!, s = turns[roots + 2 * root + 1]!;
          evenRe += c * sumRe[q]!;
          evenIm += c * sumIm[q]!;
          oddRe -= s * gapIm[q]!;
          oddIm += s * gapRe[q]!;
          root += k;
          if (root >= radix) root -= radix;
        }
        const near = 2 * (p * (radix - 1) + k - 1), far = 2 * (p * (radix - 1) + radix - k - 1);
        store(outRe, outIm, to + k * stride, evenRe + oddRe, evenIm + oddIm, turns[near]!, turns[near + 1]!);
        store(outRe, outIm, to + (radix - k) * stride, evenRe - oddRe, evenIm - oddIm, turns[far]!, turns[far + 1]!);
      }
    }
  }
}

/** Stores x + iy, turned by c + is. */
function store(re: Float64Array, im: Float64Array, at: number, x: number, y: number, c: number, s: number): void {
  re[at] = x * c - y * s;
  im[at] = x * s + y * c;
}
