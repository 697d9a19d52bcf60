/**
 * How a solution is reported: as JSON for programs, in a few lines for people.
 *
 * @module
 */

import { counted } from "../core/errors.ts";
import { roundoff } from "../core/dtype.ts";
import type { Dtype } from "../core/contract.ts";
import { extremes } from "../io/ticks.ts";
import type { Problem } from "../core/problem/problem.ts";
import { resultsTable } from "./results_table.ts";
import type { Solution } from "../solve/solve.ts";

/** The JSON object of `laplace solve --json`. Numbers that are not finite become null. */
export function json(solution: Solution) {
  const { status, plugin, device, method, dtype, shape, sweeps, change, residual, errorBound = null } = solution;
  const {
    asked,
    target,
    spread,
    surplus,
    discretisationError = null,
    discretisationNote,
    results = null,
    estimates = null,
    seconds,
    mlups,
    threads,
    ranks,
    sharing,
    block,
  } = solution;
  return {
    status,
    plugin,
    device,
    method,
    dtype,
    shape,
    sweeps,
    change,
    residual,
    errorBound,
    asked,
    target,
    spread,
    discretisationError,
    ...(surplus !== 0 && { surplus }),
    ...(discretisationNote !== undefined && { discretisationNote }),
    results,
    ...(discretisationNote !== undefined && { estimates }),
    seconds,
    mlups,
    threads,
    ranks,
    ...sharing,
    ...(block && { block: blockText(block) }),
  };
}

/** Writes a unit behind a number, if there is one. */
type InUnit = (text: string) => string;

const ENDINGS: Readonly<Record<Solution["status"], string>> = {
  converged: "converged",
  limit: "not converged: the limit of sweeps is reached",
  stalled: "not converged: further sweeps do not help",
  diverged: "diverged: the field is not finite",
  interrupted: "interrupted",
};

/**
 * @param name what was solved
 * @param written the files that hold the field
 * @param labels a title, and the unit of u
 * @param withResults whether a table of fluxes and probes follows
 */
export function summary(
  solution: Solution,
  name: string,
  written: readonly string[],
  { title, unit }: Pick<Problem, "title" | "unit"> = {},
  withResults = false,
): string {
  const { shape: [ny, nx], dtype, plugin, device, why, status, sweeps, seconds, mlups, threads, whyThreads } = solution;
  const inUnit = (text: string) => unit === undefined ? text : `${text} ${unit}`;
  const because = (why: string) => why === "named" ? "" : `, ${why}`;
  const lines: [string, string][] = [
    ["problem", `${title === undefined ? name : `${title} (${name})`}, ${ny} x ${nx} points, ${dtype}`],
    [
      "plugin",
      `${plugin} (${device}, ${counted(threads, "thread")}${whyThreads === undefined ? "" : `: ${whyThreads}`})${
        because(why)
      }`,
    ],
    ...sharingLines(solution),
    ["method", `${methodText(solution)}${because(solution.whyMethod)}`],
    ["status", `${ending(solution)}, ${counted(sweeps, "sweep")}`],
    ["error", errorLine(solution, inUnit)],
    ...helpLines(solution),
    ...balanceLines(solution),
    ...discretisationLines(solution, inUnit),
    ["time", `${duration(seconds.total)} (open ${duration(seconds.open)}), ${mlups.toFixed(0)} million updates/s`],
    ...(status === "diverged" ? [] : fieldLines(solution, inUnit)),
    ...written.map((path): [string, string] => ["written", path]),
  ];
  const text = keyed(lines);
  const table = withResults ? resultsTable(solution) : "";
  const small = nx <= 9 && ny <= 20 && status !== "diverged" && solution.u.length > 0;
  return [text, table, small ? grid(solution) : ""].filter((part) => part !== "").join("\n\n");
}

/** Lines with a key each, one below the other. */
export function keyed(lines: readonly (readonly [key: string, value: string])[]): string {
  const width = Math.max(9, ...lines.map(([key]) => key.length));
  return lines.map(([key, value]) => `${key.padEnd(width)} ${value}`).join("\n");
}

function sharingLines({ sharing, ranks }: Solution): [string, string][] {
  if (!sharing) return [];
  const { kernel, whyKernel, grid: [rows, cols], halo } = sharing;
  const idle = ranks - rows * cols;
  return [[
    "ranks",
    `${rows} x ${cols}, each with ${kernel}${whyKernel === undefined ? "" : ` (${whyKernel})`}${
      halo > 0 ? `, a halo of ${halo}` : ""
    }` +
    (idle > 0 ? `; ${idle} of ${ranks} have nothing to do` : ""),
  ]];
}

function methodText({ method, block }: Solution): string {
  if (method === "spectral") return "spectral: sweeps are Jacobi-equivalents";
  return block ? `${method}, block ${blockText(block)}` : method;
}

/** A block as the setting has it: `16x544`. */
export function blockText(block: NonNullable<Solution["block"]>): string {
  return block === "off" ? block : `${block.sweeps}x${block.width}`;
}

/** A status in words. */
function ending({ status, stop, errorBound }: Solution): string {
  const unbounded = status === "stalled" && stop === "error" && errorBound === undefined;
  return unbounded ? "not converged: no bound on the error was found" : ENDINGS[status];
}

