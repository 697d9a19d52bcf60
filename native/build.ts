/**
 * Builds the native libraries into native/build/: `deno run -A native/build.ts`, or `bun native/build.ts`.
 *
 * - liblaplace_c.so        plugin/ + sweep/ + cg/ + multigrid/ + models/c/
 * - liblaplace_omp.so      the same with models/omp/ instead of models/c/, with libgomp.so.1 copied beside it
 * - liblaplace_fortran.so  plugin/ + models/fortran/
 * - kernels_f64.ptx, kernels_f32.ptx  gpu/cuda.cu, if there is nvcc: see ptx.ts
 *
 * `--out FOLDER` builds elsewhere, `--only omp` only the libraries whose name has it, and CFLAGS adds flags for C.
 * The compilers are gcc and gfortran, or what CC and FC name. If they build for another machine, such as
 * CC=aarch64-linux-gnu-gcc, the libraries go to a folder of its name in native/build/. A library is built again if its
 * sources, its flags or its compiler changed. Exits with 1 if there is no C compiler; without a Fortran compiler the others are built.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import process from "node:process";
import { buildPtx } from "./ptx.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const cc = process.env.CC || "gcc";
const fc = process.env.FC || "gfortran";

/** @returns the machine that a compiler builds for, such as x86_64-linux-gnu; undefined if there is no such compiler. */
function machineOf(compiler: string): string | undefined {
  try {
    return execFileSync(compiler, ["-dumpmachine"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

const machine = machineOf(cc) ?? "";
const isX64 = /^(x86_64|amd64)/.test(machine);
const isHost = isX64 === (process.arch === "x64");
const { values: given } = parseArgs({ options: { out: { type: "string" }, only: { type: "string", default: "" } } });
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

const plain = (source: string, ...flags: string[]): Unit => ({
  source,
  object: `${source.replaceAll("/", "_")}.o`,
  flags: [...c, ...flags],
});

/** @returns flags of the GNU linker, none for others. */
const linux = (...flags: string[]) => machine.includes("linux") ? flags : [];

/** One library serves every x86-64: the arithmetic once for each instruction set and precision, chosen by cpu.c. */
const instructions: Record<string, readonly string[]> = {
  baseline: [],
  ...(isX64 && {
    avx2: ["-mavx2"],
    avx512: ["-mavx512f", "-mavx512vl", "-mavx512dq", "-mavx512bw", "-mprefer-vector-width=512"],
  }),
};
const kernels: Unit[] = Object.entries(instructions).flatMap(([isa, flags]) =>
  [64, 32].flatMap((precision) =>
    ["rows", "temporal_tile"].map((part) => ({
      source: `sweep/${part}.c`,
      object: `${part}_f${precision}_${isa}.o`,
      flags: [...c, ...flags, `-DPRECISION=${precision}`, `-DSUFFIX=f${precision}_${isa}`],
    }))
  )
);
/** Multigrid and conjugate gradients promise no bits: what is computed may be contracted. */
const contracted = (flags: readonly string[], isa: string) => [
  ...flags,
  ...(isa === "baseline" ? [] : ["-mfma"]),
  "-ffp-contract=fast",
];
const solvers: Unit[] = Object.entries(instructions).flatMap(([isa, flags]) => [
  ...["level_rows", "galerkin"].map((part) => ({
    source: `multigrid/blackbox/${part}.c`,
    object: `${part}_${isa}.o`,
    flags: [...c, ...contracted(flags, isa), "-DPRECISION=32", `-DSUFFIX=${isa}`],
  })),
  ...[64, 32].flatMap((precision) =>
    [
      "multigrid/blackbox/fine_rows",
      "multigrid/blackbox/fine_conductances",
      "multigrid/plate/pass",
      "multigrid/plate/unpack",
      "cg/vector_rows",
    ].map((part) => ({
      source: `${part}.c`,
      object: `${part.replaceAll("/", "_")}_f${precision}_${isa}.o`,
      flags: [...c, ...contracted(flags, isa), `-DPRECISION=${precision}`, `-DSUFFIX=f${precision}_${isa}`],
    }))
  ),
]);
/** What every library has, and what those in C have besides. */
const base = ["plugin/grid", "plugin/weights", "plugin/iterate", "plugin/lazy_grid", "sweep/tune", "sweep/tiling"]
  .map((part) => plain(`${part}.c`));
const inC = [
  ...base,
  plain("plugin/cpu.c"),
  ...[
    "multigrid",
    "prolong_solution",
    "plate/plate",
    "plate/memory",
    "blackbox/path",
    "blackbox/coarsen",
    "blackbox/fine_open",
    "blackbox/fine_pass",
    "blackbox/level",
    "blackbox/level_pass",
    "blackbox/given_level",
  ].map((part) => plain(`multigrid/${part}.c`)),
  plain("cg/cg.c"),
  ...kernels,
  ...solvers,
];
const loops: Unit[] = [["f64", "c_double"], ["f32", "c_float"]].map(([dtype, kind]) => ({
  source: "models/fortran/sweep.F90",
  object: `fortran_${dtype}.o`,
  flags: [...fortran, `-DRK=${kind}`, `-DJACOBI=jacobi_${dtype}`, `-DRELAX=relax_${dtype}`],
}));

/** nodelete: libgomp's threads outlive a dlclose, and would run in unmapped code when a runtime unloads us at exit. */
const targets: readonly Target[] = [
  {
    library: "liblaplace_c.so",
    units: [...inC, plain("models/c/threads.c"), plain("models/c/sweep.c")],
    link: ["-lm"],
  },
  {
    library: "liblaplace_omp.so",
    units: [...inC, ...["threads.c", "sweep.c", "affinity.c"].map((part) => plain(`models/omp/${part}`, "-fopenmp"))],
    link: ["-fopenmp", "-lm", ...linux("-Wl,-z,nodelete")],
  },
  {
    library: "liblaplace_fortran.so",
    units: [...base, plain("models/fortran/threads.c"), ...loops],
    // gfortran has no word for hidden symbols.
    link: linux("-Wl,--version-script=exports.map"),
  },
];

const shared = [
  "include/laplace_plugin.h",
  ...globSync("{plugin,sweep,multigrid,cg,models}/**/*.h", { cwd: here }).sort(),
  "exports.map",
];
/** Objects compiled in this run: libraries share some. */
const fresh = new Set<string>();

/** @returns what the compiler says, or undefined if it is not there. */
function version(compiler: string): string | undefined {
  try {
    return execFileSync(compiler, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return undefined;
  }
}

/** @returns all that a library is made of, in one number. */
function digest(target: Target, compiler: string): string {
  const hash = createHash("sha256").update(JSON.stringify(target)).update(compiler);
  for (const file of [...shared, ...target.units.map((unit) => unit.source)]) hash.update(readFileSync(here + file));
  return hash.digest("hex");
}

function build(target: Target): void {
  const objects = target.units.map((unit) => `${out}objects/${unit.object}`);
  target.units.forEach((unit, k) => {
    if (fresh.has(unit.object)) return;
    fresh.add(unit.object);
    const compiler = unit.source.endsWith(".F90") ? fc : cc;
    execFileSync(compiler, [...unit.flags, "-c", unit.source, "-o", objects[k]!], { cwd: here, stdio: "inherit" });
  });
  // Linked by the C compiler, so that libgfortran is not asked for; renamed into place, since the old one may be in use.
  const file = out + target.library;
  execFileSync(cc, ["-shared", "-o", `${file}.new`, ...objects, ...target.link], { cwd: here, stdio: "inherit" });
  renameSync(`${file}.new`, file);
}

/** Copies the OpenMP runtime beside the libraries: it cannot be linked into one, and a bare machine has none. */
function copyOpenMP(): void {
  const file = execFileSync(cc, ["-print-file-name=libgomp.so.1"], { encoding: "utf8" }).trim();
  if (file.startsWith("/")) copyFileSync(realpathSync(file), `${out}libgomp.so.1`);
}

function install(what: string): string {
  return process.platform === "darwin"
    ? `brew install gcc, and name it: CC=gcc-14 FC=gfortran-14`
    : `apt-get install ${what}`;
}

const ccVersion = version(cc);
const fcVersion = version(fc);
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
  if (isFortran && machineOf(fc) !== machine) {
    console.error(`Skipped ${target.library}: "${fc}" does not build for ${machine}; name one that does in FC`);
    continue;
  }
  const stamp = `${out}objects/${target.library}.stamp`;
  const wanted = digest(target, ccVersion + (isFortran ? fcVersion : ""));
  if (existsSync(out + target.library) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) continue;
  rmSync(stamp, { force: true });
  try {
    build(target);
  } catch {
    console.error(`Cannot build ${target.library}: see the compiler's message above`);
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
  console.error(`Built ${relative(`${here}..`, out)}/${target.library}`);
}
if (!existsSync(`${out}libgomp.so.1`)) copyOpenMP();
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
