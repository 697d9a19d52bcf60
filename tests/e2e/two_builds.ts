/**
 * Compares two builds of the binary, to show that a change keeps every byte: fields, JSON apart from times, exit codes
 * and messages. Not a test: `deno task test:same-bytes OLD NEW [--quick] [--only TEXT]`. It takes some minutes.
 *
 * @module
 */

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { METHODS } from "../../core/contract.ts";
import { type GridShape, PROBLEM_KINDS, type ProblemKind, writeProblem } from "../support/problem_files.ts";
import { inEmptyFolder, laplace } from "./harness.ts";
import { RANKS_ENV } from "./rank_fields.ts";

/** One run of `laplace`, in a folder beside those of the problems. */
interface Case {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const SERIAL = ["js", "ndarray", "workers", "wasm", "ffi-c", "ffi-omp", "ffi-fortran"] as const;
const DTYPES = ["f64", "f32"] as const;
/** Tiny, odd, even and prime, square and long. */
const SHAPES: readonly GridShape[] = [[3, 3], [4, 5], [17, 17], [33, 47], [61, 97], [128, 66], [3, 40], [7, 129]];
/** Several tiles of every blocked kernel, and several levels that are stored. */
const LARGE: readonly GridShape[] = [[513, 1025], [777, 1025]];

/** A plugin, and what is set. */
const SETTINGS: readonly (readonly string[])[] = [
  ...[1, 2, 3].flatMap((n) => ["workers", "wasm", "ffi-omp"].map((plugin) => [plugin, `threads=${n}`])),
  ...["off", "auto", "3x16", "8x64", "16x544"].flatMap((block) =>
    ["wasm", "ffi-c", "ffi-omp"].map((plugin) => [plugin, `block=${block}`])
  ),
  ...["static", "dynamic", "guided", "auto"].map((how) => ["ffi-omp", "block=off", `schedule=${how}`, "chunk=3"]),
  ...["none", "close", "spread", "0"].map((affinity) => ["ffi-omp", `affinity=${affinity}`, "threads=2"]),
  ...["off", "1", "3", "8", "auto"].map((block) => ["opencl", `block=${block}`]),
  ...["omega=1.7", "threads=0", "block=0x0", "unknown=1"].map((setting) => ["ffi-omp", setting]),
];
const STOPS: readonly (readonly string[])[] = [
  ["--stop", "error", "--tol", "1e-4"],
  ["--stop", "residual", "--tol", "1e-5"],
  ["--stop", "change", "--eps", "1e-3", "--check-every", "10"],
  ["--stop", "error", "--tol", "1e-30"],
  ["--estimate"],
  ["--estimate", "--tol", "1e-3"],
  ["--max-sweeps", "0"],
  ["--dtype", "f32", "--estimate"],
];

/** JSON keys of what is measured. */
const FROM_THE_CLOCK = ["seconds", "mlups"];

const { values: { quick, only }, positionals } = parseArgs({
  options: { quick: { type: "boolean", default: false }, only: { type: "string" } },
  allowPositionals: true,
});
if (positionals.length !== 2) {
  console.error("usage: two_builds.ts OLD NEW [--quick] [--only TEXT]");
  process.exit(2);
}
const builds = positionals.map((path) => resolve(path));

/** Picks at random, the same in every run. */
let seed = 1;
const pick = <T>(list: readonly T[]): T => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return list[(seed >>> 8) % list.length]!;
};

type Write = (kind: ProblemKind, shape: GridShape) => string;

function cases(write: Write): Case[] {
  const set = (...settings: string[]) => settings.flatMap((setting) => ["--set", setting]);
  const solve = (kind: ProblemKind, shape: GridShape, plugin: string, method: string, ...rest: string[]): Case => ({
    args: ["solve", write(kind, shape), "--plugin", plugin, "--method", method, "--json", ...limits(method), ...rest],
  });
  const ranks = (n: number, mpi: string, { args }: Case): Case => ({
    args: ["launch", "-n", `${n}`, "--oversubscribe", "--", ...args],
    env: { LAPLACE_MPI: mpi },
  });
  const serial = SERIAL.flatMap((plugin) =>
    METHODS.flatMap((method) =>
      DTYPES.flatMap((dtype) =>
        [1, 2, 3].map(() => solve(pick(PROBLEM_KINDS), pick(SHAPES), plugin, method, "--dtype", dtype))
      )
    )
  );
  const large = SERIAL.flatMap((plugin) =>
    METHODS.map((method) =>
      solve(
        pick(["plain", "weighted", "flux"]),
        pick(LARGE),
        plugin,
        method,
        "--max-sweeps",
        method === "spectral" ? "1" : "9",
      )
    )
  );
  const settings = SETTINGS.flatMap(([plugin, ...given]) => {
    const method = given.includes("omega=1.7") ? "sor" : "jacobi";
    return (["plain", pick(["weighted", "periodic-x"] as const)] as const).map((kind) =>
      solve(kind, [97, 131], plugin!, method, "--dtype", pick(DTYPES), ...set(...given))
    );
  });
  const stops = STOPS.flatMap((stop) =>
    [["js", "auto"], ["ffi-omp", "auto"], ["ffi-c", "multigrid"], ["wasm", "cg"], ["workers", "direct"], ["js", "sor"]]
      .map(([plugin, method]) => {
        const kind = pick(["plain", "convection", "neumann", "periodic-y"] as const);
        const problem = write(kind, pick([[17, 33], [33, 18], [33, 33]]));
        // Else the clock says after how many sweeps it looks.
        const every = method === "sor" && !stop.includes("--check-every") ? ["--check-every", "50"] : [];
        return { args: ["solve", problem, "--plugin", plugin!, "--method", method!, "--json", ...stop, ...every] };
      })
  );
  const devices = [
    ...["jacobi", "sor", "multigrid"].flatMap((method) => [
      ...DTYPES.flatMap((dtype) =>
        [1, 2, 3].map(() => solve(pick(PROBLEM_KINDS), pick(SHAPES), "opencl", method, "--dtype", dtype))
      ),
      ...[1, 2].map(() => solve(pick(PROBLEM_KINDS), pick([[33, 47], [61, 97]]), "webgpu", method, "--dtype", "f32")),
    ]),
    solve("plain", [17, 17], "webgpu", "jacobi"),
    solve("plain", [17, 17], "cuda", "jacobi"),
  ];
  const mpi = ["openmpi", "mpich"].flatMap((mpi) =>
    [1, 2, 3].flatMap((n) =>
      [...SERIAL, "opencl"].flatMap((kernel) =>
        ["jacobi", "sor", "multigrid"].map((method) => {
          const given = set(`kernel=${kernel}`, ...pick([[], ["halo=1"], [], ["halo=4"]]));
          const shape = pick<GridShape>([[3, 3], [61, 97], [129, 130], [33, 48]]);
          return ranks(n, mpi, solve(pick(PROBLEM_KINDS), shape, "mpi", method, "--dtype", pick(DTYPES), ...given));
        })
      )
    )
  );
  const ga = [1, 2, 3].flatMap((n) =>
    ["js", "ffi-omp"].flatMap((kernel) =>
      ["jacobi", "sor"].flatMap((method) =>
        DTYPES.map((dtype) => {
          const given = ["--dtype", dtype, ...set(`kernel=${kernel}`, "halo=4")];
          return ranks(n, "mpich", solve(pick(PROBLEM_KINDS), pick([[61, 97], [129, 130]]), "ga", method, ...given));
        })
      )
    )
  );
  const text = PROBLEM_KINDS.map((kind): Case => ({ args: ["solve", write(kind, [17, 9]), "--plugin", "js"] }));
  return [...serial, ...large, ...settings, ...stops, ...devices, ...mpi, ...ga, ...text];
}

