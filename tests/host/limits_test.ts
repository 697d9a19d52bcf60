/**
 * What limits a process to less than its machine: control groups of both versions, on a tree of files that stands for /proc
 * and /sys.
 *
 * @module
 */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { cgroupCpus, cgroupMemory } from "../../host/cgroup.ts";
import { coresOf } from "../../host/cores.ts";
import { availableMemory } from "../../host/memory.ts";

const MIB = 2 ** 20;

/** Calls `body` with the root of a tree of files. */
async function within(files: Readonly<Record<string, string>>, body: (root: string) => unknown): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "limits-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    await body(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** A machine of 4 cores, one of them offline, and 1 GiB. */
const machine = {
  "proc/meminfo": "MemTotal: 2097152 kB\nMemFree: 1 kB\nMemAvailable:    1048576 kB\n",
  "proc/self/status": "Name:\tlaplace\nCpus_allowed:\tff\nCpus_allowed_list:\t0-1,3-7\nMems_allowed_list:\t0\n",
  "sys/devices/system/cpu/online": "0-3\n",
};
const version2 = {
  ...machine,
  "proc/self/cgroup": "0::/user.slice/job 1\n",
  "proc/self/mountinfo": "22 1 0:21 / /proc rw,nosuid shared:5 - proc proc rw\n" +
    "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n",
};
const version1 = {
  ...machine,
  "proc/self/cgroup": "5:memory:/docker/abc/in\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n",
  // A container sees its own part of the tree; its path may be that of the host.
  "proc/self/mountinfo": "36 35 0:31 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n" +
    "37 35 0:32 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n",
};
const group2 = "sys/fs/cgroup/user.slice/job 1", memory1 = "sys/fs/cgroup/memory", cpu1 = "sys/fs/cgroup/cpu,cpuacct";

test("without a limit the machine's memory and cores count", async () => {
  const unlimited1 = {
    [`${memory1}/memory.limit_in_bytes`]: "9223372036854771712\n",
    [`${cpu1}/cpu.cfs_quota_us`]: "-1",
  };
  const unlimited2 = { [`${group2}/memory.max`]: "max\n", [`${group2}/cpu.max`]: "max 100000\n" };
  for (const files of [machine, { ...version1, ...unlimited1 }, version2, { ...version2, ...unlimited2 }]) {
    await within(files, async (root) => {
      assert.deepEqual(await availableMemory(root), { bytes: 1024 * MIB });
      assert.deepEqual(coresOf(root), { count: 3 });
    });
  }
});

test("the memory of a group is its limit less what it uses, but for files that can be dropped, and 64 MiB for the program", async () => {
  const limit = "the memory limit of its cgroup";
  await within({
    ...version2,
    [`${group2}/memory.max`]: `${400 * MIB}\n`,
    [`${group2}/memory.current`]: `${300 * MIB}\n`,
    [`${group2}/memory.stat`]: `anon 1\nfile 9\ninactive_file ${50 * MIB}\nactive_file ${
      20 * MIB
    }\nslab_reclaimable ${MIB}\nworkingset_file 7\n`,
  }, async (root) => assert.deepEqual(await availableMemory(root), { bytes: 107 * MIB, limit }));
  await within({
    ...version1,
    [`${memory1}/memory.limit_in_bytes`]: `${400 * MIB}\n`,
    [`${memory1}/memory.usage_in_bytes`]: `${300 * MIB}\n`,
    [`${memory1}/memory.stat`]: `inactive_file 7\ntotal_inactive_file ${50 * MIB}\ntotal_active_file ${20 * MIB}\n`,
  }, async (root) => assert.deepEqual(await availableMemory(root), { bytes: 106 * MIB, limit }));
});

test("of all groups up the tree the least memory counts, and none where more is used than allowed", async () => {
  const own = { [`${group2}/memory.max`]: `${800 * MIB}\n`, [`${group2}/memory.current`]: "0\n" };
  const above = (limit: number, used: number) => ({
    "sys/fs/cgroup/user.slice/memory.max": `${limit * MIB}\n`,
    "sys/fs/cgroup/user.slice/memory.current": `${used * MIB}\n`,
  });
  await within({ ...version2, ...own }, (root) => assert.equal(cgroupMemory(root), 800 * MIB));
  await within({ ...version2, ...own, ...above(900, 200) }, (root) => assert.equal(cgroupMemory(root), 700 * MIB));
  await within({ ...version2, ...own, ...above(900, 901) }, (root) => assert.equal(cgroupMemory(root), 0));
  // More than the machine has is no limit.
  await within({ ...version2, ...above(4096, 1) }, async (root) => {
    assert.deepEqual(await availableMemory(root), { bytes: 1024 * MIB });
  });
});

test("a quota of time is worth as many cores as it fills, in part or whole, and says so", async () => {
  for (const [quota, count] of [[50_000, 1], [100_000, 1], [100_001, 2], [250_000, 3], [800_000, 3]] as const) {
    const files = [
      { ...version2, [`${group2}/cpu.max`]: `${quota} 100000\n` },
      { ...version2, [`${group2}/cpu.max`]: "max 100000\n", "sys/fs/cgroup/user.slice/cpu.max": `${quota} 100000\n` },
      { ...version1, [`${cpu1}/cpu.cfs_quota_us`]: `${quota}\n`, [`${cpu1}/cpu.cfs_period_us`]: "100000\n" },
    ];
    for (const tree of files) {
      await within(tree, (root) => {
        assert.equal(cgroupCpus(root), quota / 100_000);
        const { count: found, why } = coresOf(root);
        assert.equal(found, count);
        assert.equal(
          why,
          count === 3 ? undefined : `the CPU quota of its cgroup is that of ${quota === 50_000 ? 0.5 : 1} of 3 cores`,
        );
      });
    }
  }
});

test("both versions side by side count, and files that hold no numbers do not", async () => {
  await within({
    ...version1,
    "proc/self/cgroup": `${version1["proc/self/cgroup"]}0::/gone (deleted)\n`,
    "proc/self/mountinfo": version1["proc/self/mountinfo"] +
      "38 35 0:33 /../.. /sys/fs/a\\040b rw - cgroup2 cgroup2 rw\nnonsense\n",
    [`${memory1}/memory.limit_in_bytes`]: "many\n",
    [`${cpu1}/cpu.cfs_quota_us`]: "200000\n",
    [`${cpu1}/cpu.cfs_period_us`]: "0\n",
    "sys/fs/a b/memory.max": `${MIB}\n`,
    "sys/fs/a b/memory.current": "1\n",
    "sys/fs/a b/cpu.max": "100000 100000\n",
  }, (root) => assert.deepEqual([cgroupMemory(root), cgroupCpus(root)], [MIB - 1, 1]));
});
