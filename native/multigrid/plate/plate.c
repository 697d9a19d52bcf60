/* The plate path of multigrid: which grids and levels take it, and the passes that each call makes. The passes themselves are
 * in pass.c, memory is in fused_memory.c. See plate.h. */
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
  const struct plate_pass *pass = task;
  /* There may be fewer threads than shares, if the system gives no more. */
  for (int32_t k = thread; !pass->independent && k < pass->threads; k += threads) pass->kernels->save_rows(pass, k);
  if (!pass->independent) model_barrier();
  for (int32_t k = thread; k < pass->threads; k += threads) pass->kernels->run_pass(pass, k);
}

/* Does a pass over a finest grid, or a level below it. norms[0] = its change, norms[1] = the residual, if the pass is to find
 * them. */
static int run(const laplace_grid *finest, struct plate_pass *pass, double norms[2]) {
  const struct plate *keeper = finest->multigrid;
  const int64_t points = (int64_t)pass->plate->rows * (2 * pass->plate->half + 1);
  int32_t threads = pass->plate->rows / SHARE < finest->threads ? pass->plate->rows / SHARE : finest->threads;
  if (points < PLATE_SERIAL || threads < 1) threads = 1;
  struct plate_norms found[threads];
  pass->kernels = kernels_for(pass->grid ? finest->dtype : LAPLACE_F32)->plate;
  pass->independent = threads == 1 || pass->from != PLATE_FROM_BLACK || !pass->stores_black;
  pass->threads = threads, pass->scratch = keeper->scratch, pass->found = found;
  const size_t size = pass->kernels->scratch_size(pass);
  for (int32_t k = 0; k < threads; k++) {
    struct plate_scratch *scratch = &keeper->scratch[k];
    if (scratch->size >= size) continue;
    free(scratch->memory);
    scratch->size = 0, scratch->memory = multigrid_reserve(size);
    if (!scratch->memory) return LAPLACE_FAILED;
    memset(scratch->memory, 0, scratch->size = size); /* what is not yet known is computed with, and dropped */
  }
  if (threads == 1) share_pass(pass, 0, 1);
  else model_team(finest, threads, share_pass, pass);
  for (int32_t k = 0; pass->takes_norms && k < threads; k++) {
    norms[0] = k ? larger(norms[0], found[k].change) : found[k].change;
    norms[1] = k ? larger(norms[1], found[k].residual) : found[k].residual;
  }
  return LAPLACE_OK;
}

/* A pass over a finest grid, from where its iterate is. */
static struct plate_pass of_grid(laplace_grid *grid, int32_t sweeps) {
  struct plate *plate = grid->multigrid;
  if (plate->held != IN_BLACK) plate_copy_ghosts(grid);
  struct plate_pass pass = {
      .grid = grid, .plate = plate, .cx = grid->cx, .cy = grid->cy, .sweeps = sweeps,
      .g = grid->layout & LAPLACE_SOURCE ? grid->g.data : NULL, .g_stride = grid->stride,
      .from = plate->held == IN_U ? grid->blank ? PLATE_FROM_LAZY : PLATE_FROM_U : plate->held == IN_BLACK ? PLATE_FROM_BLACK : PLATE_FROM_COARSE,
      .stores_black = 1,
  };
  if (pass.from == PLATE_FROM_COARSE) {
    const struct plate *coarse = plate->coarse->multigrid;
    pass.solution = plate->coarse;
    pass.solution_plate = plate->coarse->path == &plate_path && coarse->held == IN_BLACK ? coarse : NULL;
  }
  return pass;
}

static void passed(laplace_grid *grid) {
  struct plate *plate = grid->multigrid;
  plate->held = IN_BLACK, fused_give_back(plate);
  grid->ahead = 0;
}

/* From u, or a coarse grid, into black. */
static int hold_black(laplace_grid *grid) {
  if (((struct plate *)grid->multigrid)->held == IN_BLACK) return LAPLACE_OK;
  struct plate_pass pass = of_grid(grid, 0);
  if (run(grid, &pass, NULL) != LAPLACE_OK) return LAPLACE_FAILED;
  return passed(grid), LAPLACE_OK;
}

/* A pass over a level. */
static struct plate_pass of_level(laplace_level *level, int32_t sweeps) {
  const laplace_grid *finest = level->finest;
  return (struct plate_pass){.plate = level->plate, .cx = finest->cx, .cy = finest->cy, .sweeps = sweeps, .g = level->f, .g_stride = level->stride};
}

