/**
 * Assembles a stencil in chunks, band by band of rows: zeros are skipped, what is the same everywhere is evaluated once, and
 * nothing is allocated per point.
 *
 * Grids are created zero, so that a plate from zero is written along its edges only. The bits are those of the formulas
 * point by point (tests/support/naive_stencil.ts).
 *
 * @module
 */

import { coefficientRows, type Coefficients, type Medium } from "./coefficient_rows.ts";
import type { Block, ConductivityChunk, Dtype, FieldChunk, GridData, StencilBlock } from "../contract.ts";
import { allocate } from "../dtype.ts";
import { beyondPrecision, ProblemError } from "../errors.ts";
import { larger } from "../kernels/kernels.ts";
import type { Sampler } from "../problem/field.ts";
import type { FixedPoints } from "../problem/fixed.ts";

/** Points of a band: its fields stay in cache until they are copied. */
const BAND = 1 << 15;

/** What the equations of a problem are made of: its medium, its held nodes, the first guess. */
export interface Equations extends Medium {
  readonly dtype: Dtype;
  readonly initial: Sampler;
  readonly fixed: FixedPoints;
}

/** Local. The chunks of a plain stencil (constant coefficients); `scale` times the source is the constant term, undefined: none. */
export function* plainChunks(equations: Equations, block: Block, scale: number | undefined): Generator<FieldChunk> {
  for (const { part, inside } of splitAtEdges(equations, block)) yield* initialChunks(equations, part, inside);
  if (scale === undefined) return;
  const [from, to] = block.cols;
  const width = to - from;
  const row = new Float64Array(width);
  const g = allocate(equations.dtype, bandRows(block) * width);
  for (const rows of bands(block)) {
    for (let i = rows[0], at = 0; i < rows[1]; i++, at += width) {
      equations.f.read(i, from, to, row);
      multiply(row, scale, at, g);
    }
    yield chunk("g", rows, block, g);
  }
}

/** Local. The chunks of a weighted stencil (variable coefficients). */
export function* weightedChunks(equations: Equations, block: Block): Generator<FieldChunk> {
  for (const { part, inside } of splitAtEdges(equations, block)) {
    yield* initialChunks(equations, part, inside);
    yield* weightChunks(equations, part, inside);
  }
}

/** Local. The same; of parts inside that have nothing but a conductivity that varies, that alone. */
export function* conductivityChunks(equations: Equations, block: Block): Generator<FieldChunk | ConductivityChunk> {
  for (const { part, inside } of splitAtEdges(equations, block)) {
    yield* initialChunks(equations, part, inside);
    if (inside && isConductivityAlone(equations)) yield* bandsOfConductivity(equations, part);
    else yield* weightChunks(equations, part, inside);
  }
}

/** Local. Whether inside of the edges all weights follow from a conductivity at nodes, which varies, and nothing flows in. */
export function isConductivityAlone({ dtype, k, f, radii, cells, overlay, section, fixed, edges }: Equations): boolean {
  return dtype === "f64" && k.uniform === undefined && Object.is(f.uniform, 0) && !radii && !cells && !overlay &&
    !section &&
    !fixed.inside && edges.west.kind !== "periodic" && edges.north.kind !== "periodic";
}

/** Points of such a band: threads share its rows. */
const SHARED_BAND = 1 << 18;

function* bandsOfConductivity({ k }: Equations, { rows, cols }: Block): Generator<ConductivityChunk> {
  const width = cols[1] - cols[0] + 2;
  const height = Math.max(1, Math.floor(SHARED_BAND / width));
  const data = new Float64Array((Math.min(height, rows[1] - rows[0]) + 2) * width);
  for (let from = rows[0]; from < rows[1]; from += height) {
    const to = Math.min(from + height, rows[1]);
    for (let i = from - 1, at = 0; i <= to; i++, at += width) {
      k.read(i, cols[0] - 1, cols[1] + 1, data.subarray(at, at + width));
    }
    yield { field: "k", block: { rows: [from, to], cols }, data: data.subarray(0, (to - from + 2) * width) };
  }
}

