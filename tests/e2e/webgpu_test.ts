/** The plugin `webgpu` as a user runs it: the bytes of `js`, a clean exit each time, and one line where it cannot run. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { required } from "../../conformance/required.ts";
import { command, complaint, inEmptyFolder, laplace, root } from "./harness.ts";

interface Row {
  readonly name: string;
  readonly available: boolean;
  readonly reason?: string;
  readonly fix?: string;
}

/** What `laplace backends` says of it. */
async function listed(env: Record<string, string> = {}): Promise<Row> {
  const { code, stdout, stderr } = await laplace(["backends", "--json"], { env });
  assert.deepEqual([code, stderr], [0, ""]);
  return (JSON.parse(stdout) as Row[]).find(({ name }) => name === "webgpu")!;
}

const { available, reason } = await listed();
const skip = !available && !required("webgpu");
const note = available ? "" : `: skipped, ${reason}`;
const webgpu = ["--plugin", "webgpu", "--dtype", "f32"];

/** The environment of a machine without a driver. */
const bare = {
  VK_ICD_FILENAMES: "/nonexistent",
  VK_DRIVER_FILES: "/nonexistent",
  __EGL_VENDOR_LIBRARY_FILENAMES: "/nonexistent",
};

test(`webgpu writes the bytes of js${note}`, { skip }, () =>
  inEmptyFolder(async (cwd) => {
    const insulated = join(root, "tests/cases/insulated.toml");
    for (
      const args of [
        ["--size", "97x131", "--method", "jacobi", "--max-sweeps", "100"],
        ["--size", "97x131", "--method", "sor", "--max-sweeps", "75"],
        [insulated, "--method", "jacobi", "--max-sweeps", "60"],
      ]
    ) {
      const bytes = [];
      for (const plugin of ["js", "webgpu"]) {
        const more = ["--dtype", "f32", "--plugin", plugin, "--quiet", "--out", `${plugin}.npy`];
        const { code, stderr } = await laplace(["solve", ...args, ...more], { cwd });
        assert.deepEqual([code, stderr], [1, ""], args.join(" "));
        bytes.push(readFileSync(join(cwd, `${plugin}.npy`)));
      }
      assert.ok(bytes[0]!.equals(bytes[1]!), args.join(" "));
    }
  }));

test(`webgpu ends cleanly, twenty times${note}`, { skip }, async () => {
  for (let n = 0; n < 20; n++) {
    const method = ["jacobi", "sor", "multigrid"][n % 3]!;
    const { code, stdout, stderr } = await laplace([
      "solve",
      ...webgpu,
      "--size",
      "17",
      "--method",
      method,
      "--json",
      "--quiet",
    ]);
    assert.deepEqual([code, stderr], [0, ""], `run ${n}, ${method}`);
    assert.equal(JSON.parse(stdout).status, "converged");
  }
});

test(`webgpu says in one line what is wrong with a setting, or the type${note}`, { skip }, async () => {
  const solve = (...args: string[]) => laplace(["solve", ...webgpu, ...args]);
  assert.equal(complaint(await solve("--set", "adapter=none such"), 2, "there are: 0 "), undefined);
  assert.equal(complaint(await solve("--set", "adapter="), 2, '"adapter"'), undefined);
  assert.equal(complaint(await laplace(["solve", "--plugin", "webgpu", "--dtype", "f64"]), 3, "only f32"), undefined);
});

test(`webgpu prints nothing where Mesa cannot keep what it compiles${note}`, { skip }, async () => {
  const env = { MESA_SHADER_CACHE_DIR: "/dev/null" };
  const { code, stderr } = await laplace(["solve", ...webgpu, "--size", "17", "--quiet"], { env });
  assert.deepEqual([code, stderr], [0, ""]);
});

test(`webgpu takes the software that there is for the fallback${note}`, { skip }, async () => {
  const run = await laplace(["solve", ...webgpu, "--size", "17", "--quiet", "--set", "adapter=fallback"]);
  // A GPU alone has none.
  if (run.code !== 0) return assert.equal(complaint(run, 2, "no adapter is that"), undefined);
  assert.equal(run.stderr, "");
});

if (process.env.LAPLACE_BIN && available) {
  test("webgpu says in one line that the binary cannot unpack it", async () => {
    const solve = ["solve", ...webgpu, "--size", "9", "--quiet"];
    const { code, stderr } = await laplace(solve, { env: { TMPDIR: "/proc" } });
    assert.deepEqual([code, stderr], [0, ""], "it is unpacked into memory");
    const by = ["sh", "-c", 'ulimit -f 100 && exec "$0" "$@"', ...command];
    const run = await laplace(solve, { by, env: { TMPDIR: "/none" } });
    const says = "libwebgpu_wrapper.so could not be unpacked: TMPDIR (/none) does not exist; make TMPDIR a folder";
    assert.equal(complaint(run, 3, says), undefined);
  });
}

test(`webgpu ends soon after an interrupt${note}`, { skip }, async () => {
  const args = ["solve", ...webgpu, "--size", "513", "--method", "jacobi", "--progress", "text"];
  const { code, stderr } = await laplace(args, { until: /sweeps/ });
  assert.equal(code, 130, stderr);
});

test("webgpu says in one line that there is no driver, and what to install", async () => {
  const row = await listed(bare);
  assert.equal(row.available, false);
  assert.match(
    `${row.reason}; ${row.fix}`,
    /^no driver gives WebGPU an adapter; .*apt-get install.* mesa-vulkan-drivers/,
  );
  const run = await laplace(["solve", ...webgpu, "--size", "9"], { env: bare });
  assert.equal(complaint(run, 3, "mesa-vulkan-drivers"), undefined);
});
