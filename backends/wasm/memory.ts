/**
 * The layout of a grid's memory, and the program that fits it.
 *
 * A program's limits of memory, both the least and the most, are the pages of its grid: Deno checks every address, and
 * on shared memory that may grow it loads the size each time (docs/speed.md). Programs are kept by size, so that they
 * stay optimized.
 *
 * @module
 */

import type { GridData, Pass } from "../../core/contract.ts";
import { bytesPerValue, view } from "../../core/dtype.ts";
import { UnavailableError } from "../../core/errors.ts";
import type { LevelSize } from "../../core/kernels/distributed.ts";
import type { FieldName, Layout } from "../../core/kernels/kernels.ts";
import type { Store } from "../engine-threads/engine.ts";
import { padded, WIDTH_MULTIPLE } from "../engine-threads/tiling.ts";
import { type LevelsPlan, planLevels } from "./level_layout.ts";
import { oddLines, pitchOf } from "./pitch.ts";

/** A page of WebAssembly memory. */
const PAGE = 65536;

/** wasm32 has so many pages: 4 GiB; one less fits three bytes of a limit, and no address overflows. */
const MOST_PAGES = 65535;

/** The first address of an array: below are the compiler's own data, and neighbours of the first point. */
const START = 4096;

/** Before the scratch memory of a thread: its norms. In it first: a table of rows. See assembly/tile.ts. */
const NORMS = 128, TABLE = 1024;

/** What tools/wasm.ts builds: the offset of the memory's limits in a binary, and the binary in base64. */
export interface Build {
  readonly limits: number;
  readonly wasm: string;
}

/** One build for each precision, on memory of its own and on shared memory. */
export type Builds = Readonly<Record<"f64" | "f64 shared" | "f32" | "f32 shared", Build>>;

/** What a method stores besides the grid. */
export interface Extras {
  /** Levels of multigrid below it. */
  readonly levels: readonly LevelSize[];
  /** Vectors of conjugate gradients: none, their own, or those of a preconditioner too. */
  readonly vectors: "none" | "own" | "all";
}

/** Addresses and distances, in bytes. */
export interface Plan {
  readonly pitch: number;
  /** Of arrays that the layout does not use: 0. */
  readonly arrays: Readonly<Record<FieldName | "v", number>>;
  /** Of conjugate gradients; `w` is the other iterate of the grid whose iterate is z. */
  readonly vectors: Readonly<Record<"r" | "p" | "q" | "z" | "w" | "rowDots" | "secondRowDots", number>>;
  readonly levels: LevelsPlan;
  /** From an array to the next, by which the kernels find coefficients. */
  readonly arrayStride: number;
  /** The first thread's scratch memory. */
  readonly scratch: number;
  readonly perThread: number;
  /** All of it. */
  readonly bytes: number;
}

/** What a thread instantiates. */
export interface Program {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly plan: Plan;
}

/** Local. Lays out a grid for so many threads. */
export function planOf(
  layout: Pick<Layout, "dtype" | "shape" | "kind" | "source"> & Partial<Pick<Layout, "diagonal" | "periodic">>,
  block: Pass | undefined,
  threads: number,
  { levels, vectors: asked }: Extras = { levels: [], vectors: "none" },
): Plan {
  const { dtype, shape: [ny, nx], kind, source, diagonal = false, periodic = [false, false] } = layout;
  const size = bytesPerValue(dtype);
  const pitch = pitchOf(nx, dtype);
  // A row more: vectors may end after the last point.
  const arrayStride = (ny + 1) * pitch;
  let bytes = START;
  const allocate = (length: number): number => {
    const at = bytes;
    bytes += length;
    return at;
  };
  const reserve = (used: boolean): number => used ? allocate(arrayStride) : 0;
  const reserveDots = (used: boolean): number => used ? allocate(oddLines(8 * ny)) : 0;
  const weighted = kind === "weighted";
  const arrays = {
    u: reserve(true),
    v: reserve(true),
    an: reserve(weighted),
    as: reserve(weighted),
    aw: reserve(weighted),
    ae: reserve(weighted),
    g: reserve(weighted || source),
    d: reserve(diagonal),
  };
  const [own, all] = [asked !== "none", asked === "all"];
  const vectors = {
    r: reserve(own),
    p: reserve(own),
    q: reserve(own),
    z: reserve(all),
    w: reserve(all),
    rowDots: reserveDots(own),
    secondRowDots: reserveDots(own),
  };
  const below = planLevels({ dtype, kind, shape: [ny, nx], periodic }, { pitch, d: arrays.d }, levels, allocate);
  // As in assembly/tile.ts: the block, two rows a time step, five special ones, and coefficients of all rows in use.
  let tile = 0;
  if (block) {
    const depth = block.sweeps + 1;
    const coefficients = weighted ? 5 : source ? 1 : 0;
    const window = oddLines(Math.min(padded(nx), padded(block.width) + WIDTH_MULTIPLE) * size + 64);
    tile = (4 + 2 * depth + 5 + coefficients * (depth + 7)) * window;
  }
  const perThread = oddLines(NORMS + TABLE + Math.max(tile, pitch));
  const scratch = allocate(threads * perThread) + NORMS;
  return { pitch, arrays, vectors, levels: below, arrayStride, scratch, perThread, bytes };
}

