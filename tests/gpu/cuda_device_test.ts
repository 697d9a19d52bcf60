/**
 * A device through the CUDA driver, on a fake driver: memory, launches, and what is reported where a call fails.
 * tests/gpu/cuda_test.ts has the backend.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type CudaBuffer, CudaDevice } from "../../backends/cuda/device.ts";
import { CudaError, type Driver, openDriver } from "../../backends/cuda/driver.ts";
import { functions } from "../../backends/cuda/functions.ts";
import { GROUP, type LaunchOf } from "../../backends/engine-gpu/device.ts";
import { required } from "../../conformance/required.ts";
import type { Dtype } from "../../core/contract.ts";
import { arrayType, rounder } from "../../core/dtype.ts";
import { makeFake, noFake } from "./fake_cuda/fake.ts";

const skip = noFake !== undefined && !required("fake", "LAPLACE_REQUIRE_CUDA");
const note = skip ? `: skipped, ${noFake}` : "";
const fake = noFake === undefined ? await makeFake() : undefined;

const described = { number: 0, name: "fake", memory: 2 ** 30 };
let loaded: Promise<Driver> | undefined;
const driver = () => loaded ??= openDriver(fake!.library);

/** A device of the fake driver. */
async function deviceOf(dtype: Dtype, number = 0) {
  return new CudaDevice(await driver(), { ...described, number }, dtype, await fake!.ptx(dtype));
}

for (const dtype of ["f32", "f64"] as const) {
  const Numbers = arrayType(dtype);
  const size = Numbers.BYTES_PER_ELEMENT;

  test(`a device reads numbers back from where they were written, ${dtype}${note}`, { skip }, async () => {
    const device = await deviceOf(dtype);
    const buffer = device.allocate(60 * size);
    const all = { offset: 0, width: 60, rows: 1, pitch: 60 };
    // Memory of the fake is full of NaN at first.
    assert.deepEqual(await device.read(buffer, all), new Numbers(60));
    const expected = new Numbers(60).map((_, k) => Math.sqrt(k));
    device.write(buffer, all, expected);
    const data = Numbers.of(-1, -2, -3, -4, -5, -6);
    const place = { offset: 13, width: 2, rows: 3, pitch: 10 };
    device.write(buffer, place, data);
    data.forEach((value, k) => expected[13 + 10 * (k >> 1) + (k & 1)] = value);
    assert.deepEqual(await device.read(buffer, all), expected);
    assert.deepEqual(await device.read(buffer, place), data);
    // Part of an array, which begins further on than its memory.
    device.write(buffer, { offset: 40, width: 3, rows: 2, pitch: 3 }, Numbers.of(9, 1, 2, 3, 4, 5, 6).subarray(1));
    assert.deepEqual([...await device.read(buffer, { offset: 39, width: 8, rows: 1, pitch: 8 })].slice(1, 7), [
      1,
      2,
      3,
      4,
      5,
      6,
    ]);
    device.release(buffer);
    await device.close();
    fake!.assertEmpty();
  });

  test(`a launch passes buffers, whole numbers and reals, ${dtype}${note}`, { skip }, async () => {
    const device = await deviceOf(dtype);
    // Of a grid of 4 x 130 points two rows are swept: more than one group wide.
    const [ny, nx] = [4, 130];
    const [u, v, fields, partials] = [ny * nx, ny * nx, 4, 32].map((count) => device.allocate(count * size));
    const values = new Numbers(ny * nx).map((_, k) => Math.sqrt(k * k + 3 * k));
    device.write(u!, { offset: 0, width: nx, rows: ny, pitch: nx }, values);
    const [cx, cy] = [Math.fround(0.2), Math.fround(0.3)];
    const window = (buffer: CudaBuffer) => ({ buffer, first: 0, offset: 0, bytes: buffer.bytes });
    const rows = { begin_row: 1, end_row: 3, nx, pitch: nx, planes: 0, r0: 1, r1: 3, c0: 1, c1: nx - 1 };
    device.launch({
      kernel: "sweep",
      buffers: { u: window(u!), v: window(v!), fields: window(fields!), partials: window(partials!) },
      scalars: { ...rows, form: 2, write_residual: 0, partial: 5, cx, cy },
      threads: [nx, 1],
    });
    const result = await device.read(v!, { offset: 0, width: nx, rows: ny, pitch: nx });
    const round = rounder(dtype);
    const most = [0, 0, 0];
    for (let i = 1; i < 3; i++) {
      for (let j = 1; j < nx - 1; j++) {
        const k = i * nx + j;
        const [n, s, w, e] = [values[k - nx]!, values[k + nx]!, values[k - 1]!, values[k + 1]!];
        const value = round(round(cx * round(w + e)) + round(cy * round(n + s)));
        assert.equal(result[k], value, `row ${i}, column ${j}`);
        const group = Math.floor(j / GROUP[0]);
        most[group] = Math.max(most[group]!, Math.abs(round(value - values[k]!)));
      }
    }
    assert.deepEqual([...await device.read(partials!, { offset: 5, width: 3, rows: 1, pitch: 3 })], most);
    // The next begins 130 numbers further on.
    device.launch({
      kernel: "copy",
      buffers: {
        origin: { buffer: u!, first: 1, offset: nx * size, bytes: nx * size },
        copied: { buffer: v!, first: 2, offset: 2 * nx * size, bytes: nx * size },
      },
      scalars: { rows: 1, width: nx },
      threads: [nx, 1],
    });
    assert.deepEqual(
      await device.read(v!, { offset: 2 * nx, width: nx, rows: 1, pitch: nx }),
      values.slice(nx, 2 * nx),
    );
    for (const buffer of [u, v, fields, partials]) device.release(buffer!);
    await device.close();
    fake!.assertEmpty();
  });
}

