/**
 * Starts the threads of a backend and talks to them.
 *
 * Bun's `Worker` starts in 4 ms, where its `node:worker_threads` takes 35. Deno and Node use `node:worker_threads`,
 * which can `unref`: Deno's own `Worker` starts sooner (25 ms against 60) but keeps a program alive that forgot to
 * dispose of a session.
 *
 * @module
 */

import { runtime } from "./runtime.ts";

/** Where the code of each kind of worker is, from the root of this package, without its extension. */
const files = { workers: "backends/workers/worker", wasm: "backends/wasm/worker" } as const;

/** A kind of worker. */
export type WorkerName = keyof typeof files;

// Unbundled, this module lies in host/, one below the root; published for Node, with another extension.
const unbundled = /\/host\/workers(\.[a-z]+)$/.exec(import.meta.url);

// `bun build --compile ENTRY backends/NAME/worker.ts` puts this module into the program, whose URL is
// file:///$bunfs/root/<program>, and the worker, an entry point of its own, at its path from the root of the package:
// beside the module. Checked from other folders. `deno compile` needs `--include backends/NAME/worker.ts` and keeps
// paths as they are.
const embedded = import.meta.url.includes("/$bunfs/") || import.meta.url.includes("/~BUN/");

/** Why workers on shared memory cannot be started here, and the fix. */
export interface Lack {
  readonly reason: string;
  readonly fix?: string;
}

/** Local. Why workers on shared memory cannot be started here, or undefined if they can. */
export async function lacksWorkers(): Promise<Lack | undefined> {
  if (typeof SharedArrayBuffer === "undefined") return { reason: "there is no SharedArrayBuffer" };
  const reason = lacksCode();
  if (reason !== undefined) return { reason };
  try {
    await import("node:worker_threads");
  } catch {
    return { reason: "there is no node:worker_threads", fix: "run it in Deno, Bun or Node" };
  }
  return undefined;
}

/** Why the code of workers cannot be loaded. */
function lacksCode(): string | undefined {
  if (unbundled === null && !embedded) return "the code of its threads is not in this bundle";
  if (runtime === "deno" && import.meta.url.startsWith("file:")) {
    const path = new URL("..", import.meta.url);
    if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") {
      return "Deno needs the flag --allow-read";
    }
  }
  return undefined;
}

/** A thread with its own heap; shared memory and messages connect it. */
export interface Thread {
  post(message: unknown): void;
  /** Whether the program must wait for an answer of this thread; not at first. */
  hold(needed: boolean): void;
  stop(): Promise<void>;
}

/** What becomes of a thread: it posts, or it cannot start, throws, or ends unasked. */
export interface Listener {
  message(data: unknown): void;
  failure(cause: Error): void;
}

/** Local. Starts a thread, not yet needed. */
export async function startWorker(name: WorkerName, on: Listener): Promise<Thread> {
  const url = new URL(files[name] + (unbundled?.[1] ?? ".ts"), new URL(unbundled ? ".." : ".", import.meta.url));
  const ended = () => on.failure(new Error("the thread ended"));
  if (runtime === "bun") {
    const worker = new Worker(url, { type: "module" }) as Worker & { ref(): void; unref(): void };
    worker.onmessage = ({ data }) => on.message(data);
    worker.onerror = (event) => {
      event.preventDefault();
      on.failure(new Error(event.message));
    };
    worker.addEventListener("close", ended);
    worker.unref();
    return {
      post: (message) => worker.postMessage(message),
      hold: (needed) => needed ? worker.ref() : worker.unref(),
      stop: () => Promise.resolve(worker.terminate()),
    };
  }
  const threads = await import("node:worker_threads");
  const worker = new threads.Worker(url);
  worker.on("message", on.message);
  worker.on("error", (cause: unknown) => on.failure(cause instanceof Error ? cause : new Error(String(cause))));
  worker.on("exit", ended);
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
export async function answer(handle: (message: unknown) => unknown): Promise<void> {
  if (runtime === "bun") {
    const scope = globalThis as unknown as Worker;
    scope.onmessage = ({ data }) => scope.postMessage(handle(data));
    return;
  }
  const { parentPort } = await import("node:worker_threads");
  if (!parentPort) throw new Error("Cannot answer messages: this is not a worker");
  parentPort.on("message", (message: unknown) => parentPort.postMessage(handle(message)));
}
