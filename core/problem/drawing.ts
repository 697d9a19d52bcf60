/**
 * Drawings: which part each pixel of an image belongs to.
 *
 * @module
 */

import { counted, ProblemError } from "../errors.ts";
import { cellShape, type Frame } from "./frame.ts";
import { type LegendEntry, matchColours, readColours } from "./legend.ts";
import type { ImageInput, RoleInput } from "./parts.ts";
import { type Role, roleOf } from "./roles.ts";

/** A part of a drawing: all pixels of its colours. */
export type DrawnPart = Role & {
  readonly name: string;
  /** The key that messages name, such as `image.legend."#ff0000"`. */
  readonly path: string;
};

/** A drawing in numbers. */
export interface Drawing {
  /** Whether a pixel is a cell between four nodes, or a node. */
  readonly pixels: "cells" | "nodes";
  /** Pixels in rows and columns: those of `cellShape`, or of the grid. */
  readonly shape: readonly [rows: number, cols: number];
  /** For each pixel, row by row from the top, the number of its part, from 1 on; 0 is the medium. */
  readonly numbers: Uint16Array;
  readonly parts: readonly DrawnPart[];
}

type Entry = RoleInput & { readonly name?: string };

const WORDS = { tolerance: "image.tolerance", otherwise: "are medium", such: "of the medium" };

/** Local. The rows and columns of pixels that a drawing must have. */
export function drawingShape(
  pixels: ImageInput["pixels"],
  shape: readonly [number, number],
  periodic: Frame["periodic"],
): readonly [rows: number, cols: number] {
  return pixels === "nodes" ? shape : cellShape(shape, periodic);
}

/** Local. What a pixel is, in words. */
export function eachPixel(pixels: ImageInput["pixels"]): string {
  return pixels === "nodes"
    ? 'point; with pixels = "cells", one for each cell between points'
    : 'cell between points; with pixels = "nodes", one for each point';
}

/**
 * Local. What a drawing has that its legend lacks, in one line; undefined if that is nothing.
 *
 * @throws ProblemError for a colour of the legend that does not occur.
 */
export function strayPixels(image: ImageInput): string | undefined {
  return match(image, readColours(image.legend, "image.legend")).warning;
}

/**
 * Local. Reads a drawing of a validated problem.
 *
 * @param most the largest absolute value that may be held
 * @throws ProblemError for a drawing of another size than the grid, and a colour of the legend that does not occur.
 */
export function readDrawing(image: ImageInput, frame: Frame, most: number): Drawing {
  const { pixels = "cells", width, height, data } = image;
  const shape = drawingShape(pixels, frame.grid.shape, frame.periodic);
  const [rows, cols] = shape;
  if (height !== rows || width !== cols) {
    const is = `it is ${counted(width, "pixel")} wide and ${height} high`;
    throw new ProblemError(
      `image must fit the grid: ${is}, but it needs ${cols} and ${rows}, one for each ${eachPixel(pixels)}`,
    );
  }
  if (data.length !== 4 * width * height) {
    throw new ProblemError(
      `image.data must have ${counted(4 * width * height, "byte")}, four a pixel: it has ${data.length}`,
    );
  }
  const legend = readColours<Entry>(image.legend, "image.legend");
  const { numbers } = match(image, legend);
  const parts: DrawnPart[] = [];
  const places = Uint16Array.from([0, ...legend.map(({ text, entry }) => place(text, entry))]);
  for (let p = 0; p < numbers.length; p++) numbers[p] = places[numbers[p]!]!;
  return { pixels, shape, numbers, parts };

  /** The number of the part that a colour belongs to; colours of one name share it. */
  function place(text: string, entry: Entry): number {
    if (Object.keys(entry).length === 0) return 0;
    const name = entry.name ?? text.toLowerCase();
    const known = parts.findIndex((part) => part.name === name);
    if (known >= 0) return known + 1;
    const path = `image.legend.${JSON.stringify(text)}`;
    return parts.push({ name, path, ...roleOf(entry, path, frame, most) });
  }
}

function match(image: ImageInput, legend: readonly LegendEntry<Entry>[]) {
  try {
    return matchColours(image, legend, image.tolerance ?? 0, WORDS);
  } catch (error) {
    throw error instanceof ProblemError ? new ProblemError(`image ${error.message}`) : error;
  }
}
