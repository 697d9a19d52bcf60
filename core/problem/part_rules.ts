/**
 * What the keys of parts, drawings and probes must agree about: one role each, names that differ, names that exist.
 *
 * @module
 */

import { ProblemError, suggest } from "../errors.ts";
import { readColours } from "./legend.ts";
import { ROLE } from "./part_forms.ts";
import type { ImageInput, PartInput, ProbeInput, RoleInput } from "./parts.ts";

type RoleKey = keyof RoleInput;
const ROLES = Object.keys(ROLE) as RoleKey[];
const GIVE = "value, charge, conductivity, source, total or hole";

/**
 * Local. Checks parts, a drawing and probes whose forms are right.
 *
 * @throws ProblemError for a part without a role or with several, a name that occurs twice, a legend without colours, and a
 * probe of a part that there is not.
 */
export function checkParts({ fixed, parts = [], image, probes = [] }: {
  readonly fixed?: { readonly mask?: unknown; readonly shapes?: readonly unknown[] };
  readonly parts?: readonly PartInput[];
  readonly image?: ImageInput;
  readonly probes?: readonly ProbeInput[];
}): void {
  const names = new Map<string, string>();
  // What it holds is a part of that name.
  if (fixed?.mask !== undefined || fixed?.shapes?.length) names.set("fixed", "fixed");
  parts.forEach((part, n) => {
    const path = `parts[${n}]`;
    checkRole(part, path, "");
    addName(names, part.name, path);
  });
  if (image) checkLegend(image, names);
  const asked = new Map<string, string>();
  probes.forEach((probe, n) => {
    const path = `probes[${n}]`;
    addName(asked, probe.name, path);
    if (!("part" in probe) || names.has(probe.part)) return;
    const given = JSON.stringify(probe.part);
    throw new ProblemError(
      `${path}.part must be the name of a part: it is ${given}${suggest(probe.part, [...names.keys()])}`,
    );
  });
}

/** Local. The roles that are given, most of the time one. */
export function rolesOf(role: RoleInput): RoleKey[] {
  return ROLES.filter((key) => role[key] !== undefined);
}

function checkRole(role: RoleInput, path: string, otherwise: string): void {
  const given = rolesOf(role);
  if (given.length === 0) throw new ProblemError(`${path} has no role: give it ${GIVE}${otherwise}`);
  if (given.length === 1 || given.join() === "conductivity,source") return;
  const [last, ...rest] = given.toReversed();
  const several = given.length === 2 ? "two roles" : `${given.length} roles`;
  throw new ProblemError(`${path} has ${several}, ${rest.toReversed().join(", ")} and ${last}; keep one of them`);
}

function addName(names: Map<string, string>, name: string, path: string): void {
  const other = names.get(name);
  if (other !== undefined) {
    throw new ProblemError(`${path}.name must differ from that of ${other}: it is ${JSON.stringify(name)}`);
  }
  names.set(name, path);
}

/** Colours of one name and role are one part. */
function checkLegend({ legend }: ImageInput, names: Map<string, string>): void {
  const own = new Map<string, RoleInput>();
  const colours = readColours(legend, "image.legend");
  if (colours.length === 0) {
    throw new ProblemError(`image.legend is empty; write one such as { "#ff0000" = { value = 1 } }`);
  }
  for (const { text, entry: { name = text.toLowerCase(), ...role } } of colours) {
    const path = `image.legend.${JSON.stringify(text)}`;
    if (legend[text]!.name === undefined && rolesOf(role).length === 0) continue;
    checkRole(role, path, ", or no name if it is the medium");
    const same = own.get(name);
    if (same === undefined) addName(names, name, path);
    else if (ROLES.some((key) => same[key] !== role[key])) {
      const other = names.get(name);
      throw new ProblemError(
        `${path}.name can be that of ${other} only with the same role: it is ${JSON.stringify(name)}`,
      );
    }
    own.set(name, role);
  }
}
