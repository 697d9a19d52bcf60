/* The operator of a finest grid on the black-box path: memory, conductances, and their range. The arithmetic of a row
 * is in fine_conductances.c.
 */
#include "path.h"
#include "../../plugin/kernels.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Conductances that differ by more. A disc that conducts 1e6 times as well, 2049 points a side: a cycle left 1.8 of the
 * residual without that of the black points, and 0.3 with it; 1e3 times as well, 0.15 either way. */
static const double FINE_UNEVEN = 64;

/* Columns so few that vectors go beyond the next row. */
enum { FINE_FEW = 128 };

/* Numbers before the first row of inverses, of which the last is read. */
enum { FINE_BEFORE_INVERSE = 16 };

struct fine_preparation {
  const laplace_grid *grid;
  struct fine_findings *found; /* of each thread */
};

/* ---- memory ---- */

/* Bytes of e, and of s and row_sum, a row more behind the last; each at a different offset within its page, as in
 * grid.c. */
static size_t fine_bytes(const laplace_grid *grid) {
  return (((size_t)grid->rows + 1) * (size_t)grid->stride * (size_t)grid->dtype / 4096 + 1) * 4096 + 9 * 64;
}

static void fine_lay_out(struct arena *arena, const laplace_grid *grid, struct fine *a) {
  a->e = arena_take(arena, fine_bytes(grid), 64), a->s = arena_take(arena, fine_bytes(grid), 64);
  const size_t inverses = ((size_t)grid->rows + 1) * (size_t)a->pitch_f32 + FINE_BEFORE_INVERSE;
  a->inverse = (float *)arena_take(arena, inverses * sizeof *a->inverse, 64) + FINE_BEFORE_INVERSE;
  a->row = arena_take(arena, (size_t)grid->rows * sizeof *a->row, 64);
}

/* Vectors go over the ends of a row, into those before and behind it, also before a thread's first row. */
static void fine_clear_row(const laplace_grid *grid, const struct fine *a, int32_t i) {
  const int64_t row = grid->stride * grid->dtype;
  memset((char *)a->e + i * row, 0, (size_t)row), memset((char *)a->s + i * row, 0, (size_t)row);
  memset(a->inverse + i * a->pitch_f32, 0, (size_t)a->pitch_f32 * sizeof(float));
}

static int fine_allocate(const laplace_grid *grid, struct fine *a) {
  struct arena arena = arena_measure();
  fine_lay_out(&arena, grid, a);
  if (!(a->memory = multigrid_reserve(arena.used))) return LAPLACE_FAILED;
  if (grid->stride < FINE_FEW) memset(a->memory, 0, arena.used);
  arena = arena_init(a->memory, arena.used);
  fine_lay_out(&arena, grid, a);
  /* The column before the first row: row 1 is read from there on, too, where it is stored as the ghost row 0. */
  memset(a->inverse - FINE_BEFORE_INVERSE, 0, FINE_BEFORE_INVERSE * sizeof *a->inverse);
  return fine_clear_row(grid, a, grid->rows), LAPLACE_OK;
}

/* ---- conductances ---- */

/* Whether rows i - 1 and i of the grid have the same weights, and, if asked, the same constant term. */
static int fine_same_weights(const laplace_grid *grid, int32_t i, int with_constant) {
  const struct field *fields[] = {&grid->an, &grid->as, &grid->aw, &grid->ae, &grid->d, &grid->g};
  for (int k = 0; k < (with_constant ? 6 : 5); k++)
    if (!fields[k]->row || fields[k]->row[i] != fields[k]->row[i - 1]) return 0;
  return 1;
}

/* Whether stored rows p and q of e, s and inverse are equal. */
static int fine_equal(const laplace_grid *grid, const struct fine *a, int32_t p, int32_t q) {
  const int64_t row = grid->stride * grid->dtype, row_f32 = a->pitch_f32 * (int64_t)sizeof(float);
  const char *e = a->e, *s = a->s, *inverse = (const char *)a->inverse;
  return !memcmp(inverse + p * row_f32, inverse + q * row_f32, (size_t)row_f32) &&
         !memcmp(e + p * row, e + q * row, (size_t)row) && !memcmp(s + p * row, s + q * row, (size_t)row);
}

static void fine_prepare_rows(void *task, int32_t thread, int32_t threads) {
  struct fine_preparation *p = task;
  const laplace_grid *grid = p->grid;
  struct fine *a = grid->multigrid;
  struct fine_findings found = {0, 0, INFINITY, 0};
  const int32_t from = share_begin(grid->rows, thread, threads), end = share_begin(grid->rows, thread + 1, threads);
  /* Each row goes behind the one stored last; the next row replaces it there if it is equal. */
  int32_t stored = from - 1;
  for (int32_t i = from; i < end; i++) {
    /* Row i has the edges to row i + 1, too; ghost rows have no inverse. */
    const int same =
        i > from && i > 1 && i < grid->rows - 1 && fine_same_weights(grid, i, 1) && fine_same_weights(grid, i + 1, 1);
    if (!same) {
      grid->kernels->fine->conductances(grid, i, stored + 1, &found);
      if (stored < from || !fine_same_weights(grid, i, 0) || !fine_equal(grid, a, stored, stored + 1)) stored++;
    }
    a->row[i] = stored;
  }
  if (stored + 1 < end) fine_clear_row(grid, a, stored + 1), fine_clear_row(grid, a, end - 1);
  p->found[thread] = found;
}

