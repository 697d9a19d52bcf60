/** `--plugin opencl` as a user meets it: the suite, and whole solves that end cleanly. LAPLACE_REQUIRE=opencl requires a device. */

import assert from "node:assert/strict";
import { test } from "node:test";
import opencl from "../../backends/opencl/mod.ts";
import { required } from "../../conformance/required.ts";
import { laplace } from "./harness.ts";

const probe = await opencl.probe();
const why = probe.available ? "" : ` (${probe.reason})`;
const options = { skip: !probe.available && !required("opencl") };

test(`check passes opencl${why}`, options, async () => {
  const { code, stdout, stderr } = await laplace(["check", "--plugin", "opencl"]);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^[1-9]\d* passed, 0 failed$/m);
});

test(`solve with opencl ends cleanly, 20 times${why}`, options, async () => {
  for (let n = 0; n < 20; n++) {
    const method = ["jacobi", "sor", "multigrid", "auto"][n % 4]!;
    const args = ["solve", "--size", "17", "--plugin", "opencl", "--method", method, "--json", "--progress", "none"];
    const { code, stdout, stderr } = await laplace(args);
    assert.deepEqual([code, stderr], [0, ""], `run ${n + 1}`);
    const { plugin, status, device } = JSON.parse(stdout);
    assert.deepEqual([plugin, status], ["opencl", "converged"]);
    if (probe.available) assert.equal(device, probe.device);
  }
});

test(`solve with opencl lists the devices when it is given a wrong one${why}`, options, async () => {
  const { code, stdout, stderr } = await laplace(["solve", "--plugin", "opencl", "--set", "device=none such"]);
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^laplace: Setting "device" of "opencl" means no device: it is "none such"; known: 0: .+\n$/);
});
