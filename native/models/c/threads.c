/* The model "C": its name, its setting, which is block, and its one thread. Not here: its loops (sweep.c). */
#include "../../plugin/kernels.h"
#include "../../sweep/tune.h"
#include <string.h>

const char model_about[] = "ffi-c\nC with SIMD rows, one thread";
const int32_t model_score = 40;

const char *model_device(void) { return cpu_isa(); }

int32_t model_threads(const struct settings *settings) { return (void)settings, 1; }

int model_set(struct settings *settings, const char *name, const char *value) {
  if (strcmp(name, "block")) return fail("there is no setting \"%.40s\"; known: block", name);
  return tune_set(&settings->block, value);
}

int model_open(laplace_grid *grid) { return grid->threads = 1, cpu_open(grid); }

/* ---- its thread ---- */

void model_first_touch(const laplace_grid *grid, void *field, size_t bytes) {
  (void)grid, touch_pages(field, 0, bytes);
}

void model_parallel_run(const laplace_grid *grid, int32_t threads,
                        void (*work)(void *task, int32_t thread, int32_t threads), void *task) {
  (void)grid, (void)threads;
  work(task, 0, 1);
}

void model_barrier(void) {}
