/**
 * `laplace line`: a transmission line of one conductor, or of two.
 *
 * @module
 */

import type { Command } from "commander";
import { short } from "../io/ticks.ts";
import { type LineMode, type TransmissionLine, transmissionLine } from "../solve/line.ts";
import type { RefineOptions } from "../solve/refine.ts";
import { matrixJson } from "./matrix.ts";
import type { SolveFlags } from "./options.ts";
import { exponential } from "./report.ts";
import { addLimitFlags, addStudy, columns } from "./study.ts";

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
const QUANTITIES: readonly (readonly [name: string, unit: string, of: (mode: LineMode) => number])[] = [
  ["impedance", "Ω", ({ impedance }) => impedance],
  ["capacitance", "F/m", ({ capacitance }) => capacitance],
  ["inductance", "H/m", ({ inductance }) => inductance],
  ["velocity factor", "", ({ velocityFactor }) => velocityFactor],
  ["delay", "s/m", ({ delay }) => delay],
  ["permittivity", "", ({ permittivity }) => permittivity],
];

function lineText({ line, coupled }: TransmissionLine, signal: string): string {
  if (line) return modesText("signal", { [signal]: line });
  const { even, odd, differentialImpedance, commonImpedance } = coupled;
  const pair = [["differential", inUnit(differentialImpedance, "Ω")], ["common", inUnit(commonImpedance, "Ω")]];
  return `${modesText("mode", { even, odd })}\n\n${columns(pair)}`;
}

function modesText(what: string, modes: Readonly<Record<string, LineMode>>): string {
  const list = Object.values(modes);
  const uncertain = list.flatMap(({ uncertainty }) => uncertainty === undefined ? [] : [exponential(uncertainty)]);
  return columns([
    [what, ...Object.keys(modes)],
    ...QUANTITIES.map(([name, unit, of]) => [name, ...list.map((mode) => inUnit(of(mode), unit))]),
    ...(uncertain.length > 0 ? [["uncertainty", ...uncertain]] : []),
  ]);
}

/** A number with its unit and a prefix: `50.2 pF/m`. */
function inUnit(value: number, unit: string): string {
  const [factor, prefix] = unit.endsWith("/m")
    ? ([[1e-12, "p"], [1e-9, "n"], [1e-6, "µ"]] as const).findLast(([factor]) => Math.abs(value) >= factor) ?? [1, ""]
    : [1, ""];
  return `${short(value / factor, 7)}${unit === "" ? "" : ` ${prefix}${unit}`}`;
}
