/**
 * The devices of `webgpu`: how adapters are chosen, and what is reported where one computes wrongly, is lost, refuses, or is
 * missing.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { SOFTWARE_BYTES } from "../../backends/engine-gpu/backend.ts";
import { verifyDevice } from "../../backends/engine-gpu/verify.ts";
import { chooseAdapter, type Chosen, defaultAdapter, describe, named } from "../../backends/webgpu/adapter.ts";
import { openAdapter, type WebGpuDevice } from "../../backends/webgpu/device.ts";
import webgpu from "../../backends/webgpu/mod.ts";
import { lower } from "../../core/discretize/lower.ts";
import { absence } from "../../host/webgpu.ts";
import { plan } from "../support/same_bits.ts";
import { testsOn } from "./on_device.ts";
import { onChanged } from "./webgpu/on_changed.ts";

const onDevice = await testsOn(webgpu);

onDevice("refuses grids whose rows are longer than a binding", async () => {
  const tiny = onChanged((device) => void Object.assign(device, { largest: 512 }));
  await assert.rejects(
    async () => {
      await using session = await tiny.open(lower({ shape: [300, 400], dtype: "f32" }), plan("jacobi"));
      await session.advance(1);
    },
    /^UnavailableError: .*narrower grid$/,
  );
});

/** An adapter whose device accepts all commands and runs none: Dawn returns one where it finds no driver. */
async function idle(): Promise<Chosen> {
  const { adapter } = await chooseAdapter(undefined);
  const { info, limits } = adapter;
  return describe({
    info: { ...info, vendor: "", architecture: "", device: "idle", description: "an idle device" },
    limits,
    destroy() {},
    async requestDevice(descriptor: GPUDeviceDescriptor) {
      const real = await adapter.requestDevice(descriptor);
      const names = ["createBuffer", "createBindGroup", "createBindGroupLayout", "createPipelineLayout"] as const;
      const others = ["createShaderModule", "createComputePipeline", "createCommandEncoder"] as const;
      const scopes = ["pushErrorScope", "popErrorScope", "destroy"] as const;
      const methods = [...names, ...others, ...scopes].map((name) => [name, (real[name] as () => unknown).bind(real)]);
      return {
        ...Object.fromEntries(methods),
        limits: real.limits,
        lost: real.lost,
        queue: { submit() {}, writeBuffer() {} },
      };
    },
  } as unknown as GPUAdapter)!;
}

onDevice("catches a device that computes nothing, by its name", async () => {
  const error = /^UnavailableError: Cannot use an idle device: it computes wrongly[^\n]*; update its driver[^\n]*$/;
  const device = await openAdapter(await idle());
  await assert.rejects(async () => await verifyDevice(device, device.name), error);
  device.close();
});

onDevice("reports a device that is lost in the middle of a batch, and ends", async () => {
  for (const method of ["jacobi", "multigrid"] as const) {
    let device: WebGpuDevice | undefined;
    const losing = onChanged((one) => device = one);
    const session = await losing.open(lower({ shape: [65, 65], edges: { north: 1 }, dtype: "f32" }), plan(method));
    await session.advance(1);
    const batch = session.advance(200);
    device!.destroy();
    const gone = /^UnavailableError: Cannot go on with "webgpu": [^\n]* (was lost|does not answer)[^\n]*$/;
    await assert.rejects(async () => await batch, gone);
    // The first failure is reported again, and closing is quiet.
    await assert.rejects(async () => await session.advance(1), gone);
    await assert.rejects(async () => await session.read("global"), gone);
    await session[Symbol.asyncDispose]();
  }
});

onDevice("reports a command that is refused, in one line", async () => {
  const device = await openAdapter(await chooseAdapter(undefined));
  const buffer = device.allocate(1024);
  // Beyond the end of it.
  const a = { buffer, first: 0, offset: 0, bytes: 4096 };
  const scalars = { begin_row: 0, end_row: 1, nx: 3, pitch: 3 };
  device.launch({ kernel: "fill_ghost_columns", buffers: { a }, scalars, threads: [1, 1] });
  await assert.rejects(
    async () => await device.read(buffer, { offset: 0, width: 1, rows: 1, pitch: 1 }),
    /^UnavailableError: Cannot go on with "webgpu": [^\n]*$/,
  );
  device.close();
});

onDevice("has a line for memory that is not there", async () => {
  const device = await openAdapter(await chooseAdapter(undefined));
  assert.throws(
    () => device.allocate(2 ** 40),
    /^UnavailableError: Cannot allocate 1024.00 GiB on [^\n]*; take a smaller grid$/,
  );
  device.close();
  const large = lower({ shape: [60000, 60000], dtype: "f32" });
  assert.match(
    webgpu.estimate!(large, plan("jacobi")).rejects!,
    /^60000 x 60000 points need an array of 13.4 GiB, and the device takes/,
  );
  assert.equal(webgpu.estimate!(lower({ shape: [600, 600], dtype: "f32" }), plan("multigrid")).rejects, undefined);
});

onDevice("uses the adapter that a setting names, and lists them where there is none such", async () => {
  const { name } = (await defaultAdapter())!;
  const { software } = (await defaultAdapter())!;
  const fallback = software ? ["fallback"] : [];
  for (const wanted of [undefined, "0", "high-performance", "low-power", name.slice(0, 5).toUpperCase(), ...fallback]) {
    assert.equal((await chooseAdapter(wanted)).name, name, wanted);
  }
  for (const wanted of ["777777", "no such adapter"]) {
    await assert.rejects(async () => await chooseAdapter(wanted), (error: Error) => {
      assert.equal(error.name, "ConfigError");
      assert.ok(
        error.message.startsWith(
          `Setting "adapter" of "webgpu" is "${wanted}", and no adapter is that; there are: 0 ${name}`,
        ),
      );
      return true;
    });
  }
});

