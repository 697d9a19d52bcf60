/**
 * `ffi-c`: C over FFI, one thread, with SIMD rows chosen for the CPU at run time. The loops are in native/models/c/.
 *
 * @module
 */

import { blockSetting, type NativeBackend, nativeBackend } from "../engine-ffi/library.ts";

/** C, one thread. */
const backend: NativeBackend = nativeBackend({
  name: "ffi-c",
  summary: "C with SIMD rows over FFI, one thread",
  file: "liblaplace_c.so",
  compiler: "gcc",
  settings: { block: blockSetting },
});

export default backend;
