/**
 * Random problems of all kinds, for property tests, and fields compared. Not a test itself.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { scatter } from "../../conformance/problems.ts";
import type { FieldInput } from "../../core/problem/field.ts";
import type { EdgeInput, Problem } from "../../core/problem/problem.ts";
import { lower } from "../../core/discretize/lower.ts";

/** A field of scattered numbers in any of the forms that a field can have. */
function field([ny, nx]: readonly [number, number], low: number, high: number): fc.Arbitrary<FieldInput> {
  return fc.record({ form: fc.integer({ min: 0, max: 4 }), seed: fc.nat() }).map(({ form, seed }): FieldInput => {
    const f = scatter(seed, low, high);
    const length = ny * nx;
    if (form === 0) return f(0, 0);
    if (form === 1) return (row, col) => f(row, col);
    if (form === 2) return Float32Array.from({ length }, (_, n) => f(n, 0));
    if (form === 3) return Array.from({ length }, (_, n) => f(n, 0));
    // Transposed, with every second number unused: strides and an offset that matter.
    const data = Float64Array.from({ length: 2 * length + 3 }, (_, n) => f(n, 1));
    if (ny === 1 || nx === 1) return { data, shape: [length], stride: [2], offset: 3 };
    return { data, shape: [ny, nx], stride: [2, 2 * ny], offset: 3 };
  });
}

const eighths = (low: number, high: number) => fc.integer({ min: 8 * low, max: 8 * high }).map((n) => n / 8);

/** Random problems of 3 to `most` points a side that hold their solution somewhere. */
export const randomProblems = (most: number): fc.Arbitrary<Problem> =>
  fc.record({
    shape: fc.tuple(fc.integer({ min: 3, max: most }), fc.integer({ min: 3, max: most })),
    spacing: fc.tuple(fc.constantFrom(1, 0.25, 0.5), fc.constantFrom(1, 0.25, 2)),
    periodic: fc.tuple(fc.boolean(), fc.boolean()),
    square: fc.boolean(),
  }).chain(({ shape, spacing: [dy, dx], periodic, square }) => {
    const spacing: [number, number] = [dy, square ? dy : dx];
    const edge = (length: number, wraps: boolean): fc.Arbitrary<EdgeInput> => {
      if (wraps) return fc.constant("periodic");
      const line = [1, length] as const;
      return fc.oneof(
        field(line, -9, 9),
        field(line, -3, 3).map((flux) => ({ flux })),
        fc.record({ h: field(line, 0, 2), ambient: field(line, -20, 20) }).map((convection) => ({ convection })),
      );
    };
    const [ny, nx] = shape;
    const position = fc.tuple(eighths(-1, Math.ceil(ny * dy)), eighths(-1, Math.ceil(nx * spacing[1])));
    const item = fc.oneof(
      fc.record({
        kind: fc.constant("circle" as const),
        center: position,
        radius: eighths(1, 3),
        value: fc.integer({ min: -9, max: 9 }),
      }),
      fc.tuple(position, position, fc.integer({ min: -9, max: 9 })).map(([a, b, value]) => ({
        kind: "rect" as const,
        from: [Math.min(a[0], b[0]), Math.min(a[1], b[1])] as [number, number],
        to: [Math.max(a[0], b[0]), Math.max(a[1], b[1])] as [number, number],
        value,
      })),
    );
    const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined });
    const mask = fc.nat().map((seed) => {
      const f = scatter(seed, 0, 1);
      return (row: number, col: number) => f(row, col) < 0.15 || (row === 1 && col === 2) ? -1 : 0;
    });
    return fc.record({
      north: edge(nx, periodic[0]),
      south: edge(nx, periodic[0]),
      west: edge(ny, periodic[1]),
      east: edge(ny, periodic[1]),
      source: maybe(field(shape, -4, 4)),
      conductivity: maybe(field(shape, 0.05, 20)),
      initial: maybe(field(shape, -5, 5)),
      mask: maybe(mask),
      values: field(shape, -9, 9),
      shapes: maybe(fc.array(item, { maxLength: 3 })),
    }).map(({ north, south, west, east, source, conductivity, initial, mask, values, shapes }): Problem => ({
      shape,
      spacing,
      edges: { north, south, west, east },
      ...(source !== undefined && { source: { value: source } }),
      ...(conductivity !== undefined && { conductivity }),
      ...(initial !== undefined && { initial }),
      fixed: { ...(mask && { mask, values }), ...(shapes && { shapes }) },
    }));
  }).filter((problem) => {
    try {
      return !lower(problem).singular;
    } catch (cause) {
      // A shape that covers no point, or fluxes that nothing balances.
      return !/covers no point|do not balance/.test((cause as Error).message);
    }
  });

/** Compares fields point by point. */
export const close = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, what: string): void => {
  for (let k = 0; k < a.length; k++) {
    assert.ok(Math.abs(a[k]! - b[k]!) <= tolerance, `${what}: point ${k} is ${a[k]}, expected ${b[k]}`);
  }
};
/** max |u|, 1 at least. */
export const size = (u: ArrayLike<number>): number =>
  Array.from(u).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
