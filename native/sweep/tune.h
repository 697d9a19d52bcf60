/* The setting "block": off, auto, or sweeps x columns. */
#ifndef TUNE_H
#define TUNE_H
#include "../plugin/grid.h"

enum { BLOCK_DEFAULT = -1, BLOCK_AUTO = -2 }; /* block.sweeps of a setting that names none */

/* Reads the setting. LAPLACE_FAILED, with the reason noted, if it is none. */
int block_set(struct block *block, const char *value);

/* Gives a grid its block, or makes it find one out. After kernels_open. */
void block_open(laplace_grid *grid, struct block block);

/* Bytes of scratch that a thread needs. */
size_t block_scratch(const laplace_grid *grid);

/* Does some of `count` sweeps to find out what is fastest, all but the last at most. Returns how many. */
int32_t block_try(laplace_grid *grid, int32_t count);
#endif
