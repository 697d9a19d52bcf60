/* The model "Fortran": its name, and the calls of its loops. Not here: these loops (sweep.F90). */
#include "../../plugin/grid.h"

const char model_about[] = "ffi-fortran\nFortran, naive loops, one thread";
const int32_t model_score = 30;

/* A NULL field is an absent argument there. */
typedef void jacobi(void *u, void *v, void *g, void *an, void *as, void *aw, void *ae, int32_t layout, int32_t rows,
                    int32_t cols, int64_t stride, int32_t row0, int32_t row1, int32_t col0, int32_t col1, double cx,
                    double cy, int32_t count, double *change);
typedef void relax(void *u, void *g, void *an, void *as, void *aw, void *ae, int32_t layout, int32_t rows, int32_t cols,
                   int64_t stride, int32_t row0, int32_t row1, int32_t col0, int32_t col1, double cx, double cy,
                   double omega, int32_t colour, int32_t count, double *change);
jacobi jacobi_f32, jacobi_f64;
relax relax_f32, relax_f64;

double model_sweep(const laplace_grid *grid, void *u, void *v, int32_t count) {
  double change = 0;
  (grid->dtype == LAPLACE_F32 ? jacobi_f32 : jacobi_f64)(
      u, v, grid->g.data, grid->an.data, grid->as.data, grid->aw.data, grid->ae.data, grid->layout, grid->rows,
      grid->cols, grid->stride, grid->row0, grid->row1, grid->col0, grid->col1, grid->cx, grid->cy, count, &change);
  return change;
}

double model_relax(const laplace_grid *grid, void *u, double omega, int32_t colour, int32_t count) {
  double change = 0;
  (grid->dtype == LAPLACE_F32 ? relax_f32 : relax_f64)(
      u, grid->g.data, grid->an.data, grid->as.data, grid->aw.data, grid->ae.data, grid->layout, grid->rows, grid->cols,
      grid->stride, grid->row0, grid->row1, grid->col0, grid->col1, grid->cx, grid->cy, omega, colour, count, &change);
  return change;
}

const char *model_device(void) { return BASELINE_DEVICE; }

int32_t model_threads(const struct settings *settings) { return (void)settings, 1; }

int model_set(struct settings *settings, const char *name, const char *value) {
  (void)settings, (void)value;
  return fail("there is no setting \"%.40s\"", name);
}

/* Never called: no grid of this model has a block. */
int32_t model_advance(const laplace_grid *grid, void *u, void *v, int32_t count, int residual, double norms[2]) {
  (void)residual;
  norms[0] = model_sweep(grid, u, v, count);
  return count;
}

void model_first_touch(const laplace_grid *grid, void *field, size_t bytes) {
  (void)grid, touch_pages(field, 0, bytes);
}

int model_open(laplace_grid *grid) { return grid->threads = 1, LAPLACE_OK; }
