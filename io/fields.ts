/**
 * Fields in files: the extension of a name chooses the format, for reading and for writing.
 *
 * @module
 */

import { extname } from "node:path";
import type { Dtype, GridData, Session } from "../core/contract.ts";
import { decodeCsv, encodeCsv } from "./csv.ts";
import { knownExtension } from "./errors.ts";
import { checkTarget, readBytes, writeAtomically } from "./files.ts";
import { heatmap } from "./heatmap.ts";
import { decodeNpy, encodeNpy, encodeNpyHeader, type FieldArray } from "./npy.ts";
import { encodePng } from "./png.ts";

/** A field on a grid. */
export interface Field {
  /** ny, nx: rows and columns, edges included. */
  readonly shape: readonly [ny: number, nx: number];
  /** Values in C order. */
  readonly data: GridData;
  /** dy, dx; default 1. */
  readonly spacing?: readonly [dy: number, dx: number];
}

interface Format {
  encode(field: Field): Iterable<Uint8Array>;
  decode?(bytes: Uint8Array, name: string): FieldArray;
}

const FORMATS: Readonly<Record<string, Format>> = {
  ".npy": { encode: ({ shape, data }) => encodeNpy(shape, data), decode: decodeNpy },
  ".csv": { encode: ({ shape, data }) => encodeCsv(shape, data), decode: decodeCsv },
  ".png": { encode: ({ shape, data, spacing = [1, 1] }) => encodePng(heatmap(shape, data, spacing)) },
};

/** The extensions that {@linkcode writeField} knows. */
export const OUTPUT_EXTENSIONS: readonly string[] = Object.keys(FORMATS);
/** The extensions that {@linkcode readField} knows. */
export const INPUT_EXTENSIONS: readonly string[] = OUTPUT_EXTENSIONS.filter((name) => FORMATS[name]!.decode);

/**
 * Local. Checks that {@linkcode writeField} can write to `path`, and writes nothing: to be called before a solve.
 *
 * @throws ConfigError for an unknown extension, a folder, a missing folder, or missing permission.
 */
export async function checkWritable(path: string): Promise<void> {
  knownExtension("write", path, OUTPUT_EXTENSIONS);
  await checkTarget(path);
}

/**
 * Local. Writes a field as .npy, .csv or .png; a file that exists is replaced as a whole or not at all.
 *
 * @throws ConfigError for an unknown extension, or if the system refuses.
 *
 * @example
 * ```ts
 * import { readField, writeField } from "./fields.ts";
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const path = join(await mkdtemp(join(tmpdir(), "laplace-")), "u.csv");
 * await writeField(path, { shape: [1, 2], data: Float64Array.of(0.1, 2) });
 * console.log((await readField(path)).data); // Float64Array(2) [ 0.1, 2 ]
 * ```
 */
export async function writeField(path: string, field: Field): Promise<void> {
  const extension = knownExtension("write", path, OUTPUT_EXTENSIONS);
  await writeAtomically(path, FORMATS[extension]!.encode(field));
}

/** Local. Whether all ranks can write a file together: its numbers lie one after the other. */
export function isStored(path: string): boolean {
  return extname(path).toLowerCase() === ".npy";
}

/**
 * Collective. Writes the field of ranks as .npy, each what it owns, so that none holds it all; replaced as a whole or not at
 * all.
 *
 * @param field of the field: ny, nx, and the precision
 * @throws ConfigError if the system refuses.
 */
export async function storeField(
  path: string,
  { shape, dtype }: { readonly shape: readonly [number, number]; readonly dtype: Dtype },
  session: Pick<Session, "rank" | "collective">,
): Promise<void> {
  const store = session.collective!.store!;
  if (session.rank > 0) return await store(undefined, 0);
  const header = encodeNpyHeader(shape, dtype);
  let reached = false;
  try {
    await writeAtomically(path, [header], async (temporary) => {
      reached = true;
      await store(temporary, header.length);
    });
  } catch (cause) {
    // The others wait to hear of a file.
    if (!reached) await store("", 0);
    throw cause;
  }
}

/**
 * Local. Reads an array from a .npy or .csv file; a table always has two dimensions.
 *
 * @throws ConfigError if the file is missing, of another format, or damaged.
 */
export async function readField(path: string): Promise<FieldArray> {
  const extension = knownExtension("read", path, INPUT_EXTENSIONS);
  return FORMATS[extension]!.decode!(await readBytes(path), path);
}
