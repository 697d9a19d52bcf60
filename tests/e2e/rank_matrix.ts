/**
 * The whole matrix: kernels, counts of ranks, grids, methods and MPIs, from source under Deno and by the binary, each file
 * compared with that of `js`. It takes about an hour on two cores: `deno task test:ranks`. `LAPLACE_RANKS=4,5` takes
 * these counts alone.
 *
 * @module
 */

import process from "node:process";
import { join } from "node:path";
import { fromSource, inEmptyFolder, root } from "./harness.ts";
import {
  type Answer,
  answer,
  GRIDS,
  inWords,
  KERNELS,
  KINDS,
  METHODS,
  MPIS,
  RANKS,
  type Task,
  writeProblems,
} from "./rank_fields.ts";

const counts = process.env.LAPLACE_RANKS?.split(",").map(Number) ?? RANKS;
const tasks: Task[] = GRIDS.flatMap((grid) =>
  METHODS.flatMap((method) => KINDS.map((kind) => ({ grid, method, kind })))
);
const commands = { "the binary": [join(root, "dist/laplace")], "Deno": fromSource };

let [compared, different] = [0, 0];
await inEmptyFolder(async (folder) => {
  writeProblems(folder);
  const expected = new Map<Task, Answer>();
  for (const task of tasks) expected.set(task, await answer(folder, task, undefined, commands["the binary"]));
  for (const [who, by] of Object.entries(commands)) {
    for (const mpi of MPIS) {
      for (const ranks of counts) {
        const before = different;
        const start = performance.now();
        for (const kernel of KERNELS) {
          for (const task of tasks) {
            compared++;
            const what = `${who}, ${inWords(task, { mpi, ranks, kernel })}`;
            const { end, digest } = await answer(folder, task, { mpi, ranks, kernel }, by)
              .catch((cause): Answer => ({ end: cause.message, digest: "none" }));
            const wanted = expected.get(task)!;
            if (end === wanted.end && digest === wanted.digest) continue;
            different++;
            console.log(`DIFFERENT: ${what}: ${digest === wanted.digest ? "" : "the file; "}${end}, not ${wanted.end}`);
          }
        }
        const seconds = Math.round((performance.now() - start) / 1000);
        console.log(
          `${who}, ${mpi}, ${ranks} ranks: ${different - before} different, ${compared} so far, ${seconds} s`,
        );
      }
    }
  }
});
console.log(`${compared} compared, ${different} different`);
process.exit(different === 0 ? 0 : 1);