/* Tells a pass to restrict, in units of `unit`. */
static void restrict_to(struct plate_pass *pass, laplace_level *coarse, double unit) {
  pass->coarse_rhs = coarse->f, pass->coarse_rhs_stride = coarse->stride, pass->unit = unit;
}

/* Tells a pass to add the iterate of a level, which counts in `unit`. */
static void correct_from(struct plate_pass *pass, const laplace_level *coarse, double unit) {
  pass->correction = coarse->zero ? NULL : coarse, pass->correction_unit = unit;
}

/* ---- calls ---- */

/* A unit for corrections, which are f32, of the size of the residual: neither tiny problems nor huge ones leave its range. */
static double unit_of(double residual) {
  const double unit = residual > 0 && residual <= 1e300 ? ldexp(1, ilogb(residual)) : 1;
  return unit < 0x1p-120 ? 0x1p-120 : unit > 0x1p120 ? 0x1p120 : unit;
}

static int check_sweeps(int32_t sweeps, int32_t least) {
  if (sweeps >= least && sweeps <= PLATE_MOST_SWEEPS) return LAPLACE_OK;
  return fail("sweeps must be %d to %d: they are %d", least, PLATE_MOST_SWEEPS, sweeps);
}

static int smooth_and_restrict(laplace_grid *fine, laplace_level *coarse, int32_t sweeps) {
  struct plate *plate = fine->multigrid;
  if (check_sweeps(sweeps, 1) != LAPLACE_OK) return LAPLACE_FAILED;
  /* What unit fits is known afterwards. */
  for (int again = 0; again < 2; again++) {
    double norms[2];
    struct plate_pass pass = of_grid(fine, sweeps);
    pass.takes_norms = 1;
    restrict_to(&pass, coarse, plate->unit = plate->next_unit);
    if (run(fine, &pass, norms) != LAPLACE_OK) return LAPLACE_FAILED;
    passed(fine), plate->next_unit = unit_of(norms[1]);
    if (plate->next_unit / plate->unit < 0x1p40 && plate->unit / plate->next_unit < 0x1p40) break;
  }
  return coarse->zero = 1, LAPLACE_OK;
}

static int prolong_and_smooth(laplace_grid *fine, laplace_level *coarse, int32_t sweeps) {
  if (check_sweeps(sweeps, 0) != LAPLACE_OK || hold_black(fine) != LAPLACE_OK) return LAPLACE_FAILED;
  struct plate_pass pass = of_grid(fine, sweeps);
  pass.from = PLATE_FROM_BLACK;
  correct_from(&pass, coarse, ((struct plate *)fine->multigrid)->unit);
  if (run(fine, &pass, NULL) != LAPLACE_OK) return LAPLACE_FAILED;
  return passed(fine), LAPLACE_OK;
}

static int prolong_smooth_restrict(laplace_grid *fine, laplace_level *coarse, int32_t post, int32_t pre, double norms[2]) {
  struct plate *plate = fine->multigrid;
  const int64_t sweeps = (int64_t)post + pre;
  if (sweeps < 1 || sweeps > PLATE_MOST_SWEEPS) return fail("sweeps must be 1 to %d: they are %d and %d", PLATE_MOST_SWEEPS, post, pre);
  if (hold_black(fine) != LAPLACE_OK) return LAPLACE_FAILED;
  struct plate_pass pass = of_grid(fine, (int32_t)sweeps);
  pass.takes_norms = 1;
  correct_from(&pass, coarse, plate->unit);
  restrict_to(&pass, coarse, plate->unit = plate->next_unit);
  if (run(fine, &pass, norms) != LAPLACE_OK) return LAPLACE_FAILED;
  passed(fine), plate->next_unit = unit_of(norms[1]);
  return coarse->zero = 1, LAPLACE_OK;
}

static int level_smooth_and_restrict(laplace_level *fine, laplace_level *coarse, int32_t sweeps) {
  if (check_sweeps(sweeps, 1) != LAPLACE_OK) return LAPLACE_FAILED;
  struct plate_pass pass = of_level(fine, sweeps);
  pass.from = PLATE_FROM_RHS, pass.stores_black = 1;
  restrict_to(&pass, coarse, 1);
  if (run(fine->finest, &pass, NULL) != LAPLACE_OK) return LAPLACE_FAILED;
  return coarse->zero = 1, LAPLACE_OK;
}

