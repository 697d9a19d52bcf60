/**
 * Roles in numbers: what a part, or a colour of a drawing, is.
 *
 * @module
 */

import { type Frame, numberOf } from "./frame.ts";
import type { RoleInput } from "./parts.ts";
import { type Quantity, quantityOf } from "./quantity.ts";

/** What a part is. */
export type Role =
  /** Held at a value (Dirichlet). */
  | { readonly role: "held"; readonly value: Quantity }
  /** A conductor of one unknown value, into which this total flows. */
  | { readonly role: "floating"; readonly charge: number }
  /** A material, with a source density or without. */
  | { readonly role: "material"; readonly conductivity: Quantity; readonly source: Quantity | undefined }
  /** A source in whatever material is there: a density, or a total spread evenly. */
  | { readonly role: "source"; readonly source: Quantity; readonly total: undefined }
  | { readonly role: "source"; readonly source: undefined; readonly total: number }
  /** Not part of the domain; its outline is insulated. */
  | { readonly role: "hole" };

/**
 * Local. The role of a part whose keys `checkParts` has checked.
 *
 * @param path the key of the part, which messages begin with
 * @param most the largest absolute value that may be held
 * @throws ProblemError for a formula with a fault, and a number out of range
 */
export function roleOf(input: RoleInput, path: string, frame: Frame, most: number): Role {
  const { value, charge, conductivity, source, total } = input;
  const density = source === undefined ? undefined : quantityOf(frame, source, `${path}.source`);
  if (value !== undefined) return { role: "held", value: quantityOf(frame, value, `${path}.value`, { most }) };
  if (charge !== undefined) return { role: "floating", charge: numberOf(frame, charge, `${path}.charge`) };
  if (conductivity !== undefined) {
    const k = quantityOf(frame, conductivity, `${path}.conductivity`, { positive: true });
    return { role: "material", conductivity: k, source: density };
  }
  if (density !== undefined) return { role: "source", source: density, total: undefined };
  if (total !== undefined) return { role: "source", source: undefined, total: numberOf(frame, total, `${path}.total`) };
  return { role: "hole" };
}