/** Local. Joins chunks: all of a block at once. */
export function assemble(
  chunks: Iterable<FieldChunk>,
  fields: readonly (keyof StencilBlock)[],
  { rows, cols }: Block,
  dtype: Dtype,
): StencilBlock {
  const width = cols[1] - cols[0];
  const length = (rows[1] - rows[0]) * width;
  const whole = Object.fromEntries(fields.map((field) => [field, allocate(dtype, length)])) as Required<StencilBlock>;
  for (const { field, block, data } of chunks) {
    const count = block.cols[1] - block.cols[0];
    let at = (block.rows[0] - rows[0]) * width + (block.cols[0] - cols[0]);
    for (let k = 0; k < data.length; k += count, at += width) whole[field].set(data.subarray(k, k + count), at);
  }
  return whole;
}

/** The first guess, with the values of Dirichlet points. */
function* initialChunks(
  { shape, dtype, initial, fixed, edges }: Equations,
  part: Block,
  inside: boolean,
): Generator<FieldChunk> {
  const zero = Object.is(initial.uniform, 0);
  if (zero && inside && !fixed.inside) return;
  const [from, to] = part.cols;
  const width = to - from;
  const row = new Float64Array(width);
  const held = new Float64Array(width);
  const u = allocate(dtype, bandRows(part) * width);
  const side = from === 0 ? edges.west : to === shape[1] ? edges.east : undefined;
  if (width === 1 && side?.kind === "fixed" && !fixed.inside) {
    // Row by row a column would take longer than all the rest of a plate.
    for (const rows of bands(part)) {
      fillColumn(u, side.value, rows);
      yield chunk("u", rows, part, u);
    }
    return;
  }
  for (const rows of bands(part)) {
    let any = !zero;
    for (let i = rows[0], at = 0; i < rows[1]; i++, at += width) {
      initial.read(i, from, to, row);
      if (fixed.read(i, from, to, held)) {
        any = true;
        replace(row, held);
      }
      u.set(row, at);
    }
    if (any) yield chunk("u", rows, part, u);
  }
}

/** Weights, constant term and what they were divided by. */
function* weightChunks(equations: Equations, part: Block, inside: boolean): Generator<FieldChunk> {
  const { dtype, fixed, k, f } = equations;
  const [from, to] = part.cols;
  const width = to - from;
  const height = bandRows(part);
  const cells = coefficientRows(equations, part.cols);
  const held = new Float64Array(width);
  const fields = Array.from({ length: 6 }, () => allocate(dtype, height * width)) as Fields;
  const [an, as, aw, ae, d, g] = fields;
  // Off the edges cells differ only if k does: then a row stays as it is from band to band, until a fixed point disturbs it.
  const alike = inside && k.uniform !== undefined && !equations.cells && !equations.section;
  const ready = new Uint8Array(height);
  // No source and no edge: nothing flows in.
  const still = inside && Object.is(f.uniform, 0) && !equations.section;
  let row: Coefficients | undefined;
  for (const rows of bands(part)) {
    let flows = !still;
    for (let i = rows[0], n = 0; i < rows[1]; i++, n++) {
      const at = n * width;
      const holds = (!inside || fixed.inside) && fixed.read(i, from, to, held);
      if (!(alike && ready[n])) {
        if (!(alike && row)) row = cells.coefficients(i);
        divide(row, at, fields);
      }
      if (still) g.fill(0, at, at + width);
      else if (!(alike && ready[n] && f.uniform !== undefined)) {
        divideConstants(cells.inflow(i, holds ? held : undefined), row!.diagonal, at, g);
      }
      if (holds) {
        applyDirichlet(held, at, fields);
        flows = true;
      }
      ready[n] = holds ? 0 : 1;
    }
    for (const [field, data] of [["an", an], ["as", as], ["aw", aw], ["ae", ae], ["d", d]] as const) {
      yield chunk(field, rows, part, data);
    }
    if (flows) yield chunk("g", rows, part, g);
  }
}

// ---- helpers: what is done for every point is a function of its own, which engines optimize ----

type Fields = [an: GridData, as: GridData, aw: GridData, ae: GridData, d: GridData, g: GridData];

