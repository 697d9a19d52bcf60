/**
 * One pass over the nodes that a rank owns: what flows in at edges and parts, source, energy, extremes. From the conductances
 * of the equations, not from differences of the field, so that all that flows in adds up to the residual.
 *
 * What flows in at a held (Dirichlet) node is the defect of its balance: what leaves it by its links, less what source and
 * free edges supply to its cell. At free nodes that is the residual, and over all nodes links cancel: fluxes and source sum
 * to it.
 *
 * @module
 */

import type { Parts } from "./assemble.ts";
import { coefficientRows, type Coefficients, robinInflow } from "./finite_volumes.ts";
import type { OwnedField } from "./owned_field.ts";
import type { Edge } from "../problem/edges.ts";
import type { Sampler } from "../problem/field.ts";
import type { Sinks } from "./section.ts";
import { EDGES } from "../problem/problem.ts";

/** Which part each node belongs to: numbers from 0. */
export interface PartMap {
  readonly count: number;
  /** Whether each holds its nodes: then what flows in there is its own, else an edge's. */
  readonly holds: readonly boolean[];
  /** Writes the parts of the nodes in columns [from, to) of a row, −1 where there is none. @returns whether there are any */
  read(row: number, from: number, to: number, out: Int32Array): boolean;
  /** Its outlines, where they do not go from node to node. */
  readonly outlines?: Outlines | undefined;
}

/** Parts whose outlines cut cells and links. */
export interface Outlines {
  /** The number of each layer's part. */
  readonly ofLayer: readonly number[];
  /** Whether a part is held: not of the domain that source and conductivity are in. */
  readonly held: readonly boolean[];
  /** Adds the fraction of each cell of a whole row that is in a part. @returns the columns [from, to) beyond which it is 0 */
  addCoverage(row: number, part: number, out: Float64Array): readonly [from: number, to: number];
}

/** The numbers of an entry of {@linkcode Totals}; weight and sum of u are by length on an edge, else by area. */
export const FLUX = 0, WEIGHT = 1, SUM = 2, NODES = 3, LOW = 4, HIGH = 5, SIZE = 6;

/** Sums over nodes; conductances are in the units of the equations. */
export interface Totals {
  /** SIZE numbers for each edge, in the order of EDGES, then for each part; then for all nodes, whose flux is the source. */
  readonly entries: Float64Array;
  /** ½ Σ G (Δu)² over all links. */
  energy: number;
  /** The first node with the least value, row × nx + column; Infinity if there is none. */
  lowAt: number;
  /** That with the largest. */
  highAt: number;
}

const [NORTH, SOUTH, WEST, EAST] = [0, 1, 2, 3].map((n) => n * SIZE) as [number, number, number, number];

/** Local. Totals of no node. */
export function noTotals(parts: number): Totals {
  const entries = new Float64Array((EDGES.length + parts + 1) * SIZE);
  for (let at = 0; at < entries.length; at += SIZE) {
    entries[at + LOW] = Infinity;
    entries[at + HIGH] = -Infinity;
  }
  return { entries, energy: 0, lowAt: Infinity, highAt: Infinity };
}

