/* Rows that are alike, found as they are written. See weights.h. */
#include "weights.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows of their own that a field may have until it is given all its pages at once, each touched first by the thread
 * that will sweep its row. */
enum { FEW = 64 };

/* Rows are stored in slots. Slot 0 is zero, and every row's at first; slot i + 1 is there for row i, and for rows that
 * are like it. */
struct weights_rows {
  int32_t own, touched; /* slots that some row ever had, without the first; whether all have their pages */
  int32_t *uses;        /* rows in each slot */
  int32_t row[];        /* the slot of each row */
};

static size_t bytes_of_row(const laplace_grid *grid) { return (size_t)grid->stride * (size_t)grid->dtype; }

/* Opens `count` fields in one block. */
static int weights_open_fields(laplace_grid *grid, struct field *fields[], int count) {
  void **slots[6];
  for (int k = 0; k < count; k++) slots[k] = &fields[k]->data;
  if (grid_allocate(grid, (int64_t)grid->rows + 1, slots, count, &grid->weights) != LAPLACE_OK) return LAPLACE_FAILED;
  for (int k = 0; k < count; k++) {
    struct weights_rows *shared = calloc(1, sizeof *shared + (2 * (size_t)grid->rows + 2) * sizeof(int32_t));
    if (!shared) return fail("out of memory");
    shared->uses = shared->row + grid->rows, shared->uses[0] = grid->rows;
    fields[k]->row = shared->row, fields[k]->shared = shared;
  }
  return LAPLACE_OK;
}

int weights_open(laplace_grid *grid) {
  struct field *fields[] = {&grid->an, &grid->as, &grid->aw, &grid->ae, &grid->g, &grid->d};
  return weights_open_fields(grid, fields, grid->layout & LAPLACE_DIAGONAL ? 6 : 5);
}

int weights_own_constant(laplace_grid *grid) { return weights_open_fields(grid, (struct field *[]){&grid->g}, 1); }

void weights_close(laplace_grid *grid) {
  struct field *fields[] = {&grid->an, &grid->as, &grid->aw, &grid->ae, &grid->g, &grid->d};
  /* A correction shares those of the grid that it is of, but for g. */
  for (int k = 0; k < 6; k++)
    if (!grid->of || (k == 4 && grid->weights)) free(fields[k]->shared);
  free(grid->weights);
}

static char *weights_slot(const laplace_grid *grid, const struct field *field, int32_t n) {
  return (char *)field->data + (size_t)n * bytes_of_row(grid);
}

static void weights_assign(struct weights_rows *shared, int32_t i, int32_t to) {
  shared->uses[shared->row[i]]--, shared->uses[to]++;
  shared->row[i] = to;
}

/* Gives row i a slot that no other row has, with what it holds but for bytes [start, end), which will be written. */
static void weights_own(laplace_grid *grid, struct field *field, int32_t i, size_t start, size_t end) {
  struct weights_rows *shared = field->shared;
  int32_t n = i + 1, from = shared->row[i];
  if (from && shared->uses[from] == 1) return;
  for (; shared->uses[n]; n = n < grid->rows ? n + 1 : 1) {
  }
  if (!shared->touched && ++shared->own > FEW)
    model_first_touch(grid, field->data, bytes_of_row(grid) * ((size_t)grid->rows + 1)), shared->touched = 1;
  char *to = weights_slot(grid, field, n);
  const char *old = weights_slot(grid, field, from);
  memcpy(to, old, start), memcpy(to + end, old + end, bytes_of_row(grid) - end);
  weights_assign(shared, i, n);
}

/* Whether two slots are the same but for bytes [from, end). */
static int same_around(const laplace_grid *grid, const struct field *field, int32_t p, int32_t q, size_t from,
                       size_t end) {
  const char *a = weights_slot(grid, field, p), *b = weights_slot(grid, field, q);
  return !memcmp(a, b, from) && !memcmp(a + end, b + end, bytes_of_row(grid) - end);
}

void weights_write(laplace_grid *grid, struct field *field, int32_t row0, int32_t row1, int32_t col0, int32_t col1,
                   const void *data) {
  const size_t from = (size_t)col0 * (size_t)grid->dtype, end = (size_t)col1 * (size_t)grid->dtype, bytes = end - from;
  const char *in = data;
  struct weights_rows *shared = field->shared;
  /* Where the row before was stored, in this call: if this one was stored there too, they differ in what is written
   * alone. */
  int32_t before = -1;
  for (int32_t i = row0; bytes && i < row1; i++, in += bytes) {
    const int32_t was = shared->row[i], north = i ? shared->row[i - 1] : was;
    if (!memcmp(weights_slot(grid, field, was) + from, in, bytes)) {
    } else if (north != was && !memcmp(weights_slot(grid, field, north) + from, in, bytes) &&
               (was == before || same_around(grid, field, was, north, from, end))) {
      weights_assign(shared, i, north);
    } else {
      weights_own(grid, field, i, from, end);
      memcpy(weights_slot(grid, field, shared->row[i]) + from, in, bytes);
    }
    before = was;
  }
}

