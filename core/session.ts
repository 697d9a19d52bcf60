/**
 * Turns kernels into a session: places the stencil in stored arrays, keeps halos fresh, reduces norms. A distributed
 * backend passes its domain; all others get the serial one.
 *
 * @module
 */

import { beyondPrecision, counted } from "./errors.ts";
import type {
  Batch,
  Block,
  ConductivityChunk,
  Dtype,
  FieldChunk,
  GridData,
  MaybePromise,
  Method,
  Plan,
  Session,
  Stencil,
} from "./contract.ts";
import type { Domain, Halo } from "./kernels/distributed.ts";
import { serial } from "./kernels/distributed.ts";
import { allocate } from "./dtype.ts";
import type { FieldName, Kernels, Layout } from "./kernels/kernels.ts";
import { factorBySteps } from "./methods/comparison_function.ts";
import { errorBound } from "./methods/error_bound.ts";
import { steppers } from "./methods/mod.ts";
import { type Shared, within } from "./methods/distributed_hierarchy.ts";
import type { Neighbours } from "./methods/stepper.ts";

/** Methods that set up what depends on weights alone, if on anything. */
const RESTARTED: ReadonlySet<Method> = new Set<Method>(["jacobi", "sor", "multigrid", "cg"]);

/** Points that are set to zero at a time. */
const CLEARED = 1 << 15;

/** Of one batch: kernels count in 32 bits. */
const MOST_SWEEPS = 2 ** 30;

/** Steps of a method that the factor of a bound takes at most. */
const MOST_STEPS = 200;

/**
 * Collective. Opens a session over kernels.
 *
 * @param domain which part this rank owns; the whole grid if absent
 */
export async function openSession<G, L>(
  kernels: Kernels<G, L>,
  stencil: Stencil,
  plan: Plan,
  domain: Domain = serial(stencil.shape),
): Promise<Session> {
  const stored = storedBlock(stencil, domain);
  const local = (block: Block) => within(block, stored);
  let grid: G;
  try {
    grid = await createFilled(kernels, stencil, plan, domain);
  } catch (cause) {
    await kernels.close?.();
    throw cause;
  }
  const halo: Halo = {
    dtype: stencil.dtype,
    shape: stencil.shape,
    owned: domain.owned,
    stored,
    layers: [domain.depth, domain.depth],
    read: (block) => kernels.read(grid, local(block)),
    write: (block, data) => kernels.write(grid, "u", local(block), data),
  };
  const exchange = async () => {
    if (domain.ranks > 1) await domain.exchange(halo);
  };
  let writes = 0;
  const releases: (() => MaybePromise<void>)[] = [];
  const neighbours: Neighbours<G> = {
    depth: domain.depth,
    exchange,
    writes: () => writes,
    open: (coarser) => createFilled(kernels, coarser, plan, serial(coarser.shape)),
    shared: isForLevels(domain) ? { domain, stored } : undefined,
    atEnd: (release) => void releases.push(release),
  };
  const step = steppers[plan.method](kernels, grid, neighbours, stencil);
  const gaussSeidel = kernels.relax && steppers.sor(kernels, grid, neighbours, stencil);

  let sweeps = 0;
  let open = true;
  const requireOpen = () => {
    if (!open) throw new Error("Cannot use the session: it is closed");
  };
  /** Begins with the first guess and the constant term of a stencil with the same weights. */
  const begin = async (from: Stencil) => {
    for (const field of ["u", "g"] as const) await clear(kernels, grid, field, stored, stencil.dtype);
    await fill(kernels, grid, from, stored, (field) => field === "u" || field === "g");
    writes++;
  };
  return {
    rank: domain.rank,
    ranks: domain.ranks,
    threads: kernels.threads,
    ...(kernels.whyThreads !== undefined && { about: { threads: kernels.whyThreads } }),
    owned: domain.owned,
    ...(kernels.pass && plan.method === "jacobi" && { pass: () => kernels.pass!(grid) }),
    async advance(count, options = {}): Promise<Batch> {
      requireOpen();
      if (!(Number.isInteger(count) && count >= 1 && count <= MOST_SWEEPS)) {
        throw new RangeError(`Cannot advance by ${count} sweeps: it must be a whole number from 1 to ${MOST_SWEEPS}`);
      }
      const norms = options.gaussSeidel && gaussSeidel ? await gaussSeidel(count, 1) : await step(count, options.omega);
      if (norms.residual === undefined) await exchange();
      const [change, residual] = await domain.max([norms.change, norms.residual ?? await kernels.residual(grid)]);
      sweeps += count;
      return { sweeps, change: change!, residual: residual! };
    },
    ...(step.prepare && {
      prepare() {
        requireOpen();
        return step.prepare!();
      },
    }),
    ...(step.errorFactor && {
      async errorFactor() {
        requireOpen();
        const found = await step.errorFactor!();
        if (found !== undefined || stencil.singular || plan.method !== "multigrid") return found;
        // Where cycles alone are too slow, the method itself solves for it, on the grid of the session.
        writes++;
        const slow = await factorBySteps(kernels, grid, stencil, () => step(1), MOST_STEPS);
        await begin(stencil);
        return slow;
      },
    }),
    ...(kernels.comparison && stencil.kind === "weighted" && stencil.dtype === "f64" && !stencil.singular &&
      plan.method === "multigrid" && domain.ranks === 1 && {
      errorBound(rounding: number, most: number, ofSweep: number) {
        requireOpen();
        const method = { step: () => step(1), begin: () => void writes++ };
        return errorBound(kernels, grid, local(domain.owned), kernels.comparison!, method, rounding, most, ofSweep);
      },
    }),
    async read(scope) {
      requireOpen();
      const owned = await kernels.read(grid, local(domain.owned));
      return scope === "owned" ? owned : await domain.gather(owned);
    },
    async write(block, data) {
      requireOpen();
      const { rows: [r0, r1], cols: [c0, c1] } = block;
      const { rows, cols } = domain.owned;
      if (r0 < rows[0] || r1 > rows[1] || c0 < cols[0] || c1 > cols[1] || r0 > r1 || c0 > c1) {
        throw new RangeError(
          `Cannot write rows ${r0} to ${r1}, columns ${c0} to ${c1}: owned are rows ${rows.join(" to ")}, columns ${
            cols.join(" to ")
          }`,
        );
      }
      const points = (r1 - r0) * (c1 - c0);
      if (data.length !== points) {
        throw new RangeError(`Cannot write ${counted(points, "point")} from ${counted(data.length, "value")}`);
      }
      await kernels.write(grid, "u", local(block), data);
      writes++;
    },
    ...(stencil.kind === "weighted" && RESTARTED.has(plan.method) && {
      async restart(other: Stencil) {
        requireOpen();
        await begin(other);
        sweeps = 0;
      },
    }),
    ...(domain.ranks > 1 && {
      collective: {
        agree: (values: readonly number[]) => domain.max(values),
        ...(domain.store && {
          async store(file: string | undefined, offset: number) {
            requireOpen();
            const owned = await kernels.read(grid, local(domain.owned));
            await domain.store!(withoutExcluded(owned, stencil, domain.owned), file, offset);
          },
        }),
        ...(domain.abort && { abort: (cause: Error) => domain.abort!(cause) }),
      },
    }),
    async [Symbol.asyncDispose]() {
      if (!open) return;
      open = false;
      for (const release of releases.reverse()) await release();
      await kernels.free(grid);
      await kernels.close?.();
      await domain.close?.();
    },
  };
}

