/* The fused path of multigrid, for plain grids with constant weights whose two sides are odd, and the levels below them as
 * long as these are odd too. Here is what its parts share: fused.c decides, fused_memory.c keeps memory, pass.c does
 * the passes with the arithmetic of halves.h, natural.c gives back the natural order.
 *
 * Points are red or black, as row + column is even or odd. A row is kept as two **halves**: P, its even columns, and Q, its
 * odd ones, at half-column m = column / 2. A level of `half` = (columns - 1) / 2 has P at m = 0 .. half, walls at both ends,
 * and Q at m = 0 .. half - 1. Red is P of even rows and Q of odd ones; a half's four neighbours all have the other colour:
 *
 *     Q(row, m): Q of the rows above and below, and P(row, m), P(row, m + 1)
 *     P(row, m): P of the rows above and below, and Q(row, m - 1), Q(row, m)
 */
#ifndef FUSED_H
#define FUSED_H
#include "../multigrid.h"

enum {
  MOST_IN_PASS = 64, /* sweeps */
  SERIAL = 260 * 260 /* points that one thread does sooner than several */
};

/* What the fused path keeps of a finest grid, or of a level: only black points, since the red ones follow from them. */
struct fused {
  int32_t rows, half;
  int64_t pitch;          /* of black: elements from one row to the next, each the half that is black */
  void *black;            /* of a level: after descending */
  enum { IN_U, IN_BLACK, IN_COARSE } held; /* where the iterate is: in grid->u, here, or still to be interpolated from */
  laplace_grid *coarse;                    /* this grid: see laplace_prolong_solution */
  double unit, next;                       /* what the level below counts in, and will from the next residual on */
  void *first[2], *last[2]; /* a finest grid: its first and last row, red and black halves, */
  void *west, *east;        /* and its first and last column */
  struct scratch {
    void *memory;
    size_t size;
  } *scratch; /* a finest grid: of each thread */
  void *memory;
};

/* One pass over a grid or level, from north to south, by all threads at once. */
struct pass {
  const laplace_grid *grid; /* finest: its weights, source and u; NULL on a level */
  struct fused *fused;
  double cx, cy;
  const void *g; /* the source, or a level's right side, in natural order; NULL: zero */
  int64_t g_stride;
  int32_t sweeps; /* red, black, red, black, .. */

  enum { FROM_ZERO, FROM_NOTHING, FROM_U, FROM_BLACK, FROM_COARSE } from; /* ZERO: red points too, so that they start as g */
  const struct fused *coarse;      /* FROM_COARSE: the grid to interpolate from, */
  const laplace_grid *coarse_grid; /* and the same as a grid */
  const laplace_level *correction;  /* FROM_BLACK: its iterate, interpolated, is added first; NULL: nothing is */
  double correction_unit;

  int stores;       /* black points are stored */
  float *natural;   /* a level: all points are stored here, by natural_stride; NULL: nowhere */
  int64_t natural_stride;
  float *restricted; /* the residual restricted, divided by `unit`; NULL: nowhere */
  int64_t restricted_stride;
  double unit;
  int norms; /* whether found is asked for */

  const struct fused_kernels *kernels;
  int alone; /* nobody stores black points that a thread needs of others: there are none, or they are read elsewhere */
  int32_t threads;
  struct scratch *scratch; /* of each thread */
  struct found {
    double change, residual;
    char apart[112];
  } *found; /* by each thread */
};

/* The arithmetic, compiled for each precision and instruction set. */
struct fused_kernels {
  /* One share of a pass; and, before all of them, saving the rows of it that other shares overwrite. */
  void (*save)(const struct pass *pass, int32_t thread);
  void (*pass)(const struct pass *pass, int32_t thread);
  /* Bytes of scratch that this needs. */
  size_t (*scratch)(const struct pass *pass);
  /* Half-columns [from, to) of a row in natural order: red points are a sweep of the black ones. */
  void (*natural)(const laplace_grid *grid, const struct fused *fused, int32_t row, int64_t from, int64_t to, void *out);
};

/* What is kept of a finest grid, or of a level, which has no ring and no scratch. NULL if it fails. */
struct fused *fused_open(int32_t rows, int32_t cols, int32_t size, int finest, int32_t threads);
void fused_release(laplace_grid *grid);
void fused_release_level(laplace_level *level);

/* The grid that was still to be interpolated from is no longer needed; its owner may have freed it meanwhile. */
void fused_give_back(struct fused *fused);

/* Takes the ring of u to where passes find it. */
void fused_copy_ring(laplace_grid *grid);

/* Sets points of the iterate, held in black: red ones, which follow from it, are left out. Dense rows, in C order. */
void fused_write(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, const void *data);

/* Copies a part of the iterate, held in black, to rows `stride` bytes apart. */
void fused_copy(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, void *to, int64_t stride);

/* Where thread k of so many starts: even rows, so that no two threads restrict to the same coarse row. */
static inline int32_t share(int32_t rows, int32_t thread, int32_t threads) {
  return thread == threads ? rows : (int32_t)((int64_t)(rows / 2) * thread / threads) * 2;
}
#endif
