/* The grid that every library of this folder works on, and what a programming model must supply to grid.c.
 * Rows and columns are those stored, ring included; element (i, j) of a field is field[i * stride + j].
 */
#ifndef GRID_H
#define GRID_H
#include "include/laplace_plugin.h"
#include <stddef.h>

struct laplace_grid {
  int32_t dtype, layout, rows, cols;
  int32_t row0, row1, col0, col1; /* the points that count in norms */
  double cx, cy;
  int64_t stride;                    /* elements from one row to the next */
  void *u, *v;                       /* the iterate, and the other array of the ping-pong */
  void *g, *an, *as, *aw, *ae;       /* NULL where the layout has none */
  const struct row_kernels *kernels; /* rows.h; NULL in Fortran */
  int32_t stream;                    /* larger than the caches: write v past them */
  int32_t threads, schedule, chunk;  /* the settings at creation */
  int32_t stale;                     /* u was written: images and v's ring are to be renewed */
  int32_t ahead;                     /* v already holds the next sweep, */
  double ahead_change;               /* and this is its change */
  void *memory;
};

/* Notes why a call fails. Returns LAPLACE_FAILED. */
int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The larger norm; NaN if either is: the usual `a > b ? a : b` and fmax hide it. */
static inline double larger(double a, double b) { return b > a || b != b ? b : a; }

/* ---- what a model supplies, in its folder ---- */

extern const char model_about[];    /* "name\nsummary" */
extern const int32_t model_score;   /* see laplace_probe */

/* The device in words, or why there is none (LAPLACE_FAILED). */
int model_device(char *text, size_t size);

/* One setting, or all back to their defaults for an empty name. */
int model_set(const char *name, const char *value);
int32_t model_threads(void);

/* Fills in what the model keeps in a grid: row kernels, settings. */
int model_open(laplace_grid *grid);

/* `count` sweeps from u to v, v to u, and so on: the result is in v if count is odd. Returns the last one's change. */
double model_sweep(const laplace_grid *grid, void *u, void *v, int32_t count);

/* `count` half-sweeps of u in place. Returns the change of the last two, or of the only one. */
double model_relax(const laplace_grid *grid, void *u, double omega, int32_t colour, int32_t count);
#endif
