/**
 * Tests that need a device.
 *
 * @module
 */

import { test } from "node:test";
import { required } from "../../conformance/required.ts";
import type { Backend } from "../../core/contract.ts";

/** @returns what runs a test of a backend on a device, or skips it and says why, unless LAPLACE_REQUIRE names the backend */
export async function testsOn(backend: Backend): Promise<(title: string, body: () => void | Promise<void>) => void> {
  const { name } = backend;
  const probe = await backend.probe();
  const skip = !probe.available && !required(name);
  const note = probe.available ? "" : `: skipped, ${probe.reason}`;
  return (title, body) => void test(`${name} ${title}${note}`, { skip }, body);
}
