/** What each rank checks of derived datatypes. Not a test file: ranks.ts runs it. */

import assert from "node:assert/strict";
import type { Checks, Given } from "./checks.ts";

/** A grid of 4 rows and 6 columns, all different. */
const grid = (rank: number) => Float64Array.from({ length: 24 }, (_, k) => rank * 100 + k);

/** Sends to the next rank, receives from the one before. */
function around({ world }: Given, send: Parameters<typeof world.Send>[0], recv: Parameters<typeof world.Send>[0]) {
  const { rank, size } = world;
  world.Sendrecv(send, (rank + 1) % size, 0, recv, (rank + size - 1) % size, 0);
  return (rank + size - 1) % size;
}

export const checks: Checks = {
  "sizes and extents"({ mpi }) {
    assert.deepEqual([mpi.DOUBLE.size, mpi.DOUBLE.extent, mpi.FLOAT.size, mpi.INT16_T.size], [8, 8, 4, 2]);
    assert.deepEqual([mpi.C_DOUBLE_COMPLEX.size, mpi.TWO_INT.size, mpi.DOUBLE_INT.size], [16, 8, 12]);
    const column = mpi.DOUBLE.Create_vector(4, 1, 6);
    assert.deepEqual([column.size, column.extent], [32, (3 * 6 + 1) * 8]);
    const next = column.Create_resized(0, 8);
    assert.deepEqual([next.size, next.extent], [32, 8]);
    next.Free();
    column.Free();
    column.Free(); // does nothing
  },

  "a vector is a column, sent and received without a copy"(given) {
    const column = given.mpi.DOUBLE.Create_vector(4, 1, 6).Commit();
    const [sent, got] = [grid(given.world.rank), new Float64Array(24).fill(-1)];
    const one = { count: 1, type: column };
    const last = around(given, { data: sent, offset: 4, ...one }, { data: got, offset: 1, ...one });
    assert.deepEqual(got, Float64Array.from({ length: 24 }, (_, k) => k % 6 === 1 ? last * 100 + k + 3 : -1));
    // Received as plain numbers.
    const plain = new Float64Array(4);
    around(given, { data: sent, offset: 4, ...one }, plain);
    assert.deepEqual([...plain], [4, 10, 16, 22].map((k) => last * 100 + k));
    column.Free();
  },

  "columns side by side, by a resized extent"(given) {
    const column = given.mpi.DOUBLE.Create_vector(4, 1, 6);
    const narrow = column.Create_resized(0, 8).Commit();
    const got = new Float64Array(24);
    // Three columns, one after the other: the transpose.
    const last = around(given, { data: grid(given.world.rank), count: 3, type: narrow }, got);
    const want = [0, 1, 2].flatMap((j) => [0, 1, 2, 3].map((i) => last * 100 + 6 * i + j));
    assert.deepEqual([...got.subarray(0, 12)], want);
    narrow.Free();
    column.Free();
  },

  "a subarray is a block"(given) {
    const block = given.mpi.DOUBLE.Create_subarray([4, 6], [2, 3], [1, 2]).Commit();
    const got = new Float64Array(6);
    const last = around(given, { data: grid(given.world.rank), count: 1, type: block }, got);
    assert.deepEqual([...got], [8, 9, 10, 14, 15, 16].map((k) => last * 100 + k));
    block.Free();
  },

  "contiguous elements are one"(given) {
    const three = given.mpi.INT32_T.Create_contiguous(3).Commit();
    const status = given.mpi.Status();
    const { rank, size } = given.world;
    const got = new Int32Array(9).fill(-1);
    const data = Int32Array.from({ length: 6 }, (_, k) => k);
    given.world.Sendrecv({ data, type: three }, (rank + 1) % size, 0, got, (rank + size - 1) % size, 0, status);
    assert.deepEqual([...got], [0, 1, 2, 3, 4, 5, -1, -1, -1]);
    assert.equal(status.Get_count(three), 2);
    three.Free();
  },

  "complex numbers are added as such"({ mpi, world }) {
    const got = new Float64Array(4);
    const pairs = (data: Float64Array) => ({ data, type: mpi.C_DOUBLE_COMPLEX });
    world.Allreduce(pairs(Float64Array.of(1, world.rank, 2, 3)), pairs(got));
    const { size } = world;
    assert.deepEqual([...got], [size, size * (size - 1) / 2, 2 * size, 3 * size]);
  },

  "a message with a datatype that was freed is an error"({ mpi, world }) {
    const type = mpi.DOUBLE.Create_contiguous(2).Commit();
    const message = mpi.message({ data: new Float64Array(4), type });
    type.Free();
    assert.throws(() => world.Send(message, world.rank), { errorClass: "MPI_ERR_TYPE" });
  },
};
