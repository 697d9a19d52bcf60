/**
 * What is said of one of our libraries that cannot be used: which file is at fault, and which variable led to it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { nativeBackend } from "../../backends/engine-ffi/library.ts";
import type { Probe } from "../../core/contract.ts";
import { laplace } from "../e2e/harness.ts";

/** A backend whose library no test has opened, and which may be refused unopened. */
const fresh = (refusal?: { readonly reason: string; readonly fix: string }) =>
  nativeBackend({ name: "fresh", summary: "", file: "libfresh.so", compiler: "cc", refuses: () => refusal });

/** The header of a library of Linux for another processor, in 64 or in 32 bits. */
function foreign(bits: 32 | 64): Uint8Array {
  const header = new DataView(new ArrayBuffer(64));
  [0x7f, 0x45, 0x4c, 0x46, bits / 32, 1, 1].forEach((byte, at) => header.setUint8(at, byte));
  const [arm, x64, arm32] = [183, 62, 40];
  header.setUint16(16, 3, true);
  header.setUint16(18, bits === 32 ? arm32 : process.arch === "x64" ? arm : x64, true);
  header.setUint32(20, 1, true);
  return new Uint8Array(header.buffer);
}

/** Calls with LAPLACE_NATIVE, which is then as before. */
async function within<T>(folder: string, call: () => T | Promise<T>): Promise<T> {
  const before = process.env.LAPLACE_NATIVE;
  process.env.LAPLACE_NATIVE = folder;
  try {
    return await call();
  } finally {
    if (before === undefined) delete process.env.LAPLACE_NATIVE;
    else process.env.LAPLACE_NATIVE = before;
  }
}

const skip = process.platform !== "linux"; // elsewhere libraries are no ELF files

/** Folders of LAPLACE_NATIVE, by what is wrong with the library in it, and what is said of it. */
const faulty: readonly [what: string, bytes: Uint8Array | undefined, says: string][] = [
  ["noise", Uint8Array.from({ length: 5000 }, (_, k) => 7 * k * k), "is not a library: invalid ELF header"],
  ["a text", new TextEncoder().encode("no library"), "is not a library: file too short"],
  ["nothing in it", new Uint8Array(), "is not a library: file too short"],
  ["an end too early", foreign(64).fill(255, 40, 48), "is damaged: it is shorter than it says"],
  [
    "another processor",
    foreign(64),
    `is a library for another processor: ${process.arch === "x64" ? "aarch64" : "x86-64"}`,
  ],
  ["another processor of 32 bits", foreign(32), "is a library for another processor: arm"],
  ["no such file", undefined, "does not exist"],
];

for (const [what, bytes, says] of faulty) {
  test(`a library in LAPLACE_NATIVE that is unfit is named, and so is the variable: ${what}`, { skip }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "laplace-"));
    const path = join(folder, "libfresh.so");
    try {
      if (bytes !== undefined) writeFileSync(path, bytes);
      const fix = `point LAPLACE_NATIVE at ${
        bytes === undefined ? "a folder that has it" : "another folder"
      }, or unset it`;
      assert.deepEqual(await within(folder, () => fresh().probe()), {
        available: false,
        reason: `${path} ${says}`,
        fix,
        broken: true,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test("a plugin that is refused because of a variable is broken only where its library is there", async () => {
  const folder = mkdtempSync(join(tmpdir(), "laplace-"));
  const refusal = { reason: 'OMP_X is "abc"', fix: "unset it" };
  try {
    const probe = (): Probe | Promise<Probe> => within(folder, () => fresh(refusal).probe());
    assert.deepEqual(await probe(), { available: false, ...refusal });
    writeFileSync(join(folder, "libfresh.so"), "");
    assert.deepEqual(await probe(), { available: false, ...refusal, broken: true });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("auto says which variable keeps it from a faster plugin, and what to do about it", async () => {
  const { code, stdout: free } = await laplace(["solve", "--size", "33"]);
  assert.equal(code, 0);
  const variables: readonly (readonly [string, string, string])[] = [
    [
      "LAPLACE_NATIVE",
      "/nowhere",
      "/nowhere/liblaplace_omp.so does not exist; point LAPLACE_NATIVE at a folder that has it",
    ],
    ...(/^plugin +ffi-omp /m.test(free)
      ? [
        ["OMP_THREAD_LIMIT", "abc", 'OMP_THREAD_LIMIT is "abc"; set it to a whole number of at least 1'],
        ["OMP_NUM_THREADS", "4096", 'OMP_NUM_THREADS is "4096"; set it to a whole number from 1 to 1024'],
      ] as const
      : []),
  ];
  for (const [name, value, says] of variables) {
    const { code, stdout, stderr } = await laplace(["solve", "--size", "33"], { env: { [name]: value } });
    assert.deepEqual([code, stderr], [0, ""]);
    const [line] = /^plugin .*$/m.exec(stdout)!;
    assert.ok(line.endsWith(`; not ffi-omp: ${says}, or unset it`), line);
  }
});
