/* The plate path of multigrid: plain grids (constant coefficients) with fixed edges (Dirichlet) and two odd sides, and
 * the levels below them as long as their sides are odd. Here is what its parts share: plate.c chooses the passes,
 * memory.c keeps memory, pass.c does a pass, unpack.c restores the natural order.
 *
 * Points are red or black, as row + column is even or odd. A row is stored as two **half rows**: P, its even columns,
 * and Q, its odd ones, at half-column m = column / 2. A level of `half` = (columns - 1) / 2 has P at m = 0 .. half,
 * walls at both ends, and Q at m = 0 .. half - 1. Red is P of even rows and Q of odd ones; all four neighbours of a
 * point have the other colour:
 *
 *     Q(row, m): Q of the rows above and below, and P(row, m), P(row, m + 1)
 *     P(row, m): P of the rows above and below, and Q(row, m - 1), Q(row, m)
 */
#ifndef PLATE_H
#define PLATE_H
#include "../multigrid.h"

enum {
  PLATE_MOST_SWEEPS = 64,  /* in a pass */
  PLATE_SERIAL = 260 * 260 /* with fewer points one thread is faster than several */
};

/* What the plate path keeps of a finest grid, or of a level: black points only, since a half-sweep gives the red
 * ones. */
struct plate {
  int32_t rows, half;
  int64_t pitch;            /* of black: elements from one row to the next, each the black half row */
  void *black;              /* the iterate; of a level: between smooth_and_restrict and prolong_and_smooth */
  double unit, next_unit;   /* of the corrections of the level below: now, and from the next restriction on */
  void *first[2], *last[2]; /* a finest grid: its first and last row, red and black half, */
  void *west, *east;        /* and its first and last column */
  int32_t threads;          /* of a finest grid, else 0 */
  struct plate_scratch {
    void *memory;
    size_t size;
  } * scratch; /* of each thread */
  void *memory;
};

/* One pass over a grid or level, from north to south, by all threads at once. */
struct plate_pass {
  const laplace_grid *finest; /* its weights, threads and u */
  const laplace_level *level; /* the level below it that the pass is over; NULL: `finest` itself */
  struct plate *plate;        /* of the one or the other */
  const void *g;              /* the source, or the level's rhs, in natural order; NULL: zero */
  int64_t g_stride;
  int32_t sweeps; /* red, black, red, black, .. */

  enum iterate_state from;            /* where the iterate is; LAZY: of a level it is zero, and red points become rhs */
  const laplace_grid *solution;       /* IN_COARSE: the grid to prolong from, */
  const struct plate *solution_plate; /* and its black points; NULL: it is in u */
  const laplace_level *correction;    /* IN_HALF_ROWS: its iterate is prolonged and added first; NULL: none */
  double correction_unit;

  int unpacks;           /* of a level: all points are stored in natural order; else black points are stored */
  laplace_level *coarse; /* its f becomes the restricted residual, divided by `unit`; NULL: none */
  double unit;
  double (*norms)[2]; /* found by each thread: the change and the residual; NULL: not wanted */

  const struct plate_kernels *kernels;
  int independent; /* no thread stores black points that another one needs */
  int32_t threads;
  struct plate_scratch *scratch; /* of each thread */
};

/* The arithmetic, compiled for each precision and instruction set. */
struct plate_kernels {
  /* One thread's rows of a pass; before that, all threads save rows that others overwrite. */
  void (*save_rows)(const struct plate_pass *pass, int32_t thread);
  void (*run_pass)(const struct plate_pass *pass, int32_t thread);
  /* Bytes of scratch that a thread needs. */
  size_t (*scratch_size)(const struct plate_pass *pass);
  /* Half-columns [from, to) of a row in natural order: red points are a sweep of the black ones. */
  void (*unpack_row)(const laplace_grid *grid, const struct plate *plate, int32_t row, int64_t from, int64_t to,
                     void *out);
};

/* What is kept of a finest grid with so many threads and numbers of `size` bytes; or, if `threads` is 0, of a level,
 * which has neither ghost layer nor scratch. NULL if it fails. */
struct plate *plate_open(int32_t rows, int32_t cols, int32_t size, int32_t threads);
void plate_close(struct plate *plate);

/* Copies the ghost layer to where passes read it. */
void plate_copy_ghosts(laplace_grid *grid);

/* Writes points of the iterate in `black`; red ones are dropped, since they follow from the black. Dense rows, in C
 * order. */
void plate_write(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, const void *data);

/* Copies a part of the iterate in `black` to rows `stride` bytes apart. */
void plate_unpack(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, void *to, int64_t stride);

/* The first row of a thread: even, so that no two threads restrict to the same coarse row. */
static inline int32_t plate_first_row(int32_t rows, int32_t thread, int32_t threads) {
  return thread == threads ? rows : (int32_t)((int64_t)(rows / 2) * thread / threads) * 2;
}
#endif
