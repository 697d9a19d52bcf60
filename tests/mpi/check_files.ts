/** What each rank checks of files. Not a test file: ranks.ts runs it. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeNpy, encodeNpy } from "../../io/mod.ts";
import type { Checks } from "./checks.ts";

export const checks: Checks = {
  "ranks write a .npy together, rows each, and read it"({ mpi, world, folder }) {
    const { rank, size } = world;
    const path = join(folder, "rows é.npy");
    const [ny, nx] = [2 * size, 5];
    const all = Float64Array.from({ length: ny * nx }, (_, k) => k / 3);
    const [header] = encodeNpy([ny, nx], all);
    const mine = all.slice(2 * nx * rank, 2 * nx * (rank + 1));
    const file = mpi.File_open(world, path, "w");
    file.Set_size(header.length + all.byteLength);
    file.Write_at_all(0, rank === 0 ? header : new Uint8Array(0));
    const status = mpi.Status();
    file.Write_at_all(header.length + mine.byteLength * rank, mine, status);
    assert.equal(status.Get_count(mpi.DOUBLE), mine.length);
    file.Sync();
    assert.equal(file.Get_size(), header.length + all.byteLength);
    file.Close();
    file.Close(); // does nothing
    assert.throws(() => file.Get_size(), /Cannot use a file: it is closed/);
    world.Barrier();
    assert.deepEqual(decodeNpy(readFileSync(path), path), { shape: [ny, nx], data: all });

    const again = mpi.File_open(world, path, "r");
    const next = new Float64Array(2 * nx);
    const other = (rank + 1) % size;
    again.Read_at_all(header.length + mine.byteLength * other, next);
    assert.deepEqual(next, all.slice(2 * nx * other, 2 * nx * (other + 1)));
    again.Read_at(header.length + all.byteLength - 8, next, status);
    assert.equal(status.Get_count(mpi.DOUBLE), 1);
    again.Close();
  },

  "a view lets ranks write columns"({ mpi, world, folder }) {
    const { rank, size } = world;
    const path = join(folder, "columns.bin");
    const file = mpi.File_open(world, path, "wx");
    const column = mpi.INT32_T.Create_subarray([4, size], [4, 1], [0, rank]).Commit();
    file.Set_view(8, mpi.INT32_T, column);
    file.Write_at_all(0, Int32Array.from({ length: 4 }, (_, i) => i * 10 + rank));
    file.Close();
    column.Free();
    world.Barrier();
    const want = Array.from({ length: 4 * size }, (_, k) => Math.floor(k / size) * 10 + k % size);
    const bytes = Uint8Array.from(readFileSync(path));
    assert.deepEqual([...new Int32Array(bytes.buffer, 8)], want);
    world.Barrier();
    assert.throws(() => mpi.File_open(world, path, "wx"), { name: "MPIError", errorClass: "MPI_ERR_FILE_EXISTS" });
  },

  "a derived datatype in memory is written without gaps"({ mpi, folder }) {
    const path = join(folder, `derived-${mpi.world.rank}.bin`);
    const file = mpi.File_open(mpi.self, path, "w");
    const column = mpi.DOUBLE.Create_vector(3, 1, 2).Commit();
    file.Write_at(0, { data: Float64Array.of(1, 2, 3, 4, 5, 6), offset: 1, count: 1, type: column });
    file.Close();
    column.Free();
    assert.deepEqual([...new Float64Array(Uint8Array.from(readFileSync(path)).buffer)], [2, 4, 6]);
  },

  "what is there stays, and is deleted by name"({ mpi, world, folder }) {
    const path = join(folder, "stays.bin");
    if (world.rank === 0) writeFileSync(path, Uint8Array.of(1, 2, 3, 4));
    world.Barrier();
    const file = mpi.File_open(world, path, "r+");
    if (world.rank === 0) file.Write_at(1, Uint8Array.of(9));
    file.Close();
    world.Barrier();
    assert.deepEqual([...readFileSync(path)], [1, 9, 3, 4]);
    world.Barrier();
    if (world.rank === 0) mpi.File_delete(path);
    world.Barrier();
    assert.equal(existsSync(path), false);
  },

  "a file that is missing is an exception with its class"({ mpi, world, folder }) {
    const path = join(folder, "missing.bin");
    assert.throws(() => mpi.File_open(world, path, "r"), { name: "MPIError", errorClass: "MPI_ERR_NO_SUCH_FILE" });
  },
};
