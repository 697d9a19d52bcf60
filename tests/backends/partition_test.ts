/**
 * How grids are dealt to ranks: what methods and kernels rely on holds for every grid and number of ranks.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Partition, partition, partitionForLevels } from "../../backends/engine-ranks/partition.ts";
import { levelSizes } from "../../core/methods/hierarchy.ts";

const side = fc.integer({ min: 3, max: 3000 });
const ranks = fc.integer({ min: 1, max: 40 });

/** Every point has one owner, and blocks lie in the order of ranks. */
function assertTiles({ grid, blocks }: Partition, [ny, nx]: readonly [number, number]): void {
  assert.equal(blocks.length, grid[0] * grid[1]);
  for (const [rank, { rows, cols }] of blocks.entries()) {
    const [p, q] = [Math.floor(rank / grid[1]), rank % grid[1]];
    const [north, west] = [blocks[rank - grid[1]], q > 0 ? blocks[rank - 1] : undefined];
    assert.equal(rows[0], p === 0 ? 0 : north!.rows[1]);
    assert.equal(cols[0], west?.cols[1] ?? 0);
    if (p === grid[0] - 1) assert.equal(rows[1], ny);
    if (q === grid[1] - 1) assert.equal(cols[1], nx);
    assert.ok(rows[0] < rows[1] && cols[0] < cols[1]);
  }
}

test("a grid is dealt whole, in blocks of two rows and columns at least", () => {
  fc.assert(fc.property(side, side, ranks, (ny, nx, ranks) => {
    const dealt = partition([ny, nx], ranks);
    assertTiles(dealt, [ny, nx]);
    assert.ok(dealt.blocks.length <= ranks);
    for (const { rows, cols } of dealt.blocks) assert.ok(rows[1] - rows[0] >= 2 && cols[1] - cols[0] >= 2);
  }));
});

test("for multigrid blocks begin where levels have points, and own what their neighbours keep of them", () => {
  const kinds = fc.constantFrom("plain", "weighted");
  fc.assert(
    fc.property(side, side, ranks, kinds, fc.boolean(), fc.boolean(), (ny, nx, ranks, kind, ring, tube) => {
      const shape = [ny, nx] as const;
      const periodic = kind === "plain" ? [false, false] as const : [ring, tube] as const;
      const below = levelSizes({ kind, shape, spacing: [1, 1] });
      const dealt = partitionForLevels({ kind, shape, periodic }, ranks, undefined, below);
      assertTiles(dealt, shape);
      const { grid, blocks, levels, depth } = dealt;
      if (blocks.length === 1) return assert.deepEqual([levels, depth], [0, Infinity]);
      assert.ok(levels >= 1 && levels <= below.length);
      const unit = 2 ** levels;
      assert.equal(depth % unit, kind === "weighted" ? 1 % unit : 0);
      for (const axis of [0, 1] as const) {
        if (grid[axis] === 1) continue;
        if (periodic[axis]) assert.equal(shape[axis] % unit, 0);
        for (const block of blocks) {
          const [from, to] = axis === 0 ? block.rows : block.cols;
          assert.equal(from % unit, 0);
          assert.ok(to - from >= depth, `${to - from} rows or columns, a halo of ${depth}`);
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test("ranks make as many levels of their parts as cost least, and none that leaves one without work", () => {
  const dealt = (ny: number, nx: number, ranks: number) => {
    const stencil = { kind: "plain", shape: [ny, nx], spacing: [1, 1], periodic: [false, false] } as const;
    const { blocks, levels, depth } = partitionForLevels(stencil, ranks, undefined, levelSizes(stencil));
    return [blocks.length, levels, depth];
  };
  assert.deepEqual(dealt(8193, 8193, 2), [2, 4, 128]);
  assert.deepEqual(dealt(2049, 2049, 2), [2, 3, 64]);
  assert.deepEqual(dealt(257, 257, 2), [2, 2, 32]);
  assert.deepEqual(dealt(65537, 65537, 1024), [1024, 6, 512]); // blocks of 2048²
  assert.deepEqual(dealt(280, 280, 64), [64, 1, 16]); // a second level needs 36 rows of each
});
