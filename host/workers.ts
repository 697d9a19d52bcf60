/**
 * Starts workers, the same in a working copy and in the compiled binary.
 *
 * @module
 */

/**
 * Local. Starts a module of this project as a worker.
 *
 * Checked on Deno 2.9 and Bun 1.4, from any working folder: a URL relative to this module works in `deno run` and
 * `bun run`. In a binary of `bun build --compile` every module has the URL of the binary itself,
 * `file:///$bunfs/root/laplace`, and a worker that was given as an extra entry point lies beside it under its path
 * from the project's root, its .ts name included. So the path from the root is what must be known; tools/compile.ts
 * makes every `worker.ts` under backends/ such an entry point.
 *
 * @param module path from the project's root: `backends/workers/worker.ts`
 *
 * @example
 * ```ts ignore
 * const worker = startWorker("backends/workers/worker.ts");
 * worker.postMessage(new SharedArrayBuffer(8));
 * ```
 */
export function startWorker(module: string): Worker {
  const embedded = import.meta.url.includes("/$bunfs/") || import.meta.url.includes("/~BUN/");
  return new Worker(new URL(embedded ? module : `../${module}`, import.meta.url), { type: "module" });
}
