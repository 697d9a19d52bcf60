/**
 * A picture to repair, that everybody may use: three balls on a chessboard, rendered here, then scratched and, on its right
 * half, left with one pixel of five. Writes both.
 *
 *     deno run -A examples/inpaint/photograph.ts photograph.png damaged.png
 */

import { writeFileSync } from "node:fs";
import process from "node:process";
import { encode } from "fast-png";
import type { Picture } from "./inpaint.ts";

type Vector = readonly [x: number, y: number, z: number];

const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const along = (from: Vector, by: number, way: Vector): Vector => [
  from[0] + by * way[0],
  from[1] + by * way[1],
  from[2] + by * way[2],
];
const unit = (a: Vector): Vector => along([0, 0, 0], 1 / Math.sqrt(dot(a, a)), a);

const LIGHT = unit([-1, 2, -1]);
const EYE: Vector = [0, 1, -4];
const BALLS: readonly { readonly centre: Vector; readonly radius: number; readonly colour: Vector }[] = [
  { centre: [-1.15, 0.7, 0.3], radius: 0.7, colour: [0.85, 0.25, 0.2] },
  { centre: [0.35, 0.9, 1.2], radius: 0.9, colour: [0.25, 0.55, 0.3] },
  { centre: [1.3, 0.45, -0.6], radius: 0.45, colour: [0.25, 0.4, 0.8] },
];

/** The first ball on a ray, and how far it is. */
function hit(from: Vector, way: Vector) {
  let first = { distance: Infinity, ball: BALLS[0]! };
  for (const ball of BALLS) {
    const to = along(from, -1, ball.centre);
    const half = dot(to, way);
    const square = half * half - dot(to, to) + ball.radius ** 2;
    const distance = -half - Math.sqrt(square);
    if (distance > 1e-6 && distance < first.distance) first = { distance, ball };
  }
  return first.distance < Infinity ? first : undefined;
}

/** The colour that comes along a ray: a ball that reflects a little, the board with shadows, or the sky. */
function trace(from: Vector, way: Vector, depth = 2): Vector {
  const found = hit(from, way);
  const shade = (at: Vector, normal: Vector, colour: Vector) => {
    const light = hit(at, LIGHT) ? 0 : Math.max(0, dot(normal, LIGHT));
    return along([0, 0, 0], 0.3 + 0.7 * light, colour);
  };
  if (found) {
    const at = along(from, found.distance, way);
    const normal = unit(along(at, -1, found.ball.centre));
    const own = shade(at, normal, found.ball.colour);
    if (depth === 0) return own;
    const mirrored = trace(at, along(way, -2 * dot(way, normal), normal), depth - 1);
    return along(along([0, 0, 0], 0.8, own), 0.2, mirrored);
  }
  if (way[1] >= 0) return along([0.95, 0.95, 0.9], Math.min(1, 2 * way[1]), [-0.6, -0.4, 0]);
  const at = along(from, -from[1] / way[1], way);
  const white = (Math.floor(at[0]) + Math.floor(at[2])) % 2 === 0;
  const haze = Math.min(1, at[2] / 14);
  const board = shade(at, [0, 1, 0], white ? [0.9, 0.85, 0.75] : [0.35, 0.25, 0.2]);
  return haze <= 0 ? board : along(along([0, 0, 0], 1 - haze, board), haze, [0.95, 0.95, 0.9]);
}

/** Local. Renders the picture, four rays a pixel. */
export function photograph(width = 192, height = 128): Picture {
  const data = new Uint8Array(4 * width * height).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    let sum: Vector = [0, 0, 0];
    for (const [down, right] of [[0.25, 0.25], [0.25, 0.75], [0.75, 0.25], [0.75, 0.75]] as const) {
      const x = (pixel % width + right - width / 2) / height;
      const y = (height / 2 - Math.floor(pixel / width) - down) / height;
      sum = along(sum, 255 / 4, trace(EYE, unit([x, y - 0.12, 1])));
    }
    sum.forEach((shade, channel) => data[4 * pixel + channel] = Math.round(Math.min(255, shade)));
  }
  return { width, height, data };
}

/** Local. A copy of a picture without the pixels of some scratches, and with a fifth of those of its right half. */
export function damage({ width, height, data }: Picture): Picture {
  const damaged = Uint8Array.from(data);
  let state = 1;
  const random = () => (state = state * 48271 % 2147483647) / 2147483647; // Park and Miller, 1988
  const scratches = Array.from({ length: 9 }, () => ({
    left: random() * height,
    slope: (random() - 0.5) * 1.5,
    breadth: 1 + 2 * random(),
  }));
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [row, col] = [Math.floor(pixel / width), pixel % width];
    const lost = col < width / 2
      ? scratches.some(({ left, slope, breadth }) => Math.abs(left + slope * col - row) < breadth)
      : random() > 0.2;
    if (lost) damaged.fill(0, 4 * pixel, 4 * pixel + 4);
  }
  return { width, height, data: damaged };
}

if (import.meta.main) {
  const [whole, damaged] = process.argv.slice(2);
  if (whole === undefined || damaged === undefined) {
    console.error("Give it two files: photograph.ts photograph.png damaged.png");
    process.exit(2);
  }
  const picture = photograph();
  writeFileSync(whole, encode(picture));
  writeFileSync(damaged, encode(damage(picture)));
}
