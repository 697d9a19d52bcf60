/**
 * Problem files: a problem as TOML or JSON, whose fields may stand in files of their own. Only what exists in files
 * alone is checked here (names of files, their sizes, images); all else is the business of `core/problem/problem.ts`.
 *
 * @module
 */

import { dirname, isAbsolute, join as joinPath } from "node:path";
import type { GridData } from "../core/contract.ts";
import { ConfigError } from "../core/errors.ts";
import { drawingShape, eachPixel, strayPixels } from "../core/problem/drawing.ts";
import { firstBeyond } from "../core/problem/field.ts";
import { cellShape, withParameters } from "../core/problem/frame.ts";
import { notAKey, withName } from "../core/problem/messages.ts";
import { IMAGE_KEYS, keysOfPart } from "../core/problem/part_forms.ts";
import type { NumberInput } from "../core/problem/parts.ts";
import { type Problem, validateProblem } from "../core/problem/problem.ts";
import { cannot, inWords, quote } from "./errors.ts";
import { readField } from "./fields.ts";
import { readBytes } from "./files.ts";
import { LARGEST_IMAGE, readFixedImage, readMask } from "./fixed_image.ts";
import { decodePng } from "./png_decode.ts";
import { isTable, join, readProblemText, type Table } from "./problem_text.ts";

const EDGE_LENGTHS: Readonly<Record<string, 0 | 1>> = { north: 1, south: 1, west: 0, east: 0 };
const SECTIONS = ["source", "conductivity", "initial"] as const;

type Size = readonly [ny: number, nx: number];

/** What may be asked of `readProblem`. */
export interface ReadOptions {
  /** Is called with one line about what may not be meant, such as pixels in colours that a legend lacks. */
  readonly onWarning?: (warning: string) => void;
  /** What replaces parameters of the problem: numbers or formulas. */
  readonly parameters?: Readonly<Record<string, NumberInput>>;
}

/**
 * Local. Reads a problem from a .toml or .json file, and all files that it names, relative to it: every
 * `{ file = "…" }`, mask and drawing becomes an array, and `fixed.image` with its legend a mask with values.
 *
 * @param path of the file
 * @param options where warnings go, without nowhere; and other values of parameters
 * @throws ConfigError that names the file, and the key or the line and column.
 *
 * @example
 * ```ts
 * import { readProblem } from "./problem_file.ts";
 * import { mkdtemp, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const path = join(await mkdtemp(join(tmpdir(), "laplace-")), "plate.toml");
 * await writeFile(path, "shape = [5, 5]\nedges.north = 100\n");
 * console.log((await readProblem(path)).shape); // [ 5, 5 ]
 * ```
 */
export async function readProblem(
  path: string,
  { onWarning = () => {}, parameters }: ReadOptions = {},
): Promise<Problem> {
  const raw = await readProblemText(path);
  const size = sizeOf(raw);
  if (size === undefined) {
    // Without a shape no file can be checked; what is wrong is for the core to say, with the files out of its sight.
    const rest = {
      edges: {},
      source: 0,
      conductivity: 1,
      initial: 0,
      fixed: {},
      parts: [],
      image: undefined,
      probes: [],
    };
    named(path, raw, () => validateProblem({ shape: [3, 3], ...raw, ...rest }));
    throw cannot("read", path, 'shape is missing; write "shape = [ny, nx]"');
  }
  const files = new Files(path, raw, size, periodicIn(raw), onWarning);
  const resolved = await files.resolve();
  return named(path, raw, () => {
    const problem = validateProblem(resolved);
    files.warn("image", problem.image && strayPixels(problem.image));
    return parameters ? withParameters(problem, parameters) : problem;
  });
}

/** Runs an action whose errors are to name the file, and the part or probe by its name. */
function named<T>(path: string, raw: Table, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof ConfigError ? cannot("read", path, withName(error.message, raw)) : error;
  }
}

function periodicIn({ edges }: Table): readonly [boolean, boolean] {
  return isTable(edges) ? [edges.north === "periodic", edges.west === "periodic"] : [false, false];
}

