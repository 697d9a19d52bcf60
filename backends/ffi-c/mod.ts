/**
 * `ffi-c`: C over FFI, one thread, with SIMD rows chosen for the CPU at run time. The loops are in native/models/c/.
 *
 * @module
 */

import { block } from "../../core/block_setting.ts";
import { type NativeBackend, nativeBackend } from "../engine-ffi/library.ts";

/** C, one thread. */
const backend: NativeBackend = nativeBackend({
  name: "ffi-c",
  summary: "C with SIMD rows over FFI, one thread",
  file: "liblaplace_c.so",
  compiler: "gcc",
  methods: ["jacobi", "sor", "multigrid", "cg", "direct", "spectral"],
  settings: {
    block: block(
      "Jacobi sweeps in one pass x columns of a tile, off or auto; 32x576, 16x512 for weighted stencils, in f32 twice as wide",
    ),
  },
});

export default backend;
