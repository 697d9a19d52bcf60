/** End to end: wrong input is one line that names the culprit, with the exit code for its kind. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { command, complaint, inEmptyFolder, laplace } from "./harness.ts";

test("output that cannot be written is an error", () => {
  const [program, ...args] = command;
  const script = `exec "$0" "$@" > /dev/full`;
  const run = spawnSync("sh", ["-c", script, program!, ...args, "solve", "--size", "9", "--json"], {
    encoding: "utf8",
  });
  assert.equal(run.status, 2);
  assert.match(run.stderr, /^laplace: Cannot write to the standard output: .*\n$/);
});

test("a file that cannot be written keeps neither another one nor the JSON from being written", async () => {
  await inEmptyFolder((cwd) => {
    const [program, ...args] = command;
    const script = `ulimit -f 100; exec "$0" "$@"`;
    const all = [
      ...args,
      "solve",
      "--size",
      "257",
      "--plugin",
      "js",
      "--out",
      "big.npy",
      "--out",
      "small.png",
      "--json",
    ];
    const run = spawnSync("bash", ["-c", script, program!, ...all], { encoding: "utf8", cwd });
    assert.equal(run.status, 2);
    assert.equal(JSON.parse(run.stdout).status, "converged");
    assert.match(run.stderr, /^laplace: Cannot write "big\.npy": .*\n$/m);
    assert.deepEqual(readdirSync(cwd), ["small.png"]);
    return Promise.resolve();
  });
});

/** Wrong input: what is typed, the exit code, and what the one line must name. */
const WRONG: readonly [name: string, args: readonly string[], exit: number, culprit: string][] = [
  ["a misspelt plugin", ["solve", "--plugin", "ffi-opm"], 2, `did you mean "ffi-omp"?`],
  ["a misspelt flag", ["solve", "--plugn", "js"], 2, "did you mean --plugin?"],
  ["a misspelt command", ["sovle"], 2, "did you mean solve?"],
  ["an option without its command", ["--size", "33"], 2, "did you mean laplace solve --size?"],
  ["an option with = without its command", ["--tol=1e-9"], 2, "did you mean laplace solve --tol?"],
  ["an option of bench without its command", ["--samples", "3"], 2, "did you mean laplace bench --samples?"],
  ["a problem without its command", ["tiny.toml"], 2, "did you mean laplace solve tiny.toml?"],
  ["a misspelt method", ["solve", "--method", "jacob"], 2, `did you mean "jacobi"?`],
  ["an unknown method", ["solve", "--method", "foo"], 2, "; known: auto, jacobi, sor, multigrid, cg, direct, spectral"],
  [
    "no threads at all",
    ["solve", "--set", "threads=0"],
    2,
    `"threads" of any plugin here must be a whole number from 1`,
  ],
  ["a point that is none", ["solve", "--point", "1"], 2, `--point must be y,x: it is "1"`],
  [
    "a point outside",
    ["solve", "--size", "9", "--point", "4,8.5"],
    2,
    "laplace: --point 4,8.5: must lie on the grid, y from 0 to 8 and x",
  ],
  [
    "a line that ends outside",
    ["solve", "rod.toml", "--line", "0,0:9,1"],
    2,
    "laplace: --line 0,0:9,1: to must lie on the grid",
  ],
  ["a part of an impossible size", ["solve", "rod.toml", "--param", "a=-1"], 2, `parts[0].radius ("rod") must be`],
  ["a part of a study likewise", ["matrix", "rod.toml", "--param", "a=-1"], 2, `parts[0].radius ("rod") must be`],
  [
    "a line that is none",
    ["solve", "--line", "1,2:3"],
    2,
    `--line must be y0,x0:y1,x1 or y0,x0:y1,x1:n: it is "1,2:3"`,
  ],
  ["a line of one point", ["solve", "--line", "0,0:1,1:1"], 2, "--line must have 2 to 1000000 points"],
  [
    "lines to write, and none",
    ["solve", "--point", "1,1", "--line-out", "l.csv"],
    2,
    "--line-out needs a line: --line",
  ],
  ["lines in another format", ["solve", "--line", "0,0:1,1", "--line-out", "l.npy"], 2, `unknown extension ".npy"`],
  ["a misspelt setting", ["solve", "--plugin", "js", "--set", "omga=1"], 2, "omga"],
  ["a folder as --out", ["solve", "--out", "folder"], 2, "folder"],
  ["a folder with an extension as --out", ["solve", "--out", "folder.npy"], 2, "folder.npy"],
  ["an --out in a folder that is not there", ["solve", "--out", "none/u.npy"], 2, "none"],
  ["an unknown extension", ["solve", "--out", "u.npz"], 2, "u.npz"],
  ["a missing problem", ["solve", "missing.toml"], 2, "missing.toml"],
  ["a missing field", ["solve", "no-field.toml"], 2, "nowhere.npy"],
  ["an NPY that asks for 4 GiB", ["solve", "huge.toml"], 2, "huge.npy"],
  ["a 2 x 2 grid", ["solve", "tiny.toml"], 2, "shape"],
  ["a 2 x 2 plate", ["solve", "--size", "2"], 2, "--size"],
  ["a NaN in a field", ["solve", "nan.toml"], 2, "nan.csv"],
  ["tol = -1", ["solve", "--tol", "-1"], 2, "tol"],
  ["tol = 0", ["solve", "--tol", "0"], 2, "tol"],
  ["a tol that is no number", ["solve", "--tol", "small"], 2, "--tol"],
  ["a misspelt key", ["solve", "typo.toml"], 2, `did you mean "north"?`],
  ["a key that does not exist", ["solve", "tol.toml"], 2, "tol"],
  ["an unknown parameter", ["solve", "formula.toml", "--param", "q=1"], 2, `no parameter "q"`],
  ["a parameter that is no pair", ["solve", "formula.toml", "--param", "v"], 2, "--param must be key=value"],
  ["a parameter that is no formula", ["solve", "formula.toml", "--param", "v=1+"], 2, "--param v"],
  ["a parameter of the built-in plate", ["solve", "--param", "v=1"], 2, "--param belongs to a problem file"],
  ["a formula that is not finite", ["solve", "formula.toml", "--param", "v=0"], 2, "row 0, column 1 (x = 1, y = 4)"],
  ["broken TOML", ["solve", "broken.toml"], 2, "broken.toml"],
  ["a problem without a solution", ["solve", "unbalanced.toml"], 2, "unbalanced.toml"],
  ["more memory than there is", ["solve", "--size", "1000000", "--plugin", "js"], 3, "GiB"],
  ["omega out of range", ["solve", "--set", "omega=2"], 2, "omega"],
  ["a plugin file that is not there", ["solve", "--plugin", "./none.so"], 2, "none.so"],
  ["a plugin file that is no plugin", ["solve", "--plugin", "./empty.ts"], 2, "empty.ts"],
  ["a plugin that is a folder", ["solve", "--plugin", "./folder"], 2, "./folder"],
  ["a plugin whose open throws", ["solve", "--method", "jacobi", "--plugin", "./throws.ts"], 2, "throws.ts"],
  ["a plugin that counts wrongly", ["solve", "--method", "jacobi", "--plugin", "./counts.ts"], 2, "counts.ts"],
  ["a plugin whose probe throws", ["solve", "--method", "jacobi", "--plugin", "./probe.ts"], 3, "no luck"],
  ["too many threads", ["solve", "--plugin", "ffi-omp", "--set", "threads=65536"], 2, "threads"],
  ["eps without its rule", ["solve", "--eps", "1e-3"], 2, "--stop change"],
  ["a list of no plugins", ["bench", "--plugin", ","], 2, "--plugin"],
  ["a plugin file that is no library", ["solve", "--plugin", "./text.so"], 2, "text.so"],
];

