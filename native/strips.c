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
 *   4. the dimension-lifted layout (lifted.h): no unaligned loads, no shuffles
 *   5. the next block is prefetched a line at a time, and v is written past the caches
 * Source for 2 and 3: A. Nguyen et al., "3.5-D blocking optimization for stencil computations", SC 2010.
 */
#include "strips.h"
#ifndef LAYOUT
#define LAYOUT "lifted.h"
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
static void choose(const laplace_grid *grid, level_kernel *kernel[2], const real *field[5], int *fields) {
  static level_kernel *const all[][2] = {{square, square_norm},
                                         {square_source, square_source_norm},
                                         {stretched, stretched_norm},
                                         {stretched_source, stretched_source_norm},
                                         {weighted, weighted_norm}};
  const int is_weighted = grid->layout & LAPLACE_WEIGHTED, source = !is_weighted && grid->layout & LAPLACE_SOURCE;
  const int kind = is_weighted ? 4 : 2 * !(grid->cx == 0.25 && grid->cy == 0.25) + source;
  kernel[0] = all[kind][0], kernel[1] = all[kind][1];
  *fields = is_weighted ? 5 : source;
  const void *given[5] = {is_weighted ? grid->an : grid->g, grid->as, grid->aw, grid->ae, grid->g};
  for (int f = 0; f < *fields; f++) field[f] = given[f];
}

/* ---- from u to the strip, and to v ---- */

/* The stored row, or column, that lies at `k` of n where a periodic direction goes on beyond its ends. */
static inline int64_t around(int64_t k, int64_t n) {
  const int64_t inside = (k - 1) % (n - 2);
  return 1 + (inside < 0 ? inside + n - 2 : inside);
}

static const real *row_of(const laplace_grid *grid, const real *field, int64_t i) {
  return field + (grid->layout & LAPLACE_WRAP_ROWS ? around(i, grid->rows) : i) * grid->stride;
}

/* Where the strip's points of a stored row start: in the field, or gathered into `room` where the window leaves it. */
static const real *points(const laplace_grid *grid, const struct strip *s, const real *field, int64_t i, real *room) {
  const real *row = row_of(grid, field, i);
  const int wrap = grid->layout & LAPLACE_WRAP_COLS;
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
  const real *field[5];
  int fields;
  choose(grid, kernel, field, &fields);
  const int64_t L = width / LANES;
  return ((2 * levels + ROWS + 3) * (L + SPARE) + window(levels) * (fields * L + SPARE)) * sizeof(vector);
}

void NAME(sweep_strip)(const laplace_grid *grid, const void *from, void *to, const struct strip *s, void *scratch,
                        double norms[2]) {
  const real *u = from;
  real *v = to;
  level_kernel *kernel[2];
  const real *field[5];
  int fields;
  choose(grid, kernel, field, &fields);
  const int32_t levels = s->sweeps + (s->norms == 2);
  const int64_t L = s->width / LANES, pitch = L + SPARE, field_pitch = fields * L + SPARE, kept = window(levels);
  const int64_t last = grid->rows - 1, end = grid->cols - 1;
  const int wrap_rows = grid->layout & LAPLACE_WRAP_ROWS, wrap_cols = grid->layout & LAPLACE_WRAP_COLS;

  vector *memory = scratch, *carried = memory, *ring[2];
  struct four b = {.L = L, .cx = (real)grid->cx, .cy = (real)grid->cy};
  memory += 2 * levels * pitch;
  for (int r = 0; r < ROWS; r++, memory += pitch) b.row[r] = memory;
  for (int k = 0; k < 2; k++, memory += pitch) ring[k] = memory;
  real *room = (real *)memory;
  vector *stored = memory + pitch; /* the fields */
  vector *carry[2 * (MOST_SWEEPS + 1)];
  for (int k = 0; k < 2 * levels; k++) carry[k] = carried + k * pitch;

  masks lane[PIECES];
  const int64_t counted[2] = {s->left > grid->col0 ? s->left : grid->col0, s->right < grid->col1 ? s->right : grid->col1};
  b.pieces = pieces(counted[0] - s->x, counted[1] - s->x, L, b.end, lane);

  const int64_t first = wrap_rows || s->top > levels ? s->top - levels : 0;
  const int64_t stop = wrap_rows || s->bottom + levels < grid->rows ? s->bottom + levels : grid->rows;
  const int north = !wrap_rows && first == 0, south = !wrap_rows && stop == grid->rows;
  if (north) lift(points(grid, s, u, 0, room), ring[0], L, 1);
  if (south) lift(points(grid, s, u, last, room), ring[1], L, 1);
  const int west = !wrap_cols && s->x == 0, east = !wrap_cols && s->x + s->width > end;
  const int64_t lines = s->width / LINE, share = (ROWS * lines + levels - 1) / levels;

  for (int64_t base = first; base - levels < s->bottom; base += ROWS) {
    for (int r = 0; r < ROWS && base + r < stop; r++) {
      lift(points(grid, s, u, base + r, room), b.row[r], L, 1);
      for (int f = 0; f < fields; f++)
        lift(points(grid, s, field[f], base + r, room), stored + (base + r - first) % kept * field_pitch + f, L, fields);
    }
    for (int32_t t = 1; t <= levels; t++) {
      const int64_t row = base - t; /* of the first result */
      if (row + ROWS < first) break; /* row + ROWS, of the level before, is still to be carried */
      if (row < stop) {
        b.carried[0] = carry[2 * t - 2], b.carried[1] = carry[2 * t - 1];
        for (int r = 0; r < ROWS; r++) b.field[r] = stored + (row + r - first + kept) % kept * field_pitch;
        const int64_t line = (t - 1) * share, next = base + ROWS + line / lines;
        const int64_t at = next < stop ? next * grid->stride + s->x + line % lines * LINE : 0;
        for (int f = 0; f <= fields; f++) b.ahead[f] = (f ? field[f - 1] : u) + at;
        b.lines = share - 1;
        const int norm = s->norms && t >= s->sweeps;
        for (int r = 0; norm && r < ROWS; r++) {
          const int64_t i = row + r;
          const int counts = i >= s->top && i < s->bottom && i >= grid->row0 && i < grid->row1;
          for (int k = 0; k < b.pieces; k++) b.counts[k][r] = lane[k] & (counts ? UNSIGN : 0);
        }
        kernel[norm](&b);
        if (norm) norms[t - s->sweeps] = larger(norms[t - s->sweeps], most_lane(b.most));
        carry[2 * t - 2] = b.row[2], carry[2 * t - 1] = b.row[3];
        b.row[2] = b.carried[0], b.row[3] = b.carried[1];
      }
      /* The ring stays as it is. */
      for (int r = 0; r < ROWS; r++) {
        const int64_t i = row + r, edge = end - s->x;
        if (i < first || i >= stop) continue;
        if (west) ((real *)b.row[r])[place(0, L)] = row_of(grid, u, i)[0];
        if (east) ((real *)b.row[r])[place(edge, L)] = row_of(grid, u, i)[end];
        if (north && i == 0) memcpy(b.row[r], ring[0], (size_t)L * sizeof(vector));
        if (south && i == last) memcpy(b.row[r], ring[1], (size_t)L * sizeof(vector));
      }
      for (int r = 0; t == s->sweeps && r < ROWS; r++) {
        const int64_t i = row + r;
        if (i < s->top || i >= s->bottom) continue;
        real *out = v + i * grid->stride + s->x;
        lower(b.row[r], out, L, s->left - s->x, s->right - s->x);
      }
    }
  }
  stream_end();
}

