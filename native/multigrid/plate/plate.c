/* The fused path of multigrid: which grids and levels take it, and the passes that each call makes. The passes themselves are
 * in pass.c, memory is in fused_memory.c. See fused.h. */
#include "../../plugin/lazy_grid.h"
#include "../../plugin/kernels.h"
#include "plate.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  LEAST = 17, /* rows and columns of a level; smaller ones are nothing to be fast at */
  SHARE = 32  /* rows that a thread gets at least: it does some of its neighbours' too */
};

static int odd(int32_t rows, int32_t cols, int32_t least) {
  return rows % 2 && cols % 2 && rows >= least && cols >= least;
}

static int takes(const laplace_grid *grid, const int32_t halved[2]) {
  return grid->kernels && halved[0] && halved[1] && odd(grid->rows, grid->cols, 5) &&
         !(grid->layout & (LAPLACE_WEIGHTED | LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS));
}

/* ---- passes ---- */

static void share_pass(void *task, int32_t thread, int32_t threads) {
  const struct pass *pass = task;
  /* There may be fewer threads than shares, if the system gives no more. */
  for (int32_t k = thread; !pass->alone && k < pass->threads; k += threads) pass->kernels->save(pass, k);
  if (!pass->alone) model_barrier();
  for (int32_t k = thread; k < pass->threads; k += threads) pass->kernels->pass(pass, k);
}

/* Does a pass over a finest grid, or a level below it. norms[0] = its change, norms[1] = the residual, if the pass is to find
 * them. */
static int run(const laplace_grid *finest, struct pass *pass, double norms[2]) {
  const struct fused *keeper = finest->multigrid;
  const int64_t points = (int64_t)pass->fused->rows * (2 * pass->fused->half + 1);
  int32_t threads = pass->fused->rows / SHARE < finest->threads ? pass->fused->rows / SHARE : finest->threads;
  if (points < SERIAL || threads < 1) threads = 1;
  struct found found[threads];
  pass->kernels = kernels_for(pass->grid ? finest->dtype : LAPLACE_F32)->fused;
  pass->alone = threads == 1 || pass->from != FROM_BLACK || !pass->stores;
  pass->threads = threads, pass->scratch = keeper->scratch, pass->found = found;
  const size_t size = pass->kernels->scratch(pass);
  for (int32_t k = 0; k < threads; k++) {
    struct scratch *scratch = &keeper->scratch[k];
    if (scratch->size >= size) continue;
    free(scratch->memory);
    scratch->size = 0, scratch->memory = multigrid_reserve(size);
    if (!scratch->memory) return LAPLACE_FAILED;
    memset(scratch->memory, 0, scratch->size = size); /* what is not yet known is computed with, and dropped */
  }
  if (threads == 1) share_pass(pass, 0, 1);
  else model_team(finest, threads, share_pass, pass);
  for (int32_t k = 0; pass->norms && k < threads; k++) {
    norms[0] = k ? larger(norms[0], found[k].change) : found[k].change;
    norms[1] = k ? larger(norms[1], found[k].residual) : found[k].residual;
  }
  return LAPLACE_OK;
}

/* A pass over a finest grid, from where its iterate is. */
static struct pass of_grid(laplace_grid *grid, int32_t sweeps) {
  struct fused *fused = grid->multigrid;
  if (fused->held != IN_BLACK) fused_copy_ring(grid);
  struct pass pass = {
      .grid = grid, .fused = fused, .cx = grid->cx, .cy = grid->cy, .sweeps = sweeps,
      .g = grid->layout & LAPLACE_SOURCE ? grid->g.data : NULL, .g_stride = grid->stride,
      .from = fused->held == IN_U ? grid->blank ? FROM_NOTHING : FROM_U : fused->held == IN_BLACK ? FROM_BLACK : FROM_COARSE,
      .stores = 1,
  };
  if (pass.from == FROM_COARSE) {
    const struct fused *coarse = fused->coarse->multigrid;
    pass.coarse_grid = fused->coarse;
    pass.coarse = fused->coarse->path == &fused_path && coarse->held == IN_BLACK ? coarse : NULL;
  }
  return pass;
}

static void passed(laplace_grid *grid) {
  struct fused *fused = grid->multigrid;
  fused->held = IN_BLACK, fused_give_back(fused);
  grid->ahead = 0;
}

