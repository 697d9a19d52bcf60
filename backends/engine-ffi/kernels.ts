/**
 * The kernels of a shared library with the interface in native/include/laplace_plugin.h. Arithmetic and memory are
 * the library's; here are the calls, and the checks that keep them from crashing.
 *
 * @module
 */

import type { Block } from "../../core/contract.ts";
import { allocate, bytesPerValue } from "../../core/dtype.ts";
import { ConfigError, counted, UnavailableError } from "../../core/errors.ts";
import type { Kernels } from "../../core/kernels/kernels.ts";
import { decodeString, encodeString } from "../../host/ffi.ts";
import { nativeConjugate } from "./cg.ts";
import { fields, flags, type NativeGrid, type Plugin } from "./signatures.ts";
import { type NativeLevel, nativeMultigrid } from "./multigrid.ts";

const textSize = 256; // of every text that a library writes

/**
 * Local. The kernels of an open library.
 *
 * @param settings of every grid that these kernels create
 * @throws ConfigError if the library refuses a setting.
 */
export function nativeKernels(
  name: string,
  plugin: Plugin,
  settings: Readonly<Record<string, string>>,
): Kernels<NativeGrid, NativeLevel> {
  const norm = new Float64Array(2);
  const check = (status: number, action: string) => {
    if (status !== 0) throw new Error(`Cannot ${action} in "${name}": ${text(plugin.laplace_error)}`);
  };
  const { laplace_relax: relax, laplace_advance: advance, laplace_pass: pass } = plugin;
  const { laplace_compare: compare, laplace_shortfall: shortfall, laplace_conduct: conduct } = plugin;
  const found = new Float64Array(2);
  const failure = (action: string) =>
    new UnavailableError(`Cannot ${action} in "${name}": ${text(plugin.laplace_error)}`);
  const calls = { plugin, check, failure };
  const multigrid = nativeMultigrid(calls);
  const cg = nativeConjugate(calls);
  const threads = checkSettings(name, plugin, settings);
  const lines = encodeString(settingLines(settings));
  return {
    threads,

    create(layout) {
      const { kind, dtype, shape, periodic, inner: { rows, cols }, parity, cx, cy, source, diagonal, levels } = layout;
      const sum = (kind === "weighted" ? flags.weighted : 0) + (source ? flags.source : 0) +
        (periodic[0] ? flags.periodicRows : 0) + (periodic[1] ? flags.periodicCols : 0) + (parity ? flags.odd : 0) +
        (diagonal ? flags.diagonal : 0) + (levels ? flags.levels : 0);
      const pointer = plugin.laplace_create(bytesPerValue(dtype), sum, ...shape, ...rows, ...cols, cx, cy, lines);
      if (!pointer) throw new UnavailableError(`Cannot open "${name}": ${text(plugin.laplace_error)}`);
      return { pointer, layout };
    },

    write(grid, field, region, data) {
      // C sees an address only: a wrong type or length must not get there.
      if ((data instanceof Float32Array) !== (grid.layout.dtype === "f32")) {
        throw new TypeError(`Cannot write ${field}: the grid is ${grid.layout.dtype}`);
      }
      if (data.length !== points(region)) {
        throw new RangeError(
          `Cannot write ${field}: ${counted(points(region), "point")} from ${counted(data.length, "number")}`,
        );
      }
      if (data.length === 0) return;
      check(plugin.laplace_write(grid.pointer, fields[field], ...region.rows, ...region.cols, data), `write ${field}`);
    },

    ...(conduct && {
      conduct(grid: NativeGrid, region: Block, k: Float64Array, [dy, dx]: readonly [number, number]) {
        const wanted = (region.rows[1] - region.rows[0] + 2) * (region.cols[1] - region.cols[0] + 2);
        // C sees an address only.
        if (k.length !== wanted) {
          throw new RangeError(`Cannot conduct: ${counted(wanted, "point")} from ${counted(k.length, "number")}`);
        }
        return conduct(grid.pointer, ...region.rows, ...region.cols, dy, dx, k) === 0;
      },
    }),

    read(grid, region) {
      const data = allocate(grid.layout.dtype, points(region));
      if (data.length > 0) check(plugin.laplace_read(grid.pointer, ...region.rows, ...region.cols, data), "read u");
      return data;
    },

    sweep(grid, count) {
      check(plugin.laplace_sweep(grid.pointer, count, norm), "sweep");
      return norm[0]!;
    },

    ...(advance && {
      advance(grid: NativeGrid, count: number) {
        check(advance(grid.pointer, count, norm), "sweep");
        return { change: norm[0]!, residual: norm[1]! };
      },
    }),

    ...(pass && {
      pass({ pointer }: NativeGrid) {
        const width = new Int32Array(1);
        const sweeps = pass(pointer, width);
        return sweeps > 0 ? { sweeps, width: width[0]! } : undefined;
      },
    }),

    ...(relax && {
      relax(grid: NativeGrid, omega: number, colour: 0 | 1, count: number) {
        check(relax(grid.pointer, omega, colour, count, norm), "relax");
        return norm[0]!;
      },
    }),

    residual(grid) {
      check(plugin.laplace_residual(grid.pointer, norm), "take the residual");
      return norm[0]!;
    },

    ...(compare && shortfall && {
      comparison: {
        compare(grid: NativeGrid, share: number, rounding: number) {
          check(compare(grid.pointer, share, rounding, found), "compare");
          return found[0]!;
        },
        shortfall(grid: NativeGrid, rounding: number) {
          check(shortfall(grid.pointer, rounding, found), "compare");
          return { shortfall: found[0]!, most: found[1]! };
        },
      },
    }),

    ...(multigrid && { multigrid }),
    ...(cg && { cg }),

    free(grid) {
      plugin.laplace_free(grid.pointer);
    },
  };
}

/** Local. Reads what a library writes into a text buffer. */
export function text(call: (buffer: Uint8Array, size: number) => unknown): string {
  const buffer = new Uint8Array(textSize);
  call(buffer, textSize);
  return decodeString(buffer);
}

// ---- helpers ----

function points({ rows, cols }: Block): number {
  return Math.max(0, rows[1] - rows[0]) * Math.max(0, cols[1] - cols[0]);
}

/** Settings as a library reads them. */
function settingLines(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings).map(([key, value]) => `${key}=${value}`).join("\n");
}

/** Checks settings one by one, so that the error names the wrong one. @returns the threads of a grid that has them. */
function checkSettings(name: string, plugin: Plugin, settings: Readonly<Record<string, string>>): number {
  const { laplace_threads: threads } = plugin;
  for (const [key, value] of Object.entries(settings)) {
    if (!threads) throw new ConfigError(`"${name}" has no setting "${key}"; there are none`);
    const refused = `Cannot set "${key}" of "${name}" to "${value}"`;
    if (/[=\n]/.test(key) || value.includes("\n")) {
      throw new ConfigError(`${refused}: a setting is a line of name=value`);
    }
    if (threads(encodeString(settingLines({ [key]: value }))) < 1) {
      throw new ConfigError(`${refused}: ${text(plugin.laplace_error)}`);
    }
  }
  return threads?.(encodeString(settingLines(settings))) ?? 1;
}
