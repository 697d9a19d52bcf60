/**
 * Files that all ranks of a communicator read and write together (MPI-IO). Other files are not for here: `node:fs` has
 * them.
 *
 * @module
 */

import { encodeString, type Pointer } from "../host/ffi.ts";
import type { Comm } from "./comm.ts";
import { type Datatype, datatype } from "./datatype.ts";
import { call } from "./errors.ts";
import { countOf, type Data, handleOf, ready, viewOf } from "./message.ts";
import { constant, pointerIn, predefined } from "./native.ts";
import { ignored, type Status } from "./status.ts";

/**
 * How a file is opened: `r` to read, `r+` to read and write what exists, `w` to write, made if it is missing; what was
 * there stays, so set its size. `wx` to make it: an error if it exists.
 */
export type Mode = "r" | "r+" | "w" | "wx";

/**
 * A file that all ranks have open.
 *
 * @example Each rank writes its rows of a grid
 * ```ts ignore
 * const file = mpi.File_open(world, "u.bin", "w");
 * file.Set_size(ny * nx * 8);
 * file.Write_at_all(firstRow * nx * 8, rows);
 * file.Close();
 * ```
 */
export class MPIFile {
  readonly #memory: Int32Array;
  readonly #file: Pointer;
  #open = true;

  /** Collective. Opens a file. @throws MPIError, such as MPI_ERR_NO_SUCH_FILE */
  constructor(comm: Comm, path: string, mode: Mode) {
    const create = constant("MODE_WRONLY") | constant("MODE_CREATE");
    const modes = {
      r: constant("MODE_RDONLY"),
      "r+": constant("MODE_RDWR"),
      w: create,
      wx: create | constant("MODE_EXCL"),
    };
    this.#memory = new Int32Array(2);
    const info = predefined("INFO_NULL");
    call("MPI_File_open", comm.handle, encodeString(path), modes[mode], info, this.#memory);
    this.#file = pointerIn(this.#memory);
  }

  /** Collective. Closes it. Once it is closed, this does nothing. @throws MPIError */
  Close(): void {
    if (!this.#open) return;
    call("MPI_File_close", this.#memory);
    this.#open = false;
  }

  /** Collective. Makes it this many bytes long. @throws MPIError */
  Set_size(bytes: number): void {
    call("MPI_File_set_size", this.#pointer(), bytes);
  }

  /** Local. How many bytes it has. @throws MPIError */
  Get_size(): number {
    const size = new BigInt64Array(1);
    call("MPI_File_get_size", this.#pointer(), size);
    return Number(size[0]);
  }

  /**
   * Collective. From here on offsets count elements of the parts that this rank sees.
   *
   * @param displacement bytes before the first part: a header
   * @param element what is read and written
   * @param filetype which elements this rank sees, repeated to the end of the file; default all
   * @throws MPIError
   *
   * @example Each rank writes its block of a grid, past the header
   * ```ts ignore
   * const block = mpi.DOUBLE.Create_subarray([ny, nx], [rows, cols], [row, col]).Commit();
   * file.Set_view(header, mpi.DOUBLE, block);
   * file.Write_at_all(0, data);
   * ```
   */
  Set_view(displacement: number, element: Datatype = datatype("BYTE"), filetype: Datatype = element): void {
    const [form, info] = [encodeString("native"), predefined("INFO_NULL")];
    call("MPI_File_set_view", this.#pointer(), displacement, element.handle, filetype.handle, form, info);
  }

  /** Collective. What has been written is on disk. @throws MPIError */
  Sync(): void {
    call("MPI_File_sync", this.#pointer());
  }

  /** Local. Reads; `status` reports how much, which may be less where the file ends. @throws RangeError, MPIError */
  Read_at(offset: number, data: Data, status?: Status): void {
    this.#at("MPI_File_read_at", offset, data, status);
  }

  /** Collective. Reads, all ranks together; `status` reports how much. @throws RangeError, MPIError */
  Read_at_all(offset: number, data: Data, status?: Status): void {
    this.#at("MPI_File_read_at_all", offset, data, status);
  }

  /** Local. Writes. @throws RangeError, MPIError */
  Write_at(offset: number, data: Data, status?: Status): void {
    this.#at("MPI_File_write_at", offset, data, status);
  }

  /** Collective. Writes, all ranks together: ranks without data pass an empty array. @throws RangeError, MPIError */
  Write_at_all(offset: number, data: Data, status?: Status): void {
    this.#at("MPI_File_write_at_all", offset, data, status);
  }

  #at(
    name: "MPI_File_read_at" | "MPI_File_read_at_all" | "MPI_File_write_at" | "MPI_File_write_at_all",
    offset: number,
    data: Data,
    status?: Status,
  ): void {
    const d = ready(data);
    const filled = status ? status.memory : ignored;
    call(name, this.#pointer(), offset, viewOf(d), countOf(d), handleOf(d), filled);
  }

  #pointer(): Pointer {
    if (!this.#open) throw new Error("Cannot use a file: it is closed");
    return this.#file;
  }
}

/** Local. Deletes a file. @throws MPIError, such as MPI_ERR_NO_SUCH_FILE */
export function deleteFile(path: string): void {
  call("MPI_File_delete", encodeString(path), predefined("INFO_NULL"));
}
