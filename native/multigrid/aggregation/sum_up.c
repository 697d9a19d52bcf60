/* Coarse operators of the algebraic preconditioner: P^T A P where P is constant on each pair. */
#include "aggregation.h"
#include <stdlib.h>
#include <string.h>

struct sum_up_task {
  const struct aggregation_operator *A;
  const struct aggregation_pairs *pairs;
  struct aggregation_operator *to;
  double *diagonals;
  int is_level; /* cycles will visit it: couplings are put in order */
  int failed;
};

static int sum_up_allocate(struct aggregation_part *part, uint64_t entries, int is_level) {
  const size_t rows = (size_t)(part->end - part->begin) + 1;
  if (is_level) entries += 2 * (AGGREGATION_TOGETHER - 1) * (uint64_t)rows; /* that fill up groups */
  if (entries > UINT32_MAX) return fail("a thread cannot have %llu couplings", (unsigned long long)entries), 0;
  part->start = aggregation_allocate(rows, sizeof *part->start);
  part->entry = aggregation_allocate((size_t)entries, sizeof *part->entry);
  if (!is_level) return part->start && part->entry;
  part->later = aggregation_allocate(rows, sizeof *part->later);
  part->others = aggregation_allocate(rows, sizeof *part->others);
  return part->start && part->later && part->others && part->entry;
}

/* Couplings at most: those of all rows. The system gives no memory for what is not written. */
static uint64_t sum_up_most(const struct aggregation_operator *A, const struct aggregation_part *part) {
  return A->grid ? 4 * (uint64_t)(part->end - part->begin) : part->start[part->end - part->begin];
}

/* Adds the couplings of a row to those of its pair, from `first` on. Returns where they end. */
static uint32_t sum_up_row(const struct sum_up_task *t, const struct aggregation_row *row, int32_t own,
                           struct aggregation_entry *entry, uint32_t first, uint32_t end) {
  for (uint32_t n = 0; n < row->count; n++) {
    const int32_t pair = t->pairs->pair[row->entry[n].column];
    if (pair == own) continue;
    if (pair < 0) {
      t->to->row_sum[own] += row->entry[n].k;
      continue;
    }
    uint32_t at = first;
    while (at < end && entry[at].column != pair) at++;
    if (at < end) entry[at].k += row->entry[n].k;
    else entry[end++] = (struct aggregation_entry){pair, row->entry[n].k};
  }
  return end;
}

/* The order of a coupling in its row. */
static int64_t sum_up_place(const struct aggregation_part *part, int32_t own, struct aggregation_entry one) {
  if (one.column < part->begin || one.column >= part->end) return INT64_MAX;
  return one.column < own ? one.column : ((int64_t)1 << 33) - one.column;
}

/* Puts the couplings of row n of a part in order, from `first` on. Returns where they end. */
static uint32_t sum_up_order(struct aggregation_part *part, uint32_t n, uint32_t first, uint32_t end) {
  const int32_t own = part->begin + (int32_t)n;
  struct aggregation_entry *entry = part->entry;
  uint32_t earlier = first, later = first;
  for (uint32_t at = first; at < end; at++) {
    const struct aggregation_entry one = entry[at];
    const int64_t place = sum_up_place(part, own, one);
    uint32_t to = at;
    for (; to > first && sum_up_place(part, own, entry[to - 1]) > place; to--) entry[to] = entry[to - 1];
    entry[to] = one;
    earlier += place < own, later += place < INT64_MAX;
    const int32_t reach = place < INT64_MAX ? abs(one.column - own) : 0;
    if (reach > part->reach) part->reach = reach;
  }
  /* Groups are filled up in front, so that the coupling to the next row is the last one. */
  const uint32_t gap = (first - earlier) % AGGREGATION_TOGETHER, gap_later = (earlier - later) % AGGREGATION_TOGETHER;
  const uint32_t second = earlier + gap;
  memmove(entry + second + gap_later, entry + earlier, (end - earlier) * sizeof *entry);
  memmove(entry + first + gap, entry + first, (earlier - first) * sizeof *entry);
  for (uint32_t at = 0; at < gap; at++) entry[first + at] = (struct aggregation_entry){own, 0};
  for (uint32_t at = 0; at < gap_later; at++) entry[second + at] = (struct aggregation_entry){own, 0};
  part->start[n] = first, part->later[n] = second, part->others[n] = later + gap + gap_later;
  part->borders += later < end;
  return end + gap + gap_later;
}

