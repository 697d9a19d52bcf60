/**
 * A team of threads that obey one command at a time; or the calling thread, alone.
 *
 * @module
 */

import type { MaybePromise } from "../../core/contract.ts";
import { UnavailableError } from "../../core/errors.ts";
import { startWorker, type Thread, type WorkerName } from "../../host/workers.ts";
import type { Both, Engine } from "./engine.ts";
import { type Command, largest, obedient, type Reply, type Share } from "./worker_loop.ts";

/** Threads that work together. */
export interface Team<S> {
  /** How many there are. */
  readonly threads: number;
  /** Whether they share memory with the calling thread, instead of being it. */
  readonly shared: boolean;
  /**
   * Local. Gives a command to the first so many threads.
   *
   * @returns the larger of their norms, once all are done
   * @throws Error if a thread fails, now or earlier.
   */
  ask(parties: number, command: (index: number) => Command<S>): MaybePromise<Both>;
  /** Local. Ends the threads; a command still running fails. */
  stop(): Promise<void>;
}

/** Local. The calling thread as a team: it is done when `ask` returns. */
export function alone<S>(open: (share: Share<S>) => Engine): Team<S> {
  const obey = obedient(open);
  return {
    threads: 1,
    shared: false,
    ask(_parties, command) {
      const reply = obey(command(0));
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
 * @param release lets all go who wait for each other: called before they are ended
 */
export async function startTeam<S>(name: WorkerName, threads: number, release: () => void): Promise<Team<S>> {
  let failed: Error | undefined;
  let running: { left: number; norms: Both; resolve(norms: Both): void; reject(cause: Error): void } | undefined;
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
    running.norms = largest(running.norms, reply);
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
  team = started.filter((one) => one.status === "fulfilled").map((one) => one.value);
  const refused = started.find((one) => one.status === "rejected");
  // Whoever failed that early could not end the others.
  if (refused || failed) await Promise.all(team.map((thread) => thread.stop()));
  if (refused) {
    const { message } = refused.reason as Error;
    throw new UnavailableError(`Cannot open "${name}": ${threads} threads could not be started: ${message}`);
  }

  return {
    threads,
    shared: true,
    ask(parties, command) {
      return new Promise<Both>((resolve, reject) => {
        if (failed) return reject(failed);
        if (running) return reject(new Error("Cannot start a command: the last one is still running"));
        running = { left: parties, norms: { change: 0, residual: 0 }, resolve, reject };
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
