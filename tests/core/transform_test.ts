/**
 * Transforms against the sums that define them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { planFft } from "../../core/transform/fft.ts";
import { type End, planTrigTransform } from "../../core/transform/dst_dct.ts";
import { scatter } from "../../conformance/problems.ts";

/** @returns numbers between −1 and 1. */
function numbers(length: number, seed: number): Float64Array {
  const number = scatter(seed, -1, 1);
  return new Float64Array(length).map((_, k) => number(k, length));
}

test("planFft sums as the definition does, for every length up to 130 and some large primes", () => {
  const lengths = [...Array(130).keys()].map((n) => n + 1).concat(257, 331, 500, 720, 2 * 127);
  for (const length of lengths) {
    for (const batch of [1, 3]) {
      const [re, im] = [numbers(length * batch, 1), numbers(length * batch, 2)];
      const [outRe, outIm] = [re.slice(), im.slice()];
      planFft(length, batch)(outRe, outIm);
      // Each of the sums has `length` terms of at most sqrt 2; a convolution passes through three transforms.
      const tolerance = 16 * length * 2 ** -53 * Math.SQRT2;
      for (let k = 0; k < length; k++) {
        for (let b = 0; b < batch; b++) {
          let [x, y] = [0, 0];
          for (let j = 0; j < length; j++) {
            const angle = -2 * Math.PI * (j * k % length) / length;
            const at = j * batch + b;
            x += re[at]! * Math.cos(angle) - im[at]! * Math.sin(angle);
            y += re[at]! * Math.sin(angle) + im[at]! * Math.cos(angle);
          }
          const off = Math.hypot(x - outRe[k * batch + b]!, y - outIm[k * batch + b]!);
          assert.ok(off <= tolerance, `length ${length}, batch ${batch}, k ${k}: ${off} > ${tolerance}`);
        }
      }
    }
  }
});

/** The value of wave k at point j of a line, and what 2u − (west + east) makes of it. */
function wave(low: End, high: End, points: number, k: number): { at: (j: number) => number; eigenvalue: number } {
  const half = (numerator: number, denominator: number) => 4 * Math.sin(Math.PI * numerator / denominator / 2) ** 2;
  if (low === "periodic") {
    const w = Math.ceil(k / 2);
    const angle = (j: number) => 2 * Math.PI * (w * j % points) / points;
    return { at: (j) => (k % 2 === 0 && k > 0 ? Math.sin : Math.cos)(angle(j)), eigenvalue: half(2 * w, points) };
  }
  if (low === "fixed" && high === "fixed") {
    const n = points + 1;
    return { at: (j) => Math.sin(Math.PI * ((j + 1) * (k + 1) % (2 * n)) / n), eigenvalue: half(k + 1, n) };
  }
  if (low === "free" && high === "free") {
    const n = points - 1;
    return { at: (j) => Math.cos(Math.PI * (j * k % (2 * n)) / n), eigenvalue: half(k, n) };
  }
  const from = (j: number) => low === "free" ? j : points - 1 - j;
  return {
    at: (j) => Math.cos(Math.PI * (from(j) * (2 * k + 1) % (4 * points)) / (2 * points)),
    eigenvalue: half(2 * k + 1, 2 * points),
  };
}

const ENDS: readonly (readonly [End, End])[] = [
  ["fixed", "fixed"],
  ["free", "free"],
  ["free", "fixed"],
  ["fixed", "free"],
  ["periodic", "periodic"],
];

test("planWaves finds each wave alone, its eigenvalue, and all of them together again", () => {
  for (const [low, high] of ENDS) {
    for (const points of [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 25, 30, 37, 58, 64, 82]) {
      if (points < (low === "periodic" ? 3 : low === "free" && high === "free" ? 3 : 1)) continue;
      const where = `${low}, ${high}, ${points} points`;
      // Running sums of up to `points` terms, each with a transform's rounding.
      const tolerance = 16 * points * 2 ** -53 * Math.SQRT2;
      const batch = points;
      const transform = planTrigTransform(low, high, points, batch);
      const [a, b] = [new Float64Array(points * batch), new Float64Array(points * batch)];
      // Column k holds wave k, and in the other lines the one before.
      const before = (k: number) => (k + points - 1) % points;
      for (let k = 0; k < batch; k++) {
        for (let j = 0; j < points; j++) {
          a[j * batch + k] = wave(low, high, points, k).at(j);
          b[j * batch + k] = wave(low, high, points, before(k)).at(j);
        }
      }
      const [a0, b0] = [a.slice(), b.slice()];
      transform.forward(a, b);
      for (let k = 0; k < batch; k++) {
        const eigenvalue = wave(low, high, points, k).eigenvalue;
        assert.ok(Math.abs(transform.eigenvalues[k]! - eigenvalue) <= 8 * 2 ** -53 * 4, `${where}: eigenvalue ${k}`);
        const alone = low !== "periodic"
          ? 1
          : k === 0 || (points % 2 === 0 && k === points - 1)
          ? 1
          : k % 2
          ? 0.5
          : -0.5;
        const other = before(k);
        const first = low !== "periodic"
          ? 1
          : other === 0 || (points % 2 === 0 && other === points - 1)
          ? 1
          : other % 2
          ? 0.5
          : -0.5;
        for (let j = 0; j < points; j++) {
          const [x, y] = [a[j * batch + k]!, b[j * batch + k]!];
          assert.ok(Math.abs(x - (j === k ? alone : 0)) <= tolerance, `${where}: wave ${k} has ${x} of ${j}`);
          assert.ok(Math.abs(y - (j === other ? first : 0)) <= tolerance, `${where}: line b, ${k} has ${y} of ${j}`);
        }
      }
      transform.inverse(a, b);
      for (let at = 0; at < a.length; at++) {
        assert.ok(Math.abs(a[at]! - a0[at]!) <= 2 * tolerance && Math.abs(b[at]! - b0[at]!) <= 2 * tolerance, where);
      }
    }
  }
});