test(`two devices are open at once, each with its own memory${note}`, { skip }, async () => {
  await fake!.while({ DEVICES: "2" }, async () => {
    const devices = [await deviceOf("f64", 0), await deviceOf("f64", 1)];
    const place = { offset: 0, width: 3, rows: 1, pitch: 3 };
    const buffers = devices.map((device) => device.allocate(24));
    devices.forEach((device, k) => device.write(buffers[k]!, place, Float64Array.of(k, k + 1, k + 2)));
    for (const [k, device] of devices.entries()) {
      assert.deepEqual(await device.read(buffers[k]!, place), Float64Array.of(k, k + 1, k + 2));
      device.release(buffers[k]!);
      await device.close();
    }
    fake!.assertEmpty();
  });
});

const copy = (buffer: CudaBuffer, count: number): LaunchOf<CudaBuffer, "copy"> => {
  const window = { buffer, first: 0, offset: 0, bytes: buffer.bytes };
  const buffers = { origin: window, copied: window };
  return { kernel: "copy", buffers, scalars: { rows: 1, width: count }, threads: [count, 1] };
};

/** Breaks the context by a kernel, so that the next session needs a new one. */
async function breakContext() {
  const device = await deviceOf("f64");
  const buffer = device.allocate(8);
  assert.throws(() => device.launch(copy({ ...buffer, address: 5n }, 1)));
  device.close();
}

test(`a kernel that reaches beyond its memory breaks its session, in one line each, and not the next${note}`, {
  skip,
}, async () => {
  const message =
    /^UnavailableError: Cannot run "cuda" here: cuLaunchKernel: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal .* encountered; [^\n]+$/;
  const wrong = [
    (buffer: CudaBuffer) => copy(buffer, 1000),
    ({ address }: CudaBuffer) => copy({ address: address + 801n, bytes: 0 }, 1),
    // An address of the host is not one of the device.
    ({ address }: CudaBuffer) => copy({ address: BigInt.asUintN(48, address), bytes: 800 }, 1),
  ];
  for (const launch of wrong) {
    const before = fake!.count("contexts");
    const device = await deviceOf("f64");
    const buffer = device.allocate(800);
    device.launch(copy(buffer, 100));
    assert.throws(() => device.launch(launch(buffer)), message);
    assert.throws(() => device.read(buffer, { offset: 0, width: 1, rows: 1, pitch: 1 }), /ILLEGAL_ADDRESS/);
    device.release(buffer);
    device.close();
    fake!.assertEmpty();
    assert.equal(fake!.count("contexts"), before - 1);
    // A device has one context.
    (await deviceOf("f32")).close();
    assert.equal(fake!.count("contexts"), before);
  }
});

