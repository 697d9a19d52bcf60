/**
 * Which part of the section each node belongs to, and what outlines of parts cover of cells.
 *
 * @module
 */

import type { Equations } from "../finite_volumes/assemble.ts";
import type { PartResult } from "../results.ts";
import type { Layers } from "../section/layers.ts";

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
  /** Whether a part has outlines; else it is whole nodes, with their cells. */
  readonly outlined: readonly boolean[];
  /** Whether a part is held: not of the domain that source and conductivity are in. */
  readonly held: readonly boolean[];
  /** Adds the fraction of each cell of a whole row that is in a part. @returns the columns [from, to) beyond which it is 0 */
  addCoverage(row: number, part: number, out: Float64Array): readonly [from: number, to: number];
}

/** The parts of a section, by number: their names and roles, and which node belongs to which. */
export interface SectionParts extends PartMap {
  readonly names: readonly string[];
  readonly roles: readonly PartResult["role"][];
  /** The value of each held part that has one value. */
  readonly values: ReadonlyMap<number, number>;
}

/**
 * Local. The parts of a problem, and what `fixed` holds, under that name.
 *
 * @param fixes whether `fixed` holds anything
 * @param sourceCoverage adds the fraction of each cell of a row that a source has
 */
export function sectionParts(
  { shape: [, nx], fixed, section }: Equations,
  { layers, sources }: Pick<Layers, "layers" | "sources">,
  fixes: boolean,
  sourceCoverage: Outlines["addCoverage"],
): SectionParts {
  const names: string[] = [];
  const roles: PartResult["role"][] = [];
  const add = (name: string, role: PartResult["role"]) => {
    const known = names.indexOf(name);
    if (known >= 0) return known;
    roles.push(role);
    return names.push(name) - 1;
  };
  const ofLayer = layers.map(({ name, role }) => add(name, role));
  const values = new Map(
    layers.flatMap(({ potential }, n) => potential === undefined ? [] : [[ofLayer[n]!, potential]]),
  );
  const ofSource = sources.map(({ name, role }) => add(name, role));
  const others = fixes ? add("fixed", "held") : -1;
  const held = new Float64Array(others < 0 ? 0 : nx);
  const numbers = Int32Array.from(ofLayer);
  const holds = roles.map((role) => role === "held" || role === "floating");
  return {
    count: names.length,
    names,
    roles,
    values,
    holds,
    read(row, from, to, out) {
      const some = others >= 0 && fixed.readInside(row, from, to, held);
      if (!section && !some) return false;
      if (section) partsOf(section.layers.subarray(row * nx + from, row * nx + to), numbers, out);
      else out.fill(-1, 0, to - from);
      // What is fixed stays so in a material; a held part wins.
      for (let j = 0; some && j < to - from; j++) if (held[j] === held[j] && !holds[out[j]!]) out[j] = others;
      return true;
    },
    ...(names.length > (others < 0 ? 0 : 1) && {
      outlines: {
        ofLayer,
        outlined: names.map((_, n) => ofLayer.includes(n) || ofSource.includes(n)),
        held: holds.map((is, n) => is && n !== others),
        addCoverage(row, part, out) {
          let [from, to] = [nx, 0];
          const widen = ([first, end]: readonly [number, number]) => {
            if (first < end) [from, to] = [Math.min(from, first), Math.max(to, end)];
          };
          ofLayer.forEach((n, layer) => n === part && section && widen(section.addCoverage(row, layer, out)));
          // A material with a source has its coverage already.
          ofSource.forEach((n, source) =>
            n === part && !ofLayer.includes(n) && widen(sourceCoverage(row, source, out))
          );
          return [from, Math.max(from, to)];
        },
      },
    }),
  };
}

function partsOf(layers: Int16Array, numbers: Int32Array, out: Int32Array): void {
  for (let j = 0; j < layers.length; j++) out[j] = layers[j]! < 0 ? -1 : numbers[layers[j]!]!;
}
