/**
 * Which libmpi to load: what LAPLACE_MPI names, else that of the MPI whose launcher started this program, else the first
 * that is there. And which ABI it has.
 *
 * @module
 */

import { LibraryError, openLibrary } from "../host/ffi.ts";
import { env } from "../host/runtime.ts";
import { loadGlobally, type Lookup } from "../host/symbols.ts";
import { mpich } from "./abi/mpich.ts";
import { openmpi } from "./abi/openmpi.ts";
import { standard } from "./abi/standard.ts";
import type { Abi } from "./abi/table.ts";

/** A library that is loaded. */
export interface Loaded {
  readonly path: string;
  readonly abi: Abi;
  readonly lookup: Lookup;
}

/** Who started this program, as far as the environment tells. */
export interface Launcher {
  /** Its MPI; undefined if it could be several. */
  readonly abi: Abi | undefined;
  /** How messages call it. */
  readonly title: string;
  /** How many processes it started; undefined if it does not say. */
  readonly processes: number | undefined;
  /** Which of them this is; undefined likewise. */
  readonly rank: number | undefined;
}

/** Local. Who started this program; undefined if it was started alone. */
export function launcher(): Launcher | undefined {
  const count = (name: string) => env(name) === undefined ? undefined : Number(env(name));
  if (env("OMPI_COMM_WORLD_SIZE")) {
    return {
      abi: openmpi,
      title: "mpirun of Open MPI",
      processes: count("OMPI_COMM_WORLD_SIZE"),
      rank: count("OMPI_COMM_WORLD_RANK"),
    };
  }
  if (env("PMI_SIZE") ?? env("PMI_RANK")) {
    // Slurm speaks this too, to either.
    const slurm = env("SLURM_PROCID") !== undefined;
    return {
      abi: slurm ? undefined : mpich,
      title: slurm ? "srun" : "mpiexec of MPICH",
      processes: count("PMI_SIZE"),
      rank: count("PMI_RANK"),
    };
  }
  if (env("SLURM_PROCID")) {
    return {
      abi: undefined,
      title: "srun",
      processes: count("SLURM_NTASKS"),
      rank: count("SLURM_PROCID"),
    };
  }
  if (env("PMIX_RANK")) {
    return {
      abi: undefined,
      title: "a launcher that speaks PMIx",
      processes: undefined,
      rank: count("PMIX_RANK"),
    };
  }
  return undefined;
}

/**
 * Local. Loads the library.
 *
 * @param name a path, the name of a file, or `openmpi`, `mpich`, `standard`; default LAPLACE_MPI
 * @throws LibraryError if it cannot be loaded, saying what was tried and what mends it
 */
export async function load(name: string | undefined = env("LAPLACE_MPI")): Promise<Loaded> {
  const named = [openmpi, mpich, standard].find((abi) => abi.name === name);
  if (name !== undefined && !named) return await loadFile(name);
  const started = launcher();
  const first = named ?? started?.abi;
  const others = named || first ? [] : [openmpi, mpich, standard];
  const files = [first, first && first !== standard && !named ? standard : undefined, ...others]
    .flatMap((abi) => abi?.libraries ?? []);
  let other: unknown;
  for (const file of files) {
    try {
      return await loadFile(file);
    } catch (cause) {
      // One that is there and cannot be loaded says more than those that are not there.
      if (!(cause instanceof LibraryError) || cause.trouble !== "missing") other ??= cause;
    }
  }
  if (other) throw other;
  const who = first ? `${first.title}${started?.abi === first ? `, whose launcher started this program` : ""}` : "MPI";
  throw new LibraryError(
    "missing",
    files[0]!,
    `Cannot find the library of ${who}: there is no ${
      [...new Set(files)].filter((file) => !file.endsWith(".dylib")).join(", ")
    }; install it, or set LAPLACE_MPI to its path`,
  );
}

async function loadFile(path: string): Promise<Loaded> {
  const lookup = await loadGlobally(path);
  return { path, abi: await abiOf(path, lookup), lookup };
}

/** Which ABI a library has, by what it exports. */
async function abiOf(path: string, lookup: Lookup): Promise<Abi> {
  // By name first: behind the standard ABI there may be Open MPI or MPICH, with all their symbols.
  if (/libmpi_abi\b/.test(path)) return standard;
  if (lookup("ompi_mpi_comm_world")) return openmpi;
  // Part of the ABI that the MPICH family agreed upon: MPI_COMM_DUP_FN is a macro for it.
  if (lookup("MPIR_Dup_fn")) return mpich;
  if (lookup("MPI_Abi_get_version")) {
    const { MPI_Abi_get_version } = await openLibrary(path, {
      MPI_Abi_get_version: { args: ["buffer", "buffer"], returns: "i32" },
    });
    const version = new Int32Array(2);
    MPI_Abi_get_version(version, version.subarray(1));
    if (version[0]! >= 1) return standard;
  }
  const what = lookup("MPI_Init") ? "has an ABI that is not known here" : "is no MPI library";
  throw new LibraryError("other", path, `Cannot use ${path}: it ${what}; set LAPLACE_MPI to the path of another`);
}
