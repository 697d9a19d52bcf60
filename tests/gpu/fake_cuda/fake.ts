/**
 * The fake driver, built for one test file, with properties that tests set. Its folder is removed after the tests.
 *
 * @module
 */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import type { Dtype } from "../../../core/contract.ts";
import { encodeString, openLibrary } from "../../../host/ffi.ts";
import { buildFake, hasCompiler } from "./build.ts";

/** Properties of the driver: driver.c explains them. */
export type Trait = "DEVICES" | "MEMORY" | "VERSION" | "CAPABILITY" | "INTEGRATED" | "FAIL" | "WRONG" | "ORDER";

/** Its counts. */
export type Counted = "allocated" | "blocks" | "launches" | "contexts";

/** A fake driver. */
export interface Fake {
  /** Its path, for LAPLACE_CUDA. */
  readonly library: string;
  /** The folder of replacements for PTX, for LAPLACE_NATIVE. */
  readonly folder: string;
  /** Reads a replacement for PTX. */
  ptx(dtype: Dtype): Promise<string>;
  /** Does work with a driver that has some properties, and resets them. */
  while<T>(traits: Partial<Record<Trait, string>>, work: () => T | Promise<T>): Promise<T>;
  /** A count at present; of launches, all so far. */
  count(what: Counted): number;
  /** Checks that all memory is released; contexts, and kernels in them, stay. */
  assertEmpty(what?: string): void;
}

/** Why there is no fake driver here; undefined if there is. */
export const noFake: string | undefined = hasCompiler ? undefined : "there is no gcc";

/** Local. Builds the fake driver. Once for a test file. */
export async function makeFake(): Promise<Fake> {
  const folder = mkdtempSync(join(tmpdir(), "laplace-cuda-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const library = buildFake(folder);
  const control = await openLibrary(library, {
    fake_set: { args: ["buffer", "buffer"], returns: "void" },
    fake_count: { args: ["buffer"], returns: "f64" },
  });
  const set = (name: string, value: string) => control.fake_set(encodeString(`FAKE_CUDA_${name}`), encodeString(value));
  const count = (what: Counted) => control.fake_count(encodeString(what));
  return {
    library,
    folder,
    ptx: (dtype) => new Promise((resolve) => resolve(readFileSync(join(folder, `kernels_${dtype}.ptx`), "utf8"))),
    async while(traits, work) {
      for (const [name, value] of Object.entries(traits)) set(name, value);
      try {
        return await work();
      } finally {
        for (const name of Object.keys(traits)) set(name, "");
      }
    },
    count,
    assertEmpty(what = "") {
      for (const kind of ["allocated", "blocks"] as const) assert.equal(count(kind), 0, `${kind} ${what}`);
    },
  };
}
