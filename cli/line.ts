/**
 * `laplace line`: a transmission line of one conductor, or of two.
 *
 * @module
 */

import type { Command } from "commander";
import { short } from "../io/ticks.ts";
import { type LineMode, type LineQuantities, type TransmissionLine, transmissionLine } from "../solve/line.ts";
import type { RefineOptions } from "../solve/refine.ts";
import { matrixJson } from "./matrix.ts";
import type { SolveFlags } from "./options.ts";
import { exponential } from "./report.ts";
import { addLimitFlags, addStudy, columns, figuresOf } from "./study.ts";

interface Flags extends SolveFlags, Partial<RefineOptions> {
  readonly signal: string;
  readonly second?: string;
}

const ABOUT = `
The problem is the section of the line, its conductivity the relative permittivity; lengths may be in any unit. The signal is
at 1 V, all else that is held at 0, what floats without charge. A second solve without dielectrics gives the inductance. With
--second the modes are even, both at 1 V, and odd, at 1 V and -1 V.`;

/** Adds the command. */
export function addLine(program: Command, finish: (code: number) => void): void {
  addStudy(program, finish, {
    name: "line",
    summary: "a transmission line: capacitance, inductance, impedance, velocity factor and delay",
    about: ABOUT,
    example: "line coax.toml --signal inner --to 1e-4",
    flags: (command) =>
      addLimitFlags(
        command
          .requiredOption("--signal <name>", "the part that carries the signal")
          .option("--second <name>", "a second one: even and odd mode"),
        "every capacitance is so certain, relatively",
      ),
    study: ({ signal, second, to, maxPoints }: Flags) => ({
      answer: (problem, options) => transmissionLine(problem, [signal, second], { ...options, to, maxPoints }),
      json: ({ line, coupled, filled, empty }) => ({
        signals: second === undefined ? [signal] : [signal, second],
        ...(line ?? coupled),
        filled: matrixJson(filled),
        empty: matrixJson(empty),
      }),
      text: (line) => lineText(line, signal),
      solutions: ({ filled, empty }) => filled === empty ? filled.solutions : [...filled.solutions, ...empty.solutions],
      limit: ({ filled, empty }) => to === undefined ? undefined : { why: filled.why ?? empty.why },
    }),
  });
}

/** What a mode has, with its unit. */
const QUANTITIES: readonly (readonly [name: string, unit: string, key: keyof LineQuantities])[] = [
  ["impedance", "Ω", "impedance"],
  ["capacitance", "F/m", "capacitance"],
  ["inductance", "H/m", "inductance"],
  ["velocity factor", "", "velocityFactor"],
  ["delay", "s/m", "delay"],
  ["permittivity", "", "permittivity"],
];

/** Without a limit of fine grids velocity factors count as so certain: what a solve leaves is less. */
const NEARLY = 0.01;

function lineText({ line, coupled }: TransmissionLine, signal: string): string {
  if (line) return modesText("signal", { [signal]: line });
  const { even, odd, differentialImpedance, commonImpedance, uncertainties } = coupled;
  const pair = columns([
    ["differential", inUnit(differentialImpedance, "Ω", uncertainties?.differentialImpedance)],
    ["common", inUnit(commonImpedance, "Ω", uncertainties?.commonImpedance)],
  ]);
  return modesText("mode", { even, odd }, pair);
}

/** @param more what is printed below the table */
function modesText(what: string, modes: Readonly<Record<string, LineMode>>, ...more: readonly string[]): string {
  const list = Object.values(modes);
  const quantities = QUANTITIES.map(([name, unit, key]) => [
    name,
    ...list.map((mode) => inUnit(mode[key], unit, mode.uncertainties?.[key])),
  ]);
  return [
    columns([[what, ...Object.keys(modes)], ...quantities]),
    ...more,
    ...(list.some(isTooFast) ? ["velocity factor above 1: is the conductivity relative to that of vacuum?"] : []),
  ].join("\n\n");
}

/** Whether waves are faster than light, beyond doubt. */
function isTooFast({ velocityFactor, uncertainties }: LineMode): boolean {
  return velocityFactor - (uncertainties?.velocityFactor ?? NEARLY) > 1;
}

/** A number with its uncertainty, if that is known, a unit and a prefix: `50.2 ± 1.0e-1 pF/m`. */
function inUnit(value: number, unit: string, uncertainty = 0): string {
  const [factor, prefix] = unit.endsWith("/m")
    ? ([[1e-12, "p"], [1e-9, "n"], [1e-6, "µ"]] as const).findLast(([factor]) => Math.abs(value) >= factor) ?? [1, ""]
    : [1, ""];
  const figure = uncertainty === 0
    ? short(value / factor, 7)
    : `${short(value / factor, figuresOf(value, uncertainty))} ± ${exponential(uncertainty / factor)}`;
  return `${figure}${unit === "" ? "" : ` ${prefix}${unit}`}`;
}
