/**
 * The backend `cuda` on a fake driver, which runs the kernels of native/gpu/ on the host: the conformance suite, the bits of
 * the reference, the release of memory, and reports of failures. A real device is tested by
 * tests/backends/conformance_test.ts.
 *
 * `LAPLACE_REQUIRE_CUDA=fake` requires gcc.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { cudaBackend } from "../../backends/cuda/mod.ts";
import js from "../../backends/js/mod.ts";
import { testBackend } from "../../conformance/mod.ts";
import { required } from "../../conformance/required.ts";
import type { Backend } from "../../core/contract.ts";
import { lower } from "../../core/discretize/lower.ts";
import { assertFullMultigrid } from "./first_guess.ts";
import { type Fake, makeFake, noFake } from "./fake_cuda/fake.ts";
import { problems, stencilOf } from "../support/problems.ts";
import { assertNaNSurfaces, assertSameBits, plan, run } from "../support/same_bits.ts";

const skip = noFake !== undefined && !required("fake", "LAPLACE_REQUIRE_CUDA");
const note = skip ? `: skipped, ${noFake}` : "";
const made = noFake === undefined ? await makeFake() : undefined;
const fake: Fake = made!;
const cuda: Backend = cudaBackend({ library: made?.library ?? "none", ptx: (dtype) => fake.ptx(dtype) });

if (made) await testBackend(cuda);

for (const name of Object.keys(problems)) {
  test(
    `cuda gives the bits of js, and releases its memory, whichever thread is first: ${name}${note}`,
    { skip },
    async () => {
      await assertSameBits(cuda, name);
      await fake.while({ ORDER: "backwards" }, () => assertSameBits(cuda, name));
      fake.assertEmpty();
    },
  );
}

test(`cuda gives the bits of js where a launch binds only a part of an array${note}`, { skip }, async () => {
  // Rows of the plate have 1280 bytes, those of the other problems 256 in each plane.
  const banded = cudaBackend({ library: fake.library, ptx: fake.ptx, largest: 16 * 1024 });
  for (const method of ["jacobi", "sor"] as const) {
    const stencil = lower({ shape: [97, 131], edges: { north: 100, west: 75, east: 50 }, source: (i, j) => i - j });
    const [expected, found] = [await run(js, stencil, plan(method)), await run(banded, stencil, plan(method))];
    assert.deepEqual(found, expected, method);
  }
  for (const name of Object.keys(problems)) await assertSameBits(banded, name);
  // Equations have ten planes, and five rows of them are needed for one of the level below.
  for (const name of ["a plate", "free edges", "periodic columns", "a hole"]) {
    const runs = [];
    for (const backend of [cuda, banded]) runs.push(await run(backend, stencilOf(name, "f64"), plan("multigrid")));
    assert.deepEqual(runs[1], runs[0], name);
  }
  fake.assertEmpty();
});

test(`cuda begins with full multigrid${note}`, { skip }, async () => {
  for (const dtype of ["f64", "f32"] as const) await assertFullMultigrid(cuda, dtype);
  fake.assertEmpty();
});

test(`cuda surfaces NaN${note}`, { skip }, async () => {
  await assertNaNSurfaces(cuda);
  fake.assertEmpty();
});

test(`cuda names its device, and uses the one that a setting names${note}`, { skip }, async () => {
  assert.deepEqual(await cuda.probe(), { available: true, device: "fake A, 1.0 GiB", score: 86 });
  const several = cudaBackend({ library: fake.library, ptx: fake.ptx });
  await fake.while({ DEVICES: "3" }, async () => {
    assert.deepEqual(await several.probe(), { available: true, device: "fake A, 1.0 GiB, and 2 more", score: 86 });
    for (const device of ["2", "fake B"]) {
      await using session = await several.open(stencilOf("a plate", "f64"), plan("jacobi", { device }));
      await session.advance(3);
    }
    await assert.rejects(
      async () => await several.open(stencilOf("a plate", "f64"), plan("jacobi", { device: "4" })),
      {
        name: "ConfigError",
        message: /^Setting "device" of "cuda" must be one of these: it is 4; known: 0: fake A; 1: fake B; /,
      },
    );
  });
  fake.assertEmpty();
});

/** Checks what a backend reports where something is missing, probed and opened. */
async function assertAbsent(backend: Backend, reason: string | RegExp, fix: string | RegExp) {
  const probe = await backend.probe();
  assert.ok(!probe.available);
  const matches = (text: string | undefined, wanted: string | RegExp) =>
    typeof wanted === "string" ? assert.equal(text, wanted) : assert.match(text!, wanted);
  matches(probe.reason, reason);
  matches(probe.fix, fix);
  await assert.rejects(async () => await backend.open(stencilOf("a plate", "f64"), plan("jacobi")), {
    name: "UnavailableError",
    message: new RegExp(`^Cannot open "cuda": [^\n]+; [^\n]+$`),
  });
}

