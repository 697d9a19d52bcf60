/**
 * Sums over a whole region: what flows in, its area, its diagonal.
 *
 * @module
 */

import { coefficientRows, type Medium } from "./coefficient_rows.ts";
import { ProblemError } from "../errors.ts";

/** Local. What flows in, by source and edges, as if no point were held; and the sum of its absolute parts. */
export function inflow(medium: Medium): { sum: number; size: number } {
  const [ny, nx] = medium.shape;
  const cells = coefficientRows(medium, [0, nx]);
  let sum = 0;
  let size = 0;
  for (let i = 0; i < ny; i++) {
    const row = cells.inflow(i);
    for (let j = 0; j < nx; j++) {
      sum += row[j]!;
      size += Math.abs(row[j]!);
    }
  }
  return { sum, size };
}

/**
 * What may be missing from a balance, relative to all that flows: by rounding of the sum, of data that was written with ten
 * digits, and of data that was f32.
 */
const ROUNDED = 1e-13, BALANCED = 1e-9, SINGLE_BALANCED = 1e-6;

/**
 * Local. Checks that source and fluxes balance: a singular problem (pure Neumann, periodic) has no solution otherwise.
 *
 * @returns the source that is too much everywhere, because data are rounded; 0 where they balance
 * @throws ProblemError if they do not.
 */
export function balance(medium: Medium): number {
  const { edges, f } = medium;
  const { sum, size } = inflow(medium);
  if (Math.abs(sum) <= ROUNDED * size) return 0;
  const single = [f, ...Object.values(edges).flatMap((edge) => edge.kind === "free" ? [edge.flux] : [])]
    .some((field) => field.single);
  if (Math.abs(sum) > (single ? SINGLE_BALANCED : BALANCED) * size) {
    throw new ProblemError(
      `source and fluxes do not balance: ${sum} flows in and nothing takes it out; fix a point, add convection or ` +
        "balance them (the source of a node on an edge counts a half, at a corner a quarter)",
    );
  }
  return sum / areaOf(medium);
}

/** Local. The area of the domain, holes aside; around an axis the volume of a radian. */
export function areaOf({ shape: [ny, nx], spacing: [dy, dx], edges, radii, section }: Medium): number {
  const [rowsWrap, colsWrap] = [edges.north.kind === "periodic", edges.west.kind === "periodic"];
  if (!radii && !section?.voids) return (rowsWrap ? ny : ny - 1) * dy * (colsWrap ? nx : nx - 1) * dx;
  let area = 0;
  for (let i = 0; i < ny; i++) {
    const height = !rowsWrap && (i === 0 || i === ny - 1) ? dy / 2 : dy;
    for (let j = 0; j < nx; j++) {
      const width = !colsWrap && (j === 0 || j === nx - 1) ? dx / 2 : dx;
      area += height * width * (radii?.cells[j] ?? 1) * (1 - (section?.voids?.[i * nx + j] ?? 0));
    }
  }
  return area;
}

/** Local. The factor by which a sweep reduces a constant error where nothing is fixed, less 1: Robin terms over diagonals. */
export function constantGap(medium: Medium): number {
  const { robin, diagonal } = sums(medium);
  return robin / diagonal;
}

/** Local. The sum of the diagonal over all nodes. */
export function diagonalSum(medium: Medium): number {
  return sums(medium).diagonal;
}

function sums(medium: Medium): { robin: number; diagonal: number } {
  const [ny, nx] = medium.shape;
  const { coefficients } = coefficientRows(medium, [0, nx]);
  const sums = { robin: 0, diagonal: 0 };
  for (let i = 0; i < ny; i++) {
    const { diagonal, robin } = coefficients(i);
    for (let j = 0; j < nx; j++) {
      sums.robin += robin[j]!;
      sums.diagonal += diagonal[j]!;
    }
  }
  return sums;
}
