/**
 * MPI: programs on 1 to 5 ranks, under Open MPI and MPICH, in the runtime that runs this test. `LAPLACE_REQUIRE=mpi` makes
 * a missing MPI a failure.
 */

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { required } from "../../conformance/required.ts";
import { alone, ended, type Installed, launch, mpis, runtime } from "./launch.ts";

/** A test that is skipped, visibly, where a launcher is missing. */
function testWith(missing: string | undefined, name: string, body: () => void): void {
  const why = missing === undefined ? "" : `: there is no mpirun of ${missing}`;
  test(name + why, { skip: missing !== undefined && !required("mpi") }, () => {
    if (missing !== undefined) throw new Error(`LAPLACE_REQUIRE names "mpi"${why.replace(":", ", and")}`);
    body();
  });
}

/** Runs something with an empty folder. */
function inFolder(body: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "laplace-mpi-"));
  try {
    body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Of three ranks one fails: all must end within 5 s, and not well. @returns what they said */
function endsAll(mpi: Installed, way: string): string {
  let said = "";
  inFolder((folder) => {
    const { code, err, at } = launch(mpi, 3, "ends.ts", way, folder);
    assert.notEqual(code, 0);
    assert.ok(at - Number(readFileSync(join(folder, "failed"), "utf8")) < 5000);
    said = err;
  });
  return said;
}

for (const mpi of mpis) {
  const missing = mpi.mpirun === undefined ? mpi.title : undefined;
  for (const ranks of [1, 2, 3, 4, 5]) {
    testWith(missing, `${mpi.title}, ${ranks} ranks: every operation gives what it should`, () => {
      inFolder((folder) => {
        const { code, out, err } = launch(mpi, ranks, "ranks.ts", folder);
        assert.equal(code, 0, `${out}${err}`);
        const { checks, ...told } = JSON.parse(out);
        assert.deepEqual(told, { abi: mpi.name, ranks });
        assert.ok(checks > 60);
        assert.equal(err, "");
      });
    });
  }

  for (const way of ["throws in run", "throws later", "rejects", "throws at top level"]) {
    testWith(missing, `${mpi.title}: a rank that ${way} ends all within 5 s, and says why`, () => {
      assert.match(endsAll(mpi, way), /rank 1 of 3: Error: no luck/);
    });
  }

  for (const way of ["aborts", "exits with an error", "throws without asking for an end"]) {
    testWith(missing, `${mpi.title}: a rank that ${way} leaves no others waiting`, () => {
      endsAll(mpi, way);
    });
  }

  for (const [way, exit] of [["ends", 0], ["exits", 0], ["finalizes", 5]] as const) {
    testWith(missing, `${mpi.title}: a program that ${way} is ended well`, () => {
      inFolder((folder) => {
        const { code, err } = launch(mpi, 2, "ends.ts", way, folder);
        assert.equal(code, exit, err);
        if (exit === 0) assert.equal(err, "");
        assert.deepEqual(readdirSync(folder).sort(), ["0", "1"]);
        const text = readFileSync(join(folder, "0"), "utf8");
        if (way === "finalizes") assert.equal(text, "Error: Cannot call MPI_Barrier: MPI has been ended");
      });
    });
  }

  testWith(missing, `${mpi.title}: a program that is started alone is rank 0 of 1`, () => {
    const { code, out, err } = alone({ LAPLACE_MPI: mpi.name }, "ends.ts", "says what it is");
    assert.equal(code, 0, err);
    assert.equal(out, `${mpi.name}: rank 0 of 1\n`);
  });

  const other = mpis.find(({ name }) => name !== mpi.name)!;
  const lacks = missing ?? (other.mpirun === undefined ? other.title : undefined);
  testWith(lacks, `${mpi.title} under the launcher of ${other.title}: one line says so, with the fix`, () => {
    const file = new URL("ends.ts", import.meta.url).pathname;
    const { out, err } = ended([other.mpirun!, "-n", "2", ...runtime, file, "opens"], { LAPLACE_MPI: mpi.name });
    const lines = out.trim().split("\n");
    assert.equal(lines.length, 2, out + err);
    for (const line of lines) {
      assert.match(
        line,
        new RegExp(`Error: Cannot run on 2 ranks: .*${other.title} started them, but .* is ${mpi.title}`),
      );
      assert.match(line, new RegExp(`set LAPLACE_MPI=${other.name}`));
    }
  });
}

const examples = {
  ring: "3 ranks: the sum is 3\n",
  pi: "3 ranks: pi is 3.1415926536\n",
  columns: "rank 0: -1 0 0 0 1\nrank 1: 0 1 1 1 2\nrank 2: 1 2 2 2 -1\n",
  objects: "plate-0: 100.0, plate-1: 50.0, plate-2: 33.3\nthe coolest is plate-2\n",
};
const any = mpis.find(({ mpirun }) => mpirun !== undefined);
for (const [name, says] of Object.entries(examples)) {
  testWith(any ? undefined : "any MPI", `the example ${name} does what it says`, () => {
    const { out, err } = launch(any!, 3, `../../examples/mpi/${name}.ts`);
    assert.equal(out, says, err);
  });
}

test("a library that is missing, or none of MPI, is reported in one line with the fix", () => {
  const opens = (library: string) => alone({ LAPLACE_MPI: library }, "ends.ts", "opens").out;
  assert.equal(
    opens("libmpi_none.so"),
    'LibraryError: Cannot find the MPI library "libmpi_none.so": libmpi_none.so does not exist; ' +
      "set LAPLACE_MPI to one of openmpi, mpich, standard, or to a path\n",
  );
  assert.equal(
    opens("libm.so.6"),
    "LibraryError: Cannot use libm.so.6: it is no MPI library; set LAPLACE_MPI to the path of another\n",
  );
  inFolder((folder) => {
    const text = join(folder, "libmpi.so");
    writeFileSync(text, "no library");
    assert.equal(
      opens(text),
      `LibraryError: Cannot load the MPI library "${text}": ${text} is not a library: file too short; ` +
        "set LAPLACE_MPI to one of openmpi, mpich, standard, or to a path\n",
    );
  });
});
