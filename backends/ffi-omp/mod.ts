/**
 * `ffi-omp`: C + OpenMP over FFI. The loops are in native/models/omp/; put them beside native/models/c/ to see what OpenMP adds.
 *
 * @module
 */

import { count, oneOf, type SettingSpec } from "../../core/settings.ts";
import { env } from "../../host/runtime.ts";
import { blockSetting, type NativeBackend, nativeBackend } from "../engine-ffi/library.ts";
import { MOST_THREADS, refused, threadsOf } from "./environment.ts";

/** C + OpenMP, all cores. */
const backend: NativeBackend = nativeBackend({
  name: "ffi-omp",
  summary: "C with SIMD rows over FFI, OpenMP threads",
  file: "liblaplace_omp.so",
  compiler: "gcc",
  needs: { file: "libgomp.so.1", symbol: "omp_get_max_threads", fix: "apt-get install libgomp1" },
  // Threads that wait spin for a short while and then sleep: a spinning thread can keep the one it waits for from its
  // core (docs/speed.md has figures).
  environment: env("OMP_WAIT_POLICY") === undefined ? { GOMP_SPINCOUNT: "1000" } : {},
  refuses: refused,
  threads: threadsOf,
  settings: {
    threads: count("threads; OMP_NUM_THREADS, else all cores that the CPU quota leaves", MOST_THREADS),
    block: blockSetting,
    affinity: affinity("cores that threads are bound to: none, close, spread or a list"),
    schedule: oneOf(
      ["static", "dynamic", "guided", "auto"],
      "how rows are shared among threads, without blocks; static",
    ),
    chunk: count("rows that a thread gets at a time, without blocks; OpenMP's own choice"),
  },
});

/** none, close, spread or a list of cores, whose existence the library checks. */
function affinity(about: string): SettingSpec<string> {
  return {
    about: `${about}; none`,
    expects: "none, close (one after the other), spread (as far apart as can be) or cores such as 0,2,4-7",
    parse: (text) => /^(none|close|spread|\d+(-\d+)?(,\d+(-\d+)?)*)$/.test(text) ? text : undefined,
  };
}

export default backend;