/* From u, or a coarse grid, into black. */
static int hold_black(laplace_grid *grid) {
  if (((struct fused *)grid->multigrid)->held == IN_BLACK) return LAPLACE_OK;
  struct pass pass = of_grid(grid, 0);
  if (run(grid, &pass, NULL) != LAPLACE_OK) return LAPLACE_FAILED;
  return passed(grid), LAPLACE_OK;
}

/* A pass over a level. */
static struct pass of_level(laplace_level *level, int32_t sweeps) {
  const laplace_grid *finest = level->finest;
  return (struct pass){.fused = level->plate, .cx = finest->cx, .cy = finest->cy, .sweeps = sweeps, .g = level->f, .g_stride = level->stride};
}

/* Tells a pass to restrict, in units of `unit`. */
static void restrict_to(struct pass *pass, laplace_level *coarse, double unit) {
  pass->restricted = coarse->f, pass->restricted_stride = coarse->stride, pass->unit = unit;
}

/* Tells a pass to add the iterate of a level, which counts in `unit`. */
static void correct_from(struct pass *pass, const laplace_level *coarse, double unit) {
  pass->correction = coarse->zero ? NULL : coarse, pass->correction_unit = unit;
}

/* ---- calls ---- */

/* A unit for corrections, which are f32, of the size of the residual: neither tiny problems nor huge ones leave its range. */
static double unit_of(double residual) {
  const double unit = residual > 0 && residual <= 1e300 ? ldexp(1, ilogb(residual)) : 1;
  return unit < 0x1p-120 ? 0x1p-120 : unit > 0x1p120 ? 0x1p120 : unit;
}

static int check_sweeps(int32_t sweeps, int32_t least) {
  if (sweeps >= least && sweeps <= MOST_IN_PASS) return LAPLACE_OK;
  return fail("sweeps must be %d to %d: they are %d", least, MOST_IN_PASS, sweeps);
}

static int smooth_and_restrict(laplace_grid *fine, laplace_level *coarse, int32_t sweeps) {
  struct fused *fused = fine->multigrid;
  if (check_sweeps(sweeps, 1) != LAPLACE_OK) return LAPLACE_FAILED;
  /* What unit fits is known afterwards. */
  for (int again = 0; again < 2; again++) {
    double norms[2];
    struct pass pass = of_grid(fine, sweeps);
    pass.norms = 1;
    restrict_to(&pass, coarse, fused->unit = fused->next);
    if (run(fine, &pass, norms) != LAPLACE_OK) return LAPLACE_FAILED;
    passed(fine), fused->next = unit_of(norms[1]);
    if (fused->next / fused->unit < 0x1p40 && fused->unit / fused->next < 0x1p40) break;
  }
  return coarse->zero = 1, LAPLACE_OK;
}

static int prolong_and_smooth(laplace_grid *fine, laplace_level *coarse, int32_t sweeps) {
  if (check_sweeps(sweeps, 0) != LAPLACE_OK || hold_black(fine) != LAPLACE_OK) return LAPLACE_FAILED;
  struct pass pass = of_grid(fine, sweeps);
  pass.from = FROM_BLACK;
  correct_from(&pass, coarse, ((struct fused *)fine->multigrid)->unit);
  if (run(fine, &pass, NULL) != LAPLACE_OK) return LAPLACE_FAILED;
  return passed(fine), LAPLACE_OK;
}

static int prolong_smooth_restrict(laplace_grid *fine, laplace_level *coarse, int32_t post, int32_t pre, double norms[2]) {
  struct fused *fused = fine->multigrid;
  const int64_t sweeps = (int64_t)post + pre;
  if (sweeps < 1 || sweeps > MOST_IN_PASS) return fail("sweeps must be 1 to %d: they are %d and %d", MOST_IN_PASS, post, pre);
  if (hold_black(fine) != LAPLACE_OK) return LAPLACE_FAILED;
  struct pass pass = of_grid(fine, (int32_t)sweeps);
  pass.norms = 1;
  correct_from(&pass, coarse, fused->unit);
  restrict_to(&pass, coarse, fused->unit = fused->next);
  if (run(fine, &pass, norms) != LAPLACE_OK) return LAPLACE_FAILED;
  passed(fine), fused->next = unit_of(norms[1]);
  return coarse->zero = 1, LAPLACE_OK;
}