function sizeOf({ shape }: Table): Size | undefined {
  if (!Array.isArray(shape) || shape.length !== 2) return undefined;
  const [ny, nx] = shape;
  return Number.isSafeInteger(ny) && Number.isSafeInteger(nx) && ny >= 3 && nx >= 3 ? [ny, nx] : undefined;
}

/** The files of one problem. */
class Files {
  constructor(
    readonly path: string,
    readonly raw: Table,
    readonly size: Size,
    readonly periodic: readonly [boolean, boolean],
    readonly onWarning: (warning: string) => void,
  ) {}

  /** Passes a warning on, if there is one. */
  warn(key: string, warning: string | undefined): void {
    if (warning !== undefined) this.onWarning(`${key} of ${quote(this.path)}: ${warning}`);
  }

  /** A copy of the problem in which arrays stand for names of files. */
  async resolve(): Promise<Record<string, unknown>> {
    const { raw } = this;
    const problem: Record<string, unknown> = { ...raw };
    if (isTable(raw.edges)) {
      const edges: Record<string, unknown> = { ...raw.edges };
      for (const [name, axis] of Object.entries(EDGE_LENGTHS)) {
        if (name in raw.edges) edges[name] = await this.edge(raw.edges[name], `edges.${name}`, [this.size[axis]]);
      }
      problem.edges = edges;
    }
    for (const key of SECTIONS) if (isTable(raw[key])) problem[key] = await this.section(raw[key], key);
    if (isTable(raw.fixed)) problem.fixed = await this.fixed(raw.fixed);
    if (Array.isArray(raw.parts)) {
      problem.parts = await Promise.all(raw.parts.map((part: unknown, n) => this.part(part, `parts[${n}]`)));
    }
    if (isTable(raw.image)) problem.image = await this.image(raw.image);
    return problem;
  }

  async section(section: Table, key: typeof SECTIONS[number]): Promise<unknown> {
    this.onlyOneOf(section, key, ["value", "file", "formula", ...(key === "conductivity" ? ["cells"] : [])]);
    if ("file" in section) return await this.reference(section.file, `${key}.file`, this.size);
    if (typeof section.cells !== "string") return { ...section };
    return { cells: await this.reference(section.cells, `${key}.cells`, cellShape(this.size, this.periodic)) };
  }

  async part(part: unknown, key: string): Promise<unknown> {
    if (!isTable(part) || part.kind !== "file") return part;
    this.known(part, key, keysOfPart("file"));
    const { file, ...rest } = part;
    const path = this.located(file, `${key}.file`);
    const png = path.toLowerCase().endsWith(".png");
    const mask = png
      ? await this.within(`${key}.file`, () => readMask(path, this.size))
      : await this.reference(file, `${key}.file`, this.size);
    return { ...rest, mask };
  }

  async image(raw: Table): Promise<unknown> {
    this.known(raw, "image", IMAGE_KEYS);
    const { file, ...rest } = raw;
    const path = this.located(file, "image.file");
    const pixels = raw.pixels === "nodes" ? "nodes" : "cells";
    const shape = drawingShape(pixels, this.size, this.periodic);
    const read = async () => decodePng(await readBytes(path, LARGEST_IMAGE), path, shape, eachPixel(pixels));
    return { ...rest, ...await this.within("image.file", read) };
  }

  async edge(value: unknown, key: string, shape: readonly number[]): Promise<unknown> {
    if (!isTable(value)) return value;
    this.onlyOneOf(value, key, ["file", "flux", "convection", "formula"]);
    if ("formula" in value) return { ...value };
    if ("file" in value) return await this.reference(value.file, `${key}.file`, shape);
    if ("flux" in value) return { flux: await this.quantity(value.flux, `${key}.flux`, shape) };
    const given = value.convection;
    if (!isTable(given)) return { convection: given };
    this.known(given, `${key}.convection`, ["h", "ambient"]);
    const convection: Record<string, unknown> = { ...given };
    for (const name of Object.keys(given)) {
      convection[name] = await this.quantity(given[name], `${key}.convection.${name}`, shape);
    }
    return { convection };
  }

  /** A number, a formula, or a table that names a file. */
  async quantity(value: unknown, key: string, shape: readonly number[]): Promise<unknown> {
    if (!isTable(value)) return value;
    this.onlyOneOf(value, key, ["file", "formula"]);
    return "formula" in value ? { ...value } : await this.reference(value.file, `${key}.file`, shape);
  }

