/**
 * The devices of `opencl`: how they are chosen, what is reported where one is missing, refuses or lacks memory, and the end of
 * a process.
 *
 * @module
 */

import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { SOFTWARE_BYTES } from "../../backends/engine-gpu/backend.ts";
import { chooseDevice, findDevices } from "../../backends/opencl/devices.ts";
import { OpenClDevice } from "../../backends/opencl/device.ts";
import { absence, openCl } from "../../backends/opencl/library.ts";
import opencl, { openDevice } from "../../backends/opencl/mod.ts";
import * as source from "../../backends/opencl/source.ts";
import type { Stencil } from "../../core/contract.ts";
import { lower } from "../../core/discretize/lower.ts";
import { LibraryError } from "../../host/ffi.ts";
import { unfit } from "../../core/methods/memory.ts";
import { stencilOf } from "../support/problems.ts";
import { plan } from "../support/same_bits.ts";
import { testsOn } from "./on_device.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const onDevice = await testsOn(opencl);

onDevice("reports what the compiler reports when kernels cannot be built", async () => {
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

onDevice("counts the memory of a device that is software as this machine's", async () => {
  const cl = await openCl();
  const stencil = lower({ shape: [1000, 1000], source: 1 });
  for (const [at, { software, unified }] of findDevices(cl).devices.entries()) {
    const named = plan("jacobi", { device: `${at}` });
    // Three arrays, and the answer.
    const need = software ? SOFTWARE_BYTES + 40e6 : unified ? 40e6 : 16e6;
    assert.match(unfit(opencl, stencil, named, { bytes: need - 1 })!, /^1000 x 1000 points need 0\.\d GiB of memory/);
    assert.equal(unfit(opencl, stencil, named, { bytes: need }), undefined);
  }
});

onDevice("takes no more memory than it says where kernels are compiled", () => {
  if (process.platform !== "linux") return;
  const cache = mkdtempSync(join(tmpdir(), "laplace-pocl-"));
  try {
    const [before, peak, bytes] = printed(
      `const peak = () => 1024 * /VmHWM:\\s*(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1];
       const { default: opencl } = await import(root + "backends/opencl/mod.ts");
       const { lower } = await import(root + "core/discretize/lower.ts");
       const { solve } = await import(root + "solve/solve.ts");
       const problem = { shape: [33, 33], edges: { north: 1 } };
       await solve(problem, { plugin: "js", method: "jacobi" });
       const before = peak();
       await solve(problem, { plugin: "opencl", method: "jacobi" });
       const { hostBytes } = opencl.estimate(lower(problem), { method: "jacobi", settings: {} });
       console.log(JSON.stringify([before, peak(), hostBytes]));`,
      { POCL_CACHE_DIR: cache },
    ) as [number, number, number];
    // What host/memory.ts keeps for plugins that are loaded.
    const own = 2 ** 26;
    assert.ok(peak - before <= bytes + own, `from ${before} to ${peak}, estimated ${bytes}`);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
});

test("opencl counts the memory of a device without any of its own as this machine's", () => {
  const bytes = printed(
    `const { default: opencl } = await import(root + "backends/opencl/mod.ts");
     const { lower } = await import(root + "core/discretize/lower.ts");
     await opencl.probe();
     const plan = (device) => ({ method: "jacobi", settings: { device } });
     const stencil = lower({ shape: [1000, 1000], dtype: "f32" });
     console.log(JSON.stringify(["one", "two"].map((device) => opencl.estimate(stencil, plan(device)).hostBytes)));`,
    { LAPLACE_OPENCL: fake("two", 2) },
  );
  assert.deepEqual(bytes, [8e6, 0]);
});

/** What a script prints in a process of its own. */
function printed(script: string, env: Readonly<Record<string, string>>): unknown {
  const code = `import { readFileSync } from "node:fs"; const root = ${JSON.stringify(`${root}/`)};\n${script}`;
  const args = "Deno" in globalThis ? ["eval", "--quiet", "--ext=ts", code] : ["--eval", code];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: { ...process.env, ...env },
    cwd: root,
  });
  assert.deepEqual([status, stderr], [0, ""]);
  return JSON.parse(stdout);
}

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

/** What is there, and what is reported; 20 times, since a driver's threads may crash the end of a process now and then. */
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
  test(`opencl reports what is wrong, 20 times: ${what}`, () => saysWhatIsWrong(env(), said, size));
}

