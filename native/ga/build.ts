/**
 * Makes native/build/libga.so, which the backend `ga` loads: `deno task native:ga`.
 *
 * Debian ships Global Arrays and ARMCI-MPI, its messages, as static archives only. Those for MPICH are linked into a shared
 * library: with variables of the C library under names of our own (ga/streams.c says why), and without linear algebra, of which
 * Global Arrays would have ScaLAPACK do its part: these symbols are made weak, nothing that is exported leads to them, and the
 * library needs MPICH alone.
 *
 * The compiler is gcc, or what CC names. Exits with 1, and a line that says what is missing, if it cannot be made.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { functions } from "./functions.ts";

const here = fileURLToPath(new URL("..", import.meta.url));
const cc = process.env.CC || "gcc";
const archives = [["libga-mpich.a", "libglobalarrays-dev"], ["libarmci-mpich.a", "libarmci-mpi-dev"]] as const;
const renamed = ["stdout", "stderr", "environ"];

function fail(why: string): never {
  console.error(`Cannot build libga.so: ${why}`);
  process.exit(1);
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 26 });
}

/** The compiler's own path to a file, or undefined if it knows none. */
function find(file: string): string | undefined {
  const path = run(cc, `-print-file-name=${file}`).trim();
  return path.startsWith("/") && existsSync(path) ? path : undefined;
}

/** Symbols that files define, or ask for. */
function symbols(files: readonly string[], which: "--defined-only" | "--undefined-only"): Set<string> {
  // One symbol a line, its name first; names of members end with a colon.
  const said = execFileSync("nm", [which, "-P", ...files], { encoding: "utf8", stdio: "pipe", maxBuffer: 1 << 26 });
  const lines = said.split("\n").filter((line) => line !== "" && !line.endsWith(":"));
  return new Set(lines.map((line) => line.split(" ")[0]!));
}

for (const [command, packages] of [[cc, "gcc libc6-dev"], ["objcopy", "binutils"], ["nm", "binutils"]] as const) {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
  } catch {
    fail(`there is no "${command}"; apt-get install ${packages}`);
  }
}
const missing: string[] = archives.filter(([archive]) => !find(archive)).map(([, name]) => name);
const headers = [`/usr/include/${run(cc, "-print-multiarch").trim()}/mpich`, "/usr/lib/mpich/include"];
const include = headers.find((folder) => existsSync(`${folder}/mpi.h`));
if (!include || !find("libmpich.so")) missing.push("libmpich-dev");
if (missing.length > 0) fail(`archives of Debian are missing; apt-get install ${missing.join(" ")}`);

const folder = mkdtempSync(join(tmpdir(), "laplace-ga-"));
try {
  const given = archives.map(([archive]) => find(archive)!);
  const copies = archives.map(([archive]) => join(folder, archive));
  // Fortran's names end with an underscore: theirs the archives define, the others are of ScaLAPACK, LAPACK, BLAS.
  const defined = symbols(given, "--defined-only");
  const foreign = [...symbols(given, "--undefined-only")]
    .filter((name) => !defined.has(name) && /^_gfortran_|^[a-z][a-z0-9_]*[a-z0-9]_$/.test(name));
  for (const [k, copy] of copies.entries()) {
    const renames = renamed.map((name) => `--redefine-sym=${name}=ga_${name}`);
    run("objcopy", ...renames, ...foreign.map((name) => `--weaken-symbol=${name}`), given[k]!, copy);
  }
  const names = Object.keys(functions);
  const exports = join(folder, "exports.map");
  writeFileSync(exports, `{ global: ${names.map((name) => `${name};`).join(" ")} local: *; };\n`);
  const made = join(folder, "libga.so");
  run(
    cc,
    ...["-shared", "-O2", "-fPIC", "-Wall", "-Wextra", `-I${include}`, "-o", made, join(here, "ga/streams.c")],
    ...["-Wl,-Bsymbolic", "-Wl,-z,defs", `-Wl,--version-script=${exports}`, "-s"],
    ...names.map((name) => `-Wl,-u,${name}`),
    ...copies,
    ...["-lmpich", "-lm"],
  );
  mkdirSync(`${here}build`, { recursive: true });
  // Renamed into place, since the old one may be in use; from another file system it cannot be.
  const file = `${here}build/libga.so`;
  writeFileSync(`${file}.new`, readFileSync(made), { mode: 0o755 });
  renameSync(`${file}.new`, file);
  console.error("Built native/build/libga.so");
} catch (cause) {
  fail(cause instanceof Error && "status" in cause ? "see the message above" : String(cause));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
