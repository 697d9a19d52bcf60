/* The fake driver's device memory: blocks of the host's, each between guard pages, full of NaN at first. */
#define _GNU_SOURCE
#include "driver.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct block {
  struct block *next;
  const struct context *owner;
  char *mapped, *data;
  size_t extent, size;
} * blocks;

/* The block that contains all of some bytes on the device. */
static struct block **find(CUdeviceptr address, size_t size) {
  for (struct block **at = &blocks; *at; at = &(*at)->next) {
    uint64_t first = (uint64_t)(uintptr_t)(*at)->data | DEVICE;
    if ((*at)->owner == current && address >= first && size <= (*at)->size && address - first <= (*at)->size - size)
      return at;
  }
  return NULL;
}

bool is_on_device(CUdeviceptr address, size_t size) { return find(address, size) != NULL; }

char *on_host(CUdeviceptr address) { return (char *)(uintptr_t)(address & ~DEVICE); }

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

static void release(struct block **at) {
  struct block *block = *at;
  *at = block->next;
  counts.allocated -= block->size;
  counts.blocks--;
  munmap(block->mapped, block->extent);
  free(block);
}

void release_memory(const struct context *owner) {
  for (struct block **at = &blocks; *at;) {
    if ((*at)->owner == owner) release(at);
    else at = &(*at)->next;
  }
}

EXPORT CUresult cuMemFree_v2(CUdeviceptr address) {
  ENTER(true);
  struct block **at = find(address, 0);
  CHECK(at && on_host(address) == (*at)->data, INVALID_VALUE);
  release(at);
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
