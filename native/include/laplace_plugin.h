/* The C interface of a laplace plugin: a shared library that `laplace solve --plugin ./libmine.so` can load.
 *
 * A plugin supplies kernels; laplace owns the rest: boundary conditions, stopping, files. A grid is a stored array
 * whose outer ghost layer is read and never updated. Functions take scalars and pointers only, report failure by
 * status, and never print or exit. Several threads may call a library at once, each with grids of its own.
 *
 * A sweep must evaluate, in this association and without contraction (-ffp-contract=off),
 *     square (cx == cy == 1/4):  0.25 * ((n + s) + (w + e))                         [+ g]
 *     plain:                     cx * (w + e) + cy * (n + s)                        [+ g]
 *     weighted:                  ((an * n + as * s) + (aw * w + ae * e)) + g
 * Then its f64 results equal the reference bit for bit; LAPLACE_BITWISE promises that.
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

#define LAPLACE_API_VERSION 2

enum { LAPLACE_OK = 0, LAPLACE_FAILED = 1 };

/* dtype */
enum { LAPLACE_F32 = 4, LAPLACE_F64 = 8 };

/* field: the iterate, the weights of the four neighbours, the constant term, and the diagonal that these five were
 * divided by */
enum { LAPLACE_U, LAPLACE_AN, LAPLACE_AS, LAPLACE_AW, LAPLACE_AE, LAPLACE_G, LAPLACE_D };

/* laplace_features returns a sum of these. */
enum {
  LAPLACE_HAS_F32 = 1,
  LAPLACE_HAS_F64 = 2,
  LAPLACE_HAS_PLAIN = 4,
  LAPLACE_HAS_WEIGHTED = 8,
  LAPLACE_HAS_SOR = 16, /* laplace_relax works; Jacobi always does */
  LAPLACE_BITWISE = 32  /* f64 results equal the reference bit for bit */
};

/* layout: a sum of these */
enum {
  LAPLACE_WEIGHTED = 1,      /* variable coefficients; else plain: constant ones */
  LAPLACE_SOURCE = 2,        /* plain: g is added */
  LAPLACE_PERIODIC_ROWS = 4, /* after every sweep ghost row 0 copies row rows-2, and row rows-1 row 1 */
  LAPLACE_PERIODIC_COLS = 8, /* likewise the ghost columns */
  LAPLACE_ODD = 16,          /* stored point (0, 0) is black, else red */
  LAPLACE_DIAGONAL = 32,     /* weighted: field LAPLACE_D is written too: 0 at Dirichlet points */
  LAPLACE_LEVELS = 64        /* laplace_coarsen will follow: memory that only sweeps need may stay untouched */
};

typedef struct laplace_grid laplace_grid;               /* yours: an iterate with its stencil */
typedef struct laplace_level laplace_level;             /* yours: a coarser level of multigrid */
typedef struct laplace_aggregation laplace_aggregation; /* yours: an algebraic preconditioner */

/* LAPLACE_API_VERSION, as compiled. Checked first. */
int32_t laplace_api_version(void);

/* A sum of LAPLACE_HAS_... */
int32_t laplace_features(void);

/* The plugin's name and one line on what it is, both in `text` (`size` bytes, NUL-terminated): "name\nsummary".
 * A name has small letters, digits and hyphens. */
void laplace_describe(char *text, int32_t size);

/* Whether it can run here. 1 to 100: a score, and `text` names the device. 0: it cannot, and `text` says why. Cheap. */
int32_t laplace_probe(char *text, int32_t size);

/* Why this thread's last call failed, in one line. Every `text` is cut to fit `size`, its NUL included. */
void laplace_error(char *text, int32_t size);

/* Optional: the threads that sweep a grid with these settings, as laplace_create takes them; 0, and a reason, if it
 * would refuse one. Absent: the library has one thread and no settings. */
int32_t laplace_threads(const char *settings);

/* A grid of rows x cols stored points (ghost layer included, each >= 3), all fields zero. Rows [row0, row1) and columns
 * [col0, col1) count in norms. Settings, such as "threads=4\nblock=off", are lines of "name=value"; "" has the
 * defaults. NULL if it fails. */
laplace_grid *laplace_create(int32_t dtype, int32_t layout, int32_t rows, int32_t cols, int32_t row0, int32_t row1,
                             int32_t col0, int32_t col1, double cx, double cy, const char *settings);

/* Optional: makes the weights and d of rows [row0, row1) x columns [col0, col1) of a weighted grid in f64 from the
 * conductivity k there and one point further on each side, dense in C order. To each neighbour leads the harmonic mean
 * of both, times the face between their cells (dx or dy), over their distance; d is the sum of the four, and weights are
 * these divided by it. Fails where a sum is not finite, or not more than zero. */
