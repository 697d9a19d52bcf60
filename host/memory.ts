/**
 * How much memory of this machine is available.
 *
 * @module
 */

/** Local. @returns bytes that are free or can be freed; undefined where the host does not report it. */
export async function availableMemory(): Promise<number | undefined> {
  try {
    // Not node:fs/promises: to load it, and to wait for another thread to read this, takes half a millisecond.
    const { readFileSync } = await import("node:fs");
    const found = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"));
    if (found) return Number(found[1]) * 1024;
    return (await import("node:os")).freemem();
  } catch {
    return undefined;
  }
}
