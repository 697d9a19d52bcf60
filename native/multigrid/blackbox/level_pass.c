/* Passes over levels of the black-box path, in place, rows dealt out to threads. The arithmetic is in level_rows.c.
 *
 * A pass is fused: it has stages (prolong, half-sweeps, residual and restriction), and each stage of a row needs the
 * one before of the rows beside it. So a thread goes down its rows with all stages, each a row behind the one before.
 * At the border between two threads stage s first stops s rows short, on both sides; the triangle that this leaves is
 * done when both have finished. Each point sees the same neighbours whatever the number of threads, so bits do not
 * depend on it.
 */
#include "path.h"
#include <string.h>

enum { LEVEL_POINTS_OF_A_THREAD = 32768 };

struct level_buffers {
  float *residual[3]; /* of rows, */
  int32_t row[3];     /* which are these */
  float *zero;        /* the residual of ghost rows */
  float *free[3];     /* used within one stage of one row */
};

static struct level_buffers level_lay_out_buffers(struct arena *arena, const laplace_level *level) {
  struct level_buffers b = {.row = {-9, -9, -9}}; /* none so far */
  float **all[7] = {b.residual, b.residual + 1, b.residual + 2, &b.zero, b.free, b.free + 1, b.free + 2};
  for (int k = 0; k < 7; k++) *all[k] = level_take_buffer(arena, level, 0);
  return b;
}

size_t level_scratch_size(const laplace_level *level) {
  struct arena arena = arena_measure();
  level_lay_out_buffers(&arena, level);
  return (arena.used + 63) / 64 * 64;
}

static struct level_buffers level_buffers(const laplace_level *level, int32_t thread) {
  const size_t size = level_scratch_size(level);
  struct arena arena = arena_init((char *)level->scratch + (size_t)thread * size, size);
  return level_lay_out_buffers(&arena, level);
}

static int32_t level_periodic_row(const laplace_level *a, int32_t i) {
  if (!(a->periodic & LAPLACE_PERIODIC_ROWS)) return i;
  return i < 1 ? i + a->rows - 2 : i > a->rows - 2 ? i - (a->rows - 2) : i;
}

static const float *level_residual_of(const struct level_pass *p, int32_t i, struct level_buffers *b) {
  const int32_t row = level_periodic_row(p->level, i);
  if (row < 1 || row > p->level->rows - 2) return b->zero;
  const int32_t k = ((i % 3) + 3) % 3;
  if (b->row[k] != i) p->level->finest->levels->residual(p->level, row, b->residual[k]), b->row[k] = i;
  return b->residual[k];
}

static void level_fill_ghost_rows(const laplace_level *a, int32_t i) {
  if (!(a->periodic & LAPLACE_PERIODIC_ROWS)) return;
  const size_t bytes = (size_t)a->cols * sizeof(float);
  if (i == 1) memcpy(a->e + (a->rows - 1) * a->stride, a->e + a->stride, bytes);
  if (i == a->rows - 2) memcpy(a->e, a->e + i * a->stride, bytes);
}

static void level_stage(const struct level_pass *p, int32_t stage, int32_t i, struct level_buffers *b) {
  laplace_level *a = p->level, *to = p->restrict_to;
  const struct level_kernels *kernels = a->finest->levels;
  const int32_t last = 2 * p->sweeps, between = (i ^ a->first_is_coarse) & 1, coarse = a->first_is_coarse & 1;
  if (stage == 0) {
    if (p->clear) memset(a->e + i * a->stride, 0, (size_t)a->cols * sizeof(float));
    if (p->prolong_from) kernels->prolong(p->prolong_from, i, b->free[0], b->free[1], b->free[2]);
  } else if (stage <= last) {
    /* Centre points come last before a restriction, so that they have no residual, and first after a prolongation. */
    if (((stage & 1) ^ between) != p->coarse_first) return;
    kernels->smooth(a, i, p->coarse_first ? coarse : !coarse, b->free[0]);
  } else if (stage == last + 2 && to && !(to->halved[0] && between)) {
    const int32_t I = to->halved[0] ? (i + to->first_is_coarse) / 2 : i;
    const float *north = level_residual_of(p, i - 1, b), *here = level_residual_of(p, i, b),
                *south = level_residual_of(p, i + 1, b);
    kernels->restrict_row(to, I, north, here, south, b->free[1], b->free[2]);
    return;
  } else return;
  level_fill_ghost_rows(a, i);
}

static void level_pass_rows(void *task, int32_t thread, int32_t threads) {
  const struct level_pass *p = task;
  const laplace_level *a = p->level;
  const int32_t rows = a->rows - 2, periodic = a->periodic & LAPLACE_PERIODIC_ROWS;
  struct level_buffers b = level_buffers(a, thread);
  const int32_t from = 1 + share_begin(rows, thread, threads), end = 1 + share_begin(rows, thread + 1, threads);
  const int open_above = thread > 0 || periodic, open_below = thread < threads - 1 || periodic;
  for (int32_t t = from; t < end + p->stages - 1; t++)
    for (int32_t s = 0; s < p->stages; s++) {
      const int32_t i = t - s;
      if (i >= from + (open_above ? s : 0) && i < end - (open_below ? s : 0)) level_stage(p, s, i, &b);
    }
  if (threads > 1) model_barrier();
  if (!open_below) return;
  b = level_buffers(a, thread);
  for (int32_t s = 1; s < p->stages; s++)
    for (int32_t i = end - s; i < end + s; i++) level_stage(p, s, level_periodic_row(a, i), &b);
}

/* Enough points for each thread, and rows enough that the triangles do not meet. */
int32_t level_threads(const laplace_level *a, int32_t stages) {
  const int64_t points = (int64_t)(a->rows - 2) * (a->cols - 2);
  const int64_t n = points / LEVEL_POINTS_OF_A_THREAD, tall = (a->rows - 2) / (2 * stages);
  return most(1, least(a->finest->threads, (int32_t)(n < tall ? n : tall)));
}

void level_pass(struct level_pass p) {
  laplace_level *a = p.level;
  p.clear = a->zero;
  p.stages = 2 * p.sweeps + (p.restrict_to ? 3 : 1);
  /* Around a periodic axis with few rows the triangle would reach itself. */
  const int32_t threads = level_threads(a, p.stages);
  if (a->periodic & LAPLACE_PERIODIC_ROWS && a->rows - 2 < 2 * p.stages) {
    struct level_buffers b = level_buffers(a, 0);
    for (int32_t s = 0; s < p.stages; s++)
      for (int32_t i = 1; i < a->rows - 1; i++) level_stage(&p, s, i, &b);
  } else model_parallel_run(a->finest, threads, level_pass_rows, &p);
  a->zero = 0;
}
