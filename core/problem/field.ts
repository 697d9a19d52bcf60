/**
 * Fields: reads a quantity at a node, in any of the forms that authors use.
 *
 * @module
 */

import type { GridData } from "../contract.ts";
import { ProblemError } from "../errors.ts";

/** A strided array: what the npm package `ndarray` makes. */
export interface NdArray {
  /** The numbers, in any order. */
  readonly data: ArrayLike<number>;
  /** Points along each axis. */
  readonly shape: readonly number[];
  /** Elements from one point to the next along each axis. */
  readonly stride: readonly number[];
  /** Where the first point is. */
  readonly offset: number;
}

/** A quantity at the nodes: one number, an array in C order, an ndarray, or a function of (row, column). */
export type FieldInput = number | ArrayLike<number> | NdArray | ((row: number, col: number) => number);

/** A field ready to be read; `uniform` is its value where it has only one. */
export interface Sampler {
  readonly uniform: number | undefined;
  /** Whether its numbers were rounded to f32. */
  readonly single: boolean;
  at(row: number, col: number): number;
  /** Copies columns [from, to) of a row into `out`. A function is not called where `held` has a number; there it is 0. */
  read(row: number, from: number, to: number, out: Float64Array, held?: Float64Array): void;
}

/** @returns whether `input` is a strided array as `ndarray` makes them. */
export function isNdArray(input: unknown): input is NdArray {
  if (typeof input !== "object" || input === null) return false;
  const { data, shape, stride, offset } = input as Partial<NdArray>;
  return typeof data === "object" && Array.isArray(shape) && Array.isArray(stride) && typeof offset === "number";
}

/** @returns whether `input` is a flat array of numbers. */
function isFlatArray(input: unknown): input is ArrayLike<number> {
  return Array.isArray(input) || (ArrayBuffer.isView(input) && !(input instanceof DataView));
}

/** @returns whether an array is one that `set` copies from fast; its values are known to be numbers. */
function isTypedArray(data: ArrayLike<number>): data is GridData {
  return ArrayBuffer.isView(data);
}

/** @returns whether `input` has one of the forms of a field. */
export function isField(input: unknown): input is FieldInput {
  return typeof input === "number" || typeof input === "function" || isFlatArray(input) || isNdArray(input);
}

/**
 * Local. Makes a field readable and checks it: its size, and that every number in it is finite.
 *
 * @param path the key that messages name
 * @param shape [ny, nx] for a field on the nodes; [ny, 1] or [1, nx] along an edge
 * @param most the largest absolute value that it may have
 * @throws ProblemError for a wrong size or a value that is out of range; functions are checked as they are called.
 */
export function sampler(
  path: string,
  input: FieldInput,
  shape: readonly [number, number],
  most: number = Number.MAX_VALUE,
): Sampler {
  const [ny, nx] = shape;
  const fits = (value: unknown): value is number => typeof value === "number" && Math.abs(value) <= most;
  // Text is no number, even if it looks like one.
  const refuse = (value: unknown, otherwise: string, is: string): never => {
    const rule = Number.isFinite(value) ? `be between ${-most} and ${most} in this precision` : otherwise;
    throw new ProblemError(`${path} must ${rule}: ${is} ${value}`);
  };
  if (typeof input === "number") {
    if (!fits(input)) refuse(input, "be a finite number", "it is");
    return constant(input);
  }
  if (typeof input === "function") {
    const at = (row: number, col: number) => {
      const value: unknown = input(row, col);
      if (fits(value)) return value;
      return refuse(value, "give a finite number", `at row ${row}, column ${col} it gives`);
    };
    return {
      uniform: undefined,
      single: false,
      at,
      read(row, from, to, out, held) {
        for (let j = 0; j < to - from; j++) {
          out[j] = held !== undefined && held[j] === held[j] ? 0 : at(row, from + j);
        }
      },
    };
  }
  const { data, offset } = isNdArray(input) ? input : { data: input, offset: 0 };
  const [sy, sx] = strides(path, input, shape);
  for (let i = 0; i < ny; i++) {
    const j = firstBeyond(most, data, offset + i * sy, sx, nx);
    if (j === nx) continue;
    const value: unknown = data[offset + i * sy + j * sx];
    refuse(value, "hold finite numbers", `at row ${i}, column ${j} it is`);
  }
  return {
    uniform: undefined,
    single: data instanceof Float32Array,
    at: (row, col) => data[offset + row * sy + col * sx]!,
    read(row, from, to, out) {
      const start = offset + row * sy + from * sx;
      if (sx === 1 && isTypedArray(data)) out.set(data.subarray(start, start + to - from));
      else for (let j = 0; j < to - from; j++) out[j] = data[start + j * sx]!;
    },
  };
}

/** A field that is the same everywhere. */
function constant(value: number): Sampler {
  return {
    uniform: value,
    single: false,
    at: () => value,
    read: (_, from, to, out) => void out.fill(value, 0, to - from),
  };
}

/** Local. A field times a number, plus another. */
export function affine(field: Sampler, factor: number, summand = 0): Sampler {
  if (factor === 1 && summand === 0) return field;
  if (field.uniform !== undefined) return constant(field.uniform * factor + summand);
  return {
    ...field,
    at: (row, col) => field.at(row, col) * factor + summand,
    read(row, from, to, out, held) {
      field.read(row, from, to, out, held);
      for (let j = 0; j < to - from; j++) out[j] = out[j]! * factor + summand;
    },
  };
}

/**
 * Local. Finds the first of `count` elements that is no number, or beyond `most`. Called once a row, so that engines optimize it
 * during the check.
 *
 * @returns how many come before it; `count` if there is none
 */
export function firstBeyond(
  most: number,
  data: ArrayLike<number>,
  start: number,
  stride: number,
  count: number,
): number {
  for (let j = 0, at = start; j < count; j++, at += stride) {
    // Number.isFinite is false of all that is no number.
    if (!(Number.isFinite(data[at]) && Math.abs(data[at]!) <= most)) return j;
  }
  return count;
}

/** Elements from row to row and from column to column. @throws ProblemError if the array has another shape */
function strides(
  path: string,
  input: ArrayLike<number> | NdArray,
  [ny, nx]: readonly [number, number],
): readonly [sy: number, sx: number] {
  const line = ny === 1 || nx === 1;
  const wanted = line ? `${ny * nx} values` : `${ny} x ${nx} values`;
  if (!isNdArray(input)) {
    if (input.length === ny * nx) return [nx, 1];
    throw new ProblemError(`${path} must have ${wanted}: it has ${input.length}`);
  }
  const { shape, stride } = input;
  if (shape.length === 2 && shape[0] === ny && shape[1] === nx) return [stride[0]!, stride[1]!];
  if (line && shape.length === 1 && shape[0] === ny * nx) return [stride[0]!, stride[0]!];
  throw new ProblemError(`${path} must have ${wanted}: its shape is ${shape.join(" x ")}`);
}
