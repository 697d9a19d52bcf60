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

import { OutlineTotals, type Row } from "./outline_totals.ts";
import type { OwnedField } from "./owned_field.ts";
import { addRun, endOfRun, firstWith, openSums, outflow, rowSums, scaled, sumDefects } from "./row_sums.ts";
import type { PartMap } from "./section_parts.ts";
import { addNodes, entryOf, FLUX, HIGH, LOW, noTotals, SIZE, type Totals } from "./totals.ts";
import type { Equations } from "../finite_volumes/assemble.ts";
import { coefficientRows, type Coefficients, robinInflow } from "../finite_volumes/coefficient_rows.ts";
import type { Edge } from "../problem/edges.ts";
import type { Sampler } from "../problem/field.ts";
import { EDGES } from "../problem/problem.ts";

/** Local. The totals of the nodes that a rank owns. */
export function fieldTotals(medium: Equations, map: PartMap, field: OwnedField): Totals {
  const { shape: [ny], spacing: [dy], edges, fixed } = medium;
  const { rows: [r0, r1], cols: [c0, c1] } = field.block;
  const totals = noTotals(map.count);
  const count = c1 - c0;
  if (count === 0) return totals;
  const cells = coefficientRows(medium, [c0, c1]);
  const pass = new Pass(medium, map, [c0, c1], totals);
  const lines = [0, 1, 2].map(() => new Float64Array(count + 2));
  let [above, here, below] = lines as [Float64Array, Float64Array, Float64Array];
  const held = new Float64Array(count);
  const supply = new Float64Array(count);
  const rowsWrap = edges.north.kind === "periodic";
  field.read(r0 - 1, above);
  field.read(r0, here);
  for (let i = r0; i < r1; i++) {
    field.read(i + 1, below);
    const edge = rowsWrap ? undefined : i === 0 ? edges.north : i === ny - 1 ? edges.south : undefined;
    if (edge || pass.isSupplied || map.count > 0) fixed.read(i, c0, c1, held);
    pass.add({
      i,
      edge,
      entry: EDGES.indexOf(i === 0 ? "north" : "south") * SIZE,
      height: edge ? dy / 2 : dy,
      widths: pass.widths,
      lines: [above, here, below],
      values: here.subarray(1, count + 1),
      held,
      supply,
      links: cells.coefficients(i),
    });
    [above, here, below] = [here, below, above];
  }
  return totals;
}

/** A row with what is around it. */
interface LinkedRow extends Row {
  /** The edge along which it lies, and its entry. */
  readonly edge: Edge | undefined;
  readonly entry: number;
  /** The field above, here and below, with a neighbour on either side. */
  readonly lines: readonly [above: Float64Array, here: Float64Array, below: Float64Array];
  readonly links: Coefficients;
}

/** A column that lies along an edge. */
interface End {
  /** Its place in rows. */
  readonly at: number;
  readonly edge: Edge;
  readonly entry: number;
  /** That of the edge, 1 where there is no axis. */
  readonly radius: number;
}

class Pass {
  /** The width of the cells of each column, times its radius. */
  readonly widths: Float64Array;
  /** The sum of these. */
  readonly #length: number;
  /** Whether cells are supplied, by a source, free edges or through outlines. */
  readonly isSupplied: boolean;
  readonly #ends: readonly End[];
  readonly #outlines: OutlineTotals | undefined;
  /** Where the entry of all nodes begins. */
  readonly #whole: number;
  readonly #labels: Int32Array;
  readonly #sums = new Float64Array(5);

