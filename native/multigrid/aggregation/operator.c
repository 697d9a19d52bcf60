/* Operators of the algebraic preconditioner: their rows, and the parts that threads have. */
#include "aggregation.h"
#include "../blackbox/fine.h"
#include "../multigrid.h"
#include <stdlib.h>
#include <string.h>

/* Rows that a thread must have before another one is worth waiting for. */
enum { OPERATOR_ROWS_OF_A_THREAD = AGGREGATION_FEW / 2 };

void *aggregation_allocate(size_t count, size_t size) {
  const size_t bytes = count * size + 64;
  void *memory = bytes < HUGE_PAGE_BYTES ? malloc(bytes) : multigrid_reserve(bytes);
  if (!memory) fail("%zu bytes could not be allocated", bytes);
  return memory;
}

int aggregation_of_grid(const laplace_grid *grid, struct aggregation_operator *A) {
  *A = (struct aggregation_operator){.grid = grid, .rows = (int32_t)(grid->rows * grid->stride)};
  const int64_t points = (int64_t)(grid->rows - 2) * (grid->cols - 2), enough = points / OPERATOR_ROWS_OF_A_THREAD;
  const int64_t most = enough < grid->rows - 2 ? enough : grid->rows - 2;
  A->parts = most < 1 ? 1 : most < grid->threads ? (int32_t)most : grid->threads;
  if (!(A->part = calloc((size_t)A->parts, sizeof *A->part))) return fail("out of memory");
  for (int32_t k = 0; k < A->parts; k++) {
    A->part[k].begin = (int32_t)((1 + share_begin(grid->rows - 2, k, A->parts)) * grid->stride);
    A->part[k].end = (int32_t)((1 + share_begin(grid->rows - 2, k + 1, A->parts)) * grid->stride);
  }
  return LAPLACE_OK;
}

static inline double operator_number(const laplace_grid *grid, const void *field, int64_t at) {
  return grid->dtype == 8 ? ((const double *)field)[at] : (double)((const float *)field)[at];
}

/* A point of a grid: fixed points and ghosts have no row, and what couples to them is a row sum. */
static void operator_fetch_point(const laplace_grid *grid, int32_t at, struct aggregation_row *row) {
  const struct fine *a = grid->multigrid;
  const int32_t i = (int32_t)(at / grid->stride), j = (int32_t)(at % grid->stride);
  *row = (struct aggregation_row){.entry = row->own};
  if (j < 1 || j >= grid->cols - 1) return;
#define OPERATOR_FREE(i_, j_) (a->inverse[a->row[i_] * a->pitch_f32 + (j_)] != 0)
  if (!OPERATOR_FREE(i, j)) return;
  const int64_t here = a->row[i] * grid->stride + j, up = a->row[i - 1] * grid->stride + j;
  const double k[4] = {operator_number(grid, a->s, up), operator_number(grid, a->e, here - 1),
                       operator_number(grid, a->e, here), operator_number(grid, a->s, here)};
  int32_t to_row[4] = {i - 1, i, i, i + 1}, to_col[4] = {j, j - 1, j + 1, j};
  if (grid->layout & LAPLACE_PERIODIC_ROWS) {
    if (to_row[0] == 0) to_row[0] = grid->rows - 2;
    if (to_row[3] == grid->rows - 1) to_row[3] = 1;
  }
  if (grid->layout & LAPLACE_PERIODIC_COLS) {
    if (to_col[1] == 0) to_col[1] = grid->cols - 2;
    if (to_col[2] == grid->cols - 1) to_col[2] = 1;
  }
  double own = a->row_sum ? operator_number(grid, a->row_sum, here) : 0;
  row->row_sum = own, row->diagonal = own;
  for (int n = 0; n < 4; n++) {
    if (!(k[n] > 0) || (to_row[n] == i && to_col[n] == j)) continue;
    row->diagonal += k[n];
    if (!OPERATOR_FREE(to_row[n], to_col[n])) {
      row->row_sum += k[n];
      continue;
    }
    const int32_t column = (int32_t)(to_row[n] * grid->stride + to_col[n]);
    row->own[row->count++] = (struct aggregation_entry){column, (float)k[n]};
  }
#undef OPERATOR_FREE
}

void aggregation_fetch(const struct aggregation_operator *A, const struct aggregation_part *part, int32_t i,
                       struct aggregation_row *row) {
  if (A->grid) return operator_fetch_point(A->grid, i, row);
  const uint32_t *start = part->start + (i - part->begin);
  row->entry = part->entry + start[0], row->count = start[1] - start[0];
  row->row_sum = A->row_sum[i], row->diagonal = A->diagonal[i];
}

void aggregation_free_parts(struct aggregation_operator *A) {
  for (int32_t k = 0; A->part && k < A->parts; k++) {
    struct aggregation_part *part = &A->part[k];
    free(part->start), free(part->later), free(part->others), free(part->entry);
    free(part->border), free(part->border_f);
  }
  free(A->part);
  A->part = NULL;
}

void aggregation_free_operator(struct aggregation_operator *A) {
  aggregation_free_parts(A);
  free(A->row_sum), free(A->diagonal);
  *A = (struct aggregation_operator){0};
}

void aggregation_each_part(const laplace_grid *grid, const struct aggregation_operator *A,
                           void (*work)(void *task, int32_t part, int32_t parts), void *task) {
  if (A->rows / A->parts >= OPERATOR_ROWS_OF_A_THREAD) return model_parallel_run(grid, A->parts, work, task);
  for (int32_t k = 0; k < A->parts; k++) work(task, k, A->parts);
}
