/* Passes over levels of the general path, in place, and how their rows are dealt out to threads. The arithmetic is in
 * level_rows.c.
 *
 * A pass has stages; stage s of a row needs stage s - 1 of the rows beside it. So a thread goes down its rows with all
 * stages, each a row behind the one before. Between two threads' rows stage s first stays s rows clear of the border, on
 * both sides; what is left open, a triangle, is filled in when both are done. Whatever the number of threads, each point
 * sees the same neighbours: bits do not depend on it.
 */
#include "path.h"
#include "../kernels.h"
#include <stdlib.h>
#include <string.h>

enum { POINTS_OF_A_THREAD = 32768, BUFFERS = 8 };

struct buffers {
  float *one[BUFFERS]; /* 0 to 2: residuals of rows, as held says; 3: zero; others: for the time of a call */
  int32_t held[3];
};

static int32_t wrapped(const laplace_level *a, int32_t i) {
  if (!(a->wrap & LAPLACE_PERIODIC_ROWS)) return i;
  return i < 1 ? i + a->rows - 2 : i > a->rows - 2 ? i - (a->rows - 2) : i;
}

static const float *residual_of(const struct level_pass *p, int32_t i, struct buffers *b) {
  const int32_t row = wrapped(p->level, i);
  if (row < 1 || row > p->level->rows - 2) return b->one[3];
  const int32_t k = ((i % 3) + 3) % 3;
  if (b->held[k] != i) p->kernels->residual(p->level, row, b->one[k]), b->held[k] = i;
  return b->one[k];
}

static void images_of_row(const laplace_level *a, int32_t i) {
  if (!(a->wrap & LAPLACE_PERIODIC_ROWS)) return;
  const size_t bytes = (size_t)a->cols * sizeof(float);
  if (i == 1) memcpy(a->e + (a->rows - 1) * a->stride, a->e + a->stride, bytes);
  if (i == a->rows - 2) memcpy(a->e, a->e + i * a->stride, bytes);
}

static void do_stage(const struct level_pass *p, int32_t stage, int32_t i, struct buffers *b) {
  laplace_level *a = p->level;
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
  const laplace_level *a = p->level;
  const int32_t rows = a->rows - 2, wrap = a->wrap & LAPLACE_PERIODIC_ROWS;
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

/* Enough points for each thread, and rows enough that the triangles do not meet. */
int32_t level_threads(const laplace_level *a, int32_t stages) {
  const int64_t points = (int64_t)(a->rows - 2) * (a->cols - 2);
  const int64_t n = points / POINTS_OF_A_THREAD, tall = (a->rows - 2) / (2 * stages);
  return most(1, least(a->finest->threads, (int32_t)(n < tall ? n : tall)));
}

int level_pass(struct level_pass p) {
  laplace_level *a = p.level;
  p.kernels = a->finest->levels;
  p.stages = 2 * p.sweeps + (p.to ? 3 : 1);
  /* Around a periodic axis with few rows the triangle would reach itself. */
  const int32_t threads = level_threads(a, p.stages);
  if (a->wrap & LAPLACE_PERIODIC_ROWS && a->rows - 2 < 2 * p.stages) {
    struct buffers b = {.held = {-9, -9, -9}};
    for (int k = 0; k < BUFFERS; k++) b.one[k] = a->scratch + k * buffer_size(a, 0) + 64;
    for (int32_t s = 0; s < p.stages; s++)
      for (int32_t i = 1; i < a->rows - 1; i++) do_stage(&p, s, i, &b);
  } else if (threads == 1) level_work(&p, 0, 1);
  else model_parallel_run(a->finest, threads, level_work, &p);
  return LAPLACE_OK;
}

int level_open_scratch(laplace_level *level) {
  level->scratch = calloc((size_t)level->finest->threads * BUFFERS * (size_t)buffer_size(level, 0), sizeof(float));
  return level->scratch ? LAPLACE_OK : fail("out of memory");
}