static int level_smooth_and_restrict(laplace_level *fine, laplace_level *coarse, int32_t sweeps) {
  if (check_sweeps(sweeps, 1) != LAPLACE_OK) return LAPLACE_FAILED;
  struct pass pass = of_level(fine, sweeps);
  pass.from = FROM_ZERO, pass.stores = 1;
  restrict_to(&pass, coarse, 1);
  if (run(fine->finest, &pass, NULL) != LAPLACE_OK) return LAPLACE_FAILED;
  return coarse->zero = 1, LAPLACE_OK;
}

static int level_prolong_and_smooth(laplace_level *fine, laplace_level *coarse, int32_t sweeps) {
  if (check_sweeps(sweeps, 0) != LAPLACE_OK) return LAPLACE_FAILED;
  struct pass pass = of_level(fine, sweeps);
  pass.from = FROM_BLACK;
  correct_from(&pass, coarse, 1);
  pass.natural = fine->e, pass.natural_stride = fine->stride;
  if (run(fine->finest, &pass, NULL) != LAPLACE_OK) return LAPLACE_FAILED;
  return fine->zero = 0, LAPLACE_OK;
}

static int prolong_solution(laplace_grid *fine, laplace_grid *coarse) {
  struct fused *fused = fine->multigrid, *other = coarse->path == &fused_path ? coarse->multigrid : NULL;
  if (other && other->held == IN_COARSE && hold_black(coarse) != LAPLACE_OK) return LAPLACE_FAILED;
  fused_give_back(fused);
  fused->held = IN_COARSE, fused->coarse = coarse, coarse->lent++;
  return LAPLACE_OK;
}

static int holds(const laplace_grid *grid) {
  const struct fused *fused = grid->multigrid;
  return fused && fused->held != IN_U;
}

static int read(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, void *data) {
  if (row0 >= row1 || col0 >= col1) return LAPLACE_OK;
  if (hold_black(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  return fused_copy(grid, row0, row1, col0, col1, data, (int64_t)(col1 - col0) * grid->dtype), LAPLACE_OK;
}

static int write_halo(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, const void *data) {
  const struct fused *fused = grid->multigrid;
  if (fused->held != IN_BLACK) return 0;
  return fused_write(grid, row0, row1, col0, col1, data), 1;
}

static int settle(laplace_grid *grid) {
  if (!holds(grid)) return LAPLACE_OK;
  if (hold_black(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  blank_end(grid);
  fused_copy(grid, 0, grid->rows, 0, grid->cols, grid->u, grid->stride * grid->dtype);
  ((struct fused *)grid->multigrid)->held = IN_U, grid->stale = 1;
  return LAPLACE_OK;
}

/* ---- levels ---- */

/* A level of this shape: of the general path where a side is even or short. */
static laplace_level *below(laplace_level shape, const int32_t halved[2]) {
  if (!halved[0] || !halved[1]) return fail("this level is coarsened in both directions or not at all"), NULL;
  if (!odd(shape.rows, shape.cols, LEAST)) return general_same(shape, shape.finest->cx, shape.finest->cy);
  laplace_level *level = level_open(shape, &fused_levels, NULL);
  if (!level || (level->plate = fused_open(shape.rows, shape.cols, sizeof(float), 0, 0))) return level;
  return laplace_level_free(level), NULL;
}

static laplace_level *coarsen(laplace_grid *fine, const int32_t halved[2]) {
  if (!fine->multigrid) fine->multigrid = fused_open(fine->rows, fine->cols, fine->dtype, 1, fine->threads);
  return fine->multigrid ? below(level_below_grid(fine, halved), halved) : NULL;
}

static laplace_level *level_coarsen(laplace_level *fine, const int32_t halved[2]) {
  return below(level_below_level(fine, halved), halved);
}

static int adopt(laplace_grid *correction) {
  correction->multigrid = fused_open(correction->rows, correction->cols, correction->dtype, 1, correction->threads);
  return correction->multigrid ? LAPLACE_OK : LAPLACE_FAILED;
}

static void restart(laplace_grid *correction) {
  struct fused *fused = correction->multigrid;
  fused_give_back(fused);
  fused->held = IN_U;
}

static void counts_in(const laplace_grid *finest, double *scale, double *unit) {
  *scale = 1, *unit = ((const struct fused *)finest->multigrid)->unit;
}

const struct multigrid_path fused_path = {takes,       coarsen,    smooth_and_restrict, prolong_and_smooth, prolong_smooth_restrict,
                                          prolong_solution, holds, read,     write_halo,          settle,             fused_release,
                                          adopt,       counts_in,  restart};
const struct level_path fused_levels = {level_coarsen, level_smooth_and_restrict, level_prolong_and_smooth, fused_release_level};
