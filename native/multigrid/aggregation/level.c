/* Levels of the algebraic preconditioner: Gauss-Seidel, the K-cycle. Not here: the direct solve of the last one
 * (eliminate.c).
 *
 * Relaxation before the coarse correction goes forward from zero: it takes no more than the entries to earlier rows,
 * and the residual no more than the others. After it relaxation goes backward, so that a cycle is symmetric; what it
 * leaves follows from how far earlier rows moved. All of this follows a few rows behind, while a row is in cache. Rows
 * of other threads have their old values, so results depend on the number of threads, though not on chance.
 */
#include "aggregation.h"
#include <stdlib.h>
#include <string.h>

/* One step of conjugate gradients is enough if it leaves no more of the residual. 2049^2, two values 1e6 apart at
 * random: 23 steps with 0.25 and 0.4, 27 with 0.5, 30 with 0.6; 0.4 takes a fifth less time than 0.25, Notay's. */
static const double LEVEL_ENOUGH = 0.4;

/* ---- memory ---- */

int aggregation_open_level(struct aggregation_level *level) {
  const size_t rows = (size_t)level->A.rows;
  double **vectors[] = {&level->inverse, &level->f, &level->e, &level->moved, &level->r, &level->z, &level->q};
  for (size_t k = 0; k < sizeof vectors / sizeof *vectors; k++)
    if (!(*vectors[k] = aggregation_allocate(rows, sizeof **vectors[k]))) return LAPLACE_FAILED;
  for (int32_t i = 0; i < level->A.rows; i++) {
    level->inverse[i] = level->A.diagonal[i] > 0 ? 1 / level->A.diagonal[i] : 0;
    level->q[i] = level->e[i] = level->z[i] = level->moved[i] = 0; /* whatever is multiplied by 0 must be finite */
  }
  return LAPLACE_OK;
}

void aggregation_free_level(struct aggregation_level *level) {
  aggregation_free_operator(&level->A);
  free(level->inverse), free(level->aggregate);
  free(level->f), free(level->e), free(level->moved), free(level->r), free(level->z), free(level->q);
}

/* ---- work of threads ---- */

struct level_task {
  struct aggregation_level *level, *below;
  const struct aggregation_rows *rows;
  double factor, combine[2];
  double (*sum)[3]; /* of each part */
};

/* Rows at a time, before what is some rows behind: few enough to stay in cache, with those between. */
enum { LEVEL_ROWS = 1024 };

#define LEVEL_PART                                                                                                     \
  struct level_task *t = task;                                                                                         \
  const struct aggregation_level *level = t->level;                                                                    \
  const struct aggregation_part *part = &level->A.part[k];                                                             \
  (void)parts

static void level_down(void *task, int32_t k, int32_t parts) {
  LEVEL_PART;
  const struct aggregation_rows *rows = t->rows;
  double *below = t->below->f;
  int32_t done = part->begin;
  for (int32_t i = part->begin; i < part->end; i += LEVEL_ROWS) {
    const int32_t end = i + LEVEL_ROWS < part->end ? i + LEVEL_ROWS : part->end;
    rows->forward(level, part, i, end);
    const int32_t ready = end == part->end ? end : end - part->reach;
    if (ready > done) rows->restrict_rows(level, part, below, done, ready), done = ready;
  }
}

/* f of the level below becomes zero. */
static void level_clear_below(void *task, int32_t k, int32_t parts) {
  const struct level_task *t = task;
  const int32_t rows = t->below->A.rows, from = share_begin(rows, k, parts), end = share_begin(rows, k + 1, parts);
  memset(t->below->f + from, 0, (size_t)(end - from) * sizeof *t->below->f);
}

/* The sum of k e over couplings [from, end). */
static inline double level_sum_of(const struct aggregation_part *part, uint32_t from, uint32_t end, const double *e) {
  double sum = 0;
  for (uint32_t at = from; at < end; at++) sum += (double)part->entry[at].k * e[part->entry[at].column];
  return sum;
}

/* Couplings to other parts leave theirs. */
static void level_restrict_borders(void *task, int32_t k, int32_t parts) {
  LEVEL_PART;
  double *below = t->below->f;
  for (int32_t b = 0; b < part->borders; b++) {
    const int32_t i = part->border[b], n = i - part->begin;
    if (level->aggregate[i] >= 0)
      below[level->aggregate[i]] += level_sum_of(part, part->others[n], part->start[n + 1], level->e);
  }
}

/* f gets what couplings to other parts bring, which stays as it is while e is relaxed. */
static void level_add_borders(void *task, int32_t k, int32_t parts) {
  LEVEL_PART;
  const double *below = t->below->e;
  for (int32_t b = 0; b < part->borders; b++) {
    const int32_t i = part->border[b], n = i - part->begin;
    part->border_f[b] = level->f[i];
    for (uint32_t at = part->others[n]; at < part->start[n + 1]; at++) {
      const int32_t j = part->entry[at].column;
      level->f[i] += part->entry[at].k * (level->e[j] + (level->aggregate[j] < 0 ? 0 : below[level->aggregate[j]]));
    }
  }
}

