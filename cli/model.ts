/**
 * `laplace model`: how ranks would scale, predicted from a measured rate, latency and bandwidth.
 *
 * @module
 */

import type { Command } from "commander";
import { grown, predict, type Prediction, type Run } from "../backends/engine-ranks/scaling_model.ts";
import type { Dtype } from "../core/contract.ts";
import { bytesPerValue } from "../core/dtype.ts";
import { ConfigError, counted } from "../core/errors.ts";
import { choice, collectPairs, count, number, readList, readSize } from "./options.ts";
import { measureNetwork, ratesHere } from "./model_rates.ts";
import { mute, print } from "./print.ts";
import { follows, mayHaveRanks } from "./ranks.ts";

interface Flags {
  readonly size?: readonly [number, number];
  readonly ranks?: number[];
  readonly grid: "slabs" | "blocks";
  readonly weak?: boolean;
  readonly halo?: number;
  readonly dtype: Dtype;
  readonly rate?: number;
  readonly latency?: number;
  readonly bandwidth?: number;
  readonly ranksPerNode: number;
  readonly checkEvery?: number;
  readonly plugin?: string;
  readonly set?: Record<string, string>;
  readonly json?: boolean;
}

/** A network such as clusters have, in µs and GB/s: HDR InfiniBand, 25 GB/s and 0.6 µs of its adapter, less what MPI takes. */
const NETWORK = { latency: 1, bandwidth: 20 } as const;

const RANKS: readonly number[] = [1, 4, 16, 64, 256, 1024];

/** More ranks than any machine has cores would take minutes, and gigabytes, to deal. */
const MOST_RANKS = 1 << 20;

/** Adds the command. */
export function addModel(program: Command, finish: (code: number) => void): void {
  program.command("model")
    .description("predict how ranks of MPI scale, from the rate measured here, or given, and those of a network")
    .option("--size <N|NYxNX>", "points, edges included; with --weak those of each rank (default: 8192)", readSize)
    .option("--ranks <a,b>", `numbers of ranks, separated by commas (default: ${RANKS.join()})`, readRanks)
    .addOption(choice("--grid <how>", "how the grid is dealt to ranks", ["blocks", "slabs"]).default("blocks"))
    .option("--weak", "weak scaling: the grid grows with the ranks")
    .option("--halo <t>", "layers of halo, and sweeps between two exchanges (default: as mpi takes)", count("--halo"))
    .addOption(choice("--dtype <type>", "precision", ["f64", "f32"]).default("f64"))
    .option("--rate <mlups>", "million updates a second of one rank (default: measured here)", positive("--rate"))
    .option(
      "--latency <us>",
      `of a message, in microseconds (default: measured between two launched ranks, else ${NETWORK.latency})`,
      positive("--latency", true),
    )
    .option(
      "--bandwidth <gbs>",
      `of a node, in 1e9 bytes a second (default: measured likewise, else ${NETWORK.bandwidth})`,
      positive("--bandwidth"),
    )
    .option("--ranks-per-node <n>", "ranks that share a node's bandwidth", count("--ranks-per-node"), 1)
    .option("--check-every <n>", "sweeps between norms (default: those of 0.2 s)", count("--check-every"))
    .option("--plugin <name>", "the plugin whose rate is measured: the kernel of mpi (default: the fastest)")
    .option("--set <key=value>", "a setting of that plugin; may repeat", collectPairs("--set"))
    .option("--json", "print one JSON object")
    .action(async (flags: Flags) => {
      await run(flags);
      finish(0);
    });
}

