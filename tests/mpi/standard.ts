/** A program with the standard ABI, of one rank. Not a test file: abi_test.ts starts it with standard_abi.c. */

import assert from "node:assert/strict";
import { openMPI } from "../../mpi/mod.ts";

const mpi = await openMPI();
const { world } = mpi;
assert.deepEqual([mpi.abi, mpi.version, mpi.library], ["standard", [5, 0], "a stand-in"]);
assert.deepEqual([world.rank, world.size], [0, 1]);
assert.deepEqual([mpi.DOUBLE.size, mpi.INT16_T.size, mpi.UINT8_T.size, mpi.INT64_T.size], [8, 2, 1, 8]);

const got = new Float64Array(3);
const status = mpi.Status();
world.Send(Float64Array.of(1, 2, 3), 0, 7);
world.Recv(got, mpi.ANY_SOURCE, mpi.ANY_TAG, status);
assert.deepEqual([...got, status.source, status.tag, status.Get_count(mpi.DOUBLE)], [1, 2, 3, 0, 7, 3]);
world.Recv(got.fill(0)); // nobody asks for the status
assert.deepEqual([...got], [1, 2, 3]);

world.Allreduce(mpi.IN_PLACE, got);
const sum = new Float64Array(3);
world.Allreduce(got, sum);
assert.deepEqual([...got, ...sum], [1, 2, 3, 1, 2, 3]);

assert.throws(() => world.Send(got, 1), { errorClass: "MPI_ERR_RANK", message: "MPI_Send: error 6 (MPI_ERR_RANK)" });
assert.throws(() => world.Recv(new Float64Array(1)), { errorClass: "MPI_ERR_TRUNCATE" });
assert.throws(() => world.Dup().Send(got, 0), { errorClass: "MPI_ERR_COMM" });
console.log("all is well");
