/** End to end: what a solve answers besides its field, in words, in JSON and in files, and on ranks. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inEmptyFolder, laplace } from "./harness.ts";
import { MPIS, RANKS_ENV } from "./rank_fields.ts";
import { testWith } from "./test_with.ts";

const SLAB = `shape = [17, 33]
spacing = [0.0625, 0.0625]
source.value = 1
[edges]
north = { flux = 0 }
west = { flux = 3 }
[[fixed.shapes]]
kind = "circle"
center = [0.5, 0.5]
radius = 0.2
value = 3
`;

/** Calls `use` in a folder that has the slab. */
const withSlab = (use: (cwd: string) => Promise<void>) =>
  inEmptyFolder(async (cwd) => {
    writeFileSync(join(cwd, "slab.toml"), SLAB);
    await use(cwd);
  });

test("--results adds a table that balances, --point and --line their values; without them nothing is added", () =>
  withSlab(async (cwd) => {
    const solve = (...args: string[]) => laplace(["solve", "slab.toml", "--plugin", "js", ...args], { cwd });
    const plain = await solve();
    assert.doesNotMatch(plain.stdout, /flux/);
    const { stdout, code } = await solve("--results", "--tol", "1e-12");
    assert.equal(code, 0);
    assert.match(stdout, /\n\n +flux +mean +min +max\n/);
    const number = (name: string) => Number(new RegExp(`^${name} +([-+.e\\d]+)`, "m").exec(stdout)?.[1]);
    assert.deepEqual([number("north"), number("west"), number("source")], [0, 3, 2]);
    const sum = ["north", "south", "west", "east", "fixed", "source"].reduce((sum, name) => sum + number(name), 0);
    assert.ok(Math.abs(sum) < 1e-7, stdout);
    assert.ok(Math.abs(number("imbalance")) < 1e-9, stdout);
    assert.match(stdout, /^largest +4\.1376834 at \[1, 0\]$/m);

    const probed = await solve("--point", "0.5,0.5", "--line", "0,2:1,2:3");
    assert.match(probed.stdout, /^0\.5,0\.5 +3, flux \[0, 0\]$/m);
    assert.match(probed.stdout, /^0,2:1,2:3 +0 to 0, at 3 points from \[0, 2\] to \[1, 2\]$/m);
    const estimated = await solve("--results", "--estimate");
    assert.match(estimated.stdout, /^fixed +\d\S+ ± \d\.\de-\d+ +3 +3 +3$/m);
  }));

test("a problem with parts needs no --results to say what flows into them", () =>
  withSlab(async (cwd) => {
    const rod = '[[parts]]\nname = "rod"\nkind = "circle"\ncenter = [0.5, 1.5]\nradius = 0.2\nvalue = 1\n';
    writeFileSync(join(cwd, "rod.toml"), SLAB + rod);
    const { stdout } = await laplace(["solve", "rod.toml", "--plugin", "js"], { cwd });
    assert.match(stdout, /\n\n +flux +mean +min +max\n/);
    assert.match(stdout, /^rod +\d\S+ +1 +1 +1$/m);
  }));

test("--line-out writes the lines among the probes of the file", () =>
  withSlab(async (cwd) => {
    const probe = (place: string) => `[[probes]]\nname = "p"\n${place}\n`;
    writeFileSync(join(cwd, "cut.toml"), SLAB + probe("from = [0, 0]\nto = [1, 2]\npoints = 3"));
    writeFileSync(join(cwd, "at.toml"), SLAB + probe("at = [0, 0]"));
    const solve = (file: string) => laplace(["solve", file, "--plugin", "js", "--line-out", "l.csv"], { cwd });
    assert.equal((await solve("cut.toml")).code, 0);
    assert.equal(readFileSync(join(cwd, "l.csv"), "utf8").trimEnd().split("\n").length, 4);
    assert.equal((await solve("at.toml")).stderr, "laplace: --line-out needs a line: --line, or a probe of the file\n");
  }));

