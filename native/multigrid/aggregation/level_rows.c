/* Rows of the levels of the algebraic preconditioner: Gauss-Seidel, and what it leaves. Not here: in which order, and
 * which thread: level.c. Compiled for each instruction set.
 *
 * Couplings lie in fours, so that most rows take one round of each loop: loops of three or four rounds, which no
 * processor predicts, took a third longer.
 */
#include "aggregation.h"
#include "../../sweep/vector.h"

/* sum + k e over couplings [from, end), four at a time. The last one may have been written just now. */
INLINE double rows_add(double sum, const struct aggregation_part *part, uint32_t from, uint32_t end, const double *e) {
  for (uint32_t at = from; at < end; at += AGGREGATION_TOGETHER)
    for (int n = 0; n < AGGREGATION_TOGETHER; n++) sum += (double)part->entry[at + n].k * e[part->entry[at + n].column];
  return sum;
}

/* e from zero, forward, in rows [from, end). */
static void rows_forward(const struct aggregation_level *level, const struct aggregation_part *part, int32_t from,
                         int32_t end) {
  const double *f = level->f, *inverse = level->inverse;
  double *e = level->e;
  for (int32_t i = from; i < end; i++) {
    const int32_t n = i - part->begin;
    e[i] = inverse[i] * rows_add(f[i], part, part->start[n], part->later[n], e);
  }
}

/* Adds what that leaves to f of the level below: couplings to earlier rows leave nothing. */
static void rows_restrict(const struct aggregation_level *level, const struct aggregation_part *part, double *below,
                          int32_t from, int32_t end) {
  for (int32_t i = from; i < end; i++) {
    const int32_t n = i - part->begin;
    if (level->aggregate[i] >= 0)
      below[level->aggregate[i]] += rows_add(0, part, part->later[n], part->others[n], level->e);
  }
}

/* Adds e of the level below, in rows [from, end). */
static void rows_correct(const struct aggregation_level *level, const double *below, int32_t from, int32_t end) {
  for (int32_t i = from; i < end; i++)
    if (level->aggregate[i] >= 0) level->e[i] += below[level->aggregate[i]];
}

/* Relaxes e backward. */
static void rows_backward(const struct aggregation_level *level, const struct aggregation_part *part, int32_t from,
                          int32_t end) {
  const double *f = level->f, *inverse = level->inverse;
  double *e = level->e, *moved = level->moved;
  for (int32_t i = end - 1; i >= from; i--) {
    const int32_t n = i - part->begin;
    const double next = inverse[i] * rows_add(f[i], part, part->start[n], part->others[n], e);
    moved[i] = next - e[i], e[i] = next;
  }
}

/* r = f - A e: what earlier rows have moved since. Adds e f, e r and e q to the sums. */
static void rows_residual(const struct aggregation_level *level, const struct aggregation_part *part, int32_t from,
                          int32_t end, double sum[3]) {
  const double *e = level->e, *f = level->f, *q = level->q;
  double ef = 0, er = 0, eq = 0;
  for (int32_t i = from; i < end; i++) {
    const int32_t n = i - part->begin;
    const double r = level->r[i] = rows_add(0, part, part->start[n], part->later[n], level->moved);
    ef += e[i] * f[i], er += e[i] * r, eq += e[i] * q[i];
  }
  sum[0] += ef, sum[1] += er, sum[2] += eq;
}

const struct aggregation_rows NAME(aggregation_rows) = {rows_forward, rows_restrict, rows_correct, rows_backward,
                                                        rows_residual};
