/* The fused path of multigrid: which grids and levels take it, what it keeps of them, and the passes that each call makes.
 * The passes themselves are in pass.c. See fused.h. */
#define _GNU_SOURCE
#include "../kernels.h"
#include "fused.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

enum {
  LEAST = 17,           /* rows and columns of a level; smaller ones are nothing to be fast at */
  SERIAL = 130 * 130,   /* points of a level that one thread does sooner than several */
  SHARE = 32            /* rows that a thread gets at least: it does some of its neighbours' too */
};

static int odd(int32_t rows, int32_t cols, int32_t least) {
  return rows % 2 && cols % 2 && rows >= least && cols >= least;
}

static int takes(const laplace_grid *grid, const int32_t halved[2]) {
  const int whole = grid->row0 == 1 && grid->row1 == grid->rows - 1 && grid->col0 == 1 && grid->col1 == grid->cols - 1;
  return !grid->level && grid->kernels && halved[0] && halved[1] && odd(grid->rows, grid->cols, 5) && whole &&
         !(grid->layout & (LAPLACE_WEIGHTED | LAPLACE_WRAP_ROWS | LAPLACE_WRAP_COLS));
}

/* ---- memory ---- */

enum { LINE = 64, PAGE = 4096, HUGE = 2 << 20 };

