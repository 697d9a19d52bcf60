/* Where the current iterate of a grid lives, so that memory which nobody needs stays untouched: the one place that
 * knows.
 *
 *     IN_U           u holds it, as all sweeps need it; v is the other array of the ping-pong
 *     LAZY           zero inside; u and v are untouched, and the ghost layer is in a lazy grid (lazy_grid.h)
 *     IN_HALF_ROWS   the plate path of multigrid stores its black points; u is void, or untouched if it was
 *     IN_COARSE      the solution on `coarse`, still to be prolonged; u likewise
 *
 *     from               IN_U           LAZY           IN_HALF_ROWS   IN_COARSE
 *     write u            IN_U           LAZY or IN_U   IN_U, or (*)   IN_U           LAZY while it is zero inside
 *     read               IN_U           IN_U           IN_HALF_ROWS   IN_HALF_ROWS
 *     materialize        IN_U           IN_U           IN_U           IN_U           before a sweep, CG, black-box pass
 *     plate pass         IN_HALF_ROWS   IN_HALF_ROWS   IN_HALF_ROWS   IN_HALF_ROWS
 *     prolong_solution   IN_COARSE      IN_COARSE      IN_COARSE      IN_COARSE
 *     invalidate         IN_U           -              IN_U           IN_U           after u itself was written
 *
 * (*) IN_HALF_ROWS after the write of a halo. A new grid is LAZY if it has LAPLACE_LEVELS and may be of the plate path.
 */
#ifndef ITERATE_H
#define ITERATE_H
#include "../include/laplace_plugin.h"

enum iterate_state { ITERATE_IN_U, ITERATE_LAZY, ITERATE_IN_HALF_ROWS, ITERATE_IN_COARSE };

struct iterate {
  enum iterate_state state;
  struct lazy_grid *lazy; /* NULL: u and v have been touched */
  laplace_grid *coarse;   /* IN_COARSE, else NULL; counted as a reference to it */
};

/* From here on u holds the iterate. */
int iterate_materialize(laplace_grid *grid);

/* u was written without the functions of this file: whatever else was known of the iterate is void. */
void iterate_invalidate(laplace_grid *grid);

/* A pass of the plate path has stored the iterate in half rows. */
void iterate_set_half_rows(laplace_grid *grid);

/* The iterate inside its ghost layer becomes the solution on `coarse`, prolonged when it is needed. */
int iterate_set_coarse(laplace_grid *grid, laplace_grid *coarse);

/* No solution is to be prolonged any more; the owner of that grid may have released it already. */
void iterate_release_coarse(laplace_grid *grid);

/* Whether it is neither in u nor lazy. */
int iterate_is_elsewhere(const laplace_grid *grid);

/* Writes points of the iterate where it is, dense in C order. Returns 0, with nothing written, if u must hold it
 * first. */
int iterate_write(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, const void *data);

/* Copies points of an iterate that is elsewhere out, dense in C order. */
int iterate_read(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, void *data);
#endif
