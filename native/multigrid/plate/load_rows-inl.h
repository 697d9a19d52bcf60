/* How a row enters a pass: from the array of black points, from u, prolonged from the solution on a coarser grid, or
 * corrected by the level below. Code of pass.c. */
#ifndef PLATE_LOAD_ROWS_H
#define PLATE_LOAD_ROWS_H
#include "half_rows-inl.h"

enum { PLATE_RESIDUALS = 4, PLATE_SOLUTION = 8, PLATE_UNUSED = 2 }; /* rows in these windows */
enum { PLATE_STREAMS = 5 };                                         /* rows that are prefetched at a time */

/* What one thread works on. Windows keep a few rows each, by row number modulo their count. */
struct plate_work {
  const struct plate_pass *pass;
  struct plate_weights weights;
  int32_t rows, half;
  int32_t row0, row1, reach; /* own rows, and how far a pass reads beyond them */
  uint32_t depth;            /* rows in the other windows */
  int64_t pitch;             /* elements from one row of a window to the next */
  real *black, *red, *rhs_black, *rhs_red, *residuals, *unused, *solution; /* windows */
  real *neighbours; /* black rows of other threads, as they were before the pass */
  int32_t unpacked; /* rows of the coarse solution before this one are in their window */
  masks change, residual;
};

void NAME(plate_unpack_row)(const laplace_grid *, const struct plate *, int32_t, int64_t, int64_t, void *);

static inline int64_t plate_min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t plate_max(int64_t a, int64_t b) { return a > b ? a : b; }

static inline real *plate_row(const struct plate_work *w, real *window, uint32_t depth, int32_t row) {
  return window + (uint32_t)(row + (int32_t)(PLATE_MOST_SWEEPS * depth)) % depth * w->pitch;
}
static inline int plate_is_inside(const struct plate_work *w, int32_t row) { return row >= 1 && row <= w->rows - 2; }
static inline int plate_is_zero_level(const struct plate_pass *pass) {
  return pass->level && pass->from == ITERATE_LAZY;
}
static inline real plate_at(const void *array, int32_t k) { return array ? ((const real *)array)[k] : 0; }

/* Walls (Dirichlet points) at both ends of a P. */
static inline void plate_set_walls(const struct plate_work *w, real *p, int32_t row, int64_t from, int64_t to) {
  if (from == 0) p[0] = plate_at(w->pass->plate->west, row);
  if (to > w->half) p[w->half] = plate_at(w->pass->plate->east, row);
}

/* Rows of the coarse solution in natural order, to prolong from. */
static const real *plate_solution_row(const struct plate_work *w, int32_t row) {
  const struct plate_pass *pass = w->pass;
  if (!pass->solution_plate) return (const real *)pass->solution->u + row * pass->solution->stride;
  return plate_row(w, w->solution, PLATE_SOLUTION, row);
}
static void plate_unpack_solution(struct plate_work *w, int32_t last) {
  const struct plate *from = w->pass->solution_plate;
  for (; from && w->unpacked <= last && w->unpacked < from->rows; w->unpacked++) {
    real *row = plate_row(w, w->solution, PLATE_SOLUTION, w->unpacked);
    NAME(plate_unpack_row)(w->pass->solution, from, w->unpacked, 0, from->half + 1, row);
  }
}

/* The black half of a row, prolonged: cubic, and linear where there are fewer than four points in line. */
static void plate_prolong_row(const struct plate_work *w, real *black, int32_t row, int64_t from, int64_t to) {
  const int32_t J = row / 2, end = w->rows / 2, half = w->half;
  const real *c = plate_solution_row(w, J);
  if (row % 2) {
    const real *d = plate_solution_row(w, J + 1);
    if (end < 3) {
      EACH(m) black[m] = (real)0.5 * (c[m] + d[m]);
    } else if (J == 0 || J == end - 1) {
      const real *a = J ? d : c, *b = J ? c : d, *third = plate_solution_row(w, J ? J - 1 : 2),
                 *fourth = plate_solution_row(w, J ? J - 2 : 3);
      EACH(m) black[m] = plate_midpoint_at_end(a[m], b[m], third[m], fourth[m]);
    } else {
      const real *b = plate_solution_row(w, J - 1), *e = plate_solution_row(w, J + 2);
      EACH(m) black[m] = plate_midpoint(b[m], c[m], d[m], e[m]);
    }
    return plate_set_walls(w, black, row, from, to);
  }
  if (half < 3) {
    EACH(m) black[m] = (real)0.5 * (c[m] + c[m + 1]);
    return;
  }
  if (from == 0) black[0] = plate_midpoint_at_end(c[0], c[1], c[2], c[3]);
  if (to >= half) black[half - 1] = plate_midpoint_at_end(c[half], c[half - 1], c[half - 2], c[half - 3]);
  from = plate_max(from, 1), to = plate_min(to, half - 1);
  EACH(m) black[m] = plate_midpoint(c[m - 1], c[m], c[m + 1], c[m + 2]);
}

