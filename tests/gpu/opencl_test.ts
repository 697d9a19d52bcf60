/**
 * `opencl` beyond the suite of all backends: its bits for any shape and block, in bands, with sizes compiled in; levels against
 * the reference; errors, the end of a process. LAPLACE_REQUIRE=opencl requires a device; PoCL will do.
 */

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openOn } from "../../backends/engine-gpu/backend.ts";
import { gpuKernels } from "../../backends/engine-gpu/kernels.ts";
import { chooseDevice, findDevices } from "../../backends/opencl/devices.ts";
import { OpenClDevice, type Options } from "../../backends/opencl/device.ts";
import { absence, openCl } from "../../backends/opencl/library.ts";
import opencl, { openDevice } from "../../backends/opencl/mod.ts";
import * as source from "../../backends/opencl/source.ts";
import { jsKernels } from "../../backends/js/kernels.ts";
import js from "../../backends/js/mod.ts";
import { required } from "../../conformance/required.ts";
import { unfit } from "../../solve/memory.ts";
import type { Backend, Dtype, Stencil } from "../../core/contract.ts";
import { roundoff } from "../../core/dtype.ts";
import type { Kernels, Layout } from "../../core/kernels/kernels.ts";
import { levelSizes } from "../../core/methods/hierarchy.ts";
import { openSession } from "../../core/session.ts";
import { lower } from "../../core/discretize/lower.ts";
import { LibraryError } from "../../host/ffi.ts";
import * as randomRuns from "../support/random_runs.ts";
import { problems, stencilOf } from "../support/problems.ts";
import { assertNaNSurfaces, assertSameBits, plan, run } from "../support/same_bits.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const probe = await opencl.probe();
const skip = !probe.available && !required("opencl");

/** Runs a test that needs a device, or skips it and says why. */
function onDevice(title: string, body: () => Promise<void>): void {
  test(`opencl ${title}${probe.available ? "" : ` (${probe.reason})`}`, { skip }, body);
}

/** The backend with a device that is opened otherwise. */
function opening(options: Options, block?: number): Backend {
  return {
    ...opencl,
    open: async (stencil, plan, domain) =>
      await openOn(await openDevice(stencil.dtype, plan, options), stencil, plan, domain, block),
  };
}

for (const block of ["off", "2", "3", "8"]) {
  onDevice(`gives the bits of js with block=${block}`, async () => {
    for (const name of Object.keys(problems)) await assertSameBits(opencl, name, { block });
  });
}

onDevice(`gives the bits of js for any shape, block and batches, seed ${randomRuns.seed}`, async () => {
  await randomRuns.assertAnyRun(opencl, undefined, 60, (sweeps) => `${1 + sweeps % 8}`);
});

onDevice("gives the bits of js in bands, where a device binds little at once", async () => {
  // Thirteen rows of a plate, or two of the fields of a weighted stencil.
  for (const name of Object.keys(problems)) await assertSameBits(opening({ largest: 13 * 256 }), name);
  const stencil = lower({ shape: [97, 131], edges: { north: 100, west: 75, east: 50 }, source: 1 });
  const want = await run(js, stencil, plan("jacobi"));
  for (const largest of [3, 5, 20, 60]) {
    assert.deepEqual(await run(opening({ largest: largest * 1280 }, 1), stencil, plan("jacobi")), want);
    if (largest > 12) {
      assert.deepEqual(await run(opening({ largest: largest * 1280 }, 4), stencil, plan("jacobi")), want);
    }
  }
});

onDevice("gives the bits of js with the form and the pitch compiled in", async () => {
  const names = [
    "a plate",
    "a stretched plate",
    "a plate with a source",
    "a stretched plate with a source",
    "free edges",
  ];
  for (const name of names) await assertSameBits(opening({ worthAProgram: 0 }), name);
});

onDevice("gives the bits of js after 300 sweeps from zero, subnormal numbers included", async () => {
  for (const dtype of ["f64", "f32"] as const) {
    const stencil = lower({ shape: [97, 131], dtype, edges: { north: 100, west: 75, east: 50 } });
    const sweep = async (backend: Backend) => {
      await using session = await backend.open(stencil, plan("jacobi"));
      return [await session.advance(300), await session.read("global")];
    };
    assert.deepEqual(await sweep(opencl), await sweep(js));
  }
});

