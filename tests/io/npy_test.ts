import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../core/errors.ts";
import { decodeNpy, encodeNpy } from "../../io/npy.ts";

const join = (parts: Iterable<Uint8Array>) => Uint8Array.from([...parts].flatMap((part) => [...part]));

/** A file as NumPy lays it out, with any header. */
function file(dict: string, data: Uint8Array, version = 1): Uint8Array {
  const start = version === 1 ? 10 : 12;
  const header = new TextEncoder().encode(dict + "\n");
  const length = new Uint8Array(start - 8);
  new DataView(length.buffer)[version === 1 ? "setUint16" : "setUint32"](0, header.length, true);
  return join([Uint8Array.of(0x93, 78, 85, 77, 80, 89, version, 0), length, header, data]);
}

const dict = (descr: string, shape: string, fortran = "False") =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;

function refuses(bytes: Uint8Array, pattern: RegExp) {
  assert.throws(() => decodeNpy(bytes, "f.npy"), (error) => {
    assert.ok(error instanceof ConfigError, String(error));
    assert.match(error.message, /^Cannot read "f\.npy": [^\n]+[^.\n]$/);
    assert.match(error.message, pattern);
    return true;
  });
}

test("encodeNpy writes the header of numpy, byte for byte", () => {
  // As numpy 2.4 wrote them.
  const text = new TextDecoder("latin1");
  for (
    const [shape, data, expected] of [
      [[], new Float64Array(1), "{'descr': '<f8', 'fortran_order': False, 'shape': (), }"],
      [[1], new Float64Array(1), "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }"],
      [[3, 4], new Float32Array(12), "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }"],
      [[1234567, 0], new Float64Array(0), "{'descr': '<f8', 'fortran_order': False, 'shape': (1234567, 0), }"],
    ] as const
  ) {
    const [header] = encodeNpy(shape, data);
    assert.deepEqual([...header.subarray(0, 10)], [0x93, 78, 85, 77, 80, 89, 1, 0, 118, 0]);
    assert.equal(text.decode(header.subarray(10)), expected.padEnd(117) + "\n");
  }
});

test("encodeNpy shares the memory of the numbers, so that a large field is not copied", () => {
  const data = new Float64Array(6);
  assert.equal(encodeNpy([2, 3], data)[1].buffer, data.buffer);
  assert.throws(() => encodeNpy([2, 2], data), RangeError);
});

test("decodeNpy gives back what encodeNpy was given", () => {
  const shapes = [fc.constant([]), fc.tuple(fc.nat(20)), fc.tuple(fc.nat(9), fc.nat(9))] as const;
  fc.assert(
    fc.property(fc.oneof(...shapes), fc.boolean(), fc.infiniteStream(fc.double()), (shape, single, stream) => {
      const count = shape.reduce((product, n) => product * n, 1);
      const values = [...stream.take(count)];
      const data = single ? Float32Array.from(values) : Float64Array.from(values);
      const back = decodeNpy(join(encodeNpy(shape, data)), "f.npy");
      assert.deepEqual(back.shape, [...shape]);
      assert.deepEqual(back.data, data);
    }),
  );
});

test("decodeNpy reads every number type in both byte orders, exactly", () => {
  const types: [string, number, (view: DataView, at: number, value: number, little: boolean) => void, number[]][] = [
    ["f8", 8, (v, at, x, le) => v.setFloat64(at, x, le), [0.1, -1e300, 5e-324]],
    ["f4", 4, (v, at, x, le) => v.setFloat32(at, x, le), [0.5, -1.25, 65536]],
    ["i1", 1, (v, at, x) => v.setInt8(at, x), [-128, 0, 127]],
    ["u1", 1, (v, at, x) => v.setUint8(at, x), [0, 1, 255]],
    ["i2", 2, (v, at, x, le) => v.setInt16(at, x, le), [-32768, 1, 32767]],
    ["u2", 2, (v, at, x, le) => v.setUint16(at, x, le), [0, 1, 65535]],
    ["i4", 4, (v, at, x, le) => v.setInt32(at, x, le), [-(2 ** 31), 1, 2 ** 31 - 1]],
    ["u4", 4, (v, at, x, le) => v.setUint32(at, x, le), [0, 1, 2 ** 32 - 1]],
    ["i8", 8, (v, at, x, le) => v.setBigInt64(at, BigInt(x), le), [-(2 ** 53), 1, 2 ** 53]],
    ["u8", 8, (v, at, x, le) => v.setBigUint64(at, BigInt(x), le), [0, 1, 2 ** 53]],
    ["b1", 1, (v, at, x) => v.setUint8(at, x), [0, 1, 1]],
  ];
  for (const [type, size, set, values] of types) {
    for (const order of size === 1 ? "|<" : "<>") {
      const bytes = new Uint8Array(size * values.length);
      values.forEach((value, k) => set(new DataView(bytes.buffer), k * size, value, order !== ">"));
      const { data } = decodeNpy(file(dict(order + type, "(3,)"), bytes), "f.npy");
      assert.deepEqual([...data], values, order + type);
      assert.equal(data instanceof Float32Array, type === "f4");
    }
  }
});

test("decodeNpy reads versions 1, 2 and 3 at any offset in memory", () => {
  const numbers = new Uint8Array(Float64Array.of(1.5, -2).buffer);
  for (const version of [1, 2, 3]) {
    const bytes = join([Uint8Array.of(0, 0, 0), file(dict("<f8", "(2,)"), numbers, version)]).subarray(3);
    assert.deepEqual([...decodeNpy(bytes, "f.npy").data], [1.5, -2]);
  }
});

