/* What the model "C" is, and that it has no settings. Its loops are in sweep.c. Built by ../build.ts. */
#include "../rows.h"
#include <stdio.h>

const char model_about[] = "ffi-c\nC with SIMD rows, one thread";
const int32_t model_score = 40;

int model_device(char *text, size_t size) {
  const char *isa = rows_isa();
  if (isa) snprintf(text, size, "%s", isa);
  return isa ? LAPLACE_OK : LAPLACE_FAILED;
}

int32_t model_threads(void) { return 1; }

int model_set(const char *name, const char *value) {
  (void)value;
  return *name ? fail("there is no setting \"%.40s\"", name) : LAPLACE_OK;
}

int model_open(laplace_grid *grid) { return rows_open(grid); }
