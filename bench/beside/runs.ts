/**
 * How each program is asked: a line for a shell in a scratch folder, and where its answer stands in what that prints.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import { fail, root, small } from "../tables.ts";
import { binary, scratchFolder } from "../yardsticks/build.ts";
import type { Drawing, Job } from "./jobs.ts";

/** A run that is measured. Those of one job and series go from coarse to fine. */
export interface Run {
  readonly job: Job;
  readonly drawing?: Drawing;
  /** Whose run it is: a key of `PROGRAMS`. */
  readonly program: Program;
  /** The program and what is common to a series. */
  readonly series: string;
  readonly setting: string;
  readonly script: string;
  /** The flux in what the script prints; NaN where there is none. */
  readonly read: (printed: string) => number;
}

const here = `${root}bench/beside/`;
const own = binary();
const folder = scratchFolder();

/** The programs: commands that they need, and the packages of Debian that have them. */
export const PROGRAMS = {
  laplace: { needs: [own], packages: [] },
  GetDP: { needs: ["gmsh", "getdp"], packages: ["getdp", "gmsh"] },
  FreeFEM: { needs: ["FreeFem++"], packages: ["freefem++"] },
  atlc: { needs: ["atlc", "create_bmp_for_circ_in_circ"], packages: ["atlc"] },
} as const;
/** A program by its name. */
export type Program = keyof typeof PROGRAMS;

/** What a script printed, and its seconds: of processor, with those of all that it starts, and elapsed. */
export interface Timed {
  readonly ok: boolean;
  readonly printed: string;
  readonly processor: number;
  readonly elapsed: number;
}

/** Runs a script in the scratch folder. */
export function timed(script: string): Timed {
  const { status, stdout, stderr, error } = spawnSync("bash", ["-c", `TIMEFORMAT='%U %S %R'; time { ${script}; }`], {
    cwd: folder,
    encoding: "utf8",
  });
  if (error) fail("Cannot measure: there is no bash; apt-get install bash");
  const [user = NaN, system = NaN, elapsed = NaN] = stderr.trim().split("\n").at(-1)!.split(" ").map(Number);
  return { ok: status === 0, printed: stdout, processor: user + system, elapsed };
}

/** Whether all commands of a program are there. Where one is missing, a line says so. */
export function isThere(program: Program): boolean {
  const { needs, packages } = PROGRAMS[program];
  const missing = needs.find((name) => !timed(`command -v ${name}`).ok);
  if (missing !== undefined) {
    console.error(`Cannot measure ${program}: there is no ${missing}; apt-get install ${packages.join(" ")}`);
  }
  return missing === undefined;
}

/** A program with its version; those of others as Debian has them. */
export function versionOf(program: Program): string {
  const { packages } = PROGRAMS[program];
  if (packages.length === 0) return `${program} ${timed(`${own} --version`).printed.trim()}`;
  const { printed } = timed(`dpkg-query -W -f '\${Package} \${Version}\n' ${packages.join(" ")}`);
  return printed.trim().split("\n").join(" with ") || program;
}

// ---- laplace ----

interface Printed {
  readonly results?: Readonly<Record<string, { readonly value: number }>> & {
    readonly parts?: Readonly<Record<string, { readonly flux: number }>>;
  };
}

const parse = (printed: string): Printed => printed.startsWith("{") ? JSON.parse(printed) : {};
const solved = (part: string) => (printed: string) => parse(printed).results?.parts?.[part]?.flux ?? NaN;
const refined = (part: string) => (printed: string) => parse(printed).results?.[`parts.${part}.flux`]?.value ?? NaN;

const hasRefine = timed(`${own} refine --help`).ok;
if (!hasRefine) console.error(`Cannot measure "laplace refine": ${own} has no such command; deno task compile`);

/** Copies a problem file to a grid with other spacings. @returns its path, and the grid in words */
function onGrid({ name, problem }: Job, factor: number): readonly [path: string, grid: string] {
  let grid = "";
  const text = readFileSync(root + problem, "utf8")
    .replace(/^shape = \[(\d+), (\d+)\]/m, (_, ...sizes: string[]) => {
      const [ny, nx] = sizes.map((n) => (Number(n) - 1) * factor + 1);
      grid = `${ny} x ${nx}`;
      return `shape = [${ny}, ${nx}]`;
    })
    .replace(/^spacing = \[(\S+), (\S+)\]/m, (_, dy, dx) => `spacing = [${dy / factor}, ${dx / factor}]`);
  const path = join(folder, `${name}_${factor}.toml`);
  writeFileSync(path, text);
  return [path, grid];
}

/** Our runs of a job. */
export function ownRuns(job: Job): Run[] {
  const common = { job, program: "laplace" } as const;
  const solves = (small ? [1 / 8] : [1, 4]).map((factor): Run => {
    const [path, setting] = onGrid(job, factor);
    const script = `${own} solve ${path} --json --quiet`;
    return { ...common, series: "laplace solve", setting, script, read: solved(job.part) };
  });
  const refines = !hasRefine ? [] : (small ? ["1e-1"] : ["1e-4", "1e-6"]).map((to): Run => {
    const script = `${own} refine ${onGrid(job, small ? 1 / 8 : 1)[0]} --to ${to} --json`;
    return { ...common, series: "laplace refine", setting: `--to ${to}`, script, read: refined(job.part) };
  });
  return [...solves, ...refines];
}

