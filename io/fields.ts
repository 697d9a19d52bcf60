/**
 * Fields in files: the extension of a name chooses the format, for reading and for writing.
 *
 * @module
 */

import { constants } from "node:os";
import { extname } from "node:path";
import type { Collective, Dtype, GridData, Session } from "../core/contract.ts";
import { ConfigError } from "../core/errors.ts";
import { decodeCsv, encodeCsv } from "./csv.ts";
import { cannot, codeOf, knownExtension, reasonOf, systemCode } from "./errors.ts";
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
 * @throws ConfigError on all ranks, if the system refuses on one.
 */
export async function storeField(
  path: string,
  { shape, dtype }: { readonly shape: readonly [number, number]; readonly dtype: Dtype },
  { rank, collective }: Pick<Session, "rank" | "collective">,
): Promise<void> {
  const { store, agree } = collective!;
  const header = encodeNpyHeader(shape, dtype);
  let filled = false;
  const fill = async (file?: string) => {
    filled = true;
    let failure: unknown;
    try {
      await store!(file, header.length);
    } catch (cause) {
      if (systemCode(cause) === undefined) throw cause;
      failure = cause;
    }
    const why = await firstReason(failure, rank, agree);
    if (why !== undefined) throw cannot("write", path, why);
  };
  let failure: unknown;
  try {
    if (rank > 0) await fill();
    else await writeAtomically(path, [header], fill);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    failure = cause;
    // The others wait to hear of a file.
    if (!filled) await fill("");
  }
  // Rank 0 alone makes the file and replaces the old one.
  const [failed] = await agree([failure === undefined ? 0 : 1]);
  if (failed! > 0) throw failure ?? cannot("write", path, "rank 0 could not");
}

/** Collective. Why the first of the ranks failed that did, the same on all; undefined if none did. */
async function firstReason(failure: unknown, rank: number, agree: Collective["agree"]): Promise<string | undefined> {
  const [first] = await agree([failure === undefined ? -Infinity : -rank]);
  if (first === -Infinity) return undefined;
  const codes: Readonly<Record<string, number>> = constants.errno;
  const [number] = await agree([-rank === first ? codes[systemCode(failure)!] ?? 0 : 0]);
  const code = codeOf(number!) ?? "EIO";
  if (first === 0) return reasonOf(code);
  return code === "ENOENT"
    ? `rank ${-first!} does not see the file that rank 0 has made; name one in a folder that all ranks share`
    : `${reasonOf(code)}, says rank ${-first!}`;
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
