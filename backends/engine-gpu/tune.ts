/**
 * How many sweeps of a plain stencil in one launch are the fastest: each number is timed on the grid itself. All give the same
 * bits, so no sweep is wasted.
 *
 * @module
 */

/** The numbers tried, and the sweeps of each trial: whole launches. */
const TRIED = [1, 2, 3, 4, 6, 8], TRIAL = 24;

/** Points below which there are no trials: launches are too short to time. */
const WORTH_A_TRIAL = 1 << 20;

/** The first guess. */
const GUESS = 4;

/** Tunes the grids of one session, which differ in size: the largest counts. */
export class Tuner {
  /** Numbers not tried yet. */
  private readonly left: number[];
  private least = Infinity;
  private best: number;

  /** @param wanted the number, or auto */
  constructor(wanted: number | "auto", private readonly now: () => number = () => performance.now()) {
    this.left = wanted === "auto" ? [...TRIED] : [];
    this.best = wanted === "auto" ? GUESS : wanted;
  }

  /** Sweeps in one launch, by the trials so far. */
  get sweeps(): number {
    return this.left.length > 0 ? GUESS : this.best;
  }

  /** How many sweeps of a batch on a grid are trials: at most half of them. */
  wanted(points: number, sweeps: number): number {
    if (points < WORTH_A_TRIAL) return 0;
    return TRIAL * Math.min(this.left.length, Math.floor(sweeps / (2 * TRIAL)));
  }

  /**
   * Runs trials.
   *
   * @param wanted their sweeps
   * @param start starts so many sweeps, so many in a launch
   * @param done waits for them
   */
  async tune(
    wanted: number,
    start: (sweeps: number, each: number) => void,
    done: () => Promise<unknown>,
  ): Promise<void> {
    for (const each of this.left.splice(0, wanted / TRIAL)) {
      // The first launch may compile the kernel: it is not timed.
      start(each, each);
      await done();
      const began = this.now();
      start(TRIAL - each, each);
      await done();
      const seconds = (this.now() - began) / (TRIAL - each);
      if (seconds < this.least) [this.least, this.best] = [seconds, each];
    }
  }
}
