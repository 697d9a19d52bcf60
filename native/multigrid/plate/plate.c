/* The plate path of multigrid (plate.h): which grids and levels are of it, and the passes that each call makes. The
 * passes themselves are in pass.c, memory is in memory.c. */
#include "../../plugin/kernels.h"
#include "plate.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  PLATE_LEAST = 17,           /* rows and columns of a level; smaller ones need no speed */
  PLATE_ROWS_OF_A_THREAD = 32 /* at least: it does some rows of its neighbours, too */
};

static int plate_is_odd(int32_t rows, int32_t cols, int32_t least) {
  return rows % 2 && cols % 2 && rows >= least && cols >= least;
}

static int plate_accepts(const laplace_grid *grid, const int32_t halved[2]) {
  return grid->kernels && halved[0] && halved[1] && plate_is_odd(grid->rows, grid->cols, 5) &&
         !(grid->layout & (LAPLACE_WEIGHTED | LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS));
}

/* ---- passes ---- */

static void plate_run_rows(void *task, int32_t thread, int32_t threads) {
  const struct plate_pass *pass = task;
  /* The system may start fewer threads than the pass has. */
  for (int32_t k = thread; !pass->independent && k < pass->threads; k += threads) pass->kernels->save_rows(pass, k);
  if (!pass->independent) model_barrier();
  for (int32_t k = thread; k < pass->threads; k += threads) pass->kernels->run_pass(pass, k);
}

/* Does a pass. Unless `norms` is NULL, norms[0] becomes its change, norms[1] the residual. */
static int plate_run(struct plate_pass *pass, double norms[2]) {
  const laplace_grid *finest = pass->finest;
  const struct plate *owner = finest->multigrid;
  const int64_t points = (int64_t)pass->plate->rows * (2 * pass->plate->half + 1);
  const int32_t most = pass->plate->rows / PLATE_ROWS_OF_A_THREAD;
  const int32_t enough = most < finest->threads ? most : finest->threads;
  const int32_t threads = points < PLATE_SERIAL || enough < 1 ? 1 : enough;
  double found[threads][2];
  pass->kernels = cpu_kernels(pass->level ? LAPLACE_F32 : finest->dtype)->plate;
  pass->independent = threads == 1 || pass->from != ITERATE_IN_HALF_ROWS || pass->unpacks;
  pass->threads = threads, pass->scratch = owner->scratch, pass->norms = norms ? found : NULL;
  const size_t size = pass->kernels->scratch_size(pass);
  for (int32_t k = 0; k < threads; k++) {
    struct plate_scratch *scratch = &owner->scratch[k];
    if (scratch->size >= size) continue;
    free(scratch->memory);
    scratch->size = 0, scratch->memory = multigrid_reserve(size);
    if (!scratch->memory) return LAPLACE_FAILED;
    memset(scratch->memory, 0, scratch->size = size); /* points that are not known yet are computed with, and dropped */
  }
  model_parallel_run(finest, threads, plate_run_rows, pass);
  if (norms) norms[0] = norms[1] = 0;
  for (int32_t k = 0; norms && k < threads; k++)
    norms[0] = larger(norms[0], found[k][0]), norms[1] = larger(norms[1], found[k][1]);
  return LAPLACE_OK;
}

/* A pass over a finest grid, from where its iterate is. */
static struct plate_pass plate_pass_of(laplace_grid *grid, int32_t sweeps) {
  const laplace_grid *coarse = grid->iterate.coarse;
  if (grid->iterate.state != ITERATE_IN_HALF_ROWS) plate_copy_ghosts(grid);
  return (struct plate_pass){
      .finest = grid,
      .plate = grid->multigrid,
      .g = grid->layout & LAPLACE_SOURCE ? grid->g.data : NULL,
      .g_stride = grid->stride,
      .sweeps = sweeps,
      .from = grid->iterate.state,
      .solution = coarse,
      .solution_plate = coarse && coarse->iterate.state == ITERATE_IN_HALF_ROWS ? coarse->multigrid : NULL,
  };
}

/* Does a pass over a finest grid, whose iterate then is in half rows. */
static int plate_run_grid(laplace_grid *grid, struct plate_pass *pass, double norms[2]) {
  if (plate_run(pass, norms) != LAPLACE_OK) return LAPLACE_FAILED;
  return iterate_set_half_rows(grid), LAPLACE_OK;
}

static int plate_pack(laplace_grid *grid) {
  if (grid->iterate.state == ITERATE_IN_HALF_ROWS) return LAPLACE_OK;
  struct plate_pass pass = plate_pass_of(grid, 0);
  return plate_run_grid(grid, &pass, NULL);
}

static struct plate_pass plate_pass_of_level(laplace_level *level, enum iterate_state from, int32_t sweeps) {
  return (struct plate_pass){.finest = level->finest,
                             .level = level,
                             .plate = level->plate,
                             .g = level->f,
                             .g_stride = level->stride,
                             .sweeps = sweeps,
                             .from = from};
}

/* ---- calls ---- */

/* A unit for corrections, which are f32, of the size of the residual: neither tiny problems nor huge ones leave its
 * range. */
static double plate_unit_of(double residual) {
  const double unit = residual > 0 && residual <= 1e300 ? ldexp(1, ilogb(residual)) : 1;
  return unit < 0x1p-120 ? 0x1p-120 : unit > 0x1p120 ? 0x1p120 : unit;
}

static int plate_check_sweeps(int32_t sweeps, int32_t least) {
  if (sweeps >= least && sweeps <= PLATE_MOST_SWEEPS) return LAPLACE_OK;
  return fail("sweeps must be %d to %d: they are %d", least, PLATE_MOST_SWEEPS, sweeps);
}

