/**
 * Builds the native libraries into native/build/: `deno run -A native/build.ts`, or `bun native/build.ts`.
 *
 * - liblaplace_NAME.so  for each folder models/NAME/, with plugin/, sweep/, cg/, multigrid/ and bound/; Fortran with what of
 *   plugin/ and sweep/ has no kernels; libgomp.so.1 is copied beside them
 * - liblaplace_signals.so  signals/
 * - kernels_f64.ptx, kernels_f32.ptx  gpu/cuda.cu, if there is nvcc: see ptx.ts
 *
 * `--out FOLDER` builds elsewhere, `--only omp` only the libraries whose name has it, `--baseline` without the instruction
 * sets that only some CPUs have, and CFLAGS adds flags for C.
 * The compilers are gcc and gfortran, or what CC and FC name. If they build for another machine, such as
 * CC=aarch64-linux-gnu-gcc, the libraries go to a folder of its name in native/build/. A library is built again if its
 * sources, its flags or its compiler changed. Exits with 1 if there is no C compiler; without a Fortran compiler the others are built.
 *
 * @module
 */

import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import process from "node:process";
import { buildPtx } from "./ptx.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const cc = process.env.CC || "gcc";
const fc = process.env.FC || "gfortran";

/** @returns what a compiler answers to a question such as --version; undefined if there is no such compiler. */
function ask(compiler: string, question: string): string | undefined {
  try {
    return execFileSync(compiler, [question], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

const machine = ask(cc, "-dumpmachine") ?? "";
const isX64 = /^(x86_64|amd64)/.test(machine);
const isHost = isX64 === (process.arch === "x64");
const { values: given } = parseArgs({
  options: { out: { type: "string" }, only: { type: "string", default: "" }, baseline: { type: "boolean" } },
});
const out = given.out === undefined ? `${here}build/${isHost ? "" : `${machine}/`}` : `${resolve(given.out)}/`;

/** -ffp-contract=off: a fused multiply-add rounds once where the reference rounds twice, and bits would differ. */
const common = ["-O3", "-ffp-contract=off", "-fPIC", "-fvisibility=hidden", "-Wall"];
const c = ["-std=gnu11", "-Wextra", ...common, ...(process.env.CFLAGS?.split(/\s+/).filter(Boolean) ?? [])];
const fortran = ["-cpp", ...common];

/** One compiler call: a source, what is special about it, and the object it becomes. */
interface Unit {
  readonly source: string;
  readonly object: string;
  readonly flags: readonly string[];
}

interface Target {
  readonly library: string;
  readonly units: readonly Unit[];
  readonly link: readonly string[];
}

const unit = (source: string, variant: string, flags: readonly string[]): Unit => ({
  source,
  object: `${source.replaceAll("/", "_")}${variant}.o`,
  flags: [...c, ...flags],
});
const files = (pattern: string) => globSync(pattern, { cwd: here }).map((file) => file.replaceAll("\\", "/")).sort();

/** @returns flags of the GNU linker, none for others. */
const linux = (...flags: string[]) => machine.includes("linux") ? flags : [];

/** One library serves every x86-64: the arithmetic once for each instruction set and precision, chosen by cpu.c. */
const instructions: Record<string, readonly string[]> = {
  baseline: [],
  ...(isX64 && !given.baseline && {
    avx2: ["-mavx2"],
    avx512: ["-mavx512f", "-mavx512vl", "-mavx512dq", "-mavx512bw", "-mprefer-vector-width=512"],
  }),
};

/** Multigrid and conjugate gradients promise no bits: what is computed may be contracted. */
const contracted = (isa: string) => [...(isa === "baseline" ? [] : ["-mfma"]), "-ffp-contract=fast"];

/** Arithmetic of levels, which is the same whatever the grid's precision. */
const single = ["blackbox/level_rows.c", "blackbox/galerkin.c", "aggregation/level_rows.c"].map((file) =>
  `multigrid/${file}`
);

/** The objects of a source: one, or, if its names have a suffix, one for each instruction set and precision. */
function unitsOf(source: string): Unit[] {
  if (!readFileSync(here + source, "utf8").includes("NAME(")) {
    return [unit(source, "", source === "plugin/cpu.c" && given.baseline ? ["-DCPU_BASELINE"] : [])];
  }
  return Object.entries(instructions).flatMap(([isa, flags]) =>
    (single.includes(source) ? [32] : [64, 32]).map((precision) => {
      const suffix = `f${precision}_${isa}`;
      const own = source.startsWith("sweep/") ? flags : [...flags, ...contracted(isa)];
      return unit(source, `_${suffix}`, [...own, `-DPRECISION=${precision}`, `-DSUFFIX=${suffix}`]);
    })
  );
}

/** What every library has, and what those in C have besides. */
const base = files("{plugin,sweep}/*.c").filter((file) => !/cpu|rows|temporal_tile/.test(file)).flatMap(unitsOf);
const inC = files("{plugin,sweep,cg,multigrid,bound}/**/*.c").flatMap(unitsOf);

/** What models need besides. nodelete: libgomp's threads outlive a dlclose, and would run in unmapped code when a runtime unloads us at exit. */
const special: Readonly<Record<string, { readonly flags?: string[]; readonly link: string[] }>> = {
  omp: { flags: ["-fopenmp"], link: ["-fopenmp", "-lm", ...linux("-Wl,-z,nodelete")] },
  // gfortran has no word for hidden symbols.
  fortran: { link: linux("-Wl,--version-script=exports.map") },
};

/** A folder of models/ is a library: with Fortran in it, its loops alone, else with all that is in C. */
const models: readonly Target[] = readdirSync(`${here}models`).sort().map((name) => {
  const { flags = [], link = ["-lm"] } = special[name] ?? {};
  const loops = files(`models/${name}/*.F90`).flatMap((source) =>
    [["f64", "c_double"], ["f32", "c_float"]].map(([dtype, kind]) => ({
      source,
      object: `${name}_${dtype}.o`,
      flags: [...fortran, `-DRK=${kind}`, `-DJACOBI=jacobi_${dtype}`, `-DRELAX=relax_${dtype}`],
    }))
  );
  const own = files(`models/${name}/*.c`).map((source) => unit(source, "", flags));
  return { library: `liblaplace_${name}.so`, units: [...(loops.length > 0 ? base : inC), ...own, ...loops], link };
});

const targets: readonly Target[] = [...models, {
  library: "liblaplace_signals.so",
  units: files("signals/*.c").flatMap(unitsOf),
  // nodelete: a signal may come after a runtime has unloaded us at exit.
  link: linux("-Wl,-z,nodelete"),
}];

const shared = [...files("{include,plugin,sweep,multigrid,cg,models}/**/*.h"), "exports.map"];
/** Objects compiled in this run: libraries share some. */
const fresh = new Set<string>();

/** @returns all that a library is made of, in one number. */
function digest(target: Target, compiler: string): string {
  const hash = createHash("sha256").update(JSON.stringify(target)).update(compiler);
  for (const file of [...shared, ...target.units.map((unit) => unit.source)]) hash.update(readFileSync(here + file));
  return hash.digest("hex");
}

/** Runs a compiler in this folder. */
function compile(compiler: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) =>
    spawn(compiler, args, { cwd: here, stdio: "inherit" }).on("error", reject)
      .on("close", (status) => status === 0 ? resolve() : reject(new Error(`${compiler} failed`)))
  );
}

async function build(target: Target): Promise<void> {
  const objects = target.units.map((unit) => `${out}objects/${unit.object}`);
  const rest = target.units.filter(({ object }) => !fresh.has(object) && fresh.add(object)).values();
  await Promise.all(Array.from({ length: availableParallelism() }, async () => {
    for (const { source, object, flags } of rest) {
      const compiler = source.endsWith(".F90") ? fc : cc;
      await compile(compiler, [...flags, "-c", source, "-o", `${out}objects/${object}`]);
    }
  }));
  // Linked by the C compiler, so that libgfortran is not asked for; renamed into place, since the old one may be in use.
  const file = out + target.library;
  await compile(cc, ["-shared", "-o", `${file}.new`, ...objects, ...target.link]);
  renameSync(`${file}.new`, file);
}

function install(what: string): string {
  return process.platform === "darwin"
    ? `brew install gcc, and name it: CC=gcc-14 FC=gfortran-14`
    : `apt-get install ${what}`;
}

const ccVersion = ask(cc, "--version");
const fcVersion = ask(fc, "--version");
if (ccVersion === undefined) {
  console.error(`Cannot build the native libraries: there is no "${cc}"; ${install("gcc gfortran")}`);
  process.exit(1);
}
mkdirSync(`${out}objects`, { recursive: true });
for (const target of targets) {
  if (!target.library.includes(given.only)) continue;
  const isFortran = target.units.some((unit) => unit.source.endsWith(".F90"));
  if (isFortran && fcVersion === undefined) {
    console.error(`Skipped ${target.library}: there is no "${fc}"; ${install("gfortran")}`);
    continue;
  }
  if (isFortran && ask(fc, "-dumpmachine") !== machine) {
    console.error(`Skipped ${target.library}: "${fc}" does not build for ${machine}; name one that does in FC`);
    continue;
  }
  const stamp = `${out}objects/${target.library}.stamp`;
  const wanted = digest(target, ccVersion + (isFortran ? fcVersion : ""));
  if (existsSync(out + target.library) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) continue;
  rmSync(stamp, { force: true });
  try {
    await build(target);
  } catch {
    console.error(`Cannot build ${target.library}: see the compiler's message above`);
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
  console.error(`Built ${relative(`${here}..`, out)}/${target.library}`);
}
// The OpenMP runtime lies beside the libraries: it cannot be linked into one, and a bare machine has none.
const openMP = ask(cc, "-print-file-name=libgomp.so.1");
if (openMP?.startsWith("/") && !existsSync(`${out}libgomp.so.1`)) {
  copyFileSync(realpathSync(openMP), `${out}libgomp.so.1`);
}
try {
  const { built, skipped } = buildPtx(out, given.only);
  for (const file of built) console.error(`Built ${relative(`${here}..`, out)}/${file}`);
  if (skipped.length > 0) {
    console.error(`Skipped ${skipped.join(" and ")}: there is no nvcc; install the CUDA toolkit, or name one in NVCC`);
  }
} catch {
  console.error("Cannot build the kernels for CUDA: see the compiler's message above");
  process.exit(1);
}
