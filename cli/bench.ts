/**
 * `laplace bench`: sweeps a second of plugins on a plate: checked first, then warmed up, then timed.
 *
 * @module
 */

import type { Command } from "commander";
import os from "node:os";
import { loadPlugin, probeAll } from "../backends/registry.ts";
import js from "../backends/js/mod.ts";
import type { Backend, Dtype, Method, StencilKind } from "../core/contract.ts";
import { roundoff } from "../core/dtype.ts";
import { ConfigError, UnavailableError } from "../core/errors.ts";
import { passOf, wholePasses } from "../core/iterate.ts";
import { type SolvePlan, sweepOptions } from "../core/methods/plan.ts";
import { lower, type Lowered } from "../core/discretize/lower.ts";
import { bytesPerUpdate } from "../core/kernels/traffic.ts";
import { availableMemory } from "../host/memory.ts";
import { env } from "../host/runtime.ts";
import { select } from "../solve/select.ts";
import { commit, runtimeName, version } from "../host/version.ts";
import { choice, collectPairs, number, readList, readSize } from "./options.ts";
import { mute, note, print } from "./print.ts";
import { follows } from "./ranks.ts";
import { blockText } from "./report.ts";

/** One measurement. */
export interface BenchRow {
  readonly plugin: string;
  readonly device: string;
  readonly method: Method;
  readonly stencil: StencilKind;
  readonly dtype: Dtype;
  readonly shape: readonly [number, number];
  readonly threads: number;
  /** How it swept, such as `16x544`, where it has a choice. */
  readonly block?: string;
  readonly ranks: number;
  readonly secondsPerSweep: { readonly min: number; readonly median: number; readonly max: number };
  /** Million point updates a second, at the median. */
  readonly mlups: number;
  /** 1e9 bytes a second, at the median, from the declared traffic. */
  readonly gbs: number;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGiB: number; readonly os: string };
  readonly versions: { readonly laplace: string; readonly runtime: string };
  readonly commit: string | null;
}

interface Flags {
  readonly plugin?: string[];
  readonly size?: readonly [number, number];
  readonly dtype: Dtype;
  readonly method: Method;
  readonly stencil: StencilKind;
  readonly samples: number;
  readonly set?: Record<string, string>;
  readonly json?: boolean;
}

/** How long one timed sample is, at least: a few passes of several sweeps each over the largest grids. */
const SAMPLE_SECONDS = Number(env("LAPLACE_BENCH_SECONDS") ?? 0.8);

const STENCIL_HELP = "plain: the textbook plate; weighted: insulated in the south, of a conductivity that varies";

/** Adds the command. */
export function addBench(program: Command, finish: (code: number) => void): void {
  program.command("bench")
    .description("measure sweeps a second on the textbook plate")
    .option("--plugin <a,b>", "plugins, separated by commas (default: all that can run here)", readList)
    .option("--size <N|NYxNX>", "points, edges included (default: 1025)", readSize)
    .addOption(choice("--dtype <type>", "precision", ["f64", "f32"]).default("f64"))
    .addOption(choice("--method <name>", "the method", ["jacobi", "sor"]).default("jacobi"))
    .addOption(choice("--stencil <kind>", STENCIL_HELP, ["plain", "weighted"]).default("plain"))
    .option("--set <key=value>", "a setting of the plugin; may repeat", collectPairs("--set"))
    .option("--samples <n>", "timed samples, about a second each", number("--samples"), 7)
    .option("--json", "print a JSON array of rows")
    .action(async (flags: Flags) => {
      if (!(Number.isSafeInteger(flags.samples) && flags.samples >= 1)) {
        throw new ConfigError(`--samples must be a whole number of at least 1: it is ${flags.samples}`);
      }
      if (flags.plugin?.length && flags.plugin.every((name) => follows(name))) mute();
      const rows: BenchRow[] = [];
      const plugins = flags.plugin ?? await available(flags);
      // A misspelt name is found before the first minute of measuring.
      for (const name of plugins) await loadPlugin(name);
      if (plugins.length === 0) {
        throw new ConfigError("--plugin names no plugin, or none can run this here: laplace backends tells why");
      }
      for (const name of plugins) {
        const row = await measure(name, flags).catch((cause) => {
          if (flags.plugin || !(cause instanceof UnavailableError)) throw cause;
          // Such as two that need different libraries of MPI, of which a process has one.
          note(`laplace: ${name} is left out: ${cause.message}\n`);
        });
        if (!row) continue;
        rows.push(row);
        if (!flags.json) print(line(row, rows.length === 1));
      }
      if (flags.json) print(JSON.stringify(rows, null, 2));
      finish(0);
    });
}

/** The plugins that can run what is asked for, settings included. */
async function available({ method, stencil, dtype, set = {} }: Flags): Promise<string[]> {
  const all = await probeAll();
  return all.filter(({ backend, probe }) =>
    probe.available && backend.methods.includes(method) && backend.dtypes.includes(dtype) &&
    backend.stencils.includes(stencil) &&
    Object.keys(set).every((key) => key === "omega" || Object.hasOwn(backend.settings ?? {}, key))
  ).map(({ backend }) => backend.name);
}