/* The rows that are coupled to other parts, once all rows are there. */
static int sum_up_list_borders(struct aggregation_part *part) {
  const size_t borders = (size_t)part->borders;
  part->border = aggregation_allocate(borders, sizeof *part->border);
  part->border_f = aggregation_allocate(borders, sizeof *part->border_f);
  if (!part->border || !part->border_f) return 0;
  int32_t count = 0;
  for (int32_t i = part->begin; i < part->end && count < part->borders; i++)
    if (part->others[i - part->begin] < part->start[i - part->begin + 1]) part->border[count++] = i;
  return 1;
}

static void sum_up_part(void *task, int32_t k, int32_t parts) {
  struct sum_up_task *t = task;
  const struct aggregation_part *from = &t->A->part[k];
  struct aggregation_part *to = &t->to->part[k];
  const int32_t *partner = t->pairs->partner;
  to->begin = t->pairs->begin[k], to->end = t->pairs->begin[k + 1];
  if (!sum_up_allocate(to, sum_up_most(t->A, from), t->is_level)) {
    __atomic_store_n(&t->failed, 1, __ATOMIC_RELAXED);
    return;
  }
  int32_t own = to->begin;
  uint32_t end = 0;
  struct aggregation_row row;
  for (int32_t i = from->begin; i < from->end; i++) {
    if (partner[i] < 0) continue;
    const int32_t members[2] = {i, partner[i]}, count = partner[i] == i ? 1 : 2;
    const uint32_t first = end;
    double row_sum = 0, diagonals = 0;
    t->to->row_sum[own] = 0;
    for (int32_t m = 0; m < count; m++) {
      aggregation_fetch(t->A, from, members[m], &row);
      end = sum_up_row(t, &row, own, to->entry, first, end);
      row_sum += row.row_sum, diagonals += row.diagonal;
    }
    double diagonal = t->to->row_sum[own] += row_sum;
    for (uint32_t at = first; at < end; at++) diagonal += to->entry[at].k;
    t->to->diagonal[own] = diagonal;
    if (t->diagonals) t->diagonals[own] = diagonals;
    if (t->is_level) end = sum_up_order(to, (uint32_t)(own - to->begin), first, end);
    else to->start[own - to->begin] = first;
    own++;
  }
  to->start[to->end - to->begin] = end;
  if (t->is_level && !sum_up_list_borders(to)) __atomic_store_n(&t->failed, 1, __ATOMIC_RELAXED);
  (void)parts;
}

/* Makes one part of several, where there are few rows: pairs do not leave their part. */
static int sum_up_merge(struct aggregation_operator *A) {
  struct aggregation_part *one = calloc(1, sizeof *one);
  uint64_t entries = 0;
  uint32_t end = 0;
  if (!one) return 0;
  for (int32_t k = 0; k < A->parts; k++) entries += A->part[k].start[A->part[k].end - A->part[k].begin];
  one->end = A->rows;
  const int has_room = sum_up_allocate(one, entries, 1);
  for (int32_t k = 0; has_room && k < A->parts; k++)
    for (int32_t i = A->part[k].begin; i < A->part[k].end; i++) {
      const struct aggregation_part *part = &A->part[k];
      const uint32_t *from = part->start + (i - part->begin), first = end;
      for (uint32_t at = from[0]; at < from[1]; at++)
        if (part->entry[at].k > 0) one->entry[end++] = part->entry[at];
      end = sum_up_order(one, (uint32_t)i, first, end);
    }
  if (has_room) one->start[A->rows] = end;
  aggregation_free_parts(A);
  A->part = one, A->parts = 1;
  return has_room && sum_up_list_borders(one);
}

int aggregation_sum_up(const laplace_grid *grid, const struct aggregation_operator *A,
                       const struct aggregation_pairs *pairs, struct aggregation_operator *to, double **diagonals) {
  *to = (struct aggregation_operator){.rows = pairs->begin[A->parts], .parts = A->parts};
  const size_t rows = (size_t)to->rows;
  to->part = calloc((size_t)to->parts, sizeof *to->part);
  to->row_sum = aggregation_allocate(rows, sizeof *to->row_sum);
  to->diagonal = aggregation_allocate(rows, sizeof *to->diagonal);
  if (diagonals) *diagonals = aggregation_allocate(rows, sizeof **diagonals);
  struct sum_up_task task = {A, pairs, to, diagonals ? *diagonals : NULL, diagonals == NULL, 0};
  if (to->part && to->row_sum && to->diagonal && (!diagonals || *diagonals)) {
    aggregation_each_part(grid, A, sum_up_part, &task);
    const int few = task.is_level && to->parts > 1 && to->rows < AGGREGATION_FEW;
    if (!task.failed && (!few || sum_up_merge(to))) return LAPLACE_OK;
  }
  aggregation_free_operator(to);
  return fail("out of memory");
}
