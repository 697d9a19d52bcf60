/**
 * How much memory this machine can still give.
 *
 * @module
 */

/** Local. @returns bytes that are free or can be freed; undefined where the host does not tell. */
export async function availableMemory(): Promise<number | undefined> {
  try {
    const { readFile } = await import("node:fs/promises");
    const found = /^MemAvailable:\s+(\d+) kB$/m.exec(await readFile("/proc/meminfo", "utf8"));
    if (found) return Number(found[1]) * 1024;
    return (await import("node:os")).freemem();
  } catch {
    return undefined;
  }
}