static struct fine_findings fine_prepare(laplace_grid *grid) {
  struct fine_findings found[grid->threads], all = {0, 0, INFINITY, 0};
  for (int32_t k = 0; k < grid->threads; k++) found[k] = all;
  model_parallel_run(grid, grid->threads, fine_prepare_rows, &(struct fine_preparation){grid, found});
  for (int32_t k = 0; k < grid->threads; k++) {
    all.has_row_sum |= found[k].has_row_sum, all.has_source |= found[k].has_source;
    all.least_c = fmin(all.least_c, found[k].least_c), all.most_c = fmax(all.most_c, found[k].most_c);
  }
  return all;
}

/* ---- row sums, which are not zero everywhere ---- */

static void fine_row_sum_rows(void *task, int32_t thread, int32_t threads) {
  const laplace_grid *grid = task;
  struct fine *a = grid->multigrid;
  const size_t bytes = (size_t)grid->stride * (size_t)grid->dtype;
  for (int32_t i = share_begin(grid->rows, thread, threads); i < share_begin(grid->rows, thread + 1, threads); i++) {
    if (!i || a->row[i] != a->row[i - 1]) grid->kernels->fine->row_sum(grid, i);
    /* Vectors go beyond the end of a row, into the one behind it, which nobody else may use. */
    if (i == grid->rows - 1 || a->row[i + 1] > a->row[i] + 1)
      memset((char *)a->row_sum + (size_t)(a->row[i] + 1) * bytes, 0, bytes);
  }
}

/* ---- the operator ---- */

/* A power of two near 1 / d of some free point. */
static double fine_scale(const laplace_grid *grid) {
  for (int32_t i = 1; i < grid->rows - 1; i++)
    for (int32_t j = 1; j < grid->cols - 1; j++) {
      const void *row = grid_row(grid, &grid->d, i);
      const double d = grid->dtype == 8 ? ((const double *)row)[j] : ((const float *)row)[j];
      if (d > 0 && isfinite(d)) return ldexp(1, -ilogb(d));
    }
  return 1;
}

void fine_close(laplace_grid *grid) {
  struct fine *a = grid->multigrid;
  if (a->memory) free(a->row_sum);
  free(a->memory), free(a->scratch), free(a);
  grid->multigrid = NULL;
}

void fine_expect_source(laplace_grid *grid) { ((struct fine *)grid->multigrid)->has_source = 1; }

int fine_open(laplace_grid *grid) {
  struct fine *a = grid->multigrid = calloc(1, sizeof *a);
  if (!a) return fail("out of memory");
  if (grid->of && grid->of->path == &blackbox_path) { /* a preconditioned residual, with the same weights */
    *a = *(const struct fine *)grid->of->multigrid;
    a->unit = 1, a->has_source = 1;
    a->memory = a->scratch = NULL, a->scratch_size = 0;
    return LAPLACE_OK;
  }
  const int odd_rows = grid->rows % 2 && grid->layout & LAPLACE_PERIODIC_ROWS;
  const int odd_cols = grid->cols % 2 && grid->layout & LAPLACE_PERIODIC_COLS;
  a->black_residual = odd_rows || odd_cols, a->scale = a->unit = 1;
  a->first_is_coarse = grid->layout & LAPLACE_WEIGHTED ? 1 : 0;
  if (!a->first_is_coarse) return a->has_source = grid->layout & LAPLACE_SOURCE ? 1 : 0, LAPLACE_OK;
  a->pitch_f32 = (grid->stride + 15) / 16 * 16;
  if (fine_allocate(grid, a) != LAPLACE_OK) return fine_close(grid), LAPLACE_FAILED;
  a->scale = fine_scale(grid);
  const struct fine_findings found = fine_prepare(grid);
  a->black_residual |= found.most_c > FINE_UNEVEN * found.least_c;
  a->has_source = found.has_source;
  if (!found.has_row_sum) return LAPLACE_OK;
  if (!(a->row_sum = multigrid_reserve(fine_bytes(grid)))) return fine_close(grid), LAPLACE_FAILED;
  if (grid->stride < FINE_FEW) memset(a->row_sum, 0, fine_bytes(grid));
  model_parallel_run(grid, grid->threads, fine_row_sum_rows, grid);
  return LAPLACE_OK;
}
