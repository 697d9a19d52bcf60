/* A pass over a grid or level with one thread's rows: loads black points, corrects and smooths them, stores them,
 * computes norms and restricts the residual while rows are in cache. Not here: the formulas (half_rows-inl.h), how rows
 * enter and leave (load_rows-inl.h, store_rows-inl.h), and which passes there are (plate.c).
 *
 * A step loads two rows, and does each operation on the two rows that have just become ready for it:
 *
 *     load      rows j, j + 1          black points, and the rhs of both colours
 *     red       rows j - 1, j          each half-sweep lags one row behind the one before, in place
 *     black     rows j - 2, j - 1
 *     ..        two a sweep
 *     store     rows j - 2 sweeps, ..  the black points, which are final
 *     residual  one row behind         of the red points; that of the black ones is zero
 *     restrict                         three of these rows to a row of the coarse rhs
 *     norms     one row behind         residual of the black points after another half-sweep of the red ones
 *
 * Windows keep a few rows of each colour, by row number modulo their count. Along a row, a step goes in blocks that
 * stay in the first-level cache, each operation a cache line behind the one before: nothing is overwritten that is
 * still to be read. The rows of threads overlap: rows beyond the own ones are wrong by one more after every operation.
 */
#include "../../plugin/arena.h"
#include "store_rows-inl.h"

#ifndef PLATE_BLOCK
#define PLATE_BLOCK (2048 / (int64_t)sizeof(real))
#endif
enum { PLATE_SKEW = LINE };

/* A half-sweep or residual of rows `row` and the next; or another operation from row `row` on. */
struct plate_operation {
  enum { PLATE_NONE, PLATE_LOAD, PLATE_SWEEP, PLATE_RESIDUAL, PLATE_STORE, PLATE_RESTRICT, PLATE_NORMS } kind;
  int32_t row;
  struct plate_rows rows;
};

/* What a half-sweep of rows j and j + 1 reads of a window. */
static struct plate_rows plate_rows_around(const struct plate_work *w, real *window, uint32_t depth, int32_t j) {
  return (struct plate_rows){.a = plate_row(w, window, depth, j - 1),
                             .b = plate_row(w, window, depth, j),
                             .c = plate_row(w, window, depth, j + 1),
                             .d = plate_row(w, window, depth, j + 2)};
}

static struct plate_operation plate_sweep(const struct plate_work *w, real *window, real *other, real *rhs, int32_t j) {
  const int first = plate_is_inside(w, j), second = plate_is_inside(w, j + 1);
  struct plate_rows rows = plate_rows_around(w, other, w->depth, j);
  rows.q = first ? plate_row(w, window, w->depth, j) : w->unused;
  rows.p = second ? plate_row(w, window, w->depth, j + 1) : w->unused + w->pitch;
  if (w->pass->g) rows.rhs_q = plate_row(w, rhs, w->depth, j), rows.rhs_p = plate_row(w, rhs, w->depth, j + 1);
  return (struct plate_operation){first || second ? PLATE_SWEEP : PLATE_NONE, j, rows};
}

static struct plate_operation plate_residual(const struct plate_work *w, int32_t j) {
  struct plate_rows rows = plate_sweep(w, w->red, w->black, w->rhs_red, j).rows;
  rows.old_q = plate_row(w, w->red, w->depth, j), rows.old_p = plate_row(w, w->red, w->depth, j + 1);
  rows.q = plate_row(w, w->residuals, PLATE_RESIDUALS, j);
  rows.p = plate_row(w, w->residuals, PLATE_RESIDUALS, j + 1);
  return (struct plate_operation){PLATE_RESIDUAL, j, rows};
}

/* The residual of black points after another half-sweep of the red ones is a sweep of the residual of the red ones. */
static struct plate_operation plate_norms(const struct plate_work *w, int32_t j) {
  if (j + 1 < w->row0 || j >= w->row1) return (struct plate_operation){PLATE_NONE};
  struct plate_rows rows = plate_rows_around(w, w->residuals, PLATE_RESIDUALS, j);
  rows.q = w->unused, rows.p = w->unused + w->pitch;
  return (struct plate_operation){PLATE_NORMS, j, rows};
}

static void plate_run_operation(struct plate_work *w, const struct plate_operation *operation, int64_t from, int64_t to) {
  const struct plate_rows *rows = &operation->rows;
  const int32_t j = operation->row;
  const size_t bytes = (size_t)(to - from) * sizeof(real);
  switch (operation->kind) {
  case PLATE_NONE: return;
  case PLATE_LOAD: return plate_load_row(w, j, from, to), plate_load_row(w, j + 1, from, to);
  case PLATE_STORE: return plate_store_row(w, j, from, to), plate_store_row(w, j + 1, from, to);
  case PLATE_RESTRICT: return plate_restrict_rows(w, j, from, to);
  case PLATE_SWEEP:
    plate_half_sweep(&w->weights, rows, from, to);
    if (plate_is_inside(w, j + 1)) plate_set_walls(w, rows->p, j + 1, from, to);
    return;
  case PLATE_RESIDUAL: /* of a wall it is zero */
    plate_half_sweep(&w->weights, rows, from, to);
    if (!plate_is_inside(w, j)) memset(rows->q + from, 0, bytes);
    if (!plate_is_inside(w, j + 1)) memset(rows->p + from, 0, bytes);
    if (from == 0) rows->p[0] = 0;
    if (to > w->half) rows->p[w->half] = 0;
    return;
  case PLATE_NORMS:
    plate_half_sweep(&w->weights, rows, from, to);
    w->residual = plate_raise_row(w, w->residual, j, rows->q, NULL, from, to);
    w->residual = plate_raise_row(w, w->residual, j + 1, rows->p, NULL, plate_max(from, 1), to);
  }
}

