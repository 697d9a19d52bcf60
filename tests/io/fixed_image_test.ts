import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ConfigError } from "../../core/errors.ts";
import { readProblem } from "../../io/mod.ts";
import { chunk, writePng } from "../support/png_writer.ts";

type Rgba = readonly [red: number, green: number, blue: number, opacity: number];

const RED: Rgba = [255, 0, 0, 255];
const BLUE: Rgba = [0, 0, 255, 255];
const WHITE: Rgba = [255, 255, 255, 255];
const CLEAR: Rgba = [0, 0, 0, 0];
const LEGEND = '"#ff0000" = 100, "#0000ff" = -100';

interface Read {
  /** The fixed values, row by row; NaN where a point is free. */
  readonly held: number[];
  readonly warnings: string[];
}

/** Reads a problem whose fixed points are a PNG file. */
async function readPng(bytes: Uint8Array, size: readonly [number, number], rest: string): Promise<Read> {
  const folder = await mkdtemp(join(tmpdir(), "laplace-test-"));
  try {
    await writeFile(join(folder, "d.png"), bytes);
    const path = join(folder, "d.toml");
    await writeFile(path, `shape = [${size}]\n[fixed]\nimage = "d.png"\n${rest}`);
    const warnings: string[] = [];
    const { fixed } = await readProblem(path, { onWarning: (warning) => warnings.push(warning) });
    assert.deepEqual(Object.keys(fixed!).sort(), ["mask", "values"]);
    const [mask, values] = [fixed!.mask as Uint8Array, fixed!.values as Float64Array];
    return {
      held: Array.from(values, (value, p) => mask[p] ? value : NaN),
      warnings: warnings.map((text) => text.replaceAll(folder + "/", "")),
    };
  } catch (error) {
    if (error instanceof ConfigError) error.message = error.message.replaceAll(folder + "/", "");
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads a drawing whose pixels are given row by row. */
function read(rows: readonly (readonly Rgba[])[], rest = `legend = { ${LEGEND} }`): Promise<Read> {
  const size = [rows.length, rows[0]!.length] as const;
  const picture = { width: size[1], height: size[0], type: 6, depth: 8 };
  return readPng(writePng({ ...picture, samples: (x, y) => rows[y]![x]! }), size, rest);
}

const grid = (at: (i: number, j: number) => Rgba) =>
  Array.from({ length: 24 }, (_, i) => Array.from({ length: 32 }, (_, j) => at(i, j)));

/** How much of a pixel an antialiased disc covers, of radius 8 about (12.3, 11.8), in steps of 1/255. */
function coverage(i: number, j: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, 8.5 - Math.hypot(i - 12.3, j - 11.8))));
}

const onWhite = grid((i, j) => j > 28 ? BLUE : [255, 255 - coverage(i, j), 255 - coverage(i, j), 255]);
const onClear = grid((i, j) => j > 28 ? BLUE : [255, 0, 0, coverage(i, j)]);

/** What must be held where pixels count that the disc covers by at least so many 255ths. */
const discFrom = (least: number) =>
  onWhite.flatMap((row, i) => row.map((_, j) => j > 28 ? -100 : coverage(i, j) >= least ? 100 : NaN));

test("an antialiased outline is counted and reported with its nearest colours, and stays free", async () => {
  const outline = onWhite.flatMap((row, i) => row.map((_, j) => coverage(i, j))).filter((c) => c > 0 && c < 255);
  const colours = new Set(outline).size;
  assert.ok(colours > 10);
  for (const [drawing, colour] of [[onWhite, /"#ff[0-9a-f]{4}"/], [onClear, /"#ff0000[0-9a-f]{2}"/]] as const) {
    const { held, warnings } = await read(drawing);
    assert.deepEqual(held, discFrom(255));
    assert.equal(warnings.length, 1);
    const begins = `fixed.image of "d.toml": "d.png" has ${outline.length} pixels in ${colours} colours`;
    assert.equal(warnings[0]!.slice(0, begins.length), begins);
    assert.match(warnings[0]!, new RegExp(`\\d+ of ${colour.source} \\(nearest: "#ff0000", \\d+ apart\\)`));
    assert.match(warnings[0]!, /, …; set fixed\.tolerance [^\n]*$/);
  }
});

test("tolerance is the largest difference in a channel, opacity included", async () => {
  for (const drawing of [onWhite, onClear]) {
    for (const tolerance of [0, 1, 127, 254]) {
      const { held, warnings } = await read(drawing, `legend = { ${LEGEND} }\ntolerance = ${tolerance}`);
      assert.deepEqual(held, discFrom(255 - tolerance), String(tolerance));
      assert.equal(warnings.length, tolerance === 254 ? 0 : 1);
    }
  }
});

test("within the tolerance the nearest colour counts, and the first of two", async () => {
  const near = (...levels: number[]) =>
    [RED, ...levels.map((level): Rgba => [level, 0, 0, 255]), [155, 0, 0, 255]] as Rgba[];
  const rest = `legend = { "#ff0000" = 1, "#9b0000" = 2 }\ntolerance = 60`;
  const rows = [near(206, 205, 204), near(200, 96, 95), near(254, 156, 94)];
  const { held, warnings } = await read(rows, rest);
  assert.deepEqual(held, [1, 1, 1, 2, 2, 1, 2, 2, 2, 2, 1, 1, 2, NaN, 2]);
  assert.equal(warnings.length, 0); // The one that is left is the background.
});

