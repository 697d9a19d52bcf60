/* A pass over a grid or level with one thread's share of the rows: takes black points from memory, corrects and smooths
 * them, and stores them, takes norms and restricts the residual while rows are in cache. Not here: the formulas (halves.h),
 * where rows come from (take.h), what passes there are (fused.c). Compiled like ../rows.c, for each precision and
 * instruction set.
 *
 * A step brings in two rows, and does each operation on the two rows that have just become ready for it:
 *
 *     take      rows j, j + 1          black, and what they need of the right side
 *     red       rows j - 1, j          each half-sweep lags one row behind the one before, in place
 *     black     rows j - 2, j - 1
 *     ..        two a sweep
 *     store     rows j - 2 sweeps, ..  the black points, which are final
 *     rest      one row behind         residual of the red points; that of the black ones is zero
 *     restrict  row of the coarse grid from three of these rows
 *     norm      one row behind         residual of the black points, once the red ones have been swept again
 *
 * A few rows of each colour are kept, by row number modulo their count. Along a row, a step goes in blocks that stay in the
 * first-level cache, each operation a cache line behind the one before: nothing is overwritten that is still to be read.
 * The shares of threads overlap: rows beyond the own ones are wrong by one more after every operation.
 */
#include "load_rows-inl.h"

#ifndef FUSED_BLOCK
#define FUSED_BLOCK (2048 / (int64_t)sizeof(real))
#endif
enum { SKEW = LINE };

/* Half-sweep, or residual, of two rows, with walls to renew behind it. */
struct operation {
  enum { NOTHING, TAKE, SWEEP, REST, STORE, RESTRICT, NORM } kind;
  int32_t row;
  struct rows rows;
  const real *old_q, *old_p;
  int renews;      /* the ends of rows.p, to */
  real west, east;
};

static struct operation sweep(const struct work *w, real *ring, real *other, real *right, int32_t j) {
  const int first = inside(w, j), second = inside(w, j + 1);
  return (struct operation){
      .kind = first || second ? SWEEP : NOTHING, .row = j,
      .rows = {
          .q = first ? kept(w, ring, w->depth, j) : w->junk,
          .p = second ? kept(w, ring, w->depth, j + 1) : w->junk + w->pitch,
          .a = kept(w, other, w->depth, j - 1), .b = kept(w, other, w->depth, j),
          .c = kept(w, other, w->depth, j + 1), .d = kept(w, other, w->depth, j + 2),
          .right_q = w->pass->g ? kept(w, right, w->depth, j) : NULL,
          .right_p = w->pass->g ? kept(w, right, w->depth, j + 1) : NULL,
      },
      .renews = second,
      .west = second ? at(w->pass->fused->west, j + 1) : 0, .east = second ? at(w->pass->fused->east, j + 1) : 0,
  };
}

static struct operation rest(const struct work *w, int32_t j) {
  struct operation operation = sweep(w, w->red, w->black, w->right_red, j);
  operation.kind = REST;
  operation.old_q = kept(w, w->red, w->depth, j), operation.old_p = kept(w, w->red, w->depth, j + 1);
  operation.rows.q = kept(w, w->rest, RESIDUALS, j), operation.rows.p = kept(w, w->rest, RESIDUALS, j + 1);
  operation.west = operation.east = 0;
  return operation;
}

/* What is left of black points, once the red ones have followed them, is a sweep of what was left of the red ones. */
static struct operation norm(const struct work *w, int32_t j) {
  if (j + 1 < w->row0 || j >= w->row1) return (struct operation){NOTHING};
  return (struct operation){
      .kind = NORM, .row = j,
      .rows = {
          .q = w->junk, .p = w->junk + w->pitch,
          .a = kept(w, w->rest, RESIDUALS, j - 1), .b = kept(w, w->rest, RESIDUALS, j),
          .c = kept(w, w->rest, RESIDUALS, j + 1), .d = kept(w, w->rest, RESIDUALS, j + 2),
      },
  };
}

static inline int own(const struct work *w, int32_t row) { return row >= w->row0 && row < w->row1; }

