/* Rows that are alike, found as they are written. See weights.h. */
#include "weights.h"
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

/* Gives row i a slot that no other row has, with what it holds. */
static void weights_own(laplace_grid *grid, struct field *field, int32_t i) {
  struct weights_rows *shared = field->shared;
  int32_t n = i + 1, from = shared->row[i];
  if (from && shared->uses[from] == 1) return;
  for (; shared->uses[n]; n = n < grid->rows ? n + 1 : 1) {
  }
  if (!shared->touched && ++shared->own > FEW)
    model_first_touch(grid, field->data, bytes_of_row(grid) * ((size_t)grid->rows + 1)), shared->touched = 1;
  memcpy(weights_slot(grid, field, n), weights_slot(grid, field, from), bytes_of_row(grid));
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
      weights_own(grid, field, i);
      memcpy(weights_slot(grid, field, shared->row[i]) + from, in, bytes);
    }
    before = was;
  }
}
