// The kernels for CUDA: the vocabulary of kernels.cl and the files after it, in CUDA C, and these files. PRECISION is 32 or
// 64. native/build.ts compiles it to PTX, without contraction: nvcc -ptx -fmad=false.

#if PRECISION == 64
typedef double real;
#else
typedef float real;
#endif

// 256 threads are COLS x ROWS, which limits the registers of a thread.
#define KERNEL extern "C" __global__ void __launch_bounds__(256)
#define FUNCTION static __device__ __forceinline__
#define GLOBAL
// An array that a group shares, and a pointer into one.
#define SHARED __shared__
#define IN_SHARED
#define RESTRICT __restrict__
#define UNROLL _Pragma("unroll")
#define BARRIER __syncthreads()

#define THREAD_X ((int) (blockIdx.x * COLS + threadIdx.x))
#define THREAD_Y ((int) (blockIdx.y * ROWS + threadIdx.y))
#define LOCAL_X ((int) threadIdx.x)
#define LOCAL_Y ((int) threadIdx.y)
#define GROUP_X ((int) blockIdx.x)
#define GROUP_Y ((int) blockIdx.y)
#define GROUPS_X ((int) gridDim.x)
#define GROUPS_Y ((int) gridDim.y)

#include "kernels.cl"
#include "blocked.cl"
#include "levels.cl"
#include "weights.cl"
#include "galerkin.cl"
#include "prolong_solution.cl"
