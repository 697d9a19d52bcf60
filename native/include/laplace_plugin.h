/* The C interface of a laplace plugin: a shared library that `laplace solve --plugin ./libmine.so` can load.
 *
 * A plugin supplies kernels; laplace owns the rest (boundary conditions, stopping, files). It sees only stored arrays
 * whose outer ring is read and never updated. Functions take scalars and pointers only, report failure by status,
 * and never print or exit. laplace calls a library from one thread at a time.
 *
 * A sweep must evaluate, in this association and without contraction (-ffp-contract=off),
 *     square (cx == cy == 1/4):  0.25 * ((n + s) + (w + e))                         [+ g]
 *     plain:                     cx * (w + e) + cy * (n + s)                        [+ g]
 *     weighted:                  ((an * n + as * s) + (aw * w + ae * e)) + g
 * Then its f64 results equal the reference bit for bit; say so with LAPLACE_BITWISE.
 */
#ifndef LAPLACE_PLUGIN_H
#define LAPLACE_PLUGIN_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default) /* exported even from a library compiled with -fvisibility=hidden */
#endif

#define LAPLACE_API_VERSION 1

enum { LAPLACE_OK = 0, LAPLACE_FAILED = 1 };

/* dtype */
enum { LAPLACE_F32 = 4, LAPLACE_F64 = 8 };

/* field: the iterate, the weights of the four neighbours, the constant term, and what these five were divided by */
enum { LAPLACE_U, LAPLACE_AN, LAPLACE_AS, LAPLACE_AW, LAPLACE_AE, LAPLACE_G, LAPLACE_D };

/* what laplace_features returns: a sum of these */
enum {
  LAPLACE_HAS_F32 = 1, LAPLACE_HAS_F64 = 2,
  LAPLACE_HAS_PLAIN = 4, LAPLACE_HAS_WEIGHTED = 8,
  LAPLACE_HAS_SOR = 16,  /* laplace_relax works; Jacobi always does */
  LAPLACE_BITWISE = 32   /* f64 results equal the reference bit for bit */
};

/* layout: a sum of these */
enum {
  LAPLACE_WEIGHTED = 1,   /* else plain */
  LAPLACE_SOURCE = 2,     /* plain: g is added */
  LAPLACE_WRAP_ROWS = 4,  /* ring rows are images: row 0 of row rows-2, row rows-1 of row 1, renewed after every sweep */
  LAPLACE_WRAP_COLS = 8,  /* likewise the ring columns */
  LAPLACE_ODD = 16,       /* stored point (0, 0) is black, else red */
  LAPLACE_LEVELS = 64,    /* laplace_coarsen will follow: sweeps may never come, nor need memory that is touched */
  LAPLACE_DIAGONAL = 32   /* weighted: field LAPLACE_D is given too: 0 at fixed points */
};

typedef struct laplace_grid laplace_grid; /* yours: an iterate with its stencil */

/* LAPLACE_API_VERSION, as compiled. Checked first. */
int32_t laplace_api_version(void);

/* A sum of LAPLACE_HAS_... */
int32_t laplace_features(void);

/* The plugin's name and one line on what it is, both in `text` (`size` bytes, NUL-terminated): "name\nsummary".
 * A name has small letters, digits and hyphens. */
void laplace_describe(char *text, int32_t size);

/* Whether it can run here. 1 to 100: a score, and `text` names the device. 0: it cannot, and `text` says why. Cheap. */
int32_t laplace_probe(char *text, int32_t size);

/* Why the last call failed, in one line. Every `text` is cut to fit `size`, its NUL included. */
void laplace_error(char *text, int32_t size);

/* Optional: one setting for all grids created afterwards, such as "threads", "4"; older grids keep theirs. Fails for an
 * unknown name or value. laplace calls laplace_set("", "") first, before every grid: all settings back to their
 * defaults; a plugin without such a reset may fail that call. */
int32_t laplace_set(const char *name, const char *value);

/* Optional: threads that the next grid's sweeps will use, 1 if absent. */
int32_t laplace_threads(void);

/* A grid of rows x cols stored points (ring included, each >= 3), all fields zero. Rows [row0, row1) and columns
 * [col0, col1) count in norms. NULL if it fails. */
laplace_grid *laplace_create(int32_t dtype, int32_t layout, int32_t rows, int32_t cols,
                             int32_t row0, int32_t row1, int32_t col0, int32_t col1, double cx, double cy);

/* Copies rows [row0, row1) x columns [col0, col1), dense in C order, into a field, or the iterate out. The ring of u may
 * be written too; where the layout wraps it, the plugin renews it before the next sweep. */
int32_t laplace_write(laplace_grid *grid, int32_t field, int32_t row0, int32_t row1, int32_t col0, int32_t col1,
                      const void *data);
int32_t laplace_read(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, void *data);

/* `count` >= 1 Jacobi sweeps; *change = max |u_new - u_old| of the last one, NaN if any point is NaN. */
int32_t laplace_sweep(laplace_grid *grid, int32_t count, double *change);

/* Optional: what laplace_sweep and then laplace_residual give, in one pass over memory: norms[0] is the change of the last
 * sweep, norms[1] the residual of its result. */
int32_t laplace_advance(laplace_grid *grid, int32_t count, double *norms);

/* `count` >= 1 half-sweeps u += omega * (sweep(u) - u), each on the points of one colour: `colour` (0 red, 1 black)
 * first, then in turn. *change = max |u_new - u_old| over the last two of them, or the only one. A wrapped direction has
 * an even number of points inside the ring, else it has no two colours. */
int32_t laplace_relax(laplace_grid *grid, double omega, int32_t colour, int32_t count, double *change);

