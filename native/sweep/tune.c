/* The setting "block": temporal blocking, and the search for the fastest one. No arithmetic.
 *
 * Every block gives the same bits: the grid itself is swept with each candidate in turn, and no sweep is wasted. */
#include "tune.h"
#include "../plugin/kernels.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Fixed defaults, the best or nearly so on the machine of docs/speed.md: plain, weighted. In f32 twice as wide. */
static const struct time_block usual[] = {{32, 576}, {16, 512}};
/* What block=auto tries, likewise. */
static const struct time_block candidates[TUNE_CANDIDATES] = {{8, 288},  {16, 288}, {16, 544},
                                                              {24, 576}, {32, 576}, {32, 1088}};
enum { ROUNDS = 3 };

static struct time_block scaled(const laplace_grid *grid, struct time_block block) {
  if (grid->dtype == LAPLACE_F32) block.width *= 2;
  return block;
}

/* What was measured in this process, for each precision, kind of stencil, and grids within and beyond the caches. */
static struct time_block known[2][2][2];
static pthread_mutex_t known_lock = PTHREAD_MUTEX_INITIALIZER;

/* What is known for a grid like this one, after `found` was added unless it is NULL. */
static struct time_block known_for(const laplace_grid *grid, const struct time_block *found) {
  struct time_block *const known_here =
      &known[grid->dtype == LAPLACE_F32][(grid->layout & LAPLACE_WEIGHTED) != 0][grid->stream];
  pthread_mutex_lock(&known_lock);
  if (found) *known_here = *found;
  const struct time_block now = *known_here;
  pthread_mutex_unlock(&known_lock);
  return now;
}

int tune_set(struct time_block *block, const char *value) {
  int sweeps, width, end = 0;
  if (!strcmp(value, "off")) return *block = (struct time_block){0, 0}, LAPLACE_OK;
  if (!strcmp(value, "auto")) return *block = (struct time_block){BLOCK_AUTO, 0}, LAPLACE_OK;
  if ((sscanf(value, "%dx%d%n", &sweeps, &width, &end) == 2 ||
       sscanf(value, "%d\xc3\x97%d%n", &sweeps, &width, &end) == 2) &&
      !value[end] && sweeps >= 1 && sweeps <= MOST_SWEEPS && width >= 1 && width <= 65536)
    return *block = (struct time_block){sweeps, width}, LAPLACE_OK;
  return fail("setting \"block\" must be off, auto or TxW, such as 16x544 (at most %d sweeps): it is \"%.40s\"",
              MOST_SWEEPS, value);
}

void tune_open(laplace_grid *grid) {
  const struct time_block block = grid->settings.block, found = known_for(grid, NULL);
  grid->trial = block.sweeps == BLOCK_AUTO && !found.sweeps ? 0 : -1;
  grid->block = block.sweeps == BLOCK_DEFAULT ? scaled(grid, usual[(grid->layout & LAPLACE_WEIGHTED) != 0])
                : block.sweeps != BLOCK_AUTO  ? block
                : found.sweeps                ? found
                                              : scaled(grid, candidates[0]);
}

size_t tune_scratch(const laplace_grid *grid) {
  size_t most = 0;
  for (int k = 0; grid->block.sweeps && k < (grid->trial < 0 ? 1 : TUNE_CANDIDATES); k++) {
    const struct time_block block = grid->trial < 0 ? grid->block : scaled(grid, candidates[k]);
    const int32_t time_steps = block.sweeps + 1; /* one for the residual */
    const int64_t width = tiling_widest(grid, time_steps, block.width);
    const size_t size = grid->kernels->tile_scratch(grid, time_steps, width);
    if (size > most) most = size;
  }
  return most;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Sweeps with each candidate in turn, with the same bits as always, and measures the time. */
int32_t tune_try(laplace_grid *grid, int32_t count) {
  double norms[2];
  int32_t done = 0;
  while (grid->trial >= 0) {
    const int k = grid->trial % TUNE_CANDIDATES;
    const struct time_block block = scaled(grid, candidates[k]);
    if (done + block.sweeps >= count) return done;
    grid->block = block;
    const double start = now();
    const int32_t passes = model_advance(grid, grid->u, grid->v, block.sweeps, 0, norms);
    const double seconds = (now() - start) / block.sweeps;
    void *u = grid->u;
    if (passes % 2) grid->u = grid->v, grid->v = u;
    if (grid->trial < TUNE_CANDIDATES || seconds < grid->fastest[k]) grid->fastest[k] = seconds;
    done += block.sweeps;
    if (++grid->trial < ROUNDS * TUNE_CANDIDATES) continue;
    int best = 0;
    for (int c = 1; c < TUNE_CANDIDATES; c++)
      if (grid->fastest[c] < grid->fastest[best]) best = c;
    const struct time_block found = scaled(grid, candidates[best]);
    grid->trial = -1, grid->block = known_for(grid, &found);
  }
  return done;
}
