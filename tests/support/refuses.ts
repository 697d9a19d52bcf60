/**
 * What must be refused.
 *
 * @module
 */

import assert from "node:assert/strict";
import { ConfigError, ProblemError } from "../../core/errors.ts";

/** Fails unless a call throws: it must be a ConfigError of one line that begins so. */
export function refuses(run: () => unknown, begins: string): void {
  assert.throws(run, (cause) => {
    assert.ok(cause instanceof ConfigError, String(cause));
    assert.equal(cause.message.slice(0, begins.length), begins);
    assert.ok(!cause.message.includes("\n"));
    return true;
  });
}

/** Fails unless a call throws a ProblemError with this message. */
export function assertRefused(call: () => unknown, message: string): void {
  assert.throws(call, (error) => {
    assert.ok(error instanceof ProblemError, String(error));
    assert.equal(error.message, message);
    return true;
  });
}
