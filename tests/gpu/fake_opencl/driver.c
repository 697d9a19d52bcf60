/* A fake libOpenCL with one platform and PLATFORM_DEVICES devices (default 0), which do nothing: for reports of missing
   devices. Functions that are never called exist since the binding looks up all of them. */

#include <string.h>

#ifndef PLATFORM_DEVICES
#define PLATFORM_DEVICES 0
#endif

typedef unsigned int uint;
typedef unsigned long size;

int clGetPlatformIDs(uint room, void **into, uint *count) {
  if (into && room) into[0] = (void *)1;
  if (count) *count = 1;
  return 0;
}

int clGetPlatformInfo(void *platform, uint what, size room, void *into, size *needed) {
  (void)platform, (void)what;
  if (into) strncpy(into, "Nothing", room);
  if (needed) *needed = 8;
  return 0;
}

int clGetDeviceIDs(void *platform, size kinds, uint room, void **into, uint *count) {
  (void)platform, (void)kinds;
  for (uint k = 0; into && k < room; k++) into[k] = (void *)(k + 1L);
  if (count) *count = PLATFORM_DEVICES;
  return PLATFORM_DEVICES ? 0 : -1;
}

int clGetDeviceInfo(void *device, uint what, size room, void *into, size *needed) {
  enum {
    TYPE = 0x1000,
    NAME = 0x102b,
    EXTENSIONS = 0x1030,
    AVAILABLE = 0x1027,
    THREADS = 0x1004,
    ALIGN = 0x1019,
    LARGEST = 0x1010,
    MEMORY = 0x101f,
    DOUBLE = 0x1032,
    UNIFIED = 0x1035
  };
  if (what == NAME || what == EXTENSIONS) {
    const char *text = what == EXTENSIONS ? "" : device == (void *)1 ? "Fake One" : "Fake Two";
    if (into) strncpy(into, text, room);
    if (needed) *needed = strlen(text) + 1;
    return 0;
  }
  size value = 0;
  if (what == TYPE) value = 4;
  if (what == AVAILABLE) value = 1;
  if (what == THREADS) value = 1024;
  if (what == ALIGN) value = 4096;
  if (what == LARGEST) value = 1UL << 28;
  if (what == MEMORY) value = 1UL << 30;
  // The second one has double precision, and memory of its own.
  if (what == DOUBLE) value = device == (void *)2 ? 63 : 0;
  if (what == UNIFIED) value = device == (void *)1;
  if (into) memcpy(into, &value, room < sizeof value ? room : sizeof value);
  return 0;
}

// All else fails: CL_DEVICE_NOT_AVAILABLE where there is an error to set.
void *clCreateContext(void *a, uint b, void *c, void *d, void *e, int *error) {
  (void)a, (void)b, (void)c, (void)d, (void)e;
  *error = -2;
  return 0;
}

#define NEVER(name)                                                                                                    \
  int name(void) { return -1; }
NEVER(clCreateCommandQueue)
NEVER(clCreateProgramWithSource)
NEVER(clBuildProgram)
NEVER(clGetProgramBuildInfo)
NEVER(clCreateKernel)
NEVER(clSetKernelArg)
NEVER(clCreateBuffer)
NEVER(clCreateSubBuffer)
NEVER(clReleaseMemObject)
NEVER(clEnqueueNDRangeKernel)
NEVER(clEnqueueFillBuffer)
NEVER(clEnqueueReadBufferRect)
NEVER(clEnqueueWriteBufferRect)
NEVER(clFinish)
NEVER(clFlush)
NEVER(clGetEventProfilingInfo)
NEVER(clReleaseEvent)
