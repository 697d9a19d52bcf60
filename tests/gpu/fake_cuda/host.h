/* The vocabulary of native/gpu/kernels.cl and the files after it, in C for the host: see native/gpu/cuda.cu for the
 * original. */
#ifndef HOST_H
#define HOST_H

#include <math.h>
#include <stddef.h>
#include <tgmath.h>

#include "fake.h"

#if PRECISION == 64
typedef double real;
#else
typedef float real;
#endif

#define KERNEL static void
#define FUNCTION static
#define GLOBAL
/* Blocks run one after the other. */
#define SHARED static
#define IN_SHARED
#define RESTRICT
#define UNROLL
#define BARRIER wait_for_block()

#define THREAD_X ((int)(here.block[0] * here.threads[0] + here.thread[0]))
#define THREAD_Y ((int)(here.block[1] * here.threads[1] + here.thread[1]))
#define LOCAL_X ((int)here.thread[0])
#define LOCAL_Y ((int)here.thread[1])
#define GROUP_X ((int)here.block[0])
#define GROUP_Y ((int)here.block[1])
#define GROUPS_X ((int)here.blocks[0])
#define GROUPS_Y ((int)here.blocks[1])

#endif
