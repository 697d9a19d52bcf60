/* What MPI itself does at start: a program that opens and ends it, and nothing else. */

#include <mpi.h>
#include <stddef.h>

int main(void) {
  int provided, size;
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) return 1;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return MPI_Finalize() != MPI_SUCCESS || size != 2;
}
