/** `laplace launch` and what launchers leave behind: threads, quotes, stdout, variables of the environment. */

import assert from "node:assert/strict";
import { chmodSync, readdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { inEmptyFolder, laplace } from "./harness.ts";
import { MPIS, RANKS_ENV } from "./rank_fields.ts";
import { testWith } from "./test_with.ts";

for (const mpi of MPIS) {
  const dry = async (env: Record<string, string>, ...flags: string[]) => {
    const args = ["launch", "-n", "1", "--dry-run", ...flags];
    const run = await laplace(args, { env: { ...RANKS_ENV, LAPLACE_MPI: mpi, OMP_NUM_THREADS: "", ...env } });
    assert.equal(run.code, 0, run.stderr);
    return run.stdout;
  };
  const bound = (threads: number, oversubscribed = false) => {
    if (oversubscribed) return mpi === "mpich" ? / -bind-to none / : / --bind-to none /;
    return new RegExp(mpi === "mpich" ? ` -bind-to core:${threads} ` : ` --map-by slot:PE=${threads} --bind-to core `);
  };

  testWith([mpi], `a rank is bound to as many cores as OMP_NUM_THREADS has threads: ${mpi}`, async () => {
    const solve = ["--", "solve"];
    for (
      const [given, flags, threads, passed] of [
        ["", [], 1, "1"],
        ["1", [], 1, "1"],
        ["1,4", [], 1, "1,4"],
        ["many", [], 1, "1"],
        ["4", ["--threads", "1"], 1, "1"],
      ] as const
    ) {
      const line = await dry({ OMP_NUM_THREADS: given }, ...flags, ...solve);
      assert.match(line, bound(threads));
      assert.ok(line.startsWith(`OMP_NUM_THREADS=${passed} `), line);
    }
    const four = ["launch", "-n", "1", "--dry-run"];
    const env = { ...RANKS_ENV, LAPLACE_MPI: mpi, OMP_NUM_THREADS: "4000" };
    const { code, stderr } = await laplace([...four, ...solve], { env });
    assert.equal(code, 3);
    assert.match(stderr, /^laplace: Cannot launch 1 rank: 1 rank of 4000 threads \(OMP_NUM_THREADS\) on \d+ cores?; /);
    assert.match(await dry({ OMP_NUM_THREADS: "4000" }, "--oversubscribe", ...solve), bound(4000, true));
  });

  testWith([mpi], `a dry run is a command that a shell reads back: ${mpi}`, async () => {
    const words = ["my plate.toml", "it's", "$HOME", "a;b", "", "--set=kernel=js"];
    const line = await dry({}, "--", "solve", ...words);
    assert.ok(
      line.trimEnd().endsWith(` solve 'my plate.toml' 'it'\\''s' '$HOME' 'a;b' '' --set=kernel=js --plugin mpi`),
      line,
    );
  });
}

testWith(
  ["mpich"],
  "stdout of a launch holds one object, whatever the launcher says of an exit code",
  () =>
    inEmptyFolder(async (cwd) => {
      // Says what that of MPICH says when it ends ranks that are about to end by themselves, which is a matter of luck.
      const fake = join(cwd, "mpiexec.hydra");
      writeFileSync(
        fake,
        `#!/bin/sh
[ "$1" = --version ] && echo "HYDRA build details:" && exit
shift 4
"$@"
code=$?
echo
rule=$(printf '%083d' 0 | tr 0 =)
echo "$rule"
echo "=   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES"
echo "=   PID 1 RUNNING AT vm"
echo "=   EXIT CODE: $code"
echo "=   CLEANING UP REMAINING PROCESSES"
echo "=   YOU CAN IGNORE THE BELOW CLEANUP MESSAGES"
echo "$rule"
exit $code
`,
      );
      chmodSync(fake, 0o755);
      const env = { ...RANKS_ENV, LAPLACE_MPI: "mpich", PATH: `${cwd}${delimiter}${process.env.PATH}` };
      const solve = ["solve", "--size", "33", "--max-sweeps", "1", "--method", "jacobi", "--json"];
      const { code, stdout, stderr } = await laplace(["launch", "-n", "1", "--", ...solve], { env });
      assert.equal(code, 1, stderr);
      assert.equal(JSON.parse(stdout).status, "limit");
      assert.equal(stderr, "");
    }),
);

/** What launchers set in a rank, and what has none of their other ranks beside it. */
const LEFT = [
  { PMIX_RANK: "1" },
  { PMI_RANK: "1" },
  { OMPI_COMM_WORLD_SIZE: "abc", OMPI_COMM_WORLD_RANK: "1" },
  { PMI_SIZE: "1", PMI_RANK: "1" },
];

test("a variable that a launcher has left behind mutes no solve and no error", () =>
  inEmptyFolder(async (cwd) => {
    for (const left of LEFT) {
      const named = JSON.stringify(left);
      const env = { ...RANKS_ENV, ...left };
      const solved = await laplace(["solve", "--size", "9", "--json", "--out", `${named}.npy`], { cwd, env });
      assert.equal(solved.code, 0, `${named}: ${solved.stderr}`);
      assert.equal(JSON.parse(solved.stdout).status, "converged", named);
      assert.ok(readdirSync(cwd).includes(`${named}.npy`), named);
      const failed = await laplace(["solve", "none.toml"], { cwd, env });
      assert.equal(failed.code, 2, named);
      assert.match(failed.stderr, /^laplace: Cannot read "none.toml"/, named);
    }
    // Of these it cannot be known that they are left over, but what is wrong is said.
    for (const left of [{ PMI_SIZE: "2", PMI_RANK: "1" }, { OMPI_COMM_WORLD_SIZE: "2", OMPI_COMM_WORLD_RANK: "1" }]) {
      const { code, stderr } = await laplace(["solve", "--size", "9"], { cwd, env: { ...RANKS_ENV, ...left } });
      assert.equal(code, 3, stderr);
      assert.match(stderr, /^laplace: rank 1: Cannot open "mpi": .*2 ranks/m);
    }
    const { stdout } = await laplace(["backends", "--json"], { env: LEFT[0]! });
    assert.ok(JSON.parse(stdout).length > 0);
  }));
