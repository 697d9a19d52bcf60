/**
 * The source of a plate with parts: by the fraction of each cell that a part has, so that its total is met exactly.
 *
 * @module
 */

import type { Layers } from "./layers.ts";
import { PaintedLines } from "./painted_lines.ts";
import type { Layer, Plate, Section } from "../finite_volumes/section.ts";
import { unseen } from "./unseen_parts.ts";
import type { GridRegion } from "../geometry/grid_region.ts";
import { type Sampler, sampler } from "../problem/field.ts";
import type { ResolvedProblem } from "../problem/resolve.ts";

/**
 * Local. The source density at nodes: that of the plate outside of holes, and that of the parts, each by the fraction of a
 * node's cell that it has; and what adds such fractions. Equations have the source of all of a cell that is in no hole, also
 * of the piece of it that is held; so that piece has the density of the rest of the cell.
 *
 * @param depth by which totals are divided
 * @throws ProblemError for a source that covers nothing
 */
export function layeredSource(
  base: Sampler,
  plate: Plate,
  section: Section | undefined,
  { layers, sources }: Pick<Layers, "layers" | "sources">,
  given: ResolvedProblem,
  factor: number,
): { readonly f: Sampler; addCoverage: Section["addCoverage"] } {
  const { grid: { spacing: [dy, dx], origin: [south, west] }, depth } = given;
  const { shape, periodic } = plate;
  const [ny, nx] = shape;
  const { voids, excluded } = section ?? {};
  // A source lies in whatever is there, but for what is held and holes; other parts replace the sources below.
  const all = [...layers, ...sources.filter(({ role }) => role === "source")].sort((a, b) => a.order - b.order);
  const below = (kind: Layer["kind"]): GridRegion =>
    section?.visible((layer) => layers[layer]!.kind === kind) ?? NOWHERE;
  const lines = new PaintedLines(shape, periodic, [
    ...all.map(({ region, cells }) => cells ?? region),
    below("held"),
    below("hole"),
  ]);
  const numbers = sources.map(({ order }) => all.findIndex((one) => one.order === order));
  const addCoverage: Section["addCoverage"] = (row, source, out) => lines.addCoverage(row, numbers[source]!, out);
  if (sources.length === 0 && (!voids || Object.is(base.uniform, 0))) return { f: base, addCoverage };

  const density = new Float64Array(ny * nx);
  const covered = new Float64Array(ny * nx);
  for (const [n, source] of sources.entries()) {
    let area = 0;
    covered.fill(0);
    for (let i = 0; i < ny; i++) {
      const row = covered.subarray(i * nx, i * nx + nx);
      const [from, to] = addCoverage(i, n, row);
      for (let j = from; excluded && j < to; j++) if (excluded[i * nx + j]) row[j] = 0;
      for (let j = from; j < to; j++) area += row[j]! * plate.share(i, j) * dy * dx;
    }
    if (!(area > 0)) throw unseen(source, all.filter(({ order }) => order > source.order), given);
    const even = source.density?.uniform ?? source.total / depth / area;
    for (let n = 0; n < covered.length; n++) {
      if (covered[n] === 0) continue;
      const uneven = source.density?.uniform === undefined ? source.density : undefined;
      const value = uneven?.at(west + n % nx * dx, south + (ny - 1 - Math.floor(n / nx)) * dy) ?? even;
      density[n]! += factor * covered[n]! * value;
    }
  }
  const isOff = layers.map(({ kind }) => kind !== "material");
  const held = new Float64Array(nx);
  const row = new Float64Array(nx);
  for (let i = 0, n = 0; i < ny; i++) {
    readWhereAny(base, i, row, (j) => isOff[section?.layers[i * nx + j] ?? -1] === true);
    lines.addCoverage(i, all.length, held.fill(0));
    for (let j = 0; j < nx; j++, n++) {
      const open = 1 - (voids ? voids[n]! : 0);
      const free = open - held[j]!;
      density[n] = open * (row[j]! + (free > 1e-12 ? density[n]! / free : 0));
    }
  }
  return { f: sampler("source", density, [ny, nx]), addCoverage };
}
const NOWHERE: GridRegion = { alongRow: () => [], alongColumn: () => [], rows: [0, 0], cols: [0, 0] };
// ---- helpers ----

/** Reads a row of a field, which need have no number at some nodes: there it may be 0. */
function readWhereAny(field: Sampler, row: number, out: Float64Array, isOff: (col: number) => boolean): void {
  const skipped = field.uniform === undefined ? out.map((_, j) => isOff(j) ? 0 : NaN) : undefined;
  field.read(row, 0, out.length, out, skipped);
  skipped?.forEach((skip, j) => {
    if (skip !== 0) return;
    try {
      out[j] = field.at(row, j);
    } catch {
      out[j] = 0;
    }
  });
}
