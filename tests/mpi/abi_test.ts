/**
 * Which MPI a program meets, and its ABI. The tables of the ABIs are compared with the headers of the libraries, which a C
 * program prints, and with the standard's own rules.
 */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { required } from "../../conformance/required.ts";
import { mpich } from "../../mpi/abi/mpich.ts";
import { openmpi } from "../../mpi/abi/openmpi.ts";
import { standard } from "../../mpi/abi/standard.ts";
import { type Abi, constants, type HandleName, handles, ops, types } from "../../mpi/abi/table.ts";
import { launcher } from "../../mpi/library.ts";
import { signatures } from "../../mpi/native.ts";
import { alone, ended, mpis } from "./launch.ts";

/** The values that one ABI has, by their names. */
function valuesOf<V>(rows: Readonly<Record<string, Readonly<Record<Abi["name"], V>>>>, name: Abi["name"]) {
  return Object.fromEntries(Object.entries(rows).map(([key, row]) => [key, row[name]]));
}

/** A C program that prints what a table has, as JSON with the same keys. */
function program({ name: abi, handle, errors }: Abi): string {
  const put = (name: string, format: string, value: string) => `printf("\\"${name}\\": ${format},\\n", ${value});`;
  const object = (name: string, lines: readonly string[]) =>
    `printf("\\"${name}\\": {"); ${lines.join("\n")} printf("\\"\\": 0},\\n");`;
  const symbol = (value: number | string) => typeof value === "string" ? `&${value}` : "";
  return `#include <mpi.h>
#include <stddef.h>
#include <stdio.h>
int main(void) {
  printf("{");
  ${object("constants", Object.keys(constants).map((name) => put(name, "%d", `(int)MPI_${name}`)))}
  ${
    // An address is compared with that of the symbol: it differs from run to run.
    object(
      "handles",
      Object.entries(valuesOf<number | string>(handles, abi)).map(([name, value]) =>
        handle === "ptr"
          ? put(name, "%d", `(void *)MPI_${name} == (void *)${symbol(value) || value}`)
          : put(name, "%d", `(int)MPI_${name}`)
      ),
    )}
  ${object("errors", errors.map((name, k) => name === "" ? "" : put(String(k), "%d", `(int)MPI_${name}`)))}
  ${put("inPlace", "%ld", "(long)MPI_IN_PLACE")}
  ${put("statusIgnore", "%ld", "(long)MPI_STATUS_IGNORE + 10 * ((long)MPI_STATUSES_IGNORE - (long)MPI_STATUS_IGNORE)")}
  ${put("bytes", "%d", "(int)sizeof(MPI_Status)")}
  ${
    ["source", "tag", "error"].map((name) =>
      put(name, "%d", `(int)offsetof(MPI_Status, MPI_${name.toUpperCase()}) / 4`)
    ).join("\n")
  }
  ${put("handleSize", "%d", "(int)sizeof(MPI_Comm)")}
  ${put("typeSize", "%d", "(int)sizeof(MPI_Datatype) - (int)sizeof(MPI_Request)")}
  ${put("fileSize", "%d", "(int)sizeof(MPI_File)")}
  ${put("countSize", "%d", "(int)sizeof(MPI_Offset) * 10 + (int)sizeof(MPI_Aint)")}
  printf("\\"\\": 0}");
  return 0;
}
`;
}