test("cuda reports that there is no driver", async () => {
  const before = process.env.LAPLACE_CUDA;
  try {
    // A name that the loader does not find, as if it were the driver's own.
    process.env.LAPLACE_CUDA = "/nowhere/libcuda.so.1";
    await assertAbsent(
      cudaBackend(),
      "/nowhere/libcuda.so.1 does not exist",
      "point LAPLACE_CUDA at the driver's libcuda.so.1, or unset it",
    );
  } finally {
    if (before === undefined) delete process.env.LAPLACE_CUDA;
    else process.env.LAPLACE_CUDA = before;
  }
  const own = await cudaBackend().probe();
  if (before === undefined && !own.available && /libcuda\.so\.1 is missing/.test(own.reason)) {
    assert.equal(own.reason, "there is no NVIDIA driver: libcuda.so.1 is missing");
    assert.equal(own.fix, "install the driver of your NVIDIA GPU: docs/gpu.md");
  }
});

test(`cuda reports that a driver has no device, is too old, or fails${note}`, { skip }, async () => {
  const { library, ptx } = fake;
  const fresh = () => cudaBackend({ library, ptx });
  await fake.while({ DEVICES: "0" }, () =>
    assertAbsent(
      fresh(),
      /^the NVIDIA driver finds no device \(cu\w+: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected\)$/,
      /nvidia-smi/,
    ));
  await fake.while({ VERSION: "9020" }, () =>
    assertAbsent(
      fresh(),
      "the NVIDIA driver is too old: it serves CUDA 9.2, and the kernels need 10.1",
      "update the driver",
    ));
  await fake.while({ CAPABILITY: "61" }, () =>
    assertAbsent(
      fresh(),
      "fake A has compute capability 6.1, and the kernels need 7.5",
      "--plugin opencl runs on it",
    ));
  await fake.while({ FAIL: "cuInit 1 803" }, () =>
    assertAbsent(
      fresh(),
      "cuInit: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH: system has unsupported display driver / cuda driver combination",
      /^restart the machine/,
    ));
  const none = cudaBackend({ library, ptx: () => Promise.resolve(undefined) });
  await assertAbsent(none, "built without kernels for CUDA", "install nvcc and run deno task native");
  fake.assertEmpty();
});

test(`cuda reports how much memory is missing, and releases what it had${note}`, { skip }, async () => {
  await fake.while({ MEMORY: String(2 ** 20) }, async () => {
    for (const method of ["jacobi", "sor", "multigrid"] as const) {
      // The first array fits; on smaller grids, not all levels.
      for (const size of [300, 250, 220, 200]) {
        const open = async () => {
          await using session = await cuda.open(lower({ shape: [size, size] }), plan(method));
          await session.advance(1);
        };
        await open().catch((cause: Error) => {
          assert.equal(cause.name, "UnavailableError");
          assert.match(cause.message, /^Cannot [^\n]* 0\.00? GiB[^\n]*; [^\n]*smaller grid[^\n]*$/);
        });
        fake.assertEmpty(`${method} ${size}`);
      }
    }
  });
});