int32_t laplace_conduct(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, double dy, double dx,
                        const double *k);

/* Copies rows [row0, row1) x columns [col0, col1), dense in C order, into a field, or the iterate out. The ghost layer
 * of u may be written too; where it is periodic, the plugin fills it again before the next sweep. u and g may be written
 * again at any time, also once a grid has levels; weights before the first call that reads them. */
int32_t laplace_write(laplace_grid *grid, int32_t field, int32_t row0, int32_t row1, int32_t col0, int32_t col1,
                      const void *data);
int32_t laplace_read(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, void *data);

/* `count` >= 1 Jacobi sweeps; *change = max |u_new - u_old| of the last one, NaN if any point is NaN. */
int32_t laplace_sweep(laplace_grid *grid, int32_t count, double *change);

/* Optional: laplace_sweep and then laplace_residual in one pass over memory: norms[0] is the change of the last sweep,
 * norms[1] the residual of its result. */
int32_t laplace_advance(laplace_grid *grid, int32_t count, double *norms);

/* `count` >= 1 half-sweeps u += omega * (sweep(u) - u), each on the points of one colour: `colour` (0 red, 1 black)
 * first, then alternating. *change = max |u_new - u_old| over the last two of them, or the only one. A periodic
 * direction has an even number of points inside the ghost layer, else it has no two colours. */
int32_t laplace_relax(laplace_grid *grid, double omega, int32_t colour, int32_t count, double *change);

/* *residual = max |sweep(u) - u|; u stays as it is. */
int32_t laplace_residual(laplace_grid *grid, double *residual);

/* Optional: how many sweeps the grid does in one pass over memory at present, and in tiles of how many columns; 0 if a
 * pass is one sweep of the whole grid. laplace then prefers calls of at least so many sweeps. */
int32_t laplace_pass(const laplace_grid *grid, int32_t *width);

/* Releases a grid; its levels are released before it. */
void laplace_free(laplace_grid *grid);

/* ---- multigrid: optional, all of it or nothing ----
 *
 * A grid, the finest, has coarser levels below it. Unknowns are the points inside the ghost layer that are not
 * Dirichlet points. A level keeps every other row or column of what is above it, or both: of a plain grid, and of the
 * levels below it, rows 2, 4, .. as stored; of a weighted one, whose ghost layer is padding or periodic, rows 1, 3, ..
 * as stored. Its iterate is a correction e, zero at first, of A e = f. P is the prolongation (interpolation of
 * corrections), P^T the restriction of residuals. A may be the Galerkin operator P^T A P of what is above, or the
 * stencil discretised again with the wider spacing. docs/multigrid.md says which one our libraries use where.
 */

/* Makes the level below a grid, which keeps every other row if `rows`, column if `cols`. NULL if it fails. */
laplace_level *laplace_coarsen(laplace_grid *fine, int32_t rows, int32_t cols);

/* Smooths `sweeps` times; then f of `coarse` is the restricted residual, and its iterate zero. */
int32_t laplace_smooth_and_restrict(laplace_grid *fine, laplace_level *coarse, int32_t sweeps);

/* Adds the prolonged iterate of `coarse`; then smooths `sweeps` times. */
int32_t laplace_prolong_and_smooth(laplace_grid *fine, laplace_level *coarse, int32_t sweeps);

/* laplace_prolong_and_smooth with `post` sweeps, then laplace_smooth_and_restrict with `pre`, perhaps in one pass over
 * memory. norms[0] = how far the iterate moved, norms[1] = max |sweep(u) - u| of the result; NaN if any point is NaN.
 */
int32_t laplace_prolong_smooth_restrict(laplace_grid *fine, laplace_level *coarse, int32_t post, int32_t pre,
                                        double *norms);

/* Optional, for full multigrid: the iterate of `fine` inside its ghost layer becomes that of `coarse`, interpolated: a
 * grid with every other row and column, which must stay as it is until the call that follows. Only once `fine` has been
 * coarsened. */
int32_t laplace_prolong_solution(laplace_grid *fine, laplace_grid *coarse);

/* The same three of a level and the one below it. */
laplace_level *laplace_level_coarsen(laplace_level *fine, int32_t rows, int32_t cols);
int32_t laplace_level_smooth_and_restrict(laplace_level *fine, laplace_level *coarse, int32_t sweeps);
int32_t laplace_level_prolong_and_smooth(laplace_level *fine, laplace_level *coarse, int32_t sweeps);

/* Of a small level, at each point inside the ghost layer, in C order: the nine coefficients of A: nw n ne w c e sw s
 * se; all 0 at a Dirichlet point. A coefficient of a Dirichlet neighbour, or of a ghost point that is not periodic, may
 * be 0, too: e is. */
int32_t laplace_level_read_operator(const laplace_level *level, double *coefficients);

