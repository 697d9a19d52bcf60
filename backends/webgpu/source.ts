/**
 * How a kernel in WGSL is written: its body. Its declarations are those of engine-gpu/signatures.ts, and made here.
 *
 * @module
 */

import { GROUP } from "../engine-gpu/device.ts";
import { type KernelName, type Signature, signatures } from "../engine-gpu/signatures.ts";

/** One kernel: its name, parameters and threads are those of native/gpu/. Scalars are members of `p`. */
export interface Source {
  /** Whether its buffers may be parts of one, which is bound in one way: as one that is written to. */
  readonly aliased?: boolean;
  /** WGSL outside of functions that the body needs. */
  readonly before?: string;
  /**
   * WGSL inside the function, for the thread of column `x` and row `y`, which may be surplus. `id` has column and row in the
   * group, `group` those of the group, `groups` their numbers.
   */
  readonly body: string;
}

/** Some kernels by name. */
export type Sources = Readonly<Partial<Record<KernelName, Source>>>;

/** What follows the scalars of all kernels: numbers that no compiler may know, see kernels/common.ts. */
export const UNKNOWN = [-0, -1] as const;

/** A buffer of a kernel. */
export interface Binding {
  readonly name: string;
  readonly access: "read" | "read_write";
}

/** Local. The buffers of a kernel, in order. */
export function bindingsOf(kernel: KernelName, { aliased = false }: Source): readonly Binding[] {
  const { windows = [], buffers = [], writes }: Signature = signatures[kernel];
  return [...windows, ...buffers].map((name) => {
    return { name, access: aliased || writes.includes(name) ? "read_write" : "read" };
  });
}

/** Norms are stored as the bits of numbers: see kernels/common.ts. */
const NORMS: readonly string[] = ["partials", "norms"];

/** Local. The module of a kernel, whose function is `main`: some names of kernels are words of WGSL. */
export function wgsl(kernel: KernelName, source: Source): string {
  const { windows = [], ints, reals = [] }: Signature = signatures[kernel];
  const { before = "", body } = source;
  const bindings = bindingsOf(kernel, source);
  const parameters = [
    ...windows.map((name) => `${name}_first: i32`),
    ...ints.map((name) => `${name}: i32`),
    ...reals.map((name) => `${name}: f32`),
    "minus_zero: f32",
    "minus_one: f32",
  ];
  return `struct Parameters { ${parameters.join(", ")} }
${
    bindings.map(({ name, access }, at) =>
      `@group(0) @binding(${at}) var<storage, ${access}> ${name}: array<${NORMS.includes(name) ? "u32" : "f32"}>;`
    ).join("\n")
  }
@group(0) @binding(${bindings.length}) var<uniform> p: Parameters;
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