static int plate_smooth_and_restrict(laplace_grid *fine, laplace_level *coarse, int32_t sweeps) {
  struct plate *plate = fine->multigrid;
  if (plate_check_sweeps(sweeps, 1) != LAPLACE_OK) return LAPLACE_FAILED;
  /* Which unit fits is known afterwards. */
  for (int again = 0; again < 2; again++) {
    double norms[2];
    struct plate_pass pass = plate_pass_of(fine, sweeps);
    pass.coarse = coarse, pass.unit = plate->unit = plate->next_unit;
    if (plate_run_grid(fine, &pass, norms) != LAPLACE_OK) return LAPLACE_FAILED;
    plate->next_unit = plate_unit_of(norms[1]);
    if (plate->next_unit / plate->unit < 0x1p40 && plate->unit / plate->next_unit < 0x1p40) break;
  }
  return coarse->zero = 1, LAPLACE_OK;
}

static int plate_prolong_and_smooth(laplace_grid *fine, laplace_level *coarse, int32_t sweeps) {
  const struct plate *plate = fine->multigrid;
  if (plate_check_sweeps(sweeps, 0) != LAPLACE_OK || plate_pack(fine) != LAPLACE_OK) return LAPLACE_FAILED;
  struct plate_pass pass = plate_pass_of(fine, sweeps);
  pass.correction = coarse->zero ? NULL : coarse, pass.correction_unit = plate->unit;
  return plate_run_grid(fine, &pass, NULL);
}

static int plate_prolong_smooth_restrict(laplace_grid *fine, laplace_level *coarse, int32_t post, int32_t pre,
                                         double norms[2]) {
  struct plate *plate = fine->multigrid;
  const int64_t sweeps = (int64_t)post + pre;
  if (sweeps < 1 || sweeps > PLATE_MOST_SWEEPS)
    return fail("sweeps must be 1 to %d: they are %d and %d", PLATE_MOST_SWEEPS, post, pre);
  if (plate_pack(fine) != LAPLACE_OK) return LAPLACE_FAILED;
  struct plate_pass pass = plate_pass_of(fine, (int32_t)sweeps);
  pass.correction = coarse->zero ? NULL : coarse, pass.correction_unit = plate->unit;
  pass.coarse = coarse, pass.unit = plate->unit = plate->next_unit;
  if (plate_run_grid(fine, &pass, norms) != LAPLACE_OK) return LAPLACE_FAILED;
  plate->next_unit = plate_unit_of(norms[1]);
  return coarse->zero = 1, LAPLACE_OK;
}

static int plate_level_smooth_and_restrict(laplace_level *fine, laplace_level *coarse, int32_t sweeps) {
  if (plate_check_sweeps(sweeps, 1) != LAPLACE_OK) return LAPLACE_FAILED;
  struct plate_pass pass = plate_pass_of_level(fine, ITERATE_LAZY, sweeps);
  pass.coarse = coarse, pass.unit = 1;
  if (plate_run(&pass, NULL) != LAPLACE_OK) return LAPLACE_FAILED;
  return coarse->zero = 1, LAPLACE_OK;
}

static int plate_level_prolong_and_smooth(laplace_level *fine, laplace_level *coarse, int32_t sweeps) {
  if (plate_check_sweeps(sweeps, 0) != LAPLACE_OK) return LAPLACE_FAILED;
  struct plate_pass pass = plate_pass_of_level(fine, ITERATE_IN_HALF_ROWS, sweeps);
  pass.correction = coarse->zero ? NULL : coarse, pass.correction_unit = 1, pass.unpacks = 1;
  if (plate_run(&pass, NULL) != LAPLACE_OK) return LAPLACE_FAILED;
  return fine->zero = 0, LAPLACE_OK;
}

static void plate_release(laplace_grid *grid) {
  plate_close(grid->multigrid);
  grid->multigrid = NULL;
}

static void plate_release_level(laplace_level *level) { plate_close(level->plate); }

static struct multigrid_units plate_units(const laplace_grid *finest) {
  return (struct multigrid_units){1, ((const struct plate *)finest->multigrid)->unit};
}

/* ---- levels ---- */

/* A level of this shape: of the black-box path where a side is even or short. */
static laplace_level *plate_coarsen(laplace_level shape) {
  if (!shape.halved[0] || !shape.halved[1])
    return fail("this level is coarsened in both directions or not at all"), NULL;
  if (!plate_is_odd(shape.rows, shape.cols, PLATE_LEAST)) return blackbox_constant_level(shape);
  laplace_level *level = level_open(shape, &plate_levels, NULL);
  if (!level || (level->plate = plate_open(shape.rows, shape.cols, sizeof(float), 0))) return level;
  return laplace_level_free(level), NULL;
}

static int plate_open_grid(laplace_grid *grid) {
  grid->multigrid = plate_open(grid->rows, grid->cols, grid->dtype, grid->threads);
  return grid->multigrid ? LAPLACE_OK : LAPLACE_FAILED;
}

const struct multigrid_path plate_path = {.accepts = plate_accepts,
                                          .open = plate_open_grid,
                                          .coarsen = plate_coarsen,
                                          .smooth_and_restrict = plate_smooth_and_restrict,
                                          .prolong_and_smooth = plate_prolong_and_smooth,
                                          .prolong_smooth_restrict = plate_prolong_smooth_restrict,
                                          .release = plate_release,
                                          .units = plate_units,
                                          .pack = plate_pack,
                                          .unpack = plate_unpack,
                                          .write_half_rows = plate_write};
const struct level_path plate_levels = {plate_coarsen, plate_level_smooth_and_restrict, plate_level_prolong_and_smooth,
                                        plate_release_level};