// ---- the others ----

/** Those of gmsh and GetDP. */
export function getdpRuns(job: Job): Run[] {
  const sizes = { 1: [0.1, 0.05, 0.025], 2: [0.2, 0.1, 0.05] };
  const set = (numbers: Readonly<Record<string, number>>) =>
    Object.entries(numbers).map(([name, value]) => `-setnumber ${name} ${value}`).join(" ");
  return ([1, 2] as const).flatMap((order) =>
    sizes[order].slice(0, small ? 1 : 3).map((size): Run => ({
      job,
      program: "GetDP",
      series: `gmsh and GetDP, order ${order}`,
      setting: `size ${size}`,
      script: [
        `gmsh -v 0 -2 -order ${order} ${set({ order, size })} -format msh22 ${here}${job.name}.geo -o mesh.msh`,
        `getdp ${here}laplace.pro -msh mesh.msh -name "$PWD/getdp" ${set(job.numbers)} -solve Laplace -pos flux -v 0`,
      ].join(" && "),
      read: (printed) => Number(printed.trim().split(/\s+/)[1] ?? NaN),
    }))
  );
}

/** Those of FreeFEM. */
export function freefemRuns(job: Job): Run[] {
  return ["5e-3", "1e-3", "2e-4"].slice(0, small ? 1 : 3).map((err): Run => ({
    job,
    program: "FreeFEM",
    series: "FreeFEM, order 2, adaptive",
    setting: `err ${err}`,
    script: `FreeFem++ -nw -ne -v 0 ${here}${job.name}.edp ${err}`,
    read: (printed) => Number(/flux (\S+)/.exec(printed)?.[1] ?? NaN),
  }));
}

/** Those of atlc and ours on a drawing, which is made here. */
export function drawingRuns(drawing: Drawing, n: number): Run[] {
  const { job, title: setting, create } = drawing;
  const bitmap = `drawing${n}.bmp`;
  const { ok } = timed(create(bitmap));
  if (!ok) throw new Error(`Cannot draw ${setting}: ${create(bitmap)} fails`);
  const { width, height, data } = decodeBitmap(readFileSync(join(folder, bitmap)));
  writeFileSync(join(folder, `drawing${n}.png`), encode({ width, height, data, channels: 3 }));
  const dielectric = job.numbers.er === undefined ? "" : `"#ac82ac" = { conductivity = ${job.numbers.er} }`;
  const edges = ["north", "south", "west", "east"].map((edge) => `${edge} = { flux = 0 }`);
  const legend = ['"#ff0000" = { name = "live", value = 1 }', '"#00ff00" = { name = "ground", value = 0 }'];
  writeFileSync(
    join(folder, `drawing${n}.toml`),
    [
      `shape = [${height + 1}, ${width + 1}]`,
      "[edges]",
      ...edges,
      "[image]",
      `file = "drawing${n}.png"`,
      "[image.legend]",
      ...legend,
      '"#ffffff" = {}',
      dielectric,
    ].join("\n"),
  );
  const common = { job, drawing, setting };
  const solve = `${own} solve drawing${n}.toml --json --quiet`;
  const refine = `${own} refine drawing${n}.toml --to 1e-3 --max-points 12000000 --json`;
  const runs: Run[] = [
    {
      ...common,
      program: "atlc",
      series: "atlc",
      script: `atlc -s -S -d ac82ac=10 ${bitmap}`,
      read: job.numbers.er === undefined ? fromImpedance : fromCapacitance,
    },
    { ...common, program: "laplace", series: "laplace solve", script: solve, read: solved("live") },
  ];
  if (!hasRefine) return runs;
  return [...runs, { ...common, program: "laplace", series: "laplace refine", script: refine, read: refined("live") }];
}

/** In air atlc prints five figures of Z0 = µ0 c ε0/C, and three of C. */
const fromImpedance = (printed: string) => 376.730313412 / Number(/Zo= *(\S+)/.exec(printed)?.[1] ?? NaN);
const fromCapacitance = (printed: string) => Number(/ C= *(\S+)/.exec(printed)?.[1] ?? NaN) / 8.8541878188;

/** The pixels of a bitmap of 24 bits: from the bottom up, blue first, lines of whole words. */
function decodeBitmap(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset);
  const [start, width, height] = [10, 18, 22].map((at) => view.getInt32(at, true)) as [number, number, number];
  const stride = Math.ceil(3 * width / 4) * 4;
  const data = new Uint8Array(3 * width * height);
  for (let p = 0; p < data.length; p++) {
    const y = Math.floor(p / (3 * width)), x = p % (3 * width);
    data[p] = file[start + (height - 1 - y) * stride + x - x % 3 + 2 - x % 3]!;
  }
  return { width, height, data };
}
