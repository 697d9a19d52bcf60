/** All backends, whatever their settings, write the same .npy bytes: through files, as a user would compare them. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import opencl from "../../backends/opencl/mod.ts";
import { required } from "../../conformance/required.ts";
import { inEmptyFolder, laplace, root } from "./harness.ts";

/** Whether a plugin that not every machine can run is among these: where it can, or LAPLACE_REQUIRE says that it must. */
const able = async (name: string, probe: typeof opencl.probe) => required(name) || (await probe()).available;

const variants: readonly (readonly string[])[] = [
  ["js"],
  ["ndarray"],
  ...[1, 2, 3].map((threads) => ["workers", `threads=${threads}`]),
  ["wasm"],
  ...["off", "auto", "8x64", "3x16"].map((block, n) => ["wasm", `threads=${1 + n % 3}`, `block=${block}`]),
  ["ffi-c"],
  ...[1, 2, 3].map((threads) => ["ffi-omp", `threads=${threads}`]),
  ...["static", "dynamic", "guided", "auto"].map((schedule) => ["ffi-omp", `schedule=${schedule}`, "chunk=3"]),
  ["ffi-fortran"],
  ...(await able("opencl", opencl.probe) ? ["off", "3", "8"].map((block) => ["opencl", `block=${block}`]) : []),
];

const runs: readonly [name: string, args: readonly string[]][] = [
  ["500 Jacobi sweeps of a 97 x 131 plate", ["--size", "97x131", "--method", "jacobi", "--max-sweeps", "500"]],
  ["75 sweeps of sor on a 97 x 131 plate, f32", [
    ...["--size", "97x131", "--method", "sor", "--max-sweeps", "75", "--dtype", "f32"],
  ]],
  ["60 Jacobi sweeps with free edges", [
    join(root, "tests/cases/insulated.toml"),
    ...["--method", "jacobi", "--max-sweeps", "60"],
  ]],
];

for (const [name, args] of runs) {
  test(`${name} give the same bytes everywhere`, () =>
    inEmptyFolder(async (cwd) => {
      const digests = new Map<string, string>();
      for (const [n, [plugin, ...settings]] of variants.entries()) {
        if (args.includes("sor") && settings.some((setting) => setting.startsWith("block="))) continue;
        const file = `${n}.npy`;
        const set = settings.flatMap((setting) => ["--set", setting]);
        const run = await laplace(["solve", ...args, "--plugin", plugin!, ...set, "--quiet", "--out", file], { cwd });
        assert.equal(run.code, 1, `${plugin} ${settings}: ${run.stderr}`);
        const digest = createHash("sha256").update(readFileSync(join(cwd, file))).digest("hex");
        digests.set(`${plugin} ${settings.join(" ")}`, digest);
      }
      const reference = digests.get("js ");
      for (const [variant, digest] of digests) assert.equal(digest, reference, variant);
    }));
}
