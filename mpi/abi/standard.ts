/**
 * The ABI of the MPI 5.0 standard: handles are pointers with small values. Values from Appendix A of the standard (MPI
 * Forum, June 2025), as the Forum wrote them into https://github.com/mpi-forum/mpi-abi-stubs, mpi.h of July 2026. No
 * library with this ABI was at hand to try it with.
 *
 * @module
 */

import type { Abi } from "./table.ts";

/** The standard ABI. */
export const standard: Abi = {
  name: "standard",
  title: "the standard ABI",
  libraries: ["libmpi_abi.so.0", "libmpi_abi.0.dylib"],
  handle: "ptr",
  inPlace: 1,
  statusIgnore: 0,
  status: { bytes: 32, source: 0, tag: 1, error: 2 },
  // deno-fmt-ignore
  errors: [
    "SUCCESS", "ERR_BUFFER", "ERR_COUNT", "ERR_TYPE", "ERR_TAG", "ERR_COMM", "ERR_RANK", "ERR_REQUEST", "ERR_ROOT",
    "ERR_GROUP", "ERR_OP", "ERR_TOPOLOGY", "ERR_DIMS", "ERR_ARG", "ERR_UNKNOWN", "ERR_TRUNCATE", "ERR_OTHER",
    "ERR_INTERN", "ERR_PENDING", "ERR_IN_STATUS", "ERR_ACCESS", "ERR_AMODE", "ERR_ASSERT", "ERR_BAD_FILE", "ERR_BASE",
    "ERR_CONVERSION", "ERR_DISP", "ERR_DUP_DATAREP", "ERR_FILE_EXISTS", "ERR_FILE_IN_USE", "ERR_FILE", "ERR_INFO_KEY",
    "ERR_INFO_NOKEY", "ERR_INFO_VALUE", "ERR_INFO", "ERR_IO", "ERR_KEYVAL", "ERR_LOCKTYPE", "ERR_NAME", "ERR_NO_MEM",
    "ERR_NOT_SAME", "ERR_NO_SPACE", "ERR_NO_SUCH_FILE", "ERR_PORT", "ERR_QUOTA", "ERR_READ_ONLY", "ERR_RMA_ATTACH",
    "ERR_RMA_CONFLICT", "ERR_RMA_RANGE", "ERR_RMA_SHARED", "ERR_RMA_SYNC", "ERR_SERVICE", "ERR_SIZE", "ERR_SPAWN",
    "ERR_UNSUPPORTED_DATAREP", "ERR_UNSUPPORTED_OPERATION", "ERR_WIN", "ERR_RMA_FLAVOR", "ERR_PROC_ABORTED",
    "ERR_VALUE_TOO_LARGE", "ERR_SESSION", "ERR_ERRHANDLER", "ERR_ABI",
  ],
};
