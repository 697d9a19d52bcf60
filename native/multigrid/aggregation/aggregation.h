/* The algebraic preconditioner of conjugate gradients, for conductivities that vary from point to point, where no grid
 * of every other point holds what matters: coarse unknowns are **aggregates**, sets of up to four unknowns that strong
 * couplings join, wherever these lead. The prolongation is constant on an aggregate, a coarse operator is the sum of
 * the couplings between aggregates, and the K-cycle, two steps of conjugate gradients on each coarse level, makes up
 * for what is coarse about that. Y. Notay, Electron. Trans. Numer. Anal. 37 (2010) 123; A. Napov and Y. Notay, SIAM J.
 * Sci. Comput. 34 (2012) A1079.
 *
 * Levels are f64, whatever the precision of the grid. Files: pair.c chooses aggregates, sum_up.c makes coarse operators
 * of them, level.c smooths and solves levels, eliminate.c the last one, aggregation.c has the calls of the interface
 * and the finest grid, whose rows are in finest_rows.c. Not here: conjugate gradients on the grid (../../cg/).
 */
#ifndef AGGREGATION_H
#define AGGREGATION_H
#include "../../plugin/grid.h"

/* A coupling to another row. f32 is enough: sums and unknowns are f64, and diagonals are sums of what is kept here. */
struct aggregation_entry {
  int32_t column;
  float k;
};

/* Couplings of a row within its part lie in groups of so many; to fill them up there are some of 0 to the row itself.
 */
enum { AGGREGATION_TOGETHER = 4 };

/* The part of an operator that one thread has: rows [begin, end) of all. The couplings of row begin + n are at start[n]
 * .. start[n + 1] - 1: first those to earlier rows of the part, the next row last, from later[n] on those to later
 * ones, the next row last, from others[n] on those to other parts. */
struct aggregation_part {
  int32_t begin, end;
  uint32_t *start, *later, *others;
  struct aggregation_entry *entry;
  int32_t reach; /* no coupling within the part leads further than so many rows */

  /* The rows that are coupled to other parts, which are few, and room for a number of each. */
  int32_t borders;
  int32_t *border;
  double *border_f;
};

/* A symmetric operator:  (A e)_i = row_sum_i e_i + sum of k_ij (e_i - e_j). */
struct aggregation_operator {
  const laplace_grid
      *grid; /* the five-point operator of this grid, its stored points the rows; no arrays. NULL: arrays */
  int32_t rows, parts;
  struct aggregation_part *part;
  double *row_sum;
  double *diagonal; /* row_sum and all k of a row */
};

/* A row of it. */
struct aggregation_row {
  const struct aggregation_entry *entry;
  uint32_t count;
  double row_sum, diagonal;
  struct aggregation_entry own[4]; /* of a row of a grid */
};

struct aggregation_level {
  struct aggregation_operator A;
  double *inverse;    /* of the diagonal; 0 where a row has nothing */
  int32_t *aggregate; /* of each row: the row of the next level; -1: none. NULL on the last level */
  double *f, *e;      /* right-hand side and correction */
  double *moved;      /* how far relaxation moved e */
  double *r;          /* f - A e */
  double *z, *q;      /* of a K-cycle: its first direction, and A z */
};

/* Kernels of rows [from, end) of a level, in a part. */
struct aggregation_rows {
  /* e from zero, forward. */
  void (*forward)(const struct aggregation_level *, const struct aggregation_part *, int32_t from, int32_t end);
  /* Adds what that leaves to `below`, f of the level below: couplings to earlier rows leave nothing. */
  void (*restrict_rows)(const struct aggregation_level *, const struct aggregation_part *, double *below, int32_t from,
                        int32_t end);
  /* Adds `below`, e of the level below. */
  void (*correct)(const struct aggregation_level *, const double *below, int32_t from, int32_t end);
  /* Relaxes e, backward, and notes how far it moved. */
  void (*backward)(const struct aggregation_level *, const struct aggregation_part *, int32_t from, int32_t end);
  /* r = f - A e: what earlier rows have moved since. Adds e f, e r and e q to the sums. */
  void (*residual)(const struct aggregation_level *, const struct aggregation_part *, int32_t from, int32_t end,
                   double sum[3]);
};

