/* A libcuda.so.1 that is none: the functions of the CUDA driver that laplace calls, for tests on machines without a GPU.
 * Device memory is the host's, but its addresses are not: neither side can use the other's by mistake. It is given full of
 * NaN, each block with pages around it that nobody may touch. Kernels are compiled for the host (fake.h).
 *
 * What it is like is read from the environment at each call, or set by fake_set:
 *   FAKE_CUDA_DEVICES     how many there are; 1
 *   FAKE_CUDA_MEMORY      bytes of each; 1 GiB
 *   FAKE_CUDA_VERSION     of CUDA that it serves; 13000
 *   FAKE_CUDA_CAPABILITY  of the devices; 75
 *   FAKE_CUDA_FAIL        "cuMemAlloc_v2 3 2": the third call from now on, and all after it, give error 2
 *   FAKE_CUDA_WRONG       a kernel that does nothing
 *   FAKE_CUDA_ORDER       "backwards": the last thread of the last block comes first
 *
 * CUDA_H makes it include cuda.h, so that a compiler compares the two. */
#define _GNU_SOURCE
#include "fake.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

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

/* ---- what it is told to be ---- */

static long setting(const char *name, long otherwise) {
  const char *text = getenv(name);
  return text && *text ? atol(text) : otherwise;
}

static struct {
  long of_fail, allocated, blocks, launches;
} counts;

/* Sets one of the variables above; "" unsets it. */
EXPORT void fake_set(const char *name, const char *value) {
  if (*value) setenv(name, value, 1);
  else unsetenv(name);
  counts.of_fail = 0;
}

enum { MOST_DEVICES = 8 };

/* A device's context: how many hold it, and what a kernel has done to it. All calls say so, until nobody holds it. */
static struct context {
  long retained;
  int broken;
} primary[MOST_DEVICES], *current;

/* How many there are: allocated (bytes), blocks, contexts; or were: launches. */
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

/* What every call begins with. */
static CUresult enter(const char *name, bool needs_context) {
  const char *fail = getenv("FAKE_CUDA_FAIL");
  char which[64];
  long from;
  int code;
  if (fail && sscanf(fail, "%63s %ld %d", which, &from, &code) == 3 && !strcmp(which, name) && ++counts.of_fail >= from) {
    if (needs_context && current && is_fatal(code)) current->broken = code;
    return code;
  }
  if (!initialized && strcmp(name, "cuInit")) return NOT_INITIALIZED;
  if (needs_context && !current) return INVALID_CONTEXT;
  if (needs_context && current->broken) return current->broken;
  return SUCCESS;
}

#define ENTER(needs_context)                                 \
  do {                                                       \
    CUresult entered = enter(__func__, needs_context);       \
    if (entered != SUCCESS) return entered;                  \
  } while (0)
