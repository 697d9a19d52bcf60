/* A temporal tile: several sweeps of some columns of some rows while they are in cache. No threads: the models share
 * tiles among them. Compiled like rows.c, once for each precision and instruction set, with its formulas and
 * association.
 *
 *   time step 0   rows base     .. base + 3   copied in from u
 *   time step 1   rows base - 1 .. base + 2   each lags one row behind the one before, and needs of it
 *   time step 2   rows base - 2 .. base + 1   the rows of this block and the last two of the block before
 *   ...
 *   time step T   rows base - T ..            copied out to v
 *
 * All time steps of a block of four rows share six rows of memory: the four of the block, which stay in the first-level
 * cache, and two that a time step carries from block to block. A time step writes its four rows over two of the block
 * and its two carried ones, and carries the other two of the block on. Each time step makes one more point at the edges
 * of the tile wrong; the margin is as wide as there are time steps.
 *
 * Optimizations, each with the same bits; docs/speed.md has their gains:
 *   1. rows in natural order, a sweep at a time (rows.c): waits for memory
 *   2. time steps follow each other through the tile: memory is read and written once for T sweeps
 *   3. four rows at once: a loaded vector serves up to five points
 *   4. the dimension-lifted layout (dimension_lift-inl.h): no unaligned loads, no shuffles
 *   5. the next block is prefetched a cache line at a time, and v is written by non-temporal stores
 * Source for 2 and 3: A. Nguyen et al., "3.5-D blocking optimization for stencil computations", SC 2010.
 */
#include "time_step-inl.h"

enum { SPARE = 3 }; /* vectors after each row: room for one, and a stride that is no power of 2 */

/* ---- from u to the tile, and to v ---- */

/* The stored row, or column, at `k` of n, where a periodic direction continues beyond its ends. */
static inline int64_t around(int64_t k, int64_t n) {
  const int64_t inside = (k - 1) % (n - 2);
  return 1 + (inside < 0 ? inside + n - 2 : inside);
}

static int64_t stored_row(const laplace_grid *grid, int64_t i) {
  return grid->layout & LAPLACE_PERIODIC_ROWS ? around(i, grid->rows) : i;
}

static const real *row_of(const laplace_grid *grid, const real *u, int64_t i) {
  return u + stored_row(grid, i) * grid->stride;
}

/* Where the tile's points of a stored row start: in the row, or gathered into `room` where the window exceeds it. */
static const real *points(const laplace_grid *grid, const struct temporal_tile *s, const real *row, real *room) {
  const int periodic = grid->layout & LAPLACE_PERIODIC_COLS;
  if (s->window >= periodic && s->window + s->width <= (periodic ? grid->cols - 1 : grid->stride))
    return row + s->window;
  for (int64_t k = 0; k < s->width; k++) {
    const int64_t j = s->window + k;
    room[k] = periodic ? row[around(j, grid->cols)] : j < grid->cols ? row[j] : 0;
  }
  return room;
}

/* Vectors of scratch that a tile needs: two carried rows per time step, the block, two ghost rows, room to gather, and
 * the fields of all rows from the first time step to the last. */
static int64_t field_rows(int32_t time_steps) { return (time_steps + 2 * ROWS - 1) / ROWS * ROWS; }
size_t NAME(tile_scratch)(const laplace_grid *grid, int32_t time_steps, int64_t width) {
  const struct field *field[5];
  int fields;
  choose_kernels(grid, field, &fields);
  const int64_t L = width / LANES;
  return ((2 * time_steps + ROWS + 3) * (L + SPARE) + field_rows(time_steps) * (fields * L + SPARE)) * sizeof(vector);
}

/* A tile in progress. Rows and columns are stored ones; `first` and `stop` bound the rows that it reads. */
struct tile_work {
  const laplace_grid *grid;
  const struct temporal_tile *tile;
  const real *u;
  const struct field *field[5];
  real *v, *room; /* room: to gather a row in */
  int fields, time_steps;
  int64_t L, first, stop;
  vector *stored;               /* the fields of the rows that the time steps are at, */
  int64_t kept, pitch;          /* so many rows, so many vectors apart */
  vector *ghosts[2];            /* the first and the last row of the grid */
  int west, east, north, south; /* whether it has that end of the grid, as a ghost layer that stays */
  struct tile_block block;
};

static vector *fields_of(const struct tile_work *k, int64_t i) {
  return k->stored + (i - k->first + k->kept) % k->kept * k->pitch;
}

/* Copies the four rows from `base` into the block. */
static void copy_in(struct tile_work *k, int64_t base) {
  for (int64_t r = 0; r < ROWS && base + r < k->stop; r++) {
    const int64_t i = stored_row(k->grid, base + r);
    lift(points(k->grid, k->tile, row_of(k->grid, k->u, base + r), k->room), k->block.row[r], k->L, 1);
    for (int f = 0; f < k->fields; f++)
      lift(points(k->grid, k->tile, grid_row(k->grid, k->field[f], i), k->room), fields_of(k, base + r) + f, k->L,
           k->fields);
  }
}

/* Sets what time step t prefetches of the four rows from `next`: its share of their lines, in one of them. */
static void set_prefetch(struct tile_work *k, int64_t next, int32_t t) {
  const int64_t lines = k->tile->width / LINE, share = (ROWS * lines + k->time_steps - 1) / k->time_steps;
  const int64_t line = (t - 1) * share, i = next + line / lines;
  const int64_t row = i >= 0 && i < k->stop && i < k->grid->rows ? i : 0, at = k->tile->window + line % lines * LINE;
  k->block.prefetch[0] = k->u + row * k->grid->stride + at;
  for (int f = 0; f < k->fields; f++) k->block.prefetch[1 + f] = (const real *)grid_row(k->grid, k->field[f], row) + at;
  k->block.lines = share - 1;
}

