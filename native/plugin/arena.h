/* Memory of a pass or a level carved out of one block: aligned parts, one after the other, with asserted bounds. Not an
 * allocator: it owns no memory and frees none.
 *
 * So that no size is computed twice, one function lays the parts out and runs twice, first to measure, then in the
 * block:
 *
 *     static struct work lay_out(struct arena *arena, size_t n) {
 *       return (struct work){.row = arena_take(arena, n * sizeof(float), 64),
 *                            .sum = arena_take(arena, n * sizeof(double), 64)};
 *     }
 *
 *     struct arena arena = arena_measure();
 *     lay_out(&arena, n);                        the pointers of this call must not be used
 *     const size_t size = arena.used;
 *     arena = arena_init(multigrid_reserve(size), size);
 *     struct work work = lay_out(&arena, n);
 *
 * Under GCC's AddressSanitizer a gap follows each part, and all that belongs to no part is poisoned: an access beyond a
 * part is reported although it stays in the block. Room for vectors that exceed a row belongs to the part.
 */
#ifndef ARENA_H
#define ARENA_H
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
enum { ARENA_GAP = 64 };
#else
enum { ARENA_GAP = 0 };
#define ASAN_POISON_MEMORY_REGION(address, bytes) ((void)(address), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(address, bytes) ((void)(address), (void)(bytes))
#endif

struct arena {
  uintptr_t base;
  size_t used, size;
  int measures;
};

/* An arena without memory, for the first run: `used` is the size that the second one needs. */
static inline struct arena arena_measure(void) {
  return (struct arena){.base = 4096, .size = SIZE_MAX / 2, .measures = 1};
}

/* The arena of a block of memory, whose contents stay. */
static inline struct arena arena_init(void *memory, size_t size) {
  ASAN_POISON_MEMORY_REGION(memory, size);
  return (struct arena){.base = (uintptr_t)memory, .size = size};
}

/* The next part, at a multiple of `alignment`, which the block itself must have. Asserts that it is within the
 * block. */
static inline void *arena_take(struct arena *arena, size_t bytes, size_t alignment) {
  const size_t at = (arena->used + alignment - 1) / alignment * alignment;
  assert(arena->base % alignment == 0);
  assert(at <= arena->size && bytes + ARENA_GAP <= arena->size - at);
  arena->used = at + bytes + ARENA_GAP;
  if (!arena->measures) ASAN_UNPOISON_MEMORY_REGION((void *)(arena->base + at), bytes);
  return (void *)(arena->base + at);
}
#endif
