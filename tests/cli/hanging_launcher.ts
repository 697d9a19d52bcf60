/**
 * Runs a launcher that heeds no signal, with a process of its group beside it, and interrupts itself as soon as both are there.
 * Not a test file: launched_test.ts starts it, with how often it is to be interrupted (`once`, or `again` and again), and
 * prints the exit code.
 */

import process from "node:process";
import { runLauncher } from "../../cli/launched.ts";

const [, , often, script, patience] = process.argv;
// It prints a line once it is ready, which is the first thing that is written here.
const write = process.stderr.write.bind(process.stderr);
process.stderr.write = (text: string | Uint8Array) => {
  const interrupt = () => process.kill(process.pid, "SIGTERM");
  interrupt();
  if (often === "again") setInterval(interrupt, 100);
  return write(text);
};
const code = await runLauncher(["sh", "-c", script!], 1, process.env, Number(patience));
console.log(code);
process.exit(0);
