/**
 * A plugin in one file that imports nothing at run time, so it can lie anywhere:
 *
 *     laplace check --plugin ./mine.ts
 *     laplace solve --plugin ./mine.ts --size 65
 *
 * It solves plain stencils by Jacobi's method in f64. A plugin inside the tree would supply kernels instead
 * (`backends/js/kernels.ts`), and get more for less.
 */

// Outside this tree: import type { … } from "@laplace/laplace". Types are erased before the file runs.
import type { Backend, Block, Plan, Session, Stencil } from "../../mod.ts";

export default {
  apiVersion: 2,
  name: "mine",
  summary: "an example of a plugin: Jacobi on plain stencils",
  methods: ["jacobi"],
  dtypes: ["f64"],
  stencils: ["plain"],
  bitwise: true,
  probe: () => ({ available: true, device: "JavaScript", score: 1 }),
  open,
} satisfies Backend;

function open(stencil: Stencil, plan: Plan): Session {
  for (const name of Object.keys(plan.settings)) {
    // An error of this name is the user's mistake, and is told in one line.
    throw Object.assign(new Error(`"mine" has no setting "${name}"; there are none`), { name: "ConfigError" });
  }
  const [ny, nx] = stencil.shape;
  const owned: Block = { rows: [0, ny], cols: [0, nx] };
  const { u: first, g } = stencil.evaluate(owned);
  let u = Float64Array.from(first);
  let v = Float64Array.from(first);
  let sweeps = 0;
  let open = true;
  const requireOpen = () => {
    if (!open) throw new Error("Cannot use the session: it is closed");
  };

  /** v = what the neighbours in u say. @returns max |v − u|, NaN if any point is NaN */
  const sweep = () => {
    const { cx, cy } = stencil;
    let most = 0;
    for (let i = 1; i < ny - 1; i++) {
      for (let k = i * nx + 1; k < (i + 1) * nx - 1; k++) {
        const ns = u[k - nx]! + u[k + nx]!;
        const we = u[k - 1]! + u[k + 1]!;
        const value = cx === 0.25 && cy === 0.25 ? 0.25 * (ns + we) : cx * we + cy * ns;
        v[k] = g ? value + g[k]! : value;
        const d = Math.abs(v[k]! - u[k]!);
        if (d > most || d !== d) most = d;
      }
    }
    return most;
  };

  return {
    rank: 0,
    ranks: 1,
    threads: 1,
    owned,
    advance(count) {
      requireOpen();
      if (!(Number.isSafeInteger(count) && count >= 1)) throw new RangeError(`Cannot advance by ${count} sweeps`);
      let change = 0;
      for (let n = 0; n < count; n++) {
        change = sweep();
        [u, v] = [v, u];
      }
      sweeps += count;
      // The next sweep tells how far every point would move; what it wrote to v is not used.
      return { sweeps, change, residual: sweep() };
    },
    read() {
      requireOpen();
      return u.slice();
    },
    write({ rows, cols }, data) {
      requireOpen();
      const width = cols[1] - cols[0];
      const inside = rows[0] >= 0 && rows[1] <= ny && cols[0] >= 0 && cols[1] <= nx;
      if (!inside || data.length !== width * (rows[1] - rows[0])) throw new RangeError("Cannot write: wrong block");
      for (let i = rows[0]; i < rows[1]; i++) {
        const row = data.subarray((i - rows[0]) * width, (i - rows[0] + 1) * width);
        u.set(row, i * nx + cols[0]);
        v.set(row, i * nx + cols[0]);
      }
    },
    [Symbol.asyncDispose]() {
      open = false;
      return Promise.resolve();
    },
  };
}
