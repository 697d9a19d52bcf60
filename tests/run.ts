/**
 * Runs all tests: on Deno, on Bun, and end to end through the compiled binary. `deno task test`.
 *
 * The last line counts them: "N passed, N failed".
 *
 * @module
 */

import { spawn } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };

const root = fileURLToPath(new URL("..", import.meta.url));
const bun = process.env.BUN ? [process.env.BUN] : config.tasks.bun.split(" ");
const units = globSync("tests/**/*_test.ts", { cwd: root }).filter((file) => !file.startsWith("tests/e2e/")).sort();
const endToEnd = globSync("tests/e2e/*_test.ts", { cwd: root }).sort();

/** Runs a command in the project's root, showing what it prints. */
function run(command: readonly string[], env: Record<string, string> = {}): Promise<{ ok: boolean; text: string }> {
  console.log(`\n$ ${command.join(" ")}`);
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, {
      cwd: root,
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    const show = (chunk: unknown) => {
      text += chunk;
      process.stdout.write(String(chunk));
    };
    child.stdout.on("data", show);
    child.stderr.on("data", show);
    child.on("error", reject);
    child.on("close", (code) => resolve({ ok: code === 0, text }));
  });
}

let [passed, failed] = [0, 0];

/** Runs tests and adds up what their runner counted; a runner that fails without a count is one failure. */
async function tests(command: readonly string[], env?: Record<string, string>): Promise<void> {
  const { ok, text } = await run(command, env);
  const count = (pattern: RegExp) => [...text.matchAll(pattern)].reduce((sum, found) => sum + Number(found[1]), 0);
  const good = count(/^ok \| (\d+) passed/gm) + count(/^FAILED \| (\d+) passed/gm) + count(/^ *(\d+) pass$/gm);
  const bad = count(/\| (?:\d+ passed .*?)?\| ?(\d+) failed/gm) + count(/^ *(\d+) fail$/gm);
  passed += good;
  failed += Math.max(bad, ok && good > 0 ? 0 : 1);
}

const compiled = (await run([process.execPath, "run", "-A", "tools/compile.ts"])).ok &&
  existsSync(`${root}dist/laplace`);
const documented = ["mod.ts", "solve", "io", "conformance", "core", "host"];
await tests([process.execPath, "test", "-A", "--no-check", "--doc", ...documented]);
await tests([process.execPath, "test", "-A", "--no-check", ...units, ...endToEnd]);
await tests([...bun, "test", "--timeout", "120000", ...[...units, ...endToEnd].map((file) => `./${file}`)]);
if (compiled) await tests([process.execPath, "test", "-A", "--no-check", ...endToEnd], { LAPLACE_BIN: "dist/laplace" });
else failed++;

console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
