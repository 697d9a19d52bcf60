/**
 * The native kernels for machines that this is not: compiled for them, and run in an emulator where there is one. What
 * can only be compiled is named: AVX-512 on a CPU without it.
 */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { required } from "../../conformance/required.ts";

const native = fileURLToPath(new URL("../../native/", import.meta.url));
const program = fileURLToPath(new URL("temporal_tile.c", import.meta.url));
const seed = process.env.LAPLACE_SEED ?? "20261122";

/** A machine: its compiler, what makes it use its instructions, and what runs its programs. */
interface Target {
  readonly name: string;
  readonly compiler: string;
  readonly flags: readonly string[];
  /** How a program is started; undefined if it can only be compiled here. */
  readonly run: readonly string[] | undefined;
}

const has = (flag: string) => {
  try {
    return new RegExp(`\\b${flag}\\b`).test(readFileSync("/proc/cpuinfo", "utf8"));
  } catch {
    return false;
  }
};
const avx512 = ["-mavx512f", "-mavx512vl", "-mavx512dq", "-mavx512bw"];
const targets: readonly Target[] = [
  { name: "aarch64", compiler: "aarch64-linux-gnu-gcc", flags: [], run: ["qemu-aarch64"] },
  ...(process.arch === "x64"
    ? [{ name: "avx512", compiler: "gcc", flags: avx512, run: has("avx512bw") ? [] : undefined }]
    : []),
];

const runs = (command: string) => spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;

for (const { name, compiler, flags, run } of targets) {
  const missing = [compiler, ...(run ?? []).slice(0, 1)].find((command) => !runs(command));
  const why = missing === undefined ? "" : `: there is no ${missing}`;
  const how = run === undefined ? "compile; this CPU cannot run them" : "equal row sweeps bit for bit";
  for (const precision of ["64", "32"]) {
    test(`temporal tiles for ${name}, f${precision}, ${how}${why}`, {
      skip: missing !== undefined && !required(name, "LAPLACE_REQUIRE_TARGETS"),
    }, () => {
      const folder = mkdtempSync(`${tmpdir()}/laplace-`);
      try {
        const build = ["-std=gnu11", "-O2", "-static", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror", ...flags];
        const names = [`-DPRECISION=${precision}`, "-DSUFFIX=here", "-I", native];
        // The table of row kernels names those of multigrid and conjugate gradients too: they are compiled, at least.
        const solvers = [
          "multigrid/blackbox/fine_rows.c",
          "multigrid/blackbox/fine_conductances.c",
          "multigrid/plate/pass.c",
          "multigrid/plate/unpack.c",
          "cg/vector_rows.c",
          "multigrid/aggregation/finest_rows.c",
        ];
        const sources = [
          ...["sweep/rows.c", "sweep/temporal_tile.c", "sweep/tiling.c", ...solvers].map((file) => native + file),
          program,
        ];
        execFileSync(compiler, [...build, ...names, ...sources, "-o", `${folder}/tiles`, "-lm"]);
        if (run === undefined) return;
        const [command = `${folder}/tiles`, ...args] = [...run, `${folder}/tiles`, seed, "50"];
        const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
        assert.equal(status, 0, stdout);
        assert.match(stdout, /50 cases equal/);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
}
