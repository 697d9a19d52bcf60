/**
 * The suite that every backend must pass, whatever runs it: `laplace check`, or a test runner.
 *
 * @example In a plugin's test file, for Deno (`deno test -A`) and Bun (`bun test`) alike:
 * ```ts
 * import backend from "../backends/js/mod.ts";
 * import { testBackend } from "./mod.ts";
 *
 * const names: string[] = [];
 * await testBackend(backend, { test: (name) => void names.push(name) });
 * console.log(names[0]); // js: describes itself
 * ```
 *
 * @module
 */

export type { Check, ConformanceOptions } from "./check.ts";
export { testBackend, type TestBackendOptions, type TestFunction } from "./runner.ts";
export { conformance } from "./suite.ts";