function isForLevels(domain: Domain): domain is Shared["domain"] {
  return domain.levels !== undefined && domain.agglomerate !== undefined;
}

/** A grid with all that a rank stores of a stencil. */
async function createFilled<G, L>(kernels: Kernels<G, L>, stencil: Stencil, plan: Plan, domain: Domain): Promise<G> {
  const stored = storedBlock(stencil, domain);
  const layout = layoutOf(stencil, plan, domain, stored);
  const grid = await kernels.create(layout);
  try {
    await fill(kernels, grid, stencil, stored, (field) => field !== "d" || layout.diagonal);
  } catch (cause) {
    await kernels.free(grid);
    throw cause;
  }
  return grid;
}

/** Writes the chosen fields of a stencil, where they are not zero. */
async function fill<G, L>(
  kernels: Kernels<G, L>,
  grid: G,
  stencil: Stencil,
  stored: Block,
  isChosen: (field: FieldName) => boolean,
): Promise<void> {
  const all = kernels.conduct && isChosen("an");
  for (const { field, block, data } of storedChunks(stencil, stored, all)) {
    if (field === "k") {
      if (!await kernels.conduct!(grid, within(block, stored), data, stencil.spacing)) throw beyondPrecision();
      continue;
    }
    if (!isChosen(field)) continue;
    const written = kernels.write(grid, field, within(block, stored), data);
    // There are thousands of chunks: those written synchronously are not awaited.
    if (written) await written;
    if (isYieldDue()) await yieldToEvents();
  }
}

/** Sets a field to zero, some rows at a time. */
async function clear<G, L>(
  kernels: Kernels<G, L>,
  grid: G,
  field: FieldName,
  { rows, cols }: Block,
  dtype: Dtype,
): Promise<void> {
  const [ny, nx] = [rows[1] - rows[0], cols[1] - cols[0]];
  const band = Math.max(1, Math.floor(CLEARED / nx));
  const zeros = allocate(dtype, band * nx);
  for (let i = 0; i < ny; i += band) {
    const end = Math.min(ny, i + band);
    await kernels.write(grid, field, { rows: [i, end], cols: [0, nx] }, zeros.subarray(0, (end - i) * nx));
  }
}

