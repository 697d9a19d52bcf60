/**
 * Error codes of MPI as exceptions, and calls that throw them.
 *
 * @module
 */

import { decodeString } from "../host/ffi.ts";
import { abi, ffi, handleMemory, type Native } from "./native.ts";

/** A call of MPI that failed. The message is one line: `MPI_Recv: message truncated (MPI_ERR_TRUNCATE)`. */
export class MPIError extends Error {
  /** Its kind. */
  override name = "MPIError";

  /**
   * Says which function failed and why.
   *
   * @param code the error code, which only its library understands
   * @param errorClass its class by the name that all libraries share, such as `MPI_ERR_TRUNCATE`
   * @param text what the library says, as it says it: of one or many lines
   */
  constructor(readonly code: number, readonly errorClass: string, readonly text: string, call: string) {
    super(`${call}: ${brief(text, errorClass)} (${errorClass})`);
  }
}

/** Functions that return an error code. */
type Name = Exclude<keyof Native, "MPI_Wtime">;

/** The arguments of a function whose last one is where it leaves a handle. */
type ButLast<A extends unknown[]> = A extends [...infer Rest, unknown] ? Rest : never;

/** Local or collective, as the function is. Calls one that is called now and then. @throws MPIError */
export function call<N extends Name>(name: N, ...args: Parameters<Native[N]>): void {
  check((ffi[name] as (...args: unknown[]) => number)(...args), name);
}

/** As `call`. @returns the memory in which the function has left a new handle. @throws MPIError */
export function create<N extends Name>(name: N, ...args: ButLast<Parameters<Native[N]>>): Int32Array {
  const memory = handleMemory();
  check((ffi[name] as (...args: unknown[]) => number)(...args, memory), name);
  return memory;
}

/** Local. @throws MPIError if an error code is one. Hot calls compare with 0 themselves. */
export function check(code: number, call: string): void {
  if (code !== 0) throw failure(code, call);
}

/** Local. The exception for an error code. */
export function failure(code: number, call: string): MPIError {
  const [text, length] = [new Uint8Array(8192), new Int32Array(1)];
  ffi.MPI_Error_class(code, length);
  const name = abi.errors[length[0]!];
  ffi.MPI_Error_string(code, text, length);
  return new MPIError(code, name ? `MPI_${name}` : `error class ${length[0]}`, decodeString(text), call);
}

/** One line out of the many of MPICH: what is wrong, and the innermost function, which has the figures. */
function brief(text: string, errorClass: string): string {
  const lines = text.trim().split("\n");
  const first = lines[0]!.replace(/, error stack:$/, "").replace(`${errorClass}: `, "");
  const last = lines.length > 1 ? lines.at(-1)!.replace(/^\S+?\(\d+\)\.*: */, "").trim() : "";
  return last && last !== first ? `${first}: ${last}` : first;
}

/** Local. A count in words: `1 sweep`, `2 sweeps`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