onDevice("gives the bits of js while it finds out how many sweeps a launch does best", async () => {
  const stencil = lower({ shape: [1025, 1030], edges: { north: 100, west: 75, east: 50 } });
  const sweep = async (backend: Backend) => {
    await using session = await backend.open(stencil, plan("jacobi"));
    const batches = [await session.advance(1), await session.advance(300), await session.advance(11)];
    const u = (await session.read("global"))!;
    return { batches, u };
  };
  const [ours, theirs] = [await sweep(opencl), await sweep(js)];
  assert.deepEqual(ours.batches, theirs.batches);
  assert.ok(ours.u.every((x, k) => Object.is(x, theirs.u[k])));
});

onDevice("surfaces NaN", () => assertNaNSurfaces(opencl, { block: "3" }));

onDevice("makes the levels of the reference, within rounding", async () => {
  for (
    const [name, { dtype, largest }] of [
      ...Object.keys(problems).map((name) => [name, { dtype: "f64", largest: Infinity }] as const),
      ["a plate", { dtype: "f64", largest: 60 * 256 }] as const,
      ["free edges", { dtype: "f64", largest: 60 * 256 }] as const,
      ["free edges", { dtype: "f32", largest: Infinity }] as const,
    ]
  ) {
    const stencil = stencilOf(name, dtype as Dtype);
    const device = await openDevice(stencil.dtype, plan("multigrid"), { largest });
    const ours = await equationsBelow(gpuKernels(device, 1), stencil);
    const theirs = await equationsBelow(jsKernels(), stencil);
    assert.equal(ours.length, theirs.length);
    theirs.forEach((level, n) => {
      const size = level.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      // A coefficient is a sum of at most 81 products of three, each of a weight that took some twenty operations.
      const tolerance = 256 * roundoff(dtype) * size * (n + 1);
      level.forEach((value, at) => {
        assert.ok(
          Math.abs(value - ours[n]![at]!) <= tolerance,
          `${name}, level ${n}, ${at}: ${ours[n]![at]}, not ${value}`,
        );
      });
    });
  }
});

onDevice("refines as the reference does, in bands, too", async () => {
  const layoutOf = (rows: number, cols: number): Layout => ({
    ...{ kind: "plain", dtype: "f64", shape: [rows, cols], periodic: [false, false], parity: 0, cx: 0.25, cy: 0.25 },
    ...{ inner: { rows: [1, rows - 1], cols: [1, cols - 1] }, source: false, diagonal: false },
  });
  const refined = async <G>(kernels: Kernels<G>, my: number, mx: number) => {
    const [fine, coarse] = [layoutOf(2 * my - 1, 2 * mx - 1), layoutOf(my, mx)];
    const grids = [await kernels.create(fine), await kernels.create(coarse)] as const;
    for (const [n, { shape: [ny, nx] }] of [fine, coarse].entries()) {
      const block = { rows: [0, ny], cols: [0, nx] } as const;
      await kernels.write(
        grids[n]!,
        "u",
        block,
        Float64Array.from({ length: ny * nx }, (_, k) => Math.sqrt(k * 37 % 101)),
      );
    }
    await kernels.multigrid!.prolongSolution!(grids[0], grids[1]);
    const u = await kernels.read(grids[0], { rows: [0, 2 * my - 1], cols: [0, 2 * mx - 1] });
    for (const grid of grids) await kernels.free(grid);
    await kernels.close?.();
    return u;
  };
  for (const [my, mx] of [[4, 4], [5, 9], [33, 40]] as const) {
    const want = await refined(jsKernels(), my, mx);
    for (const largest of [Infinity, 16 * 768]) {
      const device = await openDevice("f64", plan("multigrid"), { largest });
      assert.deepEqual(await refined(gpuKernels(device, 1), my, mx), want);
    }
  }
});

/** The equations of all levels below the grid of a stencil. */
async function equationsBelow<G, L>(kernels: Kernels<G, L>, stencil: Stencil): Promise<Float64Array[]> {
  let grid: G | undefined;
  const spied = {
    ...kernels,
    create: async (layout: Parameters<typeof kernels.create>[0]) => grid = await kernels.create(layout),
  };
  await using _session = await openSession(spied, stencil, plan("multigrid"));
  const { levels: operations, ...multigrid } = kernels.multigrid!;
  const levels: L[] = [];
  const found: Float64Array[] = [];
  for (const { axes } of levelSizes(stencil)) {
    const last = levels.at(-1);
    levels.push(await (last === undefined ? multigrid.coarsen(grid!, axes) : operations.coarsen(last, axes)));
    found.push(await operations.readOperator(levels.at(-1)!));
  }
  for (const level of levels.toReversed()) await operations.free(level);
  return found;
}

