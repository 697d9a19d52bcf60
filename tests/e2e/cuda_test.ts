/**
 * `--plugin cuda` as a user meets it, with a fake driver in the place of NVIDIA's: what it writes, and how it ends on a
 * machine that cannot run it.
 */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { required } from "../../conformance/required.ts";
import { makeFake, noFake } from "../gpu/fake_cuda/fake.ts";
import { inEmptyFolder, laplace, root } from "./harness.ts";

const skip = noFake !== undefined && !required("fake", "LAPLACE_REQUIRE_CUDA");
const note = skip ? `: skipped, ${noFake}` : "";
const fake = noFake === undefined ? await makeFake() : undefined;
/** The kernels that this installation has, or stand-ins for them. */
const installed = existsSync(join(root, "native/build/kernels_f64.ptx"));
const driver = { LAPLACE_CUDA: fake?.library ?? "", ...(!installed && { LAPLACE_NATIVE: fake?.folder ?? "" }) };

test(`cuda is listed with its device${note}`, { skip }, async () => {
  const { code, stdout } = await laplace(["backends", "--json"], { env: driver });
  assert.equal(code, 0);
  const found = (JSON.parse(stdout) as { name: string; device?: string }[]).find(({ name }) => name === "cuda")!;
  assert.equal(found.device, "fake A, 1.0 GiB");
});

test(`cuda writes the bytes of js${note}`, { skip }, () =>
  inEmptyFolder(async (cwd) => {
    for (const dtype of ["f64", "f32"]) {
      for (const method of ["jacobi", "sor"]) {
        const args = ["--size", "97x131", "--method", method, "--dtype", dtype, "--max-sweeps", "75", "--quiet"];
        for (const [plugin, ...more] of [["js"], ["cuda"], ["cuda", "--set", "device=fake"]]) {
          const out = `${plugin}${more.length}.npy`;
          const run = await laplace(["solve", ...args, "--plugin", plugin!, ...more, "--out", out], {
            cwd,
            env: driver,
          });
          assert.equal(run.code, 1, run.stderr);
        }
        const [js, ...others] = ["js0", "cuda0", "cuda2"].map((name) => readFileSync(join(cwd, `${name}.npy`)));
        for (const other of others) assert.ok(js!.equals(other), `${method} ${dtype}`);
      }
    }
  }));

test(`cuda converges by multigrid, with free edges too${note}`, { skip }, async () => {
  for (const problem of [["--size", "129"], [join(root, "tests/cases/insulated.toml")]]) {
    const args = ["solve", ...problem, "--plugin", "cuda", "--method", "multigrid", "--json"];
    const { code, stdout, stderr } = await laplace(args, { env: driver });
    assert.equal(code, 0, stderr);
    const { status, device } = JSON.parse(stdout);
    assert.deepEqual([status, device], ["converged", "fake A, 1.0 GiB"]);
  }
});

test(`cuda reports which device it was that solved${note}`, { skip }, async () => {
  const args = ["solve", "--plugin", "cuda", "--set", "device=1", "--size", "65", "--method", "sor", "--json"];
  const { code, stdout, stderr } = await laplace(args, { env: { ...driver, FAKE_CUDA_DEVICES: "2" } });
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).device, "fake B, 1.0 GiB");
});

const refusals: readonly [what: string, env: Record<string, string>, message: RegExp][] = [
  [
    "there is no driver",
    { LAPLACE_CUDA: "/nowhere/libcuda.so.1" },
    /libcuda\.so\.1 does not exist; point LAPLACE_CUDA/,
  ],
  ["there is no device", { FAKE_CUDA_DEVICES: "0" }, /the NVIDIA driver finds no device .*; see what nvidia-smi says/],
  ["there is too little memory", { FAKE_CUDA_MEMORY: "1000000" }, /GiB on the device|GiB more are needed/],
  ["its device computes wrongly", { FAKE_CUDA_WRONG: "blocked" }, /fake A, 1.0 GiB: it computes wrongly/],
  [
    "a launch fails",
    { FAKE_CUDA_FAIL: "cuLaunchKernel 30 719" },
    /cuLaunchKernel: CUDA_ERROR_LAUNCH_FAILED: .*; see dmesg/,
  ],
  ["there are no kernels", { LAPLACE_NATIVE: "/nowhere" }, /built without kernels for CUDA; install nvcc/],
];

for (const [what, env, message] of refusals) {
  test(`cuda ends with code 3 and a line where ${what}${note}`, { skip }, async () => {
    const all = ["solve", "--plugin", "cuda", "--size", "257", "--method", "jacobi", "--quiet"];
    for (let run = 0; run < 3; run++) {
      const { code, stdout, stderr } = await laplace(all, { env: { ...driver, ...env } });
      assert.deepEqual([code, stdout], [3, ""], stderr);
      assert.match(stderr, /^laplace: Cannot [^\n]*\n$/);
      assert.match(stderr, message);
    }
  });
}

test(`cuda ends as it should after a solve that was cut short${note}`, { skip }, async () => {
  const args = ["solve", "--plugin", "cuda", "--size", "513", "--method", "jacobi", "--progress", "text"];
  const { code, stderr } = await laplace(args, { env: driver, until: /sweep/ });
  assert.equal(code, 130, stderr);
});
