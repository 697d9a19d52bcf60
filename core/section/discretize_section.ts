/**
 * Discretises a plate with parts: which part each node belongs to, the conductances of links near outlines (`links.ts`), and
 * what holes leave open (`apertures.ts`).
 *
 * @module
 */

import { Apertures } from "./apertures.ts";
import { Links, type Sink } from "./links.ts";
import { PaintedLines } from "./painted_lines.ts";
import type { Layer, OpenEdges, Plate, Section, Sinks, Sparse } from "../finite_volumes/section.ts";
import type { PaintedLine } from "../geometry/grid_region.ts";
import { type EdgeName, EDGES } from "../problem/problem.ts";

/** Local. Discretises a plate with parts. @param levels rows at which sources begin and end, by whose areas those here are measured */
export function discretizeSection(plate: Plate, layers: readonly Layer[], levels: readonly number[] = []): Section {
  const { shape: [ny], periodic } = plate;
  const lines = new PaintedLines(plate.shape, periodic, layers.map(({ region }) => region), levels);
  const areas = layers.some(({ cells }) => cells)
    ? new PaintedLines(plate.shape, periodic, layers.map(({ region, cells }) => cells ?? region), levels)
    : lines;
  const { owners, counts } = ownersOf(layers, lines);
  const isHole = layers.map(({ kind, drawn }) => kind === "hole" && !drawn);
  const apertures = isHole.includes(true)
    ? new Apertures(lines, isHole, (node) => isHole[owners[node]!] === true, plate.weight)
    : undefined;
  const sinks: Sink[] = [];
  const linksAlong = (axis: 0 | 1): Sparse[] => {
    const links = new Links(plate, layers, lines, owners, apertures, axis);
    const rows = Array.from({ length: ny }, (): { cols: number[]; values: number[] } => ({ cols: [], values: [] }));
    links.marked().forEach((marked, n) => {
      for (const link of marked) {
        const { cols, values } = rows[axis === 1 ? n : link]!;
        cols.push(axis === 1 ? link : n);
        values.push(links.conductance(n, link, sinks));
      }
    });
    return rows;
  };
  const [south, east] = [linksAlong(0), linksAlong(1)];
  const holes = layers.flatMap(({ kind }, n) => kind === "hole" ? [n] : []);
  return {
    layers: owners,
    counts,
    addCoverage: (row, layer, out) => areas.addCoverage(row, layer, out),
    visible: (isIn) => areas.visible(isIn),
    seen: seenLayers(layers, lines, counts, sinks),
    voids: holes.length > 0 ? voidsOf(areas, holes) : undefined,
    openEdges: apertures && openEdgesOf(plate.shape, apertures),
    east,
    south,
    sinks: sinksByRow(sinks, ny, layers),
  };
}

/** Local. A section some of whose nodes have no equation: all of their cells, and edges, is left out. */
export function withoutNodes(section: Section, excluded: Uint8Array, [ny, nx]: Plate["shape"]): Section {
  const { voids, openEdges } = section;
  const isOpen = (row: number, col: number) => excluded[row * nx + col] ? 0 : 1;
  return {
    ...section,
    excluded,
    voids: voids && withVoids(voids, excluded),
    openEdges: openEdges && {
      north: openEdges.north.map((part, j) => part * isOpen(0, j)),
      south: openEdges.south.map((part, j) => part * isOpen(ny - 1, j)),
      west: openEdges.west.map((part, i) => part * isOpen(i, 0)),
      east: openEdges.east.map((part, i) => part * isOpen(i, nx - 1)),
    },
  };
}

function withVoids(voids: Float64Array, excluded: Uint8Array): Float64Array {
  const all = voids.slice();
  for (let n = 0; n < all.length; n++) if (excluded[n] === 1) all[n] = 1;
  return all;
}

/** What holes leave open of edges. */
function openEdgesOf([ny, nx]: Plate["shape"], apertures: Apertures): OpenEdges {
  const open = (name: EdgeName) => {
    const lengthwise = name === "north" || name === "south";
    const at = name === "south" ? ny - 1 : name === "east" ? nx - 1 : 0;
    return Float64Array.from(
      { length: lengthwise ? nx : ny },
      (_, n) => apertures.edge(name, lengthwise ? at : n, lengthwise ? n : at),
    );
  };
  const [north, south, west, east] = EDGES.map(open) as [Float64Array, Float64Array, Float64Array, Float64Array];
  return { north, south, west, east };
}

