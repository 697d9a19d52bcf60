/* A strip, swept several times while it is in cache. No threads: the models deal strips out. Compiled like rows.c, once
 * for each precision and instruction set, with the formulas and the association given there.
 *
 *   level 0   rows base     .. base + 3   copied in from u
 *   level 1   rows base - 1 .. base + 2   each level lags one row behind the one before, and needs of it the rows
 *   level 2   rows base - 2 .. base + 1   of this block and the last two of the block before
 *   ...
 *   level T   rows base - T ..            copied out to v
 *
 * All levels of a block of four rows share six rows of memory: the four of the block, which stay in the first-level
 * cache, and two that a level carries from block to block. A level writes its four rows over two of the block and its two
 * carried ones, and carries the other two of the block on. Points beyond the strip's own are wrong by one more at every
 * level; the margin is as wide as there are levels.
 *
 * Steps on the way here, each with the same bits; docs/speed.md has what each gained:
 *   1. rows in natural order, a level at a time (rows.c): waits for memory
 *   2. levels follow each other through the strip: memory is read and written once for T sweeps
 *   3. four rows at once: a loaded vector serves up to five points
 *   4. the dimension-lifted layout (dimension_lift-inl.h): no unaligned loads, no shuffles
 *   5. the next block is prefetched a line at a time, and v is written past the caches
 * Source for 2 and 3: A. Nguyen et al., "3.5-D blocking optimization for stencil computations", SC 2010.
 */
#include "temporal_tile.h"
#ifndef LAYOUT
#define LAYOUT "dimension_lift-inl.h"
#endif
#include LAYOUT

#ifndef PREFETCH
#define PREFETCH(address) __builtin_prefetch(address, 0, 2) /* into the second-level cache */
#endif

enum { ROWS = 4, SPARE = 3 }; /* rows of a block; vectors after each row: room for one, and a stride that is no power of 2 */
enum form { SQUARE, STRETCHED, WEIGHTED };

/* What a level works on: the rows of a block, the two that are carried, and what belongs to the rows that result. */
struct four {
  vector *carried[2], *row[ROWS];
  const vector *field[ROWS]; /* vectors of all fields alternate */
  int64_t L;
  real cx, cy;
  const real *ahead[6];          /* u and fields of the next block, for prefetching */
  int64_t lines;                 /* of each */
  int pieces;                    /* of a row: in each of them the same lanes count in norms, */
  int64_t end[PIECES];           /* up to this vector, */
  masks counts[PIECES][ROWS];    /* with all bits but the sign's */
  masks most;
};

static inline __attribute__((always_inline)) vector formula(enum form form, int fields, const struct four *b, vector n,
                                                            vector s, vector w, vector e, const vector *f) {
  if (form == WEIGHTED) return ((f[0] * n + f[1] * s) + (f[2] * w + f[3] * e)) + f[4];
  const vector sum = form == SQUARE ? (real)0.25 * ((n + s) + (w + e)) : b->cx * (w + e) + b->cy * (n + s);
  if (fields) return sum + f[0];
  return sum;
}

/* One level of a block, in place. Results: the rows from the one that was carried[1] to row[2], in row[0], row[1],
 * carried[0], carried[1]. */
