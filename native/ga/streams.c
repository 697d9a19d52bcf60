/*
 * What the archives of Global Arrays lack as parts of a shared library; native/ga/build.ts links it with them.
 *
 * They are not position-independent: they reach the C library's variables by direct relocation, so that these must lie
 * in the same library. objcopy has renamed them, and here they are.
 */

#include <mpi.h>
#include <stdio.h>
#include <unistd.h>

extern char **environ;

__attribute__((visibility("hidden"))) FILE *ga_stdout, *ga_stderr;
__attribute__((visibility("hidden"))) char **ga_environ;

__attribute__((constructor)) static void fill(void) {
  ga_stdout = stdout;
  ga_stderr = stderr;
  ga_environ = environ;
}

/* Whether the MPI that these archives call is open: another library of MPI may be, and theirs would end the process. */
__attribute__((visibility("default"))) int laplace_ga_ready(void) {
  int flag = 0;
  MPI_Initialized(&flag);
  return flag;
}