/* ---- weights of a conductivity ---- */

struct weights_conduction {
  laplace_grid *grid;
  int32_t row0, row1, col0, col1;
  double dy, dx;
  const double *k;
  int refused; /* a sum is not finite, or not more than zero */
};

/* Exact for equal values, the same in both orders, free of overflow: core/finite_volumes/faces.ts. */
static inline double harmonic_mean(double a, double b) {
  const double low = a < b ? a : b, high = a < b ? b : a, mean = 2 * low / (1 + low / high);
  return a == b ? a : mean;
}

/* The slot of a row, from column `col` on. NULL: the layout has no such field. */
static double *weights_row(const laplace_grid *grid, const struct field *field, int32_t i, int32_t col) {
  return field->data ? (double *)weights_slot(grid, field, field->shared->row[i]) + col : NULL;
}

static void weights_conduct_row(struct weights_conduction *c, int32_t i) {
  const laplace_grid *grid = c->grid;
  const int32_t count = c->col1 - c->col0;
  const int64_t width = count + 2;
  const double *here = c->k + (i - c->row0 + 1) * width + 1, *north = here - width, *south = here + width;
  double *an = weights_row(grid, &grid->an, i, c->col0), *as = weights_row(grid, &grid->as, i, c->col0);
  double *aw = weights_row(grid, &grid->aw, i, c->col0), *ae = weights_row(grid, &grid->ae, i, c->col0);
  double *d = weights_row(grid, &grid->d, i, c->col0);
  const double dx = c->dx, dy = c->dy;
  int good = 1;
  for (int32_t j = 0; j < count; j++) {
    const double n = harmonic_mean(north[j], here[j]) * dx / dy, s = harmonic_mean(here[j], south[j]) * dx / dy;
    const double w = harmonic_mean(here[j - 1], here[j]) * dy / dx, e = harmonic_mean(here[j], here[j + 1]) * dy / dx;
    const double sum = (n + s) + (w + e);
    an[j] = n / sum, as[j] = s / sum, aw[j] = w / sum, ae[j] = e / sum;
    good &= sum > 0 && sum < INFINITY;
    if (d) d[j] = sum;
  }
  if (!good) __atomic_store_n(&c->refused, 1, __ATOMIC_RELAXED);
}

static void weights_conduct_rows(void *task, int32_t thread, int32_t threads) {
  struct weights_conduction *c = task;
  const int32_t rows = c->row1 - c->row0, end = c->row0 + share_begin(rows, thread + 1, threads);
  const int32_t *slots = c->grid->an.shared->row;
  for (int32_t i = c->row0 + share_begin(rows, thread, threads); i < end; i++)
    if (i == c->row0 || slots[i] != slots[i - 1]) weights_conduct_row(c, i);
}

/* Whether row i has the conductivities of the one before, as far as its weights depend on them, and the same otherwise.
 */
static int weights_repeat(const struct weights_conduction *c, int32_t i, struct field *fields[5]) {
  const size_t width = (size_t)(c->col1 - c->col0) + 2;
  const double *first = c->k + (size_t)(i - c->row0) * width;
  if (i == c->row0 || memcmp(first, first - width, 3 * width * sizeof *first)) return 0;
  const size_t from = (size_t)c->col0 * sizeof *first, end = (size_t)c->col1 * sizeof *first;
  for (int f = 0; f < 5; f++) {
    const struct weights_rows *shared = fields[f]->shared;
    if (shared && !same_around(c->grid, fields[f], shared->row[i], shared->row[i - 1], from, end)) return 0;
  }
  return 1;
}

int weights_conduct(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, double dy, double dx,
                    const double *k) {
  struct field *fields[] = {&grid->an, &grid->as, &grid->aw, &grid->ae, &grid->d};
  struct weights_conduction c = {grid, row0, row1, col0, col1, dy, dx, k, 0};
  const size_t from = (size_t)col0 * sizeof *k, end = (size_t)col1 * sizeof *k;
  for (int32_t i = row0; i < row1; i++) {
    const int repeats = weights_repeat(&c, i, fields);
    for (int f = 0; f < 5; f++) {
      if (!fields[f]->data) continue;
      if (repeats) weights_assign(fields[f]->shared, i, fields[f]->shared->row[i - 1]);
      else weights_own(grid, fields[f], i, from, end);
    }
  }
  const int32_t threads = row1 - row0 < grid->threads ? row1 - row0 : grid->threads;
  model_parallel_run(grid, threads, weights_conduct_rows, &c);
  return !c.refused;
}
