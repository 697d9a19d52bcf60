/**
 * What layers are to the links that cross them: held, a hole, a material, or the medium below.
 *
 * @module
 */

import type { Layer } from "../finite_volumes/section.ts";
import type { PaintedLine } from "../geometry/grid_region.ts";

/** What lies on a line, besides materials: those of a drawing by cells are in the conductivity of the medium. */
export const MEDIUM = -1, HELD = -2, HOLE = -3;

/** Where a line meets a held part. */
export interface Meeting {
  readonly at: number;
  readonly layer: number;
}

/** The layers of a section, by kind. */
export class LayerKinds {
  readonly #kinds: Int32Array;
  /** Whether faces of links are of several materials, or closed by holes; else only what is held matters. */
  readonly mixed: boolean;

  constructor(layers: readonly Layer[]) {
    this.#kinds = Int32Array.from(
      layers,
      ({ kind, drawn }, n) => kind === "held" ? HELD : drawn ? MEDIUM : kind === "hole" ? HOLE : n,
    );
    this.mixed = this.#kinds.some((kind) => kind !== HELD && kind !== MEDIUM);
  }

  /** Local. Where outlines cross a line of `count` nodes. @param kinds HELD or HOLE: those of held parts do not count */
  outlines({ ends, layers }: PaintedLine, count: number, kinds: typeof HELD | typeof HOLE): number[] {
    const found: number[] = [];
    for (let k = 0; k + 1 < ends.length; k++) {
      if (!(ends[k]! >= 0 && ends[k]! < count) || !this.isOutline(layers[k]!, layers[k + 1]!)) continue;
      if (kinds === HELD || !(this.isHeld(layers[k]!) || this.isHeld(layers[k + 1]!))) found.push(ends[k]!);
    }
    return found;
  }

  /** Local. Whether two layers are not the same material; those of a drawing are in the conductivity of the medium. */
  isOutline(one: number, other: number): boolean {
    return one !== other && (this.kindOf(one) !== MEDIUM || this.kindOf(other) !== MEDIUM);
  }

  /** Local. Whether a layer is held. */
  isHeld(layer: number): boolean {
    return layer >= 0 && this.#kinds[layer] === HELD;
  }

  /** Local. HELD, HOLE, MEDIUM, or the number of a material. */
  kindOf(layer: number): number {
    return layer < 0 ? MEDIUM : this.#kinds[layer]!;
  }

  /** Local. Where a held part on a line begins, between two nodes. */
  firstHeld({ ends, layers }: PaintedLine, low: number, high: number): Meeting | undefined {
    for (let k = 0, start = -Infinity; k < ends.length && start <= high; k++) {
      const end = ends[k]!;
      if (end >= low && this.isHeld(layers[k]!)) return { at: Math.max(start, low), layer: layers[k]! };
      start = end;
    }
    return undefined;
  }

  /** Local. Where the last one ends. */
  lastHeld({ ends, layers }: PaintedLine, low: number, high: number): Meeting | undefined {
    let found: Meeting | undefined;
    for (let k = 0, start = -Infinity; k < ends.length && start <= high; k++) {
      const end = ends[k]!;
      if (end >= low && this.isHeld(layers[k]!)) found = { at: Math.min(end, high), layer: layers[k]! };
      start = end;
    }
    return found;
  }

  /** Local. Whether the material stays the same between two places of a line. */
  isOne({ ends, layers }: PaintedLine, low: number, high: number): boolean {
    let first: number | undefined;
    for (let k = 0, start = -Infinity; k < ends.length && start < high; k++) {
      const kind = this.kindOf(layers[k]!);
      if (kind >= MEDIUM && Math.min(ends[k]!, high) > Math.max(start, low) && (first ??= kind) !== kind) return false;
      start = ends[k]!;
    }
    return true;
  }
}
