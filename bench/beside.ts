/**
 * Error against seconds of processor, ours beside those of GetDP with gmsh, of FreeFEM and of atlc, on the same jobs and in
 * turn: rewrites docs/beside.md, where all are installed; else it prints what it has.
 *
 *     deno task bench:beside [--rounds 5]
 *
 * Needs dist/laplace and bash; the rest is in Debian as atlc, getdp, gmsh and freefem++. Seconds of processor are user and
 * system time of all that a run starts, reading and meshing included: they depend little on what else the machine does.
 *
 * @module
 */

import os from "node:os";
import { DRAWINGS, type Job, JOBS } from "./beside/jobs.ts";
import {
  drawingRuns,
  freefemRuns,
  getdpRuns,
  isThere,
  ownRuns,
  type Program,
  PROGRAMS,
  type Run,
  timed,
  versionOf,
} from "./beside/runs.ts";
import { fillPage, flags, machine, markdown, median, requirePlaces, small, today } from "./tables.ts";

const page = "docs/beside.md";
const given = flags({ rounds: 5 });
requirePlaces(page, ["machine", "least", "runs", "drawings"]);

/** A run, and what came of it. */
interface Measured extends Run {
  readonly flux: number;
  readonly processor: number;
  readonly elapsed: number;
}

const all = Object.keys(PROGRAMS) as Program[];
const there = all.filter(isThere);
const makers = { laplace: ownRuns, GetDP: getdpRuns, FreeFEM: freefemRuns, atlc: () => [] };
const runs = [
  ...JOBS.flatMap((job) => there.flatMap((program) => makers[program](job))),
  ...(there.includes("atlc") ? DRAWINGS.slice(0, small ? 1 : DRAWINGS.length).flatMap(drawingRuns) : []),
];

function measureAll(): Measured[] {
  const rounds = Array.from({ length: given.rounds }, (_, k) => {
    console.error(`Round ${k + 1} of ${given.rounds}`);
    return runs.map(({ script }) => timed(script));
  });
  return runs.map((run, k) => {
    const times = rounds.map((round) => round[k]!);
    return {
      ...run,
      flux: run.read(times[0]!.printed),
      processor: median(times.map(({ processor }) => processor)),
      elapsed: median(times.map(({ elapsed }) => elapsed)),
    };
  });
}

const load = os.loadavg()[0]!.toFixed(1);
const measured = measureAll();

const off = (flux: number, exact: number) => {
  const error = flux / exact - 1;
  return Number.isNaN(error) ? "fails" : `${error < 0 ? "−" : "+"}${Math.abs(error).toExponential(1)}`;
};
const seconds = (value: number) => value.toFixed(2);

function tableOf(job: Job): string {
  const rows = measured.filter((run) => run.job === job && !run.drawing).map(({ flux, ...run }) => [
    run.series,
    run.setting,
    off(flux, job.exact),
    seconds(run.processor),
    seconds(run.elapsed),
  ]);
  const heading = `### ${job.title}\n\nExact: ${Number(job.exact.toPrecision(11))}.`;
  return `${heading}\n\n${markdown(["program", "setting", "error", "s of processor", "s"], rows, 2)}`;
}

function drawingsTable(): string {
  const rows = measured.flatMap(({ drawing, job, flux, ...run }) =>
    !drawing ? [] : [[
      drawing.title,
      run.series,
      off(flux, job.exact),
      off(flux, drawing.drawn ?? job.exact),
      seconds(run.processor),
      seconds(run.elapsed),
    ]]
  );
  return markdown(
    ["drawing, pixels", "program", "from what is asked", "from what is drawn", "s of processor", "s"],
    rows,
    2,
  );
}

const BOUNDS = [1e-3, 1e-4, 1e-5, 1e-6, 1e-7];

/** The least seconds after which a program is within a bound, and within it in all finer runs of the series too. */
function least(job: Job, program: Program, bound: number): number {
  const own = measured.filter((run) =>
    run.job === job && run.program === program && (program === "atlc") === !!run.drawing
  );
  const within = ({ flux }: Measured) => Math.abs(flux / job.exact - 1) <= bound;
  const good = own.filter((run, k) =>
    within(run) && own.slice(k).every((finer) => finer.series !== run.series || within(finer))
  );
  return Math.min(...good.map(({ processor }) => processor));
}

function leastTable(): string {
  const rows = JOBS.flatMap((job) => {
    const columns = BOUNDS.map((bound) => there.map((program) => least(job, program, bound)));
    return there.map((program, p) => [
      p === 0 ? job.title : "",
      program,
      ...columns.map((column) => {
        const text = Number.isFinite(column[p]!) ? seconds(column[p]!) : "–";
        return Number.isFinite(column[p]!) && column[p] === Math.min(...column) ? `**${text}**` : text;
      }),
    ]);
  });
  return markdown(["job", "program", ...BOUNDS.map((bound) => bound.toExponential(0))], rows, 2);
}

const tables = { least: leastTable(), runs: JOBS.map(tableOf).join("\n\n"), drawings: drawingsTable() };
console.log(Object.values(tables).join("\n\n"));
if (there.length < all.length) console.error(`${page} stays as it is: it has all programs`);
else {
  fillPage(page, {
    machine: `${machine}; ${
      there.map(versionOf).join(", ")
    }; ${today}. Medians of ${given.rounds} rounds in turn; load ${load} before the first.`,
    ...tables,
  });
}
