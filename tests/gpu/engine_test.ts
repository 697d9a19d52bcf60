/** The engine of the GPU backends on a device that computes nothing: memory, windows, launches. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { around, arrayOn, bands, same } from "../../backends/engine-gpu/array.ts";
import { block, openOn } from "../../backends/engine-gpu/backend.ts";
import { levelBytesPerPoint, tooLarge } from "../../backends/engine-gpu/memory.ts";
import { inOrder } from "../../backends/engine-gpu/launch.ts";
import { type Signature, signatures } from "../../backends/engine-gpu/signatures.ts";
import { Tuner } from "../../backends/engine-gpu/tune.ts";
import { verifyDevice } from "../../backends/engine-gpu/verify.ts";
import type { Dtype, Stencil } from "../../core/contract.ts";
import { lower } from "../../core/discretize/lower.ts";
import { declared } from "./fake_cuda/build.ts";
import { FakeDevice } from "./fake_device.ts";
import { problems, stencilOf } from "../support/problems.ts";
import { plan } from "../support/same_bits.ts";

const methods = ["jacobi", "sor", "multigrid"] as const;

/** Opens, steps, reads and closes. */
async function solveOn(device: FakeDevice, stencil: Stencil, method: (typeof methods)[number]): Promise<void> {
  await using session = await openOn(device, stencil, plan(method), undefined);
  await session.advance(1);
  await session.advance(6);
  await session.read("global");
}

for (const dtype of ["f64", "f32"] as const) {
  test(`a session requests nothing that a device cannot do, and releases everything: ${dtype}`, async () => {
    for (const name of Object.keys(problems)) {
      for (const method of methods) {
        const device = new FakeDevice(dtype);
        await solveOn(device, stencilOf(name, dtype), method);
        assert.ok(device.launches.length > 3 && device.closed, name);
        assert.equal(device.used, 0, `${name}, ${method}`);
      }
    }
  });
}

test("a session releases everything if memory runs out, whichever allocation it is", async () => {
  for (const name of ["a plate", "free edges", "periodic rows"]) {
    for (const method of methods) {
      let failed = 0;
      for (let failAt = 1;; failAt++) {
        const device = new FakeDevice("f64", Infinity, failAt);
        const error = await solveOn(device, stencilOf(name, "f64"), method).then(() => undefined, (cause) => cause);
        assert.equal(device.used, 0, `${name}, ${method}, allocation ${failAt}: ${error}`);
        if (error === undefined) break;
        assert.match(String(error), /^UnavailableError: the device is full$/);
        failed++;
      }
      assert.ok(failed >= (method === "multigrid" ? 10 : 4), `${failed} allocations of ${name}, ${method}`);
    }
  }
});

test("arrays larger than a device binds at once are divided into bands, whose windows fit", async () => {
  for (const [name, shape] of [["plain", [90, 70]], ["weighted", [90, 70]]] as const) {
    const stencil = lower({ shape, edges: { north: 1, south: name === "plain" ? 2 : { flux: 1 } } });
    for (const method of methods) {
      // Some twenty rows of the equations of the level below.
      const device = new FakeDevice("f64", 64 * 1024);
      await solveOn(device, stencil, method);
      assert.equal(device.used, 0);
      const windows = device.launches.flatMap((launch) => inOrder(launch).buffers);
      assert.ok(windows.some(({ buffer, offset, bytes }) => offset > 0 && offset + bytes < buffer.bytes), name);
    }
  }
});

test("bands cover each row once, and their windows have the neighbours", () => {
  const device = new FakeDevice("f64", 20 * 512);
  const [a, b] = [arrayOn(device, [101, 50], 1), arrayOn(device, [101, 50], 2)];
  let next = 1;
  for (const { from, to, buffers, rows } of bands(device, { a: [a, around(3)], b: [b, same] }, 1, 100)) {
    assert.equal(from, next);
    next = to;
    const first = Math.max(0, from - 3);
    assert.deepEqual(rows, { begin_row: from, end_row: to });
    assert.deepEqual([buffers.a.first, buffers.b.first], [first, from]);
    assert.equal(buffers.a.offset, first * 512);
    assert.equal(buffers.a.bytes, (Math.min(101, to + 3) - first) * 512);
    assert.deepEqual([buffers.b.offset, buffers.b.bytes], [from * 1024, (to - from) * 1024]);
  }
  assert.equal(next, 100);
  const narrow = new FakeDevice("f64", 512);
  assert.throws(
    () => [...bands(narrow, { b: [b, same] }, 1, 100)],
    /work on a single row needs more of an array than it binds at once; use another --method or --plugin, or a narrower grid$/,
  );
});

