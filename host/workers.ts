/**
 * Starts the threads of a backend and talks to them. Deno, Bun and Node all have `node:worker_threads`; the Web's
 * `Worker` has no `unref` in Deno, and would keep a program alive that forgot to dispose of a session.
 *
 * @module
 */

import { parentPort, Worker } from "node:worker_threads";

/** Where the code of each kind of worker is, from the root of this package. */
const files = { workers: "backends/workers/worker.ts" } as const;

// `bun build --compile cli.ts backends/workers/worker.ts` puts this module into the program, whose URL is
// file:///$bunfs/root/<program>, and the worker, an entry point of its own, at its path from the root of the package:
// so there the root is beside the module, elsewhere above it. Checked from other folders. `deno compile` needs
// `--include backends/workers/worker.ts` and keeps paths as they are.
const root = new URL(import.meta.url.endsWith("/host/workers.ts") ? ".." : ".", import.meta.url);

/** A thread with its own heap; shared memory and messages connect it. */
export interface Thread {
  post(message: unknown): void;
  /** Whether the program must go on while this thread has not answered; not at first. */
  hold(needed: boolean): void;
  stop(): Promise<void>;
}

/**
 * Local. Starts a thread.
 *
 * @param on.message called with what the thread posts
 * @param on.failure called if it cannot start, throws, or ends unasked
 */
export function startWorker(
  name: keyof typeof files,
  on: { message(data: unknown): void; failure(cause: Error): void },
): Thread {
  const worker = new Worker(new URL(files[name], root));
  worker.on("message", on.message);
  worker.on("error", (cause: unknown) => on.failure(cause instanceof Error ? cause : new Error(String(cause))));
  worker.on("exit", () => on.failure(new Error("the thread ended")));
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    hold: (needed) => needed ? worker.ref() : worker.unref(),
    async stop() {
      await worker.terminate();
    },
  };
}

/** Local. In a thread: answers each message. */
export function answer(handle: (message: unknown) => unknown): void {
  if (!parentPort) throw new Error("Cannot answer messages: this is not a worker");
  const port = parentPort;
  port.on("message", (message: unknown) => port.postMessage(handle(message)));
}
