/* One time step of a block of four rows: the arithmetic of temporal_tile.c, which alone includes this. Not here: which
 * blocks and time steps follow each other, and where the rows come from.
 */
#ifndef TIME_STEP_H
#define TIME_STEP_H
#include "temporal_tile.h"
#ifndef LAYOUT
#define LAYOUT "dimension_lift-inl.h"
#endif
#include LAYOUT

#ifndef PREFETCH
#define PREFETCH(address) __builtin_prefetch(address, 0, 2) /* into the second-level cache */
#endif

enum { ROWS = 4 }; /* of a block */
enum form { SQUARE, STRETCHED, WEIGHTED };

/* The rows of a block, the two that are carried, and the fields of the rows that result. */
struct tile_block {
  vector *carried[2], *row[ROWS];
  const vector *field[ROWS]; /* vectors of all fields alternate */
  int64_t L;
  real cx, cy;
  const real *prefetch[6];    /* u and fields of the next block */
  int64_t lines;              /* of each */
  int pieces;                 /* of a row: in each of them the same lanes count in norms, */
  int64_t end[PIECES];        /* up to this vector, */
  masks counts[PIECES][ROWS]; /* with all bits but the sign's */
  masks most;
};

INLINE vector formula(enum form form, int fields, const struct tile_block *b, vector n, vector s, vector w, vector e,
                      const vector *f) {
  if (form == WEIGHTED) return ((f[0] * n + f[1] * s) + (f[2] * w + f[3] * e)) + f[4];
  const vector sum = form == SQUARE ? (real)0.25 * ((n + s) + (w + e)) : b->cx * (w + e) + b->cy * (n + s);
  if (fields) return sum + f[0];
  return sum;
}

/* One time step of a block, in place. Results: the rows from the one that was carried[1] to row[2], in row[0], row[1],
 * carried[0], carried[1]. */
INLINE void time_step(enum form form, int fields, int norm, struct tile_block *block) {
  const struct tile_block b = *block;
  vector *restrict c0 = b.carried[0], *restrict c1 = b.carried[1];
  vector *restrict r0 = b.row[0], *restrict r1 = b.row[1], *restrict r2 = b.row[2];
  const vector *restrict r3 = b.row[3];
  const int64_t L = b.L;
  int64_t line = 0;
  masks most = {0};
  /* West, centre and east of the four results rotate through the same registers. */
  vector w[ROWS] = {west_of_first(c1[L - 1]), west_of_first(r0[L - 1]), west_of_first(r1[L - 1]),
                    west_of_first(r2[L - 1])};
  vector c[ROWS] = {c1[0], r0[0], r1[0], r2[0]}, e[ROWS];
  for (int r = 0; r < ROWS; r++) (r == 0 ? c1 : b.row[r - 1])[L] = east_of_last(c[r]);
#define FORMULA(r, n, s, w, c, e, j)                                                                                   \
  formula(form, fields, &b, n, s, west(w[r], c[r]), east(c[r], e[r]), b.field[r] + (j)*fields)
#define MOVED(r, new, old) ((masks)(new - old) & counts[r])
#define COLUMN(w, c, e, j)                                                                                             \
  do {                                                                                                                 \
    e[0] = c1[(j) + 1];                                                                                                \
    const vector v0 = FORMULA(0, c0[j], c[1], w, c, e, j);                                                             \
    r0[j] = v0, e[1] = r0[(j) + 1];                                                                                    \
    const vector v1 = FORMULA(1, c[0], c[2], w, c, e, j);                                                              \
    r1[j] = v1, e[2] = r1[(j) + 1];                                                                                    \
    const vector v2 = FORMULA(2, c[1], c[3], w, c, e, j);                                                              \
    c0[j] = v2, e[3] = r2[(j) + 1];                                                                                    \
    const vector v3 = FORMULA(3, c[2], r3[j], w, c, e, j);                                                             \
    c1[j] = v3;                                                                                                        \
    if (norm) {                                                                                                        \
      const masks north = most_of(MOVED(0, v0, c[0]), MOVED(1, v1, c[1]));                                             \
      const masks south = most_of(MOVED(2, v2, c[2]), MOVED(3, v3, c[3]));                                             \
      most = most_of(most, most_of(north, south));                                                                     \
    }                                                                                                                  \
  } while (0)
  int64_t j = 0;
  for (int piece = 0; piece < (norm ? b.pieces : 1); piece++) {
    const int64_t end = norm ? b.end[piece] : L;
    const masks *counts = b.counts[piece];
    for (; j + 3 <= end; j += 3) {
      for (int f = 0; f <= fields; f++) PREFETCH(b.prefetch[f] + line * LINE);
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
  if (norm) block->most = most;
}

typedef void time_step_kernel(struct tile_block *);
#define TIME_STEP(name, form, fields)                                                                                  \
  static void name(struct tile_block *b) { time_step(form, fields, 0, b); }                                            \
  static void name##_norm(struct tile_block *b) { time_step(form, fields, 1, b); }                                     \
  static time_step_kernel *const name##_kernels[2] = {name, name##_norm};
TIME_STEP(square, SQUARE, 0)
TIME_STEP(square_source, SQUARE, 1)
TIME_STEP(stretched, STRETCHED, 0)
TIME_STEP(stretched_source, STRETCHED, 1)
TIME_STEP(weighted, WEIGHTED, 5)

/* Returns the time steps of a grid, without norm and with; and the fields that they read. */
static time_step_kernel *const *choose_kernels(const laplace_grid *grid, const struct field *field[5], int *fields) {
  static time_step_kernel *const *const all[] = {square_kernels, square_source_kernels, stretched_kernels,
                                                 stretched_source_kernels, weighted_kernels};
  const int is_weighted = grid->layout & LAPLACE_WEIGHTED, source = !is_weighted && grid->layout & LAPLACE_SOURCE;
  const int kind = is_weighted ? 4 : 2 * !(grid->cx == 0.25 && grid->cy == 0.25) + source;
  *fields = is_weighted ? 5 : source;
  const struct field *given[5] = {is_weighted ? &grid->an : &grid->g, &grid->as, &grid->aw, &grid->ae, &grid->g};
  for (int f = 0; f < *fields; f++) field[f] = given[f];
  return all[kind];
}
#endif
