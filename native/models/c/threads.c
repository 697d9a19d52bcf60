/* What the model "C" is, and its setting: block. Its loops are in sweep.c. Built by ../build.ts. */
#include "../../plugin/kernels.h"
#include "../../sweep/tune.h"
#include <stdio.h>
#include <string.h>

const char model_about[] = "ffi-c\nC with SIMD rows, one thread";
const int32_t model_score = 40;

int model_device(char *text, size_t size) {
  const char *isa = kernels_isa();
  if (isa) snprintf(text, size, "%s", isa);
  return isa ? LAPLACE_OK : LAPLACE_FAILED;
}

int32_t model_threads(void) { return 1; }

static struct block block = {BLOCK_DEFAULT, 0};

int model_set(const char *name, const char *value) {
  if (!*name) return block.sweeps = BLOCK_DEFAULT, LAPLACE_OK;
  return strcmp(name, "block") ? fail("there is no setting \"%.40s\"; known: block", name) : block_set(&block, value);
}

int model_open(laplace_grid *grid) {
  grid->threads = 1;
  if (kernels_open(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  return block_open(grid, block), LAPLACE_OK;
}
