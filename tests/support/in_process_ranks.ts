/**
 * Ranks in one process, for tests: domains that exchange, agree and gather through promises instead of messages.
 * Not a test itself.
 *
 * @module
 */

import { agglomerate } from "../../backends/engine-ranks/agglomerate.ts";
import type { Block, GridData } from "../../core/contract.ts";
import type { Domain, Halo, SharedLevel } from "../../core/kernels/distributed.ts";
import { partRange } from "../../core/kernels/distributed.ts";
import { larger } from "../../core/kernels/kernels.ts";

/** An allgather: each rank supplies a value and receives those of all ranks, in order of rank. */
class AllGather {
  #values: unknown[] = [];
  #arrived = 0;
  #release!: (values: readonly unknown[]) => void;
  #round = this.#next();

  constructor(readonly ranks: number) {}

  #next(): Promise<readonly unknown[]> {
    return new Promise((resolve) => this.#release = resolve);
  }

  async gather<T>(rank: number, value: T): Promise<readonly T[]> {
    const round = this.#round;
    this.#values[rank] = value;
    if (++this.#arrived === this.ranks) {
      const [values, release] = [this.#values, this.#release];
      [this.#values, this.#arrived] = [[], 0];
      this.#round = this.#next();
      release(values);
    }
    return (await round) as readonly T[];
  }
}

/** One stretch of a stored range: where it lies here, and where its owner has it. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly shift: number;
}

/**
 * Distributes a grid to process rows × process columns.
 *
 * @param depth layers of halo
 * @param blocks what each rank owns; else equal shares
 * @param levels of multigrid that a rank makes of its block
 * @returns one domain per rank, and how many exchanges there were.
 */
export function distribute(
  [ny, nx]: readonly [number, number],
  [rows, cols]: readonly [number, number],
  periodic: readonly [boolean, boolean],
  depth: number,
  blocks: readonly Block[] = Array.from({ length: rows * cols }, (_, rank): Block => ({
    rows: partRange(ny, rows, Math.floor(rank / cols)),
    cols: partRange(nx, cols, rank % cols),
  })),
  levels?: number,
): { domains: Domain[]; exchanges(): number } {
  const ranks = rows * cols;
  const everybody = new AllGather(ranks);
  let exchanges = 0;
  const domains = blocks.map((owned, rank): Domain => ({
    rank,
    ranks,
    owned,
    depth,
    split: [rows > 1, cols > 1],
    async exchange(halo: Halo) {
      if (rank === 0) exchanges++;
      const { shape, owned, stored } = halo;
      const all = await everybody.gather(rank, { block: owned, data: await halo.read(owned) });
      for (const [other, { block, data }] of all.entries()) {
        // What is beyond a direction that is not split is none of a domain's business.
        const down = rows > 1 ? overlaps(stored.rows, block.rows, shape[0], periodic[0]) : [whole(owned.rows)];
        const along = cols > 1 ? overlaps(stored.cols, block.cols, shape[1], periodic[1]) : [whole(owned.cols)];
        for (const r of down) {
          for (const c of along) {
            if (other === rank && r.shift === 0 && c.shift === 0) continue;
            await halo.write({ rows: [r.from, r.to], cols: [c.from, c.to] }, part(data, block, r, c));
          }
        }
      }
      // Nobody may go on and change what a neighbour has yet to read: here all were handed copies.
    },
    ...(levels !== undefined && {
      levels,
      agglomerate: (level: SharedLevel) => agglomerate(level, (mine) => everybody.gather(rank, mine)),
    }),
    async max(values) {
      const all = await everybody.gather(rank, values);
      return values.map((_, n) => all.map((some) => some[n]!).reduce(larger));
    },
    async gather(own) {
      const all = await everybody.gather(rank, own);
      if (rank !== 0) return undefined;
      const u = own instanceof Float32Array ? new Float32Array(ny * nx) : new Float64Array(ny * nx);
      blocks.forEach(({ rows: [r0, r1], cols: [c0, c1] }, n) => {
        const width = c1 - c0;
        for (let i = r0; i < r1; i++) {
          u.set(all[n]!.subarray((i - r0) * width, (i - r0 + 1) * width), i * nx + c0);
        }
      });
      return u;
    },
  }));
  return { domains, exchanges: () => exchanges };
}

function whole([from, to]: readonly [number, number]): Stretch {
  return { from, to, shift: 0 };
}

/** The stretches of a stored range that an owner's range covers, directly or around a periodic edge. */
function overlaps(
  stored: readonly [number, number],
  owned: readonly [number, number],
  n: number,
  periodic: boolean,
): Stretch[] {
  const found: Stretch[] = [];
  for (const shift of periodic ? [-2 * n, -n, 0, n, 2 * n] : [0]) {
    const [from, to] = [Math.max(stored[0], owned[0] + shift), Math.min(stored[1], owned[1] + shift)];
    if (from < to) found.push({ from, to, shift });
  }
  return found;
}

function part(data: GridData, { rows, cols }: Block, r: Stretch, c: Stretch): GridData {
  const width = cols[1] - cols[0];
  const cut = data.slice(0, (r.to - r.from) * (c.to - c.from));
  for (let i = r.from; i < r.to; i++) {
    const at = (i - r.shift - rows[0]) * width + (c.from - c.shift - cols[0]);
    cut.set(data.subarray(at, at + c.to - c.from), (i - r.from) * (c.to - c.from));
  }
  return cut;
}
