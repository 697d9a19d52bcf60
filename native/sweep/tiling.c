/* How a grid is divided into temporal tiles, and sweeps into passes. No arithmetic, no threads. */
#include "../plugin/kernels.h"

static int64_t up(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }
static int64_t parts(int64_t n, int64_t size) { return (n + size - 1) / size; }

/* A tile is at least twice as wide as its margins, and whole vectors. */
int64_t tiling_widest(const laplace_grid *grid, int32_t time_steps, int64_t widest) {
  const int64_t margins = 2 * up(time_steps, 64 / grid->dtype);
  return up(widest > 2 * margins ? widest : 2 * margins, grid->kernels->tile_unit);
}

/* Divides a grid for passes of at most so many time steps, with at most `widest` columns in a tile, and slabs enough
 * for the grid's threads. */
static struct tiling tiling_of(const laplace_grid *grid, int32_t time_steps, int64_t widest) {
  struct tiling tiling = {
      .time_steps = time_steps, .across = 1, .slabs = 1, .margin = up(time_steps, 64 / grid->dtype)};
  const int64_t unit = grid->kernels->tile_unit, margins = 2 * tiling.margin;
  /* A periodic direction has a margin at both ends, others have none. */
  const int64_t cols = grid->cols + (grid->layout & LAPLACE_PERIODIC_COLS ? margins : 0);
  widest = tiling_widest(grid, time_steps, widest);
  if (cols <= widest) tiling.width = up(cols, unit);
  else {
    tiling.width = up(parts(cols - margins, parts(cols - margins, widest - margins)) + margins, unit);
    tiling.across = parts(cols - margins, tiling.width - margins);
  }
  /* Slabs cost a margin each. Enough for the threads, if they stay four margins high; one for each thread, so that its
   * rows lie in its own NUMA memory, where that costs next to nothing. */
  const int64_t rows = grid->rows - 2, threads = grid->threads;
  const int64_t wanted = rows / threads >= 64 * time_steps ? threads : parts(threads, tiling.across),
                most = rows / (4 * time_steps);
  tiling.slabs = wanted < most ? wanted : most;
  if (tiling.slabs < 1) tiling.slabs = 1;
  return tiling;
}

struct tiling_plan tiling_plan_passes(const laplace_grid *grid, int32_t count, int residual) {
  /* Where one tile is as wide as the grid, threads share its rows: the fewer there are for each, the fewer time steps.
   */
  const int64_t rows = (grid->rows - 2) / (4 * grid->threads);
  int32_t deepest = grid->block.sweeps;
  if (grid->cols <= grid->block.width && rows > 1 && rows < deepest) deepest = (int32_t)rows;
  /* The residual is a time step of the last pass, beside a sweep at least. */
  if (residual && deepest < 2) deepest = 2;
  const int32_t time_steps = count + (residual != 0), passes = (int32_t)parts(time_steps, deepest);
  struct tiling_plan plan = {.time_steps = time_steps, .passes = passes, .residual = residual};
  plan.tiling = tiling_of(grid, (int32_t)parts(time_steps, passes), grid->block.width);
  return plan;
}

struct temporal_tile tiling_tile(const laplace_grid *grid, const struct tiling_plan *plan, int32_t pass, int64_t n) {
  const struct tiling *tiling = &plan->tiling;
  const int64_t column = n % tiling->across, slab = n / tiling->across, own = tiling->width - 2 * tiling->margin;
  const int periodic = grid->layout & LAPLACE_PERIODIC_COLS, ghosts = !(grid->layout & LAPLACE_PERIODIC_ROWS);
  const int64_t rows = grid->rows - 2 * ghosts, time_steps = plan->time_steps;
  struct temporal_tile s = {.width = tiling->width, .norms = pass < plan->passes - 1 ? 0 : plan->residual ? 2 : 1};
  s.sweeps = (int32_t)(time_steps * (pass + 1) / plan->passes - time_steps * pass / plan->passes) - (s.norms == 2);
  s.row0 = ghosts + rows * slab / tiling->slabs, s.row1 = ghosts + rows * (slab + 1) / tiling->slabs;
  s.window = column * own - (periodic ? tiling->margin : 0);
  s.col0 = column || periodic ? s.window + tiling->margin : 0;
  s.col1 = column == tiling->across - 1 ? grid->stride : s.window + s.width - tiling->margin;
  /* The last one is moved to where all its columns are stored. */
  if (!periodic && column && s.window + s.width > grid->stride) s.window = grid->stride - s.width;
  return s;
}
