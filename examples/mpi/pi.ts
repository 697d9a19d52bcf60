/**
 * Pi as the integral of 4 / (1 + x²) from 0 to 1, each rank a share of the midpoints.
 *
 *     mpirun -n 4 deno run -A examples/mpi/pi.ts
 */

import { run } from "../../mpi/mod.ts";

await run((mpi) => {
  const { rank, size } = mpi.world;
  const n = 1_000_000;
  const start = mpi.Wtime();
  let part = 0;
  for (let k = rank; k < n; k += size) part += 4 / (1 + ((k + 0.5) / n) ** 2);
  const pi = Float64Array.of(part / n);
  mpi.world.Allreduce(mpi.IN_PLACE, pi, mpi.SUM);
  if (rank === 0) {
    console.log(`${size} ranks: pi is ${pi[0]!.toFixed(10)}`);
    console.error(`${(mpi.Wtime() - start).toFixed(3)} s`);
  }
});
