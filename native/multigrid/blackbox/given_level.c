/* A level of the general path that is below no other: its equations are given, nine coefficients a point, and brought into the
 * form of level.h. Not here: what is done with it, which is what is done with every level.
 */
#include "path.h"
#include "../kernels.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NW, N, NE, W, C, E, SW, S, SE, NINE };

/* Nine numbers that cancel leave so much of the largest at the most: eight sums, and the eight that it is made of, round by
 * 2^-53 of it each. */
static const double ROUNDING = 0x1p-49;

/* Where rows are stored: those that are alike, one after the other, once, if the next one is like them, too: it has the couplings
 * that lead from its ring to theirs. NULL if it fails. */
static int32_t *place(const double *coefficients, int32_t rows, int32_t cols) {
  int32_t *row = malloc(((size_t)rows + 2) * sizeof *row);
  if (!row) return fail("out of memory"), NULL;
  const size_t line = NINE * (size_t)cols, bytes = line * sizeof *coefficients;
  row[0] = 0;
  for (int32_t i = 1; i <= rows + 1; i++) {
    const double *c = coefficients + (size_t)(i - 1) * line;
    const int alike = i > 1 && i < rows && !memcmp(c, c - line, bytes) && !memcmp(c, c + line, bytes);
    row[i] = row[i - 1] + !alike;
  }
  return row;
}

/* The operator of row i, but for images. */
static void read_row(laplace_level *a, int32_t i, const double *c, double scale) {
  /* Where an axis wraps, images follow from what is inside. */
  const int32_t north = i == 1 && a->wrap & LAPLACE_PERIODIC_ROWS ? a->rows - 2 : i - 1, last = a->wrap & LAPLACE_PERIODIC_COLS ? a->cols - 2 : 0;
  const int64_t at = operator_row(a, i), up = operator_row(a, north);
  for (int32_t j = 1; j < a->cols - 1; j++, c += NINE) {
    if (!(c[C] > 0)) continue;
    const int32_t west = j > 1 ? j - 1 : last;
    double sum = 0;
    float k[NINE];
    for (int t = 0; t < NINE; t++) sum += c[t], k[t] = (float)(scale * -c[t]);
    a->inverse[at + j] = 1; /* not yet */
    a->excess[at + j] = fabs(sum) > ROUNDING * c[C] ? (float)(scale * sum) : 0;
    /* Both ends of an edge have it, unless one is fixed, or in the ring. */
    a->south[up + j] = k[N], a->south[at + j] = k[S];
    a->east[at + west] = k[W], a->east[at + j] = k[E];
    a->falling[up + west] = k[NW], a->falling[at + j] = k[SE];
    a->rising[up + j] = k[NE], a->rising[at + west] = k[SW];
  }
}

laplace_level *laplace_create_level(laplace_grid *finest, int32_t layout, int32_t rows, int32_t cols, int32_t first_is_coarse,
                                    const double *coefficients) {
  if (!finest || !finest->path || !coefficients) return fail("equations need a grid that has levels"), NULL;
  if (rows < 1 || cols < 1 || rows > INT32_MAX - 2 || cols > INT32_MAX - 2) return fail("there is no level of %d x %d unknowns", rows, cols), NULL;
  if ((rows < 2 && layout & LAPLACE_PERIODIC_ROWS) || (cols < 2 && layout & LAPLACE_PERIODIC_COLS))
    return fail("a single unknown is not its own neighbour"), NULL;
  int32_t *row = place(coefficients, rows, cols);
  if (!row) return NULL;
  laplace_level *level = level_open((laplace_level){.finest = finest, .given = 1, .rows = rows + 2, .cols = cols + 2,
                                                    .origin = first_is_coarse != 0,
                                                    .wrap = layout & (LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS)},
                                    &general_levels, row);
  if (!level) return NULL;
  if (level_open_scratch(level) != LAPLACE_OK) return laplace_level_free(level), NULL;
  double scale, unit;
  finest->path->units(finest, &scale, &unit);
  const size_t line = NINE * (size_t)cols;
  for (int32_t i = 1; i <= rows; i++)
    if (row[i] != row[i - 1]) read_row(level, i, coefficients + (size_t)(i - 1) * line, scale);
  level_wrap_operator(level);
  level->tight = 1;
  for (int32_t i = 1; i <= rows; i++)
    if (row[i] != row[i - 1] && finest->levels->invert(level, i)) level->tight = 0;
  return level;
}
