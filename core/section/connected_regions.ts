/**
 * The regions into which parts cut a domain: each must be held somewhere, or its values are known up to a constant.
 *
 * @module
 */

import { coefficientRows, type Coefficients, type Medium } from "../finite_volumes/coefficient_rows.ts";
import type { NamedLayer } from "./layers.ts";
import type { Section } from "../finite_volumes/section.ts";
import { ProblemError } from "../errors.ts";
import type { FixedPoints } from "../problem/fixed.ts";
import type { ResolvedProblem } from "../problem/resolve.ts";

/** What is connected in a domain with holes, or with conductors that float. */
export interface Regions {
  /** 1 where a node has no link that conducts, and so no equation; undefined where all have. C order. */
  readonly excluded: Uint8Array | undefined;
  /** Whether all is held; if not, there is one region. Parts that float do not hold it. */
  readonly held: boolean;
}

/**
 * Local. Follows the links that conduct. Nodes of one conductor are connected.
 *
 * @param fixed what is held besides parts
 * @throws ProblemError for a region that is held nowhere, unless it is the only one; and where holes leave nothing
 */
export function connectedRegions(
  medium: Omit<Medium, "f"> & { readonly section: Section },
  fixed: FixedPoints,
  layers: readonly NamedLayer[],
  { grid: { spacing: [dy, dx], origin: [south, west] }, axes: [x, y] }: ResolvedProblem,
): Regions {
  const { shape: [ny, nx], edges, section } = medium;
  const [rowsWrap, colsWrap] = [edges.north.kind === "periodic", edges.west.kind === "periodic"];
  // Without what ends at held parts: that is no convection.
  const bare = { ...section, sinks: section.sinks.map(() => NO_SINKS) };
  const rows = coefficientRows({ ...medium, section: bare, f: medium.k }, [0, nx]);
  const sets = new DisjointSets(
    layers.map(({ role }) => role === "held"),
    layers.map(({ role }) => role === "floating"),
  );
  const isHeld = Uint8Array.from(layers, ({ kind }) => kind === "held" ? 1 : 0);
  const held = new Float64Array(nx);
  const excluded = new Uint8Array(ny * nx);
  let [above, here] = [new Int32Array(nx), new Int32Array(nx)];
  let first = above;
  for (let i = 0; i < ny; i++) {
    const links = rows.coefficients(i);
    fixed.read(i, 0, nx, held);
    labelRow(links, section.layers.subarray(i * nx, i * nx + nx), isHeld, i * nx, sets, here);
    holdRow(links.robin, held, layers.length, sets, here);
    if (colsWrap && links.east[nx - 1]! > 0) sets.join(here[nx - 1]!, here[0]!);
    if (i > 0) joinRows(links.north, here, above, sets);
    if (rowsWrap && i === ny - 1) joinRows(links.south, here, first, sets);
    const { cols, layers: ends } = section.sinks[i]!;
    for (let k = 0; k < cols.length; k++) {
      const j = cols[k]!;
      if (here[j] === NO_LABEL) here[j] = sets.add(i * nx + j);
      sets.join(here[j]!, ends[k]!);
    }
    for (let j = here.indexOf(NO_LABEL); j >= 0; j = here.indexOf(NO_LABEL, j + 1)) excluded[i * nx + j] = 1;
    if (i === 0) first = here.slice();
    [above, here] = [here, above];
  }
  if (!excluded.includes(0)) {
    const hole = layers.find(({ kind }) => kind === "hole");
    throw new ProblemError(`${hole?.path ?? "parts"}: holes leave no node of the plate; make them smaller`);
  }
  const { free, regions } = sets.count();
  if (free === undefined || regions === 1) {
    return { excluded: excluded.includes(1) ? excluded : undefined, held: free === undefined };
  }
  const [row, col] = [Math.floor(free / nx), free % nx];
  const place = `${x} = ${west + col * dx}, ${y} = ${south + (ny - 1 - row) * dy}`;
  throw new ProblemError(
    `parts cut off a region that is held nowhere, with the node at ${place}: hold a part of it, let an edge of it convect, or ` +
      "make it a hole",
  );
}

