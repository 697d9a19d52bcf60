/* Multigrid for any grid: plans passes over a finest grid and over its levels, and deals rows out to threads. The arithmetic
 * is in finest_rows.c, level_rows.c and galerkin.c.
 */
#include "finest.h"
#include "kernels.h"
#include "multigrid.h"
#include "../kernels.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }
static int32_t most(int32_t a, int32_t b) { return a > b ? a : b; }

/* ---- levels: passes in place ----
 *
 * A pass has stages; stage s of a row needs stage s - 1 of the rows beside it. So a thread goes down its rows with all
 * stages, each a row behind the one before. Between two threads' rows stage s first stays s rows clear of the border, on
 * both sides; what is left open, a triangle, is filled in when both are done. Whatever the number of threads, each point
 * sees the same neighbours: bits do not depend on it.
 */

enum { POINTS_OF_A_THREAD = 16384, BUFFERS = 8 };

struct level_pass {
  const struct level_kernels *kernels;
  struct level *level;
  const struct level *from; /* whose e is added; NULL: none */
  struct level *to;         /* whose f is set; NULL: none */
  int32_t sweeps, down;     /* down: coarse rows and columns are smoothed first; up: those between */
  int32_t clear, stages;
};

struct buffers {
  float *one[BUFFERS]; /* 0 to 2: residuals of rows, as held says; 3: zero; others: for the time of a call */
  int32_t held[3];
};

static int32_t wrapped(const struct level *a, int32_t i) {
  if (!(a->wrap & LAPLACE_WRAP_ROWS)) return i;
  return i < 1 ? i + a->rows - 2 : i > a->rows - 2 ? i - (a->rows - 2) : i;
}

static const float *residual_of(const struct level_pass *p, int32_t i, struct buffers *b) {
  const int32_t row = wrapped(p->level, i);
  if (row < 1 || row > p->level->rows - 2) return b->one[3];
  const int32_t k = ((i % 3) + 3) % 3;
  if (b->held[k] != i) p->kernels->residual(p->level, row, b->one[k]), b->held[k] = i;
  return b->one[k];
}

static void images_of_row(const struct level *a, int32_t i) {
  if (!(a->wrap & LAPLACE_WRAP_ROWS)) return;
  const size_t bytes = (size_t)a->cols * sizeof(float);
  if (i == 1) memcpy(a->e + (a->rows - 1) * a->stride, a->e + a->stride, bytes);
  if (i == a->rows - 2) memcpy(a->e, a->e + i * a->stride, bytes);
}

static void do_stage(const struct level_pass *p, int32_t stage, int32_t i, struct buffers *b) {
  struct level *a = p->level;
  const int32_t last = 2 * p->sweeps, between = (i ^ a->origin) & 1, coarse = a->origin & 1;
  if (stage == 0) {
    if (p->clear) memset(a->e + i * a->stride, 0, (size_t)a->cols * sizeof(float));
    if (p->from) {
      p->kernels->interpolate(p->from, i, b->one[4], b->one[5], b->one[6]);
      p->kernels->add(a, i, b->one[4]);
    }
  } else if (stage <= last) {
    /* Points amid four are last on the way down, so that they have no residual, and first on the way up. */
    if (((stage & 1) ^ between) != p->down) return;
    p->kernels->smooth(a, i, p->down ? coarse : !coarse, b->one[4]);
  } else if (stage == last + 2 && p->to && !(p->to->halved[0] && between)) {
    const int32_t I = p->to->halved[0] ? (i + p->to->origin) / 2 : i;
    const float *north = residual_of(p, i - 1, b), *here = residual_of(p, i, b), *south = residual_of(p, i + 1, b);
    p->kernels->restrict_row(p->to, I, north, here, south, b->one[5], b->one[6]);
    return;
  } else return;
  images_of_row(a, i);
}

