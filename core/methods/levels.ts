/**
 * The levels of multigrid below a grid: which axes are coarsened, how far, and one V cycle through them.
 *
 * @module
 */

import type { Stencil } from "../contract.ts";
import type { Kernels, Multigrid } from "../kernels.ts";
import { Cholesky } from "./cholesky.ts";

/** Sweeps before a level is left for the one below, and after. */
export const PRE = 2, POST = 1;

/** A level with so many points, or fewer, is solved exactly. */
const FEW = 64;

/** What is known of a level without asking the kernels. */
interface Size {
  /** Rows and columns inside the ring. */
  readonly shape: readonly [rows: number, cols: number];
  /** Which axes were coarsened on the way to it. */
  readonly axes: readonly [rows: boolean, cols: boolean];
}

/**
 * Local. The sizes of the levels below a grid.
 *
 * A direction that is more than twice as stiff as the other, by spacing alone, is coarsened alone: smoothing acts along it
 * only. Each time it gets four times weaker.
 */
export function sizesBelow({ kind, shape, spacing: [dy, dx] }: Pick<Stencil, "kind" | "shape" | "spacing">): Size[] {
  const plain = kind === "plain";
  let [ny, nx] = plain ? [shape[0] - 2, shape[1] - 2] : shape;
  let stiffness = (dx / dy) ** 2;
  const half = (n: number) => plain ? Math.floor(n / 2) : Math.ceil(n / 2);
  const sizes: Size[] = [];
  while (sizes.length === 0 || ny * nx > FEW) {
    const rows = ny > 1 && (nx === 1 || stiffness >= 0.5);
    const cols = nx > 1 && (ny === 1 || stiffness <= 2);
    if (!rows && !cols) break;
    if (rows) [ny, stiffness] = [half(ny), stiffness / 4];
    if (cols) [nx, stiffness] = [half(nx), stiffness * 4];
    sizes.push({ shape: [ny, nx], axes: [rows, cols] });
  }
  return sizes;
}

/** Local. Whether the first level keeps all rows, or all columns: spacings, or sides, are that different. */
export function oneSided(stencil: Pick<Stencil, "kind" | "shape" | "spacing">): boolean {
  return sizesBelow(stencil)[0]?.axes.includes(false) ?? false;
}

/** The kernels that levels are made of, used and freed with. */
type Makers<G> = Pick<Kernels<G>, "multigrid" | "free">;

/** The levels below a grid, allocated, the last one factorized. */
export class Levels<G> {
  private constructor(
    readonly kernels: Makers<G>,
    readonly operations: Multigrid<G>,
    /** From fine to coarse. */
    readonly levels: readonly G[],
    readonly coarsest: Cholesky,
  ) {}

  /** Local. Makes the levels below a grid, at least one of whose axes has two unknowns. If one fails, none is left. */
  static async below<G>(kernels: Makers<G>, grid: G, stencil: Stencil): Promise<Levels<G>> {
    const { multigrid } = kernels;
    if (!multigrid) throw new Error("Cannot make levels: the kernels have no multigrid");
    const sizes = sizesBelow(stencil);
    const levels: G[] = [];
    try {
      for (const { axes } of sizes) levels.push(await multigrid.coarsen(levels.at(-1) ?? grid, axes));
      const coefficients = await multigrid.equations(levels.at(-1)!);
      const coarsest = new Cholesky(coefficients, sizes.at(-1)!.shape, stencil.periodic, stencil.singular);
      return new Levels(kernels, multigrid, levels, coarsest);
    } catch (cause) {
      await freeAll(kernels, levels);
      throw cause;
    }
  }

  /** The level right below the grid. */
  get first(): G {
    return this.levels[0]!;
  }

  /** Local. Releases the levels. */
  async free(): Promise<void> {
    await freeAll(this.kernels, this.levels);
  }

  /** Local. One V cycle, from a right side to a correction: of the level right below the grid, or of a lower one. */
  async solve(at = 0): Promise<void> {
    const { operations, levels } = this;
    const [level, below] = [levels[at]!, levels[at + 1]];
    if (below === undefined) {
      return await operations.correct(level, this.coarsest.solve(await operations.rightSide(level)));
    }
    await operations.descend(level, below, PRE);
    await this.solve(at + 1);
    await operations.ascend(level, below, POST);
  }

  /** Local. One V cycle of a grid. */
  async cycle(grid: G): Promise<void> {
    await this.operations.descend(grid, this.first, PRE);
    await this.solve();
    await this.operations.ascend(grid, this.first, POST);
  }
}

/** The last one first. */
async function freeAll<G>(kernels: Makers<G>, levels: readonly G[]): Promise<void> {
  for (const level of levels.toReversed()) await kernels.free(level);
}