/** Local. Why a grid does not fit, or undefined if it does. */
export function tooLarge(plan: Plan): string | undefined {
  if (plan.bytes <= MOST_PAGES * PAGE) return undefined;
  const gib = (plan.bytes / 2 ** 30).toFixed(1);
  return `the grid needs ${gib} GiB of memory, and WebAssembly with 32-bit addresses has 4`;
}

/** Programs by build and pages: compiled once, and then as fast as the engine has made them. */
const programs = new Map<Build, Map<number, WebAssembly.Module>>();

/** So many of each build are kept. */
const KEPT = 32;

/**
 * Local. Compiles a build for just so many pages. A memory that cannot grow spares an engine that checks each address
 * (Deno) from looking up the memory's size each time: a fifth of the time on shared memory.
 */
function programOf(build: Build, pages: number): WebAssembly.Module {
  const { limits, wasm } = build;
  const compiled = programs.get(build) ?? new Map<number, WebAssembly.Module>();
  programs.set(build, compiled);
  const known = compiled.get(pages);
  if (known) return known;
  const bytes = Uint8Array.from(atob(wasm), (char) => char.charCodeAt(0));
  for (const at of [limits, limits + 3]) {
    // LEB128 in three bytes.
    bytes.set([pages & 0x7f | 0x80, pages >> 7 & 0x7f | 0x80, pages >> 14], at);
  }
  const module = new WebAssembly.Module(bytes);
  if (compiled.size >= KEPT) compiled.delete(compiled.keys().next().value!);
  compiled.set(pages, module);
  return module;
}

/** Pages for so many bytes, to three binary digits: grids of about the same size share a program; untouched ones are free. */
function pagesFor(bytes: number): number {
  const pages = Math.ceil(bytes / PAGE);
  const unit = 2 ** Math.max(0, Math.floor(Math.log2(pages)) - 2);
  return Math.min(MOST_PAGES, Math.ceil(pages / unit) * unit);
}

function createMemory(pages: number, shared: boolean): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  } catch {
    const gib = (pages * PAGE / 2 ** 30).toFixed(1);
    throw new UnavailableError(`Cannot open "wasm": the system gives it no ${gib} GiB of memory`);
  }
}

/** Up to this a smaller grid inherits the pages of a larger one, and so its program: half a GiB of addresses. */
const MAX_INHERITED_PAGES = 1 << 13;

/**
 * Local. Allocates the arrays of a grid, all zero, and what its threads need besides.
 *
 * @param like the program of a grid that this one should share, as coarser ones of full multigrid do: compiled anew,
 * and not optimized yet, they took longer than the finest
 */
export function allocateGrid(
  build: Build,
  layout: Layout,
  plan: Plan,
  shared: boolean,
  like?: Program,
): Store<Program> {
  const why = tooLarge(plan);
  if (why) throw new UnavailableError(`Cannot open "wasm": ${why}`);
  const inherited = like ? like.memory.buffer.byteLength / PAGE : 0;
  const pages = Math.max(pagesFor(plan.bytes), inherited <= MAX_INHERITED_PAGES ? inherited : 0);
  const memory = createMemory(pages, shared);
  return storeOf(layout, { module: programOf(build, pages), memory, plan });
}

/** Local. The grid of the same weights, in the same memory, whose constant term is r, and whose iterate is z. */
export function preconditionedResidual(program: Program, layout: Layout): Store<Program> {
  const { plan } = program;
  const { r, z, w } = plan.vectors;
  return storeOf(layout, { ...program, plan: { ...plan, arrays: { ...plan.arrays, u: z, v: w, g: r } } });
}

function storeOf({ dtype, shape: [ny] }: Layout, shared: Program): Store<Program> {
  const { memory: { buffer }, plan } = shared;
  const stride = plan.pitch / bytesPerValue(dtype);
  const array = (at: number): GridData => view(dtype, buffer, at, at === 0 ? 0 : ny * stride);
  const { u, v, g, an, as, aw, ae, d } = plan.arrays;
  const dots = (at: number) => new Float64Array(buffer, at, at === 0 ? 0 : ny);
  return {
    stride,
    iterates: [array(u), array(v)],
    fields: { g: array(g), an: array(an), as: array(as), aw: array(aw), ae: array(ae), d: array(d) },
    rowDots: [dots(plan.vectors.rowDots), dots(plan.vectors.secondRowDots)],
    shared,
  };
}
