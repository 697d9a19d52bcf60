/**
 * `ndarray`: slices instead of loops, with the npm packages ndarray and ndarray-ops. The model of NumPy, to be read
 * beside `js`.
 *
 * @module
 */

import type { Backend } from "../../core/contract.ts";
import { openSession } from "../../core/session.ts";
import { readSettings } from "../../core/settings.ts";
import { ndarrayKernels } from "./kernels.ts";

const name = "ndarray";

export default {
  apiVersion: 2,
  name,
  summary: "ndarray slices, as in NumPy: one vector operation after the other",
  methods: ["jacobi", "sor", "direct", "spectral"],
  dtypes: ["f64", "f32"],
  stencils: ["plain", "weighted"],
  bitwise: true,
  probe() {
    try {
      // ndarray compiles its loops at run time, which a page's security policy may forbid.
      new Function("");
    } catch {
      return { available: false, reason: "code may not be compiled at run time here" };
    }
    return { available: true, device: "JavaScript", score: 5 };
  },
  open(stencil, plan, domain) {
    readSettings(name, {}, plan.settings);
    return openSession(ndarrayKernels(), stencil, plan, domain);
  },
} satisfies Backend as Backend;
