/** The prediction of how ranks scale: cases computed by hand, its limits, and the parts that `mpi` really deals. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { grown, type Machine, predict } from "../../backends/engine-ranks/scaling_model.ts";
import { depthFor, partition } from "../../backends/engine-ranks/partition.ts";

const machine: Machine = { rate: 1e9, latency: 1e-6, bandwidth: 1e10 };
const near = (got: number, wanted: number) =>
  assert.ok(Math.abs(got - wanted) <= 1e-12 * Math.abs(wanted), `${got} instead of ${wanted}`);

test("predict: one rank sweeps all points that are not fixed, and sends nothing", () => {
  const one = predict({ shape: [102, 202], ranks: 1, grid: "blocks" }, machine);
  near(one.secondsPerSweep, 100 * 200 / 1e9);
  near(one.mlups, 1000);
  assert.deepEqual([one.speedup, one.efficiency, one.communication, one.redundant, one.halo], [1, 1, 0, 0, 0]);
});

test("predict: three slabs, by hand", () => {
  // The middle one owns 100 rows of 200, stores 4 more on either side, and sweeps all but the outermost.
  const points = (100 + 8 - 2) * (200 - 2);
  const exchange = 2 * 1e-6 + 8 * 4 * (2 * 200) / 1e10;
  // Two norms in 100 sweeps; three ranks take two steps. A hundred sweeps are 25 exchanges.
  const norms = 2 * 2 * 1e-6 / 100;
  const three = predict({ shape: [300, 200], ranks: 3, grid: "slabs", halo: 4, batch: 100 }, machine);
  near(three.secondsPerSweep, points / 1e9 + exchange / 4 + norms);
  near(three.speedup, 298 * 198 / 1e9 / three.secondsPerSweep);
  near(three.efficiency, three.speedup / 3);
  near(three.communication, (exchange / 4 + norms) / three.secondsPerSweep);
  near(three.redundant, 1 - 100 / 106);
  assert.deepEqual([three.grid, three.block, three.halo], [[3, 1], [100, 200], 4]);
});

test("predict: nine blocks in f32, four to a node, by hand", () => {
  // The one in the middle has four neighbours, and columns bring the corners along.
  const exchange = 4 * 1e-6 + 4 * 2 * (2 * 50 + 2 * (50 + 4)) / (1e10 / 4);
  const nine = predict(
    { shape: [150, 150], ranks: 9, grid: "blocks", halo: 2, word: 4, batch: 10 },
    { ...machine, ranksPerNode: 4 },
  );
  near(nine.secondsPerSweep, (50 + 4 - 2) ** 2 / 1e9 + exchange / 2 + 2 * 4 * 1e-6 / 10);
  assert.deepEqual(nine.grid, [3, 3]);
});

test("predict: a batch shorter than the halo is deep still begins with an exchange", () => {
  const run = { shape: [300, 200], ranks: 3, grid: "slabs", halo: 4 } as const;
  const exchange = 2 * 1e-6 + 8 * 4 * (2 * 200) / 1e10;
  const [two, five] = [predict({ ...run, batch: 2 }, machine), predict({ ...run, batch: 5 }, machine)];
  near(two.secondsPerSweep, 106 * 198 / 1e9 + exchange / 2 + 2 * 2 * 1e-6 / 2);
  near(five.secondsPerSweep, 106 * 198 / 1e9 + 2 * exchange / 5 + 2 * 2 * 1e-6 / 5);
});

test("predict: without latency, and with endless bandwidth, what is done twice is all that is lost", () => {
  const free = { rate: 1e9, latency: 0, bandwidth: Infinity };
  for (const ranks of [4, 16, 64]) {
    const { efficiency, communication, redundant, block: [rows, cols], halo } = predict(
      { shape: [8192, 8192], ranks, grid: "blocks" },
      free,
    );
    assert.equal(communication, 0);
    const sides = ranks === 4 ? 1 : 2;
    near(efficiency, 8190 ** 2 / ranks / ((rows + sides * halo - 2) * (cols + sides * halo - 2)));
    if (ranks > 4) near(redundant, 1 - rows * cols / ((rows + 2 * halo - 2) * (cols + 2 * halo - 2)));
  }
  // With one layer nothing is done twice.
  const single = predict({ shape: [8192, 8192], ranks: 64, grid: "blocks", halo: 1 }, free);
  near(single.efficiency, 8190 ** 2 / 8192 ** 2);
  assert.equal(single.redundant, 0);
});

test("predict: a better network never makes it slower, and more ranks never more efficient", () => {
  for (const grid of ["slabs", "blocks"] as const) {
    let before = Infinity;
    for (const ranks of [1, 2, 4, 16, 64, 256, 1024]) {
      const run = { shape: [8192, 8192], ranks, grid, halo: ranks === 1 ? undefined : 4 } as const;
      const { efficiency, secondsPerSweep } = predict(run, machine);
      assert.ok(efficiency <= before, `${ranks} ${grid}`);
      before = efficiency;
      for (const better of [{ latency: 5e-7 }, { bandwidth: 2e10 }, { rate: 2e9 }]) {
        assert.ok(predict(run, { ...machine, ...better }).secondsPerSweep <= secondsPerSweep);
      }
      assert.ok(predict(run, { ...machine, ranksPerNode: 2 }).secondsPerSweep >= secondsPerSweep);
    }
  }
});

test("predict: deals parts and halos as mpi does", () => {
  for (const [shape, ranks] of [[[1025, 777], 5], [[97, 131], 4], [[3, 3], 4]] as const) {
    const { grid, block } = predict({ shape, ranks, grid: "blocks" }, machine);
    const dealt = partition(shape, ranks);
    assert.deepEqual(grid, dealt.grid);
    const points = dealt.blocks.map(({ rows, cols }) => (rows[1] - rows[0]) * (cols[1] - cols[0]));
    assert.equal(block[0] * block[1], Math.max(...points));
  }
  for (const ranks of [2, 8, 512]) {
    const { halo } = predict({ shape: [8192, 8192], ranks, grid: "slabs" }, machine);
    assert.equal(halo, depthFor("mpi", partition([8192, 8192], ranks, [ranks, 1]), undefined));
  }
});

test("predict: ranks beyond what a grid can be dealt to are idle, and count", () => {
  const idle = predict({ shape: [8, 8], ranks: 64, grid: "slabs" }, machine);
  assert.deepEqual(idle.grid, [4, 1]);
  near(idle.efficiency, idle.speedup / 64);
});

test("predict: a halo deeper than the smallest part, and a grid of other ranks, are errors", () => {
  const run = { shape: [64, 64], ranks: 4 } as const;
  assert.throws(
    () => predict({ ...run, grid: "slabs", halo: 17 }, machine),
    /^ConfigError: .*the smallest part has 16/,
  );
  assert.throws(() => predict({ ...run, grid: [3, 1] }, machine), /^ConfigError: .*3 ranks: there are 4/);
});

test("grown: every rank has what one has, as square as can be", () => {
  assert.deepEqual(grown([100, 50], 6, "blocks"), { shape: [300, 100], grid: [3, 2] });
  assert.deepEqual(grown([100, 50], 6, "slabs"), { shape: [600, 50], grid: [6, 1] });
  assert.deepEqual(grown([100, 50], 7, "blocks"), { shape: [700, 50], grid: [7, 1] });
  const weak = (ranks: number) =>
    predict({ ...grown([512, 512], ranks, "blocks"), ranks, halo: 8, batch: 100 }, machine);
  assert.deepEqual(weak(16).block, [512, 512]);
  // From nine ranks on one has neighbours all around; what is left to grow are the norms.
  near(weak(65536).secondsPerSweep - 2 * 16 * 1e-8, weak(16).secondsPerSweep - 2 * 4 * 1e-8);
});
