/**
 * Opens devices, launches and reads, while each allocation of `bun-webgpu` runs the collector and then reuses the memory that
 * it freed. For Bun; prints how many succeeded.
 *
 * @module
 */

const { ArrayBuffer, TextEncoder, Bun } = globalThis as typeof globalThis & { Bun: { gc(all: boolean): void } };
const { encode } = TextEncoder.prototype;
let used: unknown[] = [];

function collect<T>(made: T): T {
  Bun.gc(true);
  used = Array.from({ length: 300 }, (_, k) => new ArrayBuffer(8 + 8 * (k % 60)));
  return made;
}
globalThis.ArrayBuffer = new Proxy(ArrayBuffer, {
  construct: (target, args: ConstructorParameters<typeof ArrayBuffer>) => collect(new target(...args)),
});
TextEncoder.prototype.encode = function (text) {
  return collect(encode.call(this, text));
};

const { chooseAdapter } = await import("../../../backends/webgpu/adapter.ts");
const { openAdapter } = await import("../../../backends/webgpu/device.ts");
const found = { opened: 0, read: 0 };
for (let n = 0; n < 4; n++) {
  const device = await openAdapter(await chooseAdapter(undefined));
  found.opened++;
  const [a, b] = [device.allocate(1024), device.allocate(1024)];
  const row = { offset: 0, width: 8, rows: 1, pitch: 8 };
  device.write(a, row, Float32Array.from({ length: 8 }, (_, k) => n + k));
  const window = (buffer: typeof a) => ({ buffer, first: 0, offset: 0, bytes: 1024 });
  const buffers = { origin: window(a), copied: window(b) };
  device.launch({ kernel: "copy", buffers, scalars: { rows: 1, width: 8 }, threads: [8, 1] });
  const copied = await device.read(b, row);
  if (copied.every((value, k) => value === n + k)) found.read++;
  device.close();
}
if (used.length > 0) console.log(JSON.stringify(found));
