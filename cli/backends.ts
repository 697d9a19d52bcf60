/**
 * `laplace backends`: every plugin, whether it can run here, and if not, why and the fix.
 *
 * @module
 */

import type { Command } from "commander";
import { probeAll, type Probed } from "../backends/registry.ts";
import type { Backend } from "../core/contract.ts";
import { mute, print } from "./print.ts";
import { follows } from "./ranks.ts";

/** Adds the command. */
export function addBackends(program: Command, finish: (code: number) => void): void {
  program.command("backends")
    .description("list the plugins: available with device and score, or why not and the fix")
    .option("--json", "print a JSON array")
    .action(async ({ json = false }: { json?: boolean }) => {
      if (follows("auto")) mute();
      const all = await probeAll();
      print(json ? JSON.stringify(all.map(row), null, 2) : table(all));
      finish(0);
    });
}

function row({ backend, probe }: Probed) {
  const { name, summary, methods, dtypes, stencils, bitwise, settings = {} } = backend;
  const about = Object.fromEntries(Object.entries(settings).map(([key, { about }]) => [key, about]));
  return { name, summary, ...probe, methods, dtypes, stencils, bitwise, settings: about };
}

function table(all: readonly Probed[]): string {
  const usable = all.flatMap(({ backend, probe }) => probe.available ? [{ backend, score: probe.score }] : []);
  const best = (some: typeof usable) =>
    some.reduce<typeof usable[0] | undefined>((a, b) => a && a.score >= b.score ? a : b, undefined)?.backend;
  const [first, otherwise] = [best(usable), best(usable.filter(({ backend }) => !backend.auto?.fromPoints))];
  const ofAuto = (backend: Backend) => {
    const from = first?.auto?.fromPoints;
    if (backend === first) return from ? `; auto takes it from ${from} points on` : "; auto takes it";
    return backend === otherwise ? "; auto takes it for fewer points" : "";
  };
  const width = Math.max(...all.map(({ backend }) => backend.name.length));
  return all.flatMap(({ backend, probe }) => {
    const indent = " ".repeat(width + 2);
    const lines = [`${backend.name.padEnd(width)}  ${backend.summary}`];
    if (probe.available) {
      lines.push(`${indent}available: ${probe.device} (score ${probe.score}${ofAuto(backend)})`);
    } else {
      lines.push(`${indent}not available: ${probe.reason}`);
      if (probe.fix !== undefined) lines.push(`${indent}fix: ${probe.fix}`);
    }
    lines.push(`${indent}${backend.methods.join(", ")}; ${backend.dtypes.join(", ")}; ${backend.stencils.join(", ")}`);
    const settings = Object.entries(backend.settings ?? {});
    for (const [key, { about }] of settings) lines.push(`${indent}--set ${key}=…  ${about}`);
    return lines;
  }).join("\n");
}
