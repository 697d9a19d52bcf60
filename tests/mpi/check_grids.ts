/** What each rank checks of communicators. Not a test file: ranks.ts runs it. */

import assert from "node:assert/strict";
import type { Checks } from "./checks.ts";

export const checks: Checks = {
  "the library says what it is"({ mpi }) {
    assert.match(mpi.library, mpi.abi === "openmpi" ? /Open MPI/ : /MPICH|Intel|MVAPICH/);
    assert.ok(mpi.version[0] >= 3);
    assert.ok(mpi.Get_processor_name().length > 0);
    const start = mpi.Wtime();
    while (mpi.Wtime() - start < 1e-4);
    assert.deepEqual([mpi.self.rank, mpi.self.size], [0, 1]);
  },

  "messages in a copy do not mix with others"({ world }) {
    const { rank, size } = world;
    const copy = world.Dup();
    assert.deepEqual([copy.rank, copy.size], [rank, size]);
    const [a, b] = [new Int32Array(1), new Int32Array(1)];
    const [last, next] = [(rank + size - 1) % size, (rank + 1) % size];
    const sends = [world.Isend(Int32Array.of(1), next, 0), copy.Isend(Int32Array.of(2), next, 0)];
    copy.Recv(b, last, 0);
    world.Recv(a, last, 0);
    for (const request of sends) request.Wait();
    assert.deepEqual([a[0], b[0]], [1, 2]);
    copy.Free();
    copy.Free(); // does nothing
    assert.throws(() => copy.Send(a, 0), { errorClass: "MPI_ERR_COMM" });
  },

  "Split makes groups, in the order of the key"({ world }) {
    const { rank, size } = world;
    const part = world.Split(rank % 2, -rank)!;
    const members = Array.from({ length: size }, (_, k) => k).filter((k) => k % 2 === rank % 2).reverse();
    assert.deepEqual([part.size, part.rank], [members.length, members.indexOf(rank)]);
    assert.deepEqual(part.allgather(rank), members);
    part.Free();
    const some = world.Split(rank === 0 ? undefined : 1);
    assert.equal(some?.size, rank === 0 ? undefined : size - 1);
    some?.Free();
    const machine = world.Split_type("shared");
    assert.deepEqual([machine.size, machine.rank], [size, rank]);
    machine.Free();
  },

  "errors in derived communicators are exceptions"({ mpi, world }) {
    for (const comm of [world.Dup(), world.Split(0)!, world.Cart_create([world.size])!]) {
      assert.throws(() => comm.Send(new Float64Array(1), 99), { name: "MPIError", errorClass: "MPI_ERR_RANK" });
      comm.Free();
    }
    assert.throws(() => mpi.self.Send(new Float64Array(1), 1), { errorClass: "MPI_ERR_RANK" });
  },

  "Dims_create divides the ranks"({ mpi, world }) {
    for (const directions of [1, 2, 3]) {
      const dims = mpi.Dims_create(world.size, directions);
      assert.equal(dims.length, directions);
      assert.equal(dims.reduce((a, b) => a * b), world.size);
    }
    assert.deepEqual(mpi.Dims_create(12, [0, 3]), [4, 3]);
    assert.throws(() => mpi.Dims_create(7, [0, 2]), { name: "MPIError" });
  },

  "a grid knows its neighbours"({ mpi, world }) {
    const dims = mpi.Dims_create(world.size, 2) as [number, number];
    const grid = world.Cart_create(dims, [false, true])!;
    const [row, col] = grid.coords as [number, number];
    assert.deepEqual([grid.dims, grid.rank], [dims, row * dims[1] + col]);
    const at = (i: number, j: number) => i < 0 || i >= dims[0] ? mpi.PROC_NULL : i * dims[1] + (j + dims[1]) % dims[1];
    assert.deepEqual(grid.Cart_shift(0), { source: at(row - 1, col), dest: at(row + 1, col) });
    assert.deepEqual(grid.Cart_shift(1, 1), { source: at(row, col - 1), dest: at(row, col + 1) });
    for (let k = 0; k < grid.size; k++) assert.equal(grid.Cart_rank(grid.Cart_coords(k)), k);
    assert.equal(grid.Cart_rank([row, col - dims[1]]), grid.rank);
    assert.throws(() => grid.Cart_rank([0]), RangeError);
    assert.throws(() => grid.Cart_rank([dims[0], 0]), { name: "MPIError" });

    const along = grid.Cart_sub([false, true]);
    assert.deepEqual([along.size, along.rank, along.dims], [dims[1], col, [dims[1]]]);
    assert.deepEqual(along.allgather(row), new Array(dims[1]).fill(row));
    assert.throws(() => grid.Cart_sub([true]), RangeError);
    along.Free();
    grid.Free();
  },

  "ranks that a grid has no room for get none"({ world }) {
    const grid = world.Cart_create([1]);
    assert.equal(grid?.size, world.rank === 0 ? 1 : undefined);
    grid?.Free();
    assert.throws(() => world.Cart_create([world.size + 1]), { name: "MPIError" });
  },

  "MPI's own are not freed"({ mpi, world }) {
    assert.throws(() => world.Free(), TypeError);
    assert.throws(() => mpi.DOUBLE.Free(), TypeError);
  },
};