/* Raises a norm to row's points at half-columns [from, to), or to how far they are from `before`, where they count. A halo's
 * columns next to those that do may take part: they are a neighbour's. */
static masks raise_row(const struct work *w, masks norm, int32_t row, const real *half, const real *before, int64_t from, int64_t to) {
  const laplace_grid *grid = w->pass->grid;
  if (!own(w, row) || row < grid->row0 || row >= grid->row1) return norm;
  from = most(from, grid->col0 / 2), to = least(to, grid->col1 == grid->cols - 1 ? w->half : (grid->col1 + 1) / 2);
  return from < to ? raise(norm, half, before, from, to) : norm;
}

/* Stores what is final of a row. */
static void store(struct work *w, int32_t row, int64_t from, int64_t to) {
  const struct pass *pass = w->pass;
  if (!own(w, row)) return;
  const real *black = kept(w, w->black, w->depth, row), *red = kept(w, w->red, w->depth, row);
  if (pass->stores) {
    real *out = (real *)pass->fused->black + row * pass->fused->pitch;
    if (pass->norms && pass->from == FROM_BLACK) w->change = raise_row(w, w->change, row, black, out, from, to);
    memcpy(out + from, black + from, (size_t)(to - from) * sizeof(real));
  }
#if PRECISION == 32
  if (pass->natural && inside(w, row)) {
    real *natural = pass->natural + row * pass->natural_stride;
    plate_interleave(natural, row % 2 ? black : red, row % 2 ? red : black, from, least(to, w->half));
    if (to > w->half) natural[2 * w->half] = 0;
  }
#else
  (void)red;
#endif
}

static void restricted(const struct work *w, int32_t j, int64_t from, int64_t to) {
  const struct pass *pass = w->pass;
  if (!own(w, j) || j < 3 || !inside(w, j)) return;
  restrict_row(pass->restricted + j / 2 * pass->restricted_stride, (real)(1 / pass->unit), kept(w, w->rest, RESIDUALS, j - 2),
               kept(w, w->rest, RESIDUALS, j - 1), kept(w, w->rest, RESIDUALS, j), most(from, 1), least(to, w->half));
}

static void run(struct work *w, const struct operation *operation, int64_t from, int64_t to) {
  const struct rows *rows = &operation->rows;
  const int32_t j = operation->row;
  switch (operation->kind) {
    case NOTHING: return;
    case TAKE: return take(w, j, from, to), take(w, j + 1, from, to);
    case STORE: return store(w, j, from, to), store(w, j + 1, from, to);
    case RESTRICT: return restricted(w, j, from, to);
    case REST: /* of a wall nothing is left */
      half_sweep(&w->weights, rows, operation->old_q, operation->old_p, from, to);
      if (!inside(w, j)) memset(rows->q + from, 0, (size_t)(to - from) * sizeof(real));
      if (!inside(w, j + 1)) memset(rows->p + from, 0, (size_t)(to - from) * sizeof(real));
      break;
    case SWEEP: half_sweep(&w->weights, rows, NULL, NULL, from, to); break;
    case NORM:
      half_sweep(&w->weights, rows, NULL, NULL, from, to);
      w->residual = raise_row(w, w->residual, j, rows->q, NULL, from, to);
      w->residual = raise_row(w, w->residual, j + 1, rows->p, NULL, most(from, 1), to);
      return;
  }
  if (operation->renews && from == 0) rows->p[0] = operation->west;
  if (operation->renews && to > w->half) rows->p[w->half] = operation->east;
}

/* The operations of the step at row j, in order. Returns how many. */
static int32_t plan(const struct work *w, int32_t j, struct operation *operations) {
  const struct pass *pass = w->pass;
  const int32_t last = j - 2 * pass->sweeps;
  struct operation *next = operations;
  *next++ = (struct operation){.kind = TAKE, .row = j};
  for (int32_t s = 0; s < pass->sweeps; s++) {
    if (s || pass->from != FROM_ZERO) *next++ = sweep(w, w->red, w->black, w->right_red, j - 1 - 2 * s);
    *next++ = sweep(w, w->black, w->red, w->right_black, j - 2 - 2 * s);
  }
  *next++ = (struct operation){.kind = STORE, .row = last};
  if (pass->restricted) *next++ = rest(w, last - 1), *next++ = (struct operation){.kind = RESTRICT, .row = last - 1};
  if (pass->restricted && pass->norms) *next++ = norm(w, last - 2);
  return (int32_t)(next - operations);
}