  constructor(
    readonly medium: Equations,
    readonly map: PartMap,
    readonly columns: readonly [from: number, to: number],
    readonly totals: Totals,
  ) {
    const { shape: [, nx], spacing: [, dx], edges: { west, east }, radii } = medium;
    const [c0, c1] = columns;
    const ends = west.kind === "periodic" ? [] : [
      { at: -c0, edge: west, entry: EDGES.indexOf("west") * SIZE, radius: radii?.west ?? 1 },
      { at: nx - 1 - c0, edge: east, entry: EDGES.indexOf("east") * SIZE, radius: radii?.east ?? 1 },
    ];
    this.#ends = ends.filter(({ at }) => at >= 0 && at < c1 - c0);
    this.widths = new Float64Array(c1 - c0).fill(dx);
    for (const { at } of this.#ends) this.widths[at] = dx / 2;
    if (radii) { for (let j = c0; j < c1; j++) this.widths[j - c0]! *= radii.cells[j]!; }
    this.#length = this.widths.reduce((sum, width) => sum + width, 0);
    if (map.outlines) this.#outlines = new OutlineTotals(medium, map, map.outlines, columns, totals.entries);
    this.isSupplied = medium.f.uniform !== 0 || map.outlines !== undefined ||
      EDGES.some((name) => medium.edges[name].kind === "free");
    this.#whole = totals.entries.length - SIZE;
    this.#labels = new Int32Array(c1 - c0);
  }

  /** Local. Adds a row. */
  add(row: LinkedRow): void {
    this.#addValues(row);
    this.#addSupply(row);
    this.#addDefects(row);
  }

  /** Adds the energy, and the values of a row: of all nodes, and of edges. */
  #addValues(row: LinkedRow): void {
    const { totals, columns: [c0] } = this;
    const { i, edge, entry, height, widths, lines: [, here, below], values, links } = row;
    const { entries } = totals;
    const whole = this.#whole;
    rowSums(here, below, links, widths, this.#sums);
    const [energy = 0, sum = 0, low = 0, high = 0] = this.#sums;
    totals.energy += energy / 2;
    if (this.medium.section?.voids) return this.#addOpenValues(row, this.medium.section.voids);
    const first = i * this.medium.shape[1] + c0;
    if (low < entries[whole + LOW]!) totals.lowAt = first + values.indexOf(low);
    if (high > entries[whole + HIGH]!) totals.highAt = first + values.indexOf(high);
    addNodes(entries, whole, this.#length * height, sum * height, values.length, low, high);
    if (edge) addNodes(entries, entry, this.#length, sum, values.length, low, high);
    for (const { at, entry, radius } of this.#ends) {
      const u = values[at]!;
      addNodes(entries, entry, height * radius, height * radius * u, 1, u, u);
    }
  }

  /** The values of a row with holes: nodes count with what is open of their cells, and not at all if nothing is. */
  #addOpenValues({ i, edge, entry, height, widths, values }: LinkedRow, voids: Float64Array): void {
    const { totals, medium: { shape: [, nx], section }, columns: [c0, c1] } = this;
    const { entries } = totals;
    const whole = this.#whole;
    const first = i * nx + c0;
    const isOff = section?.excluded?.subarray(first, i * nx + c1);
    openSums(values, widths, voids.subarray(first, i * nx + c1), isOff, this.#sums);
    const [area = 0, sum = 0, low = 0, high = 0, nodes = 0] = this.#sums;
    if (low < entries[whole + LOW]!) totals.lowAt = first + firstWith(low, values, isOff);
    if (high > entries[whole + HIGH]!) totals.highAt = first + firstWith(high, values, isOff);
    addNodes(entries, whole, area * height, sum * height, nodes, low, high);
    const addNode = (entry: number, at: number, length: number) => {
      if (!isOff?.[at]) addNodes(entries, entry, length, length * values[at]!, 1, values[at]!, values[at]!);
    };
    for (let j = 0; edge && j < values.length; j++) addNode(entry, j, widths[j]! * this.#openOf(entry, c0 + j));
    for (const { at, entry, radius } of this.#ends) addNode(entry, at, height * radius * this.#openOf(entry, i));
  }

  /** What holes leave open of an edge at one of its nodes. */
  #openOf(entry: number, n: number): number {
    return this.medium.section?.openEdges?.[EDGES[entry / SIZE]!][n] ?? 1;
  }

  /** Adds what source and free edges supply to each cell of a row. */
  #addSupply(row: LinkedRow): void {
    const { medium: { f }, totals: { entries }, columns: [c0, c1] } = this;
    const { i, edge, entry, height, widths, values, held, supply } = row;
    if (!this.isSupplied) return;
    if (f.uniform === 0) supply.fill(0);
    else {
      f.read(i, c0, c1, supply, held);
      readHeld(f, i, c0, held, supply);
      entries[this.#whole + FLUX]! += scaled(supply, widths, height);
    }
    if (this.#outlines) this.totals.energy += this.#outlines.add(row) / 2;
    const flowIn = (edge: Edge, entry: number, j: number, row: number, col: number, length: number) => {
      const read = () => robinInflow(edge, row, col, length, values[j]!);
      const part = held[j] === held[j] ? ifAny(read) : read();
      supply[j]! += part;
      entries[entry + FLUX]! += part;
    };
    if (edge?.kind === "free") {
      for (let j = 0; j < supply.length; j++) {
        flowIn(edge, entry, j, 0, c0 + j, widths[j]! * this.#openOf(entry, c0 + j));
      }
    }
    for (const { at, edge, entry, radius } of this.#ends) {
      if (edge.kind === "free") flowIn(edge, entry, at, i, 0, height * radius * this.#openOf(entry, i));
    }
  }

  /** Adds the nodes of parts, and what flows in at held ones. */
  #addDefects({ i, edge, entry, height, widths, lines, values, held, supply, links }: LinkedRow): void {
    const { map, totals: { entries }, columns: [c0, c1] } = this;
    const labels = this.#labels;
    const along = edge?.kind === "fixed";
    const inside = map.count > 0 && map.read(i, c0, c1, labels);
    if (!inside && along) labels.fill(-1);
    for (let from = 0, to; (inside || along) && from < labels.length; from = to) {
      to = endOfRun(labels, from);
      const label = labels[from]!;
      // Parts with outlines have the areas of these.
      const area = map.outlines?.outlined[label] ? 0 : height;
      if (label >= 0) addRun(values, widths, area, from, to, entries, entryOf(label));
      // What is held inside is no edge's.
      const own = map.holds[label] ? entryOf(label) : along ? entry : -1;
      if (own >= 0) entries[own + FLUX]! += sumDefects(...lines, links, supply, held, from, to);
    }
    for (const { at, edge, entry: across } of this.#ends) {
      if (edge.kind !== "fixed" || (inside && map.holds[labels[at]!])) continue;
      const defect = outflow(...lines, links, at) - supply[at]!;
      // A corner is its edge's; where two hold it, half each.
      entries[across + FLUX]! += along ? defect / 2 : defect;
      if (along) entries[entry + FLUX]! -= defect / 2;
    }
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
