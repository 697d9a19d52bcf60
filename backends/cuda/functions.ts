/**
 * The functions of the CUDA driver that this backend calls, as cuda.h declares them; not what they do.
 *
 * CUdeviceptr and sizes are numbers, and pass as i64; `b` is the address of an array of this program.
 *
 * @module
 */

const b = "buffer", i = "i32", l = "i64", p = "ptr";

/** A function that returns a CUresult. */
const f = <const A extends readonly (typeof b | typeof i | typeof l | typeof p)[]>(...args: A) =>
  ({ args, returns: i }) as const;

/** By the name that the driver exports. */
export const functions = {
  cuGetErrorName: f(i, b),
  cuGetErrorString: f(i, b),
  cuInit: f(i),
  cuDriverGetVersion: f(b),
  cuDeviceGetCount: f(b),
  cuDeviceGet: f(b, i),
  cuDeviceGetName: f(b, i, i),
  cuDeviceGetAttribute: f(b, i, i),
  cuDeviceTotalMem_v2: f(b, i),
  cuDevicePrimaryCtxRetain: f(b, i),
  cuDevicePrimaryCtxRelease_v2: f(i),
  cuCtxSetCurrent: f(p),
  cuMemGetInfo_v2: f(b, b),
  cuModuleLoadDataEx: f(b, b, i, b, b),
  cuModuleGetFunction: f(b, p, b),
  cuMemAlloc_v2: f(b, l),
  cuMemFree_v2: f(l),
  cuMemsetD8_v2: f(l, i, l),
  cuMemcpyHtoD_v2: f(l, b, l),
  cuMemcpyDtoH_v2: f(b, l, l),
  cuMemcpy2DUnaligned_v2: f(b),
  // function; blocks in x, y, z; threads of a block in x, y, z; bytes of shared memory; stream; addresses of arguments; null
  cuLaunchKernel: f(p, i, i, i, i, i, i, i, p, b, p),
} as const;

/** CU_DEVICE_ATTRIBUTE_…: for cuDeviceGetAttribute. */
export const attributes = { INTEGRATED: 18, COMPUTE_CAPABILITY_MAJOR: 75, COMPUTE_CAPABILITY_MINOR: 76 } as const;

/** CU_MEMORYTYPE_…: where an end of a copy is. */
export const memory = { HOST: 1, DEVICE: 2 } as const;

/** CU_JIT_…: options of cuModuleLoadDataEx. */
export const jit = { ERROR_LOG_BUFFER: 5, ERROR_LOG_BUFFER_SIZE_BYTES: 6 } as const;

/** CUDA_ERROR_…: those that tests provoke, or that have a fix. */
export const codes = {
  OUT_OF_MEMORY: 2,
  NOT_INITIALIZED: 3,
  STUB_LIBRARY: 34,
  DEVICE_UNAVAILABLE: 46,
  NO_DEVICE: 100,
  INVALID_CONTEXT: 201,
  NO_BINARY_FOR_GPU: 209,
  ECC_UNCORRECTABLE: 214,
  INVALID_PTX: 218,
  UNSUPPORTED_PTX_VERSION: 222,
  NOT_FOUND: 500,
  ILLEGAL_ADDRESS: 700,
  LAUNCH_OUT_OF_RESOURCES: 701,
  LAUNCH_TIMEOUT: 702,
  LAUNCH_FAILED: 719,
  SYSTEM_DRIVER_MISMATCH: 803,
  COMPAT_NOT_SUPPORTED_ON_DEVICE: 804,
} as const;
