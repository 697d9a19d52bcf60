/* The direct solve of the last level of the algebraic preconditioner: A = L D L^T, sparse, the rows with the fewest
 * couplings eliminated first. W. F. Tinney and J. W. Walker, Proc. IEEE 55 (1967) 1801.
 *
 * Row sums and couplings are eliminated apart, and only added, never subtracted: what is known of weak couplings beside
 * strong ones is kept, and a pivot is zero just where A is singular. A. S. Alfa, J. Xue and Q. Ye, Math. Comp. 71
 * (2002) 217.
 */
#include "aggregation.h"
#include <stdlib.h>
#include <string.h>

/* The couplings of a row that are left: to columns that are not eliminated. */
struct eliminate_row {
  int32_t count, room;
  struct aggregation_factor *entry;
};

struct eliminate_rows {
  int32_t rows;
  struct eliminate_row *row;
  double *row_sum;
  int32_t *place; /* of a column in the row at work, from 1 on; 0: none */
  /* Rows by their number of couplings: lists, each the next of the one before; -1 ends. */
  int32_t *first, *next, *previous;
};

static int eliminate_add(struct eliminate_row *row, int32_t column, double k) {
  if (row->count == row->room) {
    const int32_t room = 2 * row->room + 8;
    struct aggregation_factor *entry = realloc(row->entry, (size_t)room * sizeof *entry);
    if (!entry) return 0;
    row->entry = entry, row->room = room;
  }
  row->entry[row->count++] = (struct aggregation_factor){column, k};
  return 1;
}

static void eliminate_list(struct eliminate_rows *all, int32_t i) {
  const int32_t count = all->row[i].count, head = all->first[count];
  all->next[i] = head, all->previous[i] = -1;
  if (head >= 0) all->previous[head] = i;
  all->first[count] = i;
}

static void eliminate_unlist(struct eliminate_rows *all, int32_t i) {
  if (all->previous[i] >= 0) all->next[all->previous[i]] = all->next[i];
  else all->first[all->row[i].count] = all->next[i];
  if (all->next[i] >= 0) all->previous[all->next[i]] = all->previous[i];
}

/* The couplings of `own`, which is eliminated, lead on from its neighbour: to all others, by their parts. */
static int eliminate_from(struct eliminate_rows *all, int32_t neighbour, int32_t eliminated,
                          const struct aggregation_factor *own, int32_t count, double part) {
  struct eliminate_row *row = &all->row[neighbour];
  for (int32_t n = 0; n < row->count; n++)
    if (row->entry[n].column == eliminated) {
      row->entry[n] = row->entry[--row->count];
      break;
    }
  if (count == 1) return 1;
  for (int32_t n = 0; n < row->count; n++) all->place[row->entry[n].column] = n + 1;
  int has_room = 1;
  for (int32_t n = 0; has_room && n < count; n++) {
    const int32_t column = own[n].column, place = all->place[column];
    if (column == neighbour) continue;
    if (place) row->entry[place - 1].k += part * own[n].k;
    else has_room = eliminate_add(row, column, part * own[n].k);
  }
  for (int32_t n = 0; n < row->count; n++) all->place[row->entry[n].column] = 0;
  return has_room;
}

static int eliminate_row(struct eliminate_rows *all, int32_t i, struct aggregation_pivot *pivot) {
  struct eliminate_row *own = &all->row[i];
  double sum = all->row_sum[i];
  for (int32_t n = 0; n < own->count; n++) sum += own->entry[n].k;
  *pivot = (struct aggregation_pivot){.row = i, .count = own->count, .inverse = sum > 0 ? 1 / sum : 0};
  for (int32_t n = 0; n < own->count; n++) {
    const int32_t neighbour = own->entry[n].column;
    const double part = own->entry[n].k * pivot->inverse;
    eliminate_unlist(all, neighbour);
    if (!eliminate_from(all, neighbour, i, own->entry, own->count, part)) return 0;
    all->row_sum[neighbour] += part * all->row_sum[i];
    eliminate_list(all, neighbour);
  }
  pivot->part = own->entry, own->entry = NULL;
  for (int32_t n = 0; n < pivot->count; n++) pivot->part[n].k *= pivot->inverse;
  return 1;
}

static int eliminate_open(struct eliminate_rows *all, const struct aggregation_operator *A) {
  const size_t rows = (size_t)A->rows;
  all->rows = A->rows;
  all->row = calloc(rows, sizeof *all->row);
  all->row_sum = malloc(rows * sizeof *all->row_sum);
  all->place = calloc(rows, sizeof *all->place);
  all->first = malloc(rows * sizeof *all->first);
  all->next = malloc(rows * sizeof *all->next), all->previous = malloc(rows * sizeof *all->previous);
  if (!all->row || !all->row_sum || !all->place || !all->first || !all->next || !all->previous) return 0;
  memcpy(all->row_sum, A->row_sum, rows * sizeof *all->row_sum);
  for (int32_t i = 0; i < A->rows; i++) all->first[i] = -1;
  for (int32_t p = 0; p < A->parts; p++)
    for (int32_t i = A->part[p].begin; i < A->part[p].end; i++) {
      const struct aggregation_part *part = &A->part[p];
      for (uint32_t at = part->start[i - part->begin]; at < part->start[i - part->begin + 1]; at++)
        if (part->entry[at].k > 0 && !eliminate_add(&all->row[i], part->entry[at].column, part->entry[at].k)) return 0;
      eliminate_list(all, i);
    }
  return 1;
}

static void eliminate_close(struct eliminate_rows *all) {
  for (int32_t i = 0; all->row && i < all->rows; i++) free(all->row[i].entry);
  free(all->row), free(all->row_sum), free(all->place), free(all->first), free(all->next), free(all->previous);
}

int aggregation_eliminate(const struct aggregation_operator *A, struct aggregation_pivot *pivots) {
  struct eliminate_rows all = {0};
  int has_room = eliminate_open(&all, A);
  int32_t count = 0;
  for (int32_t done = 0; has_room && done < A->rows; done++) {
    while (all.first[count] < 0) count++;
    const int32_t i = all.first[count];
    eliminate_unlist(&all, i);
    has_room = eliminate_row(&all, i, &pivots[done]);
    /* Its neighbours have one coupling less, at least. */
    count = 0;
  }
  eliminate_close(&all);
  return has_room ? LAPLACE_OK : fail("out of memory");
}

void aggregation_solve_pivots(const struct aggregation_pivot *pivots, int32_t rows, const double *f, double *e) {
  memcpy(e, f, (size_t)rows * sizeof *e);
  for (int32_t at = 0; at < rows; at++) {
    const struct aggregation_pivot *pivot = &pivots[at];
    const double own = e[pivot->row];
    for (int32_t n = 0; n < pivot->count; n++) e[pivot->part[n].column] += pivot->part[n].k * own;
    e[pivot->row] = own * pivot->inverse;
  }
  for (int32_t at = rows - 1; at >= 0; at--) {
    const struct aggregation_pivot *pivot = &pivots[at];
    double sum = e[pivot->row];
    for (int32_t n = 0; n < pivot->count; n++) sum += pivot->part[n].k * e[pivot->part[n].column];
    e[pivot->row] = sum;
  }
}