static void level_up(void *task, int32_t k, int32_t parts) {
  LEVEL_PART;
  const struct aggregation_rows *rows = t->rows;
  double *sum = t->sum[k];
  int32_t corrected = part->end, done = part->end;
  sum[0] = sum[1] = sum[2] = 0;
  for (int32_t end = part->end; end > part->begin; end -= LEVEL_ROWS) {
    const int32_t from = end - LEVEL_ROWS > part->begin ? end - LEVEL_ROWS : part->begin;
    const int32_t needed = from - part->reach > part->begin ? from - part->reach : part->begin;
    if (needed < corrected) rows->correct(level, t->below->e, needed, corrected), corrected = needed;
    rows->backward(level, part, from, end);
    const int32_t ready = from == part->begin ? from : from + part->reach;
    if (ready < done) rows->residual(level, part, ready, done, sum), done = ready;
  }
}

/* f is as it was, and r has what couplings to other parts leave: what the rows there have moved. */
static void level_residual_borders(void *task, int32_t k, int32_t parts) {
  LEVEL_PART;
  double *sum = t->sum[k];
  for (int32_t b = 0; b < part->borders; b++) {
    const int32_t i = part->border[b], n = i - part->begin;
    const double r = level_sum_of(part, part->others[n], part->start[n + 1], level->moved);
    sum[0] += level->e[i] * (part->border_f[b] - level->f[i]), sum[1] += level->e[i] * r;
    level->f[i] = part->border_f[b], level->r[i] += r;
  }
}

/* q = A e = f - r;  f -= factor q; sums of f f before and after. */
static void level_subtract(void *task, int32_t k, int32_t parts) {
  LEVEL_PART;
  double *f = level->f, *q = level->q, before = 0, after = 0;
  const double *r = level->r, factor = t->factor;
  for (int32_t i = part->begin; i < part->end; i++) {
    before += f[i] * f[i];
    q[i] = f[i] - r[i], f[i] -= factor * q[i];
    after += f[i] * f[i];
  }
  t->sum[k][0] = before, t->sum[k][1] = after;
}

/* e = combine[0] e + combine[1] z. */
static void level_combine(void *task, int32_t k, int32_t parts) {
  LEVEL_PART;
  const double own = t->combine[0], first = t->combine[1], *z = level->z;
  double *e = level->e;
  if (first == 0)
    for (int32_t i = part->begin; i < part->end; i++) e[i] *= own;
  else
    for (int32_t i = part->begin; i < part->end; i++) e[i] = own * e[i] + first * z[i];
}

static void level_run(struct laplace_aggregation *a, struct level_task *task,
                      void (*work)(void *task, int32_t part, int32_t parts)) {
  aggregation_each_part(a->grid, &task->level->A, work, task);
}

static double level_sum(const struct level_task *task, int which) {
  double sum = 0;
  for (int32_t k = 0; k < task->level->A.parts; k++) sum += task->sum[k][which];
  return sum;
}

/* ---- cycles ---- */

/* Elimination; or relaxation, there and back, where there are too many rows. */
static void level_solve_last(const struct laplace_aggregation *a, struct aggregation_level *level) {
  if (a->pivots) return aggregation_solve_pivots(a->pivots, level->A.rows, level->f, level->e);
  for (int32_t k = 0; k < level->A.parts; k++) {
    const struct aggregation_part *part = &level->A.part[k];
    a->rows->forward(level, part, part->begin, part->end);
    a->rows->backward(level, part, part->begin, part->end);
  }
}

/* One cycle from zero: e, and r, and the sums of e f, e r and e q. */
static void level_cycle(struct laplace_aggregation *a, int32_t l, double sums[3]) {
  struct aggregation_level *level = &a->level[l];
  double of_parts[level->A.parts][3];
  struct level_task task = {.level = level, .below = level + 1, .rows = a->rows, .sum = of_parts};
  const int alone = level->A.parts == 1;
  level_run(a, &task, level_clear_below);
  level_run(a, &task, level_down);
  if (!alone) level_run(a, &task, level_restrict_borders);
  aggregation_solve(a, l + 1);
  if (!alone) level_run(a, &task, level_add_borders);
  level_run(a, &task, level_up);
  if (!alone) level_run(a, &task, level_residual_borders);
  for (int which = 0; which < 3; which++) sums[which] = level_sum(&task, which);
}

void aggregation_solve(struct laplace_aggregation *a, int32_t l) {
  struct aggregation_level *level = &a->level[l];
  if (l == a->levels - 1) return level_solve_last(a, level);
  double sums[3], of_parts[level->A.parts][3];
  struct level_task task = {.level = level, .sum = of_parts};
  level_cycle(a, l, sums);
  /* <e, A e> = <e, f - r> */
  const double first = sums[0] - sums[1], alpha = first > 0 ? sums[0] / first : 0;
  task.factor = task.combine[0] = alpha;
  level_run(a, &task, level_subtract);
  const double before = level_sum(&task, 0), after = level_sum(&task, 1);
  if (!(first > 0) || after <= LEVEL_ENOUGH * LEVEL_ENOUGH * before) return level_run(a, &task, level_combine);
  double *z = level->z;
  level->z = level->e, level->e = z;
  level_cycle(a, l, sums);
  /* The second direction without its part along the first. */
  const double shared = sums[2], second = sums[0] - sums[1] - shared * shared / first;
  const double beta = second > 0 ? sums[0] / second : 0;
  task.combine[0] = beta, task.combine[1] = alpha - beta * shared / first;
  level_run(a, &task, level_combine);
}
