/**
 * `js`: the reference. Typed arrays and plain loops, on any JavaScript engine.
 *
 * @module
 */

import type { Backend } from "../../core/contract.ts";
import { readSettings } from "../../core/settings.ts";
import { openSession } from "../../core/session.ts";
import { jsKernels } from "./kernels.ts";

const name = "js";

export default {
  apiVersion: 2,
  name,
  summary: "TypeScript loops over typed arrays: the reference",
  methods: ["jacobi", "sor", "multigrid", "cg", "direct", "spectral"],
  dtypes: ["f64", "f32"],
  stencils: ["plain", "weighted"],
  bitwise: true,
  probe: () => ({ available: true, device: "JavaScript", score: 10 }),
  open(stencil, plan, domain) {
    readSettings(name, {}, plan.settings);
    return openSession(jsKernels(), stencil, plan, domain);
  },
} satisfies Backend as Backend;
