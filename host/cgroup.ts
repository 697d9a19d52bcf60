/**
 * What the control groups of this process allow on Linux, version 1, version 2 or both: containers, systemd and Slurm set
 * them. A group is limited by those above it, too.
 *
 * @module
 */

import { readText } from "./runtime.ts";

/**
 * Local. The memory that the groups leave, in bytes: below the limit, or taken by files that the system can drop.
 *
 * @param root where /proc and the mounted groups are looked for: tests have a tree of their own
 * @returns Infinity without a limit
 */
export function cgroupMemory(root = ""): number {
  return least(root, "memory", { 1: freeOfVersion1, 2: freeOfVersion2 });
}

/** Local. The time that the groups leave, in cores: 1.5 is that of three cores, each half of the time. Otherwise the same. */
export function cgroupCpus(root = ""): number {
  return least(root, "cpu", { 1: quotaOfVersion1, 2: quotaOfVersion2 });
}

/** Reads a file of a group. */
type Read = (file: string) => string | undefined;

/** The least of what a controller allows in the groups of this process, and in those above them. */
function least(
  root: string,
  controller: string,
  allowed: Readonly<Record<1 | 2, (read: Read) => number | undefined>>,
): number {
  const found = groups(root, controller).flatMap(({ version, folder }) =>
    allowed[version]((file) => readText(`${root}${folder}/${file}`)) ?? []
  );
  return Math.min(...found);
}

/** The folders of the groups that a controller keeps of this process, from its own up. */
function groups(root: string, controller: string): { version: 1 | 2; folder: string }[] {
  // A line is "number:controllers:path", of version 2 "0::path".
  const own = (readText(`${root}/proc/self/cgroup`) ?? "").split("\n").map((line) => /^\d+:([^:]*):(\/.*)$/.exec(line));
  const pathOf = (name: string) => own.find((line) => line?.[1]?.split(",").includes(name))?.[2];
  return (readText(`${root}/proc/self/mountinfo`) ?? "").split("\n").flatMap((line) => {
    if (!line.includes(" - cgroup")) return [];
    // number, parent, device, what is mounted, where, options, … - type, source, options of the file system
    const [, mounted = "", where = "", type, options = ""] =
      /^\d+ \d+ \S+ (\S+) (\S+) .* - (cgroup2?) \S+ (\S+)$/.exec(line) ?? [];
    if (type === undefined || (type === "cgroup" && !options.split(",").includes(controller))) return [];
    const path = pathOf(type === "cgroup2" ? "" : controller);
    if (path === undefined) return [];
    // In a container a part of the tree is mounted; its path may be that of the host, or begin at what is mounted.
    const top = unescaped(mounted).replace(/\/$/, "");
    const below = `${path}/`.startsWith(`${top}/`) ? path.slice(top.length) : "";
    const names = below.split("/").filter((name) => name !== "");
    return Array.from(names.keys(), (k) => names.slice(0, names.length - k)).concat([[]]).map((names) => ({
      version: type === "cgroup2" ? 2 as const : 1 as const,
      folder: [unescaped(where), ...names].join("/"),
    }));
  });
}

/** A path as mountinfo has it: `\040` is a space. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));
}

/** A number in a file; undefined for `max`. */
function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : undefined;
}

function freeOfVersion1(read: Read): number | undefined {
  const limit = numberIn(read("memory.limit_in_bytes"));
  // Without a limit it is the largest number of pages that fits into 64 bits.
  if (limit === undefined || limit >= 2 ** 62) return undefined;
  return left(limit, read("memory.usage_in_bytes"), read("memory.stat"), /^total_(?:in)?active_file (\d+)$/gm);
}

function freeOfVersion2(read: Read): number | undefined {
  const limit = numberIn(read("memory.max"));
  if (limit === undefined) return undefined;
  return left(limit, read("memory.current"), read("memory.stat"), /^(?:(?:in)?active_file|slab_reclaimable) (\d+)$/gm);
}

/** What is left below a limit: what is used, of which `files` finds in a table what can be dropped, goes off. */
function left(limit: number, used: string | undefined, table: string | undefined, files: RegExp): number {
  const droppable = [...(table ?? "").matchAll(files)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  return Math.max(0, limit - Math.max(0, (numberIn(used) ?? 0) - droppable));
}

/** Without a limit the quota is -1. */
function quotaOfVersion1(read: Read): number | undefined {
  return quotient(read("cpu.cfs_quota_us"), read("cpu.cfs_period_us"));
}

/** "quota period", in microseconds. */
function quotaOfVersion2(read: Read): number | undefined {
  const [quota, period] = read("cpu.max")?.split(" ") ?? [];
  return quotient(quota, period);
}

function quotient(quota: string | undefined, period: string | undefined): number | undefined {
  const [time, of] = [numberIn(quota), numberIn(period)];
  return time && of ? time / of : undefined;
}
