import assert from "node:assert/strict";
import { test } from "node:test";
import { block } from "../../core/block_setting.ts";
import { padded, splitSweeps, tiling, WIDTH_MULTIPLE } from "../../backends/engine-threads/tiling.ts";
import { readSettings } from "../../core/settings.ts";

const read = (text: string) => readSettings("mine", { block: block("…") }, { block: text }).block;

test("block reads off, auto, and sweeps by columns", () => {
  assert.equal(read("off"), "off");
  assert.equal(read("auto"), "auto");
  assert.deepEqual(read("16x544"), { sweeps: 16, width: 544 });
  assert.deepEqual(read("1×8"), { sweeps: 1, width: 8 });
  assert.deepEqual(read("64x65536"), { sweeps: 64, width: 65536 });
});

test("block refuses what cannot be one, and says what can", () => {
  for (const text of ["", "on", "16", "x", "16x", "0x64", "65x1000", "16x67", "8x65537", "-1x9", "8x256x2", "8.5x99"]) {
    assert.throws(
      () => read(text),
      /Setting "block" of "mine" must be off, auto or TxW, such as 16x544: .* it is ".*"/,
    );
  }
});

test("tiles write every point inside the ghost layer once, and see all that it depends on", () => {
  for (const [ny, nx] of [[3, 3], [3, 400], [400, 3], [37, 61], [130, 257], [64, 64], [65, 1031]] as const) {
    for (const [depth, width] of [[1, 8], [2, 16], [5, 24], [17, 68], [9, 544]] as const) {
      for (const threads of [1, 2, 5]) {
        const what = `${ny} x ${nx}, ${depth} time steps, ${width} columns, ${threads} threads`;
        const written = new Uint8Array(ny * nx);
        for (const { left, width: wide, cols, rows } of tiling([ny, nx], depth, width, threads)) {
          assert.ok(left >= 0 && wide % WIDTH_MULTIPLE === 0 && left + wide <= padded(nx), what);
          assert.ok(left === 0 || left <= cols[0] - depth, what);
          assert.ok(left + wide >= Math.min(nx, cols[1] + depth), what);
          for (let i = rows[0]; i < rows[1]; i++) {
            for (let j = cols[0]; j < cols[1]; j++) written[i * nx + j]! += 1;
          }
        }
        for (let i = 0; i < ny; i++) {
          for (let j = 0; j < nx; j++) {
            const inside = i > 0 && i < ny - 1 && j > 0 && j < nx - 1;
            assert.equal(written[i * nx + j], inside ? 1 : 0, `${what}: row ${i}, column ${j}`);
          }
        }
      }
    }
  }
});

test("passes are about equally long, and none too long", () => {
  assert.deepEqual(splitSweeps(16, 16), [16]);
  assert.deepEqual(splitSweeps(17, 16), [8, 9]);
  assert.deepEqual(splitSweeps(100, 16), [14, 14, 14, 15, 14, 14, 15]);
  assert.deepEqual(splitSweeps(3, 1), [1, 1, 1]);
});
