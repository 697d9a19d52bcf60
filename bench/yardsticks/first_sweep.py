"""One Jacobi sweep of a plate in slabs, by NumPy and mpi4py: how long a program in Python takes to get that far.

Usage: mpirun -n 2 python3 first_sweep.py N
"""

import sys

import numpy as np
from mpi4py import MPI

world = MPI.COMM_WORLD
rank, size = world.rank, world.size
assert size == 2, f"{size} ranks: mpi4py belongs to another MPI than the launcher"
n = int(sys.argv[1])
rows = n * (rank + 1) // size - n * rank // size

u = np.zeros((rows + 2, n))
u[:, 0], u[:, -1] = 75, 50
if rank == 0:
    u[1] = 100
north = rank - 1 if rank > 0 else MPI.PROC_NULL
south = rank + 1 if rank < size - 1 else MPI.PROC_NULL
world.Sendrecv(u[1], north, recvbuf=u[-1], source=south)
world.Sendrecv(u[-2], south, recvbuf=u[0], source=north)
# The first and the last row of the plate are fixed.
first, last = (2 if rank == 0 else 1), (rows if rank == size - 1 else rows + 1)
new = 0.25 * ((u[first - 1 : last - 1, 1:-1] + u[first + 1 : last + 1, 1:-1]) + (u[first:last, :-2] + u[first:last, 2:]))
change = world.allreduce(np.abs(new - u[first:last, 1:-1]).max(), MPI.MAX)
u[first:last, 1:-1] = new
assert change > 0
