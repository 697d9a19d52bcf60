/**
 * The binding of the CUDA driver, on a fake one: which devices there are, which is chosen, and whether tables and the fake
 * agree with cuda.h and with native/gpu/. tests/gpu/cuda_device_test.ts has a device, cuda_test.ts the backend.
 *
 * @module
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { choose, describeAll, tooOld, unfit } from "../../backends/cuda/choose.ts";
import { openDriver } from "../../backends/cuda/driver.ts";
import { attributes, codes, functions, jit, memory } from "../../backends/cuda/functions.ts";
import { required } from "../../conformance/required.ts";
import { declared } from "./fake_cuda/build.ts";
import { makeFake, noFake } from "./fake_cuda/fake.ts";

const skip = noFake !== undefined && !required("fake", "LAPLACE_REQUIRE_CUDA");
const note = skip ? `: skipped, ${noFake}` : "";
const fake = noFake === undefined ? await makeFake() : undefined;

test(`the driver describes its devices${note}`, { skip }, async () => {
  await fake!.while({ DEVICES: "2", MEMORY: String(2 ** 33 + 5), CAPABILITY: "121", VERSION: "12080" }, async () => {
    const driver = await openDriver(fake!.library);
    assert.deepEqual([driver.version, driver.devices], [12080, 2]);
    const all = describeAll(driver);
    const same = { memory: 2 ** 33 + 5, unified: false, capability: 121 };
    assert.deepEqual(all, [{ number: 0, name: "fake A", ...same }, { number: 1, name: "fake B", ...same }]);
    assert.equal(choose(all, undefined), all[0]);
    assert.equal(choose(all, "1"), all[1]);
    assert.equal(choose(all, "E b"), all[1]);
    const wrong = [
      ["2", "must be one of these: it is 2"],
      ["H100", 'means no device: it is "H100"'],
      ["fake", 'means 2 devices: it is "fake"'],
    ] as const;
    for (const [wanted, says] of wrong) {
      assert.throws(() => choose(all, wanted), {
        name: "ConfigError",
        message: `Setting "device" of "cuda" ${says}; known: 0: fake A; 1: fake B`,
      });
    }
    assert.equal(unfit(all[0]!), undefined);
    assert.equal(tooOld(driver), undefined);
  });
});

test("a device that is too old for the kernels is not the default", () => {
  const old = { number: 0, name: "GTX 1080", memory: 2 ** 33, unified: false, capability: 61 };
  const newer = { number: 1, name: "RTX 2060", memory: 2 ** 32, unified: false, capability: 75 };
  assert.equal(choose([old, newer], undefined), newer);
  assert.equal(choose([old], undefined), old);
  // Digits that are no number of a device are a part of its name.
  assert.equal(choose([old, newer], "2060"), newer);
  assert.equal(choose([old, newer], "1"), newer);
  assert.equal(unfit(old)!.reason, "GTX 1080 has compute capability 6.1, and the kernels need 7.5");
});

const cudaH = ["/usr/local/cuda/include/cuda.h", "/usr/include/cuda.h"].find(existsSync);
test(`tables and the fake driver agree with cuda.h${cudaH ? "" : ": skipped, there is no cuda.h"}`, {
  skip: cudaH === undefined || noFake !== undefined,
}, () => {
  const here = fileURLToPath(new URL("fake_cuda/", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "laplace-"));
  try {
    const constants = [
      ...Object.entries(codes).map(([name, value]) => [`CUDA_ERROR_${name}`, value]),
      ...Object.entries(attributes).map(([name, value]) => [`CU_DEVICE_ATTRIBUTE_${name}`, value]),
      ...Object.entries(jit).map(([name, value]) => [`CU_JIT_${name}`, value]),
      ...Object.entries(memory).map(([name, value]) => [`CU_MEMORYTYPE_${name}`, value]),
    ];
    const types = { buffer: "void *", ptr: "void *", i32: "int", i64: "long long" } as const;
    const code = [
      "#include <cuda.h>",
      ...constants.map(([name, value]) => `_Static_assert(${name} == ${value}, "${name}");`),
      // As many arguments as the table has, each convertible.
      ...Object.entries(functions).map(([name, { args }]) => {
        const parameters = args.map((kind, k) => `${types[kind]} a${k}`).join(", ");
        return `int call_${name}(${parameters}) { return ${name}(${args.map((_, k) => `a${k}`).join(", ")}); }`;
      }),
      "",
    ].join("\n");
    const flags = ["-std=gnu11", "-Wall", "-Werror", `-I${cudaH!.replace(/\/cuda\.h$/, "")}`];
    const options = {
      cwd: folder,
      input: code,
      stdio: ["pipe", "inherit", "inherit"] as ["pipe", "inherit", "inherit"],
    };
    execFileSync("gcc", [...flags, "-xc", "-c", "-", "-o", "tables.o"], options);
    // The fake has ints for the enums of cuda.h.
    const loose = ["-DCUDA_H", "-Wextra", "-Wno-enum-conversion", "-Wno-enum-compare", "-Wno-sign-compare"];
    const files = ["driver.c", "memory.c", "launch.c"].map((file) => here + file);
    execFileSync("gcc", [...flags, ...loose, "-c", ...files], options);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("kernels of native/gpu are found with their arguments", () => {
  const all = declared();
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
  const copy = { name: "copy", kinds: "ppii", names: ["origin", "copied", "rows", "width"], writes: ["copied"] };
  assert.deepEqual(all.find(({ name }) => name === "copy"), { ...copy, waits: false });
  assert.ok(all.find(({ name }) => name === "reduce")!.waits);
  // The fake driver, and 8 bytes for each, have room for so many.
  assert.ok(all.every(({ kinds }) => kinds.length <= 64));
});
