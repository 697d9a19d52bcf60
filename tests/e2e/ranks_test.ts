/**
 * Ranks of MPI through the command line: their files, their errors, and what becomes of the others when one is killed.
 * `LAPLACE_REQUIRE=mpi` makes a missing MPI a failure.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { required } from "../../conformance/required.ts";
import { findLauncher } from "../../mpi/launcher.ts";
import { command, complaint, inEmptyFolder, laplace } from "./harness.ts";
import {
  type Answer,
  answer,
  GRIDS,
  inWords,
  KERNELS,
  KINDS,
  METHODS,
  MPIS,
  RANKS,
  RANKS_ENV,
  type RankSetup,
  type Task,
  writeProblems,
} from "./rank_fields.ts";
import { testWith } from "./test_with.ts";

const { available } = await (async () => {
  const { stdout } = await laplace(["backends", "--json"]);
  const rows: { name: string; available: boolean }[] = JSON.parse(stdout);
  return {
    available: (name: string) => required(name) || rows.some((row) => row.name === name && row.available),
  };
})();

/** A cut of the matrix, in which every kernel, count, grid, method and kind has its turn under each MPI. */
function cut(mpi: RankSetup["mpi"]): [Task, RankSetup][] {
  const shift = MPIS.indexOf(mpi);
  const nth = <T>(list: readonly T[], n: number) => list[n % list.length]!;
  return KERNELS.map((kernel, n) => [
    { grid: nth(GRIDS, n + 1 + shift), method: nth(METHODS, n + shift), kind: nth(KINDS, (n >> 1) + shift) },
    { mpi, ranks: nth(RANKS, n + 1 + 2 * shift), kernel },
  ]);
}

/** What `js` writes, by what is solved. */
const expected = new Map<string, Answer>();

for (const mpi of MPIS) {
  // On Deno and Bun mpi_backend_test.ts compares more, without a start of each.
  if (process.env.LAPLACE_BIN) {
    const same = `ranks of ${mpi} write the bytes of js, whatever they compute with`;
    testWith([mpi], same, () =>
      inEmptyFolder(async (folder) => {
        writeProblems(folder);
        for (const [task, setup] of cut(mpi)) {
          if (!available(setup.kernel)) continue;
          const key = JSON.stringify(task);
          if (!expected.has(key)) expected.set(key, await answer(folder, task));
          assert.deepEqual(await answer(folder, task, setup), expected.get(key), inWords(task, setup));
        }
      }));
  }

  for (const victim of [0, 1]) {
    testWith([mpi], `kill -9 of rank ${victim} of 3 ends all within 10 s, and one line says why: ${mpi}`, async () => {
      const mark = `${process.pid}-${Math.random()}`;
      const plate = ["solve", "--size", "513", "--method", "jacobi", "--tol", "1e-12", "--progress", "text"];
      let killed = 0;
      const { code, stdout, stderr } = await laplace(["launch", "-n", "3", "--oversubscribe", "--", ...plate], {
        env: { ...RANKS_ENV, LAPLACE_MPI: mpi, LAPLACE_TEST_MARK: mark },
        until: /\d+ sweeps/,
        upon() {
          const rank = marked(mark).find(({ rank }) => rank === victim);
          process.kill(rank!.pid, "SIGKILL");
          killed = Date.now();
        },
      });
      assert.ok(killed > 0 && Date.now() - killed < 60_000);
      // Of MPICH a rank that was reading the killed one's memory may abort, and which of them the launcher reports is its affair.
      const signals = mpi === "mpich" ? ["9 (SIGKILL)", "6 (SIGABRT)", "15 (SIGTERM)"] : ["9 (SIGKILL)"];
      assert.doesNotMatch(stdout, /^status/m);
      const said = /^laplace: Cannot go on with 3 ranks: signal (.*) ended one, .*; .*$/m.exec(stderr)?.[1] ?? stderr;
      assert.ok(signals.includes(said), said);
      assert.equal(code, 128 + parseInt(said), stderr);
      while (marked(mark).length > 0 && Date.now() - killed < 60_000) await setTimeout(50);
      assert.deepEqual(marked(mark), []);
    });
  }
}

/** The programs that were started with this in their environment, and their ranks. */
function marked(mark: string): { pid: number; rank: number | undefined }[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const environment = readFileSync(`/proc/${name}/environ`, "utf8").split("\0");
      if (!environment.includes(`LAPLACE_TEST_MARK=${mark}`)) return [];
      const rank = environment.flatMap((entry) => /^(?:PMI_RANK|OMPI_COMM_WORLD_RANK)=(\d+)$/.exec(entry)?.[1] ?? []);
      return [{ pid: Number(name), rank: rank.length > 0 ? Number(rank[0]) : undefined }];
    } catch {
      return []; // it has ended meanwhile, or is another user's
    }
  });
}

for (const mpi of MPIS) {
  testWith(
    [mpi],
    `ranks of ${mpi} bound the error where one of them has nothing to do`,
    () =>
      inEmptyFolder(async (cwd) => {
        writeFileSync(`${cwd}/small.toml`, "shape = [6, 20]\n[edges]\nnorth = 1\nsouth = { flux = 0 }\n");
        const solve = ["solve", "small.toml", "--plugin", "mpi", "--method", "multigrid", "--json"];
        const env = { ...RANKS_ENV, LAPLACE_MPI: mpi };
        const { code, stdout } = await laplace(["launch", "-n", "2", "--oversubscribe", "--", ...solve], { cwd, env });
        const { status, errorBound, asked } = JSON.parse(stdout);
        assert.deepEqual([code, status], [0, "converged"]);
        assert.ok(errorBound <= asked);
      }),
  );
}

