/**
 * Runs all tests: on Deno, and at the same time on Bun, where those from end to end go through the compiled binary.
 * `deno task test`.
 *
 * The last line counts them: "N passed, N failed".
 *
 * @module
 */

import { spawn } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bun } from "../tools/bun.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const units = globSync("tests/**/*_test.ts", { cwd: root }).filter((file) => !file.startsWith("tests/e2e/")).sort();
const endToEnd = globSync("tests/e2e/*_test.ts", { cwd: root }).sort();
// They run compilers or read files: the runtime makes no difference.
const once = /^tests\/(house\/|native\/(sanitizers|targets)_|gpu\/ptx_)/;
const onBun = units.filter((file) => !once.test(file));

/** Runs a command in the project's root. Shows what it prints, as it comes or, if `later`, at its end. */
function run(
  command: readonly string[],
  { env = {}, later = false }: { env?: Record<string, string>; later?: boolean } = {},
): Promise<{ ok: boolean; text: string }> {
  const title = `\n$ ${command.join(" ")}\n`;
  if (!later) process.stdout.write(title);
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
      if (!later) process.stdout.write(String(chunk));
    };
    child.stdout.on("data", show);
    child.stderr.on("data", show);
    child.on("error", reject);
    child.on("close", (code) => {
      if (later) process.stdout.write(title + text);
      resolve({ ok: code === 0, text });
    });
  });
}

let [passed, failed] = [0, 0];

/** Runs tests and adds up what their runner counted; a runner that fails without a count is one failure. */
async function tests(command: readonly string[], options?: Parameters<typeof run>[1]): Promise<void> {
  const { ok, text } = await run(command, options);
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
const bunTests = [...bun, "test", "--timeout", "240000", ...onBun.map((file) => `./${file}`)];
// The binary is Bun with the program in it.
const throughBinary = async () => {
  const env = { LAPLACE_BIN: "dist/laplace" };
  if (compiled) await tests([process.execPath, "test", "-A", "--no-check", ...endToEnd], { env, later: true });
  else failed++;
};
// One after the other they leave half of the cores idle half of the time.
await Promise.all([
  tests([process.execPath, "test", "-A", "--no-check", ...units, ...endToEnd]),
  tests(bunTests, { later: true }).then(throughBinary),
]);

console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
