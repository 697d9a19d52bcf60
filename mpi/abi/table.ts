/**
 * What the ABIs of MPI differ in: the values of handles and constants, side by side, and the form of an ABI. What else each
 * has lies beside this file, with where its values are from; nothing here calls MPI.
 *
 * Handles are addresses of symbols in Open MPI, 32-bit numbers in MPICH and its family, small pointers in MPI 5.
 *
 * @module
 */

/** A value in each ABI. */
type Row<V> = Readonly<Record<Abi["name"], V>>;

/** A handle: its value, or the name of the symbol whose address it is. By the names of the standard, without `MPI_`. */
type Handles = Readonly<Record<string, Row<number | string>>>;

/** The element types that every ABI has. */
export const types = {
  BYTE: { openmpi: "ompi_mpi_byte", mpich: 0x4c00010d, standard: 0x247 },
  CHAR: { openmpi: "ompi_mpi_char", mpich: 0x4c000101, standard: 0x243 },
  INT8_T: { openmpi: "ompi_mpi_int8_t", mpich: 0x4c000137, standard: 0x240 },
  UINT8_T: { openmpi: "ompi_mpi_uint8_t", mpich: 0x4c00013b, standard: 0x241 },
  INT16_T: { openmpi: "ompi_mpi_int16_t", mpich: 0x4c000238, standard: 0x248 },
  UINT16_T: { openmpi: "ompi_mpi_uint16_t", mpich: 0x4c00023c, standard: 0x249 },
  INT32_T: { openmpi: "ompi_mpi_int32_t", mpich: 0x4c000439, standard: 0x250 },
  UINT32_T: { openmpi: "ompi_mpi_uint32_t", mpich: 0x4c00043d, standard: 0x251 },
  INT64_T: { openmpi: "ompi_mpi_int64_t", mpich: 0x4c00083a, standard: 0x258 },
  UINT64_T: { openmpi: "ompi_mpi_uint64_t", mpich: 0x4c00083e, standard: 0x259 },
  FLOAT: { openmpi: "ompi_mpi_float", mpich: 0x4c00040a, standard: 0x210 },
  DOUBLE: { openmpi: "ompi_mpi_double", mpich: 0x4c00080b, standard: 0x214 },
  C_FLOAT_COMPLEX: { openmpi: "ompi_mpi_c_float_complex", mpich: 0x4c000840, standard: 0x212 },
  C_DOUBLE_COMPLEX: { openmpi: "ompi_mpi_c_double_complex", mpich: 0x4c001041, standard: 0x216 },
  FLOAT_INT: { openmpi: "ompi_mpi_float_int", mpich: 0x8c000000, standard: 0x228 },
  DOUBLE_INT: { openmpi: "ompi_mpi_double_int", mpich: 0x8c000001, standard: 0x229 },
  "2INT": { openmpi: "ompi_mpi_2int", mpich: 0x4c000816, standard: 0x22b },
} as const satisfies Handles;

/** The operations of reductions. */
export const ops = {
  MAX: { openmpi: "ompi_mpi_op_max", mpich: 0x58000001, standard: 0x23 },
  MIN: { openmpi: "ompi_mpi_op_min", mpich: 0x58000002, standard: 0x22 },
  SUM: { openmpi: "ompi_mpi_op_sum", mpich: 0x58000003, standard: 0x21 },
  PROD: { openmpi: "ompi_mpi_op_prod", mpich: 0x58000004, standard: 0x24 },
  LAND: { openmpi: "ompi_mpi_op_land", mpich: 0x58000005, standard: 0x30 },
  BAND: { openmpi: "ompi_mpi_op_band", mpich: 0x58000006, standard: 0x28 },
  LOR: { openmpi: "ompi_mpi_op_lor", mpich: 0x58000007, standard: 0x31 },
  BOR: { openmpi: "ompi_mpi_op_bor", mpich: 0x58000008, standard: 0x29 },
  LXOR: { openmpi: "ompi_mpi_op_lxor", mpich: 0x58000009, standard: 0x32 },
  BXOR: { openmpi: "ompi_mpi_op_bxor", mpich: 0x5800000a, standard: 0x2a },
  MINLOC: { openmpi: "ompi_mpi_op_minloc", mpich: 0x5800000b, standard: 0x38 },
  MAXLOC: { openmpi: "ompi_mpi_op_maxloc", mpich: 0x5800000c, standard: 0x39 },
} as const satisfies Handles;

