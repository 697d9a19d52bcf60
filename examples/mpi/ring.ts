/**
 * A number travels around a ring of ranks, and each adds its own.
 *
 *     mpirun -n 4 deno run -A examples/mpi/ring.ts
 *     mpirun -n 4 bun run examples/mpi/ring.ts
 */

import { run } from "../../mpi/mod.ts";

await run(({ world }) => {
  const { rank, size } = world;
  const sum = new Int32Array(1);
  if (rank > 0) world.Recv(sum, rank - 1);
  sum[0]! += rank;
  world.Send(sum, (rank + 1) % size);
  if (rank === 0) {
    world.Recv(sum, size - 1);
    console.log(`${size} ranks: the sum is ${sum[0]}`);
  }
});