#define CHECK(condition, code) \
  do {                         \
    if (!(condition)) return code; \
  } while (0)

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
    {UNSUPPORTED_PTX_VERSION, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain."},
    {INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {LAUNCH_OUT_OF_RESOURCES, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "system has unsupported display driver / cuda driver combination"},
};

static CUresult tell(CUresult code, const char **text, bool name) {
  for (size_t k = 0; k < sizeof errors / sizeof *errors; k++) {
    if (errors[k].code != (int)code) continue;
    *text = name ? errors[k].name : errors[k].text;
    return SUCCESS;
  }
  *text = NULL;
  return INVALID_VALUE;
}

EXPORT CUresult cuGetErrorName(CUresult code, const char **text) { return tell(code, text, true); }
EXPORT CUresult cuGetErrorString(CUresult code, const char **text) { return tell(code, text, false); }

static int devices(void) {
  int count = setting("FAKE_CUDA_DEVICES", 1);
  return count < MOST_DEVICES ? count : MOST_DEVICES;
}

/* A driver has threads of its own, which still run when a process ends: its code must be there as long. */
static void *live(void *nothing) {
  for (struct timespec moment = {0, 200000};;) nanosleep(&moment, NULL);
  return nothing;
}

EXPORT CUresult cuInit(unsigned flags) {
  ENTER(false);
  CHECK(flags == 0, INVALID_VALUE);
  CHECK(devices() > 0, NO_DEVICE);
  pthread_t thread;
  if (!initialized && pthread_create(&thread, NULL, live, NULL) == 0) pthread_detach(thread);
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

/* A device is 16 more than its number, so that nobody takes the one for the other. */
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

static void forget_memory(const struct context *owner);

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
  /* It takes along what is in it. */
  forget_memory(context);
  return SUCCESS;
}

EXPORT CUresult cuCtxSetCurrent(CUcontext context) {
  ENTER(false);
  struct context *wanted = (struct context *)(void *)context;
  CHECK(!wanted || wanted->retained > 0, INVALID_CONTEXT);
  current = wanted;
  return SUCCESS;
}

/* ---- memory ---- */

/* No address of the host has this bit, and no processor follows one that has. */
static const uint64_t DEVICE = 1ull << 48;

static struct block {
  struct block *next;
  const struct context *owner;
  char *mapped, *data;
  size_t extent, size;
} *blocks;

/* The block that has all of some bytes on the device. */
static struct block **find(CUdeviceptr address, size_t size) {
  for (struct block **at = &blocks; *at; at = &(*at)->next) {
    uint64_t first = (uint64_t)(uintptr_t)(*at)->data | DEVICE;
    if ((*at)->owner == current && address >= first && size <= (*at)->size && address - first <= (*at)->size - size) return at;
  }
  return NULL;
}

static char *on_host(CUdeviceptr address) { return (char *)(uintptr_t)(address & ~DEVICE); }

EXPORT CUresult cuMemGetInfo_v2(size_t *unused, size_t *total) {
  ENTER(true);
  *total = setting("FAKE_CUDA_MEMORY", 1L << 30);
  *unused = *total - counts.allocated;
  return SUCCESS;
}

EXPORT CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t size) {
  ENTER(true);
  CHECK(size > 0, INVALID_VALUE);
  CHECK(size + counts.allocated <= (size_t)setting("FAKE_CUDA_MEMORY", 1L << 30), OUT_OF_MEMORY);
  size_t page = sysconf(_SC_PAGESIZE);
  /* Its end, to 16 bytes, is the end of a page. */
  size_t used = (size + 15) & ~(size_t)15, inner = (used + page - 1) / page * page;
  struct block *block = malloc(sizeof *block);
  char *mapped = mmap(NULL, inner + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(block && mapped != MAP_FAILED && mprotect(mapped + page, inner, PROT_READ | PROT_WRITE) == 0, OUT_OF_MEMORY);
  *block = (struct block){blocks, current, mapped, mapped + page + inner - used, inner + 2 * page, size};
  memset(block->data, 0xff, size);
  blocks = block;
  counts.allocated += size;
  counts.blocks++;
  *address = (uint64_t)(uintptr_t)block->data | DEVICE;
  return SUCCESS;
}

static void give_back(struct block **at) {
  struct block *block = *at;
  *at = block->next;
  counts.allocated -= block->size;
  counts.blocks--;
  munmap(block->mapped, block->extent);
  free(block);
}

static void forget_memory(const struct context *owner) {
  for (struct block **at = &blocks; *at;) {
    if ((*at)->owner == owner) give_back(at);
    else at = &(*at)->next;
  }
}

EXPORT CUresult cuMemFree_v2(CUdeviceptr address) {
  ENTER(true);
  struct block **at = find(address, 0);
  CHECK(at && on_host(address) == (*at)->data, INVALID_VALUE);
  give_back(at);
  return SUCCESS;
}

EXPORT CUresult cuMemsetD8_v2(CUdeviceptr address, unsigned char value, size_t size) {
  ENTER(true);
  CHECK(find(address, size), INVALID_VALUE);
  memset(on_host(address), value, size);
  return SUCCESS;
}

EXPORT CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void *from, size_t size) {
  ENTER(true);
  CHECK(find(to, size) && from && !((uintptr_t)from & DEVICE), INVALID_VALUE);
  memcpy(on_host(to), from, size);
  return SUCCESS;
}

EXPORT CUresult cuMemcpyDtoH_v2(void *to, CUdeviceptr from, size_t size) {
  ENTER(true);
  CHECK(find(from, size) && to && !((uintptr_t)to & DEVICE), INVALID_VALUE);
  memcpy(to, on_host(from), size);
  return SUCCESS;
}

