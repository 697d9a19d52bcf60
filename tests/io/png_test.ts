import assert from "node:assert/strict";
import { test } from "node:test";
import { convertIndexedToRgb, decode } from "fast-png";
import { typeset } from "../../io/font.ts";
import { heatmap } from "../../io/heatmap.ts";
import { encodePng } from "../../io/png.ts";
import { decodePng } from "../../io/png_decode.ts";
import { short, ticks } from "../../io/ticks.ts";

const VIRIDIS_LOW = [0x44, 0x01, 0x54];
const VIRIDIS_HIGH = [0xfd, 0xe7, 0x25];
const GREY = [190, 190, 190];
const PAPER = [255, 255, 255];

const join = (parts: Iterable<Uint8Array>) => Uint8Array.from([...parts].flatMap((part) => [...part]));

/** The picture of a field as another program decodes it; `at` gives a pixel's colour. */
function draw(
  shape: readonly [number, number],
  values: ArrayLike<number>,
  spacing: readonly [number, number] = [1, 1],
) {
  const image = decode(join(encodePng(heatmap(shape, Float64Array.from(values), spacing))), { checkCrc: true });
  const rgb = convertIndexedToRgb(image);
  const at = (x: number, y: number) => [...rgb.subarray(3 * (y * image.width + x), 3 * (y * image.width + x) + 3)];
  return { width: image.width, height: image.height, at };
}

test("heatmap puts north at the top, the lowest colour at the lowest value and the highest at the highest", () => {
  const { at } = draw([5, 5], Array.from({ length: 25 }, (_, k) => k < 5 ? 100 : 0));
  assert.deepEqual(at(21, 21), VIRIDIS_HIGH);
  assert.deepEqual(at(21, 300), VIRIDIS_LOW);
});

test("heatmap draws a colour bar from the lowest colour to the highest", () => {
  const { at } = draw([5, 5], Array.from({ length: 25 }, (_, k) => k));
  const x = 20 + 640 + 24 + 10;
  assert.deepEqual(at(x, 20), VIRIDIS_HIGH);
  assert.deepEqual(at(x, 659), VIRIDIS_LOW);
  assert.deepEqual(at(x, 10), [255, 255, 255]);
});

test("heatmap enlarges small grids, reduces large ones and follows the spacing", () => {
  const size = (shape: readonly [number, number], spacing: readonly [number, number] = [1, 1]) => {
    const { width, height } = heatmap(shape, new Float32Array(shape[0] * shape[1]), spacing);
    return [height, width];
  };
  for (const shape of [[3, 3], [65, 97], [257, 257], [641, 3], [2000, 300], [3, 5000], [1201, 1300]] as const) {
    const [height, width] = size(shape);
    assert.ok(Math.max(height!, width!) >= 340 && Math.max(height!, width!) <= 1400, `${shape}: ${height} x ${width}`);
  }
  const [tall] = size([33, 33], [2, 1]);
  const [wide] = size([33, 33], [1, 2]);
  assert.ok(tall! > 1.6 * wide!);
});

test("heatmap reduces by averages", () => {
  // Points alternate between 0 and 1; every box of two has the mean 1/2.
  const { at } = draw([4, 2400], Array.from({ length: 9600 }, (_, k) => k % 2));
  assert.deepEqual(at(600, 120), heatmap([1, 1], Float64Array.of(1), [1, 1]).palette[125]);
});

test("heatmap draws infinite values in grey, and leaves the paper blank where there is none", () => {
  const { at } = draw([3, 3], [NaN, 1, 2, 3, Infinity, 5, 6, 7, -Infinity]);
  assert.deepEqual(at(30, 30), PAPER);
  assert.deepEqual(at(340, 340), GREY);
  assert.deepEqual(at(20 + 213 + 10, 30), VIRIDIS_LOW);
  assert.deepEqual(draw([3, 3], Array(9).fill(NaN)).at(30, 30), PAPER);
});

test("heatmap draws constant fields and the largest numbers", () => {
  const middle = heatmap([1, 1], Float64Array.of(1), [1, 1]).palette[125];
  assert.deepEqual(draw([3, 3], Array(9).fill(75)).at(30, 30), middle);
  const { at } = draw([3, 3], [-1.7e308, 0, 0, 0, 0, 0, 0, 0, 1.7e308]);
  assert.deepEqual(at(30, 30), VIRIDIS_LOW);
  assert.deepEqual(at(340, 340), middle);
  assert.deepEqual(draw([3, 3], [5e-324, 0, 0, 0, 0, 0, 0, 0, 0]).at(30, 30), VIRIDIS_HIGH);
});

test("ticks are multiples of 1, 2 or 5 within the scale", () => {
  const labels = (low: number, high: number) => ticks(low, high, 6).map(({ label }) => label);
  assert.deepEqual(labels(0, 100), ["0", "20", "40", "60", "80", "100"]);
  assert.deepEqual(labels(-0.31, 0.52), ["-0.2", "0", "0.2", "0.4"]);
  assert.deepEqual(labels(0, 3e-7), ["0", "5e-8", "1.0e-7", "1.5e-7", "2.0e-7", "2.5e-7", "3.0e-7"]);
  assert.deepEqual(labels(1e6, 3e6), ["1.0e6", "1.5e6", "2.0e6", "2.5e6", "3.0e6"]);
  assert.deepEqual(labels(1e6, 1e6 + 0.04), ["1000000.00", "1000000.01", "1000000.02", "1000000.03", "1000000.04"]);
  assert.deepEqual(labels(7, 7), ["7"]);
  assert.deepEqual(labels(1, 1 + Number.EPSILON), ["1"]);
  for (const [low, high] of [[0, 5e-324], [-1.7e308, 1.7e308], [1e15, 1e15 + 1], [-1e-300, 1e300]] as const) {
    const all = ticks(low, high, 6);
    assert.ok(all.length >= 1 && all.length <= 9, `${low} ${high}: ${all.length}`);
    assert.equal(new Set(all.map(({ label }) => label)).size, all.length);
    assert.ok(all.every(({ value, label }) => value >= low && value <= high && typeset(label).length === 7));
  }
});

test("short numbers have about six figures, and the font has all their characters", () => {
  assert.deepEqual([0, 100, -0.5, 1 / 3, 1.5e-7, -1e300, 123456.7].map((value) => short(value)), [
    "0",
    "100",
    "-0.5",
    "0.333333",
    "1.5e-7",
    "-1e300",
    "123457",
  ]);
  assert.deepEqual([999999.97, 1000000.1].map((value) => short(value, 10)), ["999999.97", "1000000.1"]);
  assert.throws(() => typeset("?"), RangeError);
});

test("decodePng reads what encodePng wrote", () => {
  const palette = [[1, 2, 3], [250, 128, 0]] as const;
  const image = { width: 3, height: 2, pixels: Uint8Array.of(0, 1, 0, 1, 1, 0), palette };
  const { data } = decodePng(join(encodePng(image)), "p.png", [2, 3]);
  assert.deepEqual([...data], [...image.pixels].flatMap((index) => [...palette[index]!, 255]));
});
