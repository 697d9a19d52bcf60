/**
 * How the compiled binary loads the libraries that it carries, and what it says where it cannot. Runs when `LAPLACE_BIN` is
 * set.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { UNPACK_FIX } from "../../host/assets.ts";
import { command, complaint, inEmptyFolder, laplace, root, type Run } from "./harness.ts";

const names = ["liblaplace_omp.so", "liblaplace_c.so", "liblaplace_fortran.so"];
const ELSEWHERE = "point LAPLACE_NATIVE at another folder, or unset it";
const built = (name: string) => join(root, "native/build", name);

/**
 * Runs the binary where a file system is mounted on a folder, and files are copied into it. In a namespace of its own the
 * mount is gone with the process, whatever happens to it.
 */
function onMount(
  args: readonly string[],
  { options, folder, env, files = [] }: {
    readonly options: string;
    readonly folder: string;
    readonly env: Record<string, string>;
    readonly files?: readonly string[];
  },
): Run {
  const script =
    `mount -t tmpfs -o "$1" laplace "$2" && if [ -n "$3" ]; then cp $3 "$2"; fi && shift 3 && exec "$0" "$@"`;
  const namespace = [...process.getuid?.() === 0 ? [] : ["--map-root-user"], "--mount"];
  const { status: code, stdout, stderr } = spawnSync(
    "unshare",
    [...namespace, "sh", "-c", script, command[0]!, options, folder, files.join(" "), ...args],
    { encoding: "utf8", env: { ...process.env, ...env } },
  );
  return { code, stdout, stderr, seconds: 0 };
}

/** What a plugin that is named, and auto, say of a library that is there and cannot be used, and how it is mended. */
async function saysOf(
  reason: string,
  fix: string,
  run: (args: readonly string[]) => Run | Promise<Run>,
): Promise<void> {
  assert.equal(
    complaint(await run(["solve", "--plugin", "ffi-omp", "--size", "33"]), 3, `${reason}; ${fix}`),
    undefined,
  );
  const { code, stdout, stderr } = await run(["solve", "--size", "33"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const [line] = /^plugin .*$/m.exec(stdout)!;
  assert.ok(/^plugin +wasm /.test(line) && line.endsWith(` here, 35; not ffi-omp: ${reason}; ${fix}`), line);
}

if (process.env.LAPLACE_BIN) {
  test("the binary loads its libraries wherever TMPDIR and HOME are, and leaves nothing there", () =>
    inEmptyFolder(async (folder) => {
      const [empty, file] = [join(folder, "empty"), join(folder, "file")];
      mkdirSync(empty);
      writeFileSync(file, "not a folder");
      const solve = ["solve", "--plugin", "ffi-omp", "--size", "33", "--json"];
      for (const TMPDIR of [empty, file, join(folder, "none"), "/proc"]) {
        const env = { TMPDIR, HOME: join(folder, "none"), XDG_CACHE_HOME: "/proc" };
        // Several processes at a time, as ranks of MPI are.
        for (const { code, stderr } of await Promise.all([1, 2, 3].map(() => laplace(solve, { env })))) {
          assert.deepEqual([code, stderr], [0, ""], TMPDIR);
        }
      }
      for (const options of ["noexec", "ro", "size=4k"]) {
        const { code, stderr } = onMount(solve, { options, folder: empty, env: { TMPDIR: empty } });
        assert.deepEqual([code, stderr], [0, ""], options);
      }
      assert.deepEqual(readdirSync(empty), []);
    }));

  test("the binary says why a library could not be unpacked, and auto what it passes over", () =>
    // A limit of files is one of those in memory, too: then the folder is tried.
    saysOf("liblaplace_omp.so could not be unpacked: TMPDIR (/none) does not exist", UNPACK_FIX, (args) =>
      laplace(args, {
        by: ["sh", "-c", 'ulimit -f 100 && exec "$0" "$@"', command[0]!],
        env: { TMPDIR: "/none" },
      })));

  test("the binary says that a library is damaged, and auto what it passes over", () =>
    inEmptyFolder(async (folder) => {
      for (const name of names) {
        copyFileSync(built(name), join(folder, name));
        truncateSync(join(folder, name), readFileSync(built(name)).length / 2);
      }
      const reason = `${join(folder, names[0]!)} is damaged: it is shorter than it says`;
      await saysOf(reason, ELSEWHERE, (args) => laplace(args, { env: { LAPLACE_NATIVE: folder } }));
    }));

  test("the binary says that LAPLACE_NATIVE is mounted noexec, and auto what it passes over", () =>
    inEmptyFolder((folder) => {
      const on = { options: "noexec", folder, files: names.map(built), env: { LAPLACE_NATIVE: folder } };
      const reason = `liblaplace_omp.so cannot be loaded from ${folder}, which is mounted noexec`;
      return saysOf(reason, ELSEWHERE, (args) => onMount(args, on));
    }));
}
