/**
 * MPI for Deno and Bun.
 *
 * @module
 */

export { openMPI, type OpenOptions, run } from "./open.ts";
export { MPI } from "./mpi.ts";
export { CartComm, Comm } from "./comm.ts";
export { type Data, IN_PLACE, Message, type Part, type TypedArray } from "./message.ts";
export { type Parts } from "./collectives_v.ts";
export { Datatype } from "./datatype.ts";
export { MPIError } from "./errors.ts";
export { type Mode, MPIFile } from "./file.ts";
export { Op } from "./op.ts";
export { Request, Requests } from "./request.ts";
export { Status } from "./status.ts";
export { PointToPoint } from "./point_to_point.ts";
export { Collectives, type Send } from "./collectives.ts";
export { CollectivesV } from "./collectives_v.ts";
export { Objects } from "./objects.ts";
export type { Handle } from "../host/ffi.ts";