test("decodeNpy turns Fortran order into C order", () => {
  const bytes = file(dict("|u1", "(2, 3)", "True"), Uint8Array.of(1, 4, 2, 5, 3, 6));
  assert.deepEqual([...decodeNpy(bytes, "f.npy").data], [1, 2, 3, 4, 5, 6]);
});

test("decodeNpy turns Fortran order into C order where rows are many", () => {
  const [ny, nx] = [37, 5];
  const values = Uint8Array.from({ length: ny * nx }, (_, k) => k);
  const { data } = decodeNpy(file(dict("|u1", `(${ny}, ${nx})`, "True"), values), "f.npy");
  for (let i = 0; i < ny; i++) for (let j = 0; j < nx; j++) assert.equal(data[i * nx + j], values[j * ny + i]);
});

test("decodeNpy shares memory with the bytes if the numbers lie there as they are needed", () => {
  const bytes = join(encodeNpy([3], Float64Array.of(1, 2, 3)));
  const { data } = decodeNpy(bytes, "f.npy");
  assert.equal(data.buffer, bytes.buffer);
  const moved = new Uint8Array(bytes.length + 1);
  moved.set(bytes, 1);
  const apart = decodeNpy(moved.subarray(1), "f.npy").data;
  assert.notEqual(apart.buffer, moved.buffer);
  assert.deepEqual(apart, data);
});

test("decodeNpy understands headers that other programs write", () => {
  const one = Uint8Array.of(7);
  for (
    const header of [
      `{"shape":(1L,),"fortran_order":False,"descr":"|u1"}`,
      `{ 'descr' : '|u1' , 'fortran_order' : True , 'shape' : ( 1 , 1 ) }   `,
      `{'descr': '|u1', 'fortran_order': False, 'shape': ()}`,
    ]
  ) assert.deepEqual([...decodeNpy(file(header, one), "f.npy").data], [7]);
});

test("decodeNpy refuses a file whose size is not what its header says", () => {
  const whole = file(dict("<f8", "(2, 2)"), new Uint8Array(32));
  refuses(file(dict("<f8", "(32768, 16384)"), new Uint8Array(1024)), /asks for 4294967296 bytes .* file holds 1024$/);
  refuses(whole.subarray(0, -1), /asks for 32 bytes of data, but the file holds 31$/);
  refuses(join([whole, Uint8Array.of(0)]), /asks for 32 bytes of data, but the file holds 33$/);
  refuses(file(dict("<f8", "(9007199254740991, 9007199254740991)"), new Uint8Array(8)), /asks for 6.490e\+32 bytes/);
  for (let length = 0; length < whole.length; length++) refuses(whole.subarray(0, length), /./);
});

test("decodeNpy refuses what is not a .npy file", () => {
  refuses(new TextEncoder().encode("1,2,3\n4,5,6\n"), /not a \.npy file/);
  refuses(file(dict("<f8", "()"), new Uint8Array(8), 4), /version 4\.0/);
  const endless = file(dict("<f8", "()"), new Uint8Array(8), 2);
  endless.set([255, 255, 255, 255], 8);
  refuses(endless, /header should be 4294967295 bytes/);
  refuses(file(" ".repeat(20000), new Uint8Array(8), 2), /at most 10000/);
});

test("decodeNpy refuses hostile and unknown headers", () => {
  const data = new Uint8Array(8);
  for (
    const [header, pattern] of [
      ["", /should have a "\{"/],
      ["{", /should have a key/],
      ["{'descr': '<f8'", /a "," or "\}"/],
      [`{'descr': '\\'<f8', 'fortran_order': False, 'shape': ()}`, /text, truth value or tuple/],
      [`{'descr': "'<f8'", 'fortran_order': False, 'shape': ()}`, /text, truth value or tuple/],
      [dict("<f8", "(-1,)"), /dimension out of range: "-1"/],
      [dict("<f8", "(99999999999999999999,)"), /dimension out of range/],
      [dict("<f8", "(1.5,)"), /a "," or "\)"/],
      [dict("<f8", "(1, 1, 1)"), /at most two dimensions/],
      [dict("<f8", "1"), /tuple for "shape"/],
      [dict("<f8", "()", "1"), /truth value/],
      [dict("<c16", "()"), /type "<c16"; save them as "<f8"/],
      [dict("<f2", "(4,)"), /type "<f2"/],
      [dict("|O", "()"), /type "\|O"/],
      [dict("|f8", "()"), /type "\|f8"/],
      [dict("", "()"), /type ""/],
      [dict("<constructor", "()"), /type "<constructor"/],
      [`{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': ()}`, /records in "descr"/],
      [`{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': ()}`, /two entries "descr"/],
      [`{'descr': '<f8', 'shape': ()}`, /no truth value "fortran_order"/],
      [`{'descr': '<f8', 'fortran_order': False, 'shape': (), 'x': ()}`, /entries besides/],
      [dict("<f8", "()") + " or exec('')", /nothing after its dict/],
      [dict("<f8", "(" + "(".repeat(5000)), /whole number/],
    ] as const
  ) refuses(file(header, data), pattern);
});

test("decodeNpy refuses integers that no double equals", () => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, 2n ** 53n + 1n, true);
  refuses(file(dict("<i8", "()"), bytes), /value 0 is beyond 2\^53/);
});

test("decodeNpy survives any bytes after the magic", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, inHeader) => {
    const text = "{'descr': '<f8', 'fortran_order': False, 'shape': " + String.fromCharCode(...noise);
    const bytes = inHeader ? file(text, noise) : join([Uint8Array.of(0x93, 78, 85, 77, 80, 89), noise]);
    refuses(bytes, /./);
  }));
});
