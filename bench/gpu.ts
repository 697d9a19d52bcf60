/**
 * Measures the GPU backends side by side: Jacobi with one sweep a launch and several, against what the device itself copies,
 * and multigrid to the solution.
 *
 *     deno task bench:gpu [--plugins cuda,opencl,webgpu] [--sizes 8192,16384] [--multigrid 8193] [--set device=…] [--json]
 *
 * What a device is asked for is checked first: a small plate must come out as with the reference. Then it warms up, and is
 * timed seven times, half a second each: the median counts, the least and the most are given. One sweep moves two numbers a
 * point; its share is of what a kernel that copies moves in the same time. Several sweeps a launch move less, so that their
 * ratio to the roof of one may exceed 1. Where there is software alone, grids are small, and figures say nothing of a GPU.
 *
 * @module
 */

import os from "node:os";
import { parseArgs } from "node:util";
import { bytesPerValue } from "../core/dtype.ts";
import type { Device, OpenDevice, Window } from "../backends/engine-gpu/device.ts";
import { openOn, SOFTWARE_SCORE } from "../backends/engine-gpu/backend.ts";
import type { Backend, Dtype, Plan } from "../core/contract.ts";
import { lower } from "../core/discretize/lower.ts";
import { commit, runtimeName, version } from "../host/version.ts";
import { solve } from "../solve/solve.ts";
import { printHead, printRow, small, spread } from "./tables.ts";

/** The backends: each a plugin, and what opens its device. */
const plugins: Readonly<Record<string, () => Promise<{ default: Backend; openDevice: OpenDevice }>>> = {
  "opencl": () => import("../backends/opencl/mod.ts"),
  "webgpu": () => import("../backends/webgpu/mod.ts"),
  "cuda": () => import("../backends/cuda/mod.ts"),
};

const { values: given } = parseArgs({
  options: {
    plugins: { type: "string", default: Object.keys(plugins).join(",") },
    sizes: { type: "string" },
    multigrid: { type: "string" },
    set: { type: "string", multiple: true, default: [] },
    json: { type: "boolean", default: false },
    small: { type: "boolean" },
  },
});
const settings = Object.fromEntries(given.set.map((text) => text.split("=", 2) as [string, string]));

/** Rounds of a timing, and how long one takes, in seconds. */
const ROUNDS = small ? 1 : 7, ROUND = small ? 1e-3 : 0.5;

/** Sweeps of one launch that are tried. */
const BLOCKS = small ? [1, 4] : [1, 2, 4, 6, 8];

/** Bytes that are copied to find out how fast that is. */
const COPIED = { gpu: small ? 1 << 20 : 1 << 30, software: small ? 1 << 20 : 1 << 26 };

/** One line of the table. */
interface Row {
  readonly plugin: string;
  readonly device: string;
  readonly software: boolean;
  readonly dtype: Dtype;
  readonly what: string;
  readonly size: number;
  readonly glups?: readonly [least: number, median: number, most: number];
  /** Where the device reports how long launches take: what is left when the time between them is left out. */
  readonly onDevice?: number | undefined;
  readonly roof?: number;
  readonly copyGbs?: number;
  readonly seconds?: { readonly open: number; readonly solve: number };
  readonly sweeps?: number;
}

const rows: Row[] = [];
const said: string[] = [];
for (const name of given.plugins.split(",")) {
  const load = plugins[name];
  if (!load) throw new Error(`Cannot measure "${name}": it is none of ${Object.keys(plugins).join(", ")}`);
  const { default: backend, openDevice } = await load();
  const probe = await backend.probe();
  if (!probe.available) {
    said.push(`${name} was not measured: ${probe.reason}; ${probe.fix ?? ""}`);
    continue;
  }
  const software = probe.score === SOFTWARE_SCORE;
  for (const dtype of backend.dtypes) {
    const common = { plugin: name, device: probe.device, software, dtype };
    const device = await openDevice(dtype, { settings });
    const copyGbs = await copyRate(device, software ? COPIED.software : COPIED.gpu);
    await device.close();
    for (const size of sizes(given.sizes, small ? [64] : software ? [1024, 2048] : [8192, 16384])) {
      for (const block of BLOCKS) {
        const found = await jacobiRate(backend, openDevice, dtype, size, block);
        if (typeof found === "string") {
          said.push(`${name} ${dtype} ${size}²: ${found}`);
          break;
        }
        const roof = found.glups[1] * 2 * bytesPerValue(dtype) / copyGbs;
        const what = block === 1 ? "one sweep a launch" : `${block} sweeps a launch`;
        add({ ...common, what, size, ...found, roof, copyGbs });
      }
    }
    for (const size of sizes(given.multigrid, small ? [65] : software ? [513] : [8193])) {
      const { status, seconds, sweeps } = await solve(
        { shape: [size, size], dtype, edges: { north: 100, west: 75, east: 50 } },
        { plugin: name, method: "multigrid", settings },
      );
      if (status !== "converged") said.push(`${name} ${dtype} ${size}²: multigrid ended as ${status}`);
      add({ ...common, what: "multigrid to the default bound", size, seconds, sweeps });
    }
  }
}
const machine = {
  cpu: os.cpus()[0]?.model,
  os: `${os.type()} ${os.release()}`,
  runtime: runtimeName(),
  laplace: `${version()} ${await commit() ?? ""}`.trim(),
};
if (given.json) console.log(JSON.stringify({ machine, rows, notes: said }, null, 2));
else {
  console.log(`\n${Object.values(machine).join(", ")}`);
  for (const line of said) console.log(line);
  const software = rows.filter((row) => row.software);
  if (rows.length === 0) console.log("Nothing was measured: no plugin here has a device");
  else if (software.length === rows.length) {
    console.log("Only software on the CPU was there: these figures say nothing of a GPU");
  }
}