static void level_work(void *task, int32_t thread, int32_t threads) {
  const struct level_pass *p = task;
  const struct level *a = p->level;
  const int32_t rows = a->rows - 2, wrap = a->wrap & LAPLACE_WRAP_ROWS;
  const int64_t size = buffer_size(a, 0);
  struct buffers b = {.held = {-9, -9, -9}};
  for (int k = 0; k < BUFFERS; k++) b.one[k] = a->scratch + (thread * BUFFERS + k) * size + 64;
  const int32_t from = 1 + (int32_t)((int64_t)rows * thread / threads), end = 1 + (int32_t)((int64_t)rows * (thread + 1) / threads);
  const int open_above = thread > 0 || wrap, open_below = thread < threads - 1 || wrap;
  for (int32_t t = from; t < end + p->stages - 1; t++)
    for (int32_t s = 0; s < p->stages; s++) {
      const int32_t i = t - s;
      if (i >= from + (open_above ? s : 0) && i < end - (open_below ? s : 0)) do_stage(p, s, i, &b);
    }
  if (threads > 1) model_barrier();
  if (!open_below) return;
  for (int k = 0; k < 3; k++) b.held[k] = -9;
  for (int32_t s = 1; s < p->stages; s++)
    for (int32_t i = end - s; i < end + s; i++) do_stage(p, s, wrapped(a, i), &b);
}

/* Threads for a level: enough points for each, and rows enough that the triangles do not meet. */
static int32_t threads_of(const struct level *a, int32_t stages) {
  const int64_t points = (int64_t)(a->rows - 2) * (a->cols - 2);
  const int64_t n = points / POINTS_OF_A_THREAD, tall = (a->rows - 2) / (2 * stages);
  return most(1, least(a->finest->threads, (int32_t)(n < tall ? n : tall)));
}

static int level_pass(struct level_pass p) {
  struct level *a = p.level;
  p.kernels = a->finest->levels;
  p.stages = 2 * p.sweeps + (p.to ? 3 : 1);
  /* Around a periodic axis with few rows the triangle would reach itself. */
  const int32_t threads = threads_of(a, p.stages);
  if (a->wrap & LAPLACE_WRAP_ROWS && a->rows - 2 < 2 * p.stages) {
    struct buffers b = {.held = {-9, -9, -9}};
    for (int k = 0; k < BUFFERS; k++) b.one[k] = a->scratch + k * buffer_size(a, 0) + 64;
    for (int32_t s = 0; s < p.stages; s++)
      for (int32_t i = 1; i < a->rows - 1; i++) do_stage(&p, s, i, &b);
  } else if (threads == 1) level_work(&p, 0, 1);
  else model_team(a->finest, threads, level_work, &p);
  return LAPLACE_OK;
}

/* ---- finest grids: passes from u to v, tile by tile ---- */

enum { MOST_IN_TILES = 12 }; /* sweeps, for which the margins of tiles beside each other are wide enough */

struct tiles {
  struct finest_pass pass;
  int32_t across, slabs, pairs;
  double (*norms)[2];
};

static void tile_work(void *task, int32_t thread, int32_t threads) {
  struct tiles *t = task;
  const laplace_grid *grid = t->pass.grid;
  const struct finest *a = t->pass.finest;
  const int32_t rows = grid->rows - 2;
  double found[2] = {0, 0};
  for (int32_t slab = thread; slab < t->slabs; slab += threads)
    for (int32_t k = 0; k < t->across; k++) {
      const int32_t unit = 16, wide = (t->pairs + unit - 1) / unit;
      const struct tile tile = {1 + (int32_t)((int64_t)rows * slab / t->slabs), 1 + (int32_t)((int64_t)rows * (slab + 1) / t->slabs),
                                (int32_t)((int64_t)wide * k / t->across) * unit,
                                k == t->across - 1 ? t->pairs : (int32_t)((int64_t)wide * (k + 1) / t->across) * unit};
      grid->kernels->finest->pass(&t->pass, &tile, (char *)a->scratch + (size_t)thread * a->scratch_size, found);
    }
  t->norms[thread][0] = found[0], t->norms[thread][1] = found[1];
}

/* Pairs of columns whose rows in flight take about half of the second-level cache. */
static int32_t widest(int32_t sweeps) {
#if defined(_SC_LEVEL2_CACHE_SIZE)
  const long cache = sysconf(_SC_LEVEL2_CACHE_SIZE);
#else
  const long cache = 0;
#endif
  const long pairs = (cache > 0 ? cache : 512 << 10) / 2 / ((2 * sweeps + 5) * 40);
  return pairs < 256 ? 256 : pairs > 1 << 20 ? 1 << 20 : (int32_t)pairs;
}

static void constant_work(void *task, int32_t thread, int32_t threads) {
  const laplace_grid *grid = task;
  for (int32_t i = (int32_t)((int64_t)grid->rows * thread / threads); i < (int64_t)grid->rows * (thread + 1) / threads; i++)
    grid->kernels->finest->constant(grid, grid->multigrid, i);
}