async function run(flags: Flags): Promise<void> {
  const { size = [8192, 8192], ranks = RANKS, grid, weak = false, halo, dtype, ranksPerNode, checkEvery: batch } =
    flags;
  const word = bytesPerValue(dtype);
  const runs = ranks.map((n): Run => ({
    ...(weak ? grown(size, n, grid) : { shape: size, grid }),
    ranks: n,
    halo,
    word,
    batch,
  }));
  if (flags.plugin !== undefined && mayHaveRanks(flags.plugin)) {
    throw new ConfigError(`--plugin cannot be "${flags.plugin}": name what a rank computes with, such as ffi-omp`);
  }
  // What does not fit is found before the first second of measuring.
  const parts = runs.map((run) => predict(run, { rate: 1, latency: 0, bandwidth: 1 }));

  if (follows("auto")) mute();
  const network = flags.latency === undefined || flags.bandwidth === undefined ? await measureNetwork() : undefined;
  const rateOf = flags.rate === undefined ? await ratesHere(flags) : () => flags.rate!;
  const alone = await rateOf({ block: size, grid: [1, 1], halo: 0 });
  const latency = flags.latency ?? network?.latency ?? NETWORK.latency;
  const bandwidth = flags.bandwidth ?? network?.bandwidth ?? NETWORK.bandwidth;
  const from = (given: number | undefined, measured: boolean) =>
    given !== undefined ? "given" : measured ? "measured" : "assumed";
  const sources = {
    rate: from(flags.rate, true),
    latency: from(flags.latency, network !== undefined),
    bandwidth: from(flags.bandwidth, network !== undefined),
  };
  const predicted: Prediction[] = [];
  for (const [k, run] of runs.entries()) {
    const given = { latency: latency / 1e6, bandwidth: bandwidth * 1e9, ranksPerNode };
    predicted.push(predict(run, { rate: await rateOf(parts[k]!) * 1e6, alone: alone * 1e6, ...given }));
  }
  if (flags.json) {
    const given = { size, weak, dtype, rate: alone, latency, bandwidth, sources, ranksPerNode };
    print(JSON.stringify({ ...given, rows: predicted }));
  } else {
    const each = weak ? " a rank" : "";
    print(`${size.join(" x ")} points${each}, jacobi, ${dtype}; a prediction, from`);
    print(`  rate       ${alone.toPrecision(4)} MLUP/s, one rank alone, ${sources.rate}`);
    print(`  latency    ${latency.toPrecision(3)} µs, ${sources.latency}`);
    const node = `a node of ${counted(ranksPerNode, "rank")}`;
    print(`  bandwidth  ${bandwidth.toPrecision(3)} GB/s ${node}, ${sources.bandwidth}`);
    print(table(predicted));
  }
}

function readRanks(text: string): number[] {
  const read = count("--ranks");
  const ranks = readList(text).map(read);
  const most = Math.max(...ranks);
  if (ranks.length === 0) throw new ConfigError("--ranks names no number of ranks");
  if (most > MOST_RANKS) throw new ConfigError(`--ranks must be at most ${MOST_RANKS}: it is ${most}`);
  return ranks;
}

/** Makes a reader of numbers above zero. @param zero whether zero is one of them */
function positive(flag: string, zero = false): (text: string) => number {
  const read = number(flag);
  return (text) => {
    const value = read(text);
    if (Number.isFinite(value) && (value > 0 || (zero && value === 0))) return value;
    throw new ConfigError(`${flag} must be ${zero ? "at least" : "above"} 0 and finite: it is ${text}`);
  };
}

/** Four digits, and no power of ten. */
function four(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value.toPrecision(4);
}

function table(rows: readonly Prediction[]): string {
  const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
  const cells = [
    ["ranks", "as", "part", "halo", "MLUP/s", "sweeps/s", "GLUP/s", "speed-up", "efficiency", "messages", "done twice"],
    ...rows.map((row) => [
      String(row.ranks),
      row.grid.join("x"),
      row.block.join("x"),
      String(row.halo),
      row.rate.toFixed(0),
      four(row.sweepsPerSecond),
      four(row.mlups / 1000),
      four(row.speedup),
      percent(row.efficiency),
      percent(row.communication),
      percent(row.redundant),
    ]),
  ];
  const widths = cells[0]!.map((_, k) => Math.max(...cells.map((row) => row[k]!.length)));
  return cells.map((row) => row.map((cell, k) => cell.padStart(widths[k]!)).join("  ")).join("\n");
}
