/**
 * The errors that are no bugs. Every message is one line and names what is wrong.
 *
 * @module
 */

import { closest, distance } from "fastest-levenshtein";

/** Something that the user gave is wrong: a key, a flag, a file. Exit code 2. */
export class ConfigError extends Error {
  /** For callers that cannot import the class. */
  override name = "ConfigError";
}

/** The problem itself is wrong: the message starts with the wrong key; the caller adds the file. */
export class ProblemError extends ConfigError {}

/** A plugin exists but cannot run here. Exit code 3. */
export class UnavailableError extends Error {
  /** For callers that cannot import the class. */
  override name = "UnavailableError";
}

/**
 * Local. The end of a message about an unknown word.
 *
 * @returns `; did you mean "x"?` if a candidate is near, else the list of candidates.
 */
export function suggest(word: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return "; there are none";
  const best = closest(word, candidates);
  // Two letters of three are another word, as is one of one; swapping two neighbours is a slip in a short one, too.
  const swapped = [...word].sort().join() === [...best].sort().join();
  const near =
    distance(word, best) <= Math.max(swapped ? 2 : Math.min(1, best.length - 1), Math.floor(best.length / 3));
  return near ? `; did you mean "${best}"?` : `; known: ${candidates.join(", ")}`;
}

/** Local. A count in words: `1 sweep`, `2 sweeps`. */
export function counted(count: number | string, what: string): string {
  return `${count} ${what}${Number(count) === 1 ? "" : "s"}`;
}

/** Local. Why something cannot be used, and what would help, in a line. */
export function withFix({ reason, fix }: { readonly reason: string; readonly fix?: string | undefined }): string {
  return fix === undefined ? reason : `${reason}; ${fix}`;
}

/** Local. A conductivity, or convection, whose coefficients the precision cannot hold. */
export function beyondPrecision(): ProblemError {
  return new ProblemError("conductivity and convection differ by more than the precision can hold");
}
