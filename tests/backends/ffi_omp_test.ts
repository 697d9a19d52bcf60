/**
 * What `ffi-omp` makes of the variables of OpenMP, before libgomp reads them.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { refused, threadsOf } from "../../backends/ffi-omp/environment.ts";
import { cores } from "../../host/cores.ts";

const names = ["OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OMP_STACKSIZE", "GOMP_STACKSIZE"] as const;

/** What a call gives with these variables, and no others of OpenMP. */
function under<T>(variables: Readonly<Record<string, string>>, call: () => T): T {
  const before = names.map((name) => [name, process.env[name]] as const);
  try {
    for (const name of names) delete process.env[name];
    Object.assign(process.env, variables);
    return call();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

test("refused names the variable that libgomp would replace, and says what fits", () => {
  const good = {
    OMP_NUM_THREADS: ["1", "4", " 4 ", "1024", "4,2", "4, 2"],
    OMP_THREAD_LIMIT: ["1", "64", "100000"],
    OMP_STACKSIZE: ["16", "4096", "4M", "2 g", "16384B", "100G"],
    GOMP_STACKSIZE: ["512"],
  };
  const bad = {
    OMP_NUM_THREADS: ["0", "-1", "many", "1025", "4096", "4,", "1.5"],
    OMP_THREAD_LIMIT: ["0", "-1", "none"],
    OMP_STACKSIZE: ["0", "1", "4T", "lots", "-1", "16383B", "99999999999G"],
    GOMP_STACKSIZE: ["big"],
  };
  assert.equal(under({}, refused), undefined);
  for (const [name, values] of Object.entries(good)) {
    for (const value of values) assert.equal(under({ [name]: value }, refused), undefined, `${name}=${value}`);
  }
  for (const [name, values] of Object.entries(bad)) {
    for (const value of values) {
      const { reason, fix } = under({ [name]: value }, refused) ?? {};
      assert.equal(reason, `${name} is "${value}"`);
      assert.match(fix!, /^set it to .*, or unset it$/);
    }
  }
});

test("threadsOf says where OMP_THREAD_LIMIT leaves fewer threads than are asked for", () => {
  const limit = { OMP_THREAD_LIMIT: "3" };
  assert.deepEqual(under(limit, () => threadsOf({ threads: "4" })), { why: "OMP_THREAD_LIMIT is 3" });
  assert.deepEqual(under(limit, () => threadsOf({ threads: "3" })), {});
  assert.deepEqual(under({ ...limit, OMP_NUM_THREADS: "8,2" }, () => threadsOf({})), { why: "OMP_THREAD_LIMIT is 3" });
  assert.deepEqual(under({ ...limit, OMP_NUM_THREADS: "8" }, () => threadsOf({ threads: "2" })), {});
});

test("threadsOf asks for as many threads as the CPU quota is worth, unless a number was given", () => {
  const { count, why } = cores();
  assert.deepEqual(under({}, () => threadsOf({})), why === undefined ? {} : { threads: `${count}`, why });
  assert.deepEqual(under({}, () => threadsOf({ threads: "7" })), {});
  assert.deepEqual(under({ OMP_NUM_THREADS: "7" }, () => threadsOf({})), {});
});
