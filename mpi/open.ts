/**
 * Opens MPI: loads its library, starts it, checks that its launcher is the right one, and ends it when the program does.
 *
 * After an error MPI is not finalized: that would wait for ranks that wait for this one. The launcher ends them.
 *
 * @module
 */

import process from "node:process";
import { writeSync } from "node:fs";
import { inspect } from "node:util";
import { call } from "./errors.ts";
import { findDatatypes } from "./datatype.ts";
import { launcher, load, type Loaded } from "./library.ts";
import { MPI } from "./mpi.ts";
import { bind, constant, ffi, predefined, unbind } from "./native.ts";

/** How MPI is opened. */
export interface OpenOptions {
  /** A path, the name of a file, or `openmpi`, `mpich`, `standard`; default LAPLACE_MPI, else what the launcher suggests. */
  readonly library?: string;
  /** Which threads of the program will call MPI; default `funneled`: this one only, beside others that do not. */
  readonly threads?: "single" | "funneled" | "serialized" | "multiple";
  /** Whether an error that nobody catches ends all ranks, with its message on stderr; default no. */
  readonly abortOnError?: boolean;
}

let opened: Promise<MPI> | undefined;

/**
 * Collective. Opens MPI, once for the process: later calls return the same. It is finalized when the program ends.
 *
 * @throws LibraryError if there is no library, Error if the launcher is that of another MPI, MPIError
 *
 * @example
 * ```ts ignore
 * const mpi = await openMPI();
 * const { world } = mpi;
 * console.log(`rank ${world.rank} of ${world.size}`);
 * ```
 */
export function openMPI(options: OpenOptions = {}): Promise<MPI> {
  opened ??= start(options).catch((cause) => {
    opened = undefined;
    throw cause;
  });
  return options.abortOnError ? opened.then((mpi) => (abortOnError(mpi), mpi)) : opened;
}

/**
 * Collective. Runs a program: opens MPI, and ends all ranks if an error of one is caught by nobody.
 *
 * @example
 * ```ts ignore
 * await run(({ world }) => console.log(world.allreduce(world.rank)));
 * ```
 */
export async function run<T>(main: (mpi: MPI) => T | Promise<T>, options: OpenOptions = {}): Promise<T> {
  const mpi = await openMPI({ ...options, abortOnError: true });
  try {
    return await main(mpi);
  } catch (cause) {
    return abortFor(mpi, cause);
  }
}

async function start({ library, threads = "funneled" }: OpenOptions): Promise<MPI> {
  const loaded = await load(library);
  await bind(loaded.path, loaded.abi, loaded.lookup);
  const [flag, provided] = [new Int32Array(1), new Int32Array(1)];
  call("MPI_Finalized", flag);
  if (flag[0] !== 0) throw new Error("Cannot open MPI: this process has ended it already");
  call("MPI_Initialized", flag);
  const ours = flag[0] === 0;
  if (ours) {
    const level = constant(`THREAD_${threads.toUpperCase() as Uppercase<typeof threads>}`);
    call("MPI_Init_thread", null, null, level, provided);
    process.on("exit", (code) => atExit(code));
    // Deno.exit fires only this.
    globalThis.addEventListener?.("unload", () => atExit(Number(process.exitCode ?? 0)));
  }
  // Before the first call that could fail: errors that belong to no communicator are reported to these.
  for (const name of ["COMM_WORLD", "COMM_SELF"] as const) {
    call("MPI_Comm_set_errhandler", predefined(name), predefined("ERRORS_RETURN"));
  }
  findDatatypes();
  const mpi = new MPI(finalize);
  if (ours) checkLauncher(mpi, loaded);
  return mpi;
}

/** The launcher of another MPI starts processes that do not know of each other. */
function checkLauncher(mpi: MPI, { path, abi: { title, name } }: Loaded): void {
  const started = launcher();
  const processes = started?.processes;
  if (processes === undefined || processes === mpi.world.size || mpi.world.size !== 1) return;
  finalize();
  const theirs = started!.tries[0]!.name;
  const fix = theirs !== name && started!.title !== "srun"
    ? `set LAPLACE_MPI=${theirs}, or start it with the launcher of ${title}`
    : `start it with the launcher of ${title}, or set LAPLACE_MPI to the library of that launcher`;
  throw new Error(
    `Cannot run on ${processes} ranks: ${
      started!.title
    } started them, but ${path} is ${title}, where each is rank 0 of 1; ${fix}`,
  );
}

/** Local. Ends MPI, unless it has ended. Collective where other ranks still talk to this one. */
function finalize(): void {
  if (!isOpen()) return;
  const code = ffi.MPI_Finalize();
  unbind();
  if (code !== 0) throw new Error(`MPI_Finalize: error ${code}`);
}

/** Local. Whether MPI is open: neither not yet, nor no longer. */
export function isOpen(): boolean {
  const flag = new Int32Array(1);
  try {
    return ffi.MPI_Finalized(flag) === 0 && flag[0] === 0;
  } catch {
    return false; // it is not open
  }
}

/** At a normal end. After an error other ranks may wait for this one, and ending MPI would wait for them. */
function atExit(code: number | undefined): void {
  if (!code) finalize();
}

let watching = false;

function abortOnError(mpi: MPI): void {
  if (watching) return;
  watching = true;
  process.on("uncaughtException", (cause) => abortFor(mpi, cause));
  process.on("unhandledRejection", (cause) => abortFor(mpi, cause));
}

function abortFor(mpi: MPI, cause: unknown): never {
  const text = cause instanceof Error ? inspect(cause) : String(cause);
  writeSync(2, `rank ${mpi.world.rank} of ${mpi.world.size}: ${text}\n`);
  // The launcher of MPICH lost 1 in 25 messages that it had not passed on before the end.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  return mpi.world.Abort(1);
}
