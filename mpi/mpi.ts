/**
 * What MPI has beside communicators: datatypes, operations, constants, requests, files, time.
 *
 * @module
 */

import { decodeString } from "../host/ffi.ts";
import { Comm } from "./comm.ts";
import { type Datatype, datatype } from "./datatype.ts";
import { call } from "./errors.ts";
import { deleteFile, type Mode, MPIFile } from "./file.ts";
import { IN_PLACE, Message, type Part } from "./message.ts";
import { abi, constant, ffi, predefined } from "./native.ts";
import { Op } from "./op.ts";
import { type Request, Requests, Startall, Testall, Waitall, Waitany } from "./request.ts";
import { Status } from "./status.ts";

/** MPI, open: what `openMPI` returns. */
export class MPI {
  /** All ranks. */
  readonly world: Comm = new Comm(predefined("COMM_WORLD"));
  /** This rank alone. */
  readonly self: Comm = new Comm(predefined("COMM_SELF"));
  /** Which ABI the library has. */
  readonly abi: "openmpi" | "mpich" | "standard" = abi.name;
  /** Which version of the standard it follows. */
  readonly version: readonly [number, number];
  /** What it says of itself, in one line or many. */
  readonly library: string;

  /** Any rank, where one receives. */
  readonly ANY_SOURCE: number = constant("ANY_SOURCE");
  /** Any tag, where one receives. */
  readonly ANY_TAG: number = constant("ANY_TAG");
  /** No rank: what is sent to it is lost, what is received from it is empty. */
  readonly PROC_NULL: number = constant("PROC_NULL");
  /** Stands for the buffer that is sent, or received, where MPI is to work in the other one alone. */
  readonly IN_PLACE: typeof IN_PLACE = IN_PLACE;

  /** 8 bits without meaning. */
  readonly BYTE: Datatype = datatype("BYTE");
  /** Text. */
  readonly CHAR: Datatype = datatype("CHAR");
  /** Of Int8Array. */
  readonly INT8_T: Datatype = datatype("INT8_T");
  /** Of Uint8Array. */
  readonly UINT8_T: Datatype = datatype("UINT8_T");
  /** Of Int16Array. */
  readonly INT16_T: Datatype = datatype("INT16_T");
  /** Of Uint16Array. */
  readonly UINT16_T: Datatype = datatype("UINT16_T");
  /** Of Int32Array. */
  readonly INT32_T: Datatype = datatype("INT32_T");
  /** Of Uint32Array. */
  readonly UINT32_T: Datatype = datatype("UINT32_T");
  /** Of BigInt64Array. */
  readonly INT64_T: Datatype = datatype("INT64_T");
  /** Of BigUint64Array. */
  readonly UINT64_T: Datatype = datatype("UINT64_T");
  /** Of Float32Array. */
  readonly FLOAT: Datatype = datatype("FLOAT");
  /** Of Float64Array. */
  readonly DOUBLE: Datatype = datatype("DOUBLE");
  /** Two of FLOAT. */
  readonly C_FLOAT_COMPLEX: Datatype = datatype("C_FLOAT_COMPLEX");
  /** Two of DOUBLE. */
  readonly C_DOUBLE_COMPLEX: Datatype = datatype("C_DOUBLE_COMPLEX");
  /** A FLOAT and an int, for MINLOC and MAXLOC. */
  readonly FLOAT_INT: Datatype = datatype("FLOAT_INT");
  /** A DOUBLE and an int, for MINLOC and MAXLOC. */
  readonly DOUBLE_INT: Datatype = datatype("DOUBLE_INT");
  /** Two ints, for MINLOC and MAXLOC. MPI calls it 2INT. */
  readonly TWO_INT: Datatype = datatype("2INT");

