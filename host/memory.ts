/**
 * How much memory this process can have.
 *
 * @module
 */

import { cgroupMemory } from "./cgroup.ts";
import { readText } from "./runtime.ts";

/**
 * Bytes that are left to the program itself below the limit of a group, beyond which it is killed: plugins that are loaded
 * later take 10 to 45 MiB.
 */
const OWN = 2 ** 26;

/**
 * Local. @returns bytes that are free or can be freed, and the limit that leaves no more where it is not the machine's; undefined where the host does not report it.
 *
 * @param root as in `cgroupMemory`
 */
export async function availableMemory(
  root = "",
): Promise<{ readonly bytes: number; readonly limit?: string } | undefined> {
  const machine = await ofMachine(root);
  const left = Math.max(0, cgroupMemory(root) - OWN);
  if (machine === undefined && left === Infinity) return undefined;
  return left < (machine ?? Infinity) ? { bytes: left, limit: "the memory limit of its cgroup" } : { bytes: machine! };
}

async function ofMachine(root: string): Promise<number | undefined> {
  const found = /^MemAvailable:\s+(\d+) kB$/m.exec(readText(`${root}/proc/meminfo`) ?? "");
  if (found) return Number(found[1]) * 1024;
  try {
    return (await import("node:os")).freemem();
  } catch {
    return undefined;
  }
}
