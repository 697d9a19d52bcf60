/**
 * The levels of multigrid below a grid: which axes are coarsened, how far, and one V-cycle through them.
 *
 * @module
 */

import type { MaybePromise, Stencil } from "../contract.ts";
import type { CoarseSolver, LevelSize, SharedLevel } from "../kernels/distributed.ts";
import type { Coarsening, LevelKernels, Multigrid } from "../kernels/kernels.ts";
import { Cholesky } from "./cholesky.ts";

/** Smoothing sweeps before the restriction, and after the prolongation. */
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

/** The levels below a grid or level, allocated, and the solver of the coarsest one. */
export class Hierarchy<L> {
  private constructor(
    private readonly kernels: LevelKernels<L>,
    /** From fine to coarse. */
    private readonly levels: readonly L[],
    private readonly coarsest: CoarseSolver,
  ) {}

  /**
   * Local; collective if `createSolver` is. Allocates the levels below a grid or level. If one fails, none is left.
   *
   * @param above the operations of what is above them
   * @param sizes of the levels, one at least
   * @param createSolver makes the solver of the coarsest level from its operator; a direct solver by default
   */
  static async create<F, L>(
    above: Coarsening<F, L>,
    kernels: LevelKernels<L>,
    fine: F,
    sizes: readonly LevelSize[],
    { periodic, singular }: Pick<Stencil, "periodic" | "singular">,
    createSolver: (operator: Float64Array) => MaybePromise<CoarseSolver> = (operator) =>
      new Cholesky(operator, sizes.at(-1)!.shape, periodic, singular),
  ): Promise<Hierarchy<L>> {
    const levels: L[] = [];
    try {
      for (const { axes } of sizes) {
        const last = levels.at(-1);
        levels.push(await (last === undefined ? above.coarsen(fine, axes) : kernels.coarsen(last, axes)));
      }
      const coarsest = await createSolver(await kernels.readOperator(levels.at(-1)!));
      return new Hierarchy(kernels, levels, coarsest);
    } catch (cause) {
      await freeAll(kernels, levels);
      throw cause;
    }
  }

  /** Local. The same for a grid, at least one of whose axes has two unknowns, down to a size that is solved directly. */
  static createBelow<G, L>(multigrid: Multigrid<G, L>, grid: G, stencil: Stencil): Promise<Hierarchy<L>> {
    return Hierarchy.create(multigrid, multigrid.levels, grid, levelSizes(stencil), stencil);
  }

  /** The finest of the levels. */
  get first(): L {
    return this.levels[0]!;
  }

  /** Local. Releases the levels. */
  async free(): Promise<void> {
    await this.coarsest.free?.();
    await freeAll(this.kernels, this.levels);
  }

  /** Local. The part of a V-cycle below the grid: from the right-hand side of a level to its correction. */
  async solve(at = 0): Promise<void> {
    const { kernels, levels } = this;
    const [level, below] = [levels[at]!, levels[at + 1]];
    if (below === undefined) {
      return await kernels.writeCorrection(level, await this.coarsest.solve(await kernels.readRhs(level)));
    }
    await kernels.smoothAndRestrict(level, below, PRE);
    await this.solve(at + 1);
    await kernels.prolongAndSmooth(level, below, POST);
  }

  /** Local. One V-cycle of the grid or level above. */
  async cycle<F>(above: Coarsening<F, L>, fine: F): Promise<void> {
    await above.smoothAndRestrict(fine, this.first, PRE);
    await this.solve();
    await above.prolongAndSmooth(fine, this.first, POST);
  }
}

/**
 * Local. Makes a solver of a level that is below no grid, its operator gathered from ranks: one V-cycle each time, from zero.
 * If it fails, nothing is left.
 *
 * @param level made by `Multigrid.createLevel`; freed with the solver
 * @param below the levels below it, one at least
 */
export async function cycleSolver<L>(
  kernels: LevelKernels<L>,
  level: L,
  { shape: [rows, cols], periodic, singular, below }: Pick<SharedLevel, "shape" | "periodic" | "singular" | "below">,
): Promise<CoarseSolver> {
  const all = { rows: [0, rows], cols: [0, cols] } as const;
  const zero = new Float64Array(rows * cols);
  let hierarchy: Hierarchy<L>;
  try {
    hierarchy = await Hierarchy.create(kernels, kernels, level, below, { periodic, singular });
  } catch (cause) {
    await kernels.free(level);
    throw cause;
  }
  return {
    async solve(f) {
      await kernels.writeRhs(level, all, f);
      await kernels.writeCorrection(level, zero);
      await hierarchy.cycle(kernels, level);
      return await kernels.readCorrection!(level);
    },
    async free() {
      await hierarchy.free();
      await kernels.free(level);
    },
  };
}

/** The last one first. */
async function freeAll<L>(kernels: LevelKernels<L>, levels: readonly L[]): Promise<void> {
  for (const level of levels.toReversed()) await kernels.free(level);
}
