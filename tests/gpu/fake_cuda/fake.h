/* Kernels on the host: launch.c looks one up, threads.c runs it; kernels_f64.c and kernels_f32.c, which build.ts
 * writes, are the kernels. */
#ifndef FAKE_H
#define FAKE_H

#include <stdbool.h>

/* A kernel as the host's compiler sees it. */
struct kernel {
  const char *name;
  /* Calls it for the thread `here`, with the values at the addresses `arguments`. */
  void (*run)(void **arguments);
  /* A letter for each argument: p a pointer, i an int, r a number. */
  const char *kinds;
  /* Whether it has barriers. */
  bool waits;
};

/* By name, the last one's name NULL. */
extern const struct kernel kernels_f64[], kernels_f32[];

/* Which thread runs, of how many: CUDA's threadIdx, blockIdx, blockDim and gridDim; x, y, z. */
struct place {
  unsigned thread[3], block[3], threads[3], blocks[3];
};
extern struct place here;

/* The barrier of a block. */
void wait_for_block(void);

/* Runs a kernel on all threads of all blocks. @return 0, or the CUresult of a kernel that crashed. */
int run_kernel(const struct kernel *kernel, void **arguments, const unsigned blocks[3], const unsigned threads[3],
               bool backwards);

#endif
