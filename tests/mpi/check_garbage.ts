/** What each rank checks of memory: what MPI still writes to is neither moved nor freed. Not a test file: ranks.ts runs it. */

import assert from "node:assert/strict";
import process from "node:process";
import type { Checks } from "./checks.ts";

/** Fills the heap and empties it, so that what can move or be freed does, and other things take its place. */
function collect(): void {
  const { Bun, gc } = globalThis as { Bun?: { gc(force: boolean): void }; gc?: () => void };
  for (let k = 0; k < 3; k++) {
    const junk = Array.from({ length: 2000 }, (_, n) => [new Float64Array(8).fill(n), { n }, new ArrayBuffer(4096)]);
    assert.equal(junk.length, 2000);
    Bun?.gc(true);
    gc?.();
  }
}

export const checks: Checks = {
  async "arrays of pending requests that nobody holds are received into and sent from"({ mpi, world }) {
    const { rank, size } = world;
    const [last, next] = [(rank + size - 1) % size, (rank + 1) % size];
    // Small arrays lie in the collector's own heap, large ones do not.
    const lengths = [1, 2, 7, 8, 9, 64, 200, 5000];
    const receives = lengths.map((length, tag) => world.Irecv(new Float64Array(length), last, tag));
    const sends = [];
    collect();
    world.Barrier();
    for (const [tag, length] of lengths.entries()) {
      sends.push(world.Isend(new Float64Array(length).fill(rank * 1000 + tag), next, tag));
      collect();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    mpi.Waitall([...sends, ...receives]);
    for (const [tag, { data }] of receives.entries()) {
      assert.deepEqual(data, new Float64Array(lengths[tag]!).fill(last * 1000 + tag));
    }
  },

  "naming the buffer of a small array while it is received into does not move it"({ world }) {
    const { rank, size } = world;
    const data = new Int32Array(2);
    const receive = world.Irecv(data, (rank + size - 1) % size, 1);
    assert.equal(data.buffer.byteLength, 8);
    collect();
    world.Barrier();
    const send = world.Isend(Int32Array.of(rank, 7), (rank + 1) % size, 1);
    receive.Wait();
    send.Wait();
    assert.deepEqual([...data], [(rank + size - 1) % size, 7]);
  },

  "requests that are dropped do their work all the same"({ world }) {
    const { rank, size } = world;
    const [last, next] = [(rank + size - 1) % size, (rank + 1) % size];
    const got = Array.from({ length: 50 }, () => new Float64Array(20000));
    const receives = got.map((data, tag) => world.Irecv(data, last, tag));
    (() => {
      // Too long to be copied away at once: MPI reads them when they are received.
      for (let tag = 0; tag < 50; tag++) world.Isend(new Float64Array(20000).fill(rank + tag), next, tag);
    })();
    collect();
    for (const request of receives) request.Wait();
    for (const [tag, data] of got.entries()) assert.ok(data.every((value) => value === last + tag));
  },

  "persistent requests hold their arrays"({ mpi, world }) {
    const { rank, size } = world;
    const [last, next] = [(rank + size - 1) % size, (rank + 1) % size];
    const make = () => [world.Recv_init(new Float64Array(3), last, 2), world.Send_init(new Float64Array(3), next, 2)];
    const list = make() as [ReturnType<typeof world.Recv_init>, ReturnType<typeof world.Recv_init>];
    const group = mpi.Requests(list);
    for (let k = 0; k < 20; k++) {
      (list[1].data as Float64Array).fill(rank * 100 + k);
      group.Start();
      if (k % 5 === 0) collect();
      group.Wait();
      assert.deepEqual([...(list[0].data as Float64Array)], new Array(3).fill(last * 100 + k));
    }
    group.Free();
  },

  "ten thousand requests leave no memory behind"({ world }) {
    const [data, sent] = [new Float64Array(1000), new Float64Array(1000)];
    const rounds = (n: number) => {
      for (let k = 0; k < n; k++) {
        const receive = world.Irecv(data, world.rank, 3);
        world.Isend(sent, world.rank, 3).Wait();
        receive.Wait();
      }
    };
    rounds(1000);
    collect();
    const before = process.memoryUsage().rss;
    rounds(10000);
    collect();
    // Each would leave its array of 8000 bytes, 160 MB in all.
    assert.ok(process.memoryUsage().rss - before < 80e6);
  },
};
