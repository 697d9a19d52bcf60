/**
 * The programs that are measured: our own binary, and the yardsticks, in C and Fortran, which are built here. What each of
 * those measures, its first comment says.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fail, root } from "../tables.ts";

/** Where built programs go. */
export const built = `${root}dist/bench`;

const fortran = ["gfortran", "-O3", "-march=native", "-fopenmp"] as const;

/** name → its source in yardsticks/, the compiler and its flags, what to link, and the Debian packages that have it all. */
const programs = {
  naive: { source: "naive.f90", compile: fortran, link: [], packages: "gfortran" },
  weighted: { source: "weighted.f90", compile: fortran, link: [], packages: "gfortran" },
  naive_c: { source: "naive.c", compile: ["gcc", "-O3", "-march=native"], link: [], packages: "gcc libc6-dev" },
  call: { source: "call.c", compile: ["gcc", "-O2", "-Inative/include"], link: ["-ldl"], packages: "gcc libc6-dev" },
  roofs: {
    source: "roofs.c",
    compile: ["gcc", "-O3", "-march=native", "-ffp-contract=off", "-fopenmp"],
    link: [],
    packages: "gcc libc6-dev",
  },
  init: {
    source: "init.c",
    compile: ["mpicc.openmpi", "-O2"],
    link: [],
    packages: "libopenmpi-dev openmpi-bin",
  },
  pfmg: {
    source: "pfmg.c",
    compile: ["mpicc.openmpi", "-O2", "-I/usr/include/hypre"],
    link: ["-lHYPRE"],
    packages: "libhypre-dev libopenmpi-dev openmpi-bin",
  },
} as const;

/** Builds a yardstick; where that fails, ends the program with a line that says what to install. @returns its path */
export function yardstick(name: keyof typeof programs): string {
  const { source, compile: [compiler, ...flags], link, packages } = programs[name];
  mkdirSync(built, { recursive: true });
  const out = `${built}/${name}`;
  try {
    execFileSync(compiler, [...flags, "-o", out, `bench/yardsticks/${source}`, ...link], { cwd: root, stdio: "pipe" });
  } catch (cause) {
    const { code, stderr } = cause as { code?: unknown; stderr?: unknown };
    const error = /^.*error:.*$/m.exec(String(stderr))?.[0];
    const why = code === "ENOENT" ? `there is no "${compiler}"` : error ?? String(stderr).trim().split("\n").at(-1);
    fail(`Cannot build the yardstick "${name}": ${why}; apt-get install ${packages}`);
  }
  return out;
}

/** @returns the path of our own binary; where there is none, ends the program with a line that says so. */
export function binary(): string {
  const path = `${root}dist/laplace`;
  return existsSync(path) ? path : fail("Cannot measure dist/laplace: there is none; deno task compile");
}

/** What a program prints as its seconds a sweep. Not parsed as JSON: Fortran writes numbers such as .44. */
export function secondsPerSweep(text: string): number {
  const found = /"secondsPerSweep":\s*(?:\{[^}]*"median":)?\s*([-+.\deE]+)/.exec(text);
  if (!found) throw new Error(`Cannot read the seconds a sweep: a program printed ${text}`);
  return Number(found[1]);
}

/** @returns a folder that is removed when the script ends. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(os.tmpdir(), "laplace-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const asRoot = process.getuid?.() === 0;

/** What Open MPI wants to hear from root before it starts a program. */
export const forMpi: NodeJS.ProcessEnv = asRoot
  ? { ...process.env, OMPI_ALLOW_RUN_AS_ROOT: "1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1" }
  : process.env;
