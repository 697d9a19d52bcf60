/** What is seen of a library's file before the system's loader reads it. */

import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { openLibrary } from "../../host/ffi.ts";
import { isCutShort } from "../../host/library_file.ts";

test("openLibrary refuses a library that is cut short, where the loader would end the process", async () => {
  assert.equal(isCutShort(process.execPath), false);
  const folder = mkdtempSync(join(tmpdir(), "laplace-"));
  const path = join(folder, "libcut.so");
  try {
    const bytes = new Uint8Array(1 << 20);
    const program = openSync(process.execPath, "r");
    readSync(program, bytes);
    closeSync(program);
    for (const length of [64, 4096, 5000, bytes.length]) {
      writeFileSync(path, bytes.subarray(0, length));
      await assert.rejects(openLibrary(path, {}), { message: `${path} is damaged: it is shorter than it says` });
    }
    // What the loader refuses by itself, it may.
    for (const length of [0, 3]) {
      writeFileSync(path, bytes.subarray(0, length));
      await assert.rejects(openLibrary(path, {}), { message: /^libcut\.so is not a library for this machine: / });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
