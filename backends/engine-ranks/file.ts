/**
 * Writes what one rank has into a file of all, and returns only when it is on the disk. It is the one way in which ranks
 * write together.
 *
 * Not by MPI-IO: on a full disk `MPI_File_write_at_all` of Open MPI 4.1 returns success with a full count in its status, and
 * MPICH 4.0 fails on some ranks alone. The system says which call failed and why.
 *
 * @module
 */

import { closeSync, constants, fsyncSync, openSync, writeSync } from "node:fs";
import type { GridData } from "../../core/contract.ts";

/** Points that a rank writes at a time: 8 MiB of them. */
export const POINTS_AT_ONCE: number = 2 ** 20;

/** A stretch of the file. */
export interface Stretch {
  /** Its first byte. */
  readonly at: number;
  /** What it holds. */
  readonly data: GridData;
}

/**
 * Local. Writes stretches of a file that exists. All of them are made, also once a write has failed: to make one may be
 * collective.
 *
 * @throws the error of the system, with its code, if not all is on the disk
 */
export function writeStretches(file: string, stretches: Iterable<Stretch>): void {
  let failure: unknown;
  const attempt = <T>(call: () => T): T | undefined => {
    try {
      return failure === undefined ? call() : undefined;
    } catch (cause) {
      failure = cause;
      return undefined;
    }
  };
  // For writing alone: NFS would read whole pages first, and write back what other machines have written there since.
  const descriptor = attempt(() => openSync(file, constants.O_WRONLY));
  for (const stretch of stretches) attempt(() => writeStretch(descriptor!, stretch));
  if (descriptor !== undefined) {
    attempt(() => fsyncSync(descriptor));
    try {
      closeSync(descriptor);
    } catch (cause) {
      failure ??= cause; // a quota of NFS is reported here
    }
  }
  if (failure !== undefined) throw failure;
}

function writeStretch(descriptor: number, { at, data }: Stretch): void {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  for (let done = 0; done < bytes.length;) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, at + done);
  }
}
