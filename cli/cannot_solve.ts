/**
 * What a command says of a problem that cannot be solved, to the author of its file.
 *
 * @module
 */

import { ConfigError, ProblemError } from "../core/errors.ts";
import { withName } from "../core/problem/messages.ts";
import type { Problem } from "../core/problem/problem.ts";

/**
 * Local. The error of a solve: of the problem itself it names the file, and a part or probe by its name; of a probe that a flag
 * has added, the flag.
 *
 * @param file undefined if there is none
 * @param flags what was typed for the last probes: `--point 2,1`
 */
export function cannotSolve(
  error: unknown,
  file: string | undefined,
  problem: Problem,
  flags: readonly string[] = [],
): unknown {
  if (!(error instanceof ProblemError)) return error;
  const { message } = error;
  const [path, place, key] = /^probes\[(\d+)\](?:\.(\w+))?/.exec(message) ?? [];
  const flag = path === undefined ? undefined : flags[Number(place) - (problem.probes?.length ?? 0) + flags.length];
  if (path !== undefined && flag !== undefined) {
    // A point has no other key.
    return new ConfigError(
      `${flag}:${key === undefined || key === "at" ? "" : ` ${key}`}${message.slice(path.length)}`,
    );
  }
  return file === undefined ? error : new ConfigError(`Cannot solve "${file}": ${withName(message, problem)}`);
}