/* Untouched: its pages go to the threads that write them first. */
static void *allocate(size_t bytes) {
  void *memory = NULL;
  const size_t unit = bytes > HUGE ? HUGE : LINE;
  if (posix_memalign(&memory, unit, bytes)) return fail("%zu bytes could not be allocated", bytes), NULL;
#if defined(MADV_HUGEPAGE)
  if (unit == HUGE) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

static int64_t pitch_of(int32_t half, int32_t size) {
  int64_t bytes = ((int64_t)(half + 1) * size + LINE - 1) / LINE * LINE;
  if (bytes % PAGE == 0) bytes += LINE;
  return bytes / size;
}

static struct fused *open_fused(int32_t rows, int32_t cols, int32_t size, int finest, int32_t threads) {
  struct fused *fused = calloc(1, sizeof *fused);
  if (!fused) return fail("out of memory"), NULL;
  fused->rows = rows, fused->half = cols / 2, fused->pitch = pitch_of(fused->half, size);
  const size_t array = (size_t)rows * (size_t)fused->pitch * (size_t)size, line = (size_t)fused->pitch * (size_t)size;
  const size_t column = ((size_t)rows * (size_t)size + LINE - 1) / LINE * LINE;
  fused->memory = allocate(array + (finest ? 4 * line + 2 * column : 0));
  fused->scratch = calloc((size_t)threads, sizeof *fused->scratch);
  if (!fused->memory || !fused->scratch) {
    free(fused->memory), free(fused->scratch), free(fused);
    return fail("a level of %d x %d points could not be allocated", rows, cols), NULL;
  }
  char *at = fused->memory;
  fused->black = at, at += array;
  if (finest) {
    for (int k = 0; k < 2; k++, at += line) fused->first[k] = at;
    for (int k = 0; k < 2; k++, at += line) fused->last[k] = at;
    fused->west = at, fused->east = at + column;
  }
  return fused;
}

/* A grid that is still to be interpolated from may be freed by its owner: it stays until then. */
static void give_back(struct fused *fused) {
  laplace_grid *coarse = fused->coarse;
  fused->coarse = NULL;
  if (!coarse) return;
  coarse->lent--;
  if (coarse->freed) laplace_free(coarse);
}

static void release(laplace_grid *grid) {
  struct fused *fused = grid->multigrid;
  level_free(grid);
  if (!fused) return;
  give_back(fused);
  const int32_t threads = grid->dtype ? grid->threads : 0; /* levels have no scratch */
  for (int32_t k = 0; k < threads; k++) free(fused->scratch[k].memory);
  free(fused->scratch), free(fused->memory), free(fused);
  grid->multigrid = NULL;
}

/* ---- passes ---- */

static laplace_grid *finest_of(laplace_grid *grid) { return grid->level ? grid->level->finest : grid; }

static void share_pass(void *task, int32_t thread, int32_t threads) {
  (void)threads;
  const struct pass *pass = task;
  if (!pass->alone) pass->kernels->save(pass, thread), model_barrier();
  pass->kernels->pass(pass, thread);
}

/* Does a pass. norms[0] = its change, norms[1] = the residual, if the pass is to find them. */
static int run(laplace_grid *grid, struct pass *pass, double norms[2]) {
  const laplace_grid *finest = finest_of(grid);
  const struct fused *keeper = finest->multigrid;
  const int64_t points = (int64_t)pass->fused->rows * (2 * pass->fused->half + 1);
  int32_t threads = pass->fused->rows / SHARE < finest->threads ? pass->fused->rows / SHARE : finest->threads;
  if (points < SERIAL || threads < 1) threads = 1;
  struct found found[threads];
  pass->kernels = kernels_for(grid->level ? LAPLACE_F32 : grid->dtype)->fused;
  pass->alone = threads == 1 || pass->from != FROM_BLACK || !pass->stores;
  pass->threads = threads, pass->scratch = keeper->scratch, pass->found = found;
  const size_t size = pass->kernels->scratch(pass);
  for (int32_t k = 0; k < threads; k++) {
    struct scratch *scratch = &keeper->scratch[k];
    if (scratch->size >= size) continue;
    free(scratch->memory);
    scratch->size = 0, scratch->memory = allocate(size);
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

/* The ring of u, where passes find it. */
static void copy_walls(laplace_grid *grid) {
  const struct fused *fused = grid->multigrid;
  const size_t size = (size_t)grid->dtype;
  const int64_t row = grid->stride * grid->dtype, end = grid->cols - 1;
  const char *u = grid->u, *last = u + (grid->rows - 1) * row;
  for (int64_t j = 0; j <= end; j++) {
    memcpy((char *)fused->first[j % 2] + j / 2 * size, u + j * size, size);
    memcpy((char *)fused->last[j % 2] + j / 2 * size, last + j * size, size);
  }
  for (int64_t i = 0; i < grid->rows; i++, u += row) {
    memcpy((char *)fused->west + i * size, u, size);
    memcpy((char *)fused->east + i * size, u + end * size, size);
  }
}

/* A pass over a finest grid, from where its iterate is. */
static struct pass of_grid(laplace_grid *grid, int32_t sweeps) {
  struct fused *fused = grid->multigrid;
  if (fused->held != IN_BLACK) copy_walls(grid);
  struct pass pass = {
      .grid = grid, .fused = fused, .cx = grid->cx, .cy = grid->cy, .sweeps = sweeps,
      .g = grid->layout & LAPLACE_SOURCE ? grid->g : NULL, .g_stride = grid->stride,
      .from = fused->held == IN_U ? FROM_U : fused->held == IN_BLACK ? FROM_BLACK : FROM_COARSE,
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
  fused->held = IN_BLACK, give_back(fused);
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
static struct pass of_level(laplace_grid *grid, int32_t sweeps) {
  const laplace_grid *finest = finest_of(grid);
  const struct level *level = grid->level;
  struct fused *fused = grid->multigrid;
  return (struct pass){.fused = fused, .cx = finest->cx, .cy = finest->cy, .sweeps = sweeps, .g = level->f, .g_stride = level->stride};
}

/* Tells a pass to restrict, in units of `unit`. */
static void restrict_to(struct pass *pass, laplace_grid *coarse, double unit) {
  pass->restricted = coarse->level->f, pass->restricted_stride = coarse->level->stride;
  pass->unit = unit;
}
static void restricted(laplace_grid *coarse, double unit) { coarse->level->unit = unit, coarse->level->zero = 1; }

static const struct level *correction(const laplace_grid *coarse) { return coarse->level->zero ? NULL : coarse->level; }

/* ---- calls ---- */

/* A unit for corrections, which are f32, of the size of the residual: neither tiny problems nor huge ones leave its range. */
static double unit_of(double residual) {
  const double unit = residual > 0 && residual <= 1e300 ? ldexp(1, ilogb(residual)) : 1;
  return unit < 0x1p-120 ? 0x1p-120 : unit > 0x1p120 ? 0x1p120 : unit;
}

static int descend(laplace_grid *fine, laplace_grid *coarse, int32_t sweeps) {
  if (sweeps < 1) return fail("descending takes one sweep at least");
  if (fine->level) {
    struct pass pass = of_level(fine, sweeps);
    pass.from = FROM_ZERO, pass.stores = 1;
    restrict_to(&pass, coarse, 1);
    if (run(fine, &pass, NULL) != LAPLACE_OK) return LAPLACE_FAILED;
    return restricted(coarse, 1), LAPLACE_OK;
  }
  double norms[2], unit = coarse->level->unit > 0 ? coarse->level->unit : 1;
  for (int again = 0; again < 2; again++) {
    struct pass pass = of_grid(fine, sweeps);
    pass.norms = 1;
    restrict_to(&pass, coarse, unit);
    if (run(fine, &pass, norms) != LAPLACE_OK) return LAPLACE_FAILED;
    passed(fine), restricted(coarse, unit);
    const double fitting = unit_of(norms[1]);
    if (fitting / unit < 0x1p40 && fitting / unit > 0x1p-40) break;
    unit = fitting;
  }
  ((struct fused *)fine->multigrid)->unit = unit_of(norms[1]);
  return LAPLACE_OK;
}

static int ascend(laplace_grid *fine, laplace_grid *coarse, int32_t sweeps) {
  if (!fine->level && hold_black(fine) != LAPLACE_OK) return LAPLACE_FAILED;
  struct pass pass = fine->level ? of_level(fine, sweeps) : of_grid(fine, sweeps);
  pass.from = FROM_BLACK, pass.correction = correction(coarse);
  if (fine->level) pass.natural = fine->level->e, pass.natural_stride = fine->level->stride;
  if (run(fine, &pass, NULL) != LAPLACE_OK) return LAPLACE_FAILED;
  if (fine->level) fine->level->zero = 0;
  else passed(fine);
  return LAPLACE_OK;
}

static int turn(laplace_grid *fine, laplace_grid *coarse, int32_t post, int32_t pre, double norms[2]) {
  struct fused *fused = fine->multigrid;
  if (post + pre < 1) return fail("turning takes one sweep at least");
  if (hold_black(fine) != LAPLACE_OK) return LAPLACE_FAILED;
  struct pass pass = of_grid(fine, post + pre);
  const double unit = fused->unit > 0 ? fused->unit : 1;
  pass.correction = correction(coarse), pass.norms = 1;
  restrict_to(&pass, coarse, unit);
  if (run(fine, &pass, norms) != LAPLACE_OK) return LAPLACE_FAILED;
  fused->unit = unit_of(norms[1]);
  passed(fine), restricted(coarse, unit);
  return LAPLACE_OK;
}

static int refine(laplace_grid *fine, laplace_grid *coarse) {
  struct fused *fused = fine->multigrid, *other = coarse->path == &fused_path ? coarse->multigrid : NULL;
  if (other && other->held == IN_COARSE && hold_black(coarse) != LAPLACE_OK) return LAPLACE_FAILED;
  give_back(fused);
  fused->held = IN_COARSE, fused->coarse = coarse, coarse->lent++;
  return LAPLACE_OK;
}

static void share_settle(void *task, int32_t thread, int32_t threads) {
  laplace_grid *grid = task;
  const struct fused *fused = grid->multigrid;
  for (int32_t i = share(grid->rows, thread, threads); i < share(grid->rows, thread + 1, threads); i++)
    grid->kernels->fused->natural(grid, fused, i, 0, fused->half + 1, (char *)grid->u + i * grid->stride * grid->dtype);
}

static int settle(laplace_grid *grid) {
  struct fused *fused = grid->multigrid;
  if (grid->level || !fused || fused->held == IN_U) return LAPLACE_OK;
  if (hold_black(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  model_team(grid, grid->threads, share_settle, grid);
  fused->held = IN_U, grid->stale = 1;
  return LAPLACE_OK;
}

/* ---- levels ---- */

static laplace_grid *coarsen(laplace_grid *fine, const int32_t halved[2]) {
  laplace_grid *finest = finest_of(fine);
  if (!halved[0] || !halved[1]) return fail("this level is coarsened in both directions or not at all"), NULL;
  if (!fine->level && !fine->multigrid) {
    fine->multigrid = open_fused(fine->rows, fine->cols, fine->dtype, 1, fine->threads);
    if (!fine->multigrid) return NULL;
  }
  const int32_t rows = fine->level ? fine->level->rows : fine->rows, cols = fine->level ? fine->level->cols : fine->cols;
  const int32_t below[2] = {halve(rows, 0), halve(cols, 0)};
  if (!odd(below[0], below[1], LEAST)) return general_same(fine, halved, finest->cx, finest->cy);
  laplace_grid *grid = level_create(fine, halved, 0);
  if (!grid) return NULL;
  grid->path = &fused_path;
  grid->multigrid = open_fused(below[0], below[1], sizeof(float), 0, 0);
  if (grid->multigrid) return grid;
  laplace_free(grid);
  return NULL;
}

const struct multigrid_path fused_path = {takes, coarsen, descend, ascend, turn, refine, settle, release};
