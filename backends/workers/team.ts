/**
 * A team of threads that obey one command at a time.
 *
 * @module
 */

import { larger } from "../../core/kernels.ts";
import { startWorker, type Thread } from "../../host/workers.ts";
import type { Command, Reply } from "./worker.ts";

/** Threads that work together. */
export interface Team {
  /**
   * Local. Gives a command to the first so many threads.
   *
   * @returns the larger of their norms, once all are done
   * @throws Error if a thread fails, now or earlier.
   */
  ask(parties: number, command: (index: number) => Command): Promise<number>;
  /** Local. Ends the threads; a command still running fails. */
  stop(): Promise<void>;
}

/**
 * Local. Starts threads.
 *
 * @param release lets all go who wait for each other: called before they are ended
 */
export async function startTeam(threads: number, release: () => void): Promise<Team> {
  let failed: Error | undefined;
  let running: { left: number; norm: number; resolve(norm: number): void; reject(cause: Error): void } | undefined;
  let stopped: Promise<unknown> | undefined;
  let team: readonly Thread[] = [];

  const stop = () => {
    release();
    return stopped ??= Promise.all(team.map((thread) => thread.stop()));
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
    for (const thread of team) thread.hold(false);
    return done;
  };
  const receive = (reply: Reply) => {
    if ("error" in reply) return fail(new Error(`Cannot go on: a worker failed: ${reply.error}`));
    if (!running) return;
    running.norm = larger(running.norm, reply.norm);
    if (--running.left === 0) {
      const { norm } = running;
      finish()!.resolve(norm);
    }
  };
  const listener = {
    message: (data: unknown) => receive(data as Reply),
    failure: (cause: Error) => fail(new Error(`Cannot go on: a worker failed: ${cause.message}`, { cause })),
  };
  const started = await Promise.allSettled(Array.from({ length: threads }, () => startWorker("workers", listener)));
  team = started.filter((one) => one.status === "fulfilled").map((one) => one.value);
  const refused = started.find((one) => one.status === "rejected");
  if (refused) listener.failure(refused.reason as Error);
  // Whoever failed that early could not end the others.
  if (failed) await Promise.all(team.map((thread) => thread.stop()));

  return {
    ask(parties, command) {
      return new Promise((resolve, reject) => {
        if (failed) return reject(failed);
        if (running) return reject(new Error("Cannot start a command: the last one is still running"));
        running = { left: parties, norm: 0, resolve, reject };
        for (const [index, thread] of team.slice(0, parties).entries()) {
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
