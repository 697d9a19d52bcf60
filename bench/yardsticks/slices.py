#!/usr/bin/env python3
"""Yardstick: Jacobi sweeps of the plate in Python, f64, by NumPy slices or plain loops.

Usage: slices.py numpy|loops N SWEEPS; prints one JSON line.
"""
import json
import sys
import time

import numpy as np


def numpy(u, v):
    v[1:-1, 1:-1] = ((u[:-2, 1:-1] + u[2:, 1:-1]) + (u[1:-1, :-2] + u[1:-1, 2:])) / 4


def loops(u, v):
    ny, nx = u.shape
    for i in range(1, ny - 1):
        for j in range(1, nx - 1):
            v[i, j] = ((u[i - 1, j] + u[i + 1, j]) + (u[i, j - 1] + u[i, j + 1])) / 4


sweep, n, sweeps = {"numpy": numpy, "loops": loops}[sys.argv[1]], int(sys.argv[2]), int(sys.argv[3])
u = np.full((n, n), 50.0)
u[0], u[-1], u[:, 0], u[:, -1] = 100, 0, 75, 50
v = u.copy()
sweep(u, v)
start = time.perf_counter()
for _ in range(sweeps):
    sweep(u, v)
    u, v = v, u
print(json.dumps({"secondsPerSweep": (time.perf_counter() - start) / sweeps}))
