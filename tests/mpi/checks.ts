/** What a check of MPI is: the files check_*.ts have them, and ranks.ts runs them. */

import type { Comm, MPI } from "../../mpi/mod.ts";

/** What a check is given. */
export interface Given {
  readonly mpi: MPI;
  readonly world: Comm;
  readonly folder: string;
}

/** Checks, which all ranks run, by what they show. */
export type Checks = Readonly<Record<string, (given: Given) => void | Promise<void>>>;
