/* A multigrid pass over a tile of a finest grid on the black-box path: five points; the iterate and its residual in the
 * precision of the problem, the correction in f32. This file has the order of the steps; each step is in a header.
 * Compiled for each precision and instruction set.
 *
 * Each row is read from memory once. Its residual r is taken of u (fine_load-inl.h); all steps after that work on d,
 * the correction of u, in f32: half-sweep after half-sweep, each one row behind the one before, and what is left of r
 * (fine_smooth-inl.h); the new iterate, its norms, and restriction (fine_store-inl.h). A tile reads margins of its
 * neighbours' u and repeats their steps, so tiles are independent.
 */
#include "fine_store-inl.h"
#include "fine_smooth-inl.h"
#include "fine_load-inl.h"

enum { FINE_MARGIN = 16 }; /* pairs of columns that a tile does beyond its own */

/* An array of a window, zero, for rows of whole vectors and FINE_PADDING numbers before and after. */
static void *fine_take(struct arena *arena, int32_t numbers, size_t size) {
  const size_t bytes = (size_t)(numbers + 2 * FINE_PADDING) * size;
  char *memory = arena_take(arena, bytes, 64);
  if (!arena->measures) memset(memory, 0, bytes);
  return memory + FINE_PADDING * size;
}

/* The window with its arrays, of which it has `slots` and `count`. */
static __attribute__((noinline)) struct fine_window fine_lay_out(struct arena *arena, struct fine_window w) {
  const int32_t pairs = fine_whole(w.count);
  w.rows = arena_take(arena, (size_t)w.slots * sizeof *w.rows, 64);
  for (int32_t k = 0; k < w.slots; k++)
    for (int p = 0; p < FINE_PARTS; p++)
      for (int q = 0; q < 2; q++) {
        float *part = fine_take(arena, pairs, sizeof *part);
        if (!arena->measures) w.rows[k].part[p][q] = part;
      }
  for (int k = 0; k < 4; k++) w.buffer[k] = fine_take(arena, 2 * pairs, sizeof(float));
  w.flux = fine_take(arena, 2 * pairs, sizeof(real));
  return w;
}

static size_t fine_scratch(int32_t sweeps, int32_t pairs) {
  struct arena arena = arena_measure();
  fine_lay_out(&arena, (struct fine_window){.slots = 2 * sweeps + 6, .count = pairs});
  return arena.used;
}

/* Row v is prefetched while the half-sweeps of the row before it are at work. */
static void fine_prefetch_row(struct fine_window *w, int32_t v) {
  const struct fine *a = w->a;
  const struct field *g = &w->grid->g;
  const void *fields[5] = {w->grid->u, a->e, a->s, a->has_source ? g->data : NULL, a->inverse};
  for (int k = 0; k < 5; k++) {
    w->prefetch[k].step = 0;
    if (!fields[k] || v >= w->end - 1) continue;
    const int64_t size = k == 4 ? 4 : sizeof(real), i = fine_periodic_row(w, k == 0 ? v + 1 : v);
    const int32_t *stored = k == 0 ? NULL : k == 3 ? g->row : a->row;
    w->prefetch[k].from =
        (const char *)fields[k] +
        ((stored ? stored[i] : i) * (k == 4 ? a->pitch_f32 : w->grid->stride) + 2 * (int64_t)w->first) * size;
    w->prefetch[k].step = 2 * FLOATS * size;
  }
}

static void fine_pass_tile(const struct fine_pass *pass, const struct fine_tile *tile, void *memory, double norms[2]) {
  const laplace_grid *grid = pass->grid;
  const struct fine *a = grid->multigrid;
  const int32_t pairs = (grid->cols + a->first_is_coarse + 1) / 2, lag = 2 * pass->sweeps, margin = lag + 4;
  struct fine_window w = {.pass = pass, .a = a, .grid = grid, .slots = lag + 6};
  w.plain = !a->e, w.has_row_sum = a->row_sum != NULL;
  w.first = tile->pair0 > FINE_MARGIN ? tile->pair0 - FINE_MARGIN : 0;
  w.count = (tile->pair1 + FINE_MARGIN < pairs ? tile->pair1 + FINE_MARGIN : pairs) - w.first;
  w.begin = tile->row0 - margin, w.end = tile->row1 + margin;
  if (!(grid->layout & LAPLACE_PERIODIC_ROWS)) {
    if (w.begin < 0) w.begin = 0;
    if (w.end > grid->rows) w.end = grid->rows;
  }
  struct arena arena = arena_init(memory, a->scratch_size);
  w = fine_lay_out(&arena, w);

  for (int32_t v = w.begin; v < tile->row1 + lag + 2; v++) {
    fine_prefetch_row(&w, v + 1);
    if (v < w.end) {
      const int32_t i = fine_periodic_row(&w, v);
      fine_load_row(&w, i, fine_slot(&w, v));
      if (pass->prolong_from && !fine_is_ghost_row(&w, i)) fine_prolong_row(&w, i, fine_slot(&w, v));
    }
    for (int32_t h = 0; h < lag; h++)
      if (v - 1 - h >= w.begin + 1 && v - 1 - h < w.end - 1) fine_smooth_row(&w, v - 1 - h, h);
    const int32_t done = v - lag - 1;
    if (done > w.begin && done < w.end - 1) fine_residual_row(&w, done);
    if (done >= tile->row0 && done < tile->row1) fine_store_row(&w, done, tile, norms);
    if (pass->restrict_to && done - 1 >= tile->row0 && done - 1 < tile->row1) fine_restrict_row(&w, done - 1, tile);
  }
  stream_end();
}

void NAME(fine_conductances)(const laplace_grid *, int32_t, int32_t, struct fine_findings *);
void NAME(fine_row_sum)(const laplace_grid *, int32_t);
const struct fine_kernels NAME(fine_kernels) = {NAME(fine_conductances), NAME(fine_row_sum), fine_pass_tile,
                                                fine_scratch};
