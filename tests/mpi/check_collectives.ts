/** What each rank checks of what all do together with arrays. Not a test file: ranks.ts runs it. */

import assert from "node:assert/strict";
import type { Checks } from "./checks.ts";

const upTo = (n: number) => Array.from({ length: n }, (_, k) => k);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

export const checks: Checks = {
  "Bcast from each root"({ world }) {
    for (const root of upTo(world.size)) {
      const data = new Float64Array(5).fill(world.rank);
      world.Bcast({ data, offset: 1, count: 3 }, root);
      assert.deepEqual([...data], [world.rank, root, root, root, world.rank]);
    }
  },

  "Allreduce with each operation, and in place"({ mpi, world }) {
    const { rank, size } = world;
    const values = upTo(size).map((k) => [k + 1, (k * 7) % 5, 1 << k] as const);
    const expected = {
      SUM: (a: number, b: number) => a + b,
      PROD: (a: number, b: number) => a * b,
      MAX: Math.max,
      MIN: Math.min,
      BAND: (a: number, b: number) => a & b,
      BOR: (a: number, b: number) => a | b,
      BXOR: (a: number, b: number) => a ^ b,
      LAND: (a: number, b: number) => a && b ? 1 : 0,
      LOR: (a: number, b: number) => a || b ? 1 : 0,
      LXOR: (a: number, b: number) => !a !== !b ? 1 : 0,
    };
    for (const [name, f] of Object.entries(expected) as [keyof typeof expected, (a: number, b: number) => number][]) {
      const want = values.reduce((a, b) => [f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2])]);
      const got = new Int32Array(3);
      world.Allreduce(Int32Array.from(values[rank]!), got, mpi[name]);
      // Of one rank MPI combines nothing.
      assert.deepEqual([...got], [...want], name);
      const place = Int32Array.from(values[rank]!);
      world.Allreduce(mpi.IN_PLACE, place, mpi[name]);
      assert.deepEqual(place, got, name);
    }
    const f64 = Float64Array.of(rank + 0.5, -rank);
    world.Allreduce(mpi.IN_PLACE, f64);
    assert.deepEqual([...f64], [sum(upTo(size)) + size / 2, -sum(upTo(size))]);
    const big = BigInt64Array.of(2n ** 60n);
    world.Allreduce(mpi.IN_PLACE, big, mpi.MAX);
    assert.equal(big[0], 2n ** 60n);
  },

  "Allreduce with MAXLOC finds where"({ mpi, world }) {
    const { rank, size } = world;
    const got = new Int32Array(2);
    const pair = (data: Int32Array) => ({ data, type: mpi.TWO_INT });
    world.Allreduce(pair(Int32Array.of((rank * 3) % size, rank)), pair(got), mpi.MAXLOC);
    const all = upTo(size).map((k) => (k * 3) % size);
    assert.deepEqual([...got], [Math.max(...all), all.indexOf(Math.max(...all))]);
  },

  "Reduce to each root, and in place"({ mpi, world }) {
    const { rank, size } = world;
    for (const root of upTo(size)) {
      const got = new Float32Array(2).fill(-1);
      world.Reduce(Float32Array.of(rank, 1), rank === root ? got : null, mpi.SUM, root);
      assert.deepEqual([...got], rank === root ? [sum(upTo(size)), size] : [-1, -1]);
      const place = Float32Array.of(rank, 1);
      if (rank === root) world.Reduce(mpi.IN_PLACE, place, mpi.SUM, root);
      else world.Reduce(place, null, mpi.SUM, root);
      assert.deepEqual([...place], rank === root ? [sum(upTo(size)), size] : [rank, 1]);
    }
  },

  "Scan, and in place"({ mpi, world }) {
    const got = new Float64Array(1);
    world.Scan(Float64Array.of(world.rank + 1), got);
    assert.equal(got[0], sum(upTo(world.rank + 2)));
    const place = Float64Array.of(world.rank + 1);
    world.Scan(mpi.IN_PLACE, place, mpi.SUM);
    assert.equal(place[0], got[0]);
  },

  "Gather and Scatter, to and from each root, and in place"({ mpi, world }) {
    const { rank, size } = world;
    for (const root of upTo(size)) {
      const mine = Int16Array.of(rank, rank * 2);
      const all = rank === root ? new Int16Array(2 * size) : null;
      world.Gather(mine, all, root);
      const want = upTo(size).flatMap((k) => [k, 2 * k]);
      if (all) assert.deepEqual([...all], want);
      const back = new Int16Array(2).fill(-1);
      world.Scatter(all, back, root);
      assert.deepEqual(back, mine);
      if (rank === root) {
        all!.fill(-1).set(mine, 2 * rank);
        world.Gather(mpi.IN_PLACE, all, root);
        assert.deepEqual([...all!], want);
        world.Scatter(all, mpi.IN_PLACE, root);
        assert.deepEqual([...all!], want);
      } else {
        world.Gather(mine, null, root);
        world.Scatter(null, back.fill(-1), root);
        assert.deepEqual(back, mine);
      }
    }
  },

  "Gatherv and Scatterv put parts of different length at their places, and in place"({ mpi, world }) {
    const { rank, size } = world;
    const counts = upTo(size).map((k) => (k * 2) % 3 + 1);
    const total = sum(counts) + size;
    // In reverse order, with a gap after each.
    const displs = upTo(size).map((k) => sum(counts.slice(k + 1)) + (size - 1 - k));
    const want = new Array(total).fill(-1);
    for (const k of upTo(size)) want.fill(k + 1, displs[k]!, displs[k]! + counts[k]!);
    for (const root of upTo(size)) {
      const mine = new Float64Array(counts[rank]!).fill(rank + 1);
      const data = new Float64Array(total).fill(-1);
      world.Gatherv(mine, rank === root ? { data, counts, displs } : null, root);
      if (rank === root) assert.deepEqual([...data], want);
      const back = new Float64Array(counts[rank]!);
      world.Scatterv(rank === root ? { data, counts, displs } : null, back, root);
      assert.deepEqual(back, mine);
      if (rank === root) {
        data.fill(-1).set(mine, displs[rank]);
        world.Gatherv(mpi.IN_PLACE, { data, counts, displs }, root);
        assert.deepEqual([...data], want);
        world.Scatterv({ data, counts, displs }, mpi.IN_PLACE, root);
      } else {
        world.Gatherv(mine, null, root);
        world.Scatterv(null, back.fill(0), root);
        assert.deepEqual(back, mine);
      }
    }
    // One after the other without displs, and as typed arrays.
    const packed = new Float64Array(sum(counts));
    world.Gatherv(
      new Float64Array(counts[rank]!).fill(rank + 1),
      rank === 0 ? { data: packed, counts: Int32Array.from(counts) } : null,
    );
    if (rank === 0) assert.deepEqual([...packed], upTo(size).flatMap((k) => new Array(counts[k]).fill(k + 1)));
  },

  "Allgather and Allgatherv, and in place"({ mpi, world }) {
    const { rank, size } = world;
    const all = new Uint8Array(2 * size);
    world.Allgather(Uint8Array.of(rank, 9), all);
    assert.deepEqual([...all], upTo(size).flatMap((k) => [k, 9]));
    all.fill(0).set([rank, 9], 2 * rank);
    world.Allgather(mpi.IN_PLACE, all);
    assert.deepEqual([...all], upTo(size).flatMap((k) => [k, 9]));
    const counts = upTo(size).map((k) => size - k);
    const data = new Int32Array(sum(counts));
    world.Allgatherv(new Int32Array(size - rank).fill(rank), { data, counts });
    const want = upTo(size).flatMap((k) => new Array(size - k).fill(k));
    assert.deepEqual([...data], want);
    data.forEach((value, k) => data[k] = value === rank ? value : -1);
    world.Allgatherv(mpi.IN_PLACE, { data, counts });
    assert.deepEqual([...data], want);
  },

  "Alltoall, and in place"({ mpi, world }) {
    const { rank, size } = world;
    const sent = Float64Array.from({ length: 2 * size }, (_, k) => rank * 100 + k);
    const got = new Float64Array(2 * size);
    world.Alltoall(sent, got);
    const want = upTo(size).flatMap((k) => [k * 100 + 2 * rank, k * 100 + 2 * rank + 1]);
    assert.deepEqual([...got], want);
    world.Alltoall(mpi.IN_PLACE, sent);
    assert.deepEqual(sent, got);
  },

  "nobody leaves a barrier before all are there"({ mpi, world }) {
    for (const late of upTo(world.size)) {
      const start = mpi.Wtime();
      if (world.rank === late) { while (mpi.Wtime() - start < 0.01); }
      const entered = new Float64Array(1);
      const before = Date.now();
      world.Allreduce(Float64Array.of(before), entered, mpi.MAX);
      world.Barrier();
      assert.ok(Date.now() >= entered[0]!);
    }
  },
};