/** Sorts sinks into rows, by column. */
function sinksByRow(sinks: readonly Sink[], ny: number, layers: readonly Layer[]): Sinks[] {
  const rows: Sink[][] = Array.from({ length: ny }, () => []);
  for (const sink of sinks) rows[sink.row]!.push(sink);
  return rows.map((row) => {
    row.sort((a, b) => a.col - b.col);
    return {
      cols: row.map(({ col }) => col),
      conductances: row.map(({ conductance }) => conductance),
      values: row.map(({ layer, endRow, endCol }) => layers[layer]!.value(endRow, endCol)),
      endRows: row.map(({ endRow }) => endRow),
      endCols: row.map(({ endCol }) => endCol),
      layers: row.map(({ layer }) => layer),
    };
  });
}

/**
 * The layer of each node: the one that its row is in; where an outline passes, of all that meet there on its row and its column
 * the highest held one, else the highest material. A node on the outline of a hole is not in it.
 */
function ownersOf(layers: readonly Layer[], lines: PaintedLines): { owners: Int16Array; counts: Int32Array } {
  const [ny, nx] = lines.shape;
  const owners = new Int16Array(ny * nx).fill(-1);
  const counts = new Int32Array(layers.length);
  const onOutline: number[] = [];
  for (let i = 0; i < ny; i++) {
    const { ends, layers: on } = lines.at(1, i);
    for (let k = 0, from = -1; k < ends.length && from < nx; k++) {
      const to = ends[k]!;
      const [first, last] = [Math.max(0, Math.floor(from) + 1), Math.min(nx, Math.ceil(to))];
      if (on[k]! >= 0 && first < last) {
        owners.fill(on[k]!, i * nx + first, i * nx + last);
        counts[on[k]!]! += last - first;
      }
      if (Number.isInteger(to) && to >= 0 && to < nx) onOutline.push(i * nx + to);
      from = to;
    }
  }
  for (let j = 0; j < nx; j++) {
    for (const i of lines.at(0, j).ends) if (Number.isInteger(i) && i >= 0 && i < ny) onOutline.push(i * nx + j);
  }
  for (const node of onOutline) {
    const [i, j] = [Math.floor(node / nx), node % nx];
    const layer = highest([...meeting(lines.at(1, i), j), ...meeting(lines.at(0, j), i)], layers);
    if (owners[node]! >= 0) counts[owners[node]!]!--;
    if (layer >= 0) counts[layer]!++;
    owners[node] = layer;
  }
  return { owners, counts };
}

/** The layers that meet at a place of a line. */
function meeting({ ends, layers }: PaintedLine, place: number): number[] {
  return layers.filter((_, k) => ends[k]! >= place && (k === 0 || ends[k - 1]! <= place));
}

/** Which of the layers that meet at a node has it. */
function highest(meeting: readonly number[], layers: readonly Layer[]): number {
  const most = (kind: Layer["kind"]) => Math.max(-1, ...meeting.filter((layer) => layers[layer]?.kind === kind));
  const [held, material] = [most("held"), most("material")];
  if (held >= 0 || material >= 0) return held >= 0 ? held : material;
  return meeting.includes(-1) ? -1 : most("hole");
}

/** Which layers have a node, or a link that they change. */
function seenLayers(
  layers: readonly Layer[],
  lines: PaintedLines,
  counts: Int32Array,
  sinks: readonly Sink[],
): readonly boolean[] {
  const seen = layers.map((_, n) => counts[n]! > 0);
  for (const { layer } of sinks) seen[layer] = true;
  if (!seen.includes(false)) return seen;
  for (const axis of [0, 1] as const) {
    const [count, across] = [lines.shape[axis]!, lines.shape[1 - axis]!];
    const most = lines.periodic[axis] ? count : count - 1;
    for (let place = 0; place <= across - (lines.periodic[1 - axis] ? 0.5 : 1); place += 0.5) {
      const { ends, layers: on } = lines.at(axis, place);
      on.forEach((layer, k) => {
        if (layer < 0 || seen[layer]) return;
        const { kind } = layers[layer]!;
        // Between nodes a hole closes faces; a material is there where links are.
        if (kind === "held" || (kind === "material" && !Number.isInteger(place))) return;
        const [from, to] = [Math.max(0, ends[k - 1] ?? -Infinity), Math.min(most, ends[k]!)];
        seen[layer] = from < to || (kind === "hole" && from === to);
      });
    }
  }
  return seen;
}

/** The fraction of each node's cell that is in holes. */
function voidsOf(lines: PaintedLines, holes: readonly number[]): Float64Array {
  const [ny, nx] = lines.shape;
  const voids = new Float64Array(ny * nx);
  for (let i = 0; i < ny; i++) {
    const row = voids.subarray(i * nx, i * nx + nx);
    for (const layer of holes) lines.addCoverage(i, layer, row);
  }
  return voids;
}