test(`what does not fit is reported with sizes and a fix${note}`, { skip }, async () => {
  await fake!.while({ MEMORY: String(2 ** 30) }, async () => {
    const device = await deviceOf("f64");
    const first = device.allocate(2 ** 18);
    assert.throws(() => device.allocate(2 ** 30), {
      name: "UnavailableError",
      message: 'Cannot run "cuda" here: 1.00 GiB more are needed, and 1.00 of 1.00 GiB are free on the device; ' +
        "take a smaller grid or --dtype f32, or end what else uses the device (nvidia-smi lists it)",
    });
    device.release(first);
    await device.close();
    fake!.assertEmpty();
  });
});

test(`kernels that cannot be built are reported with the log of the driver's compiler${note}`, { skip }, async () => {
  const fresh = await openDriver(fake!.library);
  const message = 'Cannot run "cuda" here: cuModuleLoadDataEx: CUDA_ERROR_INVALID_PTX: a PTX JIT compilation failed: ' +
    "ptxas application ptx input, line 1; fatal   : Missing .version directive, fatal; " +
    "deno task native builds the kernels anew";
  await breakContext();
  assert.throws(() => new CudaDevice(fresh, described, "f64", "nonsense"), { name: "UnavailableError", message });
  fake!.assertEmpty();
  await fake!.while({ VERSION: "10000" }, async () => {
    const ptx = (await fake!.ptx("f64")).replace("6.4", "9.0");
    assert.throws(
      () => new CudaDevice(fresh, described, "f64", ptx),
      /CUDA_ERROR_UNSUPPORTED_PTX_VERSION: .*; update the NVIDIA driver$/,
    );
  });
  const older = (await fake!.ptx("f32")).replace(".entry copy(", ".entry copies(");
  const device = new CudaDevice(fresh, described, "f32", older);
  const buffer = device.allocate(8);
  assert.throws(
    () => device.launch(copy(buffer, 1)),
    /cuModuleGetFunction: CUDA_ERROR_NOT_FOUND: named symbol not found; [^\n]*deno task native[^\n]*$/,
  );
  device.release(buffer);
  await device.close();
  fake!.assertEmpty();
});

test(`an error of any call is one line with its name, and all memory is released${note}`, { skip }, async () => {
  /** All that a session does, in order. */
  const work = async () => {
    const device = new CudaDevice(await openDriver(fake!.library), described, "f64", await fake!.ptx("f64"));
    try {
      const buffer = device.allocate(80);
      try {
        const place = { offset: 0, width: 2, rows: 2, pitch: 5 };
        device.write(buffer, place, new Float64Array(4));
        device.write(buffer, { ...place, rows: 1 }, new Float64Array(2));
        device.launch(copy(buffer, 1));
        await device.read(buffer, place);
        await device.read(buffer, { ...place, rows: 1 });
      } finally {
        device.release(buffer);
      }
    } finally {
      await device.close();
    }
  };
  await work();
  fake!.assertEmpty();
  const unused = [
    "cuGetErrorName",
    "cuGetErrorString",
    "cuDeviceGetName",
    "cuDeviceGetAttribute",
    "cuDeviceTotalMem_v2",
  ];
  // If a release fails, memory stays allocated.
  const last = ["cuMemFree_v2", "cuDevicePrimaryCtxRelease_v2"];
  for (const name of Object.keys(functions).filter((name) => !unused.includes(name) && !last.includes(name))) {
    await breakContext();
    await fake!.while({ FAIL: `${name} 1 719` }, async () => {
      await assert.rejects(work, (cause: Error) => {
        assert.match(
          cause.message,
          new RegExp(`${name.replace(/_v2$/, "")}: CUDA_ERROR_LAUNCH_FAILED: unspecified launch failure[^\n]*$`),
        );
        return cause.name === "UnavailableError" || cause instanceof CudaError;
      });
    });
    fake!.assertEmpty();
  }
  await fake!.while({ FAIL: "cuInit 1 12345" }, async () => {
    await assert.rejects(openDriver(fake!.library), {
      message: "cuInit: error 12345, which this driver does not know",
    });
  });
});
