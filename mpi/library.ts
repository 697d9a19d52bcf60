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

/** In the order in which they are tried. */
const abis: readonly Abi[] = [openmpi, mpich, standard];

/** A library that is loaded. */
export interface Loaded {
  readonly path: string;
  readonly abi: Abi;
  readonly lookup: Lookup;
}

/** Which launcher started this program, by its environment. */
export interface Launcher {
  /** How messages call it. */
  readonly title: string;
  /** Whose libraries are tried; those of other MPIs are not, since ranks would not find each other. */
  readonly tries: readonly Abi[];
  /** How many processes it started; undefined if it does not say, or says no number. */
  readonly processes: number | undefined;
  /** Which of them this is; undefined likewise. */
  readonly rank: number | undefined;
}

/** Local. Who started this program; undefined if it was started alone. @param get an environment variable */
export function launcher(get: (name: string) => string | undefined = env): Launcher | undefined {
  const count = (name: string, least: number) => {
    const text = get(name) ?? "";
    return /^\d{1,9}$/.test(text) && Number(text) >= least ? Number(text) : undefined;
  };
  const by = (title: string, tries: readonly Abi[], processes: string, rank: string): Launcher => {
    return { title, tries, processes: count(processes, 1), rank: count(rank, 0) };
  };
  if (get("OMPI_COMM_WORLD_SIZE")) {
    return by("mpirun of Open MPI", [openmpi, standard], "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK");
  }
  // Hydra's own, also where it was started within a job of Slurm.
  if (get("PMI_SIZE") && get("MPI_LOCALNRANKS")) {
    return by("mpiexec of MPICH", [mpich, standard], "PMI_SIZE", "PMI_RANK");
  }
  // Not SLURM_NTASKS: a batch script has that too, and is alone.
  const isStep = get("SLURM_STEP_NUM_TASKS") !== undefined;
  if (get("PMI_SIZE") ?? get("PMI_RANK")) {
    return by(isStep ? "srun" : "mpiexec of MPICH", [mpich, standard, openmpi], "PMI_SIZE", "PMI_RANK");
  }
  if (isStep) return by("srun", abis, "SLURM_STEP_NUM_TASKS", "SLURM_PROCID");
  if (get("PMIX_RANK")) {
    return { title: "a launcher with PMIx", tries: abis, processes: undefined, rank: count("PMIX_RANK", 0) };
  }
  return undefined;
}

/**
 * Local. Loads the library.
 *
 * @param name a path, the name of a file, or `openmpi`, `mpich`, `standard`; default LAPLACE_MPI
 * @throws LibraryError if it cannot be loaded, with what was tried and the fix
 */
export async function load(name: string | undefined = env("LAPLACE_MPI")): Promise<Loaded> {
  const named = abis.find((abi) => abi.name === name);
  if (name !== undefined && !named) return await loadNamed(name);
  const started = named ? undefined : launcher();
  const tries = named ? [named] : started?.tries ?? abis;
  const files = tries.flatMap(({ libraries }) => libraries);
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
  const who = `the library of ${named?.title ?? "MPI"}${started ? ` for ${started.title}, which started this` : ""}`;
  const names = files.filter((file) => !file.endsWith(".dylib")).join(", ");
  throw new LibraryError(
    "missing",
    files[0]!,
    `Cannot find ${who}: there is no ${names}; install it, or set LAPLACE_MPI to its path`,
  );
}

async function loadNamed(name: string): Promise<Loaded> {
  try {
    return await loadFile(name);
  } catch (cause) {
    // One that was loaded and is none of MPI says so, with the fix.
    if (!(cause instanceof LibraryError) || cause.message.includes("LAPLACE_MPI")) throw cause;
    const { trouble, culprit, message } = cause;
    const known = abis.map((abi) => abi.name).join(", ");
    throw new LibraryError(
      trouble,
      culprit,
      `Cannot ${trouble === "missing" ? "find" : "load"} the MPI library "${name}": ${message}; ` +
        `set LAPLACE_MPI to one of ${known}, or to a path`,
    );
  }
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
