/**
 * From the drawing and the parts of a problem to layers on its grid, and the plate below them.
 *
 * @module
 */

import { regionOf } from "../geometry/figures.ts";
import { cellRegion, type GridRegion, maskRegion, onGrid, repeated, wholeNodes } from "../geometry/grid_region.ts";
import { mean } from "../finite_volumes/faces.ts";
import type { Radii } from "../finite_volumes/radii.ts";
import type { Layer, Plate } from "../finite_volumes/section.ts";
import { ProblemError } from "../errors.ts";
import { affine, type Sampler, sampler } from "../problem/field.ts";
import type { Quantity } from "../problem/quantity.ts";
import type { Drawing, DrawnPart } from "../problem/drawing.ts";
import type { Part, ResolvedProblem } from "../problem/resolve.ts";
import type { Role } from "../problem/roles.ts";

/** A layer that results name. */
export interface NamedLayer extends Layer {
  readonly name: string;
  /** The key that messages name. */
  readonly path: string;
  readonly role: Role["role"];
  /** The value that it is held at, where that is one number. */
  readonly potential?: number | undefined;
  /** The conductivity of a material, where that is one number. */
  readonly uniform?: number | undefined;
  /** Its place among all layers and sources. */
  readonly order: number;
}

/** What the parts of a problem are on its grid. */
export interface Layers {
  /** Later ones are on top. */
  readonly layers: readonly NamedLayer[];
  readonly sources: readonly SourceLayer[];
  /** Conductivity by cells, where it is given so or drawn; 0 in holes. */
  readonly cells: Sampler | undefined;
}

/** What excites a problem, where that is not all that is given. */
export interface Excitation {
  /** Values of parts by name: of those that float, 0 where there is none; of those that are held if it is `alone`. */
  readonly potentials?: Readonly<Record<string, number>>;
  /** All else that is given counts as 0: values, fluxes, ambients, sources. */
  readonly alone?: boolean;
}

/** A source in a region. */
export interface SourceLayer extends NamedLayer {
  readonly density: Quantity | undefined;
  readonly total: number;
}

type Shape = readonly [ny: number, nx: number];

/**
 * Local. Makes layers of a problem's parts.
 *
 * @param factor by which conductivities are multiplied
 */
export function layersOf(
  resolved: ResolvedProblem,
  factor: number,
  { potentials = {}, alone = false }: Excitation,
): Layers {
  const { grid, periodic, drawing, parts, conductivity } = resolved;
  const { shape: [ny, nx], spacing: [dy, dx], origin: [south, west] } = grid;
  const at = ({ at }: Quantity) => (row: number, col: number) => at(west + col * dx, south + (ny - 1 - row) * dy);
  const layers: NamedLayer[] = [];
  const sources: SourceLayer[] = [];
  const add = (
    part: Role & Pick<Part, "name" | "path">,
    region: GridRegion,
    { drawn = false, cells }: Pick<Layer, "drawn" | "cells"> = {},
  ) => {
    const { name, path, role } = part;
    const order = layers.length + sources.length;
    const layer = {
      name,
      path,
      role,
      region,
      order,
      drawn,
      ...(cells && { cells }),
      conductivity: () => NaN,
      value: () => NaN,
    };
    if (role === "held" && !alone) {
      layers.push({ ...layer, kind: "held", value: at(part.value), potential: part.value.uniform });
    } else if (role === "floating" || role === "held") {
      const potential = Object.hasOwn(potentials, name) ? potentials[name]! : 0;
      layers.push({ ...layer, kind: "held", value: () => potential, potential });
    } else if (role === "hole") layers.push({ ...layer, kind: "hole" });
    else if (role === "material") {
      const k = at(part.conductivity);
      const uniform = part.conductivity.uniform === undefined ? undefined : part.conductivity.uniform * factor;
      layers.push({ ...layer, kind: "material", conductivity: (row, col) => k(row, col) * factor, uniform });
    }
    if (role === "source" || role === "material") {
      const { source: density } = part;
      const total = role === "source" ? part.total ?? 0 : 0;
      if (!alone && (role === "source" || density)) sources.push({ ...layer, kind: "material", density, total });
    }
  };
  const isHeld = ({ role }: Role) => role === "held" || role === "floating";
  const around = (region: GridRegion) => repeated(region, grid.shape, periodic);
  /** Adds the nodes of a region: those of a conductor, and half a link around those of anything else. */
  const addNodes = (part: Role & Pick<Part, "name" | "path">, region: GridRegion) => {
    const cells = around(wholeNodes(around(region), true));
    if (isHeld(part)) add(part, around(wholeNodes(around(region), false)), { cells });
    else add(part, cells);
  };

  const byCells = drawing?.pixels === "cells";
  let cells = resolved.cells && affine(resolved.cells, factor);
  if (byCells) {
    const medium = cells ?? affine(conductivity, factor);
    cells = drawnCells(drawing, grid.shape, medium, at, factor, resolved.cells !== undefined);
  }
  drawing?.parts.forEach((part, n) => {
    const { numbers, shape } = drawing;
    if (byCells) {
      const pixels = around(cellRegion(numbers, n + 1, shape));
      if (isHeld(part)) {
        add(part, around(maskRegion(cornersOf(drawing, n + 1, grid.shape), grid.shape)), { cells: pixels });
      } else add(part, pixels, { drawn: true });
    } else addNodes(part, maskRegion(numbers.map((number) => number === n + 1 ? 1 : 0), grid.shape));
  });
  // A formula is looked at all around a period.
  const period = { ...grid, shape: [periodic[0] ? ny + 1 : ny, periodic[1] ? nx + 1 : nx] } as const;
  for (const part of parts) {
    if (part.mask) addNodes(part, maskRegion(maskOf(part.mask, grid.shape, part.outside), grid.shape));
    else {
      const inner = regionOf(part.figure, period);
      const shape = onGrid(inner, grid);
      checkReach(shape, grid.shape, periodic, part.path);
      const region = part.outside
        ? repeated(onGrid(inner.outside, grid), grid.shape, periodic, true, shape)
        : around(shape);
      if (part.exact) add(part, region);
      else addNodes(part, region);
    }
  }
  return { layers, sources, cells };
}