  async fixed(raw: Table): Promise<Record<string, unknown>> {
    this.known(raw, "fixed", ["mask", "values", "image", "legend", "tolerance", "shapes"]);
    const { image, legend, tolerance = 0, ...rest } = raw;
    const fixed: Record<string, unknown> = { ...rest };
    for (const name of ["mask", "values"]) {
      if (isTable(raw[name])) throw this.error(`fixed.${name}`, "must be the name of a file, in quotes");
      if (typeof raw[name] === "string") fixed[name] = await this.reference(raw[name], `fixed.${name}`, this.size);
    }
    if (image === undefined) {
      const idle = ["legend", "tolerance"].find((name) => name in raw);
      if (idle !== undefined) throw this.error(`fixed.${idle}`, "is of no use without fixed.image");
      return fixed;
    }
    if (legend === undefined) throw this.error("fixed.image", 'needs fixed.legend, such as { "#ff0000" = 100 }');
    for (const name of ["mask", "values"]) {
      if (name in raw) throw this.error("fixed", `has both "image" and "${name}"; keep one of them`);
    }
    if (typeof tolerance !== "number" || !Number.isInteger(tolerance) || tolerance < 0 || tolerance > 255) {
      throw this.error("fixed.tolerance", "must be a whole number from 0 to 255, the largest difference in a channel");
    }
    const file = this.located(image, "fixed.image");
    const read = () => readFixedImage(file, this.size, legend, tolerance);
    const { points, warning } = await this.within("fixed.image", read);
    this.warn("fixed.image", warning);
    return { ...fixed, ...points };
  }

  /** The array in a file, which must have `shape`; an edge of n points may also be a table of 1 × n or n × 1. */
  async reference(value: unknown, key: string, shape: readonly number[]): Promise<GridData> {
    const file = this.located(value, key);
    const field = await this.within(key, () => readField(file));
    const line = shape.length === 1 && field.shape.length === 2 && Math.min(...field.shape) === 1;
    const same = line ? field.data.length === shape[0] : field.shape.join() === shape.join();
    if (!same) {
      const should = shape.length === 1 ? `${shape[0]} numbers` : inWords(shape);
      throw this.error(key, `${quote(file)} holds ${inWords(field.shape)}, but the grid needs ${should}`);
    }
    const k = firstBeyond(Number.MAX_VALUE, field.data, 0, 1, field.data.length);
    if (k < field.data.length) {
      const [, nx] = shape;
      const where = nx === undefined ? `point ${k}` : `row ${Math.floor(k / nx)}, column ${k % nx}`;
      const has = `${quote(file)} has ${field.data[k]} at ${where}, counted from 0`;
      throw this.error(key, `${has}; every value must be finite`);
    }
    return field.data;
  }

  /** Where a file is that the problem names. */
  located(name: unknown, key: string): string {
    if (typeof name !== "string" || name === "") throw this.error(key, "must be the name of a file, in quotes");
    return isAbsolute(name) ? name : joinPath(dirname(this.path), name);
  }

  known(table: Table, key: string, names: readonly string[]): void {
    for (const name of Object.keys(table)) {
      if (!names.includes(name)) {
        const path = join(key, name);
        throw cannot("read", this.path, withName(`${path} ${notAKey(path, name, names)}`, this.raw));
      }
    }
  }

  onlyOneOf(table: Table, key: string, names: readonly string[]): void {
    this.known(table, key, names);
    const given = Object.keys(table);
    if (given.length === 0) throw this.error(key, `is empty; give it ${names.map((name) => `"${name}"`).join(" or ")}`);
    if (given.length > 1) throw this.error(key, `has both "${given[0]}" and "${given[1]}"; keep one of them`);
  }

  /** Runs an action whose errors name a file; they are to name the key that named it too. */
  async within<T>(key: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw this.error(key, error.message.replace(/^Cannot/, "cannot"));
    }
  }

  error(key: string, why: string): ConfigError {
    return cannot("read", this.path, withName(`${key}: ${why}`, this.raw));
  }
}
