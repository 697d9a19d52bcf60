/**
 * `ffi-fortran`: naive Fortran loops over FFI, one thread: the baseline. The loops are in native/models/fortran/.
 *
 * @module
 */

import { type NativeBackend, nativeBackend } from "../engine-ffi/library.ts";

/** Fortran, naive loops. */
const backend: NativeBackend = nativeBackend({
  name: "ffi-fortran",
  summary: "Fortran, naive loops over FFI, one thread",
  file: "liblaplace_fortran.so",
  compiler: "gcc and gfortran",
  methods: ["jacobi", "sor", "direct", "spectral"],
});

export default backend;
