/**
 * The C functions of MPI that these bindings call, as the standard declares them, and the one library of this process
 * that has them. Nothing here knows what they mean.
 *
 * A process has one MPI or none, so this is module state: hot calls find the function without an object in between.
 *
 * @module
 */

import { type Handle, type Library, openLibrary, type Pointer } from "../host/ffi.ts";
import { addressOf, type Lookup, pointerAt } from "../host/symbols.ts";
import { type Abi, type ConstantName, constants, type HandleName, handles } from "./abi/table.ts";

const b = "buffer", i = "i32", h = "handle", p = "ptr", l = "i64";

type Arg = typeof b | typeof i | typeof h | typeof p | typeof l;

/** A function that returns an error code. `p` is a pointer that C gave, NULL, or the address that means "in place". */
const f = <const A extends readonly Arg[]>(...args: A) => ({ args, returns: i }) as const;

/** The same function with a pointer, not an array: where it works in place, or has no status. */
const alias = <const N extends string, const A extends readonly Arg[]>(symbol: N, ...args: A) => {
  return { ...f(...args), symbol } as const;
};

/** Every function that is called, by its name in the bindings. */
export const signatures = {
  // environment
  MPI_Init_thread: f(p, p, i, b),
  MPI_Initialized: f(b),
  MPI_Finalize: f(),
  MPI_Finalized: f(b),
  MPI_Query_thread: f(b),
  MPI_Abort: f(h, i),
  MPI_Wtime: { args: [], returns: "f64" },
  MPI_Get_version: f(b, b),
  MPI_Get_library_version: f(b, b),
  MPI_Get_processor_name: f(b, b),
  MPI_Error_string: f(i, b, b),
  MPI_Error_class: f(i, b),
  // point to point
  MPI_Send: f(b, i, h, i, i, h),
  MPI_Ssend: f(b, i, h, i, i, h),
  MPI_Recv: f(b, i, h, i, i, h, b),
  MPI_Sendrecv: f(b, i, h, i, i, b, i, h, i, i, h, b),
  MPI_Recv_untold: alias("MPI_Recv", b, i, h, i, i, h, p),
  MPI_Sendrecv_untold: alias("MPI_Sendrecv", b, i, h, i, i, b, i, h, i, i, h, p),
  MPI_Wait_untold: alias("MPI_Wait", b, p),
  MPI_Waitall_untold: alias("MPI_Waitall", i, b, p),
  MPI_Isend: f(b, i, h, i, i, h, b),
  MPI_Irecv: f(b, i, h, i, i, h, b),
  MPI_Send_init: f(b, i, h, i, i, h, b),
  MPI_Recv_init: f(b, i, h, i, i, h, b),
  MPI_Start: f(b),
  MPI_Startall: f(i, b),
  MPI_Wait: f(b, b),
  MPI_Waitall: f(i, b, b),
  MPI_Waitany: f(i, b, b, b),
  MPI_Test: f(b, b, b),
  MPI_Testall: f(i, b, b, b),
  MPI_Cancel: f(b),
  MPI_Request_free: f(b),
  MPI_Probe: f(i, i, h, b),
  MPI_Iprobe: f(i, i, h, b, b),
  MPI_Mprobe: f(i, i, h, b, b),
  MPI_Mrecv: f(b, i, h, b, b),
  MPI_Get_count: f(b, h, b),
  MPI_Test_cancelled: f(b, b),
  // collective
  MPI_Barrier: f(h),
  MPI_Bcast: f(b, i, h, i, h),
  MPI_Reduce: f(b, b, i, h, h, i, h),
  MPI_Reduce_in_place: alias("MPI_Reduce", p, b, i, h, h, i, h),
  MPI_Allreduce: f(b, b, i, h, h, h),
  MPI_Allreduce_in_place: alias("MPI_Allreduce", p, b, i, h, h, h),
  MPI_Scan: f(b, b, i, h, h, h),
  MPI_Scan_in_place: alias("MPI_Scan", p, b, i, h, h, h),
  MPI_Gather: f(b, i, h, b, i, h, i, h),
  MPI_Gather_in_place: alias("MPI_Gather", p, i, h, b, i, h, i, h),
  MPI_Gatherv: f(b, i, h, b, b, b, h, i, h),
  MPI_Gatherv_in_place: alias("MPI_Gatherv", p, i, h, b, b, b, h, i, h),
  MPI_Scatter: f(b, i, h, b, i, h, i, h),
  MPI_Scatter_in_place: alias("MPI_Scatter", b, i, h, p, i, h, i, h),
  MPI_Scatterv: f(b, b, b, h, b, i, h, i, h),
  MPI_Scatterv_in_place: alias("MPI_Scatterv", b, b, b, h, p, i, h, i, h),
  MPI_Allgather: f(b, i, h, b, i, h, h),
  MPI_Allgather_in_place: alias("MPI_Allgather", p, i, h, b, i, h, h),
  MPI_Allgatherv: f(b, i, h, b, b, b, h, h),
  MPI_Allgatherv_in_place: alias("MPI_Allgatherv", p, i, h, b, b, b, h, h),
  MPI_Alltoall: f(b, i, h, b, i, h, h),
  MPI_Alltoall_in_place: alias("MPI_Alltoall", p, i, h, b, i, h, h),
  // communicators
  MPI_Comm_rank: f(h, b),
  MPI_Comm_size: f(h, b),
  MPI_Comm_dup: f(h, b),
  MPI_Comm_split: f(h, i, i, b),
  MPI_Comm_split_type: f(h, i, i, h, b),
  MPI_Comm_free: f(b),
  MPI_Comm_set_errhandler: f(h, h),
  MPI_Dims_create: f(i, i, b),
  MPI_Cart_create: f(h, i, b, b, i, b),
  MPI_Cart_shift: f(h, i, i, b, b),
  MPI_Cart_coords: f(h, i, i, b),
  MPI_Cart_rank: f(h, b, b),
  MPI_Cart_sub: f(h, b, b),
  // types
  MPI_Type_size: f(h, b),
  MPI_Type_get_extent: f(h, b, b),
  MPI_Type_get_true_extent: f(h, b, b),
  MPI_Type_contiguous: f(i, h, b),
  MPI_Type_vector: f(i, i, i, h, b),
  MPI_Type_create_subarray: f(i, b, b, b, i, h, b),
  MPI_Type_create_resized: f(h, l, l, b),
  MPI_Type_commit: f(b),
  MPI_Type_free: f(b),
  // files
  MPI_File_open: f(h, b, i, h, b),
  MPI_File_close: f(b),
  MPI_File_delete: f(b, h),
  MPI_File_set_size: f(p, l),
  MPI_File_get_size: f(p, b),
  MPI_File_set_view: f(p, l, h, h, b, h),
  MPI_File_sync: f(p),
  MPI_File_read_at: f(p, l, b, i, h, b),
  MPI_File_read_at_all: f(p, l, b, i, h, b),
  MPI_File_write_at: f(p, l, b, i, h, b),
  MPI_File_write_at_all: f(p, l, b, i, h, b),
} as const;

