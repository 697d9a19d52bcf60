/* What threads.c supplies to the loops of sweep.c: which thread does which tile, on which core. */
#ifndef THREADS_H
#define THREADS_H
#include "../../sweep/temporal_tile.h"
#include "affinity.h"

/* Threads that a pass over such a tiling keeps busy. */
int threads_of_tiling(const laplace_grid *grid, const struct tiling *tiling);

/* The next tile of a pass for the calling thread, or -1: of its own slab first, where its memory is, then of the
 * others. `done` counts the tiles of each slab through all passes. */
int64_t threads_next_tile(const struct tiling *tiling, int32_t pass, int64_t done[]);
#endif