/** Local. The totals of the nodes that a rank owns. */
export function totalsOf(medium: Parts, map: PartMap, field: OwnedField): Totals {
  const { shape: [ny, nx], spacing: [dy, dx], edges, f, fixed, radii, section } = medium;
  const { outlines } = map;
  const { rows: [r0, r1], cols: [c0, c1] } = field.block;
  const totals = noTotals(map.count);
  const { entries } = totals;
  const whole = entries.length - SIZE;
  const count = c1 - c0;
  if (count === 0) return totals;

  const cells = coefficientRows(medium, [c0, c1]);
  const rowsWrap = edges.north.kind === "periodic";
  /** The columns at edges: their place here, the edge, its entry. */
  const ends = edges.west.kind === "periodic"
    ? []
    : ([[0, edges.west, WEST, radii?.west], [nx - 1, edges.east, EAST, radii?.east]] as const)
      .flatMap(([j, edge, entry, radius = 1]) => j >= c0 && j < c1 ? [{ at: j - c0, edge, entry, radius }] : []);
  const widths = new Float64Array(count).fill(dx);
  for (const { at } of ends) widths[at] = dx / 2;
  if (radii) { for (let j = 0; j < count; j++) widths[j]! *= radii.cells[c0 + j]!; }

  const lines = [0, 1, 2].map(() => new Float64Array(count + 2));
  let [above, here, below] = lines as [Float64Array, Float64Array, Float64Array];
  const held = new Float64Array(count);
  const supply = new Float64Array(count);
  const defects = new Float64Array(count);
  const labels = new Int32Array(count);
  const sums = new Float64Array(5);

  /** What holes leave open of an edge at one of its nodes. */
  const openOf = (entry: number, n: number) => section?.openEdges?.[EDGES[entry / SIZE]!][n] ?? 1;

  /** Energy, and the values of a row: of all nodes, and of edges. */
  const addValues = ({ i, edge, entry, height, values, links }: Row) => {
    addLinks(here, below, links, widths, sums);
    const [energy = 0, length = 0, sum = 0, low = 0, high = 0] = sums;
    totals.energy += energy / 2;
    if (section?.voids) return addOpenValues({ i, edge, entry, height, values });
    if (low < entries[whole + LOW]!) totals.lowAt = i * nx + c0 + values.indexOf(low);
    if (high > entries[whole + HIGH]!) totals.highAt = i * nx + c0 + values.indexOf(high);
    addNodes(entries, whole, length * height, sum * height, count, low, high);
    if (edge) addNodes(entries, entry, length, sum, count, low, high);
    for (const { at, entry, radius } of ends) {
      addNodes(entries, entry, height * radius, height * radius * values[at]!, 1, values[at]!, values[at]!);
    }
  };

  /** The values of a row with holes: nodes in these count with what is open of their cells, and not at all if nothing is. */
  const addOpenValues = ({ i, edge, entry, height, values }: Omit<Row, "links">) => {
    const { voids, excluded } = section!;
    const [first, end] = [i * nx + c0, i * nx + c1];
    const isOff = excluded?.subarray(first, end);
    openSums(values, widths, voids!.subarray(first, end), isOff, sums);
    const [area = 0, sum = 0, low = 0, high = 0, nodes = 0] = sums;
    if (low < entries[whole + LOW]!) totals.lowAt = first + firstWith(low, values, isOff);
    if (high > entries[whole + HIGH]!) totals.highAt = first + firstWith(high, values, isOff);
    addNodes(entries, whole, area * height, sum * height, nodes, low, high);
    for (let j = 0; edge && j < count; j++) {
      const length = widths[j]! * openOf(entry, c0 + j);
      if (!isOff?.[j]) addNodes(entries, entry, length, length * values[j]!, 1, values[j]!, values[j]!);
    }
    for (const { at, entry, radius } of ends) {
      if (excluded?.[i * nx + c0 + at]) continue;
      const length = height * radius * openOf(entry, i);
      addNodes(entries, entry, length, length * values[at]!, 1, values[at]!, values[at]!);
    }
  };

  const [own, cover, heldCover] = [count, nx, count].map((n) => new Float64Array(outlines ? n : 0)) as Three;
  /** What outlines change in a row. Its supply is that of its source so far. */
  const addOutlines = ({ i, height, values }: Row, { ofLayer, held: isHeld, addCoverage }: Outlines) => {
    const sourced = f.uniform !== 0;
    if (sourced) {
      // As if no hole took a piece of its cells.
      own.set(supply);
      for (let j = 0; section?.voids && j < count; j++) own[j] = quotient(own[j]!, 1 - section.voids[i * nx + c0 + j]!);
      heldCover.fill(0);
    }
    if (section) totals.energy += addSinks(section.sinks[i]!, [c0, c1], values, ofLayer, held, supply, entries) / 2;
    for (let n = 0; n < map.count; n++) {
      const [first, end] = addCoverage(i, n, cover);
      const [from, to] = [Math.max(first, c0) - c0, Math.min(end, c1) - c0];
      if (from < to) {
        const part = cover.subarray(c0, c1);
        addArea(part, from, to, values, widths, height, entries, (4 + n) * SIZE);
        // A source has no nodes of its own, but those whose cells it covers in part.
        for (let j = from; !ofLayer.includes(n) && j < to; j++) {
          if (part[j]! > 0 && !section?.excluded?.[i * nx + c0 + j]) {
            addNodes(entries, (4 + n) * SIZE, 0, 0, 1, values[j]!, values[j]!);
          }
        }
        if (isHeld[n] && sourced) addOutlineSource(part, from, to, own, held, heldCover, entries, (4 + n) * SIZE);
      }
      cover.fill(0, first, end);
    }
    if (!sourced) return;
    // What is held is no part of the domain, but for the piece of its cells that is beyond its outline.
    const inside = map.read(i, c0, c1, labels);
    for (let j = 0; j < count; j++) {
      entries[whole + FLUX]! -= own[j]! * heldCover[j]!;
      if (!inside || labels[j]! < 0 || !isHeld[labels[j]!]) {
        // At nodes that an edge holds the source flows in there.
        if (held[j] === held[j]) supply[j]! -= own[j]! * heldCover[j]!;
        continue;
      }
      const open = 1 - (section?.voids?.[i * nx + c0 + j] ?? 0);
      entries[(4 + labels[j]!) * SIZE + FLUX]! -= own[j]! * (open - heldCover[j]!);
      supply[j] = 0;
    }
  };

  /** What source and free edges supply to each cell of a row. */
  const addSupply = (row: Row) => {
    const { i, edge, entry, height, values } = row;
    if (f.uniform === 0) supply.fill(0);
    else {
      f.read(i, c0, c1, supply, held);
      readHeld(f, i, c0, held, supply);
      entries[whole + FLUX]! += scaled(supply, widths, height);
    }
    if (outlines) addOutlines(row, outlines);
    const flowIn = (edge: Edge, entry: number, j: number, row: number, col: number, length: number) => {
      const read = () => robinInflow(edge, row, col, length, values[j]!);
      const part = held[j] === held[j] ? ifAny(read) : read();
      supply[j]! += part;
      entries[entry + FLUX]! += part;
    };
    if (edge?.kind === "free") {
      for (let j = 0; j < count; j++) flowIn(edge, entry, j, 0, c0 + j, widths[j]! * openOf(entry, c0 + j));
    }
    for (const { at, edge, entry, radius } of ends) {
      if (edge.kind === "free") flowIn(edge, entry, at, i, 0, height * radius * openOf(entry, i));
    }
  };

  /** What flows in at the held nodes of a row. */
  const addDefects = ({ i, edge, entry, height, values, links }: Row) => {
    const inside = map.count > 0 && map.read(i, c0, c1, labels);
    const along = edge?.kind === "fixed";
    if (inside || along) defectsOf(above, here, below, links, supply, held, defects);
    // What is held inside is no edge's.
    // Parts with outlines have the areas of these.
    if (inside) addParts(labels, map.holds, values, widths, outlines ? 0 : height, defects, entries);
    for (let j = 0; along && j < count; j++) entries[entry + FLUX]! += defects[j]!;
    for (const { at, edge, entry: across } of ends) {
      if (edge.kind !== "fixed" || (inside && labels[at]! >= 0 && map.holds[labels[at]!])) continue;
      const defect = outflow(above, here, below, links, at) - supply[at]!;
      // A corner is its edge's; where two hold it, half each.
      entries[across + FLUX]! += along ? defect / 2 : defect;
      if (along) entries[entry + FLUX]! -= defect / 2;
    }
  };

  field.read(r0 - 1, above);
  field.read(r0, here);
  for (let i = r0; i < r1; i++) {
    field.read(i + 1, below);
    fixed.read(i, c0, c1, held);
    const edge = rowsWrap ? undefined : i === 0 ? edges.north : i === ny - 1 ? edges.south : undefined;
    const row: Row = {
      i,
      edge,
      entry: i === 0 ? NORTH : SOUTH,
      height: edge ? dy / 2 : dy,
      values: here.subarray(1, count + 1),
      links: cells.coefficients(i),
    };
    addValues(row);
    addSupply(row);
    addDefects(row);
    [above, here, below] = [here, below, above];
  }
  return totals;
}