/* Rows that one thread does alone. */
enum { AGGREGATION_FEW = 16384 };

enum { AGGREGATION_MOST_LEVELS = 48 };

/* A coupling times the inverse of a pivot: of -L. */
struct aggregation_factor {
  int32_t column;
  double k;
};

/* An eliminated row: of D the inverse, 0 where A is singular; of -L the column. */
struct aggregation_pivot {
  int32_t row, count;
  double inverse;
  struct aggregation_factor *part;
};

struct laplace_aggregation {
  laplace_grid *grid; /* its iterate is the correction, its constant term the residual */
  int32_t *aggregate; /* of each stored point: the row of the first level; -1: none */
  int32_t parts;      /* of the grid, one of each thread */
  const struct aggregation_rows *rows;
  const struct aggregation_kernels *finest; /* finest.h */
  int32_t levels;                           /* below the grid */
  struct aggregation_level level[AGGREGATION_MOST_LEVELS];
  int singular; /* no value is held: constants are solutions of A e = 0 */
  struct aggregation_pivot
      *pivots; /* of the last level, as they were eliminated; NULL: it has too many rows for that */
};

/* ---- operators: operator.c ---- */

/* That of a grid whose conductances multigrid has made. */
int aggregation_of_grid(const laplace_grid *grid, struct aggregation_operator *A);

/* Row i of the part. */
void aggregation_fetch(const struct aggregation_operator *A, const struct aggregation_part *part, int32_t i,
                       struct aggregation_row *row);

void aggregation_free_operator(struct aggregation_operator *A);
void aggregation_free_parts(struct aggregation_operator *A);

/* Memory, in large pages where it is large. NULL, with the reason noted, if there is none. */
void *aggregation_allocate(size_t count, size_t size);

/* Does each part of an operator, each by a thread of its own; by the caller, where there are few rows. */
void aggregation_each_part(const laplace_grid *grid, const struct aggregation_operator *A,
                           void (*work)(void *task, int32_t part, int32_t parts), void *task);

/* ---- aggregates: pair.c ---- */

/* Pairs of rows, and rows that are alone. */
struct aggregation_pairs {
  int32_t *pair;    /* of each row: its pair; -1: none, since relaxation alone reduces it */
  int32_t *partner; /* of the first row of a pair: the other one, or itself, if it is alone; else -1 */
  int32_t *begin;   /* the first pair of each part, and their number */
};

/* Finds pairs within each part. */
int aggregation_pair(const laplace_grid *grid, const struct aggregation_operator *A, const double *diagonal,
                     struct aggregation_pairs *to);
void aggregation_free_pairs(struct aggregation_pairs *pairs);

/* ---- coarse operators: sum_up.c ---- */

/* The operator of pairs: what their rows have, added up. Between two passes of pairs `diagonals` gets the sums of those
 * of the rows, and no cycle visits the operator; else it is NULL. */
int aggregation_sum_up(const laplace_grid *grid, const struct aggregation_operator *A,
                       const struct aggregation_pairs *pairs, struct aggregation_operator *to, double **diagonals);

/* ---- levels: level.c ---- */

/* Allocates what a level needs besides A and its aggregates. */
int aggregation_open_level(struct aggregation_level *level);
void aggregation_free_level(struct aggregation_level *level);

/* e of level l becomes about A^-1 f: a K-cycle. f changes. */
void aggregation_solve(struct laplace_aggregation *a, int32_t l);

/* ---- the last level: eliminate.c ---- */

/* Eliminates the rows of an operator: a pivot of each. */
int aggregation_eliminate(const struct aggregation_operator *A, struct aggregation_pivot *pivots);

/* e = A^-1 f. */
void aggregation_solve_pivots(const struct aggregation_pivot *pivots, int32_t rows, const double *f, double *e);
#endif