test("--json has the results, and --line-out writes the lines", () =>
  withSlab(async (cwd) => {
    const solve = (...args: string[]) => laplace(["solve", "slab.toml", "--plugin", "js", "--json", ...args], { cwd });
    const point = ["--point", "0.25,1", "--line", "0,0:1,2:5"];
    const { results } = JSON.parse((await solve(...point, "--line-out", "one.csv")).stdout);
    const { value, flux, ...more } = results.probes["0.25,1"];
    assert.ok(value > 0 && value < 3 && flux.length === 2);
    assert.deepEqual(more, {});
    const line = results.probes["0,0:1,2:5"];
    assert.deepEqual(Object.keys(line).sort(), ["at", "distance", "flux", "value"]);
    assert.deepEqual(line.value[2], results.probes["0,0:1,2:5"].value[2]);
    const rows = readFileSync(join(cwd, "one.csv"), "utf8").trimEnd().split("\n");
    assert.equal(rows[0], "distance,y,x,u");
    assert.deepEqual(
      rows.slice(1).map((row) => row.split(",").map(Number)),
      line.distance.map((s: number, n: number) => [s, ...line.at[n], line.value[n]]),
    );
    await solve("--line", "0,0:1,0", "--line", "0,1:1,1:2", "--line-out", "two.csv");
    const two = readFileSync(join(cwd, "two.csv"), "utf8").trimEnd().split("\n");
    assert.equal(two.length, 1 + 101 + 2);
    assert.equal(two[0], "name,distance,y,x,u");
    assert.match(two[1]!, /^"0,0:1,0",0,0,0,/);
    assert.match(two.at(-1)!, /^"0,1:1,1:2",1,1,1,/);
    assert.deepEqual(readdirSync(cwd).sort(), ["one.csv", "slab.toml", "two.csv"]);
  }));

test("a field that is not finite has no results", () =>
  inEmptyFolder(async (cwd) => {
    const k = 'conductivity.formula = "0.001 + exp(-100*x)"';
    writeFileSync(join(cwd, "hot.toml"), `shape = [65, 65]\ndtype = "f32"\nsource.value = 1e34\n${k}\n`);
    const args = ["solve", "hot.toml", "--plugin", "js", "--method", "jacobi", "--max-sweeps", "20000"];
    const { stdout, code } = await laplace([...args, "--json", "--line", "0,0:1,1", "--line-out", "l.csv"], { cwd });
    assert.equal(code, 1);
    assert.equal(JSON.parse(stdout).results, null);
    const { stdout: text } = await laplace([...args, "--results"], { cwd });
    assert.match(text, /^status +diverged/m);
    assert.doesNotMatch(text, /imbalance/);
    assert.deepEqual(readdirSync(cwd), ["hot.toml"]);
  }));

for (const mpi of MPIS) {
  testWith(
    [mpi],
    `ranks have the results of one process, and none of them the field: ${mpi}`,
    () =>
      withSlab(async (cwd) => {
        const solve = [
          "solve",
          "slab.toml",
          "--method",
          "jacobi",
          "--point",
          "0.4,0.7",
          "--line",
          "0,0:1,2:5",
          "--json",
        ];
        const parse = ({ stdout }: { stdout: string }) => JSON.parse(stdout).results;
        const expected = parse(await laplace([...solve, "--plugin", "js"], { cwd }));
        const env = { ...RANKS_ENV, LAPLACE_MPI: mpi };
        for (const grid of ["2x1", "1x2"]) {
          const ranks = ["--plugin", "mpi", "--set", "kernel=js", "--set", `grid=${grid}`, "--line-out", "l.csv"];
          const run = await laplace(["launch", "-n", "2", "--oversubscribe", "--", ...solve, ...ranks], { cwd, env });
          assert.equal(run.code, 0, run.stderr);
          const found = parse(run);
          assert.deepEqual(found.probes, expected.probes);
          assert.deepEqual([found.min, found.max, found.parts.fixed.nodes], [
            expected.min,
            expected.max,
            expected.parts.fixed.nodes,
          ]);
          for (const name of ["north", "south", "west", "east"]) {
            const [flux, wanted] = [found.edges[name].flux, expected.edges[name].flux];
            assert.ok(Math.abs(flux - wanted) < 1e-11, `${name}: ${flux}, ${wanted}`);
          }
          assert.equal(readFileSync(join(cwd, "l.csv"), "utf8").split("\n").length, 7);
        }
      }),
  );
}