/* Sets which points of the four rows from `row` count in norms, given which lanes of a row do. */
static void count_points(struct tile_work *k, int64_t row, const masks lane[PIECES]) {
  const struct temporal_tile *s = k->tile;
  for (int r = 0; r < ROWS; r++) {
    const int64_t i = row + r;
    const int counts = i >= s->row0 && i < s->row1 && i >= k->grid->row0 && i < k->grid->row1;
    for (int piece = 0; piece < k->block.pieces; piece++)
      k->block.counts[piece][r] = lane[piece] & (counts ? UNSIGN : 0);
  }
}

/* Copies the ghost points of the four rows from `row` back from u: a time step has overwritten them. */
static void restore_ghosts(struct tile_work *k, int64_t row) {
  const int64_t last = k->grid->rows - 1, end = k->grid->cols - 1;
  for (int r = 0; r < ROWS; r++) {
    const int64_t i = row + r;
    vector *const points = k->block.row[r];
    if (i < k->first || i >= k->stop) continue;
    if (k->west) ((real *)points)[place(0, k->L)] = row_of(k->grid, k->u, i)[0];
    if (k->east) ((real *)points)[place(end - k->tile->window, k->L)] = row_of(k->grid, k->u, i)[end];
    if (k->north && i == 0) memcpy(points, k->ghosts[0], (size_t)k->L * sizeof(vector));
    if (k->south && i == last) memcpy(points, k->ghosts[1], (size_t)k->L * sizeof(vector));
  }
}

/* Writes those of the four rows from `row` that are the tile's own. */
static void copy_out(const struct tile_work *k, int64_t row) {
  const struct temporal_tile *s = k->tile;
  for (int64_t r = 0; r < ROWS; r++)
    if (row + r >= s->row0 && row + r < s->row1)
      lower(k->block.row[r], k->v + (row + r) * k->grid->stride + s->window, k->L, s->col0 - s->window,
            s->col1 - s->window);
}

void NAME(tile_sweep)(const laplace_grid *grid, const void *u, void *v, const struct temporal_tile *s, void *scratch,
                      double norms[2]) {
  struct tile_work k = {
      .grid = grid, .tile = s, .u = u, .v = v, .time_steps = s->sweeps + (s->norms == 2), .L = s->width / LANES};
  time_step_kernel *const *kernel = choose_kernels(grid, k.field, &k.fields);
  const int around_rows = (grid->layout & LAPLACE_PERIODIC_ROWS) != 0,
            around_cols = (grid->layout & LAPLACE_PERIODIC_COLS) != 0;
  k.first = around_rows || s->row0 > k.time_steps ? s->row0 - k.time_steps : 0;
  k.stop = around_rows || s->row1 + k.time_steps < grid->rows ? s->row1 + k.time_steps : grid->rows;
  k.north = !around_rows && k.first == 0, k.south = !around_rows && k.stop == grid->rows;
  k.west = !around_cols && s->window == 0, k.east = !around_cols && s->window + s->width >= grid->cols;
  k.block.L = k.L, k.block.cx = (real)grid->cx, k.block.cy = (real)grid->cy;

  vector *memory = scratch, *carried[MOST_SWEEPS + 1][2];
  const int64_t pitch = k.L + SPARE;
  for (int t = 0; t < k.time_steps; t++)
    for (int r = 0; r < 2; r++, memory += pitch) carried[t][r] = memory;
  for (int r = 0; r < ROWS; r++, memory += pitch) k.block.row[r] = memory;
  for (int r = 0; r < 2; r++, memory += pitch) k.ghosts[r] = memory;
  k.room = (real *)memory, k.stored = memory + pitch;
  k.kept = field_rows(k.time_steps), k.pitch = k.fields * k.L + SPARE;

  masks lane[PIECES];
  const int64_t from = s->col0 > grid->col0 ? s->col0 : grid->col0, to = s->col1 < grid->col1 ? s->col1 : grid->col1;
  k.block.pieces = segments(from - s->window, to - s->window, k.L, k.block.end, lane);
  if (k.north) lift(points(grid, s, row_of(grid, u, 0), k.room), k.ghosts[0], k.L, 1);
  if (k.south) lift(points(grid, s, row_of(grid, u, grid->rows - 1), k.room), k.ghosts[1], k.L, 1);

  for (int64_t base = k.first; base - k.time_steps < s->row1; base += ROWS) {
    copy_in(&k, base);
    for (int32_t t = 1; t <= k.time_steps; t++) {
      const int64_t row = base - t;    /* the first result */
      if (row + ROWS < k.first) break; /* row + ROWS, of the time step before, is still to be carried */
      if (row < k.stop) {
        struct tile_block *block = &k.block;
        const int norm = s->norms && t >= s->sweeps;
        for (int r = 0; r < 2; r++) block->carried[r] = carried[t - 1][r];
        for (int r = 0; r < ROWS; r++) block->field[r] = fields_of(&k, row + r);
        set_prefetch(&k, base + ROWS, t);
        if (norm) count_points(&k, row, lane);
        kernel[norm](block);
        if (norm) norms[t - s->sweeps] = larger(norms[t - s->sweeps], most_lane(block->most));
        for (int r = 0; r < 2; r++) carried[t - 1][r] = block->row[2 + r], block->row[2 + r] = block->carried[r];
      }
      restore_ghosts(&k, row);
      if (t == s->sweeps) copy_out(&k, row);
    }
  }
  stream_end();
}