type Three = [Float64Array, Float64Array, Float64Array];

/** A row of nodes. */
interface Row {
  readonly i: number;
  /** The edge along which it lies, and its entry. */
  readonly edge: Edge | undefined;
  readonly entry: number;
  /** Of its cells. */
  readonly height: number;
  readonly values: Float64Array;
  readonly links: Coefficients;
}

/** Local. Adds the totals of another rank. */
export function addTotals(to: Totals, { entries, energy, lowAt, highAt }: Totals): void {
  const whole = entries.length - SIZE;
  const [low, high] = [entries[whole + LOW]!, entries[whole + HIGH]!];
  const [lowest, highest] = [to.entries[whole + LOW]!, to.entries[whole + HIGH]!];
  if (low < lowest || (low === lowest && lowAt < to.lowAt)) to.lowAt = lowAt;
  if (high > highest || (high === highest && highAt < to.highAt)) to.highAt = highAt;
  to.energy += energy;
  for (let at = 0; at < entries.length; at += SIZE) {
    to.entries[at + FLUX]! += entries[at + FLUX]!;
    const [weight, sum, nodes, low, high] = entries.subarray(at + WEIGHT, at + SIZE);
    addNodes(to.entries, at, weight!, sum!, nodes!, low!, high!);
  }
}

