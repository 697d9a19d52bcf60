/** A plugin in a file of its own that takes its time: what it does meanwhile, a test says. */

/**
 * The source of a plugin. A sweep of it takes 0.15 s, which is a batch.
 *
 * @param where the member that runs `body`; `again` is the second call of advance, and later ones
 * @param body statements, for which `signal(name)` sends the process a signal, `compute(seconds)` keeps the thread busy,
 *   `pause()` lets it hear of events, and `note(line)` writes to stderr
 */
export function slowPlugin(where = "", body = ""): string {
  return `
    import { writeSync } from "node:fs";
    import process from "node:process";
    const note = (line) => writeSync(2, line + "\\n");
    const signal = (name) => process.kill(process.pid, name);
    const pause = () => new Promise((resolve) => setTimeout(resolve, 150));
    const compute = (seconds) => {
      for (const end = performance.now() + 1000 * seconds; performance.now() < end;);
    };
    const pass = async (member) => {
      if (member === "${where}") { ${body} }
    };
    const open = async ({ shape: [ny, nx] }) => {
      await pass("open");
      let sweeps = 0;
      return {
        rank: 0,
        ranks: 1,
        threads: 1,
        owned: { rows: [1, ny - 1], cols: [1, nx - 1] },
        async advance(count) {
          await pass(sweeps === 0 ? "advance" : "again");
          await pause();
          sweeps += count;
          return { sweeps, change: 1, residual: 1 };
        },
        async read() {
          await pass("read");
          return new Float64Array(ny * nx);
        },
        async [Symbol.asyncDispose]() {},
      };
    };
    export default {
      apiVersion: 2,
      name: "slow",
      summary: "takes its time",
      methods: ["jacobi"],
      dtypes: ["f64"],
      stencils: ["plain"],
      bitwise: false,
      open,
      async probe() {
        await pass("probe");
        return { available: true, device: "none", score: 1 };
      },
    };
  `;
}
