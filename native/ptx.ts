/**
 * Builds the kernels for CUDA, kernels_f64.ptx and kernels_f32.ptx: native/build.ts calls it. PTX is text that the driver
 * compiles for its device, so that one build serves all of them, from Turing on, and a machine that runs it needs no
 * compiler. nvcc, or what NVCC names, makes it; it needs a C++ compiler beside it.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("gpu/", import.meta.url));
const nvcc = process.env.NVCC || "nvcc";

/** The oldest devices that nvcc 13 compiles for. */
const arch = "75";
/** What PTX says it needs: nvcc would name its own version, and drivers refuse what is newer than they are. */
const version = "6.4";
/** -fmad=false: see -ffp-contract=off in build.ts. */
const flags = ["-ptx", `-arch=compute_${arch}`, "-fmad=false"];

/**
 * Builds what has changed.
 *
 * @param out where to, with a slash at the end
 * @param only what the names of files that are built must have in them
 * @returns the files that were built; undefined if nvcc is not there.
 * @throws Error if nvcc fails; it has said why.
 */
export function buildPtx(out: string, only: string): string[] | undefined {
  const files = ["64", "32"].map((precision) => ({ precision, file: `kernels_f${precision}.ptx` }))
    .filter(({ file }) => file.includes(only));
  if (files.length === 0) return [];
  const compiler = versionOf(nvcc);
  if (compiler === undefined) return undefined;
  const hash = createHash("sha256").update(JSON.stringify([flags, version])).update(compiler);
  for (const name of readdirSync(folder).filter((name) => /\.(cl|cu)$/.test(name)).sort()) {
    hash.update(readFileSync(folder + name));
  }
  const wanted = hash.digest("hex");
  const stamped = files.filter(({ file }) => {
    const stamp = `${out}objects/${file}.stamp`;
    return !existsSync(out + file) || !existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted;
  });
  for (const { precision, file } of stamped) {
    const stamp = `${out}objects/${file}.stamp`;
    const made = `${out}objects/${file}`;
    rmSync(stamp, { force: true });
    run([...flags, `-DPRECISION=${precision}`, "cuda.cu", "-o", made]);
    const text = readFileSync(made, "utf8").replace(/^\.version .*$/m, `.version ${version}`);
    writeFileSync(made, `// laplace f${precision}: native/gpu/cuda.cu\n${text}`);
    // Whether it keeps to what that version had, the assembler knows.
    run(["-cubin", `-arch=sm_${arch}`, made, "-o", `${made}.cubin`]);
    rmSync(`${made}.cubin`);
    renameSync(made, out + file);
    writeFileSync(stamp, wanted);
  }
  return stamped.map(({ file }) => file);
}

function run(args: readonly string[]): void {
  execFileSync(nvcc, args, { cwd: folder, stdio: "inherit" });
}

function versionOf(compiler: string): string | undefined {
  try {
    return execFileSync(compiler, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return undefined;
  }
}