test("tooLarge knows the memory that a session takes, within a hundredth", async () => {
  for (const dtype of ["f64", "f32"] as Dtype[]) {
    for (const edges of [{ north: 1 }, { north: 1, south: { flux: 1 } }]) {
      for (const source of [0, 1]) {
        const stencil = lower({ shape: [701, 501], dtype, edges, source });
        for (const method of methods) {
          const device = new FakeDevice(dtype);
          await solveOn(device, stencil, method);
          const room = { largestBuffer: Infinity, align: device.align };
          const what = `${dtype} ${stencil.kind} ${source} ${method}`;
          assert.match(
            tooLarge(stencil, plan(method), { ...room, free: device.peak - 1 })!,
            /^701 x 501 points need /,
            what,
          );
          assert.equal(tooLarge(stencil, plan(method), { ...room, free: 1.01 * device.peak }), undefined, what);
        }
      }
    }
  }
});

test("an array that is larger than the device's buffers is refused before and at opening", async () => {
  const stencil = lower({ shape: [700, 500], edges: { north: 1 } });
  const largestBuffer = 700 * 512 * 8 - 1;
  const why = tooLarge(stencil, plan("jacobi"), { free: Infinity, largestBuffer, align: 256 });
  assert.match(why!, /^700 x 500 points need an array of 0\.0 GiB, and the device takes 0\.0 GiB$/);
  const device = new FakeDevice("f64", Infinity, Infinity, largestBuffer);
  await assert.rejects(
    openOn(device, stencil, plan("jacobi"), undefined),
    /^UnavailableError: Cannot keep 700 x 500 points/,
  );
  assert.equal(device.used, 0);
});

test("what multigrid must see all of around a period of rows is refused where it is more than a device binds", async () => {
  for (const edges of [{ north: "periodic" }, { north: "periodic", west: { flux: 1 } }] as const) {
    for (const spacing of [undefined, [1, 5]] as const) {
      const stencil = lower({ shape: [300, 500], edges, ...(spacing && { spacing }) });
      const most = (largest: number) =>
        tooLarge(stencil, plan("multigrid"), { free: Infinity, largestBuffer: Infinity, align: 256, largest });
      // The least that is enough: with it all goes well, with a row less nothing does.
      let largest = 256;
      while (most(largest)) largest += 256;
      assert.equal(
        tooLarge(stencil, plan("jacobi"), { free: 1e9, largestBuffer: 1e9, align: 256, largest }),
        undefined,
      );
      await solveOn(new FakeDevice("f64", largest), stencil, "multigrid");
      assert.match(
        most(largest - 1)!,
        /^multigrid around a period of 300 rows of 500 points needs \d+ MiB of an array at once, and the device binds \d+ MiB; use --method jacobi or sor, or another --plugin$/,
      );
      await assert.rejects(solveOn(new FakeDevice("f64", largest - 256), stencil, "multigrid"), /^UnavailableError: /);
    }
  }
  const plate = lower({ shape: [300, 500], edges: { north: 1 } });
  const room = { free: Infinity, largestBuffer: Infinity, align: 256, largest: 256 };
  assert.equal(tooLarge(plate, plan("multigrid"), room), undefined);
});

test("levelBytesPerPoint is what multigrid allocates besides the grid", async () => {
  for (const edges of [{ north: 1 }, { north: 1, south: { flux: 1 } }]) {
    const stencil = lower({ shape: [701, 501], dtype: "f32", edges });
    const peaks = [];
    for (const method of ["multigrid", "jacobi"] as const) {
      const device = new FakeDevice("f32");
      await solveOn(device, stencil, method);
      peaks.push(device.peak);
    }
    const expected = (peaks[0]! - peaks[1]!) / (701 * 501);
    assert.ok(
      Math.abs(levelBytesPerPoint(stencil) - expected) < 0.02 * expected,
      `${levelBytesPerPoint(stencil)}, not ${expected}`,
    );
  }
});

