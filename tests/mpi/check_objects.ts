/** What each rank checks of values that are no arrays. Not a test file: ranks.ts runs it. */

import assert from "node:assert/strict";
import { Comm, Objects } from "../../mpi/mod.ts";
import type { Checks } from "./checks.ts";

const upTo = (n: number) => Array.from({ length: n }, (_, k) => k);

/** Values that JSON would spoil. */
const values = (rank: number): unknown[] => [
  undefined,
  null,
  rank,
  -0,
  NaN,
  Infinity,
  2n ** 70n,
  "é€😀",
  "",
  [],
  [1, , undefined],
  { nested: { rank, list: [1, [2]] }, none: undefined },
  new Map<unknown, unknown>([[{ key: 1 }, new Set([1, "a"])]]),
  new Date(86400000 * rank),
  /a+\/b/giu,
  new Float64Array([1.5, NaN]),
  new Int16Array([1, 2, 3, 4]).subarray(1, 3),
  new Uint8Array(0),
  new ArrayBuffer(3),
];

/** Bytes in pieces of a few, as only values of more than a GiB take else. */
class Pieces extends Objects {
  around(bytes: Uint8Array, piece: number): Uint8Array {
    const { rank, size } = this;
    if (size === 1) return bytes;
    if (rank % 2 === 0) this.sendBytes(bytes, (rank + 1) % size, 5, piece);
    const got = this.receiveBytes((rank + size - 1) % size, 5, undefined, piece);
    if (rank % 2 === 1) this.sendBytes(bytes, (rank + 1) % size, 5, piece);
    return got;
  }
  gathered(bytes: Uint8Array, root: number | undefined, piece: number): Uint8Array[] | undefined {
    return this.gatherBytes(bytes, root, piece);
  }
  scattered(all: readonly Uint8Array[] | undefined, root: number, piece: number): Uint8Array {
    return this.scatterBytes(all, root, piece);
  }
}

export const checks: Checks = {
  "send and recv carry any value"({ mpi, world }) {
    const { rank, size } = world;
    const status = mpi.Status();
    for (const [k] of values(0).entries()) {
      if (rank > 0) world.send(values(rank)[k], 0, k);
      else {
        for (let from = 1; from < size; from++) {
          assert.deepStrictEqual(world.recv(from, k, status), values(from)[k]);
          assert.deepEqual([status.source, status.tag], [from, k]);
        }
      }
    }
  },

  "a value that holds itself stays so"({ world }) {
    const value: { self?: unknown } = {};
    value.self = value;
    const got = world.bcast(value);
    assert.equal(got.self, got);
  },

  "recv takes from any"({ world }) {
    const { rank, size } = world;
    if (rank > 0) return world.send(rank, 0, rank);
    assert.deepEqual(upTo(size - 1).map(() => world.recv()).sort(), upTo(size).slice(1));
  },

  "a value of 3 MB arrives whole"({ world }) {
    const value = { text: "x".repeat(1e6), numbers: Float64Array.from({ length: 250_000 }, (_, k) => k) };
    const got = world.bcast(world.rank === 0 ? value : undefined);
    assert.deepStrictEqual(got, value);
  },

  "bcast, gather, allgather and scatter of each root"({ world }) {
    const { rank, size } = world;
    const of = (k: number) => ({ rank: k, text: "é".repeat(k * 50) });
    for (const root of upTo(size)) {
      assert.deepEqual(world.bcast(rank === root ? of(root) : undefined, root), of(root));
      assert.deepEqual(world.gather(of(rank), root), rank === root ? upTo(size).map(of) : undefined);
      assert.deepEqual(world.scatter(rank === root ? upTo(size).map(of) : undefined, root), of(rank));
    }
    assert.deepEqual(world.allgather(of(rank)), upTo(size).map(of));
  },

  "allreduce and reduce combine in the order of ranks"({ world }) {
    const { rank, size } = world;
    assert.equal(world.allreduce(rank), size * (size - 1) / 2);
    assert.equal(world.allreduce(`${rank}`), upTo(size).join(""));
    assert.deepEqual(world.allreduce([rank], (a, b) => [...a, ...b]), upTo(size));
    const most = (a: { at: number; value: number }, b: { at: number; value: number }) => b.value > a.value ? b : a;
    assert.deepEqual(world.allreduce({ at: rank, value: -rank }, most), { at: 0, value: -0 });
    assert.equal(world.reduce(rank, undefined, size - 1), rank === size - 1 ? size * (size - 1) / 2 : undefined);
  },

  "values that no count can hold go in pieces"({ mpi, world }) {
    const pieces = new Pieces(mpi.world.handle);
    const { rank, size } = world;
    const bytes = (k: number, length: number) => Uint8Array.from({ length }, (_, i) => k * 50 + i);
    for (const length of [0, 6, 7, 20]) {
      assert.deepEqual(pieces.around(bytes(rank, length), 7), bytes(size === 1 ? 0 : (rank + size - 1) % size, length));
    }
    // With 5 ranks a round of 10 bytes has 2 of each; the first rank has none at all.
    const all = upTo(size).map((k) => bytes(k, 3 * k));
    const root = size - 1;
    assert.deepEqual(pieces.gathered(all[rank]!, root, 10), rank === root ? all : undefined);
    assert.deepEqual(pieces.gathered(all[rank]!, undefined, 10), all);
    assert.deepEqual(pieces.scattered(rank === root ? all : undefined, root, 10), all[rank]);
  },

  "what cannot be cloned is an error, and the wrong number to scatter is one"({ mpi, world }) {
    assert.throws(() => world.send(() => 1, world.rank), /could not be cloned|can not be cloned/);
    const alone = new Comm(mpi.self.handle);
    assert.throws(() => alone.scatter([1, 2]), /RangeError: Cannot scatter 2 values to 1 rank$/);
  },
};
