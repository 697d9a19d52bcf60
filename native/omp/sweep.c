/* The model "C + OpenMP": rows are shared among threads. Put it beside ../c/sweep.c: the loops over rows are the same.
 * Not here: the arithmetic of a row (../rows.c), memory and arguments (../grid.c). Built by ../build.ts.
 */
#include "../rows.h"
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char model_about[] = "ffi-omp\nC with SIMD rows, OpenMP threads";
const int32_t model_score = 50;

/* Each thread has a `change` of its own, on its stack: no line of the cache is shared, and NaN survives the merge. */
#pragma omp declare reduction(larger : double : omp_out = larger(omp_out, omp_in)) initializer(omp_priv = 0)

/* One parallel region around all sweeps: threads start once, and meet at the barrier that ends each `omp for`. */
double model_sweep(const laplace_grid *grid, void *u, void *v, int32_t count) {
  double change = 0;
  omp_set_schedule((omp_sched_t)grid->schedule, grid->chunk);
#pragma omp parallel num_threads(grid->threads) reduction(larger : change)
  for (int32_t k = 0; k < count; k++) {
    const int norm = k == count - 1;
    void *from = k % 2 ? v : u, *to = k % 2 ? u : v;
#pragma omp for schedule(runtime)
    for (int32_t i = 1; i < grid->rows - 1; i++)
      change = larger(change, grid->kernels->sweep(grid, from, to, i, norm));
  }
  return change;
}

/* In place: rows of one colour read only the other colour of their neighbours, so the order of threads is free. */
double model_relax(const laplace_grid *grid, void *u, double omega, int32_t colour, int32_t count) {
  double change = 0;
  omp_set_schedule((omp_sched_t)grid->schedule, grid->chunk);
#pragma omp parallel num_threads(grid->threads) reduction(larger : change)
  for (int32_t k = 0; k < count; k++) {
    const int norm = k >= count - 2;
#pragma omp for schedule(runtime)
    for (int32_t i = 1; i < grid->rows - 1; i++)
      change = larger(change, grid->kernels->relax(grid, u, omega, (colour + k) % 2, i, norm));
  }
  return change;
}

/* ---- settings: threads, schedule, chunk ---- */

static const struct {
  const char *name;
  omp_sched_t kind;
} schedules[] = {
    {"static", omp_sched_static}, {"dynamic", omp_sched_dynamic}, {"guided", omp_sched_guided}, {"auto", omp_sched_auto}};

static int32_t threads = 0, schedule = omp_sched_static, chunk = 0; /* 0: OpenMP's own choice */

/* OMP_NUM_THREADS, else the cores that this process may use. */
int32_t model_threads(void) { return threads ? threads : omp_get_max_threads(); }

static int whole(const char *name, const char *value, int32_t *number) {
  char *end;
  const long n = strtol(value, &end, 10);
  if (end == value || *end || n < 1 || n > 65536)
    return fail("setting \"%s\" must be a whole number from 1 to 65536: it is \"%.40s\"", name, value);
  *number = (int32_t)n;
  return LAPLACE_OK;
}

int model_set(const char *name, const char *value) {
  if (!*name) threads = 0, schedule = omp_sched_static, chunk = 0;
  if (!*name) return LAPLACE_OK;
  if (!strcmp(name, "threads")) return whole(name, value, &threads);
  if (!strcmp(name, "chunk")) return whole(name, value, &chunk);
  if (strcmp(name, "schedule")) return fail("there is no setting \"%.40s\"; known: threads, schedule, chunk", name);
  for (size_t k = 0; k < sizeof schedules / sizeof *schedules; k++)
    if (!strcmp(value, schedules[k].name)) return schedule = schedules[k].kind, LAPLACE_OK;
  return fail("setting \"schedule\" must be static, dynamic, guided or auto: it is \"%.40s\"", value);
}

int model_device(char *text, size_t size) {
  const char *isa = rows_isa();
  const int32_t n = model_threads();
  if (isa) snprintf(text, size, "%s, %d thread%s", isa, n, n == 1 ? "" : "s");
  return isa ? LAPLACE_OK : LAPLACE_FAILED;
}

int model_open(laplace_grid *grid) {
  grid->threads = model_threads(), grid->schedule = schedule, grid->chunk = chunk;
  return rows_open(grid);
}