/** Local. The plate below the layers. @param k conductivity of the medium at nodes @param cells the same by cells */
export function plateOf(
  shape: Shape,
  [dy, dx]: readonly [number, number],
  periodic: readonly [rows: boolean, cols: boolean],
  k: Sampler,
  cells: Sampler | undefined,
  radii: Radii | undefined,
): Plate {
  const [ny, nx] = shape;
  const half = (n: number, count: number, wraps: boolean) => !wraps && (n === 0 || n === count - 1) ? 0.5 : 1;
  /** Around a periodic direction there is one more row, or column, of cells. */
  const [rows, cols] = [periodic[0] ? ny : ny - 1, periodic[1] ? nx : nx - 1];
  const cell = (i: number, j: number) => {
    const [row, col] = [periodic[0] ? (i + ny) % ny : i, periodic[1] ? (j + nx) % nx : j];
    return row < 0 || row >= rows || col < 0 || col >= cols ? undefined : cells!.at(row, col);
  };
  const mean2 = (a: number | undefined, b: number | undefined) => ((a ?? b ?? 0) + (b ?? a ?? 0)) / 2;
  return {
    shape,
    periodic,
    conductivity: cells ? () => undefined : k.at,
    between: (axis, i, j, side) => {
      if (cells) {
        const [before, after] = [axis === 1 ? cell(i - 1, j) : cell(i, j - 1), cell(i, j)];
        return side === undefined ? mean2(before, after) : (side === 0 ? before ?? after : after ?? before) ?? 0;
      }
      return mean(k.at(i, j), axis === 1 ? k.at(i, (j + 1) % nx) : k.at((i + 1) % ny, j));
    },
    share: (i, j) => half(i, ny, periodic[0]) * half(j, nx, periodic[1]) * (radii?.cells[j] ?? 1),
    eastward: (i, j) => half(i, ny, periodic[0]) * dy / dx * (radii?.faces[j] ?? 1),
    southward: (_, j) => half(j, nx, periodic[1]) * dx / dy * (radii?.cells[j] ?? 1),
    weight: (from, to) => radii ? radii.west + (from + to) / 2 * dx : 1,
  };
}
// ---- helpers ----

/** A shape is repeated so many times at most. */
const MOST_PERIODS = 100;

/** @throws ProblemError for a shape that is repeated around a period too often */
function checkReach({ rows, cols }: GridRegion, shape: Shape, periodic: Plate["periodic"], path: string): void {
  for (const [axis, range] of [rows, cols].entries()) {
    if (!periodic[axis] || Math.max(...range.map(Math.abs)) <= MOST_PERIODS * shape[axis]!) continue;
    throw new ProblemError(
      `${path} reaches more than ${MOST_PERIODS} periods beyond the plate: around a period it goes on at the opposite side`,
    );
  }
}

/** The nodes that a mask marks, or, if `outside`, does not. */
function maskOf(mask: Sampler, [ny, nx]: Shape, outside: boolean): Uint8Array {
  const marks = new Uint8Array(ny * nx);
  const row = new Float64Array(nx);
  for (let i = 0; i < ny; i++) {
    mask.read(i, 0, nx, row);
    for (let j = 0; j < nx; j++) marks[i * nx + j] = (row[j] !== 0) !== outside ? 1 : 0;
  }
  return marks;
}

/** The conductivity of each cell of a drawing: that of its material, else of the medium, the mean of its nodes; 0 in holes. */
function drawnCells(
  { parts, numbers, shape: [rows, cols] }: Drawing,
  [ny, nx]: Shape,
  medium: Sampler,
  at: (quantity: Quantity) => (row: number, col: number) => number,
  factor: number,
  byCells: boolean,
): Sampler {
  const k = new Float64Array(rows * cols);
  for (let i = 0, n = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++, n++) {
      const part: DrawnPart | undefined = parts[numbers[n]! - 1];
      if (part?.role === "hole") continue;
      if (part?.role === "material") k[n] = at(part.conductivity)(i + 0.5, j + 0.5) * factor;
      else if (byCells || medium.uniform !== undefined) k[n] = medium.uniform ?? medium.at(i, j);
      else {
        const [south, east] = [(i + 1) % ny, (j + 1) % nx];
        k[n] = (medium.at(i, j) + medium.at(i, east) + medium.at(south, j) + medium.at(south, east)) / 4;
      }
    }
  }
  return sampler("image", k, [rows, cols]);
}

/** The nodes at the corners of the cells of a part of a drawing. */
function cornersOf({ numbers, shape: [rows, cols] }: Drawing, number: number, [ny, nx]: Shape): Uint8Array {
  const marks = new Uint8Array(ny * nx);
  for (let i = 0, n = 0; i < rows; i++) {
    const below = (i + 1) % ny * nx;
    for (let j = 0; j < cols; j++, n++) {
      if (numbers[n] !== number) continue;
      const east = (j + 1) % nx;
      marks[i * nx + j] =
        marks[i * nx + east] =
        marks[below + j] =
        marks[below + east] =
          1;
    }
  }
  return marks;
}
