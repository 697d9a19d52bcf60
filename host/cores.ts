/**
 * How many threads can compute at once.
 *
 * @module
 */

import { cgroupCpus } from "./cgroup.ts";
import { readText } from "./runtime.ts";

/** How many threads can compute at once, and why there is not one for each core that the process may run on. */
export interface Cores {
  readonly count: number;
  readonly why?: string;
}

let known: Cores | undefined;

/** Local. Of the cores that this process may run on, as many as its quota of time is worth. */
export function cores(): Cores {
  return known ??= coresOf("");
}

/** Local. The same, not remembered. @param root as in `cgroupMemory` */
export function coresOf(root: string): Cores {
  const allowed = affinity(root) ?? (globalThis.navigator?.hardwareConcurrency || 1);
  const cpus = cgroupCpus(root);
  const worth = Math.ceil(cpus);
  if (worth >= allowed) return { count: allowed };
  return { count: worth, why: `the CPU quota of its cgroup is that of ${Number(cpus.toFixed(2))} of ${allowed} cores` };
}

/** The cores that are online and that this process may run on; undefined elsewhere than on Linux. The runtimes differ: Deno counts quotas. */
function affinity(root: string): number | undefined {
  const mask = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readText(`${root}/proc/self/status`) ?? "")?.[1];
  const online = readText(`${root}/sys/devices/system/cpu/online`)?.trim();
  if (mask === undefined) return undefined;
  const there = online === undefined ? undefined : numbers(online);
  return [...numbers(mask)].filter((core) => there?.has(core) ?? true).length || undefined;
}

/** The numbers of a list such as 0-3,8. */
function numbers(list: string): Set<number> {
  return new Set(
    list.split(",").flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, k) => first + k);
    }),
  );
}
