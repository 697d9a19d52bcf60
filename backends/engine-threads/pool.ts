/**
 * A pool of threads that carry out one command at a time.
 *
 * @module
 */

import type { Stencil } from "../../core/contract.ts";
import { counted, UnavailableError } from "../../core/errors.ts";
import { type Domain, serial } from "../../core/kernels/distributed.ts";
import { type Cores, cores } from "../../host/cores.ts";
import { startWorker, type Thread, type WorkerName } from "../../host/workers.ts";
import { type BothNorms, NO_NORMS } from "./engine.ts";
import { type Command, largerNorms, type Reply } from "./worker_loop.ts";

/** Threads that work together, on memory that they share with the calling one. */
export interface ThreadPool<S> {
  /** How many there are. */
  readonly threads: number;
  /**
   * Local. Has the first so many threads carry out a command.
   *
   * @returns the larger of their norms, once all are done
   * @throws Error if a thread fails, now or earlier.
   */
  run(threads: number, command: (index: number) => Command<S>): Promise<BothNorms>;
  /** Local. Ends the threads; a command still running fails. */
  stop(): Promise<void>;
}

/** Local. A thread for each core, but not for fewer points of what a rank owns than `worthAThread`. */
export function usefulThreads({ shape }: Stencil, domain: Domain | undefined, worthAThread: number): Cores {
  const { rows, cols } = (domain ?? serial(shape)).owned;
  const points = (rows[1] - rows[0]) * (cols[1] - cols[0]);
  const worth = Math.ceil(points / worthAThread);
  return worth > cores().count ? cores() : { count: worth };
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
    throw new UnavailableError(`Cannot open "${name}": ${counted(threads, "thread")} could not be started: ${message}`);
  }

  return {
    threads,
    run(threads, command) {
      return new Promise<BothNorms>((resolve, reject) => {
        if (failed) return reject(failed);
        if (running) return reject(new Error("Cannot start a command: the last one is still running"));
        running = { left: threads, norms: NO_NORMS, resolve, reject };
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
