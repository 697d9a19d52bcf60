/**
 * End to end: the commands that solve no problem, help, and plugins from files. cli_solve_test.ts has `laplace solve`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { requiredNames } from "../../conformance/required.ts";
import { inEmptyFolder, laplace, root } from "./harness.ts";

test("backends lists every plugin, as text and as JSON", async () => {
  const { code, stdout } = await laplace(["backends", "--json"]);
  assert.equal(code, 0);
  const rows = JSON.parse(stdout);
  const folders = readdirSync(join(root, "backends")).filter((name) =>
    existsSync(join(root, "backends", name, "mod.ts"))
  );
  assert.deepEqual(rows.map(({ name }: { name: string }) => name).sort(), folders.sort());
  for (const row of rows) {
    assert.equal(typeof (row.available ? row.device : row.reason), "string");
    if (row.available) assert.ok(row.score > 0 && row.score <= 100);
  }
  const text = await laplace(["backends"]);
  for (const { name } of rows) assert.match(text.stdout, new RegExp(`^${name} `, "m"));
});

test("bench measures after checking and prints rows", async () => {
  const { code, stdout, stderr } = await laplace([
    "bench",
    "--plugin",
    "js",
    "--size",
    "65",
    "--samples",
    "3",
    "--json",
  ]);
  assert.equal(code, 0, stderr);
  const [row] = JSON.parse(stdout);
  for (
    const key of [
      "plugin",
      "method",
      "dtype",
      "shape",
      "threads",
      "ranks",
      "secondsPerSweep",
      "mlups",
      "gbs",
      "machine",
    ]
  ) assert.ok(key in row, key);
  const { min, median, max } = row.secondsPerSweep;
  assert.ok(0 < min && min <= median && median <= max);
});

test("check runs the conformance suite on a plugin outside the tree", () =>
  inEmptyFolder(async (cwd) => {
    const source = readFileSync(join(root, "examples/plugin_ts/mine.ts"), "utf8");
    writeFileSync(join(cwd, "mine.ts"), source);
    const { code, stdout, stderr } = await laplace(["check", "--plugin", "./mine.ts"], { cwd });
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^\d+ passed, 0 failed$/m);
    const solved = await laplace(["solve", "--plugin", "./mine.ts", "--size", "17", "--json"], { cwd });
    assert.equal(JSON.parse(solved.stdout).plugin, "mine");
  }));

const compiler = spawnSync("gcc", ["--version"]).status === 0;
const skip = compiler || requiredNames().length > 0 ? false : "there is no gcc";
test(
  "a plugin in C, built outside the tree, passes the suite and solves",
  { skip },
  () =>
    inEmptyFolder(async (cwd) => {
      const source = [join(root, "examples/plugin_c/plugin.c"), "-I", join(root, "native/include")];
      const built = spawnSync("gcc", ["-O2", "-ffp-contract=off", "-shared", "-fPIC", ...source, "-o", "libmine.so"], {
        cwd,
      });
      assert.equal(built.status, 0, String(built.stderr));
      const checked = await laplace(["check", "--plugin", "./libmine.so"], { cwd });
      assert.match(checked.stdout, /^\d+ passed, 0 failed$/m, checked.stderr);
      const solved = await laplace(["solve", "--plugin", "./libmine.so", "--size", "17", "--json"], { cwd });
      assert.equal(JSON.parse(solved.stdout).plugin, "my-plugin");
    }),
);

test("completions are offered for the shells", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout } = await laplace(["complete", shell]);
    assert.equal(code, 0);
    assert.match(stdout, /laplace/);
  }
});

test("help names every command in the same style, and defaults where there are some", async () => {
  const { code, stdout } = await laplace(["--help"]);
  assert.equal(code, 0);
  const commands = /^Commands:\n([^]*?)\n\n/m.exec(stdout)![1]!;
  for (const found of commands.matchAll(/^ {2}\w+(?: [[<].*?[\]>])* +(\S.*)$/gm)) assert.match(found[1]!, /^[a-z]/);
  assert.match(commands, /^ {2}complete \[shell\] +print completions/m);
  const solving = (await laplace(["solve", "--help"])).stdout.replace(/\s+/g, " ");
  assert.match(solving, /--tol <x> [^<]*\(default: 1e-6, or what the precision can reach\)/);
  assert.match(
    solving,
    /--max-sweeps <n> [^<]*\(default: 1000 for multigrid, ten million for others; none for spectral\)/,
  );
});

test("what memory held before changes nothing", async () => {
  // Filled by the C library with bytes whose f64 is near the largest, and infinite in f32: multiplied by zero, it shows.
  const env = { MALLOC_PERTURB_: "1" };
  await inEmptyFolder(async (cwd) => {
    for (const plugin of ["ffi-c", "ffi-omp"]) {
      const { stdout, stderr } = await laplace(["check", "--plugin", plugin], { cwd, env });
      assert.match(
        stdout,
        /^\d+ passed, 0 failed$/m,
        stdout.split("\n").filter((it) => !it.startsWith("ok")).join("\n") + stderr,
      );
    }
    for (const n of [5, 9, 17, 33, 65, 127, 129, 257]) {
      writeFileSync(join(cwd, "p.toml"), `shape = [${n}, ${n + 2}]\n[edges]\nnorth = 100\nsouth = { flux = 0 }\n`);
      for (const threads of [1, 2, 3]) {
        const args = ["solve", "p.toml", "--method", "multigrid", "--set", `threads=${threads}`, "--json"];
        const { stdout, stderr } = await laplace(args, { cwd, env });
        assert.equal(JSON.parse(stdout || "{}").status, "converged", `${n}, ${threads}: ${stderr}`);
      }
    }
  });
});
