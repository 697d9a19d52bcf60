/**
 * The native libraries under AddressSanitizer and UndefinedBehaviorSanitizer: harness.c calls all of the C interface, here on
 * small grids. `deno task test:sanitize` adds larger ones, other settings, and ThreadSanitizer on grids in two threads of the
 * model "C"; not on OpenMP, since libgomp's barriers are not instrumented, so that every parallel loop would be reported.
 */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const all = process.env.LAPLACE_SANITIZE === "all";
const skip = process.platform !== "linux" || spawnSync("gcc", ["--version"]).status !== 0;
const folder = mkdtempSync(`${tmpdir()}/laplace-`);
after(() => rmSync(folder, { recursive: true }));

/** The folder of a build; a comma would end a path in a linker's option. */
const place = (kinds: string) => `${folder}/${kinds.replace(",", "-")}`;
const checks = (kinds: string) => ["-O0", "-g", `-fsanitize=${kinds}`, "-fno-sanitize-recover=all"];
const gcc = (...args: string[]) => execFileSync("gcc", args, { cwd: `${root}native`, stdio: "inherit" });

/** Builds the libraries whose name has `only`, for the baseline instruction set. */
function build(kinds: string, only: string): void {
  const run = "Deno" in globalThis ? ["run", "-A"] : ["run"];
  const args = [...run, "native/build.ts", "--baseline", "--out", place(kinds), "--only", only];
  const env = { ...process.env, CFLAGS: checks(kinds).join(" ") };
  execFileSync(process.execPath, args, { cwd: root, env, stdio: ["ignore", "inherit", "pipe"] });
}

/** Runs the harness with a library. @returns its status and what the sanitizer reports. */
function harness(kinds: string, library: string, ...args: string[]) {
  const program = `${folder}/harness-${library}`;
  const source = `${root}tests/native/harness.c`;
  const linked = [`${place(kinds)}/${library}`, `-Wl,-rpath,${place(kinds)}`, "-lpthread", "-lm"];
  gcc(...checks(kinds), "-Wall", "-Wextra", "-Werror", "-Iinclude", source, ...linked, "-o", program);
  // Threads that spin keep others from their cores: with sanitizers all wait long.
  const env = { ...process.env, OMP_WAIT_POLICY: "passive" };
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8", env });
  return { status, stderr };
}

const memory = "address,undefined";
const clean = { status: 0, stderr: "" };

test("the native libraries access no memory out of bounds, and do nothing undefined", { skip }, async (t) => {
  build(memory, "liblaplace_");
  const settings: [string, string][] = [["c", "block=4x64"], ["omp", "threads=2"]];
  if (all) {
    settings.push(["c", ""], ["c", "block=auto"], ["omp", "threads=5\nblock=off"], ["omp", "threads=3\nblock=3x100"]);
  }
  for (const [model, text] of settings) {
    await t.test(`${model} ${JSON.stringify(text)}`, () => {
      assert.deepEqual(harness(memory, `liblaplace_${model}.so`, text, ...(all ? ["large"] : [])), clean);
    });
  }

  await t.test("a planted overrun of one element is reported", () => {
    const source = readFileSync(`${root}native/cg/cg.c`, "utf8");
    const size = "(size_t)grid->rows * sizeof *vectors->sums";
    const planted = source.replace(size, size.replace("(size_t)grid->rows", "((size_t)grid->rows - 2)"));
    assert.notEqual(planted, source);
    writeFileSync(`${folder}/cg.c`, planted.replaceAll('#include "', `#include "${root}native/cg/`));
    gcc(
      ...checks(memory),
      "-std=gnu11",
      "-fPIC",
      "-fvisibility=hidden",
      "-c",
      `${folder}/cg.c`,
      "-o",
      `${folder}/cg.o`,
    );
    const objects = globSync(`${place(memory)}/objects/*.o`).filter((file) => !/models_omp|fortran|cg_cg/.test(file));
    gcc("-shared", ...objects, `${folder}/cg.o`, "-o", `${place(memory)}/libplanted.so`);
    const { status, stderr } = harness(memory, "libplanted.so", "");
    assert.notEqual(status, 0);
    assert.match(stderr, /AddressSanitizer: heap-buffer-overflow[^]*located 0 bytes (to the right of|after)/);
  });
});

test("two threads may use grids of their own at once", { skip: skip || !all }, () => {
  build("thread", "liblaplace_c");
  assert.deepEqual(harness("thread", "liblaplace_c.so", "block=auto"), clean);
});