/** A number of a function at a held node, where the equations need none: 0 if it has none there. */
function ifAny(read: () => number): number {
  try {
    return read();
  } catch {
    return 0;
  }
}

/** Reads a field at held nodes, where functions need have no number. */
function readHeld(f: Sampler, i: number, from: number, held: Float64Array, out: Float64Array): void {
  for (let j = 0; j < held.length; j++) if (held[j] === held[j]) out[j] = ifAny(() => f.at(i, from + j));
}

// ---- helpers: what is done for every point is a function of its own, which engines optimize ----

/**
 * Sums over a row: G (Δu)² over the links to the south and the east, the widths of cells, and these times u; then the range
 * of u.
 */
function addLinks(
  here: Float64Array,
  below: Float64Array,
  { south, east }: Coefficients,
  widths: Float64Array,
  out: Float64Array,
): void {
  let down = 0, along = 0, width = 0, sum = 0, low = Infinity, high = -Infinity;
  let u = here[1]!;
  for (let j = 0; j < widths.length; j++) {
    const next = here[j + 2]!;
    const s = below[j + 1]! - u;
    const e = next - u;
    down += south[j]! * s * s;
    along += east[j]! * e * e;
    width += widths[j]!;
    sum += widths[j]! * u;
    if (u < low) low = u;
    if (u > high) high = u;
    u = next;
  }
  out[0] = down + along;
  out[1] = width;
  out[2] = sum;
  out[3] = low;
  out[4] = high;
}

/** The same but for the links, of what holes leave open of cells; and how many of their nodes have equations. */
function openSums(
  values: Float64Array,
  widths: Float64Array,
  voids: Float64Array,
  excluded: Uint8Array | undefined,
  out: Float64Array,
): void {
  let width = 0, sum = 0, low = Infinity, high = -Infinity, nodes = 0;
  for (let j = 0; j < values.length; j++) {
    if (excluded !== undefined && excluded[j] === 1) continue;
    const u = values[j]!;
    const open = widths[j]! * (1 - voids[j]!);
    width += open;
    sum += open * u;
    nodes++;
    if (u < low) low = u;
    if (u > high) high = u;
  }
  out[0] = width;
  out[1] = sum;
  out[2] = low;
  out[3] = high;
  out[4] = nodes;
}

/** The first node with a value, of those that have equations. */
function firstWith(value: number, values: Float64Array, excluded: Uint8Array | undefined): number {
  let j = values.indexOf(value);
  while (excluded?.[j] === 1) j = values.indexOf(value, j + 1);
  return j;
}

/** Multiplies a row by the areas of its cells. @returns the sum */
function scaled(row: Float64Array, widths: Float64Array, height: number): number {
  let sum = 0;
  for (let j = 0; j < row.length; j++) sum += row[j]! *= widths[j]! * height;
  return sum;
}

