/* Shared by the parts of the fake driver: the types of cuda.h, counts, and the checks at the start of every call.
 * CUDA_H makes it include cuda.h instead, so that a compiler compares the two. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef CUDA_H
#include <cuda.h>
#else
typedef int CUresult, CUdevice, CUdevice_attribute, CUjit_option;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st *CUcontext;
typedef struct CUmod_st *CUmodule;
typedef struct CUfunc_st *CUfunction;
typedef struct CUstream_st *CUstream;
typedef struct CUarray_st *CUarray;
/* A rectangle of bytes; 1 is the host's memory, 2 the device's. */
typedef struct {
  size_t srcXInBytes, srcY;
  int srcMemoryType;
  const void *srcHost;
  CUdeviceptr srcDevice;
  CUarray srcArray;
  size_t srcPitch, dstXInBytes, dstY;
  int dstMemoryType;
  void *dstHost;
  CUdeviceptr dstDevice;
  CUarray dstArray;
  size_t dstPitch, WidthInBytes, Height;
} CUDA_MEMCPY2D;
#endif

#define EXPORT __attribute__((visibility("default")))

enum {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  NO_DEVICE = 100,
  INVALID_DEVICE = 101,
  INVALID_CONTEXT = 201,
  INVALID_PTX = 218,
  UNSUPPORTED_PTX_VERSION = 222,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_OUT_OF_RESOURCES = 701,
};

/* The value of FAKE_CUDA_..., or otherwise. */
long setting(const char *name, long otherwise);

extern struct counts { long of_fail, allocated, blocks, launches; } counts;

/* A device's context: its reference count, and the error of a kernel that broke it, which all calls return until it is
 * 0. */
struct context {
  long retained;
  int broken;
};
extern struct context *current;

/* Releases the memory of a context. */
void release_memory(const struct context *owner);

/* No address of the host has this bit; an access with it is a fault. */
#define DEVICE (1ull << 48)

/* Whether some bytes are all in one block of the device's memory, and where the host has them. */
bool is_on_device(CUdeviceptr address, size_t size);
char *on_host(CUdeviceptr address);

/* Every call starts with it. @return an error that is due, or SUCCESS */
CUresult error_due(const char *name, bool needs_context);

#define ENTER(needs_context)                                                                                           \
  do {                                                                                                                 \
    CUresult due = error_due(__func__, needs_context);                                                                 \
    if (due != SUCCESS) return due;                                                                                    \
  } while (0)
#define CHECK(condition, code)                                                                                         \
  do {                                                                                                                 \
    if (!(condition)) return code;                                                                                     \
  } while (0)

#endif
