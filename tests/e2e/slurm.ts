/**
 * Ranks under Slurm: starts its daemons for one machine, in a temporary folder, and `laplace launch` in jobs. Needs root,
 * `apt-get install slurmctld slurmd slurm-client munge` and both MPIs: `deno task test:slurm`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { command, laplace, type Run } from "./harness.ts";
import { MPIS, RANKS_ENV } from "./rank_fields.ts";

const folder = mkdtempSync(join(tmpdir(), "laplace-slurm-"));
const daemons: ChildProcess[] = [];
const env = { ...RANKS_ENV, SLURM_CONF: join(folder, "slurm.conf") };

/** A port that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** One machine with its cores, without what needs cgroups, a database or an account of its own. */
function configuration(controller: number, machine: number): string {
  const host = hostname();
  const slots = Math.max(2, availableParallelism());
  return `ClusterName=laplace
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controller}
SlurmdPort=${machine}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.socket
CredType=cred/munge
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SlurmdParameters=config_overrides
NodeName=${host} NodeAddr=127.0.0.1 CPUs=${slots} State=UNKNOWN
PartitionName=all Nodes=${host} Default=YES State=UP
`;
}

function start(program: string, ...args: string[]): void {
  const daemon = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [daemon.stdout!, daemon.stderr!]) stream.on("data", (chunk) => log += chunk);
  daemon.on("error", ({ message }) => log += `${message}\n`);
  daemons.push(daemon);
}
let log = "";

before(async () => {
  for (const name of ["state", "spool"]) mkdirSync(join(folder, name));
  chmodSync(folder, 0o755);
  const key = join(folder, "munge.key");
  writeFileSync(key, randomBytes(1024), { mode: 0o400 });
  writeFileSync(env.SLURM_CONF, configuration(await freePort(), await freePort()));
  const place = (name: string) => join(folder, name);
  start(
    "munged",
    "--foreground",
    "--force",
    `--key-file=${key}`,
    `--socket=${place("munge.socket")}`,
    `--log-file=${place("munged.log")}`,
    `--pid-file=${place("munged.pid")}`,
    `--seed-file=${place("munge.seed")}`,
  );
  await setTimeout(500);
  start("slurmctld", "-D");
  start("slurmd", "-D");
  for (let tries = 0; tries < 100; tries++) {
    const { stdout } = spawnSync("sinfo", ["-h", "-o", "%t"], { encoding: "utf8", env: { ...process.env, ...env } });
    if (stdout?.trim() === "idle") return;
    await setTimeout(200);
  }
  throw new Error(`Slurm does not start:\n${log}`);
});

after(async () => {
  // The daemons in the reverse order of their start; each ends what it has started.
  for (const daemon of daemons.reverse()) {
    if (daemon.exitCode !== null || daemon.signalCode !== null || daemon.pid === undefined) continue;
    const ended = new Promise((resolve) => daemon.on("close", resolve));
    daemon.kill("SIGTERM");
    await Promise.race([ended, setTimeout(5000, undefined, { ref: false }).then(() => daemon.kill("SIGKILL"))]);
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `laplace ARGS` in a job of two tasks, by `salloc`. */
function inJob(args: readonly string[], more: Record<string, string> = {}): Promise<Run> {
  return laplace(args, { by: ["salloc", "--quiet", "-n", "2", ...command], cwd: folder, env: { ...env, ...more } });
}

const plate = ["solve", "--size", "33", "--method", "sor", "--json"];
const line = (mpi: string, ...rest: string[]) => ["launch", ...rest, "--", ...plate, "--out", `${mpi}.npy`];

/** Fails unless two ranks have solved it, and written what `js` does. */
async function assertSolved(stdout: string, file: string): Promise<void> {
  const { status, ranks } = JSON.parse(stdout);
  assert.deepEqual([status, ranks], ["converged", 2]);
  await laplace([...plate, "--plugin", "js", "--out", "js.npy"], { cwd: folder });
  assert.deepEqual(readFileSync(join(folder, file)), readFileSync(join(folder, "js.npy")));
}

for (const mpi of MPIS) {
  test(`in a job, launch starts two ranks of ${mpi} by srun, and they write the bytes of js`, async () => {
    const { code, stdout, stderr } = await inJob(line(mpi, "-n", "2"), { LAPLACE_MPI: mpi });
    assert.equal(code, 0, stderr);
    await assertSolved(stdout, `${mpi}.npy`);
  });

  test(`in a batch script too, with as many ranks of ${mpi} as there are tasks`, async () => {
    const script = [...command, ...line(`batch-${mpi}`)].join(" ");
    const out = `${mpi}.out`;
    const options = ["--wait", "--quiet", "-n", "2", "-o", out, "-e", `${mpi}.err`, "--wrap", script];
    const { code, stderr } = await laplace(options, { by: ["sbatch"], cwd: folder, env: { ...env, LAPLACE_MPI: mpi } });
    assert.equal(code, 0, stderr + readFileSync(join(folder, `${mpi}.err`), "utf8"));
    await assertSolved(readFileSync(join(folder, out), "utf8"), `batch-${mpi}.npy`);
  });
}

test("launch asks srun for what each MPI speaks, unless SLURM_MPI_TYPE does", async () => {
  const flags = async (more: Record<string, string>) =>
    (await inJob(["launch", "--dry-run", "--", "solve"], more)).stdout;
  assert.match(
    await flags({ LAPLACE_MPI: "openmpi" }),
    / srun -n 2 --mpi=pmix --cpus-per-task=1 --cpu-bind=cores .* solve/,
  );
  assert.match(await flags({ LAPLACE_MPI: "mpich" }), / srun -n 2 --mpi=pmi2 /);
  assert.match(await flags({ LAPLACE_MPI: "mpich", SLURM_MPI_TYPE: "pmi2" }), / srun -n 2 --cpus/);
});

test("more ranks than a job has cores are reported in one line, with the fix", async () => {
  const { code, stderr } = await inJob(["launch", "-n", "9", "--", "solve"]);
  assert.equal(code, 3);
  assert.equal(
    stderr,
    "laplace: Cannot launch 9 ranks: 9 ranks on 2 cores in this job of Slurm; take fewer, or add --oversubscribe\n",
  );
});

test("under srun with another interface ranks say so, with the fix", async () => {
  const by = ["srun", "--quiet", "-n", "2", "--mpi=none", ...command];
  const { code, stderr } = await laplace([...plate, "--plugin", "mpi"], {
    by,
    cwd: folder,
    env: { ...env, LAPLACE_MPI: "mpich" },
  });
  assert.equal(code, 3, stderr);
  assert.match(stderr, /^laplace: Cannot open "mpi": Cannot run on 2 ranks: srun started them, but .*; .*$/m);
});
