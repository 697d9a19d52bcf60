/** End to end: `laplace matrix`, `line` and `refine`, in words, in JSON and in files, and what they refuse. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inEmptyFolder, laplace } from "./harness.ts";
import { MPIS, RANKS_ENV } from "./rank_fields.ts";
import { testWith } from "./test_with.ts";

/** A strip, "a, b", between two planes; a floating plate beside it. */
const STRIP = `title = "strip"
shape = [17, 65]
spacing = [0.0625, 0.0625]
depth = 2
[parameters]
er = 4
eps0 = 8.8541878188e-12
[edges]
west = { flux = 0 }
east = { flux = 0 }
[conductivity]
formula = "er"
[[parts]]
name = "a, b"
kind = "rect"
from = [0.5, 0]
to = [0.5, 0.5]
value = 3
[[parts]]
name = "plate"
kind = "rect"
from = [0.5, 1]
to = [0.5, 1.5]
charge = 0
`;

/** Calls `use` in a folder with the strip, and what runs a command on it with `js`. */
function withStrip(
  use: (run: (...args: string[]) => ReturnType<typeof laplace>, cwd: string) => Promise<void>,
): Promise<void> {
  return inEmptyFolder(async (cwd) => {
    writeFileSync(join(cwd, "strip.toml"), STRIP);
    const [js, here] = [["--plugin", "js"], { cwd }];
    await use((command, ...args) => laplace([command!, "strip.toml", ...js, ...args], here), cwd);
  });
}

const RUN = ["plugin", "device", "method", "dtype", "shape", "ranks", "seconds"];

test("matrix prints the matrix, what couples, and how symmetric it is; JSON and CSV have all digits", () =>
  withStrip(async (run, cwd) => {
    const text = await run("matrix");
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /^problem +strip \(strip\.toml\), 17 x 65 points, f64$/m);
    assert.match(text.stdout, /^status +converged, 2 solves$/m);
    assert.match(
      text.stdout,
      /\n\nmatrix +a, b +plate\na, b +[\d.]+ +-[\d.]+\nplate +-[\d.]+ +[\d.]+\n\nmutual +a, b +plate +self\n/,
    );
    assert.match(text.stdout, /^asymmetry \d\.\de-\d+$/m);
    assert.match(text.stdout, /^error .*; the discretisation error is not known: --to 1e-3 finds it$/m);
    const limit = (await run("matrix", "--to", "1e-3")).stdout;
    assert.match(limit, /^uncertainty each entry ± (\d\.\de-\d+), self ± \d\.\de-\d+$/m);
    assert.doesNotMatch(limit, /not known/);

    const { stdout, code } = await run("matrix", "--json", "--out", "C.csv", "--tol", "1e-9");
    assert.equal(code, 0);
    const found = JSON.parse(stdout);
    const keys = ["status", "names", "matrix", "mutual", "self", "asymmetry", "imbalance", ...RUN];
    assert.deepEqual(Object.keys(found), keys);
    assert.deepEqual([found.status, found.names, found.shape], ["converged", ["a, b", "plate"], [17, 65]]);
    const [[one, mutual], [same, other]] = found.matrix;
    assert.equal(mutual, same);
    assert.deepEqual(found.mutual, [[0, -mutual], [-mutual, 0]]);
    assert.deepEqual(found.self, [one + mutual, mutual + other]);
    assert.equal(
      readFileSync(join(cwd, "C.csv"), "utf8"),
      `part,"a, b",plate\n"a, b",${one},${mutual}\nplate,${mutual},${other}\n`,
    );
    const quarter = JSON.parse((await run("matrix", "--json", "--param", "er=1", "--tol", "1e-9")).stdout);
    assert.ok(Math.abs(quarter.matrix[0][0] * 4 / one - 1) < 1e-7);
  }));

