/**
 * Runs a launcher that heeds no signal, with a process of its group beside it, and prints the exit code. Not a test file:
 * launched_test.ts starts it, with the launcher as a script, which interrupts this process.
 */

import process from "node:process";
import { runLauncher } from "../../cli/launched.ts";
import { catchSignals } from "../../host/signals.ts";

await catchSignals();
const [, , script, patience] = process.argv;
const code = await runLauncher(["sh", "-c", script!], 1, process.env, Number(patience));
console.log(code);
process.exit(0);
