#!/usr/bin/python3
"""Yardstick: messages between two ranks in mpi4py. The same as pingpong.c, which says what is printed.

Usage: mpirun -n 2 pingpong.py BYTES BATCHES ROUNDS
"""
import json
import sys

import numpy as np
from mpi4py import MPI

world = MPI.COMM_WORLD
rank = world.Get_rank()
size, batches, count = map(int, sys.argv[1:])
pattern = (np.arange(size) % 251).astype(np.uint8)
data = pattern.copy() if rank == 0 else np.zeros(size, np.uint8)
empty = np.zeros(0, np.uint8)


def rounds(count):
    if rank == 0:
        for _ in range(count):
            world.Send(data, 1)
            world.Recv(data, 1)
    else:
        for _ in range(count):
            world.Recv(data, 0)
            world.Send(data, 0)


def nothing(count):
    for _ in range(count):
        world.Send(empty, MPI.PROC_NULL)
        world.Recv(empty, MPI.PROC_NULL)


def best(run, batches, count):
    least = 1e9
    run(count)
    for _ in range(batches):
        world.Barrier()
        start = MPI.Wtime()
        run(count)
        least = min(least, MPI.Wtime() - start)
    return least / count / 2


rounds(1)
if not np.array_equal(data, pattern):
    world.Abort(1)
microseconds, call = 1e6 * best(rounds, batches, count), 1e9 * best(nothing, 20, 5000)
if rank == 0:
    print(json.dumps({"bytes": size, "microseconds": microseconds, "callNanoseconds": call}))