/** Adds all but a flux to an entry. */
function addNodes(
  entries: Float64Array,
  at: number,
  weight: number,
  sum: number,
  nodes: number,
  low: number,
  high: number,
): void {
  entries[at + WEIGHT]! += weight;
  entries[at + SUM]! += sum;
  entries[at + NODES]! += nodes;
  if (low < entries[at + LOW]!) entries[at + LOW] = low;
  if (high > entries[at + HIGH]!) entries[at + HIGH] = high;
}

/** What leaves a node by its links. */
function outflow(
  above: Float64Array,
  here: Float64Array,
  below: Float64Array,
  { north, south, west, east }: Coefficients,
  j: number,
): number {
  const u = here[j + 1]!;
  return (north[j]! * (u - above[j + 1]!) + south[j]! * (u - below[j + 1]!)) +
    (west[j]! * (u - here[j]!) + east[j]! * (u - here[j + 2]!));
}

/** The defects of a row at held nodes, 0 at others. */
function defectsOf(
  above: Float64Array,
  here: Float64Array,
  below: Float64Array,
  links: Coefficients,
  supply: Float64Array,
  held: Float64Array,
  out: Float64Array,
): void {
  for (let j = 0; j < out.length; j++) {
    out[j] = held[j] === held[j] ? outflow(above, here, below, links, j) - supply[j]! : 0;
  }
}

/** Adds the nodes of a row to the parts that they belong to, and takes their defects off it. */
function addParts(
  labels: Int32Array,
  holds: readonly boolean[],
  values: Float64Array,
  widths: Float64Array,
  height: number,
  defects: Float64Array,
  entries: Float64Array,
): void {
  for (let j = 0; j < labels.length; j++) {
    if (labels[j]! < 0) continue;
    const at = (4 + labels[j]!) * SIZE;
    const area = widths[j]! * height;
    const u = values[j]!;
    if (holds[labels[j]!]) {
      entries[at + FLUX]! += defects[j]!;
      defects[j] = 0;
    }
    addNodes(entries, at, area, area * u, 1, u, u);
  }
}

function quotient(a: number, b: number): number {
  return b > 0 ? a / b : 0;
}

/** Adds what flows in at outlines to the parts that they are of, and to the supply of nodes that are held. @returns Σ G (Δu)² */
function addSinks(
  { cols, conductances, values: potentials, layers }: Sinks,
  [c0, c1]: readonly [number, number],
  values: Float64Array,
  ofLayer: readonly number[],
  held: Float64Array,
  supply: Float64Array,
  entries: Float64Array,
): number {
  let energy = 0;
  for (let n = 0; n < cols.length; n++) {
    const col = cols[n]!;
    if (col < c0 || col >= c1) continue;
    const rise = potentials[n]! - values[col - c0]!;
    const flow = conductances[n]! * rise;
    if (held[col - c0] === held[col - c0]) supply[col - c0]! += flow;
    entries[(4 + ofLayer[layers[n]!]!) * SIZE + FLUX]! += flow;
    energy += flow * rise;
  }
  return energy;
}

/** Adds the fractions of cells that are in a part to its area and integral. */
function addArea(
  part: Float64Array,
  from: number,
  to: number,
  values: Float64Array,
  widths: Float64Array,
  height: number,
  entries: Float64Array,
  at: number,
): void {
  let [sum, moment] = [0, 0];
  for (let j = from; j < to; j++) {
    const area = part[j]! * widths[j]!;
    sum += area;
    moment += area * values[j]!;
  }
  entries[at + WEIGHT]! += sum * height;
  entries[at + SUM]! += moment * height;
}

/** The equations of free nodes have the source of whole cells: the piece of them in a held part did not flow from there. */
function addOutlineSource(
  part: Float64Array,
  from: number,
  to: number,
  own: Float64Array,
  held: Float64Array,
  heldCover: Float64Array,
  entries: Float64Array,
  at: number,
): void {
  for (let j = from; j < to; j++) {
    heldCover[j]! += part[j]!;
    if (held[j] !== held[j]) entries[at + FLUX]! += own[j]! * part[j]!;
  }
}
