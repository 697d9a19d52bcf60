/**
 * Completions for the shells: what commander knows, and what only this program does, plugins and problem files.
 *
 * @module
 */

import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { readdirSync } from "node:fs";
import { registry } from "../backends/registry.ts";
import { kernelNames } from "../backends/table.ts";

/** Adds the command `complete`. */
export function addCompletions(program: Command): void {
  const root = tab(program);
  program.commands.find((command) => command.name() === "complete")
    ?.description("print completions for a shell: bash, zsh, fish or powershell");
  for (const [name, command] of root.commands) {
    const plugin = command.options.get("plugin");
    const names = name === "model" ? kernelNames : ["auto", ...Object.keys(registry)];
    if (plugin) plugin.handler = (complete) => names.forEach((name) => complete(name, ""));
    const problem = command.arguments.get("problem");
    if (problem) problem.handler = (complete) => problemFiles().forEach((name) => complete(name, "problem file"));
  }
}

function problemFiles(): string[] {
  try {
    return readdirSync(".").filter((name) => /\.(toml|json)$/.test(name)).sort();
  } catch {
    return [];
  }
}
