/**
 * A grid is cut into blocks of columns, with one column of the neighbours on either side: the halo. Columns are not
 * contiguous in memory; a vector type sends them without a copy. Persistent requests are prepared once and started again
 * and again.
 *
 *     mpirun -n 3 deno run -A examples/mpi/columns.ts
 */

import { run } from "../../mpi/mod.ts";

await run((mpi) => {
  const line = mpi.world.Cart_create([mpi.world.size])!;
  const { source: west, dest: east } = line.Cart_shift(0); // PROC_NULL at the ends

  const [ny, nx] = [4, 5]; // with the halo: columns 0 and 4 belong to the neighbours
  const u = new Float64Array(ny * nx).fill(line.rank);
  u.forEach((_, k) => k % nx === 0 || k % nx === nx - 1 ? u[k] = -1 : 0);

  const type = mpi.DOUBLE.Create_vector(ny, 1, nx).Commit();
  const column = (j: number) => ({ data: u, offset: j, count: 1, type });
  const halo = mpi.Requests([
    line.Recv_init(column(0), west),
    line.Recv_init(column(nx - 1), east),
    line.Send_init(column(1), west),
    line.Send_init(column(nx - 2), east),
  ]);
  for (let sweep = 0; sweep < 3; sweep++) {
    halo.Start();
    // … here what needs no halo is computed …
    halo.Wait();
  }
  halo.Free();
  type.Free();

  const rows = line.gather(Array.from(u.subarray(nx, 2 * nx)));
  rows?.forEach((row, rank) => console.log(`rank ${rank}: ${row.join(" ")}`));
});
