/**
 * How many sweeps of a plain stencil one launch does best: a device is asked by sweeping the grid itself with each number in
 * turn. All give the same bits, so nothing is wasted.
 *
 * @module
 */

/** What is tried, and with how many sweeps each: whole launches of them. */
const TRIED = [1, 2, 3, 4, 6, 8], TRIAL = 24;

/** Points below which the first guess is kept: launches are then too short to time. */
const WORTH_A_TRIAL = 1 << 20;

/** The first guess. */
const GUESS = 4;

/** Finds the number for the grids of one session, which differ in size: the largest counts. */
export class Tuner {
  /** What has not been tried yet. */
  private readonly left: number[];
  private least = Infinity;
  private best: number;

  /** @param given the number, if it is given */
  constructor(given: number | "auto", private readonly now: () => number = () => performance.now()) {
    this.left = given === "auto" ? [...TRIED] : [];
    this.best = given === "auto" ? GUESS : given;
  }

  /** Sweeps in one launch, by what is known so far. */
  get sweeps(): number {
    return this.left.length > 0 ? GUESS : this.best;
  }

  /** How many sweeps of a batch on a grid are trials: half of them at the most; 0: none. */
  wanted(points: number, sweeps: number): number {
    if (points < WORTH_A_TRIAL) return 0;
    return TRIAL * Math.min(this.left.length, Math.floor(sweeps / (2 * TRIAL)));
  }

  /**
   * Does trials.
   *
   * @param wanted sweeps that they take
   * @param start starts so many sweeps, so many in a launch
   * @param done waits for them
   */
  async tune(
    wanted: number,
    start: (sweeps: number, each: number) => void,
    done: () => Promise<unknown>,
  ): Promise<void> {
    for (const each of this.left.splice(0, wanted / TRIAL)) {
      // The first launch of a kernel may have it compiled: it is not timed.
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
