/**
 * How a solution is told: as JSON for programs, in a few lines for people.
 *
 * @module
 */

import type { Solution } from "../solve.ts";

/** The JSON object of `laplace solve --json`. Numbers that are not finite become null. */
export function json(solution: Solution) {
  const { status, plugin, device, method, dtype, shape, sweeps, change, residual, errorBound = null } = solution;
  const { discretisationError = null, seconds, mlups, threads, ranks, block } = solution;
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
    discretisationError,
    seconds,
    mlups,
    threads,
    ranks,
    ...(block && { block: blockText(block) }),
  };
}

const ENDINGS: Readonly<Record<Solution["status"], string>> = {
  converged: "converged",
  limit: "not converged: the limit of sweeps is reached",
  stalled: "not converged: rounding errors keep it from getting any better",
  diverged: "diverged: the field is not finite",
  interrupted: "interrupted",
};

/**
 * @param name what was solved
 * @param written the files that hold the field
 */
export function summary(solution: Solution, name: string, written: readonly string[]): string {
  const { u, shape: [ny, nx], dtype, plugin, device, why, status, sweeps, seconds, mlups, threads } = solution;
  const because = (why: string) => why === "named" ? "" : `, ${why}`;
  const lines: [string, string][] = [
    ["problem", `${name}, ${ny} x ${nx} points, ${dtype}`],
    [
      "plugin",
      `${plugin} (${device}, ${threads} thread${threads === 1 ? "" : "s"})${because(why)}`,
    ],
    ["method", `${methodText(solution)}${because(solution.whyMethod)}`],
    ["status", `${ENDINGS[status]}, ${sweeps} sweeps`],
    ["error", errorLine(solution)],
    ...discretisationLines(solution),
    ["time", `${duration(seconds.total)} (open ${duration(seconds.open)}), ${mlups.toFixed(0)} million updates/s`],
    ...(status === "diverged" ? [] : fieldLines(solution)),
    ...written.map((path): [string, string] => ["written", path]),
  ];
  const width = Math.max(9, ...lines.map(([key]) => key.length));
  const text = lines.map(([key, value]) => `${key.padEnd(width)} ${value}`).join("\n");
  return nx <= 9 && ny <= 20 && status !== "diverged" && u.length > 0 ? `${text}\n\n${grid(u, nx)}` : text;
}

function methodText({ method, block }: Solution): string {
  if (method === "spectral") return "spectral: sweeps are Jacobi-equivalents";
  return block ? `${method}, block ${blockText(block)}` : method;
}

/** A block as the setting has it: `16x544`. */
export function blockText(block: NonNullable<Solution["block"]>): string {
  return block === "off" ? block : `${block.sweeps}x${block.width}`;
}

function errorLine({ errorBound, residual, change, stop, target }: Solution): string {
  const aim = `${stop === "change" ? "change" : "residual"} <= ${figure(target)}`;
  const state = `residual ${figure(residual)}, change ${figure(change)} (stops at ${aim})`;
  return errorBound === undefined
    ? `no bound is known for this problem and method; ${state}`
    : `at most ${figure(errorBound)} from the exact discrete solution; ${state}`;
}

/** The other error, if it was asked for. */
function discretisationLines({ discretisationError: error, discretisationNote: note }: Solution): [string, string][] {
  if (note === undefined) return [];
  return [["discretisation", error === undefined ? `no estimate: ${note}` : `about ${figure(error)} (${note})`]];
}

function fieldLines({ u, shape: [ny, nx] }: Solution): [string, string][] {
  if (u.length === 0) return []; // another rank has it
  let [low, high] = [Infinity, -Infinity];
  for (const value of u) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const centre = u[(ny >> 1) * nx + (nx >> 1)]!;
  return [["field", `${short(low)} to ${short(high)}, ${short(centre)} in the middle`]];
}

/** A grid so small that it can be shown whole, north at the top. */
function grid(u: ArrayLike<number>, nx: number): string {
  const cells = Array.from(u, short);
  const width = Math.max(...cells.map((cell) => cell.length));
  const rows: string[] = [];
  for (let k = 0; k < cells.length; k += nx) {
    rows.push(cells.slice(k, k + nx).map((cell) => cell.padStart(width)).join("  "));
  }
  return rows.join("\n");
}

function figure(value: number): string {
  return value === 0 ? "0" : value.toExponential(1);
}

function short(value: number): string {
  return String(Number(value.toPrecision(7)));
}

function duration(seconds: number): string {
  return seconds < 1 ? `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms` : `${seconds.toFixed(2)} s`;
}