/** Keeps a row, and prints it. */
function add(row: Row): void {
  rows.push(row);
  if (given.json) return;
  if (rows.length === 1) {
    const head = ["plugin", "type", "points", "what", "GLUP/s (least to most)", "by the device's clock"];
    printHead(9, ...head, "of the roof of one sweep", "copies GB/s", "device");
  }
  const { plugin, dtype, size, what, glups, onDevice, roof, copyGbs, seconds, sweeps, device } = row;
  const figures = glups
    ? [spread(glups), onDevice?.toPrecision(3) ?? "–", roof!.toFixed(2), copyGbs!.toFixed(0)]
    : [`${sweeps} cycles: open ${seconds!.open.toFixed(3)} s, solve ${seconds!.solve.toFixed(3)} s`, "–", "–", "–"];
  printRow(plugin, dtype, `${size}²`, what, ...figures, device);
}

function sizes(text: string | undefined, otherwise: readonly number[]): readonly number[] {
  return text === undefined ? otherwise : text.split(",").map(Number);
}

/** GB/s that a kernel which copies moves, reads and writes counted: the best of the rounds. */
async function copyRate<B>(device: Device<B>, most: number): Promise<number> {
  const size = bytesPerValue(device.dtype);
  const width = 1 << 14;
  const rows = Math.floor(Math.min(most, device.largest, device.largestBuffer) / (width * size));
  const bytes = rows * width * size;
  const buffers = [device.allocate(bytes), device.allocate(bytes)];
  const [origin, copied] = buffers.map((buffer) => ({ buffer, first: 0, offset: 0, bytes })) as [Window<B>, Window<B>];
  const run = async (launches: number) => {
    const start = performance.now();
    for (let n = 0; n < launches; n++) {
      device.launch({ kernel: "copy", buffers: { origin, copied }, scalars: { rows, width }, threads: [width, rows] });
    }
    await device.read(buffers[1]!, { offset: 0, width: 1, rows: 1, pitch: 1 });
    return (performance.now() - start) / 1000;
  };
  const launches = await enough(run);
  const seconds = [];
  for (let n = 0; n < ROUNDS; n++) seconds.push(await run(launches));
  for (const buffer of buffers) device.release(buffer);
  return 2 * bytes * launches / Math.min(...seconds) / 1e9;
}

/** Billions of updates a second: least, median and most, and by the device's own clock; or why it cannot be measured. */
async function jacobiRate(
  backend: Backend,
  openDevice: OpenDevice,
  dtype: Dtype,
  size: number,
  block: number,
): Promise<Pick<Row, "onDevice"> & { readonly glups: readonly [number, number, number] } | string> {
  const stencil = lower({ shape: [size, size], dtype, edges: { north: 100, west: 75, east: 50 } });
  const plan: Plan = { method: "jacobi", settings };
  const refused = backend.estimate?.(stencil, plan).rejects;
  if (refused !== undefined) return refused;
  const open = async (timing: boolean) => {
    const device = await openDevice(dtype, plan, { timing });
    return { device, session: await openOn(device, stencil, plan, undefined, block) };
  };
  const rates: number[] = [];
  let sweeps: number, updates: number;
  {
    const { session } = await open(false);
    await using _ = session;
    const run = async (sweeps: number) => {
      const start = performance.now();
      await session.advance(sweeps);
      return (performance.now() - start) / 1000;
    };
    sweeps = await enough(run);
    updates = (size - 2) ** 2 * sweeps / 1e9;
    for (let n = 0; n < ROUNDS; n++) rates.push(updates / await run(sweeps));
  }
  rates.sort((a, b) => a - b);
  const { device, session } = await open(true);
  await using _ = session;
  await session.advance(sweeps);
  const seconds = ["sweep", "blocked"].reduce((sum, kernel) => sum + (device.timings?.get(kernel)?.seconds ?? 0), 0);
  return {
    glups: [rates[0]!, rates[rates.length >> 1]!, rates.at(-1)!],
    onDevice: seconds > 0 ? updates / seconds : undefined,
  };
}

/** How many of something take about a round: it warms up on the way. */
async function enough(run: (count: number) => Promise<number>): Promise<number> {
  for (let count = 8;; count *= 2) {
    const seconds = await run(count);
    if (seconds > ROUND / 2 || count >= 1 << 24) return Math.max(1, Math.round(count * ROUND / seconds));
  }
}
