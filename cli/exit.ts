/**
 * The exit codes: one for each way a solve ends, and one for each kind of failure.
 *
 * @module
 */

/** By status, or by kind of failure. */
export const EXIT = {
  converged: 0,
  limit: 1,
  stalled: 1,
  diverged: 1,
  usage: 2,
  unavailable: 3,
  internal: 70,
  interrupted: 130,
} as const;
