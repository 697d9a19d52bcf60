/* Allocators whose memory is full of NaN, linked into harness.c: what a library reads before it has written it shows in
 * the norms. Memory that a process has not used yet is zero otherwise, and hides that. Only calloc clears, as it must.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void *filled(void *memory, size_t bytes) { return memory ? memset(memory, 0xff, bytes) : NULL; }

void *malloc(size_t bytes) { return filled(calloc(1, bytes), bytes); }

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
  void *found = filled(aligned_alloc(alignment, bytes), bytes);
  if (found) *memory = found;
  return found ? 0 : ENOMEM;
}