for (const [name, args, exit, culprit] of WRONG) {
  test(`${name} is one line that names it, and nothing is written`, () =>
    inEmptyFolder(async (cwd) => {
      const put = (file: string, text: string | Uint8Array) => writeFileSync(join(cwd, file), text);
      mkdirSync(join(cwd, "folder"));
      mkdirSync(join(cwd, "folder.npy"));
      const header = "{'descr': '<f8', 'fortran_order': False, 'shape': (16384, 32768), }".padEnd(117) + "\n";
      put("huge.npy", Buffer.concat([Buffer.from("\x93NUMPY\x01\x00\x76\x00", "latin1"), Buffer.from(header)]));
      put("huge.toml", 'shape = [5, 5]\nsource = { file = "huge.npy" }\n');
      put("no-field.toml", 'shape = [5, 5]\nsource = { file = "nowhere.npy" }\n');
      put("tiny.toml", "shape = [2, 2]\n");
      put("nan.csv", "1,2,3\n4,NaN,6\n7,8,9\n");
      put("nan.toml", 'shape = [3, 3]\nsource = { file = "nan.csv" }\n');
      put("typo.toml", "shape = [5, 5]\n[edges]\nnort = 100\n");
      put("tol.toml", "shape = [5, 5]\ntol = -1\n");
      put("formula.toml", 'shape = [5, 5]\nparameters.v = 1\nedges.north = "x/(x*v)"\n');
      put(
        "rod.toml",
        'shape = [9, 9]\nparameters.a = 1\n[[parts]]\nname = "rod"\nkind = "circle"\ncenter = [4, 4]\n' +
          'radius = "a"\nvalue = 1\n',
      );
      put("broken.toml", "shape = [5, 5\n");
      put(
        "unbalanced.toml",
        `shape = [5, 5]\nsource = { value = 1.0 }\n[edges]\n${
          ["north", "south", "west", "east"].map((edge) => `${edge} = { flux = 0.0 }`).join("\n")
        }\n`,
      );
      put("empty.ts", "export {};\n");
      const plugin = (probe: string, open: string) =>
        `export default { apiVersion: 2, name: "x", summary: "", methods: ["jacobi"], dtypes: ["f64"], ` +
        `stencils: ["plain"], bitwise: false, probe: () => ${probe}, open: () => ${open} };\n`;
      const good = `({ available: true, device: "none", score: 1 })`;
      const thrown = `{ throw new Error("no luck"); }`;
      const batch = "({ sweeps: 0, change: 0, residual: 0 })";
      put("throws.ts", plugin(good, thrown));
      put("counts.ts", plugin(good, `({ advance: () => ${batch}, read() {}, [Symbol.asyncDispose]() {} })`));
      put("probe.ts", plugin(thrown, "0"));
      put("text.so", "this is not a library\n");
      const before = readdirSync(cwd).sort();
      const run = await laplace(args, { cwd });
      assert.equal(complaint(run, exit, culprit), undefined);
      assert.deepEqual(readdirSync(cwd).sort(), before);
      assert.ok(!existsSync(join(cwd, "none")));
    }));
}