/** How far from the discrete solution, against what was asked; then the numbers that the solve looked at. */
function errorLine(solution: Solution, inUnit: InUnit): string {
  const figure = (value: number) => inUnit(exponential(value));
  const { errorBound, noBound, residual, change, stop, target, asked, spread, loosenedFrom, status, dtype } = solution;
  if (errorBound === 0) return spread > 0 ? "none: every point is held at a value" : "none: the field is zero";
  if (status === "diverged") {
    return `unknown: the field is not finite; residual ${figure(residual)}, change ${figure(change)}`;
  }
  const loosened = loosenedFrom === undefined ? "" : `, since ${dtype} cannot reach ${figure(loosenedFrom)}`;
  const goal = target > 0 ? ` (stops at ${figure(target)}${stop === "residual" ? loosened : ""})` : "";
  const state = stop === "change"
    ? `residual ${figure(residual)}, change ${figure(change)}${goal}`
    : `residual ${figure(residual)}${goal}, change ${figure(change)}`;
  const wanted = stop === "error" ? ` (asked: ${figure(asked)}${loosened})` : "";
  if (errorBound !== undefined) {
    return `at most ${figure(errorBound)} from the exact discrete solution${wanted}; ${state}`;
  }
  return `no bound is known${noBound === undefined ? "" : `: ${noBound}`}${wanted}; ${state}`;
}

/** What would help a solve that gets no better, or whose error has no bound; and what a residual does not tell. */
function helpLines(
  { status, stop, method, whyMethod, dtype, errorBound, residual, spread }: Solution,
): [string, string][] {
  if (status === "converged" && stop !== "error" && errorBound! > spread) {
    return [["warning", `the ${stop} proves nothing here: the bound is wider than the field`]];
  }
  const inF64: [string, string] = ["help", "f64 has nine digits more: --dtype f64, with a plugin that has it"];
  if (status === "diverged" || status === "limit") {
    if (dtype === "f32") return [inF64];
    // `auto` is no advice to who has it.
    const other = whyMethod === undefined ? ["another method may do: --method auto"] : [];
    const more = status === "limit"
      ? "more sweeps may do: --max-sweeps"
      : "no field was written: the numbers may be too large for f64, try other units";
    return [...other, more].map((line) => ["help", line]);
  }
  if (status !== "stalled") return [];
  if (residual > 1e4 * roundoff(dtype) * spread && method !== "multigrid") {
    return [["help", `its sweeps do not converge here: another method, --method auto`]];
  }
  if (dtype === "f32") return [inF64];
  const tol = errorBound === undefined || stop !== "error" ? Infinity : 1.05 * errorBound / spread;
  if (tol < 0.1) return [["help", `rounding allows --tol ${Number(tol.toPrecision(2))}`]];
  return [["help", "conductivities and convection that differ less would leave f64 more digits"]];
}

function balanceLines({ surplus }: Solution): [string, string][] {
  return surplus === 0
    ? []
    : [["balance", `restored by a source of ${exponential(-surplus)} everywhere: the data are rounded`]];
}

/** The other error, if it was asked for. */
function discretisationLines(
  { discretisationError: error, discretisationNote: note }: Solution,
  inUnit: InUnit,
): [string, string][] {
  if (note === undefined) return [];
  const text = error === undefined ? `no estimate: ${note}` : `about ${inUnit(exponential(error))} (${note})`;
  return [["discretisation", text]];
}

function fieldLines({ u, shape: [ny, nx], dtype }: Solution, inUnit: InUnit): [string, string][] {
  if (u.length === 0) return []; // another rank has it
  const range = extremes(u);
  const show = (value: number) => rounded(value, range, dtype);
  const middle = u[(ny >> 1) * nx + (nx >> 1)]!;
  const inMiddle = middle === middle ? inUnit(show(middle)) : "a hole";
  return [["field", `${show(range.low)} to ${inUnit(show(range.high))}, ${inMiddle} in the middle`]];
}

/** A grid so small that it can be shown whole, north at the top. */
function grid({ u, shape: [, nx], dtype }: Solution): string {
  const range = extremes(u);
  const cells = Array.from(u, (value) => value === value ? rounded(value, range, dtype) : "");
  const width = Math.max(...cells.map((cell) => cell.length));
  const rows: string[] = [];
  for (let k = 0; k < cells.length; k += nx) {
    rows.push(cells.slice(k, k + nx).map((cell) => cell.padStart(width)).join("  "));
  }
  return rows.join("\n");
}

/** A value to the eighth digit of the range that it is from, or where that is rounding, as far as the precision goes. */
function rounded(value: number, { low, high }: { readonly low: number; readonly high: number }, dtype: Dtype): string {
  const place = (x: number) => Math.floor(Math.log10(Math.min(x, Number.MAX_VALUE)));
  const largest = Math.max(-low, high);
  const [unit, figures] = dtype === "f32" ? [2 ** -24, 9] : [2 ** -53, 16];
  // Where all is the same but for roundings, seven digits suffice.
  const flat = !(high - low > 16 * unit * largest);
  const last = Math.max(place(high - low) - 7, place(largest) - figures + 1);
  const digits = flat ? 7 : place(Math.abs(value)) - last + 1;
  return digits < 1 ? "0" : String(Number(value.toPrecision(digits)));
}

/** A number of which only the size matters: `1.6e-5`. */
export function exponential(value: number): string {
  return value === 0 ? "0" : value.toExponential(1);
}

/** Seconds, or milliseconds. */
export function duration(seconds: number): string {
  return seconds < 1 ? `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms` : `${seconds.toFixed(2)} s`;
}
