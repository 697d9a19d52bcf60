/**
 * One rank of the test of MPI: runs every check, together with the other ranks. A check that fails ends them all. Started
 * by mpi_test.ts: `mpirun -n 3 deno run -A tests/mpi/ranks.ts FOLDER`; FOLDER is empty and the same for all.
 */

import process from "node:process";
import { run } from "../../mpi/mod.ts";
import { checks as collectives } from "./check_collectives.ts";
import { checks as files } from "./check_files.ts";
import { checks as garbage } from "./check_garbage.ts";
import { checks as grids } from "./check_grids.ts";
import { checks as messages } from "./check_messages.ts";
import { checks as misuse } from "./check_misuse.ts";
import { checks as objects } from "./check_objects.ts";
import { checks as types } from "./check_types.ts";
import type { Checks } from "./checks.ts";

const all: Checks = { ...messages, ...collectives, ...types, ...objects, ...grids, ...files, ...misuse, ...garbage };

await run(async (mpi) => {
  const given = { mpi, world: mpi.world, folder: process.argv[2]! };
  for (const [name, check] of Object.entries(all)) {
    try {
      await check(given);
    } catch (cause) {
      throw new Error(`check "${name}"`, { cause });
    }
    // So that a message which one check has left over is not found by the next.
    mpi.world.Barrier();
  }
  if (mpi.world.rank === 0) {
    console.log(JSON.stringify({ abi: mpi.abi, ranks: mpi.world.size, checks: Object.keys(all).length }));
  }
});
