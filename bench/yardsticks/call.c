/* Yardstick: what a sweep costs when C calls it: the same library, the same grid, no FFI.
 *   gcc -O2 -I native/include -o call call.c -ldl
 * Usage: ./call LIBRARY N CALLS; prints one JSON line.
 */
#include "laplace_plugin.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 4) return fprintf(stderr, "usage: call LIBRARY N CALLS\n"), 2;
  void *library = dlopen(argv[1], RTLD_NOW);
  if (!library) return fprintf(stderr, "%s\n", dlerror()), 1;
  __typeof__(laplace_create) *create = dlsym(library, "laplace_create");
  __typeof__(laplace_write) *write = dlsym(library, "laplace_write");
  __typeof__(laplace_sweep) *sweep = dlsym(library, "laplace_sweep");
  const int n = atoi(argv[2]), calls = atoi(argv[3]);
  double *u = malloc(sizeof *u * n * n), change;
  for (int k = 0; k < n * n; k++) u[k] = k < n ? 100 : 50;
  laplace_grid *grid = create(LAPLACE_F64, 0, n, n, 1, n - 1, 1, n - 1, 0.25, 0.25, "");
  if (!grid || write(grid, LAPLACE_U, 0, n, 0, n, u)) return fprintf(stderr, "cannot open\n"), 1;
  for (int k = 0; k < calls / 10; k++) sweep(grid, 1, &change);
  const double start = now();
  for (int k = 0; k < calls; k++) sweep(grid, 1, &change);
  printf("{\"secondsPerSweep\":%.7e}\n", (now() - start) / calls);
}
