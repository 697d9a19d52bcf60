/* A pass of multigrid over a tile of a finest grid of any kind: five points, in the precision of the problem what is added up
 * in the iterate and its residual, in f32 what is found out about the error. Here is the order in which things are done; each is in a
 * header. Compiled for each precision and instruction set.
 *
 * A row comes by once. Its residual r is taken of u as it is (finest_take.h); then all is done with d, the correction of u,
 * in f32: half-sweep after half-sweep, each one row behind the one before; what is left of r (finest_smooth.h); the new
 * iterate, its norms, and restriction (finest_give.h). A tile reads margins of its neighbours' u and does them too, so tiles
 * are independent.
 */
#include "fine_store-inl.h"
#include "fine_smooth-inl.h"
#include "fine_load-inl.h"

enum { OWN = 16 }; /* pairs of columns that a tile does beyond its own */

/* Bytes of what a pass lays out. */
static size_t scratch(int32_t sweeps, int32_t pairs) {
  const size_t slots = 2 * (size_t)sweeps + 6;
  return slots * (sizeof(struct slot) + 2 * PARTS * (size_t)pad(pairs) * sizeof(float)) +
         6 * 2 * (size_t)pad(pairs) * sizeof(float) + 2 * (size_t)pad(pairs) * sizeof(real) + 4096;
}

/* What row v will bring: fetched while the half-sweeps of the row before it are at work. */
static void look_ahead(struct work *w, int32_t v) {
  const struct finest *a = w->a;
  const struct field *g = &w->grid->g;
  const void *fields[5] = {w->pass->u, a->east, a->south, a->constant ? g->data : NULL, a->inverse};
  for (int k = 0; k < 5; k++) {
    w->next[k].step = 0;
    if (!fields[k] || v >= w->end - 1) continue;
    const int64_t size = k == 4 ? 4 : sizeof(real), i = actual(w, k == 0 ? v + 1 : v), row = k == 0 ? i : stored(k == 3 ? g->row : a->row, i);
    w->next[k].from = (const char *)fields[k] + (row * (k == 4 ? a->single : w->grid->stride) + 2 * (int64_t)w->first) * size;
    w->next[k].step = 2 * FLOATS * size;
  }
}

static void pass(const struct finest_pass *pass, const struct tile *tile, void *memory, double norms[2]) {
  const laplace_grid *grid = pass->grid;
  const struct finest *a = pass->finest;
  const int32_t pairs = (grid->cols + a->origin + 1) / 2, lag = 2 * pass->sweeps, margin = lag + 4;
  struct work w = {.pass = pass, .a = a, .grid = grid, .plain = !a->east, .excess = a->excess != NULL, .slots = lag + 6};
  w.first = tile->pair0 > OWN ? tile->pair0 - OWN : 0;
  w.count = (tile->pair1 + OWN < pairs ? tile->pair1 + OWN : pairs) - w.first;
  w.begin = tile->row0 - margin, w.end = tile->row1 + margin;
  if (!(grid->layout & LAPLACE_PERIODIC_ROWS)) {
    if (w.begin < 0) w.begin = 0;
    if (w.end > grid->rows) w.end = grid->rows;
  }
  w.ring = memory;
  float *next = (float *)(((uintptr_t)(w.ring + w.slots) + 63) / 64 * 64) + EDGE;
  const int32_t room = pad(w.count);
  for (int32_t k = 0; k < w.slots; k++)
    for (int p = 0; p < PARTS; p++)
      for (int q = 0; q < 2; q++, next += room) w.ring[k].part[p][q] = next;
  for (int k = 0; k < 6; k++, next += 2 * room) w.buffer[k] = next;
  w.flux = (real *)(next + EDGE), next += 2 * room * (int32_t)(sizeof(real) / sizeof(float));
  memset(w.ring[0].part[0][0] - EDGE, 0, (size_t)(next - w.ring[0].part[0][0]) * sizeof(float));

  for (int32_t v = w.begin; v < tile->row1 + lag + 2; v++) {
    look_ahead(&w, v + 1);
    if (v < w.end) {
      const int32_t i = actual(&w, v);
      take(&w, i, slot(&w, v));
      if (pass->from && !is_ring(&w, i)) correct(&w, i, slot(&w, v));
    }
    for (int32_t h = 0; h < lag; h++)
      if (v - 1 - h >= w.begin + 1 && v - 1 - h < w.end - 1) relax(&w, v - 1 - h, h);
    const int32_t done = v - lag - 1;
    if (done > w.begin && done < w.end - 1) rest(&w, done);
    if (done >= tile->row0 && done < tile->row1) give(&w, done, tile, norms);
    if (pass->to && done - 1 >= tile->row0 && done - 1 < tile->row1) restrict_row(&w, done - 1, tile);
  }
  stream_end();
}

void NAME(finest_prepare)(const laplace_grid *, struct finest *, int32_t, int32_t, struct findings *);
void NAME(finest_excess)(const laplace_grid *, struct finest *, int32_t);
const struct finest_kernels NAME(finest_kernels) = {NAME(finest_prepare), NAME(finest_excess), pass, scratch};
