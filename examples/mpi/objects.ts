/**
 * Values that are no arrays: a configuration goes to all, results come back, and the best is agreed upon.
 *
 *     mpirun -n 4 deno run -A examples/mpi/objects.ts
 */

import { run } from "../../mpi/mod.ts";

await run(({ world }) => {
  const { rank } = world;
  const plan = world.bcast(rank === 0 ? { name: "plate", edges: new Map([["north", 100]]) } : undefined);
  const mine = { rank, name: `${plan!.name}-${rank}`, heat: plan!.edges.get("north")! / (rank + 1) };

  const all = world.gather(mine);
  if (all) console.log(all.map(({ name, heat }) => `${name}: ${heat.toFixed(1)}`).join(", "));

  const coolest = world.allreduce(mine, (a, b) => b.heat < a.heat ? b : a);
  if (rank === 0) console.log(`the coolest is ${coolest.name}`);
});
