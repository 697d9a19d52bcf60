/**
 * Global Arrays, loaded: its functions, and whether the MPI that they call is the one that is open.
 *
 * A process that has loaded Open MPI is refused: both libraries name the functions of MPI alike, and MPICH's own calls
 * would reach the other.
 *
 * @module
 */

import { UnavailableError } from "../../core/errors.ts";
import { libraryPath, UNPACK_FIX } from "../../host/assets.ts";
import { type Library, LibraryError, openLibrary, presetEnvironment } from "../../host/ffi.ts";
import { env } from "../../host/runtime.ts";
import { isLoaded } from "../../host/symbols.ts";
import { openmpi } from "../../mpi/abi/openmpi.ts";
import { launcher } from "../../mpi/library.ts";
import { type MPI, openMPI } from "../../mpi/mod.ts";
import { functions } from "../../native/ga/functions.ts";

const file = "libga.so";

/** The functions, as TypeScript calls them. */
export type GlobalArrays = Library<typeof functions>;

/** Local. Loads the library, and with it that of MPICH. @throws LibraryError */
export async function load(): Promise<GlobalArrays> {
  const path = await libraryPath(file);
  if (path === undefined) throw new LibraryError("missing", file, `${file} is not part of this installation`);
  return await openLibrary(path, functions);
}

/** Local. Why it cannot be used, and the fix; undefined if it can. */
export async function absence(): Promise<{ reason: string; fix: string } | undefined> {
  const started = launcher();
  if (started && !started.tries.some(({ name }) => name === "mpich")) {
    return {
      reason: `${started.title} started this, and Global Arrays is that of MPICH`,
      fix: "start it by laplace launch, or by mpiexec of MPICH",
    };
  }
  try {
    await load();
    return undefined;
  } catch (cause) {
    if (!(cause instanceof LibraryError)) throw cause;
    const { trouble, culprit, message } = cause;
    const build = "deno task native:ga makes it from Debian's archives";
    if (trouble === "dependency") {
      return { reason: message, fix: culprit.startsWith("libmpich") ? "apt-get install mpich" : `install ${culprit}` };
    }
    if (trouble === "unpack") return { reason: message, fix: UNPACK_FIX };
    if (trouble !== "missing") {
      const named = env("LAPLACE_NATIVE") !== undefined;
      return { reason: message, fix: named ? "point LAPLACE_NATIVE at another folder, or unset it" : build };
    }
    return culprit === file
      ? { reason: message, fix: `name a folder that has it in LAPLACE_NATIVE; ${build}` }
      : { reason: `${file} was not built`, fix: build };
  }
}

/**
 * Collective. Opens MPI, which must be that of Global Arrays.
 *
 * @param name how errors call who asks
 * @throws UnavailableError if a library is missing, or another MPI than MPICH is in use
 */
export async function open(name: string): Promise<{ mpi: MPI; ga: GlobalArrays }> {
  const refuse = (why: string) => new UnavailableError(`Cannot open "${name}": ${why}`);
  const because = (cause: unknown) => {
    throw refuse(cause instanceof Error ? cause.message : String(cause));
  };
  const other = "Global Arrays is that of MPICH, and another MPI is in use; set LAPLACE_MPI=mpich";
  // Its functions would be found before those of the same names that MPICH has.
  for (const path of openmpi.libraries) if (await isLoaded(path)) throw refuse(other);
  const ga = await load().catch(because);
  // Windows that MPICH 4.0 allocates overlap: with 72 bytes a rank, what is put at the end of one lands in the next.
  await presetEnvironment({ ARMCI_USE_WIN_ALLOCATE: "0" });
  const mpi = await openMPI({ library: env("LAPLACE_MPI") ?? "mpich" }).catch(because);
  if (mpi.abi !== "mpich" || ga.laplace_ga_ready() === 0) throw refuse(other);
  return { mpi, ga };
}

let users = 0;

/**
 * Collective. Starts Global Arrays, unless it is running.
 *
 * @param active so many ranks share arrays, the first ones
 * @returns their group, and what ends it; the last user ends Global Arrays, before MPI ends
 */
export function join(ga: GlobalArrays, rank: number, active: number): { readonly group: number; leave(): void } {
  if (users++ === 0) ga.GA_Initialize();
  const group = ga.GA_Pgroup_create(Int32Array.from({ length: active }, (_, rank) => rank), active);
  return {
    group,
    leave() {
      // Members alone: others would free what they never had, and version 5.8 does not notice.
      if (rank < active) ga.GA_Pgroup_destroy(group);
      if (--users === 0) ga.GA_Terminate();
    },
  };
}