static int level_prolong_and_smooth(laplace_level *fine, laplace_level *coarse, int32_t sweeps) {
  if (check_sweeps(sweeps, 0) != LAPLACE_OK) return LAPLACE_FAILED;
  struct plate_pass pass = of_level(fine, sweeps);
  pass.from = PLATE_FROM_BLACK;
  correct_from(&pass, coarse, 1);
  pass.unpacked = fine->e, pass.unpacked_stride = fine->stride;
  if (run(fine->finest, &pass, NULL) != LAPLACE_OK) return LAPLACE_FAILED;
  return fine->zero = 0, LAPLACE_OK;
}

static int prolong_solution(laplace_grid *fine, laplace_grid *coarse) {
  struct plate *plate = fine->multigrid, *other = coarse->path == &plate_path ? coarse->multigrid : NULL;
  if (other && other->held == IN_COARSE && hold_black(coarse) != LAPLACE_OK) return LAPLACE_FAILED;
  fused_give_back(plate);
  plate->held = IN_COARSE, plate->coarse = coarse, coarse->lent++;
  return LAPLACE_OK;
}

static int holds(const laplace_grid *grid) {
  const struct plate *plate = grid->multigrid;
  return plate && plate->held != IN_U;
}

static int read(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, void *data) {
  if (row0 >= row1 || col0 >= col1) return LAPLACE_OK;
  if (hold_black(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  return plate_unpack(grid, row0, row1, col0, col1, data, (int64_t)(col1 - col0) * grid->dtype), LAPLACE_OK;
}

static int write_halo(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, const void *data) {
  const struct plate *plate = grid->multigrid;
  if (plate->held != IN_BLACK) return 0;
  return plate_write(grid, row0, row1, col0, col1, data), 1;
}

static int settle(laplace_grid *grid) {
  if (!holds(grid)) return LAPLACE_OK;
  if (hold_black(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  blank_end(grid);
  plate_unpack(grid, 0, grid->rows, 0, grid->cols, grid->u, grid->stride * grid->dtype);
  ((struct plate *)grid->multigrid)->held = IN_U, grid->stale = 1;
  return LAPLACE_OK;
}

/* ---- levels ---- */

/* A level of this shape: of the general path where a side is even or short. */
static laplace_level *below(laplace_level shape, const int32_t halved[2]) {
  if (!halved[0] || !halved[1]) return fail("this level is coarsened in both directions or not at all"), NULL;
  if (!odd(shape.rows, shape.cols, LEAST)) return general_same(shape, shape.finest->cx, shape.finest->cy);
  laplace_level *level = level_open(shape, &plate_levels, NULL);
  if (!level || (level->plate = plate_open(shape.rows, shape.cols, sizeof(float), 0, 0))) return level;
  return laplace_level_free(level), NULL;
}

static laplace_level *coarsen(laplace_grid *fine, const int32_t halved[2]) {
  if (!fine->multigrid) fine->multigrid = plate_open(fine->rows, fine->cols, fine->dtype, 1, fine->threads);
  return fine->multigrid ? below(level_below_grid(fine, halved), halved) : NULL;
}

static laplace_level *level_coarsen(laplace_level *fine, const int32_t halved[2]) {
  return below(level_below_level(fine, halved), halved);
}

static int adopt(laplace_grid *correction) {
  correction->multigrid = plate_open(correction->rows, correction->cols, correction->dtype, 1, correction->threads);
  return correction->multigrid ? LAPLACE_OK : LAPLACE_FAILED;
}

static void restart(laplace_grid *correction) {
  struct plate *plate = correction->multigrid;
  fused_give_back(plate);
  plate->held = IN_U;
}

static void counts_in(const laplace_grid *finest, double *scale, double *unit) {
  *scale = 1, *unit = ((const struct plate *)finest->multigrid)->unit;
}

const struct multigrid_path plate_path = {takes,       coarsen,    smooth_and_restrict, prolong_and_smooth, prolong_smooth_restrict,
                                          prolong_solution, holds, read,     write_halo,          settle,             plate_release,
                                          adopt,       counts_in,  restart};
const struct level_path plate_levels = {level_coarsen, level_smooth_and_restrict, level_prolong_and_smooth, plate_release_level};
