/**
 * What can be seen of a library's file that the system's loader does not say: that it is cut short, where it would end the
 * process, that it is for another processor, or that it lies where programs may not run.
 *
 * @module
 */

import { files } from "./runtime.ts";

/** Where the tables of an ELF file for 64 bits are: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const HEADER = 64, PROGRAM_HEADERS = 0x20, SECTION_HEADERS = 0x28, SIZES = 0x36, LOADED = 1;

/** Local. Whether a library of Linux ends before what its header says it has: the loader would read beyond it. */
export function isCutShort(path: string): boolean {
  try {
    const { closeSync, fstatSync, openSync, readSync } = files()!;
    const file = openSync(path, "r");
    try {
      const { size } = fstatSync(file);
      const bytes = new Uint8Array(4096);
      const view = new DataView(bytes.buffer, 0, readSync(file, bytes, 0, bytes.length, 0));
      // Another format, class or order of bytes: the loader says what it is.
      if (view.byteLength < HEADER || view.getUint32(0) !== 0x7f454c46 || view.getUint16(4) !== 0x0201) return false;
      const long = (at: number) => Number(view.getBigUint64(at, true));
      const [step, programs, sectionSize, sections] = [0, 2, 4, 6].map((at) => view.getUint16(SIZES + at, true));
      const ends = [long(SECTION_HEADERS) + sectionSize! * sections!];
      for (let k = 0; k < programs!; k++) {
        const at = long(PROGRAM_HEADERS) + k * step!;
        if (at + 0x28 <= view.byteLength && view.getUint32(at, true) === LOADED) {
          ends.push(long(at + 8) + long(at + 0x20));
        }
      }
      return ends.some((end) => end > size);
    } finally {
      closeSync(file);
    }
  } catch {
    return false; // the loader says what is wrong
  }
}

/** Processors by their number in the header of an ELF file. */
const PROCESSORS: Readonly<Record<number, string>> = {
  3: "x86",
  40: "arm",
  62: "x86-64",
  183: "aarch64",
  243: "riscv",
};

/** Local. What processor an ELF file is for, in words; undefined if it is no such file. */
export function processorOf(path: string): string | undefined {
  try {
    const { closeSync, openSync, readSync } = files()!;
    const file = openSync(path, "r");
    try {
      const view = new DataView(new ArrayBuffer(20));
      if (readSync(file, view, 0, 20, 0) < 20 || view.getUint32(0) !== 0x7f454c46) return undefined;
      return PROCESSORS[view.getUint16(18, view.getUint8(5) === 1)] ?? "an unknown one";
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

/** Local. The folder that a file's file system is mounted on, if it is mounted noexec; undefined if not, or not on Linux. */
export function noexecMount(path: string): string | undefined {
  try {
    const { readFileSync, realpathSync } = files()!;
    const real = realpathSync(path);
    // The last of several on one folder hides the others.
    let found = { folder: "", options: [] as string[] };
    for (const line of readFileSync("/proc/self/mounts", "utf8").split("\n")) {
      const [, escaped = "", , options = ""] = line.split(" ");
      const folder = escaped.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));
      const covers = folder === "/" || real === folder || real.startsWith(`${folder}/`);
      if (folder !== "" && covers && folder.length >= found.folder.length) {
        found = { folder, options: options.split(",") };
      }
    }
    return found.options.includes("noexec") ? found.folder : undefined;
  } catch {
    return undefined;
  }
}