for (const mpi of MPIS) {
  testWith(
    [mpi],
    `SIGHUP ends a solve with its field, whatever handlers libraries of ${mpi} set`,
    () =>
      inEmptyFolder(async (cwd) => {
        const args = [
          "solve",
          "--size",
          "513",
          "--plugin",
          "mpi",
          "--set",
          "kernel=js",
          "--method",
          "jacobi",
          "--tol",
          "1e-12",
          "--max-sweeps",
          "30000",
        ];
        let hangUp = () => {};
        const { code, stdout } = await laplace([...args, "--progress", "text", "--json", "--out", "u.npy"], {
          cwd,
          env: { ...RANKS_ENV, LAPLACE_MPI: mpi },
          started: (kill) => hangUp = () => kill("SIGHUP"),
          until: /\d+ sweeps/,
          upon: () => hangUp(),
        });
        assert.equal(code, 130);
        assert.equal(JSON.parse(stdout).status, "interrupted");
        assert.deepEqual(readdirSync(cwd), ["u.npy"]);
      }),
  );
}

for (const mpi of MPIS) {
  const other = MPIS.find((name) => name !== mpi)!;
  testWith([mpi, other], `under the launcher of ${other} ${mpi} says so once, with the fix`, async () => {
    const by = [findLauncher(other)!, "-n", "2", ...command];
    const env = { ...RANKS_ENV, LAPLACE_MPI: mpi };
    const { code, stderr } = await laplace(["solve", "--size", "9", "--plugin", "mpi"], { by, env });
    assert.equal(code, 3);
    const ours = stderr.split("\n").filter((line) => line.startsWith("laplace: "));
    assert.equal(ours.length, 1, stderr);
    assert.match(
      ours[0]!,
      /^laplace: Cannot open "mpi": Cannot run on 2 ranks: .* started them, but .*, where each is /,
    );
    assert.match(ours[0]!, new RegExp(`set LAPLACE_MPI=${other}, or start it with the launcher of`));
  });

  /** All that is printed must be one line that says this. */
  const says = (
    name: string,
    args: readonly string[],
    code: number,
    culprit: string,
    env: Record<string, string> = {},
  ) =>
    testWith([mpi], `${name} is reported in one line, with the fix: ${mpi}`, async () => {
      const run = await laplace(["launch", ...args], { env: { ...RANKS_ENV, LAPLACE_MPI: mpi, ...env } });
      assert.equal(complaint(run, code, culprit), undefined);
    });
  const three = ["-n", "3", "--oversubscribe", "--", "solve", "--size", "9"];
  says("a rank count without slots", ["-n", "999", "--", "solve"], 3, "take fewer, or add --oversubscribe");
  says(
    "a process grid of other ranks",
    [...three, "--set", "grid=2x3"],
    2,
    "there are 3; start so many, or leave it out",
  );
  says(
    "a halo too deep",
    [...three, "--method", "jacobi", "--set", "halo=9"],
    2,
    'Setting "halo" of "mpi" is 9: the smallest part has 3 rows',
  );
  says("a misspelt kernel", [...three, "--set", "kernel=ffi-open"], 2, 'Setting "kernel" of "mpi"');
  says("a problem file that is missing", ["-n", "1", "--", "solve", "none.toml"], 2, 'Cannot read "none.toml"');
  says(
    "a library that is missing",
    three,
    3,
    'Cannot find the MPI library "nonsense": nonsense does not exist; set LAPLACE_MPI to one of openmpi, mpich',
    { LAPLACE_MPI: "nonsense" },
  );
  // Open MPI alone minds.
  if (mpi === "openmpi" && process.getuid?.() === 0) {
    says("root", three, 3, "set OMPI_ALLOW_RUN_AS_ROOT=1 and OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1", {
      OMPI_ALLOW_RUN_AS_ROOT: "0",
    });
  }

  testWith(
    [mpi],
    `more ranks than rows are no error, and a tolerance out of reach leaves nothing on stderr: ${mpi}`,
    async () => {
      const env = { ...RANKS_ENV, LAPLACE_MPI: mpi };
      for (const [size, code] of [["3", 0], ["17", 1]] as const) {
        const solve = [
          "solve",
          "--size",
          size,
          "--method",
          "jacobi",
          "--max-sweeps",
          "9",
          "--json",
          "--progress",
          "none",
          "--set",
          "grid=4x1",
        ];
        const run = await laplace(["launch", "-n", "4", "--oversubscribe", "--", ...solve], { env });
        assert.equal(run.code, code, run.stderr);
        assert.equal(run.stderr, "");
        const { ranks, kernel, grid, halo } = JSON.parse(run.stdout);
        const shared = size === "3" ? { grid: [1, 1], halo: 0 } : { grid: [4, 1], halo: 1 };
        assert.deepEqual({ ranks, kernel, grid, halo }, { ranks: 4, kernel: "ffi-omp", ...shared });
      }
    },
  );
}
