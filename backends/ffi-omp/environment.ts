/**
 * The variables of OpenMP: those that libgomp would complain about on stderr by itself, and replace by a value of its own, and
 * how many threads they leave. Of others that are malformed, such as OMP_SCHEDULE, libgomp prints a line that names them,
 * and goes on as without them: neither the field nor the number of threads depends on them.
 *
 * @module
 */

import { cores } from "../../host/cores.ts";
import { env } from "../../host/runtime.ts";

/** The most threads of a grid: those of native/models/omp/threads.c. */
export const MOST_THREADS = 1024;

/** Each variable: whether a value fits, and what fits. */
const variables: Readonly<Record<string, { readonly fits: (text: string) => boolean; readonly expects: string }>> = {
  OMP_NUM_THREADS: {
    // Those after a comma are for regions inside regions.
    fits: (text) => text.split(",").every((one) => isCount(one)) && Number(text.split(",")[0]) <= MOST_THREADS,
    expects: `a whole number from 1 to ${MOST_THREADS}`,
  },
  OMP_THREAD_LIMIT: { fits: isCount, expects: "a whole number of at least 1" },
  OMP_STACKSIZE: { fits: isStackSize, expects: "a size of at least 16K, such as 4M" },
  GOMP_STACKSIZE: { fits: isStackSize, expects: "a size of at least 16K, such as 4M" },
};

/** Why the library must not even be loaded. */
export function refused(): { readonly reason: string; readonly fix: string } | undefined {
  for (const [name, { fits, expects }] of Object.entries(variables)) {
    const text = env(name);
    if (text === undefined || fits(text)) continue;
    return { reason: `${name} is "${text}"`, fix: `set it to ${expects}, or unset it` };
  }
  return undefined;
}

/**
 * The setting `threads` where none was given, which OpenMP has no default for, and why there are no more.
 *
 * @param given the settings that were given
 */
export function threadsOf(
  given: Readonly<Record<string, string>>,
): { readonly threads?: string; readonly why?: string } {
  const asked = given.threads ?? env("OMP_NUM_THREADS")?.split(",")[0];
  const { count, why } = cores();
  const limit = Number(env("OMP_THREAD_LIMIT") ?? Infinity);
  const limited = limit < Number(asked ?? count) ? `OMP_THREAD_LIMIT is ${limit}` : undefined;
  // OpenMP knows of no quotas.
  if (asked !== undefined || why === undefined) return limited === undefined ? {} : { why: limited };
  return { threads: `${Math.min(count, MOST_THREADS)}`, why: limited ?? why };
}

function isCount(text: string): boolean {
  return /^\s*[1-9]\d{0,8}\s*$/.test(text);
}

/** A number of KiB, or with a letter of other units. */
function isStackSize(text: string): boolean {
  const [, number, unit = "K"] = /^\s*(\d+)\s*([BKMG])?\s*$/i.exec(text) ?? [];
  const bytes = Number(number) * 1024 ** "BKMG".indexOf(unit.toUpperCase());
  return bytes >= 16 * 1024 && bytes < 2 ** 64;
}
