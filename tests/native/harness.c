/* Calls every function of laplace_plugin.h in many ways, for sanitizers to watch: all layouts and precisions, odd and
 * tiny shapes, sweeps, multigrid, conjugate gradients, given levels, grids in turn and in two threads, errors. Buffers
 * have exactly the size that a call needs. Not here: whether results are right, beyond that norms are numbers; other
 * tests compare them. Usage: ./harness SETTINGS [large], with SETTINGS such as "threads=3" or "block=4x64"
 */
#include "laplace_plugin.h"
#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PERIODIC = LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS, MOST_LEVELS = 12 };

struct shape {
  int32_t rows, cols;
};

static const char *settings = "";

static void ok(int32_t status) {
  char text[256];
  if (status == LAPLACE_OK) return;
  laplace_error(text, sizeof text);
  fprintf(stderr, "%s\n", text);
  abort();
}

static double random_number(void) {
  static _Thread_local uint32_t state = 1;
  state = state * 1664525 + 1013904223;
  return state / 4294967296.0;
}

/* ---- grids ---- */

/* Fills a field, or a part of it, from a buffer that holds no more. */
static void write_part(laplace_grid *grid, int32_t dtype, int32_t field, int32_t row0, int32_t row1, int32_t col0,
                       int32_t col1, double from, double to) {
  const size_t points = (size_t)(row1 - row0) * (size_t)(col1 - col0);
  void *data = malloc(points * (size_t)dtype);
  for (size_t k = 0; k < points; k++) {
    const double value = from + (to - from) * random_number();
    if (dtype == LAPLACE_F64) ((double *)data)[k] = value;
    else ((float *)data)[k] = (float)value;
  }
  ok(laplace_write(grid, field, row0, row1, col0, col1, data));
  free(data);
}

static laplace_grid *create(int32_t dtype, int32_t layout, struct shape s) {
  laplace_grid *grid =
      laplace_create(dtype, layout, s.rows, s.cols, 1, s.rows - 1, 1, s.cols - 1, 0.25, 0.25, settings);
  ok(grid ? LAPLACE_OK : LAPLACE_FAILED);
  if (layout & LAPLACE_WEIGHTED) {
    for (int32_t field = LAPLACE_AN; field <= LAPLACE_AE; field++)
      write_part(grid, dtype, field, 0, s.rows, 0, s.cols, 0.25, 0.25);
    if (layout & LAPLACE_DIAGONAL) write_part(grid, dtype, LAPLACE_D, 1, s.rows - 1, 1, s.cols - 1, 4, 4);
    /* A row that is like no other, and a Dirichlet point; on wide grids with an even number of rows two rows of them. */
    const int wide = s.cols > 128 && s.rows % 2 == 0;
    const int32_t row = wide ? 0 : 1, rows = wide ? 3 : 2, col = wide ? 0 : 1, cols = wide ? s.cols : 2;
    for (int32_t field = LAPLACE_AN; field <= LAPLACE_AE; field++)
      write_part(grid, dtype, field, row, rows, col, cols, 0, 0);
    if (layout & LAPLACE_DIAGONAL) write_part(grid, dtype, LAPLACE_D, row, rows, col, cols, 0, 0);
  }
  if (layout & (LAPLACE_WEIGHTED | LAPLACE_SOURCE))
    write_part(grid, dtype, LAPLACE_G, 1, s.rows - 1, 1, s.cols - 1, 0, 1);
  write_part(grid, dtype, LAPLACE_U, 0, 1, 0, s.cols, 0, 1);
  return grid;
}

static void read_part(laplace_grid *grid, int32_t dtype, int32_t row0, int32_t row1, int32_t col0, int32_t col1) {
  void *data = malloc((size_t)(row1 - row0) * (size_t)(col1 - col0) * (size_t)dtype);
  ok(laplace_read(grid, row0, row1, col0, col1, data));
  free(data);
}

static void sweep(laplace_grid *grid, int32_t dtype, int32_t layout, struct shape s) {
  double norms[2];
  int32_t width;
  write_part(grid, dtype, LAPLACE_U, 0, s.rows, 0, s.cols, 0, 1);
  for (int32_t count = 1; count <= 40; count = 3 * count + 1) {
    ok(laplace_sweep(grid, count, norms));
    ok(laplace_advance(grid, count, norms));
    assert(norms[0] >= 0 && norms[1] >= 0);
    ok(laplace_residual(grid, norms));
    laplace_pass(grid, &width);
  }
  const int odd = (layout & LAPLACE_PERIODIC_ROWS && s.rows % 2) || (layout & LAPLACE_PERIODIC_COLS && s.cols % 2);
  for (int32_t colour = 0; colour < 2 && !odd; colour++) ok(laplace_relax(grid, 1.5, colour, 3, norms));
  read_part(grid, dtype, 0, s.rows, 0, s.cols);
  read_part(grid, dtype, s.rows - 1, s.rows, s.cols / 2, s.cols);
}

