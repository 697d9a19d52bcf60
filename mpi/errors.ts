/**
 * Error codes of MPI as exceptions.
 *
 * @module
 */

import { decodeString } from "../host/ffi.ts";
import { abi, ffi } from "./native.ts";

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