static inline __attribute__((always_inline)) void level(enum form form, int fields, int norm, struct four *four) {
  const struct four b = *four;
  vector *restrict c0 = b.carried[0], *restrict c1 = b.carried[1];
  vector *restrict r0 = b.row[0], *restrict r1 = b.row[1], *restrict r2 = b.row[2];
  const vector *restrict r3 = b.row[3];
  const int64_t L = b.L;
  int64_t line = 0;
  masks most = {0};
  /* West, centre and east of the four results take turns in the same registers. */
  vector w[ROWS] = {west_of_first(c1[L - 1]), west_of_first(r0[L - 1]), west_of_first(r1[L - 1]), west_of_first(r2[L - 1])};
  vector c[ROWS] = {c1[0], r0[0], r1[0], r2[0]}, e[ROWS];
  for (int r = 0; r < ROWS; r++) (r == 0 ? c1 : b.row[r - 1])[L] = east_of_last(c[r]);
#define FORMULA(r, n, s, w, c, e, j) formula(form, fields, &b, n, s, west(w[r], c[r]), east(c[r], e[r]), b.field[r] + (j) * fields)
#define MOVED(r, new, old) ((masks)(new - old) & counts[r])
#define COLUMN(w, c, e, j)                                                                                            \
  do {                                                                                                                \
    e[0] = c1[(j) + 1];                                                                                               \
    const vector v0 = FORMULA(0, c0[j], c[1], w, c, e, j);                                                         \
    r0[j] = v0, e[1] = r0[(j) + 1];                                                                                   \
    const vector v1 = FORMULA(1, c[0], c[2], w, c, e, j);                                                          \
    r1[j] = v1, e[2] = r1[(j) + 1];                                                                                   \
    const vector v2 = FORMULA(2, c[1], c[3], w, c, e, j);                                                          \
    c0[j] = v2, e[3] = r2[(j) + 1];                                                                                   \
    const vector v3 = FORMULA(3, c[2], r3[j], w, c, e, j);                                                         \
    c1[j] = v3;                                                                                                       \
    if (norm) {                                                                                                       \
      const masks north = most_of(MOVED(0, v0, c[0]), MOVED(1, v1, c[1]));                                      \
      const masks south = most_of(MOVED(2, v2, c[2]), MOVED(3, v3, c[3]));                                      \
      most = most_of(most, most_of(north, south));                                                                    \
    }                                                                                                                 \
  } while (0)
  int64_t j = 0;
  for (int piece = 0; piece < (norm ? b.pieces : 1); piece++) {
    const int64_t end = norm ? b.end[piece] : L;
    const masks *counts = b.counts[piece];
    for (; j + 3 <= end; j += 3) {
      for (int f = 0; f <= fields; f++) PREFETCH(b.ahead[f] + line * LINE);
      line += line < b.lines;
      COLUMN(w, c, e, j);
      COLUMN(c, e, w, j + 1);
      COLUMN(e, w, c, j + 2);
    }
    for (; j < end; j++) {
      COLUMN(w, c, e, j);
      for (int r = 0; r < ROWS; r++) w[r] = c[r], c[r] = e[r];
    }
  }
  if (norm) four->most = most;
}

typedef void level_kernel(struct four *);
#define LEVEL(name, form, fields)                                                                                     \
  static void name(struct four *b) { level(form, fields, 0, b); }                                                    \
  static void name##_norm(struct four *b) { level(form, fields, 1, b); }
LEVEL(square, SQUARE, 0)
LEVEL(square_source, SQUARE, 1)
LEVEL(stretched, STRETCHED, 0)
LEVEL(stretched_source, STRETCHED, 1)
LEVEL(weighted, WEIGHTED, 5)

/* The kernels of a grid, without norm and with, and the fields that they read. */
static void choose(const laplace_grid *grid, level_kernel *kernel[2], const struct field *field[5], int *fields) {
  static level_kernel *const all[][2] = {{square, square_norm},
                                         {square_source, square_source_norm},
                                         {stretched, stretched_norm},
                                         {stretched_source, stretched_source_norm},
                                         {weighted, weighted_norm}};
  const int is_weighted = grid->layout & LAPLACE_WEIGHTED, source = !is_weighted && grid->layout & LAPLACE_SOURCE;
  const int kind = is_weighted ? 4 : 2 * !(grid->cx == 0.25 && grid->cy == 0.25) + source;
  kernel[0] = all[kind][0], kernel[1] = all[kind][1];
  *fields = is_weighted ? 5 : source;
  const struct field *given[5] = {is_weighted ? &grid->an : &grid->g, &grid->as, &grid->aw, &grid->ae, &grid->g};
  for (int f = 0; f < *fields; f++) field[f] = given[f];
}

/* ---- from u to the strip, and to v ---- */

/* The stored row, or column, that lies at `k` of n where a periodic direction goes on beyond its ends. */
static inline int64_t around(int64_t k, int64_t n) {
  const int64_t inside = (k - 1) % (n - 2);
  return 1 + (inside < 0 ? inside + n - 2 : inside);
}

static int64_t stored_row(const laplace_grid *grid, int64_t i) {
  return grid->layout & LAPLACE_PERIODIC_ROWS ? around(i, grid->rows) : i;
}

static const real *row_of(const laplace_grid *grid, const real *u, int64_t i) { return u + stored_row(grid, i) * grid->stride; }

