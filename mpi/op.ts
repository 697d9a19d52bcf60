/**
 * Operations of reductions.
 *
 * @module
 */

import type { Handle } from "../host/ffi.ts";
import type { OpName } from "./abi/table.ts";
import { predefined } from "./native.ts";

/** What a reduction does with two values: `mpi.SUM`, `mpi.MAX` and so on. */
export class Op {
  /** MPI's own name for it. */
  readonly handle: Handle;

  /** Its name, without `MPI_`. */
  readonly name:
    | "MAX"
    | "MIN"
    | "SUM"
    | "PROD"
    | "LAND"
    | "BAND"
    | "LOR"
    | "BOR"
    | "LXOR"
    | "BXOR"
    | "MINLOC"
    | "MAXLOC";

  /** Local. An operation of MPI's own. */
  constructor(name: OpName) {
    this.name = name;
    this.handle = predefined(name);
  }
}
