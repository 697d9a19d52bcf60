/** End to end: what a user types, what they see, and the exit code. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { requiredNames } from "../../conformance/required.ts";
import { decodeNpy } from "../../io/mod.ts";
import { command, complaint, inEmptyFolder, laplace, root } from "./harness.ts";

test("solve with no argument solves the plate and says so in words", () =>
  inEmptyFolder(async (cwd) => {
    const { code, stdout, stderr } = await laplace(["solve"], { cwd });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^status +converged, \d+ sweeps$/m);
    assert.match(stdout, /at most .* from the exact discrete solution/);
    assert.match(stdout, /56\.25 in the middle/);
    assert.equal(stderr, "");
  }));

test("solve --json prints one object with the documented keys", async () => {
  const { code, stdout } = await laplace(["solve", "--size", "33", "--json"]);
  assert.equal(code, 0);
  const result = JSON.parse(stdout);
  assert.deepEqual(Object.keys(result).sort(), [
    "change",
    "device",
    "discretisationError",
    "dtype",
    "errorBound",
    "method",
    "mlups",
    "plugin",
    "ranks",
    "residual",
    "seconds",
    "shape",
    "status",
    "sweeps",
    "threads",
  ]);
  assert.equal(result.status, "converged");
  assert.deepEqual(result.shape, [33, 33]);
  assert.equal(result.discretisationError, null);
  assert.deepEqual(Object.keys(result.seconds).sort(), ["open", "solve", "total"]);
});

test("solve --max-sweeps 10 ends with status limit and exit 1, and still writes the field", () =>
  inEmptyFolder(async (cwd) => {
    const { code, stdout } = await laplace([
      "solve",
      "--method",
      "jacobi",
      "--max-sweeps",
      "10",
      "--json",
      "--out",
      "u.npy",
    ], { cwd });
    assert.equal(code, 1);
    assert.equal(JSON.parse(stdout).status, "limit");
    assert.equal(JSON.parse(stdout).sweeps, 10);
    assert.deepEqual(readdirSync(cwd), ["u.npy"]);
  }));

test("solve shows Chapra & Canale's plate", async () => {
  const { stdout } = await laplace(["solve", join(root, "tests/cases/chapra-plate.toml"), "--tol", "1e-12"]);
  const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/).slice(1, 4).join(" "));
  for (
    const row of ["78.57143 76.11607 69.64286", "63.16964 56.25 52.45536", "42.85714 33.25893 33.92857"]
  ) assert.ok(rows.includes(row), stdout);
});

test("solve --estimate tells the discretisation error apart, or why it cannot", () =>
  inEmptyFolder(async (cwd) => {
    writeFileSync(join(cwd, "smooth.toml"), "shape = [33, 33]\nsource.value = 1\n");
    writeFileSync(join(cwd, "even.toml"), "shape = [33, 34]\n");
    const smooth = await laplace(["solve", "smooth.toml", "--estimate", "--plugin", "js"], { cwd });
    assert.match(smooth.stdout, /^discretisation about \d\.\de-\d+ \(Richardson, from 17 x 17 points\)$/m);
    assert.match(smooth.stdout, /^error +at most /m);
    const { stdout } = await laplace(["solve", "smooth.toml", "--estimate", "--json", "--plugin", "js"], { cwd });
    assert.ok(JSON.parse(stdout).discretisationError > 0);
    assert.equal(JSON.parse(stdout).discretisationNote, "Richardson, from 17 x 17 points");
    const even = await laplace(["solve", "even.toml", "--estimate", "--plugin", "js"], { cwd });
    assert.equal(even.code, 0);
    assert.match(even.stdout, /^discretisation no estimate: nx is 34, and must be odd/m);
    const plate = await laplace(["solve", "--size", "33", "--estimate", "--plugin", "js"]);
    assert.match(plate.stdout, /where fixed edges of different values meet, in all corners,/);
  }));

test("solve stops by the study's rule: change at most eps, checked every 1000 sweeps", async () => {
  const { stdout } = await laplace(["solve", "--size", "41", "--method", "jacobi", "--stop", "change", "--json"]);
  const { sweeps, change, status } = JSON.parse(stdout);
  assert.equal(status, "converged");
  assert.equal(sweeps % 1000, 0);
  assert.ok(change <= 1e-4);
});

test("--out writes npy, csv and png, each in its format", () =>
  inEmptyFolder(async (cwd) => {
    const out = ["u.npy", "u.csv", "u.png"];
    const { code, stdout } = await laplace(["solve", "--size", "9x17", ...out.flatMap((file) => ["--out", file])], {
      cwd,
    });
    assert.equal(code, 0);
    for (const file of out) assert.match(stdout, new RegExp(`^written +${file}$`, "m"));
    const { shape, data } = decodeNpy(readFileSync(join(cwd, "u.npy")), "u.npy");
    assert.deepEqual([...shape], [9, 17]);
    const rows = readFileSync(join(cwd, "u.csv"), "utf8").trim().split("\n").map((row) => row.split(",").map(Number));
    assert.deepEqual(rows.flat(), [...data]);
    assert.equal(readFileSync(join(cwd, "u.png")).subarray(1, 4).toString(), "PNG");
    assert.deepEqual(readdirSync(cwd).sort(), out.sort());
  }));

test("--quiet prints nothing", async () => {
  const { code, stdout, stderr } = await laplace(["solve", "--size", "9", "--quiet"]);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
});

test("every option of solve changes what it should", async () => {
  const json = async (...args: string[]) =>
    JSON.parse((await laplace(["solve", "--size", "33", "--json", ...args])).stdout);
  const cycles = ["--plugin", "js", "--method", "multigrid"];
  const base = await json(...cycles);
  assert.ok((await json(...cycles, "--tol", "1e-9")).sweeps > base.sweeps);
  assert.ok((await json(...cycles, "--stop", "residual")).sweeps < base.sweeps);
  assert.notEqual((await json("--plugin", "js", "--set", "omega=1.5")).sweeps, base.sweeps);
  assert.equal((await json("--plugin", "js", "--dtype", "f32")).dtype, "f32");
  assert.equal((await json("--plugin", "js", "--method", "jacobi")).method, "jacobi");
  assert.equal((await json("--plugin", "js", "--check-every", "500")).sweeps, 500);
  const change = [...cycles, "--stop", "change", "--check-every", "1"];
  assert.ok((await json(...change, "--eps", "1e-9")).sweeps > (await json(...change, "--eps", "1e-2")).sweeps);
});

test("solve says which method auto took, and why; of one that was named, nothing", async () => {
  const line = async (...args: string[]) =>
    /^method +(.*)$/m.exec((await laplace(["solve", "--size", "33", "--plugin", "js", ...args])).stdout)?.[1];
  assert.match((await line())!, /^direct, auto: the problem separates, and /);
  assert.match((await line("--set", "omega=1.5"))!, /^sor, auto: the setting "omega" is for it$/);
  assert.equal(await line("--method", "multigrid"), "multigrid");
});

test("progress appears on stderr in a run of over a second, and only there", async () => {
  const args = ["solve", "--size", "2049", "--plugin", "js", "--method", "jacobi", "--json"];
  const line = /^ *\d+ % +\d+ sweeps +residual \S+ +\d+\.\d s$/m;
  const text = await laplace([...args, "--progress", "text"], { until: line });
  assert.match(text.stderr, line);
  assert.equal(JSON.parse(text.stdout).status, "interrupted");
  const bar = /\r\[#*\.*\] +\d+ % /;
  assert.match((await laplace([...args, "--progress", "bar"], { until: bar })).stderr, bar);
  const none = await laplace([...args, "--progress", "none"], { started: (kill) => setTimeout(kill, 2500, "SIGINT") });
  assert.equal(none.stderr, "");
});

test("SIGINT ends a long solve between two batches, with exit 130 and its field", () =>
  inEmptyFolder(async (cwd) => {
    const args = ["solve", "--size", "2049", "--plugin", "js", "--method", "jacobi", "--json", "--out", "u.npy"];
    const { code, stdout } = await laplace(args, { cwd, until: /sweeps/ });
    assert.equal(code, 130);
    assert.equal(JSON.parse(stdout).status, "interrupted");
    assert.deepEqual(readdirSync(cwd), ["u.npy"]);
  }));

test("SIGINT while a large problem is being set up ends it with exit 130", () =>
  inEmptyFolder(async (cwd) => {
    // With a first guess that is not zero every point is written.
    writeFileSync(join(cwd, "large.toml"), "shape = [12001, 12001]\ninitial.value = 1\n");
    const { code } = await laplace(["solve", "large.toml", "--plugin", "js", "--quiet"], {
      cwd,
      started: (kill) => setTimeout(() => kill("SIGINT"), 700),
    });
    assert.equal(code, 130);
  }));

test("signals while a large file is written leave the whole file or nothing", () =>
  inEmptyFolder(async (cwd) => {
    writeFileSync(join(cwd, "long.toml"), "shape = [2501, 2501]\ninitial = { value = 0.12345678901234567 }\n");
    for (const twice of [false, true]) {
      const args = ["solve", "long.toml", "--max-sweeps", "1", "--plugin", "js", "--quiet", "--out", "u.csv"];
      let waiting: ReturnType<typeof setInterval> | undefined;
      const { code } = await laplace(args, {
        cwd,
        started: (kill) => {
          // Once the temporary file is there, the solve is over.
          waiting = setInterval(() => {
            if (readdirSync(cwd).length === 1) return;
            if (!twice) clearInterval(waiting);
            kill("SIGINT");
          }, 20);
        },
      });
      clearInterval(waiting);
      assert.equal(code, 130);
      assert.deepEqual(readdirSync(cwd).sort(), twice ? ["long.toml"] : ["long.toml", "u.csv"]);
      if (!twice) rmSync(join(cwd, "u.csv"));
    }
  }));

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

test("OMP_NUM_THREADS that is no number makes ffi-omp say so, and libgomp say nothing", async () => {
  const run = await laplace(["solve", "--plugin", "ffi-omp"], { env: { OMP_NUM_THREADS: "many" } });
  assert.equal(complaint(run, 3, `OMP_NUM_THREADS is "many"`), undefined);
});

test("output that cannot be written is an error", () => {
  const [program, ...args] = command;
  const script = `exec "$0" "$@" > /dev/full`;
  const run = spawnSync("sh", ["-c", script, program!, ...args, "solve", "--size", "9", "--json"], {
    encoding: "utf8",
  });
  assert.equal(run.status, 2);
  assert.match(run.stderr, /^laplace: Cannot write to the standard output: .*\n$/);
});

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