/* Where the strip's points of a stored row start: in the row, or gathered into `room` where the window leaves it. */
static const real *points(const laplace_grid *grid, const struct strip *s, const real *row, real *room) {
  const int wrap = grid->layout & LAPLACE_PERIODIC_COLS;
  if (s->x >= wrap && s->x + s->width <= (wrap ? grid->cols - 1 : grid->stride)) return row + s->x;
  for (int64_t k = 0; k < s->width; k++) {
    const int64_t j = s->x + k;
    room[k] = wrap ? row[around(j, grid->cols)] : j < grid->cols ? row[j] : 0;
  }
  return room;
}

/* Vectors of scratch that a strip needs: two carried rows a level, the block, two ring rows, room to gather,
 * and the fields of all rows from the first level to the last. */
static int64_t window(int32_t levels) { return (levels + 2 * ROWS - 1) / ROWS * ROWS; }
size_t NAME(scratch)(const laplace_grid *grid, int32_t levels, int64_t width) {
  level_kernel *kernel[2];
  const struct field *field[5];
  int fields;
  choose(grid, kernel, field, &fields);
  const int64_t L = width / LANES;
  return ((2 * levels + ROWS + 3) * (L + SPARE) + window(levels) * (fields * L + SPARE)) * sizeof(vector);
}

/* A strip at work. Rows and columns are stored ones; `first` and `stop` bound the rows that it reads. */
struct work {
  const laplace_grid *grid;
  const struct strip *strip;
  const real *u;
  const struct field *field[5];
  real *v, *room;           /* room: to gather a row in */
  int fields, levels;
  int64_t L, first, stop;
  vector *stored;           /* the fields of the rows that the levels are at, */
  int64_t kept, pitch;      /* so many rows, so many vectors apart */
  vector *ring[2];          /* the first and the last row of the grid */
  int west, east, north, south; /* whether it has that end of the grid, held fixed */
  struct four four;
};

static vector *fields_of(const struct work *k, int64_t i) { return k->stored + (i - k->first + k->kept) % k->kept * k->pitch; }

/* Brings in the four rows from `base`. */
static void copy_in(struct work *k, int64_t base) {
  for (int64_t r = 0; r < ROWS && base + r < k->stop; r++) {
    const int64_t i = stored_row(k->grid, base + r);
    lift(points(k->grid, k->strip, row_of(k->grid, k->u, base + r), k->room), k->four.row[r], k->L, 1);
    for (int f = 0; f < k->fields; f++)
      lift(points(k->grid, k->strip, grid_row(k->grid, k->field[f], i), k->room), fields_of(k, base + r) + f, k->L, k->fields);
  }
}

/* Says what level t prefetches of the four rows from `next`: its share of their lines, in one of them. */
static void look_ahead(struct work *k, int64_t next, int32_t t) {
  const int64_t lines = k->strip->width / LINE, share = (ROWS * lines + k->levels - 1) / k->levels;
  const int64_t line = (t - 1) * share, i = next + line / lines;
  const int64_t row = i >= 0 && i < k->stop && i < k->grid->rows ? i : 0, at = k->strip->x + line % lines * LINE;
  k->four.ahead[0] = k->u + row * k->grid->stride + at;
  for (int f = 0; f < k->fields; f++) k->four.ahead[1 + f] = (const real *)grid_row(k->grid, k->field[f], row) + at;
  k->four.lines = share - 1;
}

/* Says which points of the four rows from `row` count in norms, given which lanes of a row do. */
static void count_points(struct work *k, int64_t row, const masks lane[PIECES]) {
  const struct strip *s = k->strip;
  for (int r = 0; r < ROWS; r++) {
    const int64_t i = row + r;
    const int counts = i >= s->top && i < s->bottom && i >= k->grid->row0 && i < k->grid->row1;
    for (int piece = 0; piece < k->four.pieces; piece++) k->four.counts[piece][r] = lane[piece] & (counts ? UNSIGN : 0);
  }
}