static int finest_pass(laplace_grid *grid, const struct level *from, struct level *to, int32_t sweeps, double norms[2]) {
  struct finest *a = grid->multigrid;
  grid_refresh(grid);
  grid->ahead = 0;
  if (a->renew) model_team(grid, grid->threads, constant_work, grid), a->renew = 0;
  const int32_t pairs = (grid->cols + a->origin + 1) / 2, whole = grid->layout & LAPLACE_WRAP_COLS || sweeps > MOST_IN_TILES;
  const int32_t across = whole ? 1 : most(1, (pairs + widest(sweeps) - 1) / widest(sweeps));
  const int32_t slabs = most(1, least(grid->threads, (grid->rows - 2) / (4 * sweeps + 8)));
  const size_t needed = (grid->kernels->finest->scratch(sweeps, pairs / across + 64) / 4096 + 1) * 4096;
  if (a->scratch_size < needed) {
    free(a->scratch);
    a->scratch_size = 0;
    if (!(a->scratch = multigrid_allocate(grid, needed * (size_t)grid->threads))) return LAPLACE_FAILED;
    a->scratch_size = needed;
  }
  double found[slabs][2];
  memset(found, 0, sizeof found);
  struct tiles t = {{grid, a, from, to, grid->u, grid->v, sweeps}, across, slabs, pairs, found};
  if (slabs == 1) tile_work(&t, 0, 1);
  else model_team(grid, slabs, tile_work, &t);
  grid_swap(grid);
  if (grid->layout & (LAPLACE_WRAP_ROWS | LAPLACE_WRAP_COLS)) grid->stale = 1;
  norms[0] = norms[1] = 0;
  for (int32_t k = 0; k < slabs; k++) norms[0] = larger(norms[0], found[k][0]), norms[1] = larger(norms[1], found[k][1]);
  return LAPLACE_OK;
}

/* ---- opening a finest grid, and making levels ---- */

/* Conductances that differ by more. A disc that conducts 1e6 times as well, 2049 points a side: a cycle left 1.8 of the
 * residual without that of the black points, and 0.3 with it; 1e3 times as well, 0.15 either way. */
static const double UNEVEN = 64;

struct preparation {
  const laplace_grid *grid;
  struct finest *finest;
  double scale;
  struct findings *found; /* of each thread */
};

static void prepare_work(void *task, int32_t thread, int32_t threads) {
  struct preparation *p = task;
  struct findings found = {0, 0, INFINITY, 0};
  for (int32_t i = (int32_t)((int64_t)p->grid->rows * thread / threads); i < (int64_t)p->grid->rows * (thread + 1) / threads; i++)
    p->grid->kernels->finest->prepare(p->grid, p->finest, i, p->scale, &found);
  p->found[thread] = found;
}

static struct findings prepare(laplace_grid *grid, struct finest *a) {
  struct findings found[grid->threads], all = {0, 0, INFINITY, 0};
  for (int32_t k = 0; k < grid->threads; k++) found[k] = all;
  model_team(grid, grid->threads, prepare_work, &(struct preparation){grid, a, a->scale, found});
  for (int32_t k = 0; k < grid->threads; k++) {
    all.excess |= found[k].excess, all.constant |= found[k].constant;
    all.least = fmin(all.least, found[k].least), all.most = fmax(all.most, found[k].most);
  }
  return all;
}

/* A power of two near 1 / d of some free point. */
static double scale_of(const laplace_grid *grid) {
  for (int32_t i = 1; i < grid->rows - 1; i++)
    for (int32_t j = 1; j < grid->cols - 1; j++) {
      const int64_t at = i * grid->stride + j;
      const double d = grid->dtype == 8 ? ((double *)grid->d)[at] : ((float *)grid->d)[at];
      if (d > 0 && isfinite(d)) return ldexp(1, -ilogb(d));
    }
  return 1;
}

static void close_finest(struct finest *a) {
  free(a->memory);
  free(a->more[0]), free(a->more[1]);
  free(a->scratch);
  free(a);
}