/* Black points before the pass. */
static const real *plate_old_row(const struct plate_work *w, int32_t row) {
  const struct plate *plate = w->pass->plate;
  if (w->pass->independent || (row >= w->row0 && row < w->row1)) return (const real *)plate->black + row * plate->pitch;
  return w->neighbours + (row < w->row0 ? row - w->row0 + w->reach : row - w->row1 + w->reach) * w->pitch;
}

/* What the next step reads, prefetched into the second-level cache during this one: else a step would wait for memory,
 * and memory for the next step. */
struct plate_prefetch {
  const char *next[PLATE_STREAMS], *end[PLATE_STREAMS];
};

static void plate_add_stream(struct plate_prefetch *prefetch, int k, const void *row, int64_t bytes) {
  prefetch->next[k] = row, prefetch->end[k] = (const char *)row + bytes;
}

static struct plate_prefetch plate_prefetch_of(const struct plate_work *w, int32_t j) {
  const struct plate_pass *pass = w->pass;
  struct plate_prefetch prefetch = {{NULL}, {NULL}};
  const int64_t row = (w->half + 1) * (int64_t)sizeof(real);
  for (int k = 0; k < 2 && plate_is_inside(w, j + k); k++) {
    if (pass->g) plate_add_stream(&prefetch, k, (const real *)pass->g + (j + k) * pass->g_stride, 2 * row);
    if (pass->from == ITERATE_IN_HALF_ROWS) plate_add_stream(&prefetch, 2 + k, plate_old_row(w, j + k), row);
    if (pass->from == ITERATE_IN_U)
      plate_add_stream(&prefetch, 2 + k, (const real *)pass->finest->u + (j + k) * pass->finest->stride, 2 * row);
    if (!k && pass->from == ITERATE_IN_HALF_ROWS && pass->correction)
      plate_add_stream(&prefetch, 4, pass->correction->e + (j / 2 + 1) * pass->correction->stride,
                       (w->half + 1) * (int64_t)sizeof(float));
  }
  return prefetch;
}

static inline void plate_prefetch_lines(struct plate_prefetch *prefetch, int64_t lines) {
  for (int k = 0; k < PLATE_STREAMS; k++)
    for (int64_t n = 0; n < lines && prefetch->next[k] < prefetch->end[k]; n++, prefetch->next[k] += 64)
      __builtin_prefetch(prefetch->next[k], 0, 2);
}

/* Half-columns [from, to) of a row: its black points and its rhs; of a wall, and of a zero iterate, the red points
 * too. */
static void plate_load_row(struct plate_work *w, int32_t row, int64_t from, int64_t to) {
  const struct plate_pass *pass = w->pass;
  const struct plate *plate = pass->plate;
  const size_t bytes = (size_t)(to - from) * sizeof(real);
  const int64_t inner = plate_min(to, w->half);
  real *black = plate_row(w, w->black, w->depth, row), *red = plate_row(w, w->red, w->depth, row);
  if (row >= w->rows) return;
  if (!plate_is_inside(w, row)) {
    void *const *wall = row ? plate->last : plate->first;
    if (!wall[0]) memset(red + from, 0, bytes), memset(black + from, 0, bytes);
    else memcpy(red + from, (real *)wall[0] + from, bytes), memcpy(black + from, (real *)wall[1] + from, bytes);
    return;
  }
  if (pass->g) {
    const real *g = (const real *)pass->g + row * pass->g_stride;
    real *rhs_black = plate_row(w, w->rhs_black, w->depth, row), *rhs_red = plate_row(w, w->rhs_red, w->depth, row);
    plate_deinterleave(row % 2 ? rhs_black : rhs_red, row % 2 ? rhs_red : rhs_black, g, from, inner);
    if (plate_is_zero_level(pass)) {
      memcpy(red + from, rhs_red + from, bytes);
      if (row % 2 == 0) plate_set_walls(w, red, row, from, to);
      return;
    }
  }
  if (pass->from == ITERATE_IN_COARSE) return plate_prolong_row(w, black, row, from, to);
  if (pass->from == ITERATE_LAZY) {
    memset(black + from, 0, bytes);
    if (row % 2) plate_set_walls(w, black, row, from, to);
    return;
  }
  if (pass->from == ITERATE_IN_U) {
    const real *u = (const real *)pass->finest->u + row * pass->finest->stride;
    return plate_every_second(black, u + (row + 1) % 2, from, row % 2 ? to : inner);
  }
  const real *old = plate_old_row(w, row);
  if (!pass->correction) return (void)memcpy(black + from, old + from, bytes);
  const float *e = pass->correction->e + row / 2 * pass->correction->stride;
  const real scale = (real)(0.5 * pass->correction_unit);
  plate_correct_row(black, old, scale, e, row % 2 ? e + pass->correction->stride : e + 1, from, row % 2 ? to : inner);
  if (row % 2) plate_set_walls(w, black, row, from, to);
}
#endif
