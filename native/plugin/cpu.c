/* Chooses the row kernels for this CPU at run time, so that one library serves every x86-64 machine. No arithmetic. */
#include "../sweep/tune.h"
#include "kernels.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct kernels kernels_f64_avx512, kernels_f32_avx512, kernels_f64_avx2, kernels_f32_avx2;
extern const struct kernels kernels_f64_baseline, kernels_f32_baseline;

static const struct variant {
  const char *name, *device;
  const struct kernels *f64, *f32;
  const struct level_kernels *levels;
} variants[] = {
#if defined(__x86_64__) && !defined(CPU_BASELINE) /* else the library has the baseline alone */
    {"avx512", "x86-64 AVX-512", &kernels_f64_avx512, &kernels_f32_avx512, &level_kernels_f32_avx512},
    {"avx2", "x86-64 AVX2", &kernels_f64_avx2, &kernels_f32_avx2, &level_kernels_f32_avx2},
#endif
    {"baseline", BASELINE_DEVICE, &kernels_f64_baseline, &kernels_f32_baseline, &level_kernels_f32_baseline},
};

static int runs(const struct variant *variant) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!strcmp(variant->name, "avx512"))
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
  if (!strcmp(variant->name, "avx2")) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  (void)variant;
  return 1;
}

static const struct variant *choose(void) {
  const char *forced = getenv("LAPLACE_ISA");
  for (size_t k = 0; k < sizeof variants / sizeof *variants; k++) {
    const struct variant *variant = &variants[k];
    if (forced && *forced && strcmp(forced, variant->name)) continue;
    if (runs(variant)) return variant;
    if (forced && *forced) return fail("LAPLACE_ISA is %s, which this CPU lacks", forced), NULL;
  }
  return fail("LAPLACE_ISA must be avx512, avx2 or baseline: it is \"%.40s\"", forced ? forced : ""), NULL;
}

/* Whether u and v exceed the caches: non-temporal stores to v then save reading what is overwritten. */
static int exceeds_cache(const laplace_grid *grid) {
#if defined(CACHE_BYTES) /* for bench/speed.ts: a size that no grid exceeds */
  const double cache = CACHE_BYTES;
#elif defined(_SC_LEVEL3_CACHE_SIZE)
  const double cache = (double)sysconf(_SC_LEVEL3_CACHE_SIZE);
#else
  const double cache = 0;
#endif
  return 2.0 * grid->rows * (double)grid->stride * grid->dtype > (cache > 0 ? cache : 32e6);
}

int cpu_open(laplace_grid *grid) {
  const struct variant *variant = choose();
  if (!variant) return LAPLACE_FAILED;
  grid->kernels = grid->dtype == LAPLACE_F32 ? variant->f32 : variant->f64;
  grid->levels = variant->levels;
  /* Periodic ghosts of a row are read back at once, so that row must stay in cache. */
  grid->stream = !(grid->layout & LAPLACE_PERIODIC_COLS) && exceeds_cache(grid);
  return tune_open(grid), LAPLACE_OK;
}

const struct kernels *cpu_kernels(int32_t dtype) {
  const struct variant *variant = choose();
  return dtype == LAPLACE_F32 ? variant->f32 : variant->f64;
}

const char *cpu_isa(void) {
  const struct variant *variant = choose();
  return variant ? variant->device : NULL;
}
