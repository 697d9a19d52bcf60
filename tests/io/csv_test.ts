import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../core/errors.ts";
import { decodeCsv, encodeCsv } from "../../io/csv.ts";

const read = (text: string) => decodeCsv(new TextEncoder().encode(text), "t.csv");
const write = (shape: readonly number[], data: Float32Array | Float64Array) =>
  [...encodeCsv(shape, data)].map((chunk) => new TextDecoder().decode(chunk)).join("");

function refuses(text: string, pattern: RegExp) {
  assert.throws(() => read(text), (error) => {
    assert.ok(error instanceof ConfigError, String(error));
    assert.match(error.message, /^Cannot read "t\.csv": [^\n]+[^.\n]$/);
    assert.match(error.message, pattern);
    return true;
  });
}

test("decodeCsv gives back what encodeCsv was given, in both precisions", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      fc.gen(),
      (ny, nx, f32, g) => {
        const values = Array.from({ length: ny * nx }, () => g(fc.double));
        const data = f32 ? Float32Array.from(values) : Float64Array.from(values);
        const back = read(write([ny, nx], data));
        assert.deepEqual(back.shape, [ny, nx]);
        assert.deepEqual(f32 ? Float32Array.from(back.data) : back.data, data);
      },
    ),
  );
});

test("encodeCsv writes as few digits as separate a number from all others", () => {
  assert.equal(write([2, 2], Float64Array.of(0.1, -0, 1e21, NaN)), "0.1,-0\n1e+21,nan\n");
  assert.equal(write([1, 3], Float32Array.of(0.1, 1 / 3, -Infinity)), "0.1,0.33333334,-inf\n");
  assert.equal(write([3], Float64Array.of(1, 2, 3)), "1\n2\n3\n");
  assert.equal(write([], Float64Array.of(5)), "5\n");
  assert.throws(() => write([2, 2], new Float64Array(5)), RangeError);
});

test("encodeCsv makes its text in chunks", () => {
  const chunks = [...encodeCsv([300, 300], new Float64Array(90000).fill(0.125))];
  assert.ok(chunks.length > 5 && chunks.every((chunk) => chunk.length < 70000));
});

test("decodeCsv reads commas, semicolons, tabs and blanks, comments and any line end", () => {
  const expected = [1, -2.5, 3e3, 0.5, 5, 6];
  for (
    const text of [
      "1,-2.5,3e3\n.5,5.,+6\n",
      "1;-2.5;3e3\r\n.5;5;6\r\n",
      "1\t-2.5\t3e3\n.5\t5\t6",
      "  1   -2.5 3E+3\n  .5   5  6  \n\n",
      "\ufeff# u, in volts\n\n1 , -2.5 , 3e3 # first\n#\n.5,5,6",
    ]
  ) {
    const { shape, data } = read(text);
    assert.deepEqual(shape, [2, 3], text);
    assert.deepEqual([...data], expected, text);
  }
  assert.deepEqual(read("1,2,3").shape, [1, 3]);
  assert.deepEqual(read("1\n2\n3\n").shape, [3, 1]);
  assert.deepEqual([...read("NaN inf -Infinity").data], [NaN, Infinity, -Infinity]);
});

test("decodeCsv names line and column of what it cannot read", () => {
  refuses("", /holds no numbers/);
  refuses("# nothing\n\n", /holds no numbers/);
  refuses("1,2,3\n4,5\n", /line 2 has 2 numbers, but the first row has 3/);
  refuses("1,2\n\n# c\n3,4,5\n", /line 4 has 3 numbers, but the first row has 2/);
  refuses("1,2\n3\n", /line 2 has 1 number, but the first row has 2/);
  refuses("1,2\n3,x4\n", /line 2, column 2 is not a number: "x4"/);
  refuses("x,y\n3,4\n", /line 1, column 1 is not a number: "x"; begin a line of names with "#"/);
  refuses("1,,2\n", /line 1, column 2 is empty/);
  refuses("1,2,\n", /line 1, column 3 is empty/);
  refuses("1;2\n3;4,5\n", /line 2, column 2 is not a number: "4,5"; write a decimal point/);
  for (const word of ["0x10", "1e", "--1", "1_000", "e5", ".", "true", "constructor", "-", "1e5.5"]) {
    refuses(`1,2\n3,${word}\n`, /line 2, column 2 is not a number/);
  }
});

test("decodeCsv does not trust the number of lines or columns", () => {
  const wide = "1,".repeat(50000) + "1\n" + "\n".repeat(100000);
  assert.deepEqual(read(wide).shape, [1, 50001]);
});