/* *residual = max |sweep(u) - u|; u stays as it is. */
int32_t laplace_residual(laplace_grid *grid, double *residual);

/* Optional: how many sweeps the grid gets in one pass over memory at present, and in strips of how many columns; 0 if it is
 * swept as a whole, once a pass. laplace then prefers calls of at least so many sweeps. */
int32_t laplace_pass(const laplace_grid *grid, int32_t *width);

/* ---- multigrid: optional, all of it or nothing ----
 *
 * A grid, the finest, has levels below it, which are opaque like grids. Unknowns are the points inside the ring that are
 * not fixed. A level keeps every other row or column of what is above it, or both: of a plain grid, and of the levels
 * below it, rows 2, 4, .. as stored; of a weighted one, whose ring is padding or images, rows 1, 3, .. as stored. Its
 * iterate is a correction, zero at first, of A e = f; A = P^T A P of what is above, P the interpolation, P^T the
 * restriction of residuals.
 */

/* Makes the level below a grid or level, which keeps every other row if `rows`, column if `cols`. Released by laplace_free,
 * before what is above it. NULL if it fails. */
laplace_grid *laplace_coarsen(laplace_grid *fine, int32_t rows, int32_t cols);

/* Smooths `sweeps` times; then the right side of `coarse` is the residual restricted, and its iterate zero. */
int32_t laplace_descend(laplace_grid *fine, laplace_grid *coarse, int32_t sweeps);

/* Adds the iterate of `coarse`, interpolated; then smooths `sweeps` times. */
int32_t laplace_ascend(laplace_grid *fine, laplace_grid *coarse, int32_t sweeps);

/* Of the finest grid: laplace_ascend with `post` sweeps, then laplace_descend with `pre`. norms[0] = how far the iterate
 * moved, norms[1] = max |sweep(u) - u| of the result; NaN if any point is NaN. */
int32_t laplace_turn(laplace_grid *fine, laplace_grid *coarse, int32_t post, int32_t pre, double *norms);

/* The iterate of `fine` inside its ring becomes that of `coarse`, interpolated: a finest grid with every other row and
 * column, which must stay as it is until the call that follows. Only once `fine` has been coarsened. */
int32_t laplace_refine(laplace_grid *fine, laplace_grid *coarse);

/* Of a small level, at each point inside the ring, in C order: the nine coefficients of A: nw n ne w c e sw s se; all 0
 * at a fixed point. Where a neighbour is fixed, or in a ring that is no image, its coefficient may be 0, too: e is. */
int32_t laplace_equations(const laplace_grid *level, double *coefficients);

/* Copies f out at rows [row0, row1) x columns [col0, col1) inside the ring, as stored, in C order; or sets it there. */
int32_t laplace_right_side(const laplace_grid *level, int32_t row0, int32_t row1, int32_t col0, int32_t col1, double *f);
int32_t laplace_set_right_side(laplace_grid *level, int32_t row0, int32_t row1, int32_t col0, int32_t col1, const double *f);

/* Sets the iterate of a small level at each point inside the ring, in C order. */
int32_t laplace_correct(laplace_grid *level, const double *e);

/* Optional, with laplace_iterate: a level that is below no other, but is coarsened, descended, ascended and freed like one. A is
 * given, as laplace_equations gives it, at rows x cols unknowns. layout: LAPLACE_WRAP_ROWS, LAPLACE_WRAP_COLS, along which there
 * are two unknowns at least. `even`: the level below keeps rows and columns 1, 3, .. as stored, else 2, 4, ... f and the iterate
 * are zero at first. Threads are those of `grid`, a finest one that has levels already; released before it. NULL if it fails. */
laplace_grid *laplace_system(laplace_grid *grid, int32_t layout, int32_t rows, int32_t cols, int32_t even, const double *coefficients);

/* Copies the iterate of a level of laplace_system out, at each point inside the ring, in C order. */
int32_t laplace_iterate(const laplace_grid *level, double *e);

/* ---- conjugate gradients: optional; the last two may be absent ----
 *
 * A grid keeps two vectors more, from its first call here on: r = sweep(u) - u, and a direction p. B = I - W is the equation
 * of a point divided by its diagonal: W is a sweep without its constant term, and without fixed values. It is symmetric in
 * <a, b> = sum of d a b over the points inside the ring; d = 1 in a plain layout. A weighted one has LAPLACE_DIAGONAL.
 * Sums are f64 whatever the dtype, and NaN if any point is NaN.
 */

/* r becomes sweep(u) - u; points with d = 0 take their value g before. p stays. found[0] = <r, r>, found[1] = max |r|. */
int32_t laplace_remainder(laplace_grid *grid, double *found);

/* p becomes z + beta p; z is r unless the grid has a correction; what p held does not matter if beta is 0.
 * *length = <p, Bp>. */
int32_t laplace_aim(laplace_grid *grid, double beta, double *length);

/* Once after laplace_aim: u += alpha p, r -= alpha Bp. found[0] = <r, r>, found[1] = max |r|, found[2] = max |alpha p|. */
int32_t laplace_move(laplace_grid *grid, double alpha, double *found);

/* For a preconditioner: the grid of the same weights whose constant term is r, in the same memory, and whose ring is zero;
 * what it would converge to solves B z = r. All functions work on it, those of multigrid with the levels of `grid`. From
 * now on its iterate is z, and laplace_remainder and laplace_move set it to zero. Released with `grid`, or before it by
 * laplace_free. NULL if it fails. */
laplace_grid *laplace_correction(laplace_grid *grid);

/* With a correction: products[0] = <r, z>, products[1] = <Bp, z>, p being the direction of the last laplace_move. */
int32_t laplace_products(laplace_grid *grid, double *products);

/* Releases a grid, or a level. */
void laplace_free(laplace_grid *grid);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
