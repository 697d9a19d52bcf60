/**
 * What the ABIs of MPI differ in: the form of handles, the values of constants, the layout of a status. One table for
 * each ABI lies beside this file; nothing here calls MPI.
 *
 * Handles are addresses of symbols in Open MPI, 32-bit numbers in MPICH and its family, small pointers in MPI 5.
 *
 * @module
 */

/** The element types that every ABI has, by the names of the standard without `MPI_`. */
export const typeNames = [
  "BYTE",
  "CHAR",
  "INT8_T",
  "UINT8_T",
  "INT16_T",
  "UINT16_T",
  "INT32_T",
  "UINT32_T",
  "INT64_T",
  "UINT64_T",
  "FLOAT",
  "DOUBLE",
  "C_FLOAT_COMPLEX",
  "C_DOUBLE_COMPLEX",
  "FLOAT_INT",
  "DOUBLE_INT",
  "2INT",
] as const;

/** The operations of reductions. */
export const opNames = [
  "MAX",
  "MIN",
  "SUM",
  "PROD",
  "LAND",
  "BAND",
  "LOR",
  "BOR",
  "LXOR",
  "BXOR",
  "MINLOC",
  "MAXLOC",
] as const;

/** The name of an element type. */
export type TypeName = typeof typeNames[number];

/** The name of an operation. */
export type OpName = typeof opNames[number];

/** Objects that exist from the start. */
export type HandleName =
  | TypeName
  | OpName
  | "COMM_WORLD"
  | "COMM_SELF"
  | "COMM_NULL"
  | "DATATYPE_NULL"
  | "REQUEST_NULL"
  | "INFO_NULL"
  | "ERRORS_RETURN";

/** Numbers with a meaning. */
export type ConstantName =
  | "ANY_SOURCE"
  | "ANY_TAG"
  | "PROC_NULL"
  | "UNDEFINED"
  | "ORDER_C"
  | "COMM_TYPE_SHARED"
  | "THREAD_SINGLE"
  | "THREAD_FUNNELED"
  | "THREAD_SERIALIZED"
  | "THREAD_MULTIPLE"
  | "MODE_CREATE"
  | "MODE_RDONLY"
  | "MODE_WRONLY"
  | "MODE_RDWR"
  | "MODE_DELETE_ON_CLOSE"
  | "MODE_UNIQUE_OPEN"
  | "MODE_EXCL"
  | "MODE_APPEND"
  | "MODE_SEQUENTIAL";

/** One ABI. */
export interface Abi {
  readonly name: "openmpi" | "mpich" | "standard";
  /** How messages call it. */
  readonly title: string;
  /** Libraries that have it, the usual first. */
  readonly libraries: readonly string[];
  /** What handles are; those of files are pointers everywhere. */
  readonly handle: "i32" | "ptr";
  /** A handle: its value, or the name of the symbol whose address it is. */
  readonly handles: Readonly<Record<HandleName, number | string>>;
  readonly constants: Readonly<Record<ConstantName, number>>;
  /** The address that stands for a buffer that is sent and received in place. */
  readonly inPlace: number;
  /** The address that stands for a status nobody asks about. */
  readonly statusIgnore: number;
  /** MPI_Status: its size in bytes, and where its fields are, in ints. */
  readonly status: { readonly bytes: number; readonly source: number; readonly tag: number; readonly error: number };
  /** Classes of errors, from class 0 on, without `MPI_`. */
  readonly errors: readonly string[];
}
