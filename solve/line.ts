/**
 * Transmission lines of one conductor or two: from the charge on them for 1 V, with their dielectrics and without, follow
 * capacitance, inductance and wave impedance per metre, for waves that are nearly transverse (quasi-TEM). Conductivities stand
 * for relative permittivities.
 *
 * @module
 */

import { solveDense } from "../core/dense.ts";
import { ConfigError, ProblemError } from "../core/errors.ts";
import type { RoleInput } from "../core/problem/parts.ts";
import { type Problem, validateProblem } from "../core/problem/problem.ts";
import { checkConductors, conductorsOf, type MatrixOptions, type MaxwellMatrix, maxwellMatrix } from "./matrix.ts";

/** The electric constant, in F/m (CODATA 2022), and the speed of light, in m/s. */
export const EPS0 = 8.8541878188e-12, LIGHT = 299792458;

/** What a mode of a line has, in SI units, per metre. */
export interface LineQuantities {
  /** F/m. */
  readonly capacitance: number;
  /** H/m. */
  readonly inductance: number;
  /** Of a wave, in Ω. */
  readonly impedance: number;
  /** Speed of a wave over that of light. */
  readonly velocityFactor: number;
  /** s/m. */
  readonly delay: number;
  /** Effective relative permittivity. */
  readonly permittivity: number;
}

/** A mode of a line. Uncertainties are those of the limit of fine grids; undefined unless asked for with `to`. */
export interface LineMode extends LineQuantities {
  /** Of the impedance, relative. */
  readonly uncertainty: number | undefined;
  /** Of each quantity, absolute, in its unit. */
  readonly uncertainties: LineQuantities | undefined;
}

/** A line of two conductors over what is at 0. Where they differ, modes are means of the two. */
export interface CoupledLine {
  /** Both at 1 V: of each of them. */
  readonly even: LineMode;
  /** At +1 V and −1 V: of each of them. */
  readonly odd: LineMode;
  /** Between the two, in Ω: twice the odd impedance. */
  readonly differentialImpedance: number;
  /** Of both in parallel, in Ω: half the even impedance. */
  readonly commonImpedance: number;
  /** Of these two, absolute, in Ω; undefined unless asked for with `to`. */
  readonly uncertainties: Readonly<Record<"differentialImpedance" | "commonImpedance", number>> | undefined;
  /** Capacitance matrix in F/m, in the order of the signals. */
  readonly capacitance: readonly (readonly number[])[];
  /** Inductance matrix in H/m. */
  readonly inductance: readonly (readonly number[])[];
}

/** A transmission line: of one conductor, or of two. */
export type TransmissionLine =
  & (
    | { readonly line: LineMode; readonly coupled: undefined }
    | { readonly line: undefined; readonly coupled: CoupledLine }
  )
  & {
    /** The matrix of signals and what floats, with dielectrics. */
    readonly filled: MaxwellMatrix;
    /** Without; the same where there are none. */
    readonly empty: MaxwellMatrix;
  };

type Matrix = readonly (readonly number[])[];

/** Fluxes for 1 V, without dielectrics, of what has nothing across: below those of any line, above errors of solves. */
const NOTHING = 1e-3;

/**
 * Collective. A line whose signals are conductors of a problem. All other conductors, and held edges, are the return, at 0; what
 * floats takes the value at which nothing flows in. Takes a solve for each signal and each floating part, and as many without
 * dielectrics where there are any. With `to` the grid is refined as for {@linkcode maxwellMatrix}.
 *
 * @throws ConfigError if the problem or an option is wrong, a signal is no conductor, or nothing is across from it.
 * @throws UnavailableError if the plugin cannot run here.
 */
