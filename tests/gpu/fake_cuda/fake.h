/* Kernels on the host: launch.c is told which, threads.c runs it, and kernels_f64.c and kernels_f32.c, which build.ts writes,
 * are the kernels. */
#ifndef FAKE_H
#define FAKE_H

#include <stdbool.h>

/* A kernel as the host's compiler sees it. */
struct kernel {
  const char *name;
  /* Calls it for the thread that `here` names, with the values that `arguments` has the addresses of. */
  void (*run)(void **arguments);
  /* A letter for each argument: p a pointer, i an int, f a float, d a double. */
  const char *kinds;
  /* Whether its threads wait for each other. */
  bool waits;
};

/* By name, the last one's name NULL. */
extern const struct kernel kernels_f64[], kernels_f32[];

/* Which thread runs, of how many: CUDA's threadIdx, blockIdx, blockDim and gridDim; x, y, z. */
struct place {
  unsigned thread[3], block[3], threads[3], blocks[3];
};
extern struct place here;

/* All threads of a block get here before any goes on. */
void wait_for_block(void);

/* Runs a kernel on all threads of all blocks. @return 0, or the CUresult of a kernel that crashed. */
int run_kernel(const struct kernel *kernel, void **arguments, const unsigned blocks[3], const unsigned threads[3],
               bool backwards);

#endif
