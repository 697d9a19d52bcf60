/**
 * Imported for what it does: the same random cases everywhere, so that what fails in one place fails in all.
 *
 * @module
 */

import process from "node:process";
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.LAPLACE_SEED ?? 20261128) });
