/* Where the current iterate of a grid lives, so that memory which nobody needs stays untouched: the one place that
 * knows.
 *
 *     IN_U           u holds it. All sweeps need that; v is the other array of the ping-pong.
 *     LAZY           zero inside: u and v are untouched, the ghost layer is in a lazy grid (lazy_grid.h).
 *     IN_HALF_ROWS   the plate path of multigrid holds its black points; u is void, or untouched if it was.
 *     IN_COARSE      the solution on `coarse`, still to be prolonged; likewise.
 *
 *     laplace_create                  materialize: read, write, sweep
 *        |   |                 +-----------------------<------------------------+
 *        |   |                 v                                                |
 *        |   +------------> IN_U ------------------ pass ---------+             |
 *        |                   ^ ^                                  v             |
 *        | LEVELS            | +-- invalidate: u was zeroed -- IN_HALF_ROWS ----+
 *        v                   |                                    ^ ^           |
 *      LAZY -- materialize --+                                    | |           |
 *       | +------------------------------ pass -------------------+ |           |
 *       +------------- prolong_solution, from any state --> IN_COARSE ----------+
 *
 * A pass is one of the plate path. Writing zeros inside, or the ghost layer, leaves LAZY; writing a halo leaves
 * IN_HALF_ROWS.
 */
#ifndef ITERATE_H
#define ITERATE_H
#include "../include/laplace_plugin.h"

struct iterate {
  enum { ITERATE_IN_U, ITERATE_LAZY, ITERATE_IN_HALF_ROWS, ITERATE_IN_COARSE } state;
  struct lazy_grid *lazy; /* NULL: u and v have been touched */
  laplace_grid *coarse;   /* IN_COARSE; counted as a reference to it */
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