test("webgpu reads digits as a number, else as a part of a name, and finds software as the fallback", () => {
  const names = ["NVIDIA GeForce RTX 4090", "Intel UHD 770", "llvmpipe (LLVM 15.0.6, 256 bits)"];
  const all = names.map((name, at) => ({ name, software: at === 2 }));
  const expected = { "0": 0, "2": 2, "4090": 0, "77": 1, "15": 2, "256": 2, "intel": 1, "fallback": 2 };
  for (const [wanted, at] of Object.entries(expected)) assert.equal(named(all, wanted)?.name, names[at], wanted);
  for (const wanted of ["3", "4091", "other"]) assert.equal(named(all, wanted), undefined, wanted);
  assert.equal(named(all.slice(0, 2), "fallback"), undefined);
});

onDevice(
  "sweeps once a launch where rows are too long for tiles, and rejects rows too long for a launch",
  async () => {
    const stencil = (nx: number) => lower({ shape: [3, nx], edges: { north: 1 }, dtype: "f32" });
    const settings = { block: "8" };
    // Its tiles would be 67935 groups in a row.
    await using session = await webgpu.open(stencil(3125000), plan("jacobi", settings));
    assert.equal((await session.advance(8)).change, 2 ** -9);
    assert.equal(webgpu.estimate!(stencil(4194238), plan("jacobi")).rejects, undefined);
    assert.match(
      webgpu.estimate!(stencil(4194239), plan("jacobi")).rejects!,
      /^rows of 3 x 4194239 points are longer than the 4194238 of a launch; solve it transposed, or take another --plugin$/,
    );
  },
);

test("webgpu reports the fix for a library of Dawn that cannot be loaded", () => {
  const library = "/proc/self/fd/5";
  const said = (text: string, path?: string) => {
    const { message, fix } = absence(text, path);
    return `${message}; ${fix}`;
  };
  assert.match(said(`${library}: invalid ELF header`, library), /invalid ELF header; run it from source in Deno$/);
  for (const path of [library, undefined]) {
    assert.match(said("bun:ffi requires the JIT", path), /address space is too short [^\n]*; raise ulimit -v$/);
    assert.match(
      said("libstdc++.so.6: cannot open shared object file: No such file or directory", path),
      /^libstdc\+\+\.so\.6 is missing; install it/,
    );
  }
  assert.match(said("what nobody\nexpects"), /^the library of bun-webgpu cannot be loaded: what nobody; bun add bun-/);
});

/** What a script prints in a process of its own. */
function printed(script: string, env: Record<string, string> = {}): unknown {
  const code = `const root = ${JSON.stringify(new URL("../..", import.meta.url).href)};\n${script}`;
  const args = "Deno" in globalThis ? ["eval", "--quiet", "--ext=ts", code] : ["--eval", code];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: { ...process.env, ...env },
    cwd: new URL("../..", import.meta.url),
  });
  assert.deepEqual([status, stderr], [0, ""]);
  return JSON.parse(stdout);
}

test("webgpu counts the memory of a fallback as this machine's, whatever the default is", () => {
  const script = `const { default: webgpu } = await import(root + "backends/webgpu/mod.ts");
    const { lower } = await import(root + "core/discretize/lower.ts");
    const stencil = lower({ shape: [100, 100], dtype: "f32" });
    const bytes = (settings) => webgpu.estimate(stencil, { method: "jacobi", settings }).hostBytes;
    console.log(JSON.stringify([bytes({}), bytes({ adapter: "fallback" })]));`;
  assert.deepEqual(printed(script), [0, SOFTWARE_BYTES + 80_000]);
});

const PROBE = "console.log(JSON.stringify(await (await import(root + 'backends/webgpu/mod.ts')).default.probe()));";

test("webgpu reports what is missing where there is no driver", () => {
  const env = {
    VK_ICD_FILENAMES: "/nonexistent",
    VK_DRIVER_FILES: "/nonexistent",
    __EGL_VENDOR_LIBRARY_FILENAMES: "/nonexistent",
  };
  const found = printed(PROBE, env) as { available: boolean; reason: string; fix: string };
  assert.equal(found.available, false);
  assert.match(`${found.reason}; ${found.fix}`, /no driver gives WebGPU an adapter; .*mesa-vulkan-drivers/);
});

test("webgpu reports what is missing where Bun has no bun-webgpu", async () => {
  const script = `const { registerDawn } = await import(root + 'host/webgpu.ts');
    registerDawn(() => Promise.reject(new Error("Cannot find package")));
    ${PROBE}`;
  // Deno never asks for it.
  const { available } = await webgpu.probe();
  if ("Deno" in globalThis) return assert.equal((printed(script) as { available: boolean }).available, available);
  assert.deepEqual(printed(script), {
    available: false,
    reason: "Bun needs the package bun-webgpu, which is not installed",
    fix: "bun add bun-webgpu@0.1.5",
  });
});

// A collection frees what C still reads, unless it is referenced; Deno's WebGPU is not written in JavaScript.
if ("Bun" in globalThis) {
  onDevice("works while the collector runs at each allocation of bun-webgpu", () => {
    assert.deepEqual(printed(`await import(root + "tests/gpu/webgpu/collect.ts");`), { opened: 4, read: 4 });
  });
}