test("a device that computes zeros is noticed", async () => {
  const device = new FakeDevice("f32");
  await assert.rejects(
    verifyDevice(device, "the fake"),
    /^UnavailableError: Cannot use the fake: it computes wrongly, .*; update its driver/,
  );
  assert.deepEqual([device.used, device.closed], [0, false]);
});

test("Tuner selects the fastest, does as many sweeps as it reports, and skips small grids and short batches", async () => {
  for (const best of [1, 3, 8]) {
    let [clock, sweeps] = [0, 0];
    const tuner = new Tuner("auto", () => clock);
    assert.deepEqual([tuner.wanted(1 << 19, 10_000), tuner.wanted(1 << 22, 40)], [0, 0]);
    let wanted = 0;
    // A batch that has room for two, and one for the rest.
    for (const batch of [100, 10_000]) {
      wanted += tuner.wanted(1 << 22, batch);
      await tuner.tune(tuner.wanted(1 << 22, batch), (count, each) => {
        sweeps += count;
        // The first launch is slow whatever it is.
        clock += count === each ? 1000 : count * (each === best ? 1 : 1.5);
      }, () => Promise.resolve());
      if (batch === 100) assert.deepEqual([sweeps, tuner.sweeps], [48, 4]);
    }
    assert.deepEqual([sweeps, tuner.sweeps, tuner.wanted(1 << 22, 10_000)], [wanted, best, 0]);
  }
  assert.deepEqual([new Tuner(5).sweeps, new Tuner(5).wanted(1 << 22, 10_000)], [5, 0]);
});

test("setting block takes auto, off and 1 to 8", () => {
  assert.equal(block.parse("auto"), "auto");
  assert.deepEqual(["off", "1", "8"].map((text) => block.parse(text)), [1, 1, 8]);
  for (const text of ["0", "9", "4x64", "", "on", "-1", "1.5"]) assert.equal(block.parse(text), undefined, text);
});

test("signatures has each kernel of native/gpu, with the same parameters in the same order", () => {
  const listed = Object.entries<Signature>(signatures).map(
    ([name, { windows = [], buffers = [], writes, ints, reals = [] }]) => {
      const pointers = [...windows, ...buffers], whole = [...windows.map((window) => `${window}_first`), ...ints];
      const kinds = "p".repeat(pointers.length) + "i".repeat(whole.length) + "r".repeat(reals.length);
      return { name, kinds, names: [...pointers, ...whole, ...reals], writes };
    },
  );
  const byName = (a: { name: string }, b: { name: string }) => a.name < b.name ? -1 : 1;
  assert.deepEqual(listed.sort(byName), declared().map(({ waits: _, ...kernel }) => kernel).sort(byName));
});

test("inOrder says which parameter of a launch is missing", () => {
  const window = { buffer: 0, first: 7, offset: 0, bytes: 8 };
  const launch = { kernel: "fill_ghost_columns", buffers: { a: window }, threads: [1, 1] } as const;
  const scalars = { begin_row: 1, end_row: 2, nx: 3, pitch: 4 };
  assert.deepEqual(inOrder({ ...launch, scalars }), { buffers: [window], ints: [7, 1, 2, 3, 4], reals: [] });
  const { pitch: _, ...fewer } = scalars;
  const message = 'Cannot launch "fill_ghost_columns": "pitch" is missing';
  assert.throws(() => inOrder({ ...launch, scalars: fewer as typeof scalars }), { message });
});

test("every kernel is launched by one solve or another", async () => {
  const seen = new Set<string>();
  const names = ["a plate", "a stretched plate with a source", "periodic rows", "periodic columns"];
  const refined = lower({ shape: [33, 17], edges: { north: 1 } });
  for (const stencil of [refined, ...names.map((name) => stencilOf(name, "f64"))]) {
    for (const method of methods) {
      const device = new FakeDevice("f64");
      await solveOn(device, stencil, method);
      for (const { kernel } of device.launches) seen.add(kernel);
    }
  }
  assert.deepEqual([...seen].sort(), Object.keys(signatures).sort());
});
