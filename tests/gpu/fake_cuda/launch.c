/* The fake driver's modules and launches: PTX is checked for what a driver would refuse, and the same kernel runs,
 * compiled for the host. */
#define _GNU_SOURCE
#include "driver.h"
#include "fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
  for (const struct kernel *k = strncmp((const char *)module, "// laplace f64", 14) ? kernels_f32 : kernels_f64;
       k->name; k++) {
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
  CHECK(gx > 0 && gx < 1u << 31 && gy > 0 && gy < 1u << 16 && gz > 0 && gz < 1u << 16 && bx > 0 && by > 0 && bz == 1,
        INVALID_VALUE);
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
    CHECK(address == 0 || is_on_device(address, 1), current->broken = ILLEGAL_ADDRESS);
    pointers[k] = address == 0 ? NULL : on_host(address);
    arguments[k] = &pointers[k];
  }
  counts.launches++;
  const char *wrong = getenv("FAKE_CUDA_WRONG"), *order = getenv("FAKE_CUDA_ORDER");
  if (wrong && !strcmp(wrong, kernel->name)) return SUCCESS;
  const unsigned blocks[3] = {gx, gy, gz}, threads[3] = {bx, by, bz};
  return current->broken = run_kernel(kernel, arguments, blocks, threads, order && !strcmp(order, "backwards"));
}
