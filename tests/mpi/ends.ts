/** A rank that ends in one of several ways. Not a test file: mpi_test.ts starts it with the name of the way. */

import process from "node:process";
import { readdirSync, writeFileSync } from "node:fs";
import { openMPI, run } from "../../mpi/mod.ts";

const [way, folder] = process.argv.slice(2) as [string, string];

/** Rank 1 reports when it fails: not on stdout, which its end may cut off. */
const now = () => writeFileSync(`${folder}/failed`, String(Date.now()));

function fail(): never {
  now();
  throw new Error("no luck");
}

/** What the other ranks do while one fails: they wait for it, and would for ever. */
const waitForever = (mpi: Awaited<ReturnType<typeof openMPI>>) => mpi.world.Recv(new Float64Array(1), 1, 7);

const ways: Record<string, () => unknown> = {
  async "throws in run"() {
    await run((mpi) => {
      if (mpi.world.rank === 1) fail();
      waitForever(mpi);
    });
  },
  async "throws later"() {
    const mpi = await openMPI({ abortOnError: true });
    if (mpi.world.rank !== 1) return waitForever(mpi);
    setTimeout(fail, 10);
  },
  async "rejects"() {
    const mpi = await openMPI({ abortOnError: true });
    if (mpi.world.rank !== 1) return waitForever(mpi);
    Promise.resolve().then(fail);
    await new Promise((resolve) => setTimeout(resolve, 1e6));
  },
  async "throws at top level"() {
    const mpi = await openMPI({ abortOnError: true });
    if (mpi.world.rank !== 1) return waitForever(mpi);
    fail();
  },
  async "aborts"() {
    const mpi = await openMPI();
    if (mpi.world.rank !== 1) return waitForever(mpi);
    now();
    mpi.Abort(3);
  },
  async "exits with an error"() {
    const mpi = await openMPI();
    if (mpi.world.rank !== 1) return waitForever(mpi);
    now();
    process.exit(4);
  },
  async "throws without asking for an end"() {
    const mpi = await openMPI();
    if (mpi.world.rank !== 1) return waitForever(mpi);
    fail();
  },
  async "ends"() {
    const mpi = await openMPI();
    assertSame(mpi, await openMPI());
    mpi.world.Barrier();
    writeFileSync(`${folder}/${mpi.world.rank}`, "");
  },
  async "exits"() {
    const mpi = await openMPI();
    mpi.world.Barrier();
    writeFileSync(`${folder}/${mpi.world.rank}`, "");
    ("Deno" in globalThis ? Deno.exit : process.exit)(0);
  },
  async "finalizes"() {
    const { world, ...mpi } = await openMPI().then((mpi) => ({ world: mpi.world, end: () => mpi.Finalize() }));
    const { size } = world;
    mpi.end();
    mpi.end();
    try {
      world.Barrier();
    } catch (cause) {
      writeFileSync(`${folder}/${world.rank}`, String(cause));
    }
    // The first that exits with an error may end the others.
    for (let n = 0; readdirSync(folder).length < size && n < 100; n++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    process.exit(5);
  },
  async "says what it is"() {
    const mpi = await openMPI();
    console.log(`${mpi.abi}: rank ${mpi.world.rank} of ${mpi.world.size}`);
  },
  async "opens"() {
    try {
      await openMPI();
      console.log("open");
    } catch (cause) {
      console.log(String(cause));
    }
  },
};

function assertSame(a: unknown, b: unknown): void {
  if (a !== b) throw new Error("opening again gives another");
}

await ways[way]!();
