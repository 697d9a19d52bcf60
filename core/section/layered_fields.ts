/**
 * What the layers of parts change in the fields of a plate: its conductivity, and the points that are held.
 *
 * @module
 */

import type { NamedLayer } from "./layers.ts";
import type { Layer, Section } from "../finite_volumes/section.ts";
import { rangeOf } from "../grid_data.ts";
import type { Sampler } from "../problem/field.ts";
import type { FixedPoints } from "../problem/fixed.ts";

type Shape = readonly [ny: number, nx: number];

/** Local. Whether parts lie over a conductivity by cells, and links within them have one of their own. */
export function overlaysCells(layers: readonly Layer[]): boolean {
  return layers.some(({ kind, drawn }) => kind !== "held" && !drawn);
}

/**
 * Local. The conductivity at nodes: that of their layer, 0 in holes.
 *
 * @param medium what it is elsewhere, such as NaN where cells have it
 */
export function layeredConductivity(
  medium: Sampler,
  [, nx]: Shape,
  { layers: owners }: Section,
  layers: readonly NamedLayer[],
): Sampler {
  // Held nodes change no link that is not the section's own.
  if (medium.uniform !== undefined && !overlaysCells(layers)) return medium;
  const at = (i: number, j: number) => {
    const layer = owners[i * nx + j]!;
    if (layer < 0 || layers[layer]!.kind === "held" || layers[layer]!.drawn) return medium.at(i, j);
    return layers[layer]!.kind === "hole" ? 0 : layers[layer]!.conductivity(i, j);
  };
  // By layer: 0 where it has the medium's, 1 that of `uniform`, 2 where it depends on the place.
  const uniform = Float64Array.from(layers, ({ kind, uniform }) => kind === "hole" ? 0 : uniform ?? NaN);
  const kinds = Uint8Array.from(
    layers,
    ({ kind, uniform, drawn }) => kind === "held" || drawn ? 0 : kind === "hole" || uniform !== undefined ? 1 : 2,
  );
  return {
    uniform: undefined,
    single: medium.single,
    at,
    read(i, from, to, out, held) {
      medium.read(i, from, to, out, held);
      if (readLayers(owners.subarray(i * nx + from, i * nx + to), kinds, uniform, out) < 2) return;
      for (let j = from; j < to; j++) {
        const layer = owners[i * nx + j]!;
        if (layer >= 0 && kinds[layer] === 2) out[j - from] = at(i, j);
      }
    },
  };
}

/** Local. The points that are held, parts included; a node without an equation is held at some value, and does not count otherwise. */
export function withHeldParts(
  fixed: FixedPoints,
  [ny, nx]: Shape,
  { layers: owners, counts, excluded, sinks }: Section,
  layers: readonly NamedLayer[],
): FixedPoints {
  /** Of nodes without an equation: it widens no range. */
  let idle = 0;
  // By layer: 0 where it is not held, 1 where its value is that of `values`, 2 where it depends on the place.
  const values = Float64Array.from(layers, ({ potential }) => potential ?? NaN);
  const kinds = Uint8Array.from(layers, ({ kind, potential }) => kind !== "held" ? 0 : potential === undefined ? 2 : 1);
  const read = (i: number, from: number, to: number, held: Float64Array): boolean => {
    const some = fixed.read(i, from, to, held);
    const [first, end] = [i * nx + from, i * nx + to];
    const holds = readLayers(owners.subarray(first, end), kinds, values, held);
    for (let j = from; holds > 1 && j < to; j++) {
      const layer = owners[i * nx + j]!;
      if (layer >= 0 && kinds[layer] === 2) held[j - from] = layers[layer]!.value(i, j);
    }
    return (excluded && holdExcluded(excluded.subarray(first, end), idle, held)) || some || holds > 0;
  };
  let [count, low, high] = [0, Infinity, -Infinity];
  const widen = (value: number) => {
    low = Math.min(low, value);
    high = Math.max(high, value);
  };
  // Where each conductor has one value, and besides them only edges are held, there is no need to look at every node.
  const even = !fixed.inside && !kinds.includes(2);
  const row = new Float64Array(nx);
  const add = (i: number, from: number, to: number, others: boolean) => {
    const part = row.subarray(0, to - from);
    read(i, from, to, part);
    for (let j = from; j < to; j++) {
      const layer = owners[i * nx + j]!;
      if (excluded?.[i * nx + j] || (others && layer >= 0 && kinds[layer]! > 0)) part[j - from] = NaN;
      else if (part[j - from] === part[j - from]) count++;
    }
    const [least, most] = rangeOf(part);
    if (least <= most) [least, most].forEach(widen);
  };
  for (let i = 0; i < ny; i++) {
    if (!even || i === 0 || i === ny - 1) add(i, 0, nx, even);
    else for (const j of [0, nx - 1]) add(i, j, j + 1, true);
    for (const value of sinks[i]!.values) widen(value);
  }
  for (let n = 0; even && n < layers.length; n++) {
    if (kinds[n] === 0 || counts[n] === 0) continue;
    widen(values[n]!);
    count += counts[n]!;
  }
  if (excluded) count += sumOf(excluded);
  const any = low <= high;
  if (any) idle = Math.min(Math.max(0, low), high);
  return { ...fixed, any, all: count === ny * nx, inside: true, low, high, read };
}
// ---- helpers: what is done for every point is a function of its own, which engines optimize ----

/** Writes the values of held layers. @returns the largest of their kinds */
function readLayers(owners: Int16Array, kinds: Uint8Array, values: Float64Array, out: Float64Array): number {
  let most = 0;
  for (let j = 0; j < owners.length; j++) {
    const layer = owners[j]!;
    if (layer < 0) continue;
    const kind = kinds[layer]!;
    if (kind === 0) continue;
    if (kind > most) most = kind;
    out[j] = values[layer]!;
  }
  return most;
}

function sumOf(marks: Uint8Array): number {
  let sum = 0;
  for (let n = 0; n < marks.length; n++) sum += marks[n]!;
  return sum;
}

/** Holds nodes without an equation. @returns whether there are any */
function holdExcluded(excluded: Uint8Array, value: number, out: Float64Array): boolean {
  let any = false;
  for (let j = 0; j < excluded.length; j++) {
    if (excluded[j] === 0) continue;
    out[j] = value;
    any = true;
  }
  return any;
}
