/**
 * The ABI that MPICH, Intel MPI, MVAPICH and Cray MPICH share since 2014: handles are ints. Values from the mpi.h of MPICH,
 * which a test compiles and compares.
 *
 * @module
 */

import type { Abi } from "./table.ts";

/** The MPICH family. */
export const mpich: Abi = {
  name: "mpich",
  title: "MPICH",
  libraries: ["libmpi.so.12", "libmpich.so.12", "libmpi_cray.so.12", "libmpi.12.dylib"],
  handle: "i32",
  inPlace: -1,
  statusIgnore: 1,
  status: { bytes: 20, source: 2, tag: 3, error: 4 },
  // deno-fmt-ignore
  errors: [
    "SUCCESS", "ERR_BUFFER", "ERR_COUNT", "ERR_TYPE", "ERR_TAG", "ERR_COMM", "ERR_RANK", "ERR_ROOT", "ERR_GROUP",
    "ERR_OP", "ERR_TOPOLOGY", "ERR_DIMS", "ERR_ARG", "ERR_UNKNOWN", "ERR_TRUNCATE", "ERR_OTHER", "ERR_INTERN",
    "ERR_IN_STATUS", "ERR_PENDING", "ERR_REQUEST", "ERR_ACCESS", "ERR_AMODE", "ERR_BAD_FILE", "ERR_CONVERSION",
    "ERR_DUP_DATAREP", "ERR_FILE_EXISTS", "ERR_FILE_IN_USE", "ERR_FILE", "ERR_INFO", "ERR_INFO_KEY", "ERR_INFO_VALUE",
    "ERR_INFO_NOKEY", "ERR_IO", "ERR_NAME", "ERR_NO_MEM", "ERR_NOT_SAME", "ERR_NO_SPACE", "ERR_NO_SUCH_FILE",
    "ERR_PORT", "ERR_QUOTA", "ERR_READ_ONLY", "ERR_SERVICE", "ERR_SPAWN", "ERR_UNSUPPORTED_DATAREP",
    "ERR_UNSUPPORTED_OPERATION", "ERR_WIN", "ERR_BASE", "ERR_LOCKTYPE", "ERR_KEYVAL", "ERR_RMA_CONFLICT",
    "ERR_RMA_SYNC", "ERR_SIZE", "ERR_DISP", "ERR_ASSERT", "", "ERR_RMA_RANGE", "ERR_RMA_ATTACH", "ERR_RMA_SHARED",
    "ERR_RMA_FLAVOR", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "ERR_SESSION",
    "ERR_PROC_ABORTED", "ERR_VALUE_TOO_LARGE",
  ],
};
