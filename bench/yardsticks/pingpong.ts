/**
 * Messages between two ranks in TypeScript: the counterpart of `pingpong.c`, which says what is printed.
 * Usage: mpirun -n 2 deno run -A pingpong.ts BYTES BATCHES ROUNDS
 *
 * @module
 */

import process from "node:process";
import { run } from "../../mpi/mod.ts";

await run((mpi) => {
  const { world } = mpi;
  const { rank } = world;
  const [bytes, batches, count] = process.argv.slice(2).map(Number) as [number, number, number];
  const pattern = Uint8Array.from({ length: bytes }, (_, k) => k % 251);
  const data = rank === 0 ? pattern.slice() : new Uint8Array(bytes);
  const empty = new Uint8Array(0);

  function rounds(count: number): void {
    if (rank === 0) {
      for (let k = 0; k < count; k++) {
        world.Send(data, 1);
        world.Recv(data, 1);
      }
    } else {
      for (let k = 0; k < count; k++) {
        world.Recv(data, 0);
        world.Send(data, 0);
      }
    }
  }

  function nothing(count: number): void {
    for (let k = 0; k < count; k++) {
      world.Send(empty, mpi.PROC_NULL);
      world.Recv(empty, mpi.PROC_NULL);
    }
  }

  function best(run: (count: number) => void, batches: number, count: number): number {
    let least = Infinity;
    for (let k = -Math.ceil(2000 / count); k < 0; k++) run(count); // until it is compiled
    for (let k = 0; k < batches; k++) {
      world.Barrier();
      const start = mpi.Wtime();
      run(count);
      least = Math.min(least, mpi.Wtime() - start);
    }
    return least / count / 2;
  }

  rounds(1);
  if (data.some((value, k) => value !== pattern[k])) throw new Error("the message has not come back as it was sent");
  const [microseconds, callNanoseconds] = [1e6 * best(rounds, batches, count), 1e9 * best(nothing, 20, 5000)];
  if (rank === 0) console.log(JSON.stringify({ bytes, microseconds, callNanoseconds }));
});
