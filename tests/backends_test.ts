/**
 * Every built-in backend against the suite that all must pass. Those that cannot run here are skipped visibly, or fail
 * if `LAPLACE_REQUIRE` has their names.
 *
 * @module
 */

import { registry } from "../backends/registry.ts";
import { testBackend } from "../conformance/mod.ts";

for (const load of Object.values(registry)) await testBackend((await load()).default);
