/**
 * Two machines in small: two ranks, each in a network namespace with an address and a host name of its own, and nothing
 * between them but TCP over a veth pair. Needs root and `ip`; `LAPLACE_REQUIRE=netns` makes it a failure where these are
 * missing. Alone: `deno task test:netns`.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { findLauncher } from "../../mpi/launcher.ts";
import { command, inEmptyFolder, laplace } from "./harness.ts";
import { MPIS, RANKS_ENV, type Team } from "./rank_fields.ts";

const HOSTS = [
  { name: `laplace-${process.pid}-a`, address: "10.98.7.1" },
  { name: `laplace-${process.pid}-b`, address: "10.98.7.2" },
] as const;

/** Runs a program of the system. @throws Error with what it says if it fails */
function system(...[program, ...args]: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program!, args, { encoding: "utf8" });
  if (error) throw new Error(`there is no ${program}`);
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr.trim()}`);
  return stdout;
}
const ip = (line: string) => system("ip", ...line.split(" "));

/** Makes both hosts, each with an interface eth0, for as long as `use` takes. */
async function withHosts(use: () => Promise<void>): Promise<void> {
  const [a, b] = HOSTS;
  try {
    for (const { name } of HOSTS) ip(`netns add ${name}`);
    ip(`link add eth0 netns ${a.name} type veth peer name eth0 netns ${b.name}`);
    for (const { name, address } of HOSTS) {
      ip(`-n ${name} address add ${address}/24 dev eth0`);
      ip(`-n ${name} link set lo up`);
      ip(`-n ${name} link set eth0 up`);
    }
    await use();
  } finally {
    for (const { name } of HOSTS) {
      const { stdout } = spawnSync("ip", ["netns", "pids", name], { encoding: "utf8" });
      for (const pid of stdout?.trim().split("\n").filter(Boolean) ?? []) {
        try {
          process.kill(Number(pid), "SIGKILL");
        } catch { /* it has ended meanwhile */ }
      }
      spawnSync("ip", ["netns", "del", name]);
    }
  }
}

/** Why there are no hosts here; undefined if there are. */
async function hindrance(): Promise<string | undefined> {
  try {
    await withHosts(() => Promise.resolve(void system("unshare", "--uts", "true")));
  } catch (cause) {
    return `${process.getuid?.() === 0 ? "" : "not root, and "}${(cause as Error).message}`;
  }
}

/** What both launchers take for ssh: runs a command on the host that has the address. */
const agent = `#!/bin/sh
while [ "\${1#-}" != "$1" ]; do shift; done
case $1 in
${HOSTS.map(({ name, address }) => `${address}) name=${name};;`).join("\n")}
*) echo "no such host: $1" >&2; exit 255;;
esac
shift
exec ip netns exec "$name" unshare --uts sh -c "hostname $name; $*"
`;

/** What a rank runs: leaves word of where it is. */
const rank = `#!/bin/sh
{ hostname; readlink /proc/self/ns/net; } >"where.\${OMPI_COMM_WORLD_RANK:-$PMI_RANK}"
exec "$@"
`;

/** Two ranks, one on each host; by TCP alone. */
function launcher(mpi: Team["mpi"], agent: string): string[] {
  const addresses = HOSTS.map(({ address }) => address);
  const [first] = HOSTS;
  const there = [
    "ip",
    "netns",
    "exec",
    first.name,
    "unshare",
    "--uts",
    "sh",
    "-c",
    `hostname ${first.name}; exec "$@"`,
  ];
  const flags = mpi === "openmpi"
    ? [
      ...["--host", addresses.map((address) => `${address}:1`).join(","), "--bind-to", "none"],
      ...["--mca", "plm_rsh_agent", agent, "--mca", "oob_tcp_if_include", "eth0"],
      ...["--mca", "pml", "ob1", "--mca", "btl", "tcp,self", "--mca", "btl_tcp_if_include", "eth0"],
    ]
    : ["-launcher", "ssh", "-launcher-exec", agent, "-hosts", addresses.join(","), "-ppn", "1", "-iface", "eth0"];
  return [...there, "sh", findLauncher(mpi)!, ...flags, "-n", "2"];
}

/** Bytes that the first host has had from the second. */
function received(): number {
  const [, bytes] = /RX:.*\n\s*(\d+)/.exec(ip(`-n ${HOSTS[0].name} -s link show eth0`)) ?? [];
  return Number(bytes);
}

const required = (process.env.LAPLACE_REQUIRE ?? "").split(",").includes("netns");
const why = await hindrance();

for (const mpi of MPIS) {
  const missing = why ?? (findLauncher(mpi) ? undefined : `there is no launcher of ${mpi}`);
  const name = `two ranks of ${mpi} on hosts of their own solve the plate by TCP, and write the bytes of js`;
  test(
    missing && !required ? `${name}: skipped, ${missing}` : name,
    { skip: missing !== undefined && !required },
    () => {
      assert.equal(missing, undefined);
      return withHosts(() =>
        inEmptyFolder(async (cwd) => {
          for (const [file, text] of Object.entries({ agent, rank })) {
            writeFileSync(join(cwd, file), text);
            chmodSync(join(cwd, file), 0o755);
          }
          // MPICH is built on UCX: it must not see that both ranks share a memory.
          const env = { ...RANKS_ENV, LAPLACE_MPI: mpi, UCX_TLS: "tcp,self", UCX_NET_DEVICES: "eth0" };
          const plate = ["solve", "--size", "65", "--method", "sor", "--json"];
          const by = [...launcher(mpi, join(cwd, "agent")), join(cwd, "rank"), ...command];
          const there = ["--plugin", "mpi", "--set", "halo=1", "--out", "there.npy"];
          const { code, stdout, stderr } = await laplace([...plate, ...there], { by, cwd, env });
          assert.equal(code, 0, stderr);
          const { status, ranks, sweeps } = JSON.parse(stdout);
          assert.deepEqual([status, ranks], ["converged", 2], stderr);

          const places = [0, 1].map((n) => readFileSync(join(cwd, `where.${n}`), "utf8").trim().split("\n"));
          assert.deepEqual(places.map(([host]) => host), HOSTS.map(({ name }) => name));
          assert.notEqual(places[0]![1], places[1]![1]);
          // A row for each colour of each sweep, less the edges' numbers.
          assert.ok(received() > sweeps * 63 * 8, `${received()} bytes for ${sweeps} sweeps`);

          await laplace([...plate, "--plugin", "js", "--out", "here.npy"], { cwd });
          assert.deepEqual(readFileSync(join(cwd, "there.npy")), readFileSync(join(cwd, "here.npy")));
        })
      );
    },
  );
}
