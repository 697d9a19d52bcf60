/** What each rank checks of wrong use: what is out of bounds never reaches C. Not a test file: ranks.ts runs it. */

import assert from "node:assert/strict";
import { MPIError } from "../../mpi/mod.ts";
import type { Checks } from "./checks.ts";

const oneLine = (error: unknown) => {
  assert.doesNotMatch((error as Error).message, /\n/);
  return true;
};

export const checks: Checks = {
  "parts outside their array are refused"({ mpi, world }) {
    const data = new Float64Array(10);
    const column = mpi.DOUBLE.Create_vector(3, 1, 4).Commit(); // reaches 9 elements
    const before = mpi.DOUBLE.Create_vector(3, 1, -2).Commit(); // starts 4 elements before
    for (
      const part of [
        { offset: -1 },
        { offset: 11 },
        { offset: 0.5 },
        { offset: NaN },
        { count: 11 },
        { count: -1 },
        { count: 1.5 },
        { offset: 8, count: 3 },
        { count: 2 ** 31 },
        { count: 2, type: column },
        { offset: 2, count: 1, type: column },
        { count: 1, type: before },
        { offset: 3, count: 1, type: before },
      ]
    ) {
      const text = JSON.stringify(part);
      assert.throws(() => world.Send({ data, ...part }, mpi.PROC_NULL), RangeError, text);
      assert.throws(() => world.Recv({ data, ...part }, mpi.PROC_NULL), RangeError, text);
      assert.throws(() => world.Irecv({ data, ...part }, mpi.PROC_NULL), RangeError, text);
      assert.throws(() => world.Bcast({ data, ...part }), RangeError, text);
      assert.throws(() => mpi.message({ data, ...part }), oneLine, text);
    }
    for (
      const part of [
        { offset: 10 },
        { offset: 10, count: 0 },
        { offset: 1, count: 1, type: column },
        { offset: 4, count: 1, type: before },
        { count: 80, type: mpi.BYTE },
      ]
    ) world.Send({ data, ...part }, mpi.PROC_NULL);
    assert.throws(() => world.Send({ data: new Float32Array(3), count: 2, type: mpi.DOUBLE }, 0), RangeError);
    column.Free();
    before.Free();
  },

  "arrays that MPI does not know are refused"({ mpi, world }) {
    const bad = (data: unknown) => () => world.Send(data as Float64Array, mpi.PROC_NULL);
    assert.throws(bad(new DataView(new ArrayBuffer(8))), TypeError);
    for (const data of [[1, 2], new ArrayBuffer(8), undefined, null, 5]) assert.throws(bad(data), TypeError);
  },

  "an array that was detached or has shrunk is refused or empty"({ mpi, world }) {
    const data = new Float64Array(4);
    const message = mpi.message({ data });
    structuredClone(data.buffer, { transfer: [data.buffer] });
    world.Send(data, mpi.PROC_NULL);
    assert.throws(() => world.Send(message, mpi.PROC_NULL), RangeError);
    const shrinking = new ArrayBuffer(64, { maxByteLength: 64 });
    const view = mpi.message({ data: new Float64Array(shrinking) });
    world.Send(view, mpi.PROC_NULL);
    shrinking.resize(32);
    assert.throws(() => world.Send(view, mpi.PROC_NULL), RangeError);
  },

  "collectives refuse arrays that do not fit, on all ranks alike"({ mpi, world }) {
    const { rank, size } = world;
    const [three, four] = [new Float64Array(3), new Float64Array(4)];
    assert.throws(() => world.Allreduce(three, four), RangeError);
    assert.throws(() => world.Allreduce(three, new Float32Array(3)), TypeError);
    assert.throws(() => world.Scan(three, four), RangeError);
    if (size > 1) assert.throws(() => world.Allgather(three, new Float64Array(3 * size + 1)), RangeError);
    if (size > 1) assert.throws(() => world.Alltoall(new Float64Array(size), new Float64Array(size + 1)), RangeError);
    if (rank === 0) {
      assert.throws(() => world.Gather(three, null), TypeError);
      assert.throws(() => world.Scatter(null, three), TypeError);
      assert.throws(() => world.Reduce(three, null), TypeError);
      assert.throws(() => world.Gatherv(three, null), TypeError);
    } else {
      // C would take IN_PLACE for an address here.
      assert.throws(() => world.Gather(mpi.IN_PLACE, four), TypeError);
      assert.throws(() => world.Reduce(mpi.IN_PLACE, four), TypeError);
      assert.throws(() => world.Scatter(null, mpi.IN_PLACE), TypeError);
      assert.throws(() => world.Gatherv(mpi.IN_PLACE, null), TypeError);
      assert.throws(() => world.Scatterv(null, mpi.IN_PLACE), TypeError);
    }
  },

  "parts of collectives outside their array are refused"({ world }) {
    const { size } = world;
    const data = new Float64Array(size * 2);
    const counts = new Array(size).fill(2);
    const with1 = (value: number) => counts.map((count, k) => k === size - 1 ? value : count);
    const displs = counts.map((_, k) => 2 * k);
    for (
      const parts of [
        { counts: with1(3) },
        { counts: with1(-1) },
        { counts: with1(NaN) },
        { counts: [...counts, 0] },
        { counts, displs: displs.map((at) => at + 1) },
        { counts, displs: displs.map((at) => at - 1) },
        { counts, displs: [...displs, 0] },
      ]
    ) {
      assert.throws(() => world.Allgatherv(new Float64Array(2), { data, ...parts }), RangeError);
      if (world.rank === 0) {
        assert.throws(() => world.Gatherv(new Float64Array(2), { data, ...parts }), RangeError);
        assert.throws(() => world.Scatterv({ data, ...parts }, new Float64Array(2)), RangeError);
      }
    }
  },

  "MPI's own errors are exceptions with code, class and text"({ mpi, world }) {
    const data = new Float64Array(1);
    const error = (call: () => void): MPIError => {
      try {
        call();
      } catch (cause) {
        assert.ok(cause instanceof MPIError, String(cause));
        return cause;
      }
      throw new assert.AssertionError({ message: "no error" });
    };
    const rank = error(() => world.Send(data, world.size));
    assert.equal(rank.errorClass, "MPI_ERR_RANK");
    assert.ok(rank.code !== 0 && /rank/i.test(rank.text));
    assert.match(rank.message, /^MPI_Send: .*rank.* \(MPI_ERR_RANK\)$/i);
    assert.equal(error(() => world.Send(data, world.rank, -7)).errorClass, "MPI_ERR_TAG");
    assert.equal(error(() => world.Bcast(data, world.size)).errorClass, "MPI_ERR_ROOT");
    assert.throws(() => world.Split(-5), RangeError);

    const request = world.Isend(new Float64Array(3), world.rank, 6);
    const short = error(() => world.Recv(data, world.rank, 6));
    request.Wait();
    assert.equal(short.errorClass, "MPI_ERR_TRUNCATE");
    assert.match(short.message, /^MPI_Recv: message truncated.* \(MPI_ERR_TRUNCATE\)$/i);
    oneLine(short);
    assert.equal(error(() => mpi.DOUBLE.Create_contiguous(-1)).name, "MPIError");
    assert.throws(() => mpi.DOUBLE.Create_subarray([4], [2, 2], [0]), RangeError);
  },

  "a request that failed is over"({ mpi, world }) {
    const { rank, size } = world;
    const receive = world.Irecv(new Float64Array(1), (rank + size - 1) % size, 6);
    world.Barrier();
    const send = world.Isend(new Float64Array(3), (rank + 1) % size, 6);
    // Open MPI 4.1 does not notice when a rank sends to itself, in C neither.
    if (size === 1 && mpi.abi === "openmpi") receive.Wait();
    else assert.throws(() => receive.Wait(), { errorClass: "MPI_ERR_TRUNCATE" });
    send.Wait();
    receive.Wait();
    assert.throws(() => receive.Start(), { name: "MPIError" });
  },
};
