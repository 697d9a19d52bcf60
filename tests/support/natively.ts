/** Tests of one of our native libraries. Not a test file. */

import { test } from "node:test";
import ffiC from "../../backends/ffi-c/mod.ts";
import ffiFortran from "../../backends/ffi-fortran/mod.ts";
import ffiOmp from "../../backends/ffi-omp/mod.ts";
import { required } from "../../conformance/required.ts";

/** For each library why it cannot be tested, unless LAPLACE_REQUIRE says that it must be. */
const skips = new Map<string, string>();
for (const backend of [ffiC, ffiOmp, ffiFortran]) {
  const probe = await backend.probe();
  if (!probe.available && !required(backend.name)) skips.set(backend.name, probe.reason);
}

/** Runs a test of a backend, or skips it and says why. */
export function natively(title: string, { name }: { name: string }, body: () => Promise<void>): void {
  const skip = skips.get(name);
  test(`${name} ${title}${skip === undefined ? "" : ` (${skip})`}`, { skip: skip !== undefined }, body);
}
