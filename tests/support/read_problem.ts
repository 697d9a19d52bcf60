/**
 * Problem files beside a few fields for a grid of 3 × 4: what is read from a text, and what is refused. Not a test itself.
 *
 * @module
 */

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "../../core/errors.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { writeField } from "../../io/fields.ts";
import { writeAtomically } from "../../io/files.ts";
import { encodePng } from "../../io/png.ts";
import { type ReadOptions, readProblem } from "../../io/problem_file.ts";
import { writePng } from "./png_writer.ts";

/** The first line of most of them. */
export const SHAPE = "shape = [3, 4]\n";

/** Numbers of a field. */
export const line = (n: number) => Float64Array.from({ length: n }, (_, k) => k + 0.5);

/** Reads `text` as the problem file `name`, beside the fields. */
export async function read(
  text: string | Uint8Array,
  name = "plate.toml",
  options: ReadOptions = {},
): Promise<Problem> {
  const folder = await mkdtemp(join(tmpdir(), "laplace-test-"));
  const at = (file: string) => join(folder, file);
  try {
    await mkdir(at("data"));
    await writeField(at("data/f.npy"), { shape: [3, 4], data: line(12) });
    await writeField(at("column.csv"), { shape: [3, 1], data: line(3) });
    await writeField(at("row.csv"), { shape: [1, 4], data: line(4) });
    await writeField(at("nan.csv"), { shape: [3, 4], data: line(12).fill(NaN, 6, 7) });
    await writeField(at("inf.csv"), { shape: [1, 4], data: line(4).fill(-Infinity, 2, 3) });
    await writeFile(at("bad.csv"), "1,2,3,4\n5,6,x,8\n9,10,11,12\n");
    await writeFile(at("bad.npy"), "");
    const palette = [[255, 0, 0], [0, 0, 255], [255, 255, 255]] as const;
    const pixels = Uint8Array.of(0, 0, 0, 0, 2, 2, 2, 2, 1, 1, 2, 2);
    await writeAtomically(at("p.png"), encodePng({ width: 4, height: 3, pixels, palette }));
    await writeField(at("cells.npy"), { shape: [2, 3], data: line(6) });
    const clear = {
      width: 4,
      height: 3,
      type: 4,
      depth: 8,
      samples: (x: number, y: number) => [x === y ? 0 : 9, 3 - x],
    };
    await writeFile(at("mask.PNG"), writePng(clear));
    const drawn = Uint8Array.of(0, 0, 2, 2, 1, 2);
    await writeAtomically(at("section.png"), encodePng({ width: 3, height: 2, pixels: drawn, palette }));
    await writeFile(at(name), text);
    return await readProblem(at(name), options);
  } catch (error) {
    // Messages name files as the user did: relative to the folder, here.
    if (error instanceof ConfigError) error.message = error.message.replaceAll(folder + "/", "");
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Fails unless reading is refused, in one line that names the file. */
export async function refuses(
  text: string | Uint8Array,
  pattern: RegExp,
  name = "plate.toml",
  options: ReadOptions = {},
): Promise<void> {
  await assert.rejects(read(text, name, options), (error) => {
    assert.ok(error instanceof ConfigError, String(error));
    assert.match(error.message, /^Cannot read "plate\.\w+": [^\n]+[^.\n]$/);
    assert.match(error.message, pattern);
    return true;
  });
}
