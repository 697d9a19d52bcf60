/**
 * A pool of threads that carry out one command at a time; or the calling thread, alone.
 *
 * @module
 */

import type { MaybePromise } from "../../core/contract.ts";
import { UnavailableError } from "../../core/errors.ts";
import { startWorker, type Thread, type WorkerName } from "../../host/workers.ts";
import type { BothNorms, Engine } from "./engine.ts";
import { type Command, largerNorms, type Reply, type ThreadContext, workerLoop } from "./worker_loop.ts";

/** Threads that work together. */
export interface ThreadPool<S> {
  /** How many there are. */
  readonly threads: number;
  /** Whether they share memory with the calling thread, instead of being it. */
  readonly shared: boolean;
  /**
   * Local. Has the first so many threads carry out a command.
   *
   * @returns the larger of their norms, once all are done
   * @throws Error if a thread fails, now or earlier.
   */
  run(threads: number, command: (index: number) => Command<S>): MaybePromise<BothNorms>;
  /** Local. Ends the threads; a command still running fails. */
  stop(): Promise<void>;
}

/** Local. The calling thread as a pool: it is done when `run` returns. */
export function singleThreadPool<S>(createEngine: (context: ThreadContext<S>) => Engine): ThreadPool<S> {
  const runCommand = workerLoop(createEngine);
  return {
    threads: 1,
    shared: false,
    run(_threads, command) {
      const reply = runCommand(command(0));
      if ("error" in reply) throw new Error(`Cannot go on: ${reply.error}`);
      return reply;
    },
    stop: () => Promise.resolve(),
  };
}

/**
 * Local. Starts threads.
 *
 * @param name whose code they run
 * @param release lets all threads pass that wait for each other: called before they are ended
 */
export async function startPool<S>(name: WorkerName, threads: number, release: () => void): Promise<ThreadPool<S>> {
  let failed: Error | undefined;
  let running:
    | { left: number; norms: BothNorms; resolve(norms: BothNorms): void; reject(cause: Error): void }
    | undefined;
  let stopped: Promise<unknown> | undefined;
  let pool: readonly Thread[] = [];

  const stop = () => {
    release();
    return stopped ??= Promise.all(pool.map((thread) => thread.stop()));
  };
  const fail = (cause: Error) => {
    if (failed) return;
    failed = cause;
    finish()?.reject(cause);
    stop();
  };
  const finish = () => {
    const done = running;
    running = undefined;
    for (const thread of pool) thread.hold(false);
    return done;
  };
  const receive = (reply: Reply) => {
    if ("error" in reply) return fail(new Error(`Cannot go on: a worker failed: ${reply.error}`));
    if (!running) return;
    running.norms = largerNorms(running.norms, reply);
    if (--running.left === 0) {
      const { norms } = running;
      finish()!.resolve(norms);
    }
  };
  const listener = {
    message: (data: unknown) => receive(data as Reply),
    failure: (cause: Error) => fail(new Error(`Cannot go on: a worker failed: ${cause.message}`, { cause })),
  };
  const started = await Promise.allSettled(Array.from({ length: threads }, () => startWorker(name, listener)));
  pool = started.filter((one) => one.status === "fulfilled").map((one) => one.value);
  const refused = started.find((one) => one.status === "rejected");
  // A thread that failed that early could not end the others.
  if (refused || failed) await Promise.all(pool.map((thread) => thread.stop()));
  if (refused) {
    const { message } = refused.reason as Error;
    throw new UnavailableError(`Cannot open "${name}": ${threads} threads could not be started: ${message}`);
  }

  return {
    threads,
    shared: true,
    run(threads, command) {
      return new Promise<BothNorms>((resolve, reject) => {
        if (failed) return reject(failed);
        if (running) return reject(new Error("Cannot start a command: the last one is still running"));
        running = { left: threads, norms: { change: 0, residual: 0 }, resolve, reject };
        for (const [index, thread] of pool.slice(0, threads).entries()) {
          thread.hold(true);
          thread.post(command(index));
        }
      });
    },
    async stop() {
      fail(new Error("Cannot go on: the session is closed"));
      await stop();
    },
  };
}
