/**
 * What a check is.
 *
 * @module
 */

/** One thing that a backend must do. */
export interface Check {
  /** What must hold, in words. */
  readonly name: string;
  /** Why there is nothing to run: the backend does not offer it. */
  readonly skip?: string;
  /** Collective. @throws Error that says what differs. */
  run(): Promise<void>;
}

/** How the random checks are drawn. */
export interface ConformanceOptions {
  /** Of the random problems; the same on every rank. */
  readonly seed?: number;
  /** Random problems per check; default 4. */
  readonly runs?: number;
}