/* ---- what a thread does ---- */

static struct work start(const struct pass *pass, int32_t thread) {
  const struct fused *fused = pass->fused;
  struct work w = {
      .pass = pass, .rows = fused->rows, .half = fused->half, .reach = 2 * pass->sweeps + 2,
      .weights = {(real)pass->cx, (real)pass->cy, pass->cx == 0.25 && pass->cy == 0.25},
      .depth = 2 * (uint32_t)pass->sweeps + 4,
      .pitch = (fused->half + LINE) / LINE * LINE + 3 * LINE, /* room before and behind, and no power of two */
      .row0 = share(fused->rows, thread, pass->threads), .row1 = share(fused->rows, thread + 1, pass->threads),
  };
  const uint32_t right = pass->g ? w.depth : 0, beyond = pass->alone ? 0 : 2 * (uint32_t)w.reach;
  const uint32_t count[] = {w.depth, w.depth, RESIDUALS, JUNK, right, right, pass->coarse ? COARSE : 0, beyond};
  real **rings[] = {&w.black, &w.red, &w.rest, &w.junk, &w.right_black, &w.right_red, &w.coarse, &w.beyond};
  real *at = pass->scratch ? (real *)pass->scratch[thread].memory + LINE : NULL;
  for (int k = 0; k < 8; at += count[k++] * w.pitch) *rings[k] = at;
  return w;
}

size_t NAME(fused_scratch)(const struct pass *pass) {
  struct pass alone = *pass;
  alone.scratch = NULL;
  const struct work w = start(&alone, 0);
  const uint32_t rows = (pass->g ? 4 : 2) * w.depth + RESIDUALS + JUNK + COARSE + 2 * (uint32_t)w.reach;
  return (rows * (size_t)w.pitch + 2 * LINE) * sizeof(real);
}

void NAME(fused_save)(const struct pass *pass, int32_t thread) {
  const struct work w = start(pass, thread);
  const struct fused *fused = pass->fused;
  for (int32_t k = 0; k < 2 * w.reach; k++) {
    const int32_t row = k < w.reach ? w.row0 - w.reach + k : w.row1 + k - w.reach;
    if (inside(&w, row))
      memcpy(w.beyond + k * w.pitch, (const real *)fused->black + row * fused->pitch, (size_t)(w.half + 1) * sizeof(real));
  }
}

void NAME(fused_pass)(const struct pass *pass, int32_t thread) {
  struct work w = start(pass, thread);
  struct operation operations[2 * pass->sweeps + 5];
  const int32_t begin = (int32_t)most(w.row0 - w.reach, 0);
  w.ready = (int32_t)most(begin / 2 - 2, 0);
  for (int32_t j = begin; j < w.row1 + w.reach; j += 2) {
    const int32_t count = plan(&w, j, operations);
    if (pass->from == FROM_COARSE) make_coarse(&w, j / 2 + 3);
    struct ahead ahead = look_ahead(&w, j + 2);
    const int64_t pieces = (w.half / FUSED_BLOCK + 1) * count, lines = 2 * (w.half + 1) * (int64_t)sizeof(real) / 64 / pieces + 1;
    for (int64_t x = 0; x - (count - 1) * SKEW <= w.half; x += FUSED_BLOCK)
      for (int32_t k = 0; k < count; k++) {
        const int64_t from = most(x - k * SKEW, 0), to = least(x + FUSED_BLOCK - k * SKEW, w.half + 1);
        prefetch(&ahead, lines);
        if (from < to) run(&w, &operations[k], from, to);
      }
  }
  if (!pass->norms) return;
  pass->found[thread].change = most_lane(w.change), pass->found[thread].residual = most_lane(w.residual);
}
