/**
 * Ten sweeps of every backend that can run here, side by side: `deno bench -A`. For figures to quote, `laplace bench` and
 * `yardsticks.ts`.
 *
 * @module
 */

import { probeAll } from "../backends/registry.ts";
import { planFor } from "../core/methods/plan.ts";
import { lower } from "../core/discretize/lower.ts";

const backends = (await probeAll()).filter(({ probe }) => probe.available).map(({ backend }) => backend);

for (const method of ["jacobi", "sor"] as const) {
  for (const kind of ["plain", "weighted"] as const) {
    const south = kind === "plain" ? 0 : { flux: 0 };
    const stencil = lower({ shape: [257, 257], edges: { north: 100, west: 75, east: 50, south }, initial: 50 });
    for (const backend of backends) {
      const session = await backend.open(stencil, planFor(backend, stencil, method, {}));
      const group = `${method}, ${kind}, 257 x 257`;
      Deno.bench({ name: backend.name, group, baseline: backend.name === "js" }, async () => {
        await session.advance(10);
      });
    }
  }
}