onDevice("times its launches", async () => {
  const device = await openDevice("f64", plan("jacobi"), { timing: true });
  const session = await openOn(device, stencilOf("a plate", "f64"), plan("jacobi"), undefined, 1);
  await session.advance(9);
  await session[Symbol.asyncDispose]();
  // Nine sweeps, and the one that the residual is.
  assert.equal(device.timings.get("sweep")!.launches, 10);
  assert.ok(device.timings.get("sweep")!.seconds > 0);
});

onDevice("says what the compiler says when kernels cannot be built", async () => {
  const cl = await openCl();
  const found = chooseDevice(findDevices(cl).devices, undefined, true);
  assert.throws(
    () => new OpenClDevice(cl, found, "f64", { ...source, all: "nonsense" }, { macros: { UNUSED: 1 } }),
    /^UnavailableError: Cannot build the kernels with OpenCL: .*error: .*; update the device's driver, or try another --plugin$/,
  );
});

onDevice("finds a device by number and by a part of its name, and lists all for a wrong one", async () => {
  const stencil = stencilOf("a plate", "f64");
  const name = findDevices(await openCl()).devices[0]!.name;
  for (const device of ["0", name.slice(1).toUpperCase()]) {
    await using session = await opencl.open(stencil, plan("jacobi", { device }));
    assert.ok(session.about!.device!.startsWith(name), session.about!.device);
  }
  for (const device of ["99", "no such device"]) {
    await assert.rejects(
      async () => await opencl.open(stencil, plan("jacobi", { device })),
      (cause: Error) => cause.name === "ConfigError" && cause.message.includes(`known: 0: ${name}`),
    );
  }
});

onDevice("refuses what its memory does not hold, before and while it allocates", async () => {
  const stencil = { ...lower({ shape: [9, 9] }), shape: [2_000_000, 2_000_000] } as Stencil;
  assert.match(
    opencl.estimate!(stencil, plan("jacobi")).rejects!,
    /^2000000 x 2000000 points need \d+\.\d GiB on the device, and /,
  );
  const device = await openDevice("f64", plan("jacobi"));
  assert.throws(
    () => device.allocate(2 ** 50),
    /^UnavailableError: Cannot allocate memory on the device: 1048576\.00 GiB more/,
  );
  await device.close();
});

onDevice("counts what a device keeps that is software as this machine's memory", async () => {
  const cl = await openCl();
  const stencil = lower({ shape: [1000, 1000], source: 1 });
  for (const [at, { software }] of findDevices(cl).devices.entries()) {
    const named = plan("jacobi", { device: `${at}` });
    // Three arrays, and the answer.
    const need = software ? 32e6 : 8e6;
    assert.match(unfit(opencl, stencil, named, need - 1)!, /^1000 x 1000 points need 0\.0 GiB of memory/);
    assert.equal(unfit(opencl, stencil, named, need), undefined);
  }
});

