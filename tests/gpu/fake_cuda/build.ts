/**
 * Builds the fake driver of CUDA, with the kernels of native/gpu/ compiled for the host.
 *
 * @module
 */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const gpu = fileURLToPath(new URL("../../../native/gpu/", import.meta.url));

/** A kernel of native/gpu/, as its source declares it. */
export interface Declared {
  readonly name: string;
  /** A letter for each argument: p a pointer to numbers, i an int, r a number. */
  readonly kinds: string;
  /** Their names, without the underscore of those that a macro stands for. */
  readonly names: readonly string[];
  /** The pointers to numbers that it writes to. */
  readonly writes: readonly string[];
  /** Whether it has barriers. */
  readonly waits: boolean;
}

/** Local. Whether there is a C compiler. */
export const hasCompiler: boolean = spawnSync("gcc", ["--version"]).status === 0;

/** Local. The files of kernels, in order: those that native/gpu/cuda.cu includes. */
export function sources(): string[] {
  const text = readFileSync(`${gpu}cuda.cu`, "utf8");
  return [...text.matchAll(/^#include "(\w+\.cl)"$/gm)].map(([, file]) => file!);
}

/** Local. All kernels. */
export function declared(): Declared[] {
  const text = sources().map((file) => readFileSync(gpu + file, "utf8")).join("\n").replace(/\/\/.*/g, "");
  const bodies = [...text.matchAll(/^(KERNEL|FUNCTION)\b([^(]*)\(([^)]*)\)\s*\{([\s\S]*?)^\}/gm)];
  const waiting = ["BARRIER"];
  return bodies.flatMap(([, what, head, parameters, body]) => {
    const name = head!.trim().split(/\s+/).at(-1)!;
    const waits = waiting.some((word) => new RegExp(`\\b${word}\\b`).test(body!));
    if (what === "FUNCTION") {
      if (waits) waiting.push(name);
      return [];
    }
    const all = parameters!.split(",").map((one) => one.trim());
    const nameOf = (one: string) => /(\w+?)_?$/.exec(one)![1]!;
    const kinds = all.map((one) => one.includes("*") ? "p" : /\bint\b/.test(one) ? "i" : "r").join("");
    const writes = all.filter((one) => one.includes("*") && !one.startsWith("const ")).map(nameOf);
    return [{ name, kinds, names: all.map(nameOf), writes, waits }];
  });
}

/** The kernels of one precision, and a table of them: what fake.h declares. */
function kernels(precision: 32 | 64): string {
  const all = declared();
  const types = { p: "real **", i: "int *", r: "real *" } as const;
  const calls = all.map(({ name, kinds }) => {
    const values = [...kinds].map((kind, k) => `*(${types[kind as keyof typeof types]})a[${k}]`);
    return `static void run_${name}(void **a) { ${name}(${values.join(", ")}); }`;
  });
  const rows = all.map(({ name, kinds, waits }) => `  {"${name}", run_${name}, "${kinds}", ${waits}},`);
  return [
    `#define PRECISION ${precision}`,
    '#include "host.h"',
    ...sources().map((file) => `#include "${file}"`),
    ...calls,
    `const struct kernel kernels_f${precision}[] = {`,
    ...rows,
    "  {0},",
    "};",
    "",
  ].join("\n");
}

/** Replaces PTX where there is no nvcc: the fake driver checks no more than this. */
export function standIn(dtype: "f32" | "f64"): string {
  return [`// laplace ${dtype}`, ".version 6.4", ...declared().map(({ name }) => `.visible .entry ${name}(`), ""].join(
    "\n",
  );
}

/** Local. Compiles the fake driver into a folder, with stand-ins for PTX beside it. @returns the path of the library */
export function buildFake(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const precision of [32, 64] as const) {
    writeFileSync(join(folder, `kernels_f${precision}.c`), kernels(precision));
    writeFileSync(join(folder, `kernels_f${precision}.ptx`), standIn(`f${precision}`));
  }
  const library = join(folder, "libcuda.so.1");
  const flags = ["-std=gnu11", "-O2", "-ffp-contract=off", "-Wall", "-Wextra", "-Wno-unused-function", "-Werror"];
  const own = ["driver.c", "memory.c", "launch.c", "threads.c"].map((file) => here + file);
  const files = [...own, "kernels_f32.c", "kernels_f64.c"];
  execFileSync(
    "gcc",
    [
      ...flags,
      "-fvisibility=hidden",
      "-fPIC",
      "-shared",
      "-pthread",
      `-I${here}`,
      `-I${gpu}`,
      ...files,
      "-lm",
      "-o",
      library,
    ],
    { cwd: folder, stdio: ["ignore", "inherit", "inherit"] },
  );
  return library;
}
