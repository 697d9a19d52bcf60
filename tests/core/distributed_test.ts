/**
 * The seam for ranks: several domains in one process must equal the serial run bit for bit, field and numbers.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import ffiC from "../../backends/ffi-c/mod.ts";
import ffiOmp from "../../backends/ffi-omp/mod.ts";
import { jsKernels } from "../../backends/js/kernels.ts";
import { partitionForLevels } from "../../backends/engine-ranks/partition.ts";
import { fixtures, scatter } from "../../conformance/problems.ts";
import { required } from "../../conformance/required.ts";
import type { Batch, GridData, MaybePromise, Method, Session, Stencil } from "../../core/contract.ts";
import type { Domain } from "../../core/kernels/distributed.ts";
import { partRange, serial } from "../../core/kernels/distributed.ts";
import type { Kernels } from "../../core/kernels/kernels.ts";
import { levelSizes } from "../../core/methods/hierarchy.ts";
import { optimalOmega, redBlackFails } from "../../core/methods/sor.ts";
import { openSession } from "../../core/session.ts";
import { lower, type Lowered } from "../../core/discretize/lower.ts";
import { randomProblems } from "../support/random_problems.ts";
import { seed } from "../support/plain_loops.ts";
import { distribute } from "../support/in_process_ranks.ts";

const COUNTS = [1, 2, 3, 7, 1];

async function run(
  session: Session,
  omega: number,
): Promise<{ batches: Batch[]; u: GridData | undefined; owned: GridData }> {
  try {
    const batches: Batch[] = [];
    for (const count of COUNTS) batches.push(await session.advance(count, { omega }));
    const owned = await session.read("owned");
    return { batches, owned: owned!, u: await session.read("global") };
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

const plan = (method: Method) => ({ method, settings: {} });

async function compare(stencil: Lowered, method: Method, grid: readonly [number, number], depth: number) {
  const omega = optimalOmega(stencil.analysis);
  const expected = await run(await openSession(jsKernels(), stencil, plan(method)), omega);
  const { domains } = distribute(stencil.shape, grid, stencil.periodic, depth);
  const found = await Promise.all(
    domains.map(async (domain) => await run(await openSession(jsKernels(), stencil, plan(method), domain), omega)),
  );
  const where = `${method}, ${grid.join(" x ")} ranks, halo of ${depth}`;
  for (const [rank, { batches, u }] of found.entries()) {
    assert.deepEqual(batches, expected.batches, `batches of rank ${rank}: ${where}`);
    assert.equal(u === undefined, rank !== 0, `global field on rank ${rank}: ${where}`);
  }
  assert.deepEqual(found[0]!.u, expected.u, `field: ${where}`);
}

const GRIDS = [[3, 1], [1, 3], [2, 2], [1, 1]] as const;

for (const kind of ["plain", "weighted"] as const) {
  for (const { what, problem } of fixtures(kind)) {
    const [ny, nx] = problem.shape;
    for (const dtype of ["f64", "f32"] as const) {
      test(`openSession on ranks equals the serial run bit for bit: ${dtype} ${kind}, ${what}`, async () => {
        const stencil = lower({ ...problem, dtype });
        for (const method of ["jacobi", "sor"] as const) {
          if (method === "sor" && redBlackFails(stencil)) continue;
          for (const grid of GRIDS) {
            if (ny < 2 * grid[0] || nx < 2 * grid[1]) continue;
            for (const depth of [1, 2, 3]) await compare(stencil, method, grid, depth);
          }
        }
      });
    }
  }
}

test("openSession on ranks of one row each equals the serial run, with halos that reach past the next rank", async () => {
  const weighted = lower({ shape: [5, 6], edges: { south: { flux: 1 } }, initial: scatter(3, -1, 1) });
  const periodic = lower({
    shape: [6, 4],
    edges: { north: "periodic", south: "periodic" },
    initial: scatter(3, -1, 1),
  });
  for (const depth of [1, 2, 3]) {
    await compare(weighted, "jacobi", [5, 1], depth);
    await compare(weighted, "sor", [5, 1], depth);
    await compare(periodic, "jacobi", [6, 1], depth);
    await compare(periodic, "sor", [6, 2], depth);
  }
});

test("advance exchanges once per depth sweeps, for jacobi, and once per half-sweep at depth 1 for sor", async () => {
  const stencil = lower({ shape: [24, 9], edges: { north: 1 } });
  const exchangesOf = async (method: Method, depth: number) => {
    const { domains, exchanges } = distribute(stencil.shape, [3, 1], stencil.periodic, depth);
    await Promise.all(domains.map(async (domain) => {
      const session = await openSession(jsKernels(), stencil, plan(method), domain);
      await session.advance(6);
      await session[Symbol.asyncDispose]();
    }));
    return exchanges();
  };
  // One more for the residual at the end.
  assert.equal(await exchangesOf("jacobi", 1), 7);
  assert.equal(await exchangesOf("jacobi", 3), 3);
  assert.equal(await exchangesOf("sor", 1), 13);
  assert.equal(await exchangesOf("sor", 2), 7);
  assert.equal(await exchangesOf("sor", 4), 4);
});

test("advance reports NaN on every rank when one rank has it", async () => {
  const stencil = lower({ shape: [12, 9], edges: { north: 1 } });
  const { domains } = distribute(stencil.shape, [3, 1], stencil.periodic, 1);
  await Promise.all(domains.map(async (domain) => {
    const session = await openSession(jsKernels(), stencil, plan("sor"), domain);
    if (domain.rank === 1) await session.write!({ rows: [6, 7], cols: [4, 5] }, Float64Array.of(NaN));
    const { change, residual } = await session.advance(1);
    assert.ok(Number.isNaN(change) && Number.isNaN(residual), `rank ${domain.rank}: ${change}, ${residual}`);
    await session[Symbol.asyncDispose]();
  }));
});

test("write on ranks is seen by the neighbours in the next sweep", async () => {
  const stencil = lower({ shape: [12, 9], edges: { north: 1 } });
  const data = scatter(5, -9, 9);
  const block = (rows: readonly [number, number]) =>
    Float64Array.from({ length: (rows[1] - rows[0]) * 9 }, (_, k) => data(rows[0] + Math.floor(k / 9), k % 9));
  const go = async (session: Session) => {
    await session.advance(2);
    await session.write!(session.owned, block(session.owned.rows));
    const batch = await session.advance(3);
    return { batch, u: await session.read("global") };
  };
  const expected = await go(await openSession(jsKernels(), stencil, plan("jacobi")));
  const { domains } = distribute(stencil.shape, [3, 1], stencil.periodic, 2);
  const found = await Promise.all(
    domains.map(async (domain) => go(await openSession(jsKernels(), stencil, plan("jacobi"), domain))),
  );
  assert.deepEqual(found[0], expected);
  assert.deepEqual(found[2]!.batch, expected.batch);
});

test("openSession evaluates on each rank no more than it stores", async () => {
  const stencil = lower({ shape: [300, 40], edges: { south: { flux: 0 } } });
  const { domains } = distribute(stencil.shape, [3, 1], stencil.periodic, 2);
  await Promise.all(domains.map(async (domain) => {
    let points = 0;
    const watched: Stencil = {
      ...stencil,
      chunks(block) {
        points += (block.rows[1] - block.rows[0]) * (block.cols[1] - block.cols[0]);
        return stencil.chunks(block);
      },
    };
    const session = await openSession(jsKernels(), watched, plan("jacobi"), domain);
    await session[Symbol.asyncDispose]();
    assert.ok(points <= (100 + 4) * 40, `rank ${domain.rank} evaluated ${points} points`);
  }));
});

test("openSession releases grid and kernels if placing the stencil fails, and kernels if creating it does", async () => {
  const stencil = lower({ shape: [5, 5] });
  const released: string[] = [];
  const kernels = {
    ...jsKernels(),
    free: () => void released.push("grid"),
    close: () => void released.push("kernels"),
  };
  const failing: Stencil = {
    ...stencil,
    chunks() {
      throw new Error("no weights today");
    },
  };
  await assert.rejects(openSession(kernels, failing, plan("jacobi")), /no weights today/);
  assert.deepEqual(released, ["grid", "kernels"]);
  released.length = 0;
  const create = () => {
    throw new Error("no memory today");
  };
  await assert.rejects(openSession({ ...kernels, create }, stencil, plan("jacobi")), /no memory today/);
  assert.deepEqual(released, ["kernels"]);
});

test("share deals all points to parts that differ by one at most, in order", () => {
  for (const [n, parts] of [[10, 3], [7, 7], [3, 5], [1, 1], [2 ** 31 - 3, 12]] as const) {
    let at = 0;
    for (let index = 0; index < parts; index++) {
      const [from, to] = partRange(n, parts, index);
      assert.equal(from, at);
      assert.ok(to - from >= Math.floor(n / parts) && to - from <= Math.ceil(n / parts));
      at = to;
    }
    assert.equal(at, n);
  }
});

test("serial owns everything and leaves norms and fields as they are", async () => {
  const domain = serial([4, 5]);
  assert.deepEqual(domain.owned, { rows: [0, 4], cols: [0, 5] });
  assert.deepEqual(await domain.max([1, NaN]), [1, NaN]);
});

async function assertMultigridOnRanks<G>(open: () => MaybePromise<Kernels<G>>): Promise<void> {
  const ranks = fc.integer({ min: 2, max: 6 });
  const large = randomProblems(90).filter(({ shape: [ny, nx] }) => Math.max(ny, nx) >= 30);
  // Ranks do without conjugate gradients: then they do the same cycles.
  const { cg: _, ...kernels } = await open();
  await fc.assert(
    fc.asyncProperty(large, ranks, async (problem, ranks) => {
      const stencil = lower({ ...problem, dtype: "f64" });
      const { grid, blocks, levels, depth } = partitionForLevels(stencil, ranks, undefined, levelSizes(stencil));
      const { domains } = distribute(stencil.shape, grid, stencil.periodic, depth, blocks, levels);
      const cycles = async (domain?: Domain) => {
        await using session = await openSession(kernels, stencil, plan("multigrid"), domain);
        const first = (await session.advance(1)).residual;
        let last = { residual: first, sweeps: 1 };
        while (last.residual > 1e-10 * stencil.magnitude && last.sweeps < 100) last = await session.advance(1);
        return { last, u: await session.read("global") };
      };
      const one = await cycles();
      const found = await Promise.all(domains.map((domain) => cycles(domain)));
      for (const { last } of found) assert.deepEqual(last, found[0]!.last);
      assert.equal(found[0]!.last.sweeps, one.last.sweeps, "cycles of one rank");
      if (one.last.sweeps === 100) return;
      const most = Math.max(stencil.magnitude, ...one.u!.map(Math.abs));
      for (const [k, value] of one.u!.entries()) {
        assert.ok(Math.abs(found[0]!.u![k]! - value) <= 1e-6 * most, `point ${k}: ${found[0]!.u![k]} for ${value}`);
      }
    }),
    { numRuns: 60, seed },
  );
}

test(`multigrid on ranks leads where that of one leads, seed ${seed}: js`, () => assertMultigridOnRanks(jsKernels));
for (const backend of [ffiC, ffiOmp]) {
  const probe = await backend.probe();
  const skip = !probe.available && !required(backend.name);
  const reason = skip ? ` (${(probe as { reason: string }).reason})` : "";
  test(
    `multigrid on ranks leads where that of one leads, seed ${seed}: ${backend.name}${reason}`,
    { skip },
    () => assertMultigridOnRanks(() => backend.kernels(backend === ffiC ? {} : { threads: "2" })),
  );
}

test("multigrid on ranks frees all levels, the last one first, those below what ranks share included", async () => {
  const stencil = lower({ shape: [129, 65], edges: { north: 1 } });
  const { grid, blocks, levels, depth } = partitionForLevels(stencil, 2, undefined, levelSizes(stencil));
  const { domains } = distribute(stencil.shape, grid, stencil.periodic, depth, blocks, levels);
  await Promise.all(domains.map(async (domain) => {
    const { multigrid, ...kernels } = jsKernels();
    const [made, freed]: unknown[][] = [[], []];
    const noted = <T>(level: T) => {
      made!.push(level);
      return level;
    };
    const session = await openSession(
      {
        ...kernels,
        create: async (layout) => noted(await kernels.create(layout)),
        free: (grid) => void freed!.push(grid),
        multigrid: {
          ...multigrid!,
          coarsen: async (fine, axes) => noted(await multigrid!.coarsen(fine, axes)),
          createLevel: async (...given) => noted(await multigrid!.createLevel!(...given)),
          levels: {
            ...multigrid!.levels,
            coarsen: async (fine, axes) => noted(await multigrid!.levels.coarsen(fine, axes)),
            free: (level) => void freed!.push(level),
          },
        },
      },
      stencil,
      plan("multigrid"),
      domain,
    );
    await session.advance(1);
    await session[Symbol.asyncDispose]();
    // The grid, a level of its own, the one that is shared, and three below that.
    assert.equal(made!.length, 1 + 1 + 1 + 3);
    assert.deepEqual(freed!.map((level) => made!.indexOf(level)), [5, 4, 3, 2, 1, 0]);
  }));
});