/** Runs `laplace` from source under this runtime. */
function laplace(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const deno = "Deno" in globalThis ? ["run", "-A", "--quiet", "--no-check"] : ["run"];
  return new Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>((resolve) => {
    const child = spawn(process.execPath, [...deno, join(root, "cli.ts"), ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => stdout += chunk);
    child.stderr.on("data", (chunk) => stderr += chunk);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** What is there, and what is said; 20 times, since a driver's threads may end a process badly now and then. */
const reasons: readonly [what: string, env: () => Record<string, string>, said: RegExp, size?: string][] = [
  [
    "a loader that was named and is not there",
    () => ({ LAPLACE_OPENCL: "/nowhere/libOpenCL.so.1" }),
    /here: \/nowhere\/libOpenCL\.so\.1 does not exist; point LAPLACE_OPENCL at the loader, libOpenCL\.so\.1, or unset it$/m,
  ],
  [
    "a driver without a device",
    () => ({ LAPLACE_OPENCL: fake("none", 0) }),
    /OpenCL has a driver, and no device; see whether clinfo lists it; for PoCL make HOME or POCL_CACHE_DIR a folder /,
  ],
  [
    "a device that does not open",
    () => ({ LAPLACE_OPENCL: fake("two", 2) }),
    /Cannot open the device with OpenCL: the device is not available \(error -2\); try another --set device or --plugin/,
  ],
  [
    "too little memory",
    () => ({ LAPLACE_OPENCL: fake("two", 2) }),
    /"opencl" here: 9000 x 9000 points need 1\.2 GiB on the device, and 1\.0 GiB are free$/m,
    "9000",
  ],
];
for (const [what, env, said, size = "9"] of reasons) {
  test(`opencl says what is wrong, 20 times: ${what}`, () => saysWhatIsWrong(env(), said, size));
}

onDevice("says that there is a loader and no driver, 20 times", async () => {
  const empty = mkdtempSync(join(tmpdir(), "laplace-icd-"));
  try {
    await saysWhatIsWrong(
      { OCL_ICD_VENDORS: `${empty}/` },
      /here: OpenCL has no driver here; install the driver of/,
      "9",
    );
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
});

async function saysWhatIsWrong(env: Record<string, string>, said: RegExp, size: string): Promise<void> {
  for (let n = 0; n < 20; n++) {
    const args = ["solve", "--size", size, "--plugin", "opencl", "--method", "jacobi"];
    const { code, signal, stdout, stderr } = await laplace(args, env);
    assert.deepEqual([code, signal, stdout], [3, null, ""], stderr);
    assert.match(stderr, said);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
  }
}

test("opencl takes the device that has double precision where that is asked for", async () => {
  const { code, stdout } = await laplace(["backends", "--json"], { LAPLACE_OPENCL: fake("two", 2) });
  assert.equal(code, 0);
  const found = JSON.parse(stdout).find(({ name }: { name: string }) => name === "opencl");
  assert.equal(found.device, "Fake One (Nothing)");
  const devices = [1, 2].map((handle) => ({
    ...{ handle: BigInt(handle), platform: "Nothing", name: `Fake ${handle}`, software: false, double: handle === 2 },
    ...{ memory: 1, largestBuffer: 1, align: 1, threads: 256 },
  }));
  assert.equal(chooseDevice(devices, undefined, true).name, "Fake 2");
  assert.equal(chooseDevice(devices, undefined, false).name, "Fake 1");
  const [single, double] = devices as [(typeof devices)[0], (typeof devices)[0]];
  assert.equal(chooseDevice([{ ...single, software: true }, double], undefined, false).name, "Fake 2");
  // Software is not taken for its precision: who wants it names it.
  assert.equal(chooseDevice([single, { ...double, software: true }], undefined, true).name, "Fake 1");
});

test("opencl takes digits that are no number of a device for a part of a name", () => {
  const devices = ["RTX 4090", "pocl avx512", "RTX 4080", "one of 512"].map((name, n) => ({
    ...{ handle: BigInt(n), platform: "Nothing", name, software: false, double: true },
    ...{ memory: 1, largestBuffer: 1, align: 1, threads: 256 },
  }));
  assert.equal(chooseDevice(devices, "4090", true), devices[0]);
  assert.equal(chooseDevice(devices, "2", true), devices[2]);
  assert.throws(() => chooseDevice(devices, "512", true), /means 2 devices: it is "512"; known: 0: RTX 4090/);
  assert.throws(() => chooseDevice(devices, "77", true), /must be one of these: it is 77; known: 0: RTX 4090/);
});

test("opencl says which loader is missing: the system's, or the one that LAPLACE_OPENCL names", () => {
  const missing = new LibraryError("missing", "libOpenCL.so.1", "libOpenCL.so.1 does not exist");
  const { reason, fix } = absence(missing, undefined);
  assert.equal(reason, "libOpenCL.so.1 is missing");
  assert.match(fix, /^apt-get install ocl-icd-libopencl1, and install the driver/);
  const other = new LibraryError("symbol", "clFlush", 'libm.so.6 lacks the symbol "clFlush"');
  assert.deepEqual(absence(other, "libm.so.6"), {
    reason: other.message,
    fix: "point LAPLACE_OPENCL at the loader, libOpenCL.so.1, or unset it",
  });
});

/** A libOpenCL without substance. */
function fake(name: string, devices: number): string {
  const folder = join(tmpdir(), `laplace-fake-opencl-${process.pid}`);
  const library = join(folder, `libfake_${name}.so`);
  const driver = join(root, "tests/gpu/fake_opencl/driver.c");
  execFileSync("mkdir", ["-p", folder]);
  execFileSync(process.env.CC || "gcc", ["-shared", "-fPIC", `-DPLATFORM_DEVICES=${devices}`, driver, "-o", library]);
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return library;
}
