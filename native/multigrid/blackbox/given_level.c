/* A given level: one that is below no other. Its operator is given, nine coefficients a point, and brought into the
 * form of level.h. Not here: what is done with it, which is the same as with any level of the black-box path.
 */
#include "path.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NW, N, NE, W, C, E, SW, S, SE, NINE };

/* Nine numbers that cancel leave at most so much of the largest: eight additions round by 2^-53 of it each, and so do
 * the eight that it is the sum of. */
static const double GIVEN_ROUNDING = 0x1p-49;

/* Where rows are stored. Equal rows, one after the other, are stored once, if the next one is equal, too: it has the
 * couplings from its ghosts to theirs. NULL if it fails. */
static int32_t *given_place_rows(const double *coefficients, int32_t rows, int32_t cols) {
  int32_t *row = malloc(((size_t)rows + 2) * sizeof *row);
  if (!row) return fail("out of memory"), NULL;
  const size_t line = NINE * (size_t)cols, bytes = line * sizeof *coefficients;
  row[0] = 0;
  for (int32_t i = 1; i <= rows + 1; i++) {
    const double *c = coefficients + (size_t)(i - 1) * line;
    const int equal = i > 1 && i < rows && !memcmp(c, c - line, bytes) && !memcmp(c, c + line, bytes);
    row[i] = row[i - 1] + !equal;
  }
  return row;
}

/* Row i of A, but for periodic ghosts. */
static void given_read_row(laplace_level *a, int32_t i, const double *c, double scale) {
  /* Periodic ghosts follow from the points inside. */
  const int32_t north = i == 1 && a->periodic & LAPLACE_PERIODIC_ROWS ? a->rows - 2 : i - 1;
  const int32_t last = a->periodic & LAPLACE_PERIODIC_COLS ? a->cols - 2 : 0;
  const int64_t at = level_A_row(a, i), up = level_A_row(a, north);
  struct level_operator *A = &a->A;
  for (int32_t j = 1; j < a->cols - 1; j++, c += NINE) {
    if (!(c[C] > 0)) continue;
    const int32_t west = j > 1 ? j - 1 : last;
    double sum = 0;
    float k[NINE];
    for (int t = 0; t < NINE; t++) sum += c[t], k[t] = (float)(scale * -c[t]);
    A->inverse[at + j] = 1; /* of an unknown, until the diagonal is known */
    A->row_sum[at + j] = fabs(sum) > GIVEN_ROUNDING * c[C] ? (float)(scale * sum) : 0;
    /* Both ends of an edge have its coupling, unless one is a Dirichlet point or a ghost. */
    A->s[up + j] = k[N], A->s[at + j] = k[S];
    A->e[at + west] = k[W], A->e[at + j] = k[E];
    A->se[up + west] = k[NW], A->se[at + j] = k[SE];
    A->sw[up + j] = k[NE], A->sw[at + west] = k[SW];
  }
}

laplace_level *laplace_create_level(laplace_grid *finest, int32_t layout, int32_t rows, int32_t cols,
                                    int32_t first_is_coarse, const double *coefficients) {
  if (!finest || !finest->path || !coefficients) return fail("a given level needs a grid that has levels"), NULL;
  if (rows < 1 || cols < 1 || rows > INT32_MAX - 2 || cols > INT32_MAX - 2)
    return fail("there is no level of %d x %d unknowns", rows, cols), NULL;
  if ((rows < 2 && layout & LAPLACE_PERIODIC_ROWS) || (cols < 2 && layout & LAPLACE_PERIODIC_COLS))
    return fail("a single unknown is not its own neighbour"), NULL;
  int32_t *row = given_place_rows(coefficients, rows, cols);
  if (!row) return NULL;
  laplace_level shape = {.finest = finest, .given = 1, .rows = rows + 2, .cols = cols + 2};
  shape.periodic = layout & (LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS);
  shape.first_is_coarse = first_is_coarse != 0;
  laplace_level *level = level_open(shape, &blackbox_levels, row);
  if (!level) return NULL;
  const double scale = finest->path->units(finest).scale;
  for (int32_t i = 1; i <= rows; i++)
    if (row[i] != row[i - 1]) given_read_row(level, i, coefficients + NINE * (size_t)cols * (size_t)(i - 1), scale);
  level_fill_operator_ghosts(level);
  level->A.zero_row_sums = 1;
  for (int32_t i = 1; i <= rows; i++)
    if (row[i] != row[i - 1] && finest->levels->invert(level, i)) level->A.zero_row_sums = 0;
  return level;
}