export async function transmissionLine(
  problem: Problem,
  signals: readonly [signal: string, second?: string | undefined],
  options: Omit<MatrixOptions, "names"> = {},
): Promise<TransmissionLine> {
  const valid = validateProblem(problem);
  const [signal, second] = signals;
  if (valid.coordinates === "axisymmetric") {
    throw new ProblemError("coordinates must be planar: a line has the same section all along");
  }
  const conductors = conductorsOf(valid);
  const named = second === undefined ? [signal] : [signal, second];
  checkConductors(conductors, named);
  if (signal === second) throw new ConfigError(`The second conductor must differ from the first: both are "${signal}"`);
  const floating = conductors.filter(({ name, floats }) => floats && !named.includes(name)).map(({ name }) => name);
  const withNames = { ...options, names: [...named, ...floating] };
  const filled = await maxwellMatrix(valid, withNames);
  const vacuum = withoutDielectrics(valid);
  const empty = vacuum ? await maxwellMatrix(vacuum, withNames) : filled;

  const [C, C0] = [reduced(filled.matrix, named.length), reduced(empty.matrix, named.length)];
  // Of a signal, the first at 1 V and the second at 1 V or −1 V; of two that differ, the mean.
  const fluxOf = (matrix: Matrix, second: 1 | -1) =>
    named.length === 1 ? matrix[0]![0]! : (matrix[0]![0]! + second * 2 * matrix[0]![1]! + matrix[1]![1]!) / 2;
  if (fluxOf(C0, 1) < NOTHING) {
    throw new ProblemError(
      `parts has nothing across from ${named.map((name) => `"${name}"`).join(" and ")}: hold another part, or an edge`,
    );
  }
  const off = (uncertainty: number | undefined) => uncertainty === undefined ? undefined : named.length * uncertainty;
  const mode = (second: 1 | -1) =>
    modeOf(
      [fluxOf(C, second), off(filled.uncertainty)],
      [fluxOf(C0, second), off(empty.uncertainty)],
      filled === empty,
    );
  if (second === undefined) return { line: mode(1), coupled: undefined, filled, empty };
  const [even, odd] = [mode(1), mode(-1)];
  const coupled = {
    even,
    odd,
    differentialImpedance: 2 * odd.impedance,
    commonImpedance: even.impedance / 2,
    uncertainties: odd.uncertainties && even.uncertainties && {
      differentialImpedance: 2 * odd.uncertainties.impedance,
      commonImpedance: even.uncertainties.impedance / 2,
    },
    capacitance: C.map((row) => row.map((flux) => EPS0 * flux)),
    inductance: [0, 1].map((i) => solveDense(C0, [1 - i, i]).map((inverse) => inverse / (EPS0 * LIGHT ** 2))),
  };
  return { line: undefined, coupled, filled, empty };
}

// ---- helpers ----

/** A mode from its fluxes for 1 V, with dielectrics and without, and how uncertain they are. @param same whether both are one */
function modeOf(
  [filled, off]: readonly [number, number | undefined],
  [empty, emptyOff]: readonly [number, number | undefined],
  same: boolean,
): LineMode {
  const [capacitance, vacuum] = [EPS0 * filled, EPS0 * empty];
  const velocityFactor = Math.sqrt(empty / filled);
  const quantities: LineQuantities = {
    capacitance,
    inductance: 1 / (LIGHT ** 2 * vacuum),
    impedance: 1 / (LIGHT * Math.sqrt(capacitance * vacuum)),
    velocityFactor,
    delay: 1 / (LIGHT * velocityFactor),
    permittivity: filled / empty,
  };
  if (off === undefined || emptyOff === undefined) {
    return { ...quantities, uncertainty: undefined, uncertainties: undefined };
  }
  // To first order, with all that may be off in one direction.
  const [part, emptyPart] = [off / filled, emptyOff / empty];
  const uncertainty = (part + emptyPart) / 2;
  const ofRatio = same ? 0 : part + emptyPart;
  const uncertainties = {
    capacitance: part * capacitance,
    inductance: emptyPart * quantities.inductance,
    impedance: uncertainty * quantities.impedance,
    velocityFactor: ofRatio / 2 * velocityFactor,
    delay: ofRatio / 2 * quantities.delay,
    permittivity: ofRatio * quantities.permittivity,
  };
  return { ...quantities, uncertainty, uncertainties };
}

/** The matrix of the first few conductors, where nothing flows into the others: what these are at is eliminated. */
function reduced(matrix: Matrix, count: number): number[][] {
  const others = matrix.slice(count).map((row) => row.slice(count));
  const columns = matrix.slice(0, count).map((_, j) => solveDense(others, matrix.slice(count).map((row) => row[j]!)));
  return matrix.slice(0, count).map((row) =>
    columns.map((column, j) => column.reduce((sum, value, n) => sum - row[count + n]! * value, row[j]!))
  );
}

/** The same problem with a conductivity of 1 everywhere; undefined if it has no other. */
function withoutDielectrics({ conductivity, parts = [], image, ...rest }: Problem): Problem | undefined {
  const { legend = {} } = image ?? {};
  const solids = [...parts, ...Object.values(legend)].some(({ conductivity }) => conductivity !== undefined);
  if (conductivity === undefined && !solids) return undefined;
  const emptied = <T extends RoleInput>(part: T): T =>
    part.conductivity === undefined ? part : { ...part, conductivity: 1 };
  const colours = Object.entries(legend).map(([colour, entry]) => [colour, emptied(entry)]);
  return {
    ...rest,
    parts: parts.map(emptied),
    ...(image && { image: { ...image, legend: Object.fromEntries(colours) } }),
  };
}