test("line prints a mode, or two, in SI units", () =>
  withStrip(async (run) => {
    const { stdout, code } = await run("line", "--signal", "a, b");
    assert.equal(code, 0);
    assert.match(stdout, /^impedance +[\d.]+ Ω$/m);
    assert.match(stdout, /^capacitance +[\d.]+ pF\/m\ninductance +[\d.]+ nH\/m\nvelocity factor +0\.5\n/m);
    assert.match(stdout, /^error .*; the discretisation error is not known: --to 1e-3 finds it$/m);
    assert.doesNotMatch(stdout, /±|velocity factor above/);
    assert.match(stdout, /^delay +6\.67128\d ns\/m\npermittivity +4$/m);
    const found = JSON.parse((await run("line", "--signal", "a, b", "--json", "--to", "1e-4")).stdout);
    const mode = ["capacitance", "inductance", "impedance", "velocityFactor", "delay", "permittivity"];
    const uncertain = ["uncertainty", "uncertainties"];
    assert.deepEqual(Object.keys(found), ["status", "signals", ...mode, ...uncertain, "filled", "empty", ...RUN]);
    assert.deepEqual(Object.keys(found.uncertainties), mode);
    assert.deepEqual([found.signals, found.filled.names], [["a, b"], ["a, b", "plate"]]);
    assert.ok(found.uncertainty <= 1e-4 && Math.abs(found.permittivity - 4) < 1e-8);

    const two = await run("line", "--signal", "a, b", "--second", "plate");
    assert.match(two.stdout, /^mode +even +odd$/m);
    assert.match(two.stdout, /^differential +[\d.]+ Ω\ncommon +[\d.]+ Ω$/m);
    const modes = JSON.parse((await run("line", "--signal", "a, b", "--second", "plate", "--json")).stdout);
    const pair = ["even", "odd", "differentialImpedance", "commonImpedance", "capacitance", "inductance"];
    assert.deepEqual(Object.keys(modes), ["status", "signals", ...pair, "filled", "empty", ...RUN]);
    assert.deepEqual(Object.keys(modes.odd), mode);
  }));

test("line prints each number with its own uncertainty, as many figures as are certain, and one more", () =>
  withStrip(async (run) => {
    const number = String.raw`\d[\d.]* ± \d\.\de-\d+`;
    const one = (await run("line", "--signal", "a, b", "--to", "1e-3")).stdout;
    for (
      const [name, unit] of [
        ["impedance", " Ω"],
        ["capacitance", " pF/m"],
        ["inductance", " nH/m"],
        ["velocity factor", ""],
        ["delay", " ns/m"],
        ["permittivity", ""],
      ] as const
    ) assert.match(one, new RegExp(`^${name} +${number}${unit}$`, "m"));
    assert.doesNotMatch(one, /^uncertainty/m);
    const [, value, uncertainty] = /^impedance +\d+\.(\d+) ± (\S+) /m.exec(one)!;
    assert.equal(value!.length, 1 - Math.floor(Math.log10(Number(uncertainty))));
    const two = (await run("line", "--signal", "a, b", "--second", "plate", "--to", "1e-2")).stdout;
    assert.match(two, new RegExp(`^impedance +${number} Ω +${number} Ω$`, "m"));
    assert.match(two, new RegExp(`^differential +${number} Ω\ncommon +${number} Ω$`, "m"));
    const { uncertainties, even, odd } = JSON.parse(
      (await run("line", "--signal", "a, b", "--second", "plate", "--to", "1e-2", "--json")).stdout,
    );
    assert.deepEqual(uncertainties, {
      differentialImpedance: 2 * odd.uncertainties.impedance,
      commonImpedance: even.uncertainties.impedance / 2,
    });
  }));

test("line asks about conductivities below that of vacuum", () =>
  withStrip(async (run) => {
    const remark = /\n\nvelocity factor above 1: is the conductivity relative to that of vacuum\?\n$/;
    const tooFast = (er: string, ...args: string[]) => run("line", "--signal", "a, b", "--param", `er=${er}`, ...args);
    assert.match((await tooFast("4*eps0")).stdout, remark);
    assert.match((await tooFast("0.5", "--to", "1e-2")).stdout, remark);
    assert.match((await tooFast("4*eps0", "--second", "plate")).stdout, remark);
    assert.doesNotMatch((await tooFast("1")).stdout, remark);
    assert.doesNotMatch((await tooFast("0.9999", "--to", "1e-2")).stdout, remark);
  }));

test("the help of a study has an example", async () => {
  for (const name of ["matrix", "line", "refine"]) {
    assert.match((await laplace([name, "--help"])).stdout, new RegExp(`^Example: laplace ${name} \\w+\\.toml --`, "m"));
  }
});