const tables = { openmpi, mpich } as const;
for (const { name, title, mpicc } of mpis) {
  const why = mpicc === undefined ? `: there is no mpicc of ${title}` : "";
  test(`the table of ${title} has what its header has${why}`, { skip: why !== "" && !required("mpi") }, () => {
    if (mpicc === undefined) throw new Error(`LAPLACE_REQUIRE names "mpi"${why.replace(":", ", and")}`);
    const abi: Abi = tables[name];
    const folder = mkdtempSync(join(tmpdir(), "laplace-mpi-"));
    try {
      const [source, binary] = [join(folder, "abi.c"), join(folder, "abi")];
      writeFileSync(source, program(abi));
      execFileSync(mpicc, ["-w", source, "-o", binary], { stdio: "pipe" });
      const { constants: numbers, handles: objects, errors, ...told } = JSON.parse(ended([binary]).out);
      for (const object of [numbers, objects, errors, told]) delete object[""];
      assert.deepEqual(numbers, valuesOf<number>(constants, name));
      const values = Object.entries(valuesOf<number | string>(handles, name)).map((
        [key, value],
      ) => [key, abi.handle === "ptr" ? 1 : Number(value) | 0]);
      assert.deepEqual(objects, Object.fromEntries(values));
      const classes = abi.errors.flatMap((error, k) => error === "" ? [] : [[String(k), k]]);
      assert.deepEqual(errors, Object.fromEntries(classes));
      const handleSize = abi.handle === "ptr" ? 8 : 4;
      assert.deepEqual(told, {
        inPlace: abi.inPlace,
        statusIgnore: abi.statusIgnore,
        ...abi.status,
        handleSize,
        typeSize: 0,
        fileSize: 8,
        countSize: 88,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test("the table of the standard ABI follows the rules by which its handles were chosen", () => {
  const { errors } = standard;
  const value = (name: HandleName) => Number(handles[name].standard);
  const values = Object.values(valuesOf<number | string>(handles, "standard"));
  assert.equal(new Set(values).size, values.length);
  // Handles are Huffman codes below 0x400 (MPI 5.0, section 20.3.4): operations from 0x20, communicators from 0x100,
  // datatypes from 0x200, of which bits 3 to 5 hold the binary logarithm of a fixed size.
  for (const { standard } of Object.values(ops)) assert.ok(standard >= 0x20 && standard < 0x40);
  for (const name of ["COMM_NULL", "COMM_WORLD", "COMM_SELF"] as const) assert.equal(value(name) >> 3, 0x20);
  for (const { standard } of Object.values(types)) assert.equal(standard >> 8, 2);
  for (
    const [size, names] of [[0, "INT8_T UINT8_T BYTE CHAR"], [1, "INT16_T"], [2, "UINT32_T"], [3, "INT64_T"]] as const
  ) {
    for (const name of names.split(" ") as HandleName[]) assert.equal((value(name) >> 3) & 7, size, name);
  }
  // Wildcards and sentinels are negative and differ; modes are powers of two.
  const { ANY_SOURCE, ANY_TAG, PROC_NULL, UNDEFINED } = constants;
  const negative = [ANY_SOURCE, ANY_TAG, PROC_NULL, UNDEFINED].map(({ standard }) => standard as number);
  assert.ok(negative.every((value) => value < 0) && new Set(negative).size === 4);
  const modes = Object.entries(constants).filter(([name]) => name.startsWith("MODE_")).map(([, { standard }]) =>
    standard as number
  );
  assert.ok(modes.every((mode) => (mode & (mode - 1)) === 0) && new Set(modes).size === modes.length);
  assert.deepEqual([errors[0], errors[15], errors.length], ["SUCCESS", "ERR_TRUNCATE", 63]);
});

const gcc = spawnSync("gcc", ["--version"]).status === 0;
test(`the bindings call a library with the standard ABI${gcc ? "" : ": there is no gcc"}`, { skip: !gcc }, () => {
  const folder = mkdtempSync(join(tmpdir(), "laplace-mpi-"));
  try {
    const code = readFileSync(new URL("standard_abi.c", import.meta.url), "utf8");
    const names = Object.entries(signatures).map(([name, f]) => "symbol" in f ? f.symbol : name);
    const rest = [...new Set(names)].filter((name) => !code.includes(`${name}(`)).map((name) =>
      `int ${name}() {return 0;}`
    );
    const [source, library] = [join(folder, "mpi.c"), join(folder, "libmpi_abi.so.0")];
    writeFileSync(source, `${code}${rest.join("\n")}\n`);
    execFileSync("gcc", ["-std=gnu11", "-shared", "-fPIC", "-o", library, source], { stdio: "pipe" });
    const { out, err } = alone({ LAPLACE_MPI: library }, "standard.ts");
    assert.equal(out, "all is well\nfinalized\n", err);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the environment says who started a program", () => {
  const who = (env: Record<string, string>) => {
    const found = launcher((name) => env[name]);
    return found && [found.title, found.tries[0]!.name, found.processes];
  };
  const hydra = { PMI_SIZE: "4", PMI_RANK: "1", MPI_LOCALNRANKS: "2" };
  assert.equal(who({}), undefined);
  assert.deepEqual(who({ OMPI_COMM_WORLD_SIZE: "3", PMIX_RANK: "0" }), ["mpirun of Open MPI", "openmpi", 3]);
  assert.deepEqual(who(hydra), ["mpiexec of MPICH", "mpich", 4]);
  for (const text of ["abc", "0", "-1", "2.5", "1e3", " "]) {
    assert.deepEqual(who({ OMPI_COMM_WORLD_SIZE: text }), ["mpirun of Open MPI", "openmpi", undefined]);
  }
  // A batch script of Slurm is alone; a launcher in it is that launcher; srun speaks PMI-2, PMIx, or neither.
  const batch = { SLURM_PROCID: "0", SLURM_NTASKS: "8" };
  assert.equal(who(batch), undefined);
  assert.deepEqual(who({ ...batch, ...hydra, SLURM_STEP_NUM_TASKS: "2" }), ["mpiexec of MPICH", "mpich", 4]);
  const step = { ...batch, SLURM_STEP_NUM_TASKS: "8" };
  assert.deepEqual(who({ ...step, PMI_SIZE: "8", PMI_RANK: "5" }), ["srun", "mpich", 8]);
  assert.deepEqual(who({ ...step, PMIX_RANK: "5" }), ["srun", "openmpi", 8]);
  assert.deepEqual(who(step), ["srun", "openmpi", 8]);
});