/** Divides the equations of a row by their diagonal. Where k is piecewise constant most are those of the point before. */
function divide({ north, south, west, east, diagonal }: Coefficients, at: number, [an, as, aw, ae, d]: Fields): void {
  let n = NaN, s = NaN, w = NaN, e = NaN, sum = NaN;
  let wn = 0, ws = 0, ww = 0, we = 0;
  for (let j = 0; j < diagonal.length; j++, at++) {
    if (diagonal[j] !== sum || north[j] !== n || south[j] !== s || west[j] !== w || east[j] !== e) {
      // One by one: an engine may allocate what is destructured.
      n = north[j]!;
      s = south[j]!;
      w = west[j]!;
      e = east[j]!;
      sum = diagonal[j]!;
      wn = n / sum;
      ws = s / sum;
      ww = w / sum;
      we = e / sum;
      d[at] = sum;
      if (!(d[at]! > 0 && d[at]! < Infinity)) {
        throw beyondPrecision();
      }
    }
    an[at] = wn;
    as[at] = ws;
    aw[at] = ww;
    ae[at] = we;
    d[at] = sum;
  }
}

function divideConstants(constant: Float64Array, diagonal: Float64Array, at: number, g: GridData): void {
  let most = 0;
  for (let j = 0; j < constant.length; j++, at++) {
    g[at] = constant[j]! / diagonal[j]!;
    most = larger(most, Math.abs(g[at]!));
  }
  requireFinite(most);
}

/** @throws ProblemError for a constant term that the precision cannot hold */
function requireFinite(most: number): void {
  if (most < Infinity) return;
  throw new ProblemError(
    "source, flux and convection must be smaller: their effect is beyond what the precision can hold",
  );
}

function multiply(row: Float64Array, factor: number, at: number, out: GridData): void {
  let most = 0;
  for (let j = 0; j < row.length; j++, at++) {
    out[at] = row[j]! * factor;
    most = larger(most, Math.abs(out[at]!));
  }
  requireFinite(most);
}

/** Sets the weights of Dirichlet points to zero, and their constant to their value. */
function applyDirichlet(held: Float64Array, at: number, [an, as, aw, ae, d, g]: Fields): void {
  for (let j = 0; j < held.length; j++, at++) {
    if (held[j] !== held[j]) continue;
    an[at] =
      as[at] =
      aw[at] =
      ae[at] =
      d[at] =
        0;
    g[at] = held[j]!;
  }
}

/** The values of a fixed west or east edge. */
function fillColumn(u: GridData, { uniform, at }: Sampler, [from, to]: readonly [number, number]): void {
  if (uniform !== undefined) u.fill(uniform, 0, to - from);
  else for (let i = from; i < to; i++) u[i - from] = at(i, 0);
}

function replace(row: Float64Array, held: Float64Array): void {
  for (let j = 0; j < row.length; j++) if (held[j] === held[j]) row[j] = held[j]!;
}

/** Splits a block into parts on edges that are not periodic, and the part inside of these. */
function splitAtEdges({ shape: [ny, nx], edges }: Medium, { rows, cols }: Block): { part: Block; inside: boolean }[] {
  const thirds = ([from, to]: readonly [number, number], n: number, wraps: boolean) =>
    (wraps ? [[0, n]] as const : [[0, 1], [1, n - 1], [n - 1, n]] as const)
      .map(([first, end]) => [Math.max(from, first), Math.min(to, end)] as const)
      .filter(([first, end]) => first < end);
  const [rowsWrap, colsWrap] = [edges.north.kind === "periodic", edges.west.kind === "periodic"];
  return thirds(rows, ny, rowsWrap).flatMap((rows) => {
    const offRows = rowsWrap || (rows[0] > 0 && rows[1] < ny);
    // Along an edge there is nothing inside.
    const across = offRows ? thirds(cols, nx, colsWrap) : [cols];
    return across.map((cols) => ({
      part: { rows, cols },
      inside: offRows && (colsWrap || (cols[0] > 0 && cols[1] < nx)),
    }));
  });
}

function bandRows({ rows, cols }: Block): number {
  return Math.min(rows[1] - rows[0], Math.max(1, Math.floor(BAND / (cols[1] - cols[0]))));
}

/** The rows of a block, as many at a time as make a band. */
function* bands(block: Block): Generator<readonly [number, number]> {
  const step = bandRows(block);
  const { rows: [from, to] } = block;
  for (let i = from; i < to; i += step) yield [i, Math.min(i + step, to)];
}

function chunk(
  field: keyof StencilBlock,
  rows: readonly [number, number],
  { cols }: Block,
  band: GridData,
): FieldChunk {
  return { field, block: { rows, cols }, data: band.subarray(0, (rows[1] - rows[0]) * (cols[1] - cols[0])) };
}
