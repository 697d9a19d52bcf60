/* Yardstick: hypre's structured multigrid, PFMG as preconditioner of conjugate gradients, on the plate (north 100, west
 * 75, east 50, south 0), f64. Each rank has a slab of rows; unknowns are the points inside the edges. mpicc.openmpi -O2
 * -I/usr/include/hypre -o pfmg pfmg.c -lHYPRE Usage: mpirun.openmpi -n RANKS ./pfmg N TOL; prints one JSON line, and
 * fails if it does not converge. Stops when |r|_2 <= TOL |b|_2. Setup is that of the solver: matrix and right side are
 * there before the clock starts.
 *
 * What hypre leaves to its user, chosen by time (2 ranks, hypre 2.26; seconds at 2049^2, best of 4, 0.77 as it is):
 * - half of the matrix is stored, since it is symmetric; all of it: 0.86
 * - damped Jacobi smooths, which at 4097^2 takes 13 cycles; red-black Gauss-Seidel takes 12, longer ones: 0.89
 * - one sweep before and one after, and none on the grids that hypre skips for isotropic problems (its defaults); on
 * all of them, without half storage: 1.11; two and two: 1.01
 * - coarse grids of five points (RAP type 1): Galerkin's nine take as many cycles and at 4097^2 were no faster
 */
#include <HYPRE_struct_ls.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static int first, last, side; /* rows of this rank, and unknowns in a row */

static void *array(size_t count) {
  void *memory = calloc(count, sizeof(double));
  if (!memory) MPI_Abort(MPI_COMM_WORLD, 1);
  return memory;
}

/* 4 u - (west + east + north + south); hypre numbers columns first. Of each pair of neighbours one entry is stored. */
static HYPRE_StructMatrix matrix(HYPRE_StructGrid grid) {
  enum { ENTRIES = 3 };
  int offset[ENTRIES][2] = {{0, 0}, {1, 0}, {0, 1}}, entry[ENTRIES] = {0, 1, 2};
  HYPRE_StructStencil stencil;
  HYPRE_StructStencilCreate(2, ENTRIES, &stencil);
  for (int k = 0; k < ENTRIES; k++) HYPRE_StructStencilSetElement(stencil, k, offset[k]);
  HYPRE_StructMatrix a;
  HYPRE_StructMatrixCreate(MPI_COMM_WORLD, grid, stencil, &a);
  HYPRE_StructMatrixSetSymmetric(a, 1);
  HYPRE_StructMatrixInitialize(a);
  double *row = array((size_t)side * ENTRIES);
  for (int i = first; i <= last; i++) {
    for (int j = 0; j < side; j++) {
      row[ENTRIES * j] = 4;
      row[ENTRIES * j + 1] = j < side - 1 ? -1 : 0;
      row[ENTRIES * j + 2] = i < side - 1 ? -1 : 0;
    }
    int from[2] = {0, i}, to[2] = {side - 1, i};
    HYPRE_StructMatrixSetBoxValues(a, from, to, ENTRIES, entry, row);
  }
  free(row);
  HYPRE_StructMatrixAssemble(a);
  return a;
}

/* What the edges bring in, times `scale`. */
static HYPRE_StructVector vector(HYPRE_StructGrid grid, double scale) {
  HYPRE_StructVector v;
  HYPRE_StructVectorCreate(MPI_COMM_WORLD, grid, &v);
  HYPRE_StructVectorInitialize(v);
  double *row = array((size_t)side);
  for (int i = first; i <= last; i++) {
    for (int j = 0; j < side; j++) row[j] = scale * ((i == 0 ? 100 : 0) + (j == 0 ? 75 : 0) + (j == side - 1 ? 50 : 0));
    int from[2] = {0, i}, to[2] = {side - 1, i};
    HYPRE_StructVectorSetBoxValues(v, from, to, row);
  }
  free(row);
  HYPRE_StructVectorAssemble(v);
  return v;
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  int rank, ranks;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  if (argc != 3 || (side = atoi(argv[1]) - 2) < ranks) {
    if (!rank) fprintf(stderr, "usage: pfmg N TOL\n");
    MPI_Abort(MPI_COMM_WORLD, 2);
  }
  const double tol = atof(argv[2]);
  first = (int)((long)side * rank / ranks), last = (int)((long)side * (rank + 1) / ranks) - 1;
  HYPRE_Init();

  HYPRE_StructGrid grid;
  int low[2] = {0, first}, high[2] = {side - 1, last};
  HYPRE_StructGridCreate(MPI_COMM_WORLD, 2, &grid);
  HYPRE_StructGridSetExtents(grid, low, high);
  HYPRE_StructGridAssemble(grid);
  HYPRE_StructMatrix a = matrix(grid);
  HYPRE_StructVector b = vector(grid, 1), u = vector(grid, 0);

  MPI_Barrier(MPI_COMM_WORLD);
  const double start = MPI_Wtime();
  HYPRE_StructSolver cycle, solver;
  HYPRE_StructPFMGCreate(MPI_COMM_WORLD, &cycle);
  HYPRE_StructPFMGSetMaxIter(cycle, 1);
  HYPRE_StructPFMGSetTol(cycle, 0);
  HYPRE_StructPFMGSetZeroGuess(cycle);
  HYPRE_StructPFMGSetRelaxType(cycle, 1);
  HYPRE_StructPFMGSetRAPType(cycle, 1);
  HYPRE_StructPCGCreate(MPI_COMM_WORLD, &solver);
  HYPRE_StructPCGSetTol(solver, tol);
  HYPRE_StructPCGSetTwoNorm(solver, 1);
  HYPRE_StructPCGSetMaxIter(solver, 100);
  HYPRE_StructPCGSetPrecond(solver, HYPRE_StructPFMGSolve, HYPRE_StructPFMGSetup, cycle);
  HYPRE_StructPCGSetup(solver, a, b, u);
  const double ready = MPI_Wtime();
  HYPRE_StructPCGSolve(solver, a, b, u);
  const double end = MPI_Wtime();

  int iterations;
  double residual;
  HYPRE_StructPCGGetNumIterations(solver, &iterations);
  HYPRE_StructPCGGetFinalRelativeResidualNorm(solver, &residual);
  if (!rank)
    printf("{\"n\":%d,\"ranks\":%d,\"iterations\":%d,\"relativeResidual\":%.3e,\"setupSeconds\":%.6f,\"solveSeconds\":%"
           ".6f}\n",
           side + 2, ranks, iterations, residual, ready - start, end - ready);
  MPI_Finalize();
  return residual <= tol ? 0 : 1;
}
