/* Compares temporal tiles with row sweeps, bit for bit and norm for norm, on random grids, blocks and thread counts.
 * For machines that only an emulator is at hand for; others are tested through the library. Built by targets_test.ts
 * from rows.c, temporal_tile.c and tiling.c for one precision and instruction set. Usage: ./tiles SEED CASES
 */
#include "plugin/kernels.h"
#include "sweep/vector.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

extern const struct kernels NAME(kernels);

static uint32_t state;
static int below(int n) { /* xorshift32 */
  state ^= state << 13, state ^= state >> 17, state ^= state << 5;
  return (int)(state % (uint32_t)n);
}

static void *filled(size_t count, real scale) {
  real *field = aligned_alloc(64, (count * sizeof(real) + 63) / 64 * 64);
  for (size_t k = 0; k < count; k++) field[k] = scale * ((real)below(1 << 20) / (1 << 20) - (real)0.3);
  return field;
}

/* Fills periodic ghosts, columns and then rows, as the library does. */
static void fill_ghosts(const laplace_grid *grid, real *u) {
  const int64_t stride = grid->stride, last = grid->rows - 1, end = grid->cols - 1;
  for (int64_t i = 0; grid->layout & LAPLACE_PERIODIC_COLS && i <= last; i++)
    u[i * stride] = u[i * stride + end - 1], u[i * stride + end] = u[i * stride + 1];
  if (!(grid->layout & LAPLACE_PERIODIC_ROWS)) return;
  memcpy(u, u + (last - 1) * stride, (size_t)(end + 1) * sizeof(real));
  memcpy(u + last * stride, u + stride, (size_t)(end + 1) * sizeof(real));
}

static int differs(const laplace_grid *grid, const real *a, const real *b) {
  for (int64_t i = 0; i < grid->rows; i++)
    if (memcmp(a + i * grid->stride, b + i * grid->stride, (size_t)grid->cols * sizeof(real))) return 1;
  return 0;
}

static int equal(double a, double b) { return a == b || (a != a && b != b); }

int main(int argc, char **argv) {
  if (argc != 3) return fprintf(stderr, "usage: tiles SEED CASES\n"), 2;
  static const int layouts[] = {0,
                                LAPLACE_SOURCE,
                                LAPLACE_WEIGHTED,
                                LAPLACE_WEIGHTED | LAPLACE_PERIODIC_ROWS,
                                LAPLACE_WEIGHTED | LAPLACE_PERIODIC_COLS,
                                LAPLACE_WEIGHTED | LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS};
  const int seed = atoi(argv[1]), cases = atoi(argv[2]);
  state = 2 * (uint32_t)seed + 1;
  for (int n = 0; n < cases; n++) {
    laplace_grid grid = {.dtype = sizeof(real), .kernels = &NAME(kernels), .cx = below(2) ? 0.25 : 0.3, .cy = 0.25};
    grid.layout = layouts[below(6)], grid.rows = 3 + below(60), grid.cols = 3 + below(below(2) ? 70 : 1200);
    grid.row0 = 1, grid.row1 = grid.rows - 1 - below(2), grid.col0 = 1, grid.col1 = grid.cols - 1 - below(2);
    grid.threads = 1 + below(5), grid.stream = below(2);
    grid.block = (struct time_block){1 + below(20), 100 + below(900)};
    grid.stride = (grid.cols + LINE - 1) / LINE * LINE;
    const size_t points = (size_t)(grid.stride * grid.rows);
    grid.g.data = filled(points, 1);
    grid.an.data = filled(points, 0.25), grid.as.data = filled(points, 0.25);
    grid.aw.data = filled(points, 0.25), grid.ae.data = filled(points, 0.25);
    real *u = filled(points, 1), *v = filled(points, 0), *p = filled(points, 0), *q = filled(points, 0);
    if (!below(9)) u[grid.rows / 2 * grid.stride + grid.cols / 2] = (real)NAN;
    fill_ghosts(&grid, u);
    for (real *const *to = (real *[]){v, p, q, NULL}; *to; to++) memcpy(*to, u, points * sizeof(real));

    const int count = 1 + below(40), residual = below(2);
    const struct tiling_plan plan = tiling_plan_passes(&grid, count, residual);
    void *scratch = aligned_alloc(
        64, (grid.kernels->tile_scratch(&grid, plan.tiling.time_steps, plan.tiling.width) + 63) / 64 * 64);
    double found[2] = {0, 0}, change = 0, rest = 0;
    for (int k = 0; k < plan.passes; k++)
      for (int64_t s = 0; s < plan.tiling.across * plan.tiling.slabs; s++) {
        const struct temporal_tile tile = tiling_tile(&grid, &plan, k, s);
        grid.kernels->tile(&grid, k % 2 ? v : u, k % 2 ? u : v, &tile, scratch, found);
      }
    for (int k = 0; k <= count; k++) {
      change = rest, rest = 0;
      for (int i = 1; i < grid.rows - 1; i++)
        rest = larger(rest, grid.kernels->sweep(&grid, k % 2 ? q : p, k % 2 ? p : q, i, 1));
    }
    const int same = !differs(&grid, plan.passes % 2 ? v : u, count % 2 ? q : p);
    const int norms = equal(found[0], change) && (!residual || equal(found[1], rest));
    if (!same || !norms)
      return printf(
                 "seed %d, case %d: %d x %d, layout %d, %d sweeps in %d passes, block %dx%d, %d threads: %s differ\n",
                 seed, n, grid.rows, grid.cols, grid.layout, count, plan.passes, grid.block.sweeps, grid.block.width,
                 grid.threads, same ? "norms" : "points"),
             1;
    for (void *const *field =
             (void *[]){grid.g.data, grid.an.data, grid.as.data, grid.aw.data, grid.ae.data, u, v, p, q, scratch, NULL};
         *field; field++)
      free(*field);
  }
  printf("seed %d: %d cases equal\n", seed, cases);
  return 0;
}
