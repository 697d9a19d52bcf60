/* The setting "block": off, auto, or sweeps x columns. */
#ifndef TUNE_H
#define TUNE_H
#include "../plugin/grid.h"

enum { BLOCK_DEFAULT = -1, BLOCK_AUTO = -2 }; /* block.sweeps of a setting that names none */

/* Reads the setting. LAPLACE_FAILED, with the reason noted, if it is none. */
int tune_set(struct time_block *block, const char *value);

/* Sets the block of a grid that has kernels, or starts the search for it. */
void tune_open(laplace_grid *grid);

/* Bytes of scratch that a thread needs. */
size_t tune_scratch(const laplace_grid *grid);

/* Does some of `count` sweeps to measure candidates, at most all but the last. Returns how many. */
int32_t tune_try(laplace_grid *grid, int32_t count);
#endif
