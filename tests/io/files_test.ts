import assert from "node:assert/strict";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { ConfigError } from "../../core/errors.ts";
import { checkWritable, readField, writeField } from "../../io/fields.ts";
import { checkTarget, readBytes, writeAtomically } from "../../io/files.ts";

/** Runs `body` in a folder of its own, and removes it. */
async function inFolder(body: (folder: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), "laplace-test-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function refuses(promise: Promise<unknown>, pattern: RegExp) {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof ConfigError, String(error));
    assert.match(error.message, /^Cannot (read|write) "[^\n]*": [^\n]+[^.\n]$/);
    assert.match(error.message, pattern);
    return true;
  });
}

const bytes = (text: string) => new TextEncoder().encode(text);

test("writeAtomically replaces a file as a whole", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a.bin");
    await writeAtomically(path, [bytes("one"), bytes(" two")]);
    await writeAtomically(path, [bytes("three")]);
    assert.equal(await readFile(path, "utf8"), "three");
    assert.deepEqual(await readdir(folder), ["a.bin"]);
  }));

test("writeAtomically keeps the old file and leaves nothing behind when its source fails", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a.bin");
    await writeFile(path, "old");
    const failing = function* () {
      yield bytes("new");
      throw new Error("no more");
    };
    await assert.rejects(writeAtomically(path, failing()), /^Error: no more$/);
    assert.equal(await readFile(path, "utf8"), "old");
    assert.deepEqual(await readdir(folder), ["a.bin"]);
  }));

test("writeAtomically leaves nothing behind when the last step fails", () =>
  inFolder(async (folder) => {
    const path = join(folder, "taken");
    await mkdir(join(path, "inside"), { recursive: true });
    await refuses(writeAtomically(path, [bytes("new")]), /taken": /);
    assert.deepEqual(await readdir(folder), ["taken"]);
  }));

test("writeAtomically reports a folder that vanishes under it", () =>
  inFolder(async (folder) => {
    const gone = join(folder, "gone");
    await mkdir(gone);
    const source = async function* () {
      yield bytes("new");
      await rm(gone, { recursive: true });
    };
    await refuses(writeAtomically(join(gone, "a.bin"), source()), /a\.bin": there is no such file or folder/);
    assert.deepEqual(await readdir(folder), []);
  }));

test(
  "writeAtomically follows links and keeps permissions",
  { skip: process.platform === "win32" },
  () =>
    inFolder(async (folder) => {
      const [file, link] = [join(folder, "file"), join(folder, "link")];
      await writeFile(file, "old", { mode: 0o640 });
      await symlink("file", link);
      await writeAtomically(link, [bytes("new")]);
      assert.equal(await readFile(file, "utf8"), "new");
      assert.equal((await stat(file)).mode & 0o777, 0o640);
      assert.deepEqual((await readdir(folder)).sort(), ["file", "link"]);
    }),
);

test(
  "writeAtomically and checkTarget follow links to a file that is not there yet",
  { skip: process.platform === "win32" },
  () =>
    inFolder(async (folder) => {
      const at = (name: string) => join(folder, name);
      await mkdir(at("deep/inner"), { recursive: true });
      await mkdir(at("elsewhere"));
      const links = {
        relative: "deep/new1",
        absolute: at("deep/new2"),
        // A ".." counts from where the folder really is.
        "deep/up": "../elsewhere/new3",
        twice: "deep/up2",
        "deep/up2": "../new4",
        short: "deep/inner",
        beyond: "short/../new5",
      };
      for (const [link, target] of Object.entries(links)) await symlink(target, at(link));
      const written = {
        relative: "deep/new1",
        absolute: "deep/new2",
        "deep/up": "elsewhere/new3",
        twice: "new4",
        beyond: "deep/new5",
      };
      for (const [link, target] of Object.entries(written)) {
        await checkTarget(at(link));
        await writeAtomically(at(link), [bytes(link)]);
        assert.ok((await lstat(at(link))).isSymbolicLink(), link);
        assert.ok((await lstat(at(target))).isFile(), target);
        assert.equal(await readFile(at(target), "utf8"), link);
      }
      assert.deepEqual((await readdir(at("deep"))).sort(), ["inner", "new1", "new2", "new5", "up", "up2"]);

      await symlink("missing/u.npy", at("nowhere"));
      await refuses(checkTarget(at("nowhere")), /nowhere": its folder "[^"]*missing" does not exist; make it first/);
      await symlink("round", at("round"));
      await refuses(checkTarget(at("round")), /round": /);
    }),
);

test("checkWritable refuses what cannot be written, and writes nothing", () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, "file"), "");
    await mkdir(join(folder, "u.png"));
    const at = (name: string) => checkWritable(join(folder, name));
    await refuses(at("u.png"), /u\.png": it is a folder/);
    await refuses(at("missing/u.npy"), /its folder "[^"]*missing" does not exist; make it first/);
    await refuses(at("file/u.npy"), /a part of its path is not a folder/);
    await refuses(at("u.vti"), /unknown extension "\.vti"; known: \.npy, \.csv, \.png/);
    await refuses(at("u.np"), /unknown extension "\.np"; did you mean "\.npy"\?/);
    await refuses(at("u"), /no extension; known: \.npy, \.csv, \.png/);
    await refuses(at("u\n.npz"), /did you mean "\.npy"/);
    await refuses(at("a\0b.npy"), /"[^"\0]*a\\u0000b\.npy": its name holds a zero/);
    await refuses(checkWritable(""), /Cannot write ""/);
    await refuses(checkWritable(folder + "/u.npy/"), /names a folder/);
    await at("u.npy");
    await at("U.NPY");
    assert.deepEqual((await readdir(folder)).sort(), ["file", "u.png"]);
  }));

test("readBytes says why it cannot read", () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, "plate.toml"), "12345");
    await refuses(readBytes(folder), /it is a folder/);
    await refuses(readBytes(join(folder, "other.csv")), /no such file$/);
    await refuses(readBytes(join(folder, "plat.toml")), /no such file; did you mean "plate\.toml"\?/);
    await refuses(readBytes(join(folder, "plate.toml", "x")), /a part of its path is not a folder/);
    await refuses(readBytes(join(folder, "plate.toml"), 4), /holds 5 bytes, and the limit is 4/);
    if (process.platform !== "win32") await refuses(readBytes("/dev/zero"), /not a regular file/);
    assert.deepEqual([...await readBytes(join(folder, "plate.toml"), 5)], [...bytes("12345")]);
  }));

test("writeField and readField choose the format by extension", () =>
  inFolder(async (folder) => {
    const field = { shape: [2, 3] as const, data: Float64Array.of(1, 2.5, -3, 4, 5, 1e-7) };
    for (const name of ["u.npy", "u.csv", "U.NPY"]) {
      await writeField(join(folder, name), field);
      assert.deepEqual(await readField(join(folder, name)), { shape: [2, 3], data: field.data });
    }
    await writeField(join(folder, "u.png"), field);
    await refuses(readField(join(folder, "u.png")), /unknown extension "\.png"; known: \.npy, \.csv/);
    await writeFile(join(folder, "csv.npy"), "1,2,3\n");
    await refuses(readField(join(folder, "csv.npy")), /csv\.npy": it is not a \.npy file/);
  }));