  /** The largest. */
  readonly MAX: Op = new Op("MAX");
  /** The smallest. */
  readonly MIN: Op = new Op("MIN");
  /** The sum. */
  readonly SUM: Op = new Op("SUM");
  /** The product. */
  readonly PROD: Op = new Op("PROD");
  /** Whether all are not 0. */
  readonly LAND: Op = new Op("LAND");
  /** Bits that all have. */
  readonly BAND: Op = new Op("BAND");
  /** Whether one is not 0. */
  readonly LOR: Op = new Op("LOR");
  /** Bits that one has. */
  readonly BOR: Op = new Op("BOR");
  /** Whether an odd number are not 0. */
  readonly LXOR: Op = new Op("LXOR");
  /** Bits that an odd number have. */
  readonly BXOR: Op = new Op("BXOR");
  /** The smallest, and the number that goes with it. */
  readonly MINLOC: Op = new Op("MINLOC");
  /** The largest, and the number that goes with it. */
  readonly MAXLOC: Op = new Op("MAXLOC");

  readonly #finalize: () => void;

  /** Local. Of the library that is open. */
  constructor(finalize: () => void) {
    this.#finalize = finalize;
    const version = new Int32Array(2);
    call("MPI_Get_version", version, version.subarray(1));
    this.version = [version[0]!, version[1]!];
    this.library = text("MPI_Get_library_version");
  }

  /** Local. Seconds since some time in the past. */
  Wtime(): number {
    return ffi.MPI_Wtime();
  }

  /** Local. The name of the machine this rank runs on. @throws MPIError */
  Get_processor_name(): string {
    return text("MPI_Get_processor_name");
  }

  /** Local. An empty status, for calls to fill. */
  Status(): Status {
    return new Status();
  }

  /** Local. A part of an array, checked once: calls that are made again and again are faster. @throws RangeError */
  message(part: Part): Message {
    return new Message(part);
  }

  /** Local. Requests that are started and waited for together, again and again. */
  Requests(list: Iterable<Request>): Requests {
    return new Requests(list);
  }

  /** Local. Starts persistent requests. @throws MPIError */
  Startall(list: readonly Request[]): void {
    Startall(list);
  }

  /** Local, but waits for the other sides. @param statuses whether a status is wanted for each. @throws MPIError */
  Waitall(list: readonly Request[], statuses = false): Status[] {
    return Waitall(list, statuses);
  }

  /** Local, but waits for one. @returns which is finished; -1 if none is under way. @throws MPIError */
  Waitany(list: readonly Request[], status?: Status): number {
    return Waitany(list, status);
  }

  /** Local. @returns whether all are finished. @throws MPIError */
  Testall(list: readonly Request[]): boolean {
    return Testall(list);
  }

  /**
   * Local. Proposes a grid of ranks, as square as can be.
   *
   * @param ranks how many
   * @param dims how many directions; or how many ranks in each, 0 where MPI is to choose
   * @throws MPIError if the ranks do not divide by what is given
   */
  Dims_create(ranks: number, dims: number | readonly number[]): number[] {
    const sizes = typeof dims === "number" ? new Int32Array(dims) : Int32Array.from(dims);
    call("MPI_Dims_create", ranks, sizes.length, sizes);
    return [...sizes];
  }

  /** Collective. Opens a file that all ranks of a communicator read or write. @throws MPIError */
  File_open(comm: Comm, path: string, mode: Mode): MPIFile {
    return new MPIFile(comm, path, mode);
  }

  /** Local. Deletes a file. @throws MPIError */
  File_delete(path: string): void {
    deleteFile(path);
  }

  /** Collective. Ends MPI before the program ends, which does it otherwise. Once it has ended, this does nothing. */
  Finalize(): void {
    this.#finalize();
  }

  /** Local. Ends the program on all ranks, at once. @param code the exit code */
  Abort(code = 1): never {
    return this.world.Abort(code);
  }
}

function text(name: "MPI_Get_library_version" | "MPI_Get_processor_name"): string {
  const bytes = new Uint8Array(8192);
  call(name, bytes, new Int32Array(1));
  return decodeString(bytes).trim();
}
