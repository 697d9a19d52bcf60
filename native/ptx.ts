/**
 * Builds the kernels for CUDA, kernels_f64.ptx and kernels_f32.ptx: native/build.ts calls it. PTX is text that the driver
 * compiles for its device: one build is for all of them, from Turing on, and a machine that runs it needs no compiler. nvcc,
 * or what NVCC names, makes it, with the help of a C++ compiler.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("gpu/", import.meta.url));
const nvcc = process.env.NVCC || "nvcc";

/** The oldest devices that nvcc 13 compiles for. */
const arch = "75";
/** The version that PTX declares: nvcc declares its own, and drivers refuse a newer one than theirs. */
const version = "6.4";
/** -fmad=false: see -ffp-contract=off in build.ts. */
const flags = ["-ptx", `-arch=compute_${arch}`, "-fmad=false"];

/** The result of a build. */
export interface PtxBuild {
  /** Files that were built. */
  readonly built: readonly string[];
  /** Files that are missing since there is no nvcc; one of other sources is removed. */
  readonly skipped: readonly string[];
}

/**
 * Builds a file if sources, flags or nvcc have changed. Its first line has their digest, so that a file from another machine
 * is recognised.
 *
 * @param out where to, with a slash at the end
 * @param only a part of the names of files to build
 * @throws Error if nvcc fails, after it has printed why.
 */
export function buildPtx(out: string, only = ""): PtxBuild {
  const release = versionOf(nvcc);
  const hash = createHash("sha256").update(JSON.stringify([flags, version]));
  const program = readFileSync(`${folder}cuda.cu`, "utf8");
  hash.update(program);
  for (const [, name] of program.matchAll(/^#include "(.+)"$/gm)) hash.update(readFileSync(folder + name));
  const digest = hash.digest("hex").slice(0, 16);
  const [built, skipped]: string[][] = [[], []];
  for (const precision of ["64", "32"]) {
    const file = `kernels_f${precision}.ptx`;
    if (!file.includes(only)) continue;
    const first = `// laplace f${precision} ${digest}: native/gpu/cuda.cu`;
    const found = existsSync(out + file) ? readFileSync(out + file, "utf8") : "";
    if (found.startsWith(`${first}\n`) && (release === undefined || found.includes(release))) continue;
    if (release === undefined) {
      rmSync(out + file, { force: true });
      skipped!.push(file);
      continue;
    }
    const made = `${out}objects/${file}`;
    run([...flags, `-DPRECISION=${precision}`, "cuda.cu", "-o", made]);
    const text = readFileSync(made, "utf8").replace(/^\.version .*$/m, `.version ${version}`);
    writeFileSync(made, `${first}\n${text}`);
    // The assembler checks that it uses nothing newer than that version.
    run(["-cubin", `-arch=sm_${arch}`, made, "-o", `${made}.cubin`]);
    rmSync(`${made}.cubin`);
    renameSync(made, out + file);
    built!.push(file);
  }
  return { built: built!, skipped: skipped! };
}

function run(args: readonly string[]): void {
  execFileSync(nvcc, args, { cwd: folder, stdio: "inherit" });
}

/** The version of nvcc, as PTX has it: `release 13.0, V13.0.88`; undefined if there is none. */
function versionOf(compiler: string): string | undefined {
  try {
    const text = execFileSync(compiler, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return /release .*/.exec(text)?.[0] ?? "nvcc";
  } catch {
    return undefined;
  }
}