const NO_SINKS = { cols: [], conductances: [], values: [], endRows: [], endCols: [], layers: [] };

/** Of a node without a link. */
const NO_LABEL = -1;

/** Labels the nodes of a row: those of a conductor by its layer, others by a set that they share with their western neighbour. */
function labelRow(
  { north, south, west, east, robin }: Coefficients,
  owners: Int16Array,
  isHeld: Uint8Array,
  start: number,
  sets: DisjointSets,
  labels: Int32Array,
): void {
  for (let j = 0; j < labels.length; j++) {
    const layer = owners[j]!;
    const after = j > 0 && west[j]! > 0;
    if (layer >= 0 && isHeld[layer] === 1) {
      labels[j] = layer;
      if (after) sets.join(layer, labels[j - 1]!);
    } else if (after) labels[j] = labels[j - 1]!;
    else if (north[j]! > 0 || south[j]! > 0 || west[j]! > 0 || east[j]! > 0 || robin[j]! > 0) {
      labels[j] = sets.add(start + j);
    } else labels[j] = NO_LABEL;
  }
}

/** Joins the sets of nodes with those of the next row that they are linked to. */
function joinRows(links: Float64Array, one: Int32Array, other: Int32Array, sets: DisjointSets): void {
  let [a, b] = [NO_LABEL, NO_LABEL];
  for (let j = 0; j < links.length; j++) {
    if (!(links[j]! > 0) || (one[j] === a && other[j] === b)) continue;
    a = one[j]!;
    b = other[j]!;
    sets.join(a, b);
  }
}

/** Holds the sets of nodes that are held, or convect. @param layers labels below are those of layers */
function holdRow(
  robin: Float64Array,
  held: Float64Array,
  layers: number,
  sets: DisjointSets,
  labels: Int32Array,
): void {
  let last = NO_LABEL;
  for (let j = 0; j < labels.length; j++) {
    if (labels[j]! < layers || labels[j] === last || !(robin[j]! > 0 || held[j] === held[j])) continue;
    last = labels[j]!;
    sets.hold(last);
  }
}

/** Sets of nodes that are joined one by one; the first ones are those of layers. */
class DisjointSets {
  readonly #parents: number[];
  readonly #held: boolean[];
  /** The first node of each set; -1 for a conductor that floats, undefined for other layers. */
  readonly #nodes: (number | undefined)[];

  constructor(held: readonly boolean[], floats: readonly boolean[]) {
    this.#parents = held.map((_, n) => n);
    this.#held = [...held];
    this.#nodes = floats.map((one) => one ? -1 : undefined);
  }

  add(node: number): number {
    this.#held.push(false);
    this.#nodes.push(node);
    return this.#parents.push(this.#parents.length) - 1;
  }

  hold(set: number): void {
    this.#held[set] = true;
  }

  join(one: number, other: number): void {
    if (one === other || one < 0 || other < 0) return;
    this.#parents[this.#root(one)] = this.#root(other);
  }

  /** @returns a node of a region that is not held, undefined if all are; and how many regions there are. */
  count(): { free: number | undefined; regions: number } {
    const held = new Set<number>();
    const nodes = new Map<number, number>();
    this.#nodes.forEach((node, set) => {
      const root = this.#root(set);
      if (this.#held[set]) held.add(root);
      if (node !== undefined) nodes.set(root, Math.max(node, nodes.get(root) ?? -1));
    });
    return { free: [...nodes].find(([root]) => !held.has(root))?.[1], regions: nodes.size };
  }

  #root(set: number): number {
    while (this.#parents[set] !== set) set = this.#parents[set] = this.#parents[this.#parents[set]!]!;
    return set;
  }
}