/** The functions, as TypeScript calls them. */
export type Native = Library<typeof signatures>;

/** Why there is nothing to call. */
let closed = "MPI is not open: openMPI() opens it";

/** Stands for the functions where there are none to call. C would end the process. */
const nothing = new Proxy({}, {
  get(_, name) {
    return () => {
      throw new Error(`Cannot call ${String(name)}: ${closed}`);
    };
  },
}) as Native;

/** The functions of the library that is open. */
export let ffi: Native = nothing;

/** The ABI of the library that is open. */
export let abi: Abi;

/** What stands for a buffer in which MPI works in place. */
export let inPlace: Pointer;

/** What stands for a status that nobody asks about. */
export let statusIgnore: Pointer;

let lookup: Lookup;

/** Local. Makes the functions of a library those that are called. */
export async function bind(path: string, table: Abi, symbols: Lookup): Promise<void> {
  ffi = await openLibrary(path, signatures, table.handle);
  [abi, lookup] = [table, symbols];
  [inPlace, statusIgnore] = [pointerAt(table.inPlace), pointerAt(table.statusIgnore)];
}

/** Local. After MPI_Finalize nothing may be called. */
export function unbind(): void {
  [ffi, closed] = [nothing, "MPI has been ended"];
}

const found = new Map<HandleName, Handle>();

/** Local. A handle that exists from the start. @throws Error if this library lacks it. */
export function predefined(name: HandleName): Handle {
  let handle = found.get(name);
  if (handle === undefined) {
    const value = handles[name][abi.name];
    handle = (typeof value === "string" ? lookup(value) : abi.handle === "ptr" ? pointerAt(value) : value | 0) as
      | Handle
      | undefined;
    if (handle === undefined) throw new Error(`Cannot use MPI_${name}: this library has no "${value}"`);
    found.set(name, handle);
  }
  return handle;
}

/** Local. A number with a meaning, without `MPI_`. */
export function constant(name: ConstantName): number {
  return constants[name][abi.name];
}

/** Local. How many ints a handle takes in memory. */
export function words(): 1 | 2 {
  return abi.handle === "i32" ? 1 : 2;
}

/** Local. Memory for a handle, which C fills and reads. */
export function handleMemory(): Int32Array {
  return new Int32Array(words());
}

/** Local. The handle that C has left in memory. */
export function handleIn(memory: Int32Array): Handle {
  return (abi.handle === "i32" ? memory[0] : pointerIn(memory)) as unknown as Handle;
}

/** Local. The pointer that C has left in memory of two ints. */
export function pointerIn(memory: Int32Array): Pointer {
  return pointerAt(new BigUint64Array(memory.slice(0, 2).buffer)[0]!);
}

/** Local. Whether C has left this handle in memory. */
export function isHandle(memory: Int32Array, name: HandleName): boolean {
  const [left, right] = [handleIn(memory), predefined(name)] as [unknown, unknown];
  if (abi.handle === "i32") return left === right;
  return addressOf(left as Pointer) === addressOf(right as Pointer);
}

/** Local. Leaves a handle in memory, as C would. */
export function keep(handle: Handle, memory: Int32Array): void {
  if (abi.handle === "i32") memory[0] = handle as unknown as number;
  else memory.set(new Int32Array(BigUint64Array.of(addressOf(handle as unknown as Pointer)).buffer));
}