static struct finest *open_finest(laplace_grid *grid) {
  struct finest *a = calloc(1, sizeof *a);
  if (!a) return fail("out of memory"), NULL;
  const int odd_rows = grid->rows % 2 && grid->layout & LAPLACE_WRAP_ROWS, odd_cols = grid->cols % 2 && grid->layout & LAPLACE_WRAP_COLS;
  a->both = odd_rows || odd_cols, a->unit = 1;
  a->kx = grid->cx, a->ky = grid->cy;
  a->origin = grid->layout & LAPLACE_WEIGHTED ? 1 : 0;
  if (!a->origin) return a->constant = grid->layout & LAPLACE_SOURCE ? grid->g : NULL, a;
  a->single = (grid->stride + 15) / 16 * 16;
  /* Each array at a different offset within its page, as in grid.c. */
  const size_t points = (size_t)grid->rows * (size_t)grid->stride, size = (points * (size_t)grid->dtype / 4096 + 1) * 4096 + 9 * 64;
  char *next = a->memory = multigrid_allocate(grid, 2 * size + (size_t)grid->rows * (size_t)a->single * sizeof(float));
  if (!next) return free(a), NULL;
  a->east = next, a->south = next + size, a->inverse = (float *)(next + 2 * size);
  a->scale = scale_of(grid);
  const struct findings found = prepare(grid, a);
  a->both |= found.most > UNEVEN * found.least;
  if (found.excess && !(a->excess = a->more[0] = multigrid_allocate(grid, size))) return close_finest(a), NULL;
  if (found.constant && !(a->constant = a->more[1] = multigrid_allocate(grid, size))) return close_finest(a), NULL;
  if (a->excess || a->constant) prepare(grid, a);
  return a;
}

struct coarsening {
  struct operator_rows rows;
  struct level *level;
  const struct level_kernels *kernels;
  float *scratch;
};

static void galerkin_work(void *task, int32_t thread, int32_t threads) {
  struct coarsening *c = task;
  const int32_t count = c->level->rows - 1;
  c->kernels->galerkin(&c->rows, c->level, (int32_t)((int64_t)count * thread / threads), (int32_t)((int64_t)count * (thread + 1) / threads),
                       c->scratch + thread * GALERKIN_BUFFERS * buffer_size(c->level, c->rows.cols));
}

static void invert_work(void *task, int32_t thread, int32_t threads) {
  struct coarsening *c = task;
  const int32_t count = c->level->rows - 2;
  for (int32_t I = 1 + (int32_t)((int64_t)count * thread / threads); I <= (int64_t)count * (thread + 1) / threads; I++)
    if (c->kernels->invert(c->level, I)) __atomic_store_n(&c->level->tight, 0, __ATOMIC_RELAXED);
}

static int takes(const laplace_grid *fine, const int32_t halved[2]) {
  (void)halved;
  if (fine->layout & LAPLACE_WEIGHTED) return fine->layout & LAPLACE_DIAGONAL;
  return !(fine->layout & (LAPLACE_WRAP_ROWS | LAPLACE_WRAP_COLS));
}

static int open_scratch(struct level *level) {
  level->scratch = calloc((size_t)level->finest->threads * BUFFERS * (size_t)buffer_size(level, 0), sizeof(float));
  return level->scratch ? LAPLACE_OK : fail("out of memory");
}

laplace_grid *general_same(laplace_grid *fine, const int32_t halved[2], double kx, double ky) {
  laplace_grid *grid = level_create(fine, halved, 1);
  if (!grid) return NULL;
  struct level *level = grid->level;
  if (open_scratch(level) != LAPLACE_OK) return level_free(grid), free(grid), NULL;
  for (int64_t i = 0; i < level->rows - 1; i++)
    for (int64_t j = 0; j < level->cols - 1; j++) {
      const int64_t at = i * level->pitch + j;
      if (i) level->east[at] = (float)kx;
      if (j) level->south[at] = (float)ky;
      if (i && j) level->inverse[at] = (float)(0.5 / (kx + ky));
    }
  level->tight = 1;
  grid->path = &general_path;
  return grid;
}

