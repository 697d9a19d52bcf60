/** What is seen of a library's file before the system's loader reads it. */

import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { openLibrary } from "../../host/ffi.ts";
import { isCutShort, processorOf } from "../../host/library_file.ts";

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
      await assert.rejects(openLibrary(path, { f: { args: [], returns: "i32" } }), {
        message: `${path} is not a library: file too short`,
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("openLibrary says of a library for another processor that it is one, and not that there is none", async () => {
  if (process.platform !== "linux") return; // elsewhere libraries are no ELF files
  const folder = mkdtempSync(join(tmpdir(), "laplace-"));
  const path = join(folder, "libother.so");
  try {
    // The header of a library for 64 bits, little-endian, without any section.
    const header = new DataView(new ArrayBuffer(64));
    [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1].forEach((byte, at) => header.setUint8(at, byte));
    const [arm, x64] = [183, 62];
    header.setUint16(16, 3, true);
    header.setUint16(18, process.arch === "x64" ? arm : x64, true);
    header.setUint32(20, 1, true);
    writeFileSync(path, new Uint8Array(header.buffer));
    const other = process.arch === "x64" ? "aarch64" : "x86-64";
    assert.equal(processorOf(path), other);
    await assert.rejects(openLibrary(path, { f: { args: [], returns: "i32" } }), {
      name: "LibraryError",
      trouble: "processor",
      message: `${path} is a library for another processor: ${other}`,
    });
    rmSync(path);
    await assert.rejects(openLibrary(path, { f: { args: [], returns: "i32" } }), {
      trouble: "missing",
      message: `${path} does not exist`,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