test("a drawing of the legend's colours and one background is read without a warning", async () => {
  for (const background of [WHITE, CLEAR, [0, 0, 0, 255]] as Rgba[]) {
    const { held, warnings } = await read(grid((i, j) => i === 3 ? RED : j === 5 ? BLUE : background));
    assert.deepEqual(held.slice(4 * 32, 4 * 32 + 7), [NaN, NaN, NaN, NaN, NaN, -100, NaN]);
    assert.deepEqual(warnings, []);
  }
});

test("a colour that the legend forgot is reported, unless its value is {}", async () => {
  const green: Rgba = [0, 128, 0, 255];
  const drawing = (background: Rgba) => grid((i, j) => i === 3 ? RED : i === 9 ? BLUE : j < 2 ? green : background);
  const one = /has 44 pixels in 1 colour that its legend lacks.*: 44 of "#008000" \(nearest: "#0{4}ff", 255 apart\);/;
  for (const background of [WHITE, CLEAR]) {
    const { warnings } = await read(drawing(background), 'legend = { "#0000ff" = 1, "#ff0000" = 2 }');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, one);
  }
  const all = `legend = { ${LEGEND}, "#ffffff" = {}, "#008000" = {} }`;
  assert.deepEqual((await read(drawing(WHITE), all)).warnings, []);
  // Where the legend says what is free, no other colour is taken for the background.
  const { held, warnings } = await read(drawing(WHITE), `legend = { ${LEGEND}, "#008000" = {} }`);
  assert.equal(held.filter(Number.isNaN).length, 22 * 32);
  assert.match(warnings[0]!, /has 660 pixels in 1 colour .*: 660 of "#ffffff" \(nearest: /);
});

test("a single stray pixel is reported in the singular", async () => {
  const { warnings } = await read(
    grid((i, j) => i === 3 ? RED : i === 5 ? BLUE : i + j === 0 ? [254, 0, 0, 255] : WHITE),
  );
  assert.match(warnings[0]!, /has 1 pixel in 1 colour that .*: 1 of "#fe0000" \(nearest: "#ff0000", 1 apart\); set/);
});

test("a photograph is reported without counting all its colours", async () => {
  const [ny, nx] = [300, 300];
  // Two pixels are red, and one other counts as the background.
  const samples = (x: number, y: number) => x + y === 0 ? [255, 0, 0] : [x & 255, y & 255, x >> 8 << 1 | y >> 8];
  const bytes = writePng({ width: nx, height: ny, type: 2, depth: 8, samples });
  const { warnings } = await readPng(bytes, [ny, nx], 'legend = { "#ff0000" = 1 }');
  assert.match(warnings[0]!, /has 89997 pixels in more than 65535 colours that its legend lacks/);
});

test("points that tRNS makes transparent are free, whatever their colour", async () => {
  const legend = 'legend = { "#ffffff" = 1 }';
  for (const interlaced of [false, true]) {
    for (const depth of [1, 2, 4, 8, 16]) {
      const most = 2 ** depth - 1;
      const picture = { width: 9, height: 5, depth, interlaced };
      const before = [chunk("tRNS", [0, 0])];
      const samples = (x: number) => [x < 4 ? most : 0];
      const grey = await readPng(writePng({ ...picture, type: 0, samples, before }), [5, 9], legend);
      assert.deepEqual(grey.held, Array.from({ length: 45 }, (_, p) => p % 9 < 4 ? 1 : NaN));
      const black = await readPng(
        writePng({ ...picture, type: 0, samples, before }),
        [5, 9],
        'legend = { "#ffffff" = 1, "#000000" = 2 }',
      ).catch((error) => error);
      assert.match(String(black), /has no point of the colour "#000000" that its legend names/);
      if (depth < 8) continue;
      const clear = [chunk("tRNS", [0, 0, 0, 0, 0, most & 255])];
      const blue = (x: number) => x < 4 ? [most, most, most] : [0, 0, x < 6 ? most & 255 : most];
      const rgb = await readPng(writePng({ ...picture, type: 2, samples: blue, before: clear }), [5, 9], legend);
      assert.deepEqual(rgb.held, grey.held);
      assert.equal(rgb.warnings.length, depth === 8 ? 0 : 1);
    }
  }
});

test("a tolerance that is none is refused", async () => {
  for (const tolerance of ["-1", "256", "0.5", '"1"', "{}", "true"]) {
    await assert.rejects(
      read(
        [[RED, RED, RED], [BLUE, BLUE, BLUE], [WHITE, WHITE, WHITE]],
        `legend = { ${LEGEND} }\ntolerance = ${tolerance}`,
      ),
      /^ConfigError: Cannot read "d\.toml": fixed\.tolerance: must be a whole number from 0 to 255, [^\n]*$/,
    );
  }
});
