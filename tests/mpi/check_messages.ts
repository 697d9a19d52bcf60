/** What each rank checks of messages between two of them. Not a test file: ranks.ts runs it. */

import assert from "node:assert/strict";
import type { Checks } from "./checks.ts";

/** Each kind of array, with values that its neighbours cannot have by chance. */
const arrays = [
  Float64Array,
  Float32Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
] as const;

export const checks: Checks = {
  "Send and Recv carry every kind of array"({ world }) {
    const { rank, size } = world;
    for (const Kind of arrays) {
      const values = (from: number) => new Kind(7).map((_, k) => from * 10 + k + 1);
      if (rank === 0) { for (let k = 1; k < size; k++) world.Send(values(k), k, 3); }
      else {
        const got = new Kind(7);
        world.Recv(got, 0, 3);
        assert.deepEqual(got, values(rank), Kind.name);
      }
    }
    for (const Kind of [BigInt64Array, BigUint64Array]) {
      const got = new Kind(2);
      const sent = Kind.of(2n ** 62n + BigInt(rank), 5n);
      world.Sendrecv(sent, (rank + 1) % size, 0, got, (rank + size - 1) % size, 0);
      assert.deepEqual(got, Kind.of(2n ** 62n + BigInt((rank + size - 1) % size), 5n));
    }
  },

  "messages of 0, 1 and a million elements arrive whole"({ world }) {
    const { rank, size } = world;
    const [next, last] = [(rank + 1) % size, (rank + size - 1) % size];
    for (const n of [0, 1, 1_000_003]) {
      const sent = Float64Array.from({ length: n }, (_, k) => rank * 1e7 + k);
      const got = new Float64Array(n).fill(-1);
      world.Sendrecv(sent, next, 1, got, last, 1);
      assert.deepEqual(got, Float64Array.from({ length: n }, (_, k) => last * 1e7 + k));
    }
  },

  "a part of an array leaves the rest alone"({ world }) {
    const { rank, size } = world;
    const sent = Int32Array.from({ length: 10 }, (_, k) => rank * 100 + k);
    const got = new Int32Array(10).fill(-1);
    const last = (rank + size - 1) % size;
    world.Sendrecv({ data: sent, offset: 2, count: 3 }, (rank + 1) % size, 0, { data: got, offset: 6 }, last, 0);
    const inside = [2, 3, 4].map((k) => last * 100 + k);
    assert.deepEqual([...got], [-1, -1, -1, -1, -1, -1, ...inside, -1]);
    // A view into a larger buffer starts where the view starts.
    const view = got.subarray(1, 4);
    world.Sendrecv(sent.subarray(7), (rank + 1) % size, 0, view, last, 0);
    assert.deepEqual([...got.subarray(0, 5)], [-1, ...[7, 8, 9].map((k) => last * 100 + k), -1]);
  },

  "a prepared message is sent again and again"({ mpi, world }) {
    const { rank, size } = world;
    const [sent, got] = [new Float64Array(4), new Float64Array(4)];
    const out = mpi.message({ data: sent, offset: 1, count: 2 });
    const into = mpi.message({ data: got, offset: 2 });
    for (let round = 0; round < 5; round++) {
      sent.fill(rank * 10 + round);
      world.Sendrecv(out, (rank + 1) % size, round, into, (rank + size - 1) % size, round);
      const value = ((rank + size - 1) % size) * 10 + round;
      assert.deepEqual([...got], [0, 0, value, value]);
    }
  },

  "a status has source, tag and count"({ mpi, world }) {
    const { rank, size } = world;
    if (rank !== 0) return world.Send(new Float64Array(rank + 1), 0, 40 + rank);
    const seen = new Set<number>();
    const status = mpi.Status();
    for (let k = 1; k < size; k++) {
      world.Recv(new Float64Array(size + 3), mpi.ANY_SOURCE, mpi.ANY_TAG, status);
      assert.equal(status.tag, 40 + status.source);
      assert.equal(status.Get_count(mpi.DOUBLE), status.source + 1);
      assert.equal(status.Get_count(), 8 * (status.source + 1));
      assert.equal(status.cancelled, false);
      seen.add(status.source);
    }
    assert.equal(seen.size, size - 1);
  },

  "source and tag select among messages that have come"({ world }) {
    const { rank, size } = world;
    const got = new Int32Array(1);
    const requests = [5, 6, 7].map((tag) => world.Isend(Int32Array.of(rank * 10 + tag), (rank + 1) % size, tag));
    for (const tag of [7, 5, 6]) {
      world.Recv(got, (rank + size - 1) % size, tag);
      assert.equal(got[0], ((rank + size - 1) % size) * 10 + tag);
    }
    for (const request of requests) request.Wait();
  },

  "Get_count is undefined where elements are cut"({ mpi, world }) {
    const status = mpi.Status();
    const request = world.Isend(new Uint8Array(9), world.rank, 1);
    world.Recv(new Uint8Array(16), world.rank, 1, status);
    request.Wait();
    assert.equal(status.Get_count(mpi.DOUBLE), undefined);
    assert.equal(status.Get_count(), 9);
  },

  "what is sent to PROC_NULL is lost, what comes from it is empty"({ mpi, world }) {
    const got = Float64Array.of(5);
    const status = mpi.Status();
    world.Send(got, mpi.PROC_NULL);
    world.Recv(got, mpi.PROC_NULL, 0, status);
    assert.equal(got[0], 5);
    assert.deepEqual([status.source, status.Get_count()], [mpi.PROC_NULL, 0]);
  },

  "Isend, Irecv, Waitall"({ mpi, world }) {
    const { rank, size } = world;
    const got = Array.from({ length: size }, () => new Float64Array(3));
    const receives = got.map((data, k) => world.Irecv(data, k, 2));
    const sends = got.map((_, k) => world.Isend(Float64Array.of(rank, k, rank * size + k), k, 2));
    const statuses = mpi.Waitall([...receives, ...sends], true);
    for (let k = 0; k < size; k++) {
      assert.deepEqual([...got[k]!], [k, rank, k * size + rank]);
      assert.deepEqual([statuses[k]!.source, statuses[k]!.tag, statuses[k]!.Get_count(mpi.DOUBLE)], [k, 2, 3]);
    }
    for (const request of receives) request.Wait(); // of a finished request: returns at once
  },

  "Waitany gives each request once, then -1"({ mpi, world }) {
    const { rank, size } = world;
    const got = Array.from({ length: size }, () => new Int32Array(1));
    const receives = got.map((data, k) => world.Irecv(data, k));
    const sends = got.map((_, k) => world.Isend(Int32Array.of(rank + 1), k));
    const seen = new Set<number>();
    const status = mpi.Status();
    for (let k = mpi.Waitany(receives, status); k >= 0; k = mpi.Waitany(receives, status)) {
      assert.ok(!seen.has(k));
      assert.equal(status.source, k);
      assert.equal(got[k]![0], k + 1);
      seen.add(k);
    }
    assert.equal(seen.size, size);
    mpi.Waitall(sends);
  },

  "Test is false before, true after"({ mpi, world }) {
    const { rank, size } = world;
    const got = new Int32Array(1);
    const receive = world.Irecv(got, (rank + size - 1) % size, 9);
    if (size > 1) assert.equal(receive.Test(), false); // its sender waits at the barrier
    world.Barrier();
    const send = world.Isend(Int32Array.of(rank + 5), (rank + 1) % size, 9);
    const status = mpi.Status();
    while (!receive.Test(status));
    assert.deepEqual([got[0], status.source, status.tag], [(rank + size - 1) % size + 5, (rank + size - 1) % size, 9]);
    while (!mpi.Testall([send, receive]));
    assert.equal(receive.Test(), true);
  },

  "persistent requests start again and again, with Start, Startall and Requests"({ mpi, world }) {
    const { rank, size } = world;
    const [last, next] = [(rank + size - 1) % size, (rank + 1) % size];
    const [sent, got] = [new Float64Array(2), new Float64Array(2)];
    const pair = () => [world.Recv_init(got, last, 4), world.Send_init(sent, next, 4)];
    const ways = {
      each(list: ReturnType<typeof pair>) {
        for (const request of list) request.Start();
        for (const request of list) request.Wait();
      },
      all(list: ReturnType<typeof pair>) {
        mpi.Startall(list);
        mpi.Waitall(list);
      },
    };
    const check = (start: () => void) => {
      for (let k = 0; k < 4; k++) {
        sent.set([rank, k]);
        start();
        assert.deepEqual([...got], [last, k]);
      }
    };
    for (const way of Object.values(ways)) {
      const list = pair();
      check(() => way(list));
      for (const request of list) {
        request.Free();
        request.Free(); // does nothing
      }
    }
    const group = mpi.Requests(pair());
    check(() => {
      group.Start();
      group.Wait();
    });
    check(() => {
      group.Start();
      while (!group.Test());
    });
    group.Free();
  },

  "Probe and Iprobe report what comes, and leave it"({ mpi, world }) {
    const { rank, size } = world;
    assert.equal(world.Iprobe(mpi.ANY_SOURCE, 77), undefined);
    world.Barrier();
    const request = world.Isend(new Float32Array(rank + 2), (rank + 1) % size, 77);
    const last = (rank + size - 1) % size;
    const status = world.Probe(last, 77);
    assert.deepEqual([status.source, status.tag, status.Get_count(mpi.FLOAT)], [last, 77, last + 2]);
    assert.equal(world.Iprobe()?.source, last);
    world.Recv(new Float32Array(last + 2), status.source, status.tag);
    assert.equal(world.Iprobe(last, 77), undefined);
    request.Wait();
    world.Barrier();
  },

  "a receive that is cancelled says so"({ mpi, world }) {
    const request = world.Irecv(new Float64Array(1), mpi.ANY_SOURCE, 99);
    request.Cancel();
    const status = mpi.Status();
    request.Wait(status);
    assert.equal(status.cancelled, true);
  },

  "Ssend arrives"({ world }) {
    const got = new Int32Array(1);
    const request = world.Irecv(got, world.rank, 8);
    world.Ssend(Int32Array.of(4), world.rank, 8);
    request.Wait();
    assert.equal(got[0], 4);
  },
};
