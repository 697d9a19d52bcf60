/**
 * The results of a solve in words: a table of what flows in at edges and parts, the balance, and the probes.
 *
 * @module
 */

import { counted } from "../core/errors.ts";
import type { AverageResult, EdgeResult, Estimated, Extreme, LineResult, PointResult } from "../core/results.ts";
import { short } from "../io/ticks.ts";
import type { Solution } from "../solve/solve.ts";

/** The results; each flux and probe with its estimated discretisation error, if that was asked for. Empty if there are none. */
export function resultsTable({ results, estimates }: Pick<Solution, "results" | "estimates">): string {
  if (results === undefined) return "";
  const { source, imbalance, energy, integral, min, max } = results;
  const boundaries: Readonly<Record<string, EdgeResult>> = { ...results.edges, ...results.parts };
  const errors: Readonly<Record<string, Estimated<EdgeResult>>> = { ...estimates?.edges, ...estimates?.parts };
  // A flux that is rounding beside the others is 0.
  const scale = Math.max(Math.abs(source), ...Object.values(boundaries).map(({ flux }) => Math.abs(flux)));
  const flow = (value: number) => Math.abs(value) <= 1e-13 * scale ? 0 : value;
  const table = [
    ["", "flux", "mean", "min", "max"],
    ...Object.entries(boundaries).map(([name, { flux, mean, min, max }]) => [
      name,
      figure(flow(flux), errors[name]?.flux),
      // Holes have no field.
      ...[mean, min, max].map((value) => value === value ? figure(value) : ""),
    ]),
  ];
  const probes = Object.entries(results.probes).map((
    [name, probe],
  ) => [name, probeText(probe, estimates?.probes[name])]);
  const lines = [
    ["source", figure(source, estimates?.source)],
    ["imbalance", `${figure(imbalance, undefined, 2)}, the sum of these`],
    ["energy", figure(energy, estimates?.energy)],
    ["integral", figure(integral, estimates?.integral)],
    ["least", extremeText(min)],
    ["largest", extremeText(max)],
    ...probes,
  ];
  const first = Math.max(9, ...[...table, ...lines].map(([name]) => name!.length));
  const widths = table[0]!.map((_, n) => Math.max(...table.map((row) => row[n]!.length)));
  return [
    ...table.map(([name, ...cells]) =>
      [name!.padEnd(first), ...cells.map((cell, n) => cell.padStart(widths[n + 1]!))].join("  ")
    ),
    ...lines.map(([name, text]) => `${name!.padEnd(first)}  ${text}`),
  ].join("\n");
}

type ProbeResult = PointResult | LineResult | AverageResult;

function probeText(probe: ProbeResult, error: Estimated<ProbeResult> | undefined): string {
  if ("distance" in probe) {
    const { value, at, distance } = probe;
    const [from, to] = [at[0]!, at.at(-1)!].map((point) => `[${point.map((x) => figure(x)).join(", ")}]`);
    return `${figure(value[0]!)} to ${figure(value.at(-1)!)}, at ${
      counted(distance.length, "point")
    } from ${from} to ${to}`;
  }
  const value = figure(probe.value, typeof error?.value === "number" ? error.value : undefined);
  return "flux" in probe ? `${value}, flux [${probe.flux.map((f) => figure(f)).join(", ")}]` : `${value}, the mean`;
}

function extremeText({ value, at }: Extreme): string {
  return `${figure(value)} at [${at.map((x) => figure(x)).join(", ")}]`;
}

function figure(value: number, error?: number, figures = 9): string {
  const text = Number.isFinite(value) ? short(value, figures) : String(value);
  return error === undefined ? text : `${text} ± ${error === 0 ? "0" : error.toExponential(1)}`;
}
