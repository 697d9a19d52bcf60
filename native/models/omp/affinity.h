/* Which core each thread runs on: the setting "affinity". */
#ifndef AFFINITY_H
#define AFFINITY_H
#include "../../plugin/grid.h"

/* Reads the setting: none, close, spread, or cores such as 0,2,4-7. LAPLACE_FAILED, with the reason noted, if it is not
 * one, or this system cannot bind threads. */
int affinity_set(struct affinity *affinity, const char *value);

/* Binds the calling thread of a parallel region as the grid's setting says. */
void affinity_enter(const laplace_grid *grid);

/* The calling thread, which is the program's own, may run everywhere again. */
void affinity_leave(void);
#endif
