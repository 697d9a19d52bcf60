/**
 * The kernels written out as plain loops, and a comparison with them bit for bit. As a program it compares one
 * backend in a process of its own, so that a test can set the environment:
 * `LAPLACE_ISA=baseline deno run -A tests/support/plain_loops.ts ffi-c`.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import type { Block, GridData } from "../../core/contract.ts";
import { allocate, arrayType, rounder } from "../../core/dtype.ts";
import type { FieldName, Kernels, Layout } from "../../core/kernels/kernels.ts";
import type { NativeBackend } from "../../backends/engine-ffi/library.ts";

/** Where random numbers start. */
export const seed = Number(process.env.LAPLACE_SEED ?? 1);

/** Local. A mulberry32: numbers in [-1, 1). */
export function generator(state: number): () => number {
  return () => {
    state = (state + 0x6D2B79F5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

/** The kernels once more, as slow and as plain as can be: dense arrays, one point at a time. */
class Reference {
  readonly fields: Record<FieldName, GridData>;
  readonly round: (x: number) => number;

  constructor(readonly layout: Layout) {
    const size = layout.shape[0] * layout.shape[1];
    const make = () => allocate(layout.dtype, size);
    this.fields = { u: make(), an: make(), as: make(), aw: make(), ae: make(), g: make(), d: make() };
    this.round = rounder(layout.dtype);
  }

  renew(): void {
    const { shape: [rows, cols], periodic } = this.layout;
    const { u } = this.fields;
    for (let i = 0; periodic[1] && i < rows; i++) {
      u[i * cols] = u[i * cols + cols - 2]!;
      u[i * cols + cols - 1] = u[i * cols + 1]!;
    }
    for (let j = 0; periodic[0] && j < cols; j++) {
      u[j] = u[(rows - 2) * cols + j]!;
      u[(rows - 1) * cols + j] = u[cols + j]!;
    }
  }

  /** The formula at one point. */
  next(p: number): number {
    const { layout: { kind, shape: [, cols], source }, fields: { u, an, as, aw, ae, g }, round: r } = this;
    const n = u[p - cols]!, s = u[p + cols]!, w = u[p - 1]!, e = u[p + 1]!;
    if (kind === "weighted") {
      return r(r(r(r(an[p]! * n) + r(as[p]! * s)) + r(r(aw[p]! * w) + r(ae[p]! * e))) + g[p]!);
    }
    const { cx, cy } = this.layout;
    const plain = cx === 0.25 && cy === 0.25
      ? r(0.25 * r(r(n + s) + r(w + e)))
      : r(r(r(cx) * r(w + e)) + r(r(cy) * r(n + s)));
    return source ? r(plain + g[p]!) : plain;
  }

  /** @returns the points inside the ring, and whether each counts in norms. */
  *points(): Generator<{ p: number; counts: boolean; colour: number }> {
    const { shape: [rows, cols], inner, parity } = this.layout;
    for (let i = 1; i < rows - 1; i++) {
      for (let j = 1; j < cols - 1; j++) {
        const counts = i >= inner.rows[0] && i < inner.rows[1] && j >= inner.cols[0] && j < inner.cols[1];
        yield { p: i * cols + j, counts, colour: (i + j + parity) % 2 };
      }
    }
  }

  larger(a: number, b: number): number {
    return b > a || b !== b ? b : a;
  }

  residual(): number {
    this.renew();
    let most = 0;
    for (const { p, counts } of this.points()) {
      if (counts) most = this.larger(most, Math.abs(this.round(this.next(p) - this.fields.u[p]!)));
    }
    return most;
  }

  sweep(count: number): number {
    let change = 0;
    for (let k = 0; k < count; k++) {
      change = this.residual();
      const v = this.fields.u.slice();
      for (const { p } of this.points()) v[p] = this.next(p);
      this.fields.u.set(v);
      this.renew();
    }
    return change;
  }

  relax(omega: number, colour: number, count: number): number {
    const { round: r, fields: { u } } = this;
    let change = 0;
    for (let k = 0; k < count; k++) {
      this.renew();
      for (const point of this.points()) {
        if (point.colour !== (colour + k) % 2) continue;
        const old = u[point.p]!;
        u[point.p] = r(old + r(r(omega) * r(this.next(point.p) - old)));
        if (point.counts && k >= count - 2) change = this.larger(change, Math.abs(r(u[point.p]! - old)));
      }
      this.renew();
    }
    return change;
  }
}

const whole = ({ shape: [rows, cols] }: Layout): Block => ({ rows: [0, rows], cols: [0, cols] });

/** Local. Does the same steps with both, on random fields, and compares everything that can be seen. */
export async function compare<G>(kernels: Kernels<G>, layout: Layout, random: () => number): Promise<void> {
  const reference = new Reference(layout);
  const grid = await kernels.create(layout);
  const names: FieldName[] = layout.kind === "weighted"
    ? ["u", "an", "as", "aw", "ae", "g"]
    : layout.source
    ? ["u", "g"]
    : ["u"];
  reference.fields.u.forEach((_, k, u) => u[k] = random());
  await kernels.write(grid, "u", whole(layout), reference.fields.u);
  reference.renew();
  for (const name of names.slice(1)) {
    for (let k = 0; k < 8; k++) await writeAlike(kernels, grid, reference, name, random);
    assert.equal(await kernels.residual(grid), reference.residual(), `${name} with rows that are alike`);
  }
  for (const name of names) {
    const data = reference.fields[name].map(() => random() * (name.startsWith("a") ? 0.25 : 1));
    reference.fields[name].set(data);
    await kernels.write(grid, name, whole(layout), data);
  }
  const same = async (step: string, actual: unknown, expected: number) => {
    assert.equal(actual, expected, `${step}: its norm`);
    assert.deepEqual(await kernels.read(grid, whole(layout)), reference.fields.u, `${step}: its points`);
  };
  reference.renew(); // read() may be asked for images only after a step has renewed them
  assert.equal(await kernels.residual(grid), reference.residual());
  await same("sweep(1) after residual", await kernels.sweep(grid, 1), reference.sweep(1));
  await same("sweep(4)", await kernels.sweep(grid, 4), reference.sweep(4));
  assert.equal(await kernels.residual(grid), reference.residual());
  assert.equal(await kernels.residual(grid), reference.residual(), "asked again");
  await same("sweep(3) after residual", await kernels.sweep(grid, 3), reference.sweep(3));
  if (kernels.advance) {
    for (const count of [1, 2, 6]) {
      const { change, residual } = await kernels.advance(grid, count);
      await same(`advance(${count})`, change, reference.sweep(count));
      assert.equal(residual, reference.residual(), `advance(${count}): its residual`);
    }
  }
  const even = (axis: 0 | 1) => !layout.periodic[axis] || layout.shape[axis] % 2 === 0;
  if (even(0) && even(1)) {
    await same("relax(1)", await kernels.relax!(grid, 1.3, 1, 1), reference.relax(1.3, 1, 1));
    await kernels.residual(grid);
    await same("relax(5)", await kernels.relax!(grid, 1.7, 0, 5), reference.relax(1.7, 0, 5));
  } else {
    assert.throws(() => kernels.relax!(grid, 1.3, 1, 1), /no two colours/);
  }
  // A block inside, and part of the ring.
  const block: Block = { rows: [0, 2], cols: [1, layout.shape[1]] };
  const data = reference.fields.u.slice(0, 2 * (layout.shape[1] - 1)).map(() => random());
  for (let k = 0; k < data.length; k++) {
    const width = layout.shape[1] - 1;
    reference.fields.u[Math.floor(k / width) * layout.shape[1] + 1 + k % width] = data[k]!;
  }
  await kernels.residual(grid);
  await kernels.write(grid, "u", block, data);
  await same("sweep(2) after write", await kernels.sweep(grid, 2), reference.sweep(2));
  // NaN surfaces wherever it is.
  const [i, j] = [layout.inner.rows[1] - 1, layout.inner.cols[1] - 1];
  if (i >= layout.inner.rows[0] && j >= layout.inner.cols[0]) {
    const bad = arrayType(layout.dtype).of(NaN);
    await kernels.write(grid, "u", { rows: [i, i + 1], cols: [j, j + 1] }, bad);
    assert.equal(await kernels.residual(grid), NaN);
    assert.equal(await kernels.sweep(grid, 1), NaN);
    reference.fields.u[i * layout.shape[1] + j] = NaN;
    reference.sweep(1);
    await same("sweep(5) from NaN", await kernels.sweep(grid, 5), reference.sweep(5));
  }
  await kernels.free(grid);
}

/** Writes a block anywhere, most of whose rows are those before them: kernels may store such rows once. */
async function writeAlike<G>(
  kernels: Kernels<G>,
  grid: G,
  { layout: { shape }, fields }: Reference,
  name: FieldName,
  random: () => number,
): Promise<void> {
  const below = (n: number) => Math.floor((random() + 1) / 2 * n);
  const [rows, cols] = shape.map((n) => [below(n), n - below(n)].sort((a, b) => a - b)) as [
    [number, number],
    [number, number],
  ];
  const width = cols[1] - cols[0];
  const data = fields[name].slice(0, (rows[1] - rows[0]) * width);
  const values = [0, 0.25 * random()];
  for (let i = rows[0], at = 0, value = 0; i < rows[1]; i++, at += width) {
    if (below(3) === 0) value = values[below(2)]!;
    data.fill(value, at, at + width);
    fields[name].set(data.subarray(at, at + width), i * shape[1] + cols[0]);
  }
  await kernels.write(grid, name, { rows, cols }, data);
}

/** @returns every form of layout at shapes that are small, long, prime, and about as wide as a block of the row kernels. */
export function* layouts(): Generator<Layout> {
  let odd = 0;
  for (const shape of [[3, 3], [3, 40], [40, 3], [4, 6], [17, 13], [31, 8], [6, 1031], [5, 1026]] as const) {
    for (const dtype of ["f64", "f32"] as const) {
      for (const form of ["square", "stretched", "weighted"] as const) {
        for (const source of [false, true]) {
          for (const periodic of [[false, false], [true, false], [false, true], [true, true]] as const) {
            odd = (odd + 1) % 3;
            const [rows, cols] = shape;
            const narrow = odd === 2 && rows > 4 && cols > 4;
            yield {
              kind: form === "weighted" ? "weighted" : "plain",
              dtype,
              shape,
              periodic,
              inner: narrow
                ? { rows: [2, rows - 1], cols: [2, cols - 3] }
                : { rows: [1, rows - 1], cols: [1, cols - 1] },
              parity: odd ? 1 : 0,
              cx: form === "stretched" ? Math.fround(0.3) : 0.25,
              cy: form === "stretched" ? Math.fround(0.2) : 0.25,
              source,
              diagonal: false,
            };
          }
        }
      }
    }
  }
}

/** Local. Compares kernels in every `step`-th layout; the message names the seed and the layout that failed. */
export async function compareAll<G>(kernels: Kernels<G>, step = 1): Promise<void> {
  const random = generator(seed);
  let k = 0;
  for (const layout of layouts()) {
    if (k++ % step !== 0) continue;
    await compare(kernels, layout, random).catch((cause) => {
      throw new Error(`seed ${seed}, ${JSON.stringify(layout)}: ${cause.message}`, { cause });
    });
  }
}

if (import.meta.main) {
  const { default: backend } = await import(`../../backends/${process.argv[2]}/mod.ts`) as { default: NativeBackend };
  const probe = await backend.probe();
  console.log(probe.available ? probe.device : probe.reason);
  if (probe.available) await compareAll(await backend.kernels({}));
}