/** As many sweeps as are no multiple of what a pass or a halo takes, and a tolerance that they do not reach. */
function limits(method: string): string[] {
  if (method === "jacobi" || method === "sor") return ["--max-sweeps", "37", "--tol", "1e-13"];
  // `spectral` rounds once a batch, and the clock cuts batches of more than one sweep.
  return method === "spectral" ? ["--max-sweeps", "6", "--check-every", "1"] : [];
}

/** What differs between two runs of one case: nothing, or in a few words what. */
async function differences(folder: string, { args, env }: Case): Promise<string[]> {
  const [old, now] = await Promise.all(builds.map(async (by, k) => {
    const cwd = join(folder, `build${k}`);
    rmSync(cwd, { recursive: true, force: true });
    mkdirSync(cwd);
    const run = await laplace([...args, "--progress", "none", "--out", "u.npy"], {
      by: [by],
      cwd,
      env: { ...RANKS_ENV, ...env },
    });
    return { run, field: read(join(cwd, "u.npy")) };
  }));
  const found: string[] = [];
  const compare = (what: string, a: unknown, b: unknown) => {
    if (a !== b) found.push(`${what} ${a} → ${b}`);
  };
  compare("exit code", old!.run.code, now!.run.code);
  if (old!.field !== now!.field) found.push(old!.field && now!.field ? "field" : "one field is missing");
  const [a, b] = [old!, now!].map(({ run }) => report(run.stdout, args));
  for (const key of new Set([...a!.keys(), ...b!.keys()])) compare(key, a!.get(key), b!.get(key));
  compare("stderr", old!.run.stderr, now!.run.stderr);
  return found;
}

/** The file's bytes as a string, to compare; empty where there is no file. */
function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** What was printed, by JSON key or by line, without what depends on the clock. */
function report(stdout: string, args: readonly string[]): Map<string, string> {
  if (!stdout.startsWith("{")) {
    return new Map(
      stdout.split("\n").filter((line) => !line.startsWith("time ")).map((line, k) => [`line ${k}`, line]),
    );
  }
  const measured = args.includes("block=auto") ? [...FROM_THE_CLOCK, "block"] : FROM_THE_CLOCK;
  return new Map(
    // Below the object a launcher may have printed something of its own.
    Object.entries(JSON.parse(stdout.split("\n")[0]!)).filter(([key]) => !measured.includes(key))
      .map(([key, value]) => [key, JSON.stringify(value)]),
  );
}

let [compared, different, inMessages] = [0, 0, 0];
await inEmptyFolder(async (folder) => {
  const all = cases((kind, shape) => `../${writeProblem(folder, kind, shape)}`);
  const chosen = all.filter(({ args, env }, k) =>
    (!quick || k % 5 === 0) && (only === undefined || [env?.LAPLACE_MPI, ...args].join(" ").includes(only))
  );
  for (const one of chosen) {
    const found = await differences(folder, one);
    compared++;
    if (found.length === 0) continue;
    different++;
    if (found.every((text) => /^(stderr|line|discretisationNote)/.test(text))) inMessages++;
    const what = [one.env ? `LAPLACE_MPI=${one.env.LAPLACE_MPI}` : "", "laplace", ...one.args].join(" ").trim();
    console.log(`DIFFERENT: ${what}: ${found.join("; ").replaceAll("\n", " ⏎ ")}`);
  }
});
console.log(
  `${compared} compared, ${different} different${inMessages > 0 ? `, ${inMessages} of them in messages alone` : ""}`,
);
process.exit(different === 0 ? 0 : 1);