function storedBlock(stencil: Stencil, domain: Domain): Block {
  return { rows: storedRange(stencil, domain, 0), cols: storedRange(stencil, domain, 1) };
}

/**
 * The rows (axis 0) or columns (axis 1) that a rank stores. Towards a neighbouring rank it stores `depth` more than it
 * owns. At the end of the grid the ghost layer of a plain stencil is its fixed edge; a weighted one stores one ghost layer more.
 */
function storedRange(stencil: Stencil, domain: Domain, axis: 0 | 1): readonly [number, number] {
  const n = stencil.shape[axis];
  const [from, to] = axis === 0 ? domain.owned.rows : domain.owned.cols;
  const ghost = stencil.kind === "weighted" ? 1 : 0;
  if (!domain.split[axis]) return [from - ghost, to + ghost];
  const beyond = stencil.periodic[axis];
  // One row more makes the number of rows odd where levels begin at even rows, as in a plate of 2^k + 1, for which kernels
  // may be faster. It is a ghost layer that is never filled again.
  const last = to + domain.depth + (domain.levels && stencil.kind === "plain" ? 1 : 0);
  return [
    beyond ? from - domain.depth : Math.max(-ghost, from - domain.depth),
    beyond ? last : Math.min(n + ghost, last),
  ];
}

function layoutOf(stencil: Stencil, plan: Plan, domain: Domain, { rows, cols }: Block): Layout {
  const inner = (axis: 0 | 1) => {
    const [from, to] = axis === 0 ? domain.owned.rows : domain.owned.cols;
    const [first, end] = axis === 0 ? rows : cols;
    return [Math.max(from, first + 1) - first, Math.min(to, end - 1) - first] as const;
  };
  return {
    kind: stencil.kind,
    dtype: stencil.dtype,
    shape: [rows[1] - rows[0], cols[1] - cols[0]],
    periodic: [stencil.periodic[0] && !domain.split[0], stencil.periodic[1] && !domain.split[1]],
    inner: { rows: inner(0), cols: inner(1) },
    parity: ((rows[0] + cols[0]) & 1) as 0 | 1,
    cx: stencil.cx,
    cy: stencil.cy,
    source: stencil.source,
    levels: plan.method === "multigrid",
    diagonal: stencil.kind === "weighted" && (plan.method === "multigrid" || plan.method === "cg"),
  };
}

/** All that is stored and not zero; across a periodic edge the points of the opposite side. */
function* storedChunks(
  stencil: Stencil,
  stored: Block,
  conduct: boolean | undefined,
): Generator<FieldChunk | ConductivityChunk> {
  for (const rows of segments(stored.rows, stencil.shape[0], stencil.periodic[0])) {
    for (const cols of segments(stored.cols, stencil.shape[1], stencil.periodic[1])) {
      const part: Block = {
        rows: [rows.from - rows.offset, rows.to - rows.offset],
        cols: [cols.from - cols.offset, cols.to - cols.offset],
      };
      const found = conduct && stencil.conductivityChunks ? stencil.conductivityChunks(part) : stencil.chunks(part);
      const [down, along] = [rows.offset, cols.offset];
      for (const { block: { rows: [r0, r1], cols: [c0, c1] }, ...chunk } of found) {
        yield { ...chunk, block: { rows: [r0 + down, r1 + down], cols: [c0 + along, c1 + along] } };
      }
    }
  }
}

/** Cuts a stored range at the ends of the grid; a segment lies `offset` beyond its points of the grid. */
function segments([from, to]: readonly [number, number], n: number, periodic: boolean) {
  if (!periodic) return [{ from: Math.max(0, from), to: Math.min(n, to), offset: 0 }];
  const found: { from: number; to: number; offset: number }[] = [];
  for (let offset = Math.floor(from / n) * n; offset < to; offset += n) {
    found.push({ from: Math.max(from, offset), to: Math.min(to, offset + n), offset });
  }
  return found;
}

/** Local. A field, or a block of it, with NaN at the nodes without an equation; in place where it has any. */
export function withoutExcluded<T extends GridData>(u: T, { excluded, shape }: Stencil, { rows, cols }: Block): T {
  if (!excluded) return u;
  for (let i = rows[0], n = 0; i < rows[1]; i++) {
    for (let j = cols[0]; j < cols[1]; j++, n++) if (excluded[i * shape[1] + j]) u[n] = NaN;
  }
  return u;
}

let lastYield = 0;

function isYieldDue(): boolean {
  return performance.now() - lastYield >= 50;
}

/** Local. Lets signals and timers in, at most every 50 ms. */
export async function yieldToEvents(): Promise<void> {
  if (!isYieldDue()) return;
  await new Promise((resolve) => setTimeout(resolve));
  lastYield = performance.now();
}
