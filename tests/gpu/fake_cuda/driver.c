/* A fake libcuda.so.1: the functions of the CUDA driver that laplace calls, for tests on machines without a GPU. Device
 * memory is the host's, but its addresses are not: neither side can use the other's by mistake. It is full of NaN at
 * first, each block between guard pages. Kernels are compiled for the host (fake.h).
 *
 * Its properties are read from the environment at each call, or set by fake_set:
 *   FAKE_CUDA_DEVICES     their number; 1
 *   FAKE_CUDA_MEMORY      bytes of each; 1 GiB
 *   FAKE_CUDA_VERSION     of CUDA that it supports; 13000
 *   FAKE_CUDA_CAPABILITY  of the devices; 75
 *   FAKE_CUDA_INTEGRATED  1: they have the host's memory, and none of their own; 0
 *   FAKE_CUDA_FAIL        "cuMemAlloc_v2 3 2": the third call from now on, and all after it, return error 2
 *   FAKE_CUDA_WRONG       a kernel that does nothing
 *   FAKE_CUDA_ORDER       "backwards": the last thread of the last block comes first
 *
 * Here are settings, devices and contexts; memory.c and launch.c have the rest. */
#define _GNU_SOURCE
#include "driver.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- properties ---- */

long setting(const char *name, long otherwise) {
  const char *text = getenv(name);
  return text && *text ? atol(text) : otherwise;
}

struct counts counts;

/* Sets one of the variables above; "" unsets it. */
EXPORT void fake_set(const char *name, const char *value) {
  if (*value) setenv(name, value, 1);
  else unsetenv(name);
  counts.of_fail = 0;
}

enum { MOST_DEVICES = 8 };

static struct context primary[MOST_DEVICES];
struct context *current;

/* Counts: allocated (bytes), blocks and contexts at present; launches so far. */
EXPORT double fake_count(const char *what) {
  if (!strcmp(what, "allocated")) return counts.allocated;
  if (!strcmp(what, "blocks")) return counts.blocks;
  if (!strcmp(what, "launches")) return counts.launches;
  if (!strcmp(what, "contexts")) {
    int held = 0;
    for (int k = 0; k < MOST_DEVICES; k++) held += primary[k].retained > 0;
    return held;
  }
  return -1;
}

static bool initialized;

static bool is_fatal(int code) { return code >= 700 && code != 701; }

CUresult error_due(const char *name, bool needs_context) {
  const char *fail = getenv("FAKE_CUDA_FAIL");
  char which[64];
  long from;
  int code;
  if (fail && sscanf(fail, "%63s %ld %d", which, &from, &code) == 3 && !strcmp(which, name) &&
      ++counts.of_fail >= from) {
    if (needs_context && current && is_fatal(code)) current->broken = code;
    return code;
  }
  if (!initialized && strcmp(name, "cuInit")) return NOT_INITIALIZED;
  if (needs_context && !current) return INVALID_CONTEXT;
  if (needs_context && current->broken) return current->broken;
  return SUCCESS;
}

/* ---- devices ---- */

static const struct {
  int code;
  const char *name, *text;
} errors[] = {
    {SUCCESS, "CUDA_SUCCESS", "no error"},
    {INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {NO_DEVICE, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {INVALID_PTX, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
    {UNSUPPORTED_PTX_VERSION, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
     "the provided PTX was compiled with an unsupported toolchain."},
    {INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {LAUNCH_OUT_OF_RESOURCES, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "system has unsupported display driver / cuda driver combination"},
};

static CUresult describe(CUresult code, const char **text, bool name) {
  for (size_t k = 0; k < sizeof errors / sizeof *errors; k++) {
    if (errors[k].code != (int)code) continue;
    *text = name ? errors[k].name : errors[k].text;
    return SUCCESS;
  }
  *text = NULL;
  return INVALID_VALUE;
}

EXPORT CUresult cuGetErrorName(CUresult code, const char **text) { return describe(code, text, true); }
EXPORT CUresult cuGetErrorString(CUresult code, const char **text) { return describe(code, text, false); }

static int devices(void) {
  int count = setting("FAKE_CUDA_DEVICES", 1);
  return count < MOST_DEVICES ? count : MOST_DEVICES;
}

/* A driver has threads of its own, which still run when a process ends: its code must stay loaded. */
static void *run_forever(void *nothing) {
  for (struct timespec moment = {0, 200000};;) nanosleep(&moment, NULL);
  return nothing;
}

EXPORT CUresult cuInit(unsigned flags) {
  ENTER(false);
  CHECK(flags == 0, INVALID_VALUE);
  CHECK(devices() > 0, NO_DEVICE);
  pthread_t thread;
  if (!initialized && pthread_create(&thread, NULL, run_forever, NULL) == 0) pthread_detach(thread);
  initialized = true;
  return SUCCESS;
}

EXPORT CUresult cuDriverGetVersion(int *version) {
  ENTER(false);
  *version = setting("FAKE_CUDA_VERSION", 13000);
  return SUCCESS;
}

EXPORT CUresult cuDeviceGetCount(int *count) {
  ENTER(false);
  *count = devices();
  return SUCCESS;
}

/* A device is 16 more than its number, so that confusing them is an error. */
static bool is_device(CUdevice device) { return device >= 16 && device < 16 + devices(); }

EXPORT CUresult cuDeviceGet(CUdevice *device, int ordinal) {
  ENTER(false);
  CHECK(ordinal >= 0 && ordinal < devices(), INVALID_DEVICE);
  *device = 16 + ordinal;
  return SUCCESS;
}

EXPORT CUresult cuDeviceGetName(char *name, int size, CUdevice device) {
  ENTER(false);
  CHECK(is_device(device), INVALID_DEVICE);
  snprintf(name, size, "fake %c", 'A' + device - 16);
  return SUCCESS;
}

EXPORT CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice device) {
  ENTER(false);
  CHECK(is_device(device), INVALID_DEVICE);
  int capability = setting("FAKE_CUDA_CAPABILITY", 75);
  switch ((int)attribute) {
  case 18: *value = setting("FAKE_CUDA_INTEGRATED", 0); return SUCCESS;
  case 75: *value = capability / 10; return SUCCESS;
  case 76: *value = capability % 10; return SUCCESS;
  default: return INVALID_VALUE;
  }
}

EXPORT CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device) {
  ENTER(false);
  CHECK(is_device(device), INVALID_DEVICE);
  *bytes = setting("FAKE_CUDA_MEMORY", 1L << 30);
  return SUCCESS;
}

EXPORT CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device) {
  ENTER(false);
  CHECK(is_device(device), INVALID_DEVICE);
  primary[device - 16].retained++;
  *context = (CUcontext)(void *)&primary[device - 16];
  return SUCCESS;
}

EXPORT CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  ENTER(false);
  CHECK(is_device(device) && primary[device - 16].retained > 0, INVALID_CONTEXT);
  struct context *context = &primary[device - 16];
  if (--context->retained > 0) return SUCCESS;
  if (current == context) current = NULL;
  context->broken = 0;
  release_memory(context);
  return SUCCESS;
}

EXPORT CUresult cuCtxSetCurrent(CUcontext context) {
  ENTER(false);
  struct context *wanted = (struct context *)(void *)context;
  CHECK(!wanted || wanted->retained > 0, INVALID_CONTEXT);
  current = wanted;
  return SUCCESS;
}
