/**
 * MPI for Deno and Bun: messages between the processes of a cluster, over FFI, without a compiled part of its own. It calls
 * the libmpi that is installed: Open MPI, MPICH and its family (Intel MPI, MVAPICH, Cray), or any with the ABI of MPI 5.
 *
 * As in mpi4py, capitals are for typed arrays, which travel without a copy, and small letters for any value that can be
 * cloned, which is turned into bytes and back. The datatype follows from the array's elements; a part of an array is
 * `{ data, offset, count, type }`. See docs/mpi.md.
 *
 * | for                     | arrays                                                            | values                  |
 * | ----------------------- | ----------------------------------------------------------------- | ----------------------- |
 * | two ranks               | Send Ssend Recv Sendrecv Probe Iprobe                             | send recv               |
 * | the same, later         | Isend Irecv, Request.Wait Test Cancel; Waitall Waitany Testall    |                         |
 * | the same, again         | Send_init Recv_init, Request.Start; Startall; Requests            |                         |
 * | all ranks               | Barrier Bcast Gather(v) Scatter(v) Allgather(v) Alltoall          | bcast gather scatter allgather |
 * | reductions              | Reduce Allreduce Scan                                             | reduce allreduce        |
 * | groups                  | Dup Split Split_type Cart_create Cart_sub Free                    |                         |
 * | grids                   | Dims_create Cart_shift Cart_coords Cart_rank                      |                         |
 * | datatypes               | Create_contiguous Create_vector Create_subarray Create_resized    |                         |
 * | files                   | File_open, MPIFile.Read_at(_all) Write_at(_all) Set_view          |                         |
 *
 * @example Every rank says who it is
 * ```ts ignore
 * // mpirun -n 4 deno run -A hello.ts
 * import { run } from "@laplace/laplace/mpi";
 *
 * await run(({ world }) => {
 *   const { rank, size } = world;
 *   const sum = Float64Array.of(rank);
 *   world.Allreduce(sum.slice(), sum);
 *   console.log(`rank ${rank} of ${size}: all ranks add up to ${sum[0]}`);
 * });
 * ```
 *
 * @module
 */

export { openMPI, type OpenOptions, run } from "./open.ts";
export { MPI } from "./mpi.ts";
export { CartComm, Comm } from "./comm.ts";
export { type Data, IN_PLACE, Message, type Part, type TypedArray } from "./message.ts";
export { Request, Requests } from "./request.ts";
export { Status } from "./status.ts";
export { Datatype } from "./datatype.ts";
export { Op } from "./op.ts";
export { type Mode, MPIFile } from "./file.ts";
export { MPIError } from "./errors.ts";
// What Comm extends.
export { PointToPoint } from "./point_to_point.ts";
export { Collectives, type Send } from "./collectives.ts";
export { CollectivesV, type Parts } from "./collectives_v.ts";
export { Objects } from "./objects.ts";
export type { Handle } from "../host/ffi.ts";