/* The operations of the step at row j, in order. Returns how many. */
static int32_t plate_plan(const struct plate_work *w, int32_t j, struct plate_operation *operations) {
  const struct plate_pass *pass = w->pass;
  const int32_t last = j - 2 * pass->sweeps;
  struct plate_operation *next = operations;
  *next++ = (struct plate_operation){.kind = PLATE_LOAD, .row = j};
  for (int32_t s = 0; s < pass->sweeps; s++) {
    if (s || !plate_is_zero_level(pass)) *next++ = plate_sweep(w, w->red, w->black, w->rhs_red, j - 1 - 2 * s);
    *next++ = plate_sweep(w, w->black, w->red, w->rhs_black, j - 2 - 2 * s);
  }
  *next++ = (struct plate_operation){.kind = PLATE_STORE, .row = last};
  if (pass->coarse) *next++ = plate_residual(w, last - 1);
  if (pass->coarse) *next++ = (struct plate_operation){.kind = PLATE_RESTRICT, .row = last - 1};
  if (pass->coarse && pass->norms) *next++ = plate_norms(w, last - 2);
  return (int32_t)(next - operations);
}

/* ---- what a thread does ---- */

static struct plate_work plate_lay_out_work(const struct plate_pass *pass, int32_t thread, struct arena *arena) {
  const struct plate *plate = pass->plate;
  const double cx = pass->finest->cx, cy = pass->finest->cy;
  struct plate_work w = {
      .pass = pass,
      .rows = plate->rows,
      .half = plate->half,
      .reach = 2 * pass->sweeps + 2,
      .weights = {(real)cx, (real)cy, cx == 0.25 && cy == 0.25},
      .depth = 2 * (uint32_t)pass->sweeps + 4,
      .pitch = (plate->half + LINE) / LINE * LINE + 3 * LINE, /* vectors exceed rows at both ends; no power of two */
      .row0 = plate_first_row(plate->rows, thread, pass->threads),
      .row1 = plate_first_row(plate->rows, thread + 1, pass->threads),
  };
  const uint32_t rhs = pass->g ? w.depth : 0, neighbours = pass->independent ? 0 : 2 * (uint32_t)w.reach;
  const uint32_t solution = pass->solution_plate ? PLATE_SOLUTION : 0;
  const uint32_t count[] = {w.depth, w.depth, PLATE_RESIDUALS, PLATE_UNUSED, rhs, rhs, solution, neighbours};
  real **windows[] = {&w.black, &w.red, &w.residuals, &w.unused, &w.rhs_black, &w.rhs_red, &w.solution, &w.neighbours};
  for (int k = 0; k < 8; k++)
    *windows[k] = (real *)arena_take(arena, count[k] * (size_t)w.pitch * sizeof(real), sizeof(real) * LINE) + LINE;
  return w;
}

static __attribute__((noinline)) struct plate_work plate_start(const struct plate_pass *pass, int32_t thread) {
  struct arena arena = arena_init(pass->scratch[thread].memory, pass->scratch[thread].size);
  return plate_lay_out_work(pass, thread, &arena);
}

/* With all windows, lest a later pass of this grid or level needs more. */
size_t NAME(plate_scratch_size)(const struct plate_pass *pass) {
  struct plate_pass all = *pass;
  struct arena arena = arena_measure();
  all.independent = 0, all.solution_plate = pass->plate;
  plate_lay_out_work(&all, 0, &arena);
  return arena.used;
}

void NAME(plate_save_rows)(const struct plate_pass *pass, int32_t thread) {
  const struct plate_work w = plate_start(pass, thread);
  const struct plate *plate = pass->plate;
  for (int32_t k = 0; k < 2 * w.reach; k++) {
    const int32_t row = k < w.reach ? w.row0 - w.reach + k : w.row1 + k - w.reach;
    if (plate_is_inside(&w, row))
      memcpy(w.neighbours + k * w.pitch, (const real *)plate->black + row * plate->pitch,
             (size_t)(w.half + 1) * sizeof(real));
  }
}

void NAME(plate_run_pass)(const struct plate_pass *pass, int32_t thread) {
  struct plate_work w = plate_start(pass, thread);
  struct plate_operation operations[2 * pass->sweeps + 5];
  const int32_t begin = (int32_t)plate_max(w.row0 - w.reach, 0);
  w.unpacked = (int32_t)plate_max(begin / 2 - 2, 0);
  for (int32_t j = begin; j < w.row1 + w.reach; j += 2) {
    const int32_t count = plate_plan(&w, j, operations);
    if (pass->from == ITERATE_IN_COARSE) plate_unpack_solution(&w, j / 2 + 3);
    struct plate_prefetch prefetch = plate_prefetch_of(&w, j + 2);
    const int64_t pieces = (w.half / PLATE_BLOCK + 1) * count;
    const int64_t lines = 2 * (w.half + 1) * (int64_t)sizeof(real) / 64 / pieces + 1;
    for (int64_t x = 0; x - (count - 1) * PLATE_SKEW <= w.half; x += PLATE_BLOCK)
      for (int32_t k = 0; k < count; k++) {
        const int64_t from = plate_max(x - k * PLATE_SKEW, 0);
        const int64_t to = plate_min(x + PLATE_BLOCK - k * PLATE_SKEW, w.half + 1);
        plate_prefetch_lines(&prefetch, lines);
        if (from < to) plate_run_operation(&w, &operations[k], from, to);
      }
  }
  if (pass->norms) pass->norms[thread][0] = most_lane(w.change), pass->norms[thread][1] = most_lane(w.residual);
}