/* ---- multigrid ---- */

struct hierarchy {
  laplace_level *level[MOST_LEVELS];
  struct shape shape[MOST_LEVELS]; /* without the ghost layer */
  int32_t count;
};

static struct shape halved(struct shape s, int32_t rows, int32_t cols, int first_is_coarse) {
  return (struct shape){rows ? (s.rows + first_is_coarse) / 2 : s.rows, cols ? (s.cols + first_is_coarse) / 2 : s.cols};
}

/* Coarsens a grid, or a given level, as long as possible; every third level along one axis alone if `semi`. */
static struct hierarchy coarsen(laplace_grid *grid, laplace_level *given, struct shape inner, int first_is_coarse,
                                int semi) {
  struct hierarchy h = {.count = 0};
  for (; h.count < MOST_LEVELS; h.count++) {
    const struct shape above = h.count ? h.shape[h.count - 1] : inner;
    const int32_t rows = above.rows > 2 && !(semi && h.count % 3 == 1),
                  cols = above.cols > 2 && !(semi && h.count % 3 == 0);
    if (!rows && !cols) break;
    laplace_level *fine = h.count ? h.level[h.count - 1] : given;
    laplace_level *level = fine ? laplace_level_coarsen(fine, rows, cols) : laplace_coarsen(grid, rows, cols);
    if (!level) break; /* the plate path coarsens in both directions or not at all */
    h.level[h.count] = level, h.shape[h.count] = halved(above, rows, cols, first_is_coarse);
  }
  return h;
}

static void solve_last(const struct hierarchy *h) {
  laplace_level *level = h->level[h->count - 1];
  const struct shape s = h->shape[h->count - 1];
  const size_t points = (size_t)s.rows * (size_t)s.cols;
  double *a = malloc(9 * points * sizeof *a), *f = malloc(points * sizeof *f);
  ok(laplace_level_read_operator(level, a));
  ok(laplace_level_read_rhs(level, 1, 1 + s.rows, 1, 1 + s.cols, f));
  ok(laplace_level_write_rhs(level, s.rows, 1 + s.rows, s.cols, 1 + s.cols, f));
  for (size_t k = 0; k < points; k++) f[k] = a[9 * k + 4] > 0 ? f[k] / a[9 * k + 4] : 0;
  ok(laplace_level_write_correction(level, f));
  free(a), free(f);
}

/* The levels of a cycle, from the first one down and up again. */
static void cycle_levels(const struct hierarchy *h) {
  for (int32_t k = 0; k + 1 < h->count; k++) ok(laplace_level_smooth_and_restrict(h->level[k], h->level[k + 1], 2));
  solve_last(h);
  for (int32_t k = h->count - 2; k >= 0; k--) ok(laplace_level_prolong_and_smooth(h->level[k], h->level[k + 1], 1));
}

static void cycle(laplace_grid *grid, const struct hierarchy *h) {
  double norms[2];
  ok(laplace_smooth_and_restrict(grid, h->level[0], 2));
  for (int k = 0; k < 2; k++) {
    cycle_levels(h);
    ok(laplace_prolong_smooth_restrict(grid, h->level[0], 1, 2, norms));
    assert(norms[0] >= 0 && norms[1] >= 0);
  }
  cycle_levels(h);
  ok(laplace_prolong_and_smooth(grid, h->level[0], 1));
}

static void release(const struct hierarchy *h) {
  for (int32_t k = h->count - 1; k >= 0; k--) laplace_level_free(h->level[k]);
}

