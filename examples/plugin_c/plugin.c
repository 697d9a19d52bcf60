/* A laplace plugin outside the tree: Jacobi sweeps of a plain stencil in f64, on one thread, as plainly as can be.
 * Built by  gcc -O3 -ffp-contract=off -shared -fPIC -I../../native/include plugin.c -o libmine.so
 * It leaves out what the interface does not demand: f32, weighted stencils, SOR, settings, threads.
 */
#include <laplace_plugin.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct laplace_grid {
  int32_t source, rows, cols, row0, row1, col0, col1;
  double cx, cy;
  double *u, *v, *g; /* the iterate, the next one, the constant term: element (i, j) is at i * cols + j */
};

static char reason[200];

static int32_t fail(const char *why) {
  snprintf(reason, sizeof reason, "%s", why);
  return LAPLACE_FAILED;
}

int32_t laplace_api_version(void) { return LAPLACE_API_VERSION; }
int32_t laplace_features(void) { return LAPLACE_HAS_F64 | LAPLACE_HAS_PLAIN | LAPLACE_BITWISE; }
void laplace_describe(char *text, int32_t size) { snprintf(text, size, "my-plugin\nAn example in plain C"); }
void laplace_error(char *text, int32_t size) { snprintf(text, size, "%s", reason); }

int32_t laplace_probe(char *text, int32_t size) {
  snprintf(text, size, "any CPU");
  return 1;
}

void laplace_free(laplace_grid *grid) {
  if (!grid) return;
  free(grid->u), free(grid->v), free(grid->g);
  free(grid);
}

laplace_grid *laplace_create(int32_t dtype, int32_t layout, int32_t rows, int32_t cols, int32_t row0, int32_t row1,
                             int32_t col0, int32_t col1, double cx, double cy, const char *settings) {
  if (*settings) return fail("my-plugin has no settings"), NULL;
  if (dtype != LAPLACE_F64 || layout & ~(LAPLACE_SOURCE | LAPLACE_ODD))
    return fail("my-plugin knows plain stencils in f64 only, not periodic"), NULL;
  laplace_grid *grid = calloc(1, sizeof *grid);
  if (!grid) return fail("out of memory"), NULL;
  const size_t points = (size_t)rows * cols;
  *grid = (laplace_grid){(layout & LAPLACE_SOURCE) != 0, rows, cols, row0, row1, col0, col1, cx, cy, NULL, NULL, NULL};
  grid->u = calloc(points, sizeof(double));
  grid->v = calloc(points, sizeof(double));
  grid->g = calloc(grid->source ? points : 1, sizeof(double));
  if (grid->u && grid->v && grid->g) return grid;
  laplace_free(grid);
  return fail("out of memory"), NULL;
}

int32_t laplace_write(laplace_grid *grid, int32_t field, int32_t row0, int32_t row1, int32_t col0, int32_t col1,
                      const void *data) {
  const double *from = data;
  if (field != LAPLACE_U && !(field == LAPLACE_G && grid->source)) return fail("a plain stencil has no such field");
  for (int64_t i = row0; i < row1; i++, from += col1 - col0) {
    const int64_t at = i * grid->cols + col0;
    const size_t bytes = (col1 - col0) * sizeof(double);
    memcpy((field == LAPLACE_U ? grid->u : grid->g) + at, from, bytes);
    if (field == LAPLACE_U) memcpy(grid->v + at, from, bytes); /* its ghost layer, which no sweep writes */
  }
  return LAPLACE_OK;
}

int32_t laplace_read(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, void *data) {
  double *to = data;
  for (int64_t i = row0; i < row1; i++, to += col1 - col0)
    memcpy(to, grid->u + i * grid->cols + col0, (col1 - col0) * sizeof(double));
  return LAPLACE_OK;
}

/* v = sweep(u). Returns max |v - u| of the points that count, NaN if one is NaN: once it is, no d is larger. */
static double sweep(const laplace_grid *grid) {
  const int64_t cols = grid->cols;
  double change = 0;
  for (int64_t i = 1; i < grid->rows - 1; i++)
    for (int64_t j = 1; j < cols - 1; j++) {
      const double *c = grid->u + i * cols + j, n = c[-cols], s = c[cols], w = c[-1], e = c[1];
      /* These parentheses, so that bits equal the reference's. */
      double next =
          grid->cx == 0.25 && grid->cy == 0.25 ? 0.25 * ((n + s) + (w + e)) : grid->cx * (w + e) + grid->cy * (n + s);
      if (grid->source) next += grid->g[i * cols + j];
      grid->v[i * cols + j] = next;
      const double d = fabs(next - *c);
      if (i >= grid->row0 && i < grid->row1 && j >= grid->col0 && j < grid->col1 && (d > change || d != d)) change = d;
    }
  return change;
}

int32_t laplace_sweep(laplace_grid *grid, int32_t count, double *change) {
  for (int32_t k = 0; k < count; k++) {
    *change = sweep(grid);
    double *u = grid->u;
    grid->u = grid->v, grid->v = u;
  }
  return LAPLACE_OK;
}

int32_t laplace_residual(laplace_grid *grid, double *residual) {
  *residual = sweep(grid);
  return LAPLACE_OK;
}