/* The ring stays as it is: puts it back into the four rows from `row`. */
static void hold_ring(struct work *k, int64_t row) {
  const int64_t last = k->grid->rows - 1, end = k->grid->cols - 1;
  for (int r = 0; r < ROWS; r++) {
    const int64_t i = row + r;
    vector *const points = k->four.row[r];
    if (i < k->first || i >= k->stop) continue;
    if (k->west) ((real *)points)[place(0, k->L)] = row_of(k->grid, k->u, i)[0];
    if (k->east) ((real *)points)[place(end - k->strip->x, k->L)] = row_of(k->grid, k->u, i)[end];
    if (k->north && i == 0) memcpy(points, k->ring[0], (size_t)k->L * sizeof(vector));
    if (k->south && i == last) memcpy(points, k->ring[1], (size_t)k->L * sizeof(vector));
  }
}

/* Writes those of the four rows from `row` that are the strip's own. */
static void copy_out(const struct work *k, int64_t row) {
  const struct strip *s = k->strip;
  for (int64_t r = 0; r < ROWS; r++)
    if (row + r >= s->top && row + r < s->bottom)
      lower(k->four.row[r], k->v + (row + r) * k->grid->stride + s->x, k->L, s->left - s->x, s->right - s->x);
}

void NAME(sweep_strip)(const laplace_grid *grid, const void *u, void *v, const struct strip *s, void *scratch,
                       double norms[2]) {
  level_kernel *kernel[2];
  struct work k = {.grid = grid, .strip = s, .u = u, .v = v, .levels = s->sweeps + (s->norms == 2), .L = s->width / LANES};
  choose(grid, kernel, k.field, &k.fields);
  const int around_rows = (grid->layout & LAPLACE_PERIODIC_ROWS) != 0, around_cols = (grid->layout & LAPLACE_PERIODIC_COLS) != 0;
  k.first = around_rows || s->top > k.levels ? s->top - k.levels : 0;
  k.stop = around_rows || s->bottom + k.levels < grid->rows ? s->bottom + k.levels : grid->rows;
  k.north = !around_rows && k.first == 0, k.south = !around_rows && k.stop == grid->rows;
  k.west = !around_cols && s->x == 0, k.east = !around_cols && s->x + s->width >= grid->cols;
  k.four.L = k.L, k.four.cx = (real)grid->cx, k.four.cy = (real)grid->cy;

  vector *memory = scratch, *carried[MOST_SWEEPS + 1][2];
  const int64_t pitch = k.L + SPARE;
  for (int t = 0; t < k.levels; t++)
    for (int r = 0; r < 2; r++, memory += pitch) carried[t][r] = memory;
  for (int r = 0; r < ROWS; r++, memory += pitch) k.four.row[r] = memory;
  for (int r = 0; r < 2; r++, memory += pitch) k.ring[r] = memory;
  k.room = (real *)memory, k.stored = memory + pitch;
  k.kept = window(k.levels), k.pitch = k.fields * k.L + SPARE;

  masks lane[PIECES];
  const int64_t from = s->left > grid->col0 ? s->left : grid->col0, to = s->right < grid->col1 ? s->right : grid->col1;
  k.four.pieces = pieces(from - s->x, to - s->x, k.L, k.four.end, lane);
  if (k.north) lift(points(grid, s, row_of(grid, u, 0), k.room), k.ring[0], k.L, 1);
  if (k.south) lift(points(grid, s, row_of(grid, u, grid->rows - 1), k.room), k.ring[1], k.L, 1);

  for (int64_t base = k.first; base - k.levels < s->bottom; base += ROWS) {
    copy_in(&k, base);
    for (int32_t t = 1; t <= k.levels; t++) {
      const int64_t row = base - t;     /* the first result */
      if (row + ROWS < k.first) break;  /* row + ROWS, of the level before, is still to be carried */
      if (row < k.stop) {
        struct four *four = &k.four;
        const int norm = s->norms && t >= s->sweeps;
        for (int r = 0; r < 2; r++) four->carried[r] = carried[t - 1][r];
        for (int r = 0; r < ROWS; r++) four->field[r] = fields_of(&k, row + r);
        look_ahead(&k, base + ROWS, t);
        if (norm) count_points(&k, row, lane);
        kernel[norm](four);
        if (norm) norms[t - s->sweeps] = larger(norms[t - s->sweeps], most_lane(four->most));
        for (int r = 0; r < 2; r++) carried[t - 1][r] = four->row[2 + r], four->row[2 + r] = four->carried[r];
      }
      hold_ring(&k, row);
      if (t == s->sweeps) copy_out(&k, row);
    }
  }
  stream_end();
}
