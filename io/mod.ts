/**
 * Everything that reads or writes files: problems, fields, images.
 *
 * @example
 * ```ts
 * import { encodeNpy } from "./mod.ts";
 *
 * console.log(encodeNpy([3], new Float64Array(3))[0].length); // 128
 * ```
 *
 * @module
 */

export { decodeCsv, encodeCsv } from "./csv.ts";
export {
  checkWritable,
  type Field,
  INPUT_EXTENSIONS,
  isStored,
  OUTPUT_EXTENSIONS,
  readField,
  storeField,
  writeField,
} from "./fields.ts";
export { readBytes, writeAtomically } from "./files.ts";
export { heatmap } from "./heatmap.ts";
export { writeLines } from "./lines.ts";
export { decodeNpy, encodeNpy, type FieldArray } from "./npy.ts";
export { encodePng, type IndexedImage } from "./png.ts";
export { decodePng, type RgbaImage } from "./png_decode.ts";
export { type ReadOptions, readProblem } from "./problem_file.ts";
export { checkTable, writeTable } from "./table.ts";
