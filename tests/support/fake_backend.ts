/**
 * The reference under other names, with other scores and limits. Not a test itself.
 *
 * @module
 */

import js from "../../backends/js/mod.ts";
import type { Backend } from "../../core/contract.ts";

/** A backend of a name and a score. */
export const fake = (name: string, score: number, more: Partial<Backend> = {}): Backend => ({
  ...js,
  name,
  probe: () => ({ available: true, device: `device of ${name}`, score }),
  ...more,
});
