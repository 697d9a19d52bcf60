/**
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodePicture, inpaint, type Picture } from "../../examples/inpaint/inpaint.ts";
import { damage, photograph } from "../../examples/inpaint/photograph.ts";
import { encode } from "fast-png";

/** The root of the mean square, in shades of 256, of what two pictures differ by where a third is transparent. */
function difference({ data: a }: Picture, { data: b }: Picture, { data: where }: Picture): number {
  const squares = Array.from(a, (shade, at) => ({ at, square: (shade - b[at]!) ** 2 }))
    .filter(({ at }) => where[at - at % 4 + 3] === 0 && at % 4 !== 3).map(({ square }) => square);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}

test("inpaint keeps the pixels that are there, and fills the others by what surrounds them", async () => {
  const whole = photograph();
  const damaged = damage(whole);
  const filled = await inpaint(damaged);
  damaged.data.forEach((shade, at) => {
    if (damaged.data[at - at % 4 + 3] !== 0) assert.equal(filled.data[at], shade);
  });
  const black: Picture = { ...damaged, data: damaged.data.map((shade, at) => at % 4 === 3 ? 255 : shade) };
  const grey: Picture = { ...whole, data: whole.data.map(() => 128) };
  const off = difference(filled, whole, damaged);
  assert.ok(off < 0.3 * difference(grey, whole, damaged), `${off}`);
  assert.ok(off < 0.15 * difference(black, whole, damaged), `${off}`);
  assert.ok(filled.data.every((shade, at) => at % 4 !== 3 || shade === 255));
});

test("inpaint continues a slope exactly", async () => {
  const [width, height] = [16, 12];
  const data = new Uint8Array(4 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    data.set([10 * (pixel % width), 100, 7 * Math.floor(pixel / width), 255], 4 * pixel);
  }
  const damaged = Uint8Array.from(data);
  for (const row of [4, 5, 6, 7]) damaged.fill(0, 4 * (row * width + 3), 4 * (row * width + 12));
  assert.deepEqual((await inpaint({ width, height, data: damaged })).data, data);
});

test("decodePicture reads what it can fill, and refuses pictures without opacity", () => {
  const picture = photograph(8, 8);
  assert.deepEqual(decodePicture(encode(picture)), picture);
  const opaque = { width: 2, height: 2, channels: 3, data: new Uint8Array(12) };
  assert.throws(() => decodePicture(encode(opaque)), { name: "ConfigError", message: /opacity/ });
});
