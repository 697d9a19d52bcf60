/** What only a compiled binary promises: one file, on a machine that has nothing else. Runs when `LAPLACE_BIN` is set. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { command, inEmptyFolder, laplace } from "./harness.ts";

/** The files that the loader needs to start a program: libc, its parts, and the loader itself. */
function needed(program: string): string[] {
  return [...execFileSync("ldd", [program]).toString().matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path]) => path!);
}

if (process.env.LAPLACE_BIN) {
  test("the binary solves the plate in a root file system that holds only libc, its loader, /tmp, /proc and /dev", () =>
    inEmptyFolder((bare) => {
      const binary = command[0]!;
      for (const folder of ["tmp", "proc", "dev"]) mkdirSync(join(bare, folder));
      for (const path of needed(binary)) {
        mkdirSync(join(bare, dirname(path)), { recursive: true });
        copyFileSync(path, join(bare, path));
      }
      copyFileSync(binary, join(bare, "laplace"));
      // In a namespace of its own the mounts are gone with the process, whatever happens to it.
      const inside = (...args: string[]) => {
        const script = `mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" && exec chroot "$0" /laplace "$@"`;
        const unshare = process.getuid?.() === 0 ? ["--mount"] : ["--map-root-user", "--mount", "--pid", "--fork"];
        return spawnSync("unshare", [...unshare, "sh", "-c", script, bare, ...args], { encoding: "utf8" });
      };
      const backends = inside("backends", "--json");
      assert.equal(backends.status, 0, backends.stderr);
      const rows: { name: string; available: boolean; reason?: string }[] = JSON.parse(backends.stdout);
      for (const name of ["ffi-omp", "ffi-c", "ffi-fortran", "wasm", "workers", "js"]) {
        const row = rows.find((row) => row.name === name);
        assert.ok(row?.available, `${name}: ${row?.reason}`);
        const solved = inside("solve", "--plugin", name, "--size", "33", "--json");
        assert.equal(solved.status, 0, solved.stderr);
        assert.equal(JSON.parse(solved.stdout).status, "converged");
      }
      return Promise.resolve();
    }));

  test("the binary solves the README's plate with wasm where it has no native library", () =>
    inEmptyFolder(async (folder) => {
      const env = { LAPLACE_NATIVE: folder };
      for (const args of [[], ["--size", "600", "--method", "jacobi", "--max-sweeps", "50", "--set", "threads=2"]]) {
        const { code, stdout, stderr } = await laplace(["solve", "--plugin", "wasm", "--json", ...args], { env });
        assert.equal(code, args.length === 0 ? 0 : 1, stderr);
        const { plugin, status } = JSON.parse(stdout);
        assert.deepEqual([plugin, status], ["wasm", args.length === 0 ? "converged" : "limit"]);
      }
      const { stdout } = await laplace(["solve", "--json"], { env });
      assert.equal(JSON.parse(stdout).plugin, "wasm", "it is what auto takes there");
    }));

  test("the binary says so where the system starts too few threads, or gives too little memory", () =>
    inEmptyFolder((cwd) => {
      const within = (kib: number, ...args: string[]) =>
        spawnSync("sh", ["-c", `ulimit -v ${kib} && exec "$0" "$@"`, command[0]!, "solve", ...args], {
          cwd,
          encoding: "utf8",
        });
      for (
        const [run, says] of [
          [
            within(6e6, "--plugin", "ffi-omp", "--set", "threads=1024"),
            /^laplace: .*no more than \d+ of 1024 threads\n$/,
          ],
          [
            within(4e6, "--plugin", "wasm", "--method", "jacobi", "--size", "9000"),
            /^laplace: .*the system gives it no \S+ GiB of memory\n$/,
          ],
        ] as const
      ) {
        assert.equal(run.status, 3, run.stderr);
        assert.match(run.stderr, says);
      }
      return Promise.resolve();
    }));
}
