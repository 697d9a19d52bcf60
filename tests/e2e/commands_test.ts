/**
 * Every command that README and docs/ give runs, in a small form, on a machine with what they name: Node, compilers, MPI,
 * and neither `deno` nor `bun` but by way of npm. Runs when `LAPLACE_BIN` is set.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { required } from "../../conformance/required.ts";
import { COMMANDS } from "./commands.ts";
import { command as laplace, root } from "./harness.ts";

const pages = ["README.md", "CONTRIBUTING.md", ...globSync("{docs,examples/*}/*.md", { cwd: root }).sort()];
/** What is ours, or starts what is ours; others are for the system to run. */
const OURS =
  /^(?:deno|laplace)(?: |$)|^bun (?:test|run) |^gcc -|^(?:mpi[a-z]+|srun|sbatch)[.a-z]* (?=.*(?:laplace|--mca))/;

/** The commands of a page: in blocks for a shell, in indented ones, and in a line. */
function* commandsOf(page: string): Generator<string> {
  const text = readFileSync(join(root, page), "utf8").replaceAll(/npx -y deno@[\d.]+\s+/g, "deno ");
  const blocks = [...text.matchAll(/^```(sh|console)\n([^]*?)^```/gm)].map(([, kind, block]) =>
    kind === "sh" ? block! : [...block!.matchAll(/^\$ (.*)$/gm)].map(([, line]) => line).join("\n")
  );
  const rest = text.replaceAll(/^```[^]*?^```/gm, "");
  blocks.push(...[...rest.matchAll(/^ {4}(\S.*)$/gm)].map(([, line]) => line!));
  const lines = blocks.flatMap((block) => block.replaceAll(/\\\n\s*/g, "").split("\n"));
  const inLine = [...rest.matchAll(/`([^`]+)`/g)].map(([, code]) => code!.replaceAll(/\s+/g, " "));
  for (const line of [...lines, ...inLine]) {
    const command = line.replace(/(^| +)#.*$/, "").trim();
    // With brackets it is the synopsis, which `laplace --help` is.
    if (OURS.test(command) && !/[[|]/.test(command)) yield command;
  }
}

test("every command of README and docs/ is known, with what runs it", () => {
  const given = new Set(pages.flatMap((page) => [...commandsOf(page)]));
  assert.ok(given.size > 40, `${given.size} commands were found`);
  assert.deepEqual([...given].filter((command) => !Object.hasOwn(COMMANDS, command)), []);
  assert.deepEqual(Object.keys(COMMANDS).filter((command) => !given.has(command)), []);
  for (const [command, form] of Object.entries(COMMANDS)) {
    if (typeof form === "string" || "byHand" in form) continue;
    assert.ok(readFileSync(join(root, form.in), "utf8").includes(form.as), `${form.in} does not run ${command}`);
  }
});

if (process.env.LAPLACE_BIN) {
  const folder = mkdtempSync(join(tmpdir(), "laplace-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "bin"));
  const PATH = process.env.PATH!.split(delimiter).filter((place) => !existsSync(join(place, "bun")));
  for (const name of ["node", "npx"]) {
    const found = process.env.PATH!.split(delimiter).map((place) => join(place, name)).find((path) => existsSync(path));
    symlinkSync(found!, join(folder, "bin", name));
  }
  symlinkSync(process.execPath, join(folder, "bin/deno"));
  symlinkSync(laplace[0]!, join(folder, "bin/laplace"));
  copyFileSync(join(root, "examples/plugin_ts/mine.ts"), join(folder, "mine.ts"));
  copyFileSync(join(root, "examples/plugin_c/plugin.c"), join(folder, "plugin.c"));
  writeFileSync(join(folder, "plate.toml"), "shape = [33, 33]\n[edges]\nnorth = 100\n");
  const parts = `[[parts]]\nname = "inner"\nkind = "rect"\nfrom = [0, 0]\nto = [16, 16]\nvalue = 1\n`;
  writeFileSync(join(folder, "coax.toml"), `shape = [33, 33]\nedges = { south.flux = 0, west.flux = 0 }\n${parts}`);
  writeFileSync(join(folder, "script.ts"), 'import { solve } from "@laplace/laplace";\nvoid solve;\n');
  writeFileSync(join(folder, "hosts.openmpi"), "localhost slots=2\n");
  writeFileSync(join(folder, "hosts.mpich"), "localhost:2\n");
  const env = {
    ...process.env,
    BUN: "",
    PATH: [join(folder, "bin"), ...PATH].join(delimiter),
    ROOT: root.replace(/\/$/, ""),
    LAPLACE_BENCH_SECONDS: "0.01",
    // Root may start ranks, and more of them than there are cores.
    OMPI_ALLOW_RUN_AS_ROOT: "1",
    OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
    OMPI_MCA_rmaps_base_oversubscribe: "1",
  };

  const rows: { name: string; available: boolean; reason?: string }[] = JSON.parse(
    spawnSync(laplace[0]!, ["backends", "--json"], { encoding: "utf8" }).stdout,
  );
  /** Why a form cannot run here; undefined if it can, or must. */
  const lack = (form: string): string | undefined => {
    const plugin = /--plugin (\S+)/.exec(form)?.[1];
    const named = rows.find(({ name }) => name === plugin);
    if (named && !named.available && !required(named.name)) return `${plugin}: ${named.reason}`;
    const mpi = rows.find(({ name }) => name === "mpi")!;
    const onRanks = /^mpi|laplace launch|bench:(?:mpi|model|halos)/.test(form);
    if (onRanks && !mpi.available && !required("mpi")) return `mpi: ${mpi.reason}`;
    const program = /^gcc|libmine/.test(form) ? "gcc" : form.split(" ")[0]!;
    const there = spawnSync("sh", ["-c", `command -v ${program}`], { env, encoding: "utf8" }).status === 0;
    return there || required("mpi") ? undefined : `there is no ${program}`;
  };

  const forms = Object.entries(COMMANDS).flatMap(([given, form]) => typeof form === "string" ? [form || given] : []);
  // A library is compiled before it is loaded.
  const isFirst = (form: string) => form.startsWith("gcc");
  for (const form of new Set([...forms.filter(isFirst), ...forms])) {
    const skip = lack(form);
    test(`it runs: ${form}${skip === undefined ? "" : ` (${skip})`}`, { skip: skip !== undefined }, () => {
      const cwd = form.startsWith("deno task") ? root : folder;
      const { status, stdout, stderr } = spawnSync("sh", ["-c", form], { cwd, env, encoding: "utf8" });
      const said = `${stdout}${stderr}`;
      if (form.includes(" bench:") && status === 1) {
        // What only a measurement needs may be missing, and is then named.
        return assert.match(said, /^Cannot [^\n]+; apt-get install [^\n]+\n$/m);
      }
      assert.equal(status, 0, said);
    });
  }
}