/* A level with the operator of another, and levels below it. */
static void give_level(laplace_grid *grid, laplace_level *of, struct shape s, int32_t layout) {
  const size_t points = (size_t)s.rows * (size_t)s.cols;
  const int first_is_coarse = (layout & LAPLACE_WEIGHTED) != 0;
  double *a = malloc(9 * points * sizeof *a), *e = malloc(points * sizeof *e);
  ok(laplace_level_read_operator(of, a));
  const int32_t periodic =
      layout & ((s.rows > 1 ? LAPLACE_PERIODIC_ROWS : 0) | (s.cols > 1 ? LAPLACE_PERIODIC_COLS : 0));
  laplace_level *level = laplace_create_level(grid, periodic, s.rows, s.cols, first_is_coarse, a);
  ok(level ? LAPLACE_OK : LAPLACE_FAILED);
  const struct hierarchy h = coarsen(NULL, level, s, first_is_coarse, 0);
  for (size_t k = 0; k < points; k++) e[k] = random_number();
  ok(laplace_level_write_rhs(level, 1, 1 + s.rows, 1, 1 + s.cols, e));
  if (h.count) {
    ok(laplace_level_smooth_and_restrict(level, h.level[0], 1));
    cycle_levels(&h);
    ok(laplace_level_prolong_and_smooth(level, h.level[0], 1));
  }
  ok(laplace_level_read_correction(level, e));
  release(&h);
  laplace_level_free(level);
  free(a), free(e);
}

static void run_multigrid(laplace_grid *grid, int32_t dtype, int32_t layout, struct shape s) {
  const struct shape inner = {s.rows - 2, s.cols - 2};
  const int first_is_coarse = (layout & LAPLACE_WEIGHTED) != 0;
  const struct hierarchy h = coarsen(grid, NULL, inner, first_is_coarse, s.rows % 3 == 1);
  if (!h.count) return;
  cycle(grid, &h);
  read_part(grid, dtype, 0, s.rows, 0, s.cols);
  write_part(grid, dtype, LAPLACE_U, 0, 1, 0, s.cols, 0, 1);
  write_part(grid, dtype, LAPLACE_U, 1, 2, 1, 2, 0, 1);
  cycle(grid, &h);
  sweep(grid, dtype, layout, s);
  cycle(grid, &h);
  give_level(grid, h.level[0], h.shape[0], layout);
  if (!(layout & LAPLACE_WEIGHTED) && s.rows > 6 && s.cols > 6 && s.rows % 2 && s.cols % 2) {
    laplace_grid *coarse = create(dtype, layout, (struct shape){s.rows / 2 + 1, s.cols / 2 + 1});
    ok(laplace_prolong_solution(grid, coarse));
    if (s.rows % 4 == 1) laplace_free(coarse), coarse = NULL; /* although it is still needed */
    cycle(grid, &h);
    laplace_free(coarse);
  }
  release(&h);
}

/* ---- conjugate gradients ---- */

static void run_cg(laplace_grid *grid, int32_t dtype, int32_t layout, struct shape s) {
  double found[3];
  for (int preconditioned = 0; preconditioned < 2; preconditioned++) {
    laplace_grid *z = preconditioned ? laplace_preconditioned_residual(grid) : NULL;
    struct hierarchy h = {.count = 0};
    if (z && layout & LAPLACE_LEVELS)
      h = coarsen(grid, NULL, (struct shape){s.rows - 2, s.cols - 2}, (layout & LAPLACE_WEIGHTED) != 0, 0);
    ok(laplace_compute_residual(grid, found));
    laplace_aggregation *aggregation = z && layout & LAPLACE_WEIGHTED ? laplace_aggregate(z) : NULL;
    assert(aggregation || !z || !(layout & LAPLACE_WEIGHTED));
    for (int k = 0; k < 4; k++) {
      if (aggregation && k % 2) ok(laplace_aggregation_cycle(aggregation));
      else if (z && h.count) cycle(z, &h);
      else if (z) ok(laplace_sweep(z, 2, found));
      if (z) ok(laplace_dots(grid, found));
      ok(laplace_update_direction(grid, k ? 0.5 : 0, found));
      ok(laplace_step(grid, 0.5, found));
      assert(found[0] >= 0 && found[1] >= 0);
    }
    laplace_aggregation_free(aggregation);
    if (s.rows % 2) laplace_free(z);
    release(&h);
  }
  read_part(grid, dtype, 0, s.rows, 0, s.cols);
}

/* ---- everything ---- */

static void run(int32_t dtype, int32_t layout, struct shape s) {
  laplace_grid *grid = create(dtype, layout, s), *other = create(dtype, layout, s);
  if (layout & LAPLACE_LEVELS) run_multigrid(grid, dtype, layout, s);
  sweep(other, dtype, layout, s);
  sweep(grid, dtype, layout, s);
  if (!(layout & LAPLACE_WEIGHTED) || layout & LAPLACE_DIAGONAL) {
    run_cg(grid, dtype, layout, s);
    if (layout & LAPLACE_LEVELS) run_multigrid(grid, dtype, layout, s);
  }
  laplace_free(grid);
  sweep(other, dtype, layout, s);
  laplace_free(other);
}

