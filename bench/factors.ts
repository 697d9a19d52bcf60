/**
 * Measures what a cycle of multigrid leaves of the residual, on plates of all sizes, with cells of several aspects and
 * with jumps of the conductivity: rewrites the tables in docs/multigrid.md.
 *
 *     deno task bench:factors [--plugin ffi-omp,js] [--size 33,65,…] [--fields 513,2049,4097] [--only-fields] [--dry-run]
 *
 * `js` goes to 513 points a side. Each run starts from noise, so that there is no first guess from coarser grids, and with
 * edges held at zero. The last table has the steps that conductivities of all kinds take, from zero.
 *
 * @module
 */

import ffiOmp from "../backends/ffi-omp/mod.ts";
import { jsKernels } from "../backends/js/kernels.ts";
import { requireAvailable } from "../backends/registry.ts";
import { scatter } from "../conformance/problems.ts";
import type { Kernels } from "../core/kernels/kernels.ts";
import type { Problem } from "../core/problem/problem.ts";
import { openSession } from "../core/session.ts";
import { lower } from "../core/discretize/lower.ts";
import { conductivities } from "./conductivities.ts";
import { fillPage, flags, machine, requirePlaces, small, today } from "./tables.ts";

const page = "docs/multigrid.md";
const given = flags({
  plugin: "ffi-omp,js",
  size: "33,65,129,257,513,1025,2049,4097,258,1021",
  fields: "513,2049,4097",
  "only-fields": false,
  "dry-run": false,
});
const sizes = given.size.split(",").map(Number);

/** Cycles after which a factor is reported, unless so little of the first residual is left before. */
const MOST = 12, LITTLE = 1e-9;

/** What the counts of cycles are for, and where they end. */
const GOAL = 1e-10, PATIENCE = 200;

/** More is said to be slow. */
const GOOD = 0.2;

const plugins: Readonly<Record<string, { largest: number; kernels(): Promise<Kernels<unknown>> }>> = {
  "ffi-omp": {
    largest: Infinity,
    kernels: async () => {
      await requireAvailable(ffiOmp);
      return await ffiOmp.kernels({}) as Kernels<unknown>;
    },
  },
  js: { largest: 513, kernels: () => Promise.resolve(jsKernels() as Kernels<unknown>) },
};

// ---- cases ----

type Conductivity = (x: number, y: number, i: number, j: number) => boolean;

const jumps: Readonly<Record<string, Conductivity>> = {
  inclusion: (x, y) => (x - 0.5) ** 2 + (y - 0.5) ** 2 < 1 / 16,
  halves: (x) => x < 0.5,
  staircase: (x, y) => Math.floor(16 * x) + Math.floor(16 * y) >= 16,
  chessboard: (x, y) => ((Math.floor(8 * x) + Math.floor(8 * y)) & 1) === 1,
  "8 x 8 points": (_x, _y, i, j) => (((i >> 3) + (j >> 3)) & 1) === 1,
};

/** A column of a table. */
interface Case {
  readonly name: string;
  problem(n: number): Problem;
}

const noise = scatter(11, -1, 1);
const aspects: readonly Case[] = [[1, 1], [1, 10], [10, 1], [1, 100], [100, 1]].map(([dy, dx]) => ({
  name: `${dx} : ${dy}`,
  problem: (n) => ({ shape: [n, n], spacing: [dy!, dx!], initial: noise }),
}));
const conducting = (inside: Conductivity, k: number) => (n: number): Problem => ({
  shape: [n, n],
  conductivity: (i, j) => inside(j / (n - 1), i / (n - 1), i, j) ? k : 1,
  initial: noise,
});
const jumping: readonly Case[] = [
  { name: "no jump", problem: conducting(() => true, 1) },
  ...Object.entries(jumps).flatMap(([name, inside]) =>
    [1e3, 1e6].map((k) => ({ name: `${name} ${k === 1e3 ? "10³" : "10⁶"}`, problem: conducting(inside, k) }))
  ),
];

// ---- one case ----

/** What was found of a case. */
interface Found {
  /** Of cycles alone. */
  readonly factor: number;
  /** Cycles until GOAL times the residual of the first is left; undefined: more than PATIENCE. */
  readonly cycles: number | undefined;
  /** Whether they became the preconditioner of conjugate gradients on the way. */
  readonly directed: boolean;
}

async function measure(plugin: string, problem: Problem): Promise<Found> {
  const stencil = lower(problem);
  let directed = false;
  const run = async (alone: boolean) => {
    const kernels = await plugins[plugin]!.kernels();
    const { cg, ...others } = kernels;
    const watched = cg?.preconditionedResidual && {
      ...cg,
      preconditionedResidual(grid: unknown) {
        directed = true;
        return cg.preconditionedResidual!(grid);
      },
    };
    const used = alone || !watched ? others : { ...others, cg: watched };
    await using session = await openSession(used, stencil, { method: "multigrid", settings: {} });
    const residuals: number[] = [];
    while (residuals.length < (alone ? MOST : PATIENCE)) {
      residuals.push((await session.advance(1)).residual);
      if (residuals.at(-1)! <= (alone ? LITTLE : GOAL) * residuals[0]!) break;
    }
    return residuals;
  };
  const accelerated = await run(false);
  const pure = directed ? await run(true) : accelerated;
  const enough = pure.findIndex((residual) => residual <= LITTLE * pure[0]!);
  const last = Math.min(enough < 0 ? Infinity : enough, MOST - 1, pure.length - 1);
  return {
    factor: (pure[last]! / pure[0]!) ** (1 / last),
    cycles: accelerated.at(-1)! <= GOAL * accelerated[0]! ? accelerated.length : undefined,
    directed,
  };
}

