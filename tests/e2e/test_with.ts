/** Tests of ranks that need a launcher. Not a test file. */

import { test } from "node:test";
import { required } from "../../conformance/required.ts";
import { findLauncher } from "../../mpi/launcher.ts";
import type { RankSetup } from "./rank_fields.ts";

/** A test that is skipped, visibly, where one of these has no launcher. */
export function testWith(mpis: readonly RankSetup["mpi"][], name: string, body: () => Promise<void>): void {
  const missing = mpis.find((mpi) => findLauncher(mpi) === undefined);
  const skip = missing !== undefined && !required("mpi");
  test(skip ? `${name}: skipped, there is no launcher of ${missing}` : name, { skip }, body);
}