/* Copies f out at rows [row0, row1) x columns [col0, col1) inside the ghost layer, as stored, in C order; or sets it
 * there. */
int32_t laplace_level_read_rhs(const laplace_level *level, int32_t row0, int32_t row1, int32_t col0, int32_t col1,
                               double *f);
int32_t laplace_level_write_rhs(laplace_level *level, int32_t row0, int32_t row1, int32_t col0, int32_t col1,
                                const double *f);

/* Sets the iterate of a small level at each point inside the ghost layer, in C order. */
int32_t laplace_level_write_correction(laplace_level *level, const double *e);

/* Releases a level, before what is above it. */
void laplace_level_free(laplace_level *level);

/* Optional, both or none: a level that is below no other. It is coarsened, smoothed and released like one. Its operator
 * is given, as laplace_level_read_operator reads it, at rows x cols unknowns. layout: LAPLACE_PERIODIC_ROWS,
 * LAPLACE_PERIODIC_COLS; along these there are at least two unknowns. `first_is_coarse`: the level below keeps rows and
 * columns 1, 3, .. as stored, else 2, 4, ... f and the iterate are zero at first. Threads are those of `grid`, which
 * has levels already and is released after it. NULL if it fails. */
laplace_level *laplace_create_level(laplace_grid *grid, int32_t layout, int32_t rows, int32_t cols,
                                    int32_t first_is_coarse, const double *coefficients);

/* Copies the iterate of a level of laplace_create_level out, at each point inside the ghost layer, in C order. */
int32_t laplace_level_read_correction(const laplace_level *level, double *e);

/* ---- conjugate gradients: optional; the last two may be absent ----
 *
 * A grid keeps two vectors more, from its first call here on: r = sweep(u) - u, and a direction p. B = I - W is the
 * equation of a point divided by its diagonal: W is a sweep without its constant term, and without Dirichlet values. It
 * is symmetric in <a, b> = sum of d a b over the points inside the ghost layer; d = 1 in a plain layout. A weighted one
 * has LAPLACE_DIAGONAL. Sums are f64 whatever the dtype, and NaN if any point is NaN.
 */

/* r becomes sweep(u) - u; before that, points with d = 0 get their value g. p stays. found[0] = <r, r>, found[1] = max
 * |r|. */
int32_t laplace_compute_residual(laplace_grid *grid, double *found);

/* p becomes z + beta p; z is r unless the grid has a preconditioned residual; the old p does not matter if beta is 0.
 * *length = <p, Bp>. */
int32_t laplace_update_direction(laplace_grid *grid, double beta, double *length);

/* Once after laplace_update_direction: u += alpha p, r -= alpha Bp.
 * found[0] = <r, r>, found[1] = max |r|, found[2] = max |alpha p|. */
int32_t laplace_step(laplace_grid *grid, double alpha, double *found);

/* For a preconditioner: the grid of the same weights whose constant term is r, in the same memory, and whose ghost
 * layer is zero; its solution is B^-1 r. All functions work on it, those of multigrid with the levels of `grid`. From
 * now on its iterate is the preconditioned residual z, and laplace_compute_residual and laplace_step set it to zero.
 * Released with `grid`, or before it by laplace_free. NULL if it fails. */
laplace_grid *laplace_preconditioned_residual(laplace_grid *grid);

/* With a preconditioned residual: dots[0] = <r, z>, dots[1] = <Bp, z>, p being the direction of the last laplace_step.
 */
int32_t laplace_dots(laplace_grid *grid, double *dots);

/* Optional, all three or none: a preconditioner for weights that vary from point to point. Its coarse unknowns follow the
 * couplings, not the places of points. `grid` is a preconditioned residual, and is released after it. NULL if it fails.
 */
laplace_aggregation *laplace_aggregate(laplace_grid *grid);

/* The iterate of that grid becomes about B^-1 r, whatever it was. */
int32_t laplace_aggregation_cycle(laplace_aggregation *aggregation);
void laplace_aggregation_free(laplace_aggregation *aggregation);

/* ---- a bound on the error: optional, both or none ----
 *
 * For weighted grids in f64 with LAPLACE_DIAGONAL. The equations, times their diagonals, are an M-matrix: any w >= 0 whose
 * equations are at least |r| at every point, r = sweep(u) - u, is a bound on the error of u there.
 */

/* g becomes |r| + rounding + *margin / d, and u zero: its solution is such a w, and so is what is near it.
 * *margin = share max d |r|. */
int32_t laplace_compare(laplace_grid *grid, double share, double rounding, double *margin);

/* Whether u is one: yes where found[0] = max d (sweep(u) - u + rounding) is at most the margin. found[1] = max u. */
int32_t laplace_shortfall(laplace_grid *grid, double rounding, double *found);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
