/**
 * How a kernel in WGSL is written down: what it takes, and its body. What is the same for all is put around it here.
 *
 * @module
 */

import { GROUP } from "../engine-gpu/device.ts";

/** A buffer of a kernel: `r` it reads, `w` it writes and may read; norms are kept as the bits of numbers. */
export type Buffer = readonly [name: string, access: "r" | "w", type?: "f32" | "u32"];

/** One kernel: its name, buffers, scalars and threads are those of native/gpu/, in the same order. */
export interface Source {
  readonly buffers: readonly Buffer[];
  /** Its whole numbers, each an `i32` of `p`. */
  readonly ints: readonly string[];
  /** Its other numbers, each an `f32` of `p`. */
  readonly reals: readonly string[];
  /** WGSL outside of functions that the body needs. */
  readonly before?: string;
  /**
   * WGSL inside of the function: what the thread of column `x` and row `y` does, which may be more than there is to do. `id`
   * has column and row in the group, `group` those of the group, `groups` how many there are.
   */
  readonly body: string;
}

/** What kernels are told after their own numbers: what no compiler may know, see kernels/common.ts. */
export const UNKNOWN = [-0, -1] as const;

/** Local. The module of a kernel, whose function is `main`: some names of kernels are words of WGSL. */
export function wgsl({ buffers, ints, reals, before = "", body }: Source): string {
  const parameters = [
    ...ints.map((name) => `${name}: i32`),
    ...reals.map((name) => `${name}: f32`),
    "minus_zero: f32",
    "minus_one: f32",
  ];
  return `struct Parameters { ${parameters.join(", ")} }
${
    buffers.map(([name, access, type = "f32"], at) =>
      `@group(0) @binding(${at}) var<storage, ${access === "r" ? "read" : "read_write"}> ${name}: array<${type}>;`
    ).join("\n")
  }
@group(0) @binding(${buffers.length}) var<uniform> p: Parameters;
${before}
@compute @workgroup_size(${GROUP[0]}, ${GROUP[1]})
fn main(
  @builtin(global_invocation_id) thread: vec3u, @builtin(local_invocation_id) local: vec3u,
  @builtin(workgroup_id) number: vec3u, @builtin(num_workgroups) count: vec3u,
) {
  let x = i32(thread.x);
  let y = i32(thread.y);
  let id = vec2i(local.xy);
  let group = vec2i(number.xy);
  let groups = vec2i(count.xy);
${body}
}
`;
}
