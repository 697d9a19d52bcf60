/**
 * `ffi-c`: C over FFI, one thread, with SIMD rows chosen for the CPU at run time. The loops are in native/c/.
 *
 * @module
 */

import { block } from "../block.ts";
import { type NativeBackend, nativeBackend } from "../native.ts";

/** C, one thread. */
const backend: NativeBackend = nativeBackend({
  name: "ffi-c",
  summary: "C with SIMD rows over FFI, one thread",
  file: "liblaplace_c.so",
  compiler: "gcc",
  settings: {
    block: block(
      "Jacobi sweeps in one pass x columns of a strip, off or auto; 32x576, 16x512 for weighted stencils, in f32 twice as wide",
    ),
  },
});

export default backend;
