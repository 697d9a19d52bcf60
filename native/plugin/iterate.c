/* The transitions of an iterate from one place to another: see iterate.h for these. No arithmetic, and no passes: the
 * plate path does them. */
#include "iterate.h"
#include "../multigrid/multigrid.h"
#include "lazy_grid.h"

int iterate_is_elsewhere(const laplace_grid *grid) {
  return grid->iterate.state == ITERATE_IN_HALF_ROWS || grid->iterate.state == ITERATE_IN_COARSE;
}

/* The path itself calls iterate_set_half_rows. */
static int iterate_to_half_rows(laplace_grid *grid) {
  return grid->iterate.state == ITERATE_IN_HALF_ROWS ? LAPLACE_OK : grid->path->pack(grid);
}

int iterate_materialize(laplace_grid *grid) {
  const int elsewhere = iterate_is_elsewhere(grid);
  if (elsewhere && iterate_to_half_rows(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  lazy_grid_end(grid);
  if (elsewhere) {
    grid->path->unpack(grid, 0, grid->rows, 0, grid->cols, grid->u, grid->stride * grid->dtype);
    grid->ghosts_stale = 1;
  }
  grid->iterate.state = ITERATE_IN_U;
  return LAPLACE_OK;
}

void iterate_invalidate(laplace_grid *grid) {
  iterate_release_coarse(grid);
  grid->iterate.state = ITERATE_IN_U;
  grid->ghosts_stale = 1, grid->next_sweep_ready = 0;
}

void iterate_set_half_rows(laplace_grid *grid) {
  iterate_release_coarse(grid);
  grid->iterate.state = ITERATE_IN_HALF_ROWS;
  grid->next_sweep_ready = 0;
}

int iterate_set_coarse(laplace_grid *grid, laplace_grid *coarse) {
  if (coarse->iterate.state == ITERATE_IN_COARSE && iterate_to_half_rows(coarse) != LAPLACE_OK) return LAPLACE_FAILED;
  if (coarse->iterate.state == ITERATE_LAZY && iterate_materialize(coarse) != LAPLACE_OK) return LAPLACE_FAILED;
  coarse->references++;
  iterate_release_coarse(grid);
  grid->iterate.state = ITERATE_IN_COARSE, grid->iterate.coarse = coarse;
  return LAPLACE_OK;
}

void iterate_release_coarse(laplace_grid *grid) {
  laplace_grid *coarse = grid->iterate.coarse;
  grid->iterate.coarse = NULL;
  laplace_free(coarse);
}

/* Whether none of these points counts in norms: they are another rank's. */
static int iterate_is_halo(const laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1) {
  const int inside = row0 < grid->row1 && row1 > grid->row0 && col0 < grid->col1 && col1 > grid->col0;
  const int whole = grid->row0 == 1 && grid->row1 == grid->rows - 1 && grid->col0 == 1 && grid->col1 == grid->cols - 1;
  return !inside && !whole;
}

int iterate_write(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, const void *data) {
  if (grid->iterate.state == ITERATE_LAZY) return lazy_grid_write(grid, row0, row1, col0, col1, data);
  if (grid->iterate.state != ITERATE_IN_HALF_ROWS || !iterate_is_halo(grid, row0, row1, col0, col1)) return 0;
  grid->path->write_half_rows(grid, row0, row1, col0, col1, data);
  return 1;
}

int iterate_read(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, void *data) {
  if (row0 >= row1 || col0 >= col1) return LAPLACE_OK;
  if (iterate_to_half_rows(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  grid->path->unpack(grid, row0, row1, col0, col1, data, (int64_t)(col1 - col0) * grid->dtype);
  return LAPLACE_OK;
}