/** All objects that exist from the start. */
export const handles = {
  ...types,
  ...ops,
  COMM_WORLD: { openmpi: "ompi_mpi_comm_world", mpich: 0x44000000, standard: 0x101 },
  COMM_SELF: { openmpi: "ompi_mpi_comm_self", mpich: 0x44000001, standard: 0x102 },
  COMM_NULL: { openmpi: "ompi_mpi_comm_null", mpich: 0x04000000, standard: 0x100 },
  DATATYPE_NULL: { openmpi: "ompi_mpi_datatype_null", mpich: 0x0c000000, standard: 0x200 },
  REQUEST_NULL: { openmpi: "ompi_request_null", mpich: 0x2c000000, standard: 0x180 },
  INFO_NULL: { openmpi: "ompi_mpi_info_null", mpich: 0x1c000000, standard: 0x130 },
  ERRORS_RETURN: { openmpi: "ompi_mpi_errors_return", mpich: 0x54000001, standard: 0x143 },
} as const satisfies Handles;

/** Numbers with a meaning. */
export const constants = {
  ANY_SOURCE: { openmpi: -1, mpich: -2, standard: -1 },
  ANY_TAG: { openmpi: -1, mpich: -1, standard: -2 },
  PROC_NULL: { openmpi: -2, mpich: -1, standard: -3 },
  UNDEFINED: { openmpi: -32766, mpich: -32766, standard: -32766 },
  ORDER_C: { openmpi: 0, mpich: 56, standard: 12 },
  COMM_TYPE_SHARED: { openmpi: 0, mpich: 1, standard: 221 },
  THREAD_SINGLE: { openmpi: 0, mpich: 0, standard: 0 },
  THREAD_FUNNELED: { openmpi: 1, mpich: 1, standard: 1024 },
  THREAD_SERIALIZED: { openmpi: 2, mpich: 2, standard: 2048 },
  THREAD_MULTIPLE: { openmpi: 3, mpich: 3, standard: 4096 },
  MODE_CREATE: { openmpi: 1, mpich: 1, standard: 2 },
  MODE_RDONLY: { openmpi: 2, mpich: 2, standard: 16 },
  MODE_WRONLY: { openmpi: 4, mpich: 4, standard: 256 },
  MODE_RDWR: { openmpi: 8, mpich: 8, standard: 32 },
  MODE_EXCL: { openmpi: 64, mpich: 64, standard: 8 },
} as const satisfies Readonly<Record<string, Row<number>>>;

/** The name of an element type. */
export type TypeName = keyof typeof types;

/** The name of an operation. */
export type OpName = keyof typeof ops;

/** The name of an object that exists from the start. */
export type HandleName = keyof typeof handles;

/** The name of a number. */
export type ConstantName = keyof typeof constants;

/** One ABI. */
export interface Abi {
  readonly name: "openmpi" | "mpich" | "standard";
  /** How messages call it. */
  readonly title: string;
  /** Libraries that have it, the usual first. */
  readonly libraries: readonly string[];
  /** What handles are; those of files are pointers everywhere. */
  readonly handle: "i32" | "ptr";
  /** The address that stands for a buffer that is sent and received in place. */
  readonly inPlace: number;
  /** The address that stands for a status nobody asks about. */
  readonly statusIgnore: number;
  /** MPI_Status: its size in bytes, and where its fields are, in ints. */
  readonly status: { readonly bytes: number; readonly source: number; readonly tag: number; readonly error: number };
  /** Classes of errors, from class 0 on, without `MPI_`. */
  readonly errors: readonly string[];
}
