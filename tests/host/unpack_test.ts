/** How a compiled binary places its libraries, way by way, and what is said where none is open. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { LibraryError, openLibrary } from "../../host/ffi.ts";
import { isLoaded } from "../../host/symbols.ts";
import { inFolder, inMemory, place } from "../../host/unpack.ts";

const module = fileURLToPath(new URL("../../host/unpack.ts", import.meta.url));

/** A library of the system, and one of its functions. */
const LIBRARY = "libm.so.6";
const some = { fabs: { args: ["f64"], returns: "f64" } } as const;
const found = /(\/\S*\/)libc\.so\.6/.exec(readFileSync("/proc/self/maps", "utf8"))![1]!;
const bytes = readFileSync(found + LIBRARY);

/** Runs a script in a process of its own, which may be started by another program. @returns what it printed */
function printed(script: string, folder: string, by: readonly string[] = []): string {
  const file = join(folder, "script.ts");
  writeFileSync(
    file,
    `import { inFolder, place } from ${JSON.stringify(module)};
     import { readFileSync } from "node:fs";
     const bytes = readFileSync(${JSON.stringify(found + LIBRARY)});
     ${script}`,
  );
  const [program, ...args] = [
    ...by,
    process.execPath,
    "run",
    ..."Deno" in globalThis ? ["-A", "--no-check"] : [],
    file,
  ];
  const { status, stdout, stderr } = spawnSync(program!, args, {
    encoding: "utf8",
    env: { ...process.env, TMPDIR: join(folder, "tmp") },
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

async function inEmptyFolder(use: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "laplace-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("inMemory places two libraries that the loader can tell apart", async () => {
  const [first, second] = [await inMemory("first.so", bytes), await inMemory("second.so", bytes)];
  assert.notEqual(first, second);
  for (const path of [first, second]) {
    assert.deepEqual(readFileSync(path), bytes);
    assert.equal((await openLibrary(path, some)).fabs(-3), 3);
  }
});

test("inFolder places a library in a folder of its own, which is gone when the process has ended", () =>
  inEmptyFolder((folder) => {
    spawnSync("mkdir", [join(folder, "tmp")]);
    const script = `for (const _ of [1, 2]) console.log(await place("some.so", bytes, [inFolder]));`;
    const [first, second] = printed(script, folder).trim().split("\n");
    assert.match(first!, /\/tmp\/laplace-[^/]+\/some\.so$/);
    assert.notEqual(dirname(first!), dirname(second!));
    assert.deepEqual(readdirSync(join(folder, "tmp")), []);
  }));

test("place takes the next way where one is closed, and reports in one line why the last one is", async () => {
  const closed = () => {
    throw new Error("no memory\nfor files");
  };
  const path = await place("some.so", bytes, [closed, inFolder]);
  assert.ok(existsSync(path));
  await openLibrary(path, some);
  assert.ok(await isLoaded(path));
  await assert.rejects(place("some.so", bytes, [closed]), (cause: unknown) => {
    assert.ok(cause instanceof LibraryError);
    assert.deepEqual([cause.trouble, cause.message], ["unpack", "some.so could not be unpacked: no memory"]);
    return true;
  });
});

const says = `await place("some.so", bytes, [inFolder]).catch(({ message }) => console.log(message));`;

test("place says that TMPDIR does not exist, or is no folder", () =>
  inEmptyFolder((folder) => {
    const tmp = join(folder, "tmp");
    assert.equal(printed(says, folder), `some.so could not be unpacked: TMPDIR (${tmp}) does not exist\n`);
    writeFileSync(tmp, "");
    assert.equal(printed(says, folder), `some.so could not be unpacked: TMPDIR (${tmp}) is not a folder\n`);
  }));

// In a namespace of its own the mount is gone with the process, whatever happens to it.
const namespace = ["unshare", ...process.getuid?.() === 0 ? [] : ["--map-root-user"], "--mount"];

for (
  const [options, why] of [
    ["noexec", "is mounted noexec"],
    ["size=4k", "is full"],
    ["ro", "cannot be written to: it is mounted read-only"],
  ] as const
) {
  test(`place says that TMPDIR ${why}`, () =>
    inEmptyFolder((folder) => {
      const tmp = join(folder, "tmp");
      spawnSync("mkdir", [tmp]);
      const mount = ["sh", "-c", `mount -t tmpfs -o "$0" laplace "$1" && shift && exec "$@"`, options, tmp];
      const said = printed(says, folder, [...namespace, ...mount]);
      assert.equal(said, `some.so could not be unpacked: TMPDIR (${tmp}) ${why}\n`);
    }));
}