test(`cuda reports an error during a batch in one line, and releases everything${note}`, { skip }, async () => {
  for (const name of ["cuLaunchKernel", "cuMemcpyDtoH_v2", "cuMemcpyHtoD_v2", "cuMemcpy2DUnaligned_v2"]) {
    for (const method of ["jacobi", "sor", "multigrid"] as const) {
      for (const nth of [1, 2, 5, 20]) {
        await fake.while({ FAIL: `${name} ${nth} 719` }, async () => {
          const run = async () => {
            await using session = await cuda.open(stencilOf("a hole", "f64"), plan(method));
            await session.advance(4);
            await session.read("global");
          };
          await run().catch((cause: Error) => {
            assert.equal(cause.name, "UnavailableError", cause.stack);
            assert.match(
              cause.message,
              new RegExp(`^[^\n]*${name.replace(/_v2$/, "")}: CUDA_ERROR_LAUNCH_FAILED: [^\n]*; see dmesg[^\n]*$`),
            );
          });
        });
        fake.assertEmpty(`${name} ${method} ${nth}`);
      }
    }
  }
});

test(`cuda rejects, for others to be tried, where another process has its device${note}`, { skip }, async () => {
  const fresh = cudaBackend({ library: fake.library, ptx: fake.ptx });
  assert.ok((await fresh.probe()).available);
  await fake.while({ FAIL: "cuDevicePrimaryCtxRetain 1 46" }, () => {
    const reason = fresh.estimate!(lower({ shape: [9, 9] }), plan("jacobi")).rejects;
    assert.match(reason!, /^cuDevicePrimaryCtxRetain: [^\n]*; another process has the device to itself[^\n]*$/);
  });
});

test(`cuda counts the memory of an integrated device as this machine's${note}`, { skip }, async () => {
  for (const [INTEGRATED, bytes] of [["0", 0], ["1", 16 * 81]] as const) {
    await fake.while({ INTEGRATED }, async () => {
      const fresh = cudaBackend({ library: fake.library, ptx: fake.ptx });
      await fresh.probe();
      assert.equal(fresh.estimate!(lower({ shape: [9, 9] }), plan("jacobi")).hostBytes, bytes);
    });
  }
});

test(`cuda can be opened again after a failure, and other sessions go on unless their context is broken${note}`, {
  skip,
}, async () => {
  const stencil = stencilOf("a plate", "f64");
  const expected = await run(js, stencil, plan("jacobi"));
  await using beside = await cuda.open(stencil, plan("jacobi"));
  // An invalid call affects its own session; an error of a kernel breaks the context of all.
  for (const [code, lives] of [[1, true], [719, false]] as const) {
    await using broken = await cuda.open(stencil, plan("jacobi"));
    await fake.while({ FAIL: `cuLaunchKernel 1 ${code}` }, async () => {
      await assert.rejects(async () => await broken.advance(1), /cuLaunchKernel: CUDA_ERROR/);
    });
    await broken[Symbol.asyncDispose]();
    if (lives) await beside.advance(1);
    else await assert.rejects(async () => await beside.advance(1), /UnavailableError: Cannot run "cuda" here: [^\n]+$/);
    assert.deepEqual(await run(cuda, stencil, plan("jacobi")), expected);
  }
});

test(`cuda is not opened on a device that computes wrongly${note}`, { skip }, async () => {
  for (const kernel of ["blocked", "reduce"]) {
    await fake.while({ WRONG: kernel }, async () => {
      const fresh = cudaBackend({ library: fake.library, ptx: fake.ptx });
      await assert.rejects(async () => await fresh.open(stencilOf("a plate", "f64"), plan("jacobi")), {
        name: "UnavailableError",
        message: /^Cannot [^\n]*fake A[^\n]*wrong[^\n]*$/,
      }, kernel);
    });
    fake.assertEmpty(kernel);
  }
});

test(`a program ends well with the driver's threads still at work${note}`, { skip }, () => {
  const program = fileURLToPath(new URL("fake_cuda/ends.ts", import.meta.url));
  const args = "Deno" in globalThis ? ["run", "-A", "--quiet", "--no-check", program] : ["run", program];
  const env = { ...process.env, LAPLACE_CUDA: fake.library, LAPLACE_NATIVE: fake.folder };
  for (let n = 0; n < 3; n++) {
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
    assert.deepEqual([status, signal, stdout], [0, null, "limit 10\n"], stderr);
  }
});
