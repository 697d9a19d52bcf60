/* Aggregates by pairs of pairs, with a bound on their quality. No operators: see sum_up.c.
 *
 * A pair {i, j} may be one unknown of the coarse level if relaxation reduces the difference of its two values as fast
 * as their coupling says it must:
 *
 *     2 / (1 / d_i + 1 / d_j)  <=  QUALITY (k_ij + 1 / (1 / x_i + 1 / x_j))
 *
 * d are the diagonals, x the row sums. In the second pass, whose rows are pairs, d is the sum of the diagonals of the
 * points: with those of the operator of pairs, conductivities of two values at random take ten times as many cycles.
 * Napov and Notay, section 4, with symmetric Gauss-Seidel.
 */
#include "aggregation.h"
#include <math.h>
#include <stdlib.h>

/* A row that is in no pair so far. The condition number that two levels have at most; and how much of a diagonal may be
 * couplings where relaxation alone is as good. */
enum { PAIR_OPEN = -2 };
static const double QUALITY = 8, COUPLED = 1 - 2 / 8.0;

struct pair_task {
  const struct aggregation_operator *A;
  const double *diagonal;
  struct aggregation_pairs *to;
};

/* The best partner of row i among rows without a pair; -1 if none is good enough. */
static int32_t pair_find(const struct pair_task *t, const struct aggregation_part *part, int32_t i,
                         const struct aggregation_row *row) {
  double best = QUALITY;
  int32_t found = -1;
  const double d = t->diagonal ? t->diagonal[i] : row->diagonal;
  for (uint32_t n = 0; n < row->count; n++) {
    const int32_t j = row->entry[n].column;
    if (j <= i || j >= part->end || t->to->pair[j] != PAIR_OPEN || !(row->entry[n].k > 0)) continue;
    double other, row_sum;
    if (t->A->grid) {
      struct aggregation_row theirs;
      aggregation_fetch(t->A, part, j, &theirs);
      other = theirs.diagonal, row_sum = theirs.row_sum;
    } else other = t->diagonal ? t->diagonal[j] : t->A->diagonal[j], row_sum = t->A->row_sum[j];
    double bond = row->entry[n].k;
    if (row->row_sum > 0 && row_sum > 0) bond += 1 / (1 / row->row_sum + 1 / row_sum);
    const double quality = 2 / (1 / d + 1 / other) / bond;
    if (quality < best) best = quality, found = j;
  }
  return found;
}

static void pair_part(void *task, int32_t k, int32_t parts) {
  const struct pair_task *t = task;
  const struct aggregation_part *part = &t->A->part[k];
  int32_t *pair = t->to->pair, *partner = t->to->partner, count = 0;
  struct aggregation_row row;
  for (int32_t i = part->begin; i < part->end; i++) pair[i] = PAIR_OPEN, partner[i] = -1;
  for (int32_t i = part->begin; i < part->end; i++) {
    if (pair[i] != PAIR_OPEN) continue;
    aggregation_fetch(t->A, part, i, &row);
    pair[i] = -1;
    /* Nothing is there, or relaxation is enough; rows that are pairs have been found to need more. */
    if (!(row.diagonal > 0) || (!t->diagonal && row.diagonal - row.row_sum <= COUPLED * row.diagonal)) continue;
    const int32_t j = pair_find(t, part, i, &row);
    pair[i] = count, partner[i] = j < 0 ? i : j;
    if (j >= 0) pair[j] = count;
    count++;
  }
  t->to->begin[k + 1] = count;
  (void)parts;
}

static void pair_number(void *task, int32_t k, int32_t parts) {
  const struct pair_task *t = task;
  const int32_t first = t->to->begin[k];
  for (int32_t i = t->A->part[k].begin; i < t->A->part[k].end; i++)
    if (t->to->pair[i] >= 0) t->to->pair[i] += first;
  (void)parts;
}

int aggregation_pair(const laplace_grid *grid, const struct aggregation_operator *A, const double *diagonal,
                     struct aggregation_pairs *to) {
  to->pair = aggregation_allocate((size_t)A->rows, sizeof *to->pair);
  to->partner = aggregation_allocate((size_t)A->rows, sizeof *to->partner);
  to->begin = calloc((size_t)A->parts + 1, sizeof *to->begin);
  if (!to->pair || !to->partner || !to->begin) return aggregation_free_pairs(to), fail("out of memory");
  struct pair_task task = {A, diagonal, to};
  aggregation_each_part(grid, A, pair_part, &task);
  for (int32_t k = 0; k < A->parts; k++) to->begin[k + 1] += to->begin[k];
  aggregation_each_part(grid, A, pair_number, &task);
  return LAPLACE_OK;
}

void aggregation_free_pairs(struct aggregation_pairs *pairs) {
  free(pairs->pair), free(pairs->partner), free(pairs->begin);
  *pairs = (struct aggregation_pairs){0};
}
