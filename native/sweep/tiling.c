/* How a grid is cut into strips, and sweeps into passes. No arithmetic, no threads. */
#include "../plugin/kernels.h"

static int64_t up(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }
static int64_t parts(int64_t n, int64_t size) { return (n + size - 1) / size; }

/* A strip is twice as wide as its margins at least, and whole vectors. */
int64_t widest_strip(const laplace_grid *grid, int32_t levels, int64_t widest) {
  const int64_t margins = 2 * up(levels, 64 / grid->dtype);
  return up(widest > 2 * margins ? widest : 2 * margins, grid->kernels->unit);
}

struct cut cut_grid(const laplace_grid *grid, int32_t levels, int64_t widest) {
  struct cut cut = {.levels = levels, .across = 1, .slabs = 1, .margin = up(levels, 64 / grid->dtype)};
  const int64_t unit = grid->kernels->unit, margins = 2 * cut.margin;
  /* A periodic direction has a margin at both ends, others have none. */
  const int64_t cols = grid->cols + (grid->layout & LAPLACE_PERIODIC_COLS ? margins : 0);
  widest = widest_strip(grid, levels, widest);
  if (cols <= widest) cut.width = up(cols, unit);
  else {
    cut.width = up(parts(cols - margins, parts(cols - margins, widest - margins)) + margins, unit);
    cut.across = parts(cols - margins, cut.width - margins);
  }
  /* Slabs cost a margin each. Enough for the threads, if they stay four margins high; one for each thread, so that it
   * finds its rows in memory of its own, where that costs next to nothing. */
  const int64_t rows = grid->rows - 2, threads = grid->threads;
  const int64_t wanted = rows / threads >= 64 * levels ? threads : parts(threads, cut.across), most = rows / (4 * levels);
  cut.slabs = wanted < most ? wanted : most;
  if (cut.slabs < 1) cut.slabs = 1;
  return cut;
}

static int32_t least(int32_t a, int64_t b) { return a < b ? a : (int32_t)b; }

struct schedule schedule_passes(const laplace_grid *grid, int32_t count, int residual) {
  /* Where one strip is as wide as the grid, threads share its rows: the fewer there are for each, the shallower. */
  const int64_t rows = (grid->rows - 2) / (4 * grid->threads);
  int32_t deepest = grid->block.sweeps;
  if (grid->cols <= grid->block.width && rows > 1) deepest = least(deepest, rows);
  /* The residual is a level of the last pass, beside a sweep at least. */
  if (residual && deepest < 2) deepest = 2;
  const int32_t levels = count + (residual != 0), passes = (int32_t)parts(levels, deepest);
  struct schedule plan = {.levels = levels, .passes = passes, .residual = residual};
  plan.cut = cut_grid(grid, (int32_t)parts(levels, passes), grid->block.width);
  return plan;
}

struct strip strip_at(const laplace_grid *grid, const struct schedule *plan, int32_t pass, int64_t n) {
  const struct cut *cut = &plan->cut;
  const int64_t column = n % cut->across, slab = n / cut->across, own = cut->width - 2 * cut->margin;
  const int wrap = grid->layout & LAPLACE_PERIODIC_COLS, ring = !(grid->layout & LAPLACE_PERIODIC_ROWS);
  const int64_t rows = grid->rows - 2 * ring, levels = plan->levels;
  struct strip s = {.width = cut->width, .norms = pass < plan->passes - 1 ? 0 : plan->residual ? 2 : 1};
  s.sweeps = (int32_t)(levels * (pass + 1) / plan->passes - levels * pass / plan->passes) - (s.norms == 2);
  s.top = ring + rows * slab / cut->slabs, s.bottom = ring + rows * (slab + 1) / cut->slabs;
  s.x = column * own - (wrap ? cut->margin : 0);
  s.left = column || wrap ? s.x + cut->margin : 0;
  s.right = column == cut->across - 1 ? grid->stride : s.x + s.width - cut->margin;
  /* The last one is moved to where all its columns are stored. */
  if (!wrap && column && s.x + s.width > grid->stride) s.x = grid->stride - s.width;
  return s;
}
