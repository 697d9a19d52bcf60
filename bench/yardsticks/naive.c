/* Yardstick: Jacobi sweeps of the plate in C, f64, two arrays, one thread; the compiler does the rest.
 *   gcc -O3 -march=native -o naive_c naive.c
 * Usage: ./naive_c N SWEEPS; prints one JSON line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static void sweep(int n, const double *restrict u, double *restrict v) {
  for (int i = 1; i < n - 1; i++)
    for (int j = 1; j < n - 1; j++) {
      const double *c = u + (size_t)i * n + j;
      v[(size_t)i * n + j] = 0.25 * ((c[-n] + c[n]) + (c[-1] + c[1]));
    }
}

int main(int argc, char **argv) {
  if (argc != 3) return fprintf(stderr, "usage: naive_c N SWEEPS\n"), 2;
  const int n = atoi(argv[1]), sweeps = atoi(argv[2]);
  double *u = malloc(sizeof *u * n * n), *v = malloc(sizeof *v * n * n);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) u[(size_t)i * n + j] = v[(size_t)i * n + j] = i == 0 ? 100 : j == 0 ? 75 : 50;
  sweep(n, u, v), sweep(n, v, u);
  const double start = now();
  for (int k = 0; k < sweeps; k += 2) sweep(n, u, v), sweep(n, v, u);
  const double seconds = (now() - start) / (sweeps + sweeps % 2);
  printf("{\"secondsPerSweep\":%.7e,\"check\":%.17g}\n", seconds, u[(size_t)n * n / 2]);
}
