/* What this machine can do at most: copy memory, and evaluate the five-point formula on values that are in registers.
 *   gcc -O3 -march=native -ffp-contract=off -fopenmp -o roofs roofs.c
 * Usage: OMP_NUM_THREADS=T ./roofs; prints one JSON line: GB/s (a copied byte counts twice), 1e9 updates/s in f64.
 */
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__AVX512F__)
enum { LANES = 8 };
#elif defined(__AVX2__)
enum { LANES = 4 };
#else
enum { LANES = 2 };
#endif
#if defined(__x86_64__)
#define VECTOR_REGISTER "+x"
#else
#define VECTOR_REGISTER "+w"
#endif
typedef double vector __attribute__((vector_size(8 * LANES)));

enum { ROUNDS = 7, CHAINS = 6 };

/* Half as much, so many times: an argument, for a test that it runs. */
static int less;

static double copy(void) {
  const size_t bytes = (size_t)1 << (29 - less);
  char *from = malloc(bytes), *to = malloc(bytes);
  double best = 1e9;
  for (int round = 0; round <= ROUNDS; round++) {
    const double start = omp_get_wtime();
#pragma omp parallel
    {
      const size_t share = bytes / (size_t)omp_get_num_threads(), at = share * (size_t)omp_get_thread_num();
      if (round == 0) memset(from + at, 1, share), memset(to + at, 2, share);
      else memcpy(to + at, from + at, share);
    }
    const double seconds = omp_get_wtime() - start;
    if (round > 0 && seconds < best) best = seconds;
  }
  return 2 * (double)bytes / best / 1e9;
}

/* Several independent chains; what the compiler could compute once is hidden from it. */
static double formula(void) {
  const int64_t steps = 30000000 >> less;
  double best = 1e9;
  for (int round = 0; round < ROUNDS; round++) {
    const double start = omp_get_wtime();
#pragma omp parallel
    {
      vector x[CHAINS], n = {0}, s = {0}, w = {0};
      for (int k = 0; k < CHAINS; k++) x[k] = n + k;
      for (int64_t step = 0; step < steps; step++)
        for (int k = 0; k < CHAINS; k++) {
          __asm__ volatile("" : VECTOR_REGISTER(n), VECTOR_REGISTER(s), VECTOR_REGISTER(w));
          x[k] = 0.25 * ((n + s) + (w + x[k]));
        }
      for (int k = 0; k < CHAINS; k++) __asm__ volatile("" : VECTOR_REGISTER(x[k]));
    }
    const double seconds = omp_get_wtime() - start;
    if (seconds < best) best = seconds;
  }
  return (double)steps * CHAINS * LANES * omp_get_max_threads() / best / 1e9;
}

int main(int argc, char **argv) {
  less = argc > 1 ? atoi(argv[1]) : 0;
  printf("{\"copy\":%.2f,\"formula\":%.3f}\n", copy(), formula());
}
