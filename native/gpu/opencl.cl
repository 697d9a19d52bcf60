// The vocabulary of kernels.cl and the files after it, in OpenCL C. A program is built with PRECISION, 32 or 64, and on a
// device that is software with SOFTWARE.

#pragma OPENCL FP_CONTRACT OFF
#if PRECISION == 64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
typedef double real;
#else
typedef float real;
#endif

#define KERNEL __kernel __attribute__((reqd_work_group_size(COLS, ROWS, 1))) void
#define FUNCTION static
#define GLOBAL __global
// An array that a group shares, and a pointer into one.
#define SHARED __local
#define IN_SHARED __local
#define RESTRICT restrict
#ifdef SOFTWARE
// On the CPU it doubles the time of compilation.
#define UNROLL
#else
#define UNROLL _Pragma("unroll")
#endif
#define BARRIER barrier(CLK_LOCAL_MEM_FENCE)

#define THREAD_X ((int) get_global_id(0))
#define THREAD_Y ((int) get_global_id(1))
#define LOCAL_X ((int) get_local_id(0))
#define LOCAL_Y ((int) get_local_id(1))
#define GROUP_X ((int) get_group_id(0))
#define GROUP_Y ((int) get_group_id(1))
#define GROUPS_X ((int) get_num_groups(0))
#define GROUPS_Y ((int) get_num_groups(1))
