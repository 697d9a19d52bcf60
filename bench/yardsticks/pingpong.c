/* Yardstick: messages between two ranks in C.
 *   mpicc -O2 -o pingpong pingpong.c
 * Usage: mpirun -n 2 ./pingpong BYTES BATCHES ROUNDS; rank 0 prints one JSON line: microseconds from rank to rank in
 * the best batch, and nanoseconds that a call takes which sends nothing, to MPI_PROC_NULL. pingpong.py and pingpong.ts
 * do the same.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned char *data;
static int bytes, rank;

static void rounds(int count) {
  for (int k = 0; k < count; k++) {
    if (rank == 0) {
      MPI_Send(data, bytes, MPI_BYTE, 1, 0, MPI_COMM_WORLD);
      MPI_Recv(data, bytes, MPI_BYTE, 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    } else {
      MPI_Recv(data, bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      MPI_Send(data, bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
    }
  }
}

static void nothing(int count) {
  for (int k = 0; k < count; k++) {
    MPI_Send(data, 0, MPI_BYTE, MPI_PROC_NULL, 0, MPI_COMM_WORLD);
    MPI_Recv(data, 0, MPI_BYTE, MPI_PROC_NULL, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  }
}

static double best(void (*run)(int), int batches, int count) {
  double least = 1e9;
  run(count);
  for (int k = 0; k < batches; k++) {
    MPI_Barrier(MPI_COMM_WORLD);
    const double start = MPI_Wtime();
    run(count);
    const double seconds = MPI_Wtime() - start;
    if (seconds < least) least = seconds;
  }
  return least / count / 2;
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (argc != 4) MPI_Abort(MPI_COMM_WORLD, 2);
  bytes = atoi(argv[1]);
  data = malloc(bytes);
  for (int k = 0; k < bytes; k++) data[k] = rank == 0 ? k % 251 : 0;
  rounds(1);
  for (int k = 0; k < bytes; k++)
    if (data[k] != k % 251) MPI_Abort(MPI_COMM_WORLD, 1);
  const double microseconds = 1e6 * best(rounds, atoi(argv[2]), atoi(argv[3]));
  const double call = 1e9 * best(nothing, 20, 5000);
  if (rank == 0)
    printf("{\"bytes\": %d, \"microseconds\": %.5f, \"callNanoseconds\": %.2f}\n", bytes, microseconds, call);
  MPI_Finalize();
  return 0;
}