onDevice("reports that there is a loader and no driver, 20 times", async () => {
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

test("opencl uses the device with double precision where that is needed", async () => {
  const { code, stdout } = await laplace(["backends", "--json"], { LAPLACE_OPENCL: fake("two", 2) });
  assert.equal(code, 0);
  const found = JSON.parse(stdout).find(({ name }: { name: string }) => name === "opencl");
  assert.equal(found.device, "Fake One (Nothing)");
  const devices = [1, 2].map((handle) => ({
    ...{ handle: BigInt(handle), platform: "Nothing", name: `Fake ${handle}`, software: false, double: handle === 2 },
    ...{ unified: false, memory: 1, largestBuffer: 1, align: 1, threads: 256 },
  }));
  assert.equal(chooseDevice(devices, undefined, true).name, "Fake 2");
  assert.equal(chooseDevice(devices, undefined, false).name, "Fake 1");
  const [single, double] = devices as [(typeof devices)[0], (typeof devices)[0]];
  assert.equal(chooseDevice([{ ...single, software: true }, double], undefined, false).name, "Fake 2");
  // Software is not chosen for its precision: a setting may name it.
  assert.equal(chooseDevice([single, { ...double, software: true }], undefined, true).name, "Fake 1");
});

test("opencl reads digits that are no number of a device as a part of a name", () => {
  const devices = ["RTX 4090", "pocl avx512", "RTX 4080", "one of 512"].map((name, n) => ({
    ...{ handle: BigInt(n), platform: "Nothing", name, software: false, double: true },
    ...{ unified: false, memory: 1, largestBuffer: 1, align: 1, threads: 256 },
  }));
  assert.equal(chooseDevice(devices, "4090", true), devices[0]);
  assert.equal(chooseDevice(devices, "2", true), devices[2]);
  assert.throws(() => chooseDevice(devices, "512", true), /means 2 devices: it is "512"; known: 0: RTX 4090/);
  assert.throws(() => chooseDevice(devices, "77", true), /must be one of these: it is 77; known: 0: RTX 4090/);
});

test("opencl reports which loader is missing: the system's, or the one that LAPLACE_OPENCL names", () => {
  const missing = new LibraryError("missing", "libOpenCL.so.1", "libOpenCL.so.1 does not exist");
  const { reason, fix } = absence(missing, undefined);
  assert.equal(reason, "libOpenCL.so.1 is missing");
  assert.match(fix, /^apt-get install ocl-icd-libopencl1, and install the driver/);
  const other = new LibraryError("symbol", "clFlush", 'libm.so.6 lacks the symbol "clFlush"');
  assert.deepEqual(absence(other, "libm.so.6"), {
    reason: other.message,
    fix: "point LAPLACE_OPENCL at the loader, libOpenCL.so.1, or unset it",
    broken: true,
  });
});

/** Builds a fake libOpenCL. */
function fake(name: string, devices: number): string {
  const folder = join(tmpdir(), `laplace-fake-opencl-${process.pid}`);
  const library = join(folder, `libfake_${name}.so`);
  const driver = join(root, "tests/gpu/fake_opencl/driver.c");
  execFileSync("mkdir", ["-p", folder]);
  execFileSync(process.env.CC || "gcc", ["-shared", "-fPIC", `-DPLATFORM_DEVICES=${devices}`, driver, "-o", library]);
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return library;
}