test("refine prints numbers grid by grid, their order and limit; exit code 1 before it is reached", () =>
  withStrip(async (run) => {
    const text = await run("refine", "--to", "1e-4");
    assert.equal(text.code, 0, text.stdout);
    assert.match(text.stdout, /^status +converged$/m);
    assert.match(text.stdout, /\n\n +33 x 129 +65 x 257 +129 x 513 +change +order +limit\nparts\.a, b\.flux +[\d.]+ /);
    assert.match(text.stdout, /^parts\.a, b\.flux .* 1\.0\d +69\.\d+ +± \d\.\de-\d+$/m);

    const { stdout, code } = await run("refine", "--to", "1e-6", "--max-points", "5000", "--json");
    assert.equal(code, 1);
    const { results, ...found } = JSON.parse(stdout);
    assert.deepEqual(Object.keys(found), ["status", "why", "reached", "to", "grids", ...RUN]);
    assert.deepEqual([found.status, found.reached, found.why], [
      "limit",
      false,
      "65 x 257 points are more than 5000",
    ]);
    assert.deepEqual(found.grids.map(({ shape }: { shape: number[] }) => shape), [[17, 65], [33, 129]]);
    const { values, uncertainty, order, counts, ...rest } = results["parts.a, b.flux"];
    assert.deepEqual([values.length, uncertainty, order, counts], [2, null, null, true]);
    assert.deepEqual(Object.keys(rest), ["scale", "value", "removed"]);
    assert.ok("parts.plate.value" in results && "edges.north.flux" in results && !results.energy.counts);
    const one = JSON.parse((await run("refine", "--to", "1e-3", "--result", "energy", "--json")).stdout).results;
    assert.deepEqual(Object.keys(one).filter((name) => one[name].counts), ["energy"]);
  }));

test("what is wrong is one line, exit code 2, and nothing is written", () =>
  withStrip(async (run, cwd) => {
    writeFileSync(join(cwd, "plate.toml"), "shape = [9, 9]\nsource.value = 1\n");
    writeFileSync(join(cwd, "file.toml"), 'shape = [3, 3]\nsource.file = "f.csv"\n');
    writeFileSync(join(cwd, "f.csv"), "1,2,3\n1,2,3\n1,2,3\n");
    for (
      const [args, message] of [
        [["line", "--signal", "plat"], 'There is no conductor "plat"; did you mean "plate"?'],
        [["line"], "required option '--signal <name>' not specified"],
        [["refine", "--to", "0"], "to must be greater than 0 and less than 1: it is 0"],
        [["refine", "--to", "much"], '--to must be a number: it is "much"'],
        [["refine"], "required option '--to <x>' not specified"],
        [["refine", "--to", "1e-3", "--result", "energi"], 'There is no result "energi"; did you mean "energy"?'],
        [["matrix", "--out", "C.npy"], 'Cannot write "C.npy": '],
        [["matrix", "--tol", "0"], "tol must be greater than 0: it is 0"],
      ] as const
    ) {
      const { code, stdout, stderr } = await run(...args);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.ok(stderr.startsWith(`laplace: ${message}`) && stderr.split("\n").length === 2, stderr);
    }
    const matrix = await laplace(["matrix", "plate.toml", "--out", "C.csv"], { cwd });
    assert.equal(
      matrix.stderr,
      'laplace: Cannot solve "plate.toml": parts has no conductor: give one a value or a charge\n',
    );
    assert.ok(!existsSync(join(cwd, "C.csv")));
    const file = await laplace(["refine", "file.toml", "--to", "1e-3"], { cwd });
    assert.match(
      file.stderr,
      /^laplace: Cannot solve "file\.toml": source has a number for every node of this grid, [^\n]+\n$/,
    );
    assert.equal(file.code, 2);
  }));

for (const mpi of MPIS) {
  testWith([mpi], `ranks answer as one process does: ${mpi}`, () =>
    withStrip(async (run, cwd) => {
      const [{ matrix }, env] = [JSON.parse((await run("matrix", "--json")).stdout), {
        ...RANKS_ENV,
        LAPLACE_MPI: mpi,
      }];
      const ranks = ["launch", "-n", "2", "--oversubscribe", "--"];
      const plugin = ["--plugin", "mpi", "--set", "kernel=js"];
      const one = await laplace([...ranks, "matrix", "strip.toml", ...plugin, "--json", "--out", "C.csv"], {
        cwd,
        env,
      });
      assert.equal(one.code, 0, one.stderr);
      const found = JSON.parse(one.stdout);
      assert.equal(found.ranks, 2);
      assert.ok(Math.abs(found.matrix[0][1] / matrix[0][1] - 1) < 1e-5);
      assert.equal(readFileSync(join(cwd, "C.csv"), "utf8").split("\n").length, 4);
      const limit = await laplace([...ranks, "refine", "strip.toml", ...plugin, "--to", "1e-2", "--json"], {
        cwd,
        env,
      });
      assert.equal(JSON.parse(limit.stdout).reached, true);
    }));
}
