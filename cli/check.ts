/**
 * `laplace check`: runs the conformance suite on one plugin.
 *
 * @module
 */

import type { Command } from "commander";
import { loadPlugin, requireAvailable } from "../backends/registry.ts";
import { print } from "./print.ts";

/** Adds the command. */
export function addCheck(program: Command, finish: (code: number) => void): void {
  program.command("check")
    .description("run the conformance suite on one plugin")
    .requiredOption("--plugin <name|path>", "a plugin's name, or a path to a .ts or shared library")
    .option("--json", "print a JSON array")
    .action(async ({ plugin, json = false }: { plugin: string; json?: boolean }) => {
      const backend = await loadPlugin(plugin);
      await requireAvailable(backend);
      const { conformance } = await import("../conformance/mod.ts");
      const rows: { name: string; passed: boolean; error?: string }[] = [];
      for (const { name, skip, run } of conformance(backend)) {
        if (skip !== undefined) {
          if (!json) print(`-     ${name}: ${skip}`);
          continue;
        }
        let row: typeof rows[number] = { name, passed: true };
        try {
          await run();
        } catch (error) {
          row = { name, passed: false, error: error instanceof Error ? error.message : String(error) };
        }
        rows.push(row);
        if (!json) print(`${row.passed ? "ok  " : "FAIL"}  ${name}${row.error ? `\n      ${row.error}` : ""}`);
      }
      const failed = rows.filter(({ passed }) => !passed).length;
      print(json ? JSON.stringify(rows, null, 2) : `${rows.length - failed} passed, ${failed} failed`);
      finish(failed === 0 ? 0 : 1);
    });
}
