/**
 * Solves hard problems, as many as asked for: `deno task test:soak [--runs N] [--from SEED]`. Prints those that end wrong, and how
 * the others ended. A failure is had again by its seed.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { hardSolve, judge } from "../support/hard_problems.ts";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "20000" }, from: { type: "string", default: "0" } },
});
const [runs, from] = [Number(values.runs), Number(values.from)];
const counts = new Map<string, number>();
let wrongs = 0;
for (let seed = from; seed < from + runs; seed++) {
  const one = hardSolve(seed);
  const { status, wrong } = await judge(one);
  counts.set(status, (counts.get(status) ?? 0) + 1);
  if (wrong === undefined) continue;
  wrongs++;
  const { plugin, method, tol, problem: { shape, dtype } } = one;
  console.log(`seed ${seed}: ${shape.join(" x ")}, ${dtype}, ${plugin}, ${method}, tol ${tol ?? "default"}: ${wrong}`);
}
console.log([...counts].map(([status, count]) => `${count} ${status}`).join(", ") + `; ${wrongs} wrong of ${runs}`);
process.exit(wrongs === 0 ? 0 : 1);
