/**
 * PTX of the kernels of native/gpu/, as native/ptx.ts makes it. `LAPLACE_REQUIRE_CUDA=ptx` requires nvcc.
 *
 * @module
 */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { required } from "../../conformance/required.ts";
import { buildPtx } from "../../native/ptx.ts";
import { declared } from "./fake_cuda/build.ts";

/** Builds PTX in a folder as on a machine without nvcc. */
function buildWithoutNvcc(folder: string): unknown {
  const module = JSON.stringify(fileURLToPath(new URL("../../native/ptx.ts", import.meta.url)));
  const code = `import { buildPtx } from ${module}; console.log(JSON.stringify(buildPtx("${folder}/")));`;
  writeFileSync(join(folder, "build.ts"), code);
  const args = "Deno" in globalThis ? ["run", "-A", "--no-check"] : ["run"];
  const env = { ...process.env, NVCC: "/nowhere/nvcc" };
  return JSON.parse(execFileSync(process.execPath, [...args, join(folder, "build.ts")], { env, encoding: "utf8" }));
}

const nvcc = spawnSync(process.env.NVCC || "nvcc", ["--version"]).status === 0;
test(`PTX is made of the kernels, without contraction${nvcc ? "" : ": skipped, there is no nvcc"}`, {
  skip: !nvcc && !required("ptx", "LAPLACE_REQUIRE_CUDA"),
}, () => {
  const folder = `${mkdtempSync(join(tmpdir(), "laplace-ptx-"))}/`;
  try {
    mkdirSync(`${folder}objects`);
    const files = ["kernels_f64.ptx", "kernels_f32.ptx"];
    writeFileSync(`${folder}kernels_f32.ptx`, "// laplace f32 of other sources\n");
    assert.deepEqual(buildPtx(folder), { built: files, skipped: [] });
    assert.deepEqual(buildPtx(folder), { built: [], skipped: [] }, "what has not changed is not built again");
    assert.deepEqual(buildWithoutNvcc(folder), { built: [], skipped: [] }, "and stays where nobody could");
    for (const dtype of ["f64", "f32"] as const) {
      const text = readFileSync(`${folder}kernels_${dtype}.ptx`, "utf8");
      const entries = [...text.matchAll(/^\.visible \.entry (\w+)\(([^)]*)\)/gm)].map(([, name, parameters]) => {
        const types = [...parameters!.matchAll(/\.param \.(\w+)/g)].map(([, type]) => type);
        return `${name} ${types.join(" ")}`;
      });
      const real = dtype === "f64" ? "f64" : "f32";
      const types: Record<string, string> = { p: "u64", i: "u32", r: real };
      const wanted = declared().map(({ name, kinds }) => `${name} ${[...kinds].map((kind) => types[kind]).join(" ")}`);
      assert.deepEqual(entries.sort(), wanted.sort());
      assert.doesNotMatch(text, /\bfma\.|\bmad\.rn\.f|\.ftz\b|\.approx\b/);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("PTX of other sources is removed where there is no nvcc", () => {
  const folder = mkdtempSync(join(tmpdir(), "laplace-ptx-"));
  try {
    writeFileSync(join(folder, "kernels_f32.ptx"), "// laplace f32 of other sources\n");
    assert.deepEqual(buildWithoutNvcc(folder), { built: [], skipped: ["kernels_f64.ptx", "kernels_f32.ptx"] });
    assert.ok(!existsSync(join(folder, "kernels_f32.ptx")));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