/** The steps that a conductivity takes from zero, and a mark of what became the preconditioner of conjugate gradients. */
async function stepsOf(plugin: string, n: number, conductivity: Float64Array): Promise<string> {
  const stencil = lower({
    shape: [n, n],
    edges: { west: 1, east: 0, north: { flux: 0 }, south: { flux: 0 } },
    conductivity,
  });
  let mark = "";
  const kernels = await plugins[plugin]!.kernels();
  const { preconditionedResidual, aggregate } = kernels.cg ?? {};
  const cg = preconditionedResidual && {
    ...kernels.cg!,
    preconditionedResidual(grid: unknown) {
      mark ||= "\\*";
      return preconditionedResidual(grid);
    },
    ...(aggregate && {
      aggregate(grid: unknown) {
        mark = "†";
        return aggregate(grid);
      },
    }),
  };
  const plan = { method: "multigrid", settings: {} } as const;
  await using session = await openSession(cg ? { ...kernels, cg } : kernels, stencil, plan);
  for (let steps = 1; steps <= PATIENCE; steps++) {
    if ((await session.advance(1)).residual <= GOAL) return `${steps}${mark}`;
  }
  return `> ${PATIENCE}${mark}`;
}

// ---- tables ----

const tables = { aspects, jumps: jumping } as const;
const names = (plugin: string) => Object.keys(tables).map((table) => `factors ${plugin} ${table}`);
const chosen = given.plugin.split(",");
requirePlaces(page, ["factors machine", "factors fields", "fields machine", ...chosen.flatMap(names)]);

const cell = ({ factor, cycles, directed }: Found) => {
  const left = factor < 0.0995 ? factor.toFixed(3) : factor.toFixed(2);
  return `${factor > GOOD ? `**${left}**` : left} (${cycles ?? `> ${PATIENCE}`}${directed ? "\\*" : ""})`;
};

const parts: Record<string, string> = {};
for (const plugin of given["only-fields"] ? [] : chosen) {
  const own = sizes.filter((n) => n <= plugins[plugin]!.largest);
  for (const [table, cases] of Object.entries(tables)) {
    const found: Found[][] = [];
    for (const n of own) {
      const row: Found[] = [];
      for (const { problem } of cases) row.push(await measure(plugin, problem(n)));
      found.push(row);
      console.error(`${plugin} ${table} ${n}: ${row.map(cell).join(", ")}`);
    }
    const head = ["", ...cases.map(({ name }) => name)];
    const lines = [
      head,
      head.map((_, k) => k === 0 ? "---:" : "---"),
      ...own.map((n, k) => [`${n}²`, ...found[k]!.map(cell)]),
    ];
    const slow = cases.flatMap(({ name }, c) => {
      const worse = found.map((row) => row[c]!.factor).filter((factor) => factor > GOOD);
      if (worse.length === 0) return [];
      const where = own.filter((_, k) => found[k]![c]!.factor > GOOD).map((n) => `${n}²`).join(", ");
      return [
        `${name} (at most ${Math.max(...worse).toFixed(2)}: ${worse.length === own.length ? "all sizes" : where})`,
      ];
    });
    parts[`factors ${plugin} ${table}`] = `${lines.map((line) => `| ${line.join(" | ")} |`).join("\n")}\n\n${
      slow.length === 0 ? `${GOOD} is exceeded nowhere.` : `${GOOD} is exceeded by: ${slow.join("; ")}.`
    }`;
  }
}
const fieldSizes = small ? [17] : given.fields.split(",").map(Number);
const columns = fieldSizes.flatMap((n) =>
  chosen.filter((plugin) => n <= plugins[plugin]!.largest).map((plugin) => ({ plugin, n }))
);
const lines = [["", ...columns.map(({ plugin, n }) => `${plugin} ${n}²`)], columns.map(() => "---:")];
lines[1]!.unshift("---");
for (const [name, field] of Object.entries(conductivities)) {
  const row: string[] = [name];
  for (const { plugin, n } of columns) row.push(await stepsOf(plugin, n, field(n)));
  lines.push(row);
  console.error(row.join(" "));
}
parts["factors fields"] = lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
parts["fields machine"] = `${machine}; ${today}, f64.`;
if (!given["only-fields"]) parts["factors machine"] = `${machine}; ${today}, f64.`;

if (!given["dry-run"]) fillPage(page, parts);