static laplace_grid *coarsen(laplace_grid *fine, const int32_t halved[2]) {
  const struct level *above = fine->level;
  if (!above && !fine->multigrid && !(fine->multigrid = open_finest(fine))) return NULL;
  laplace_grid *grid = level_create(fine, halved, 1);
  if (!grid) return NULL;
  struct level *level = grid->level;
  laplace_grid *finest = level->finest;
  const struct finest *a = fine->multigrid;
  struct coarsening c = {.level = level, .kernels = finest->levels};
  if (above)
    c.rows = (struct operator_rows){above->rows, above->cols, above->wrap, 4, above->pitch, above->pitch, above->east, above->south,
                                    above->excess, 0, 0, above->falling, above->rising, above->inverse};
  else
    c.rows = (struct operator_rows){fine->rows, fine->cols, level->wrap, fine->dtype, fine->stride, a->single, a->east, a->south,
                                    a->excess, a->kx, a->ky, NULL, NULL, a->inverse};
  const int32_t threads = threads_of(level, 1);
  c.scratch = malloc((size_t)threads * GALERKIN_BUFFERS * (size_t)buffer_size(level, c.rows.cols) * sizeof(float));
  if (!c.scratch || open_scratch(level) != LAPLACE_OK) return free(c.scratch), level_free(grid), free(grid), fail("out of memory"), NULL;
  if (threads > 1) model_team(finest, threads, galerkin_work, &c);
  else galerkin_work(&c, 0, 1);
  level_wrap_operator(level);
  level->tight = 1;
  if (threads > 1) model_team(finest, threads, invert_work, &c);
  else invert_work(&c, 0, 1);
  free(c.scratch);
  return grid;
}

/* ---- what the interface asks for ---- */

static int descend(laplace_grid *fine, laplace_grid *coarse, int32_t sweeps) {
  double norms[2];
  struct level *a = fine->level;
  if (sweeps < 1) return fail("a descent needs at least one sweep"), LAPLACE_FAILED;
  const int status = a ? level_pass((struct level_pass){.level = a, .to = coarse->level, .sweeps = sweeps, .down = 1, .clear = a->zero})
                       : finest_pass(fine, NULL, coarse->level, sweeps, norms);
  if (a) a->zero = 0;
  coarse->level->zero = 1;
  return status;
}

static int ascend(laplace_grid *fine, laplace_grid *coarse, int32_t sweeps) {
  double norms[2];
  struct level *a = fine->level, *c = coarse->level;
  if (sweeps < 1) return fail("an ascent needs at least one sweep"), LAPLACE_FAILED;
  const struct level *from = c->zero ? NULL : c;
  const int clear = a && a->zero;
  if (a) a->zero = 0;
  return a ? level_pass((struct level_pass){.level = a, .from = from, .sweeps = sweeps, .clear = clear})
           : finest_pass(fine, from, NULL, sweeps, norms);
}

/* Corrections are kept within the range of f32: what is left may be smaller than its smallest number. */
static void rescale(struct finest *a, struct level *level, double residual) {
  if (!(residual > 0) || !isfinite(residual)) return;
  const int power = ilogb(residual / a->unit);
  if (abs(power) < 40) return;
  a->unit = ldexp(a->unit, power);
  const float factor = (float)ldexp(1, -power);
  for (int64_t k = 0; k < level->rows * level->stride; k++) level->f[k] *= factor;
}

static int turn(laplace_grid *fine, laplace_grid *coarse, int32_t post, int32_t pre, double norms[2]) {
  struct level *c = coarse->level;
  if (pre < 1 || post < 0) return fail("a turn needs at least one sweep on the way down"), LAPLACE_FAILED;
  if (finest_pass(fine, c->zero ? NULL : c, c, post + pre, norms) != LAPLACE_OK) return LAPLACE_FAILED;
  c->zero = 1;
  rescale(fine->multigrid, c, norms[1]);
  return LAPLACE_OK;
}

static void release(laplace_grid *grid) {
  struct finest *a = grid->multigrid;
  level_free(grid);
  if (!a) return;
  close_finest(a);
  grid->multigrid = NULL;
}

static int adopt(laplace_grid *correction) {
  struct finest *a = malloc(sizeof *a);
  if (!a) return fail("out of memory");
  *a = *(const struct finest *)correction->of->multigrid;
  a->unit = 1, a->memory = a->more[0] = a->more[1] = NULL, a->scratch = NULL, a->scratch_size = 0;
  a->constant = correction->g;
  if (a->origin) {
    const size_t bytes = (size_t)correction->rows * (size_t)correction->stride * (size_t)correction->dtype;
    if (!(a->constant = a->memory = multigrid_allocate(correction, bytes))) return free(a), LAPLACE_FAILED;
    a->renew = 1;
  }
  return correction->multigrid = a, LAPLACE_OK;
}

static void restart(laplace_grid *correction) {
  struct finest *a = correction->multigrid;
  a->renew = a->origin;
}

const struct multigrid_path general_path = {takes, coarsen, descend, ascend, turn, NULL, NULL, NULL, NULL, release, adopt, restart};