EXPORT CUresult cuMemcpy2DUnaligned_v2(const CUDA_MEMCPY2D *copy) {
  ENTER(true);
  CHECK(!copy->srcArray && !copy->dstArray && copy->WidthInBytes > 0 && copy->Height > 0, INVALID_VALUE);
  CHECK(copy->srcPitch >= copy->WidthInBytes && copy->dstPitch >= copy->WidthInBytes, INVALID_VALUE);
  bool up = (int)copy->srcMemoryType == 1 && (int)copy->dstMemoryType == 2;
  CHECK(up || ((int)copy->srcMemoryType == 2 && (int)copy->dstMemoryType == 1), INVALID_VALUE);
  const void *host = up ? copy->srcHost : copy->dstHost;
  CUdeviceptr device = up ? copy->dstDevice : copy->srcDevice;
  size_t pitch = up ? copy->dstPitch : copy->srcPitch, x = up ? copy->dstXInBytes : copy->srcXInBytes;
  device += (up ? copy->dstY : copy->srcY) * pitch + x;
  CHECK(host && !((uintptr_t)host & DEVICE), INVALID_VALUE);
  CHECK(find(device, (copy->Height - 1) * pitch + copy->WidthInBytes), INVALID_VALUE);
  const char *from = up ? (const char *)host + copy->srcY * copy->srcPitch + copy->srcXInBytes : on_host(device);
  char *to = up ? on_host(device) : (char *)copy->dstHost + copy->dstY * copy->dstPitch + copy->dstXInBytes;
  for (size_t row = 0; row < copy->Height; row++) {
    memcpy(to + row * copy->dstPitch, from + row * copy->srcPitch, copy->WidthInBytes);
  }
  return SUCCESS;
}

/* ---- kernels ---- */

/* A module is its text; a function, a kernel. */
EXPORT CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned count, CUjit_option *options,
                                   void **values) {
  ENTER(true);
  const char *text = image;
  char *log = NULL;
  size_t size = 0;
  for (unsigned k = 0; k < count; k++) {
    if ((int)options[k] == 5) log = values[k];
    else if ((int)options[k] == 6) size = (uintptr_t)values[k];
    else return INVALID_VALUE;
  }
  const char *version = strstr(text, ".version ");
  if (!version || strncmp(text, "// laplace f", 12)) {
    if (log) snprintf(log, size, "ptxas application ptx input, line 1; fatal   : Missing .version directive\nfatal");
    return INVALID_PTX;
  }
  /* CUDA 10.1 had PTX 6.4, 11.0 had 7.0, 12.0 had 8.0, 13.0 had 9.0. */
  CHECK(atoi(version + 9) <= setting("FAKE_CUDA_VERSION", 13000) / 1000 - 4, UNSUPPORTED_PTX_VERSION);
  *module = (CUmodule)strdup(text);
  return SUCCESS;
}

EXPORT CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name) {
  ENTER(true);
  char entry[128];
  snprintf(entry, sizeof entry, ".entry %s(", name);
  CHECK(strstr((const char *)module, entry), NOT_FOUND);
  for (const struct kernel *k = strncmp((const char *)module, "// laplace f64", 14) ? kernels_f32 : kernels_f64; k->name; k++) {
    if (strcmp(k->name, name)) continue;
    *function = (CUfunction)(uintptr_t)k;
    return SUCCESS;
  }
  return NOT_FOUND;
}

EXPORT CUresult cuLaunchKernel(CUfunction function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                               unsigned bz, unsigned shared, CUstream stream, void **parameters, void **extra) {
  ENTER(true);
  const struct kernel *kernel = (const struct kernel *)(uintptr_t)function;
  CHECK(kernel, INVALID_HANDLE);
  CHECK(gx > 0 && gx < 1u << 31 && gy > 0 && gy < 1u << 16 && gz > 0 && gz < 1u << 16 && bx > 0 && by > 0 && bz == 1, INVALID_VALUE);
  CHECK(bx * by <= 1024, INVALID_VALUE);
  CHECK(shared <= 48 << 10, LAUNCH_OUT_OF_RESOURCES);
  CHECK(!stream && parameters && !extra, INVALID_VALUE);
  void *arguments[64], *pointers[64];
  size_t count = strlen(kernel->kinds);
  CHECK(count <= 64, INVALID_VALUE);
  for (size_t k = 0; k < count; k++) {
    CHECK(parameters[k], INVALID_VALUE);
    arguments[k] = parameters[k];
    if (kernel->kinds[k] != 'p') continue;
    CUdeviceptr address;
    memcpy(&address, parameters[k], sizeof address);
    CHECK(address == 0 || find(address, 1), current->broken = ILLEGAL_ADDRESS);
    pointers[k] = address == 0 ? NULL : on_host(address);
    arguments[k] = &pointers[k];
  }
  counts.launches++;
  const char *wrong = getenv("FAKE_CUDA_WRONG"), *order = getenv("FAKE_CUDA_ORDER");
  if (wrong && !strcmp(wrong, kernel->name)) return SUCCESS;
  const unsigned blocks[3] = {gx, gy, gz}, threads[3] = {bx, by, bz};
  return current->broken = run_kernel(kernel, arguments, blocks, threads, order && !strcmp(order, "backwards"));
}