static void run_layouts(struct shape s) {
  static const int32_t weighted = LAPLACE_WEIGHTED | LAPLACE_DIAGONAL, levels = LAPLACE_LEVELS;
  const int32_t layouts[] = {0,
                             LAPLACE_SOURCE | LAPLACE_ODD,
                             levels,
                             LAPLACE_SOURCE | levels,
                             LAPLACE_WEIGHTED,
                             weighted | levels,
                             weighted | levels | LAPLACE_PERIODIC_ROWS,
                             weighted | levels | LAPLACE_PERIODIC_COLS,
                             weighted | levels | PERIODIC,
                             LAPLACE_WEIGHTED | PERIODIC | LAPLACE_ODD};
  for (size_t k = 0; k < sizeof layouts / sizeof *layouts; k++) {
    run(LAPLACE_F64, layouts[k], s);
    run(LAPLACE_F32, layouts[k], s);
  }
}

static void *run_thread(void *shape) { return run_layouts(*(struct shape *)shape), NULL; }

static void refuse(void) {
  double norms[3], data[9] = {0};
  char text[4];
  assert(!laplace_create(5, 0, 3, 3, 1, 2, 1, 2, 0.25, 0.25, ""));
  assert(!laplace_create(8, 999, 3, 3, 1, 2, 1, 2, 0.25, 0.25, ""));
  assert(!laplace_create(8, 0, 2, 3, 1, 2, 1, 2, 0.25, 0.25, ""));
  assert(!laplace_create(8, 0, 3, 3, 0, 3, 1, 2, 0.25, 0.25, ""));
  assert(!laplace_create(8, 0, INT32_MAX, INT32_MAX, 1, 2, 1, 2, 0.25, 0.25, ""));
  for (const char **wrong = (const char *[]){"nothing=1", "block", "block=1x", "block=off\nblock=0x0", "=", NULL};
       *wrong; wrong++)
    assert(!laplace_create(8, 0, 3, 3, 1, 2, 1, 2, 0.25, 0.25, *wrong) && !laplace_threads(*wrong));
  laplace_error(text, sizeof text);
  assert(strlen(text) == 3 && laplace_threads("") >= 1);
  laplace_grid *grid = create(LAPLACE_F64, LAPLACE_LEVELS, (struct shape){9, 9});
  assert(laplace_write(grid, LAPLACE_U, 8, 10, 0, 1, data) && laplace_write(grid, 7, 0, 1, 0, 1, data));
  assert(laplace_write(grid, LAPLACE_AN, 0, 1, 0, 1, data) && laplace_read(grid, 0, 1, -1, 1, data));
  assert(laplace_read(grid, 0, 1, 0, 1, NULL) && laplace_sweep(grid, 0, norms) && laplace_relax(grid, 1, 2, 1, norms));
  assert(!laplace_coarsen(grid, 0, 0) && !laplace_coarsen(NULL, 1, 1) && laplace_dots(grid, norms));
  assert(!laplace_aggregate(NULL) && !laplace_aggregate(grid) && laplace_aggregation_cycle(NULL));
  laplace_aggregation_free(NULL);
  laplace_level *level = laplace_coarsen(grid, 1, 1);
  assert(level && laplace_smooth_and_restrict(grid, level, -1) && laplace_smooth_and_restrict(grid, NULL, 1));
  assert(laplace_level_read_rhs(level, 0, 1, 1, 2, data) && laplace_level_read_correction(level, data));
  assert(laplace_level_smooth_and_restrict(level, level, 1) && !laplace_create_level(grid, 0, 0, 1, 0, data));
  laplace_level_free(level), laplace_level_free(NULL);
  laplace_free(grid), laplace_free(NULL);
}

int main(int argc, char **argv) {
  static const struct shape small[] = {{3, 3}, {3, 4}, {4, 3}, {5, 5}, {5, 18}, {19, 5}, {33, 35}, {36, 65}, {6, 131}};
  static const struct shape large[] = {{64, 1030}, {129, 131}, {515, 300}, {4, 4097}, {700, 7}, {257, 513}};
  if (argc > 1) settings = argv[1];
  refuse();
  for (size_t k = 0; k < sizeof small / sizeof *small; k++) run_layouts(small[k]);
  for (size_t k = 0; argc > 2 && k < sizeof large / sizeof *large; k++) run_layouts(large[k]);
  pthread_t thread[2];
  for (int k = 0; k < 2; k++) assert(!pthread_create(&thread[k], NULL, run_thread, (void *)&small[5 + k]));
  for (int k = 0; k < 2; k++) pthread_join(thread[k], NULL);
  puts("done");
}
