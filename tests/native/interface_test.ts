/**
 * native/include/laplace_plugin.h against what else states the interface: the signatures, flags and numbers of
 * backends/engine-ffi/signatures.ts, and the flags in native/models/fortran/sweep.F90.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { apiVersion, features, fields, flags, signatures } from "../../backends/engine-ffi/signatures.ts";

const read = (path: string) => readFileSync(new URL(`../../native/${path}`, import.meta.url), "utf8");
const header = read("include/laplace_plugin.h").replaceAll(/\/\*[^]*?\*\//g, "");
const upper = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** The constants of the header by name. */
const constants = new Map<string, number>();
for (const [, list] of header.matchAll(/enum \{([^}]*)\}/g)) {
  let next = 0;
  for (const [, name, value] of list!.matchAll(/(LAPLACE_\w+)(?: = (\d+))?/g)) {
    next = value === undefined ? next : +value;
    constants.set(name!, next++);
  }
}

test("signatures.ts has the functions of laplace_plugin.h, with their types", () => {
  const kind = (declaration: string) => {
    const type = declaration.trim();
    return /^(const )?laplace_(grid|level|aggregation) \*/.test(type) ? "ptr" : type.includes("*") ? "buffer" : {
      int32_t: "i32",
      double: "f64",
      void: "void",
    }[type.split(" ")[0]!];
  };
  const functions = Object.fromEntries(
    [...header.matchAll(/^([\w ]+?[ *]+)(laplace_\w+)\(([^)]*)\);/gm)].map(([, returns, name, args]) => [
      name,
      { args: args === "void" ? [] : args!.split(",").map(kind), returns: kind(returns!) },
    ]),
  );
  const ours = Object.fromEntries(
    Object.entries(signatures).map(([name, { args, returns }]) => [name, { args: [...args], returns }]),
  );
  assert.deepEqual(ours, functions);
});

test("signatures.ts has the constants of laplace_plugin.h", () => {
  assert.equal(apiVersion, +/LAPLACE_API_VERSION (\d+)/.exec(header)![1]!);
  for (const [prefix, values] of [["LAPLACE_", flags], ["LAPLACE_HAS_", features], ["LAPLACE_", fields]] as const) {
    for (const [name, value] of Object.entries(values)) {
      const full = name === "bitwise" ? "LAPLACE_BITWISE" : `${prefix}${upper(name)}`;
      assert.equal(constants.get(full), value, full);
    }
  }
  const known = [flags, features, fields].flatMap((values) => Object.keys(values));
  assert.equal(constants.size, known.length + 4, "the others are OK, FAILED, F32 and F64");
});

test("Fortran has the layout flags of laplace_plugin.h", () => {
  const source = read("models/fortran/sweep.F90");
  const found = [...source.matchAll(/^ *integer\(c_int32_t\), parameter :: (LAPLACE_\w+) = (\d+)$/gm)];
  assert.ok(found.length >= 3);
  for (const [, name, value] of found) assert.equal(constants.get(name!), +value!, name);
});
