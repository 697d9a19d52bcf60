/**
 * The first guess of multigrid on a device: that of full multigrid, as the reference has it.
 *
 * @module
 */

import assert from "node:assert/strict";
import js from "../../backends/js/mod.ts";
import type { Backend, Dtype } from "../../core/contract.ts";
import { lower } from "../../core/discretize/lower.ts";
import { plan } from "../support/same_bits.ts";

/** Fails unless a cycle leaves about as much of the residual as one of the reference: from zero it leaves hundreds of times that. */
export async function assertFullMultigrid(backend: Backend, dtype: Dtype): Promise<void> {
  const wave = (_: number, col: number) => Math.sin(col / 20);
  const stencil = lower({ shape: [129, 129], dtype, edges: { north: wave, south: 1, west: 0.5 } });
  const after = async (backend: Backend) => {
    await using session = await backend.open(stencil, plan("multigrid"));
    return (await session.advance(1)).residual;
  };
  const [ours, theirs] = [await after(backend), await after(js)];
  assert.ok(ours < 2 * theirs, `after a cycle the residual is ${ours}, that of js ${theirs}`);
}
