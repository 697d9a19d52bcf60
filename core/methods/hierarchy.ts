/**
 * The levels of multigrid below a grid: which axes are coarsened, how far, and one V cycle through them.
 *
 * @module
 */

import type { CoarseSolver, LevelSize, MaybePromise, Stencil } from "../contract.ts";
import type { Kernels, Multigrid } from "../kernels/kernels.ts";
import { Cholesky } from "./cholesky.ts";

/** Sweeps before a level is left for the one below, and after. */
export const PRE = 2, POST = 1;

/** A level with so many points, or fewer, is solved exactly. */
const FEW = 64;

/**
 * Local. The sizes of the levels below a grid.
 *
 * A direction that is more than twice as stiff as the other, by spacing alone, is coarsened alone: smoothing acts along it
 * only. Each time it gets four times weaker.
 */
export function levelSizes(
  { kind, shape, spacing: [dy, dx] }: Pick<Stencil, "kind" | "shape" | "spacing">,
): LevelSize[] {
  const plain = kind === "plain";
  let [ny, nx] = plain ? [shape[0] - 2, shape[1] - 2] : shape;
  let stiffness = (dx / dy) ** 2;
  const half = (n: number) => plain ? Math.floor(n / 2) : Math.ceil(n / 2);
  const sizes: LevelSize[] = [];
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
export function isSemicoarsened(stencil: Pick<Stencil, "kind" | "shape" | "spacing">): boolean {
  return levelSizes(stencil)[0]?.axes.includes(false) ?? false;
}

/** The kernels that levels are made of, used and freed with. */
export type Makers<G> = Pick<Kernels<G>, "multigrid" | "free">;

/** The levels below a grid, allocated, and what solves on the last one. */
export class Hierarchy<G> {
  private constructor(
    readonly kernels: Makers<G>,
    readonly operations: Multigrid<G>,
    /** From fine to coarse. */
    readonly levels: readonly G[],
    readonly coarsest: CoarseSolver,
  ) {}

  /** Local. Makes the levels below a grid, at least one of whose axes has two unknowns. If one fails, none is left. */
  static createBelow<G>(kernels: Makers<G>, grid: G, stencil: Stencil): Promise<Hierarchy<G>> {
    return Hierarchy.create(kernels, grid, levelSizes(stencil), stencil);
  }

  /**
   * Local; collective if `end` is. Makes some levels below a grid, or a level. If one fails, none is left.
   *
   * @param end makes what solves on the last one, of its equations; else a direct solver does
   */
  static async create<G>(
    kernels: Makers<G>,
    grid: G,
    sizes: readonly LevelSize[],
    { periodic, singular }: Pick<Stencil, "periodic" | "singular">,
    end: (coefficients: Float64Array) => MaybePromise<CoarseSolver> = (coefficients) =>
      new Cholesky(coefficients, sizes.at(-1)!.shape, periodic, singular),
  ): Promise<Hierarchy<G>> {
    const { multigrid } = kernels;
    if (!multigrid) throw new Error("Cannot make levels: the kernels have no multigrid");
    const levels: G[] = [];
    try {
      for (const { axes } of sizes) levels.push(await multigrid.coarsen(levels.at(-1) ?? grid, axes));
      const coarsest = await end(await multigrid.readOperator(levels.at(-1)!));
      return new Hierarchy(kernels, multigrid, levels, coarsest);
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
    await this.coarsest.free?.();
    await freeAll(this.kernels, this.levels);
  }

  /** Local. One V cycle, from a right side to a correction: of the level right below the grid, or of a lower one. */
  async solve(at = 0): Promise<void> {
    const { operations, levels } = this;
    const [level, below] = [levels[at]!, levels[at + 1]];
    if (below === undefined) {
      return await operations.writeCorrection(level, await this.coarsest.solve(await operations.readRhs(level)));
    }
    await operations.smoothAndRestrict(level, below, PRE);
    await this.solve(at + 1);
    await operations.prolongAndSmooth(level, below, POST);
  }

  /** Local. One V cycle of a grid. */
  async cycle(grid: G): Promise<void> {
    await this.operations.smoothAndRestrict(grid, this.first, PRE);
    await this.solve();
    await this.operations.prolongAndSmooth(grid, this.first, POST);
  }
}

/** The last one first. */
async function freeAll<G>(kernels: Makers<G>, levels: readonly G[]): Promise<void> {
  for (const level of levels.toReversed()) await kernels.free(level);
}