/** Collective. Measures a plugin, after a check that it computes what the reference does. @param name as after `--plugin` */
export async function measure(
  name: string,
  { size = [1025, 1025], dtype, method, stencil: kind, set = {}, samples }: Omit<Flags, "plugin" | "json">,
): Promise<BenchRow> {
  const stencil = plate(size, dtype, kind);
  const asked = { plugin: name, method, settings: set };
  const { backend, device, plan } = await select(stencil, asked, await availableMemory());
  await requireRightAnswer(backend, plan, dtype, kind);

  await using session = await backend.open(stencil, plan);
  const sweeping = sweepOptions(plan);
  const sweepFor = async (count: number) => {
    const start = performance.now();
    await session.advance(count, sweeping);
    const seen = [(performance.now() - start) / 1000];
    return (await session.collective?.agree(seen) ?? seen)[0]!;
  };
  // The first sweeps touch memory for the first time and start threads: they are not like the others.
  await sweepFor(2);
  let count = wholePasses(1, session.pass?.());
  let seconds = await sweepFor(count);
  while (seconds < SAMPLE_SECONDS) {
    const wanted = Math.min(10 * count, Math.ceil(1.1 * count * SAMPLE_SECONDS / Math.max(seconds, 1e-6)));
    count = wholePasses(Math.max(wanted, count + (session.pass?.()?.sweeps ?? 1)), session.pass?.());
    seconds = await sweepFor(count);
  }
  const times: number[] = [];
  for (let n = 0; n < samples; n++) times.push(await sweepFor(count) / count);
  times.sort((a, b) => a - b);
  const median = times[times.length >> 1]!;
  const updates = (size[0] - 2) * (size[1] - 2);
  const block = passOf(backend, session);
  return {
    plugin: backend.name,
    device,
    method,
    stencil: kind,
    dtype,
    shape: size,
    threads: session.threads,
    ranks: session.ranks,
    ...(block && { block: blockText(block) }),
    secondsPerSweep: { min: times[0]!, median, max: times.at(-1)! },
    mlups: updates / median / 1e6,
    gbs: updates * bytesPerUpdate(stencil, method) / median / 1e9,
    machine: {
      cpu: os.cpus()[0]?.model ?? "unknown",
      cores: os.availableParallelism(),
      memoryGiB: Math.round(os.totalmem() / 2 ** 30),
      os: `${os.type()} ${os.release()}`,
    },
    versions: { laplace: version(), runtime: runtimeName() },
    commit: await commit() ?? null,
  };
}

/**
 * The plate, starting from 50: from zero, a front of subnormal numbers would walk in and slow some processors. Its weights,
 * if it is to have some, differ from row to row: those that are alike a backend may store once.
 */
function plate(shape: readonly [number, number], dtype: Dtype, kind: StencilKind): Lowered {
  const edges = { north: 100, west: 75, east: 50 };
  if (kind === "plain") return lower({ shape, dtype, edges, initial: 50 });
  const conductivity = (row: number, col: number) => 1 + (row * 37 + col * 11) % 101 / 100;
  return lower({ shape, dtype, edges: { ...edges, south: { flux: 0 } }, conductivity, initial: 50 });
}

/** A number counts only if the plugin computes what the reference does: nine sweeps of a small plate. */
async function requireRightAnswer(backend: Backend, plan: SolvePlan, dtype: Dtype, kind: StencilKind): Promise<void> {
  const stencil = plate([67, 131], dtype, kind);
  const field = async (backend: Backend, plan: SolvePlan) => {
    await using session = await backend.open(stencil, plan);
    await session.advance(9, sweepOptions(plan));
    return await session.read("global");
  };
  const [ours, theirs] = [await field(backend, plan), (await field(js, { ...plan, settings: {} }))!];
  if (!ours) return; // rank 0 looks
  // Nine sweeps can add up at most nine times the few roundings of one, on values up to 100.
  const slack = backend.bitwise ? 0 : 9 * 4 * 100 * roundoff(dtype);
  const wrong = ours.findIndex((value, k) => !(Math.abs(value - theirs[k]!) <= slack));
  if (wrong >= 0) {
    throw new Error(`"${backend.name}" computes ${ours[wrong]} where the reference has ${theirs[wrong]}: not timed`);
  }
}

function line(row: BenchRow, first: boolean): string {
  const { plugin, dtype, method, shape: [ny, nx], threads, secondsPerSweep: { min, median, max }, mlups, gbs } = row;
  const cells = (values: readonly string[]) =>
    values.map((value, k) => k < 1 ? value.padEnd(14) : value.padStart(k < 4 ? 12 : 9)).join("");
  const header = cells(["plugin", "case", "ms a sweep", "min", "max", "MLUP/s", "GB/s*", "threads"]);
  const ms = (seconds: number) => (seconds * 1000).toPrecision(4);
  const figures = [ms(median), ms(min), ms(max), mlups.toFixed(0), gbs.toFixed(1), `${threads}`];
  const text = cells([plugin, `${ny}x${nx}`, ...figures]);
  const about = `${method}, ${row.stencil}, ${dtype}; *: as if every sweep passed over memory`;
  return first ? `${about}\n${header}\n${text}` : text;
}
