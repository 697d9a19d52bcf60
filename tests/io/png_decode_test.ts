import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { ConfigError } from "../../core/errors.ts";
import { decodePng } from "../../io/png_decode.ts";
import { chunk, type Picture, pngOf, writePng } from "../support/png_writer.ts";

/** Every colour type and depth. */
const KINDS = [
  ...[1, 2, 4, 8, 16].map((depth) => [0, depth] as const),
  ...[1, 2, 4, 8].map((depth) => [3, depth] as const),
  ...[2, 4, 6].flatMap((type) => [[type, 8], [type, 16]] as const),
];

/** Sizes whose passes are empty, of one pixel, or end inside a byte. */
const SIZES = [[1, 1], [2, 3], [4, 5], [5, 4], [7, 1], [1, 8], [9, 9], [17, 6], [33, 13]] as const;

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const PALETTE = Array.from({ length: 256 }, (_, k) => [k, 255 - k, k * 7 % 256] as const);

/** Chunks that change no pixel: as programs write them, damaged inside, and unknown. */
const HINTS = [
  chunk("gAMA", [0, 0, 0xb1, 0x8f]),
  chunk("sRGB", [0]),
  chunk("iCCP", "profile\0\0no deflate"),
  chunk("pHYs", [0, 0, 11, 19, 0, 0, 11, 19, 1]),
  chunk("tEXt", "no keyword"),
  chunk("prVt", [1, 2, 3]),
];
const LATER = [chunk("tEXt", "Comment\0after the pixels"), chunk("tIME", [7, 234, 1, 1, 0, 0, 0])];

/** Some sample of a pixel, from 0 to `largest`. */
function some(x: number, y: number, c: number, largest: number): number {
  return (x * 40503 + y * 30011 + c * 7919 + (x * y + c) * 12289) % (largest + 1);
}

/** Pictures of all kinds; each line has the next filter. */
function* pictures(): Generator<Picture & { readonly palette: Uint8Array[]; readonly name: string }> {
  for (const [type, depth] of KINDS) {
    const palette = type === 3 ? [chunk("PLTE", PALETTE.slice(0, 2 ** depth).flat())] : [];
    for (const [width, height] of SIZES) {
      for (const interlaced of [false, true]) {
        const samples = (x: number, y: number) =>
          Array.from({ length: CHANNELS[type]! }, (_, c) => some(x, y, c, 2 ** depth - 1));
        const name = `type ${type}, ${depth} bits, ${width} x ${height}${interlaced ? ", interlaced" : ""}`;
        const filter = (line: number) => (line + width) % 5;
        yield { width, height, type, depth, samples, interlaced, filter, palette, before: palette, name };
      }
    }
  }
}

/** The pixels that a picture must have; `opacity` is what tRNS makes of the samples. */
function expected(
  { width, height, type, depth, samples }: Picture,
  opacity: (samples: readonly number[]) => number = () => 255,
): number[] {
  return Array.from({ length: width * height }, (_, p) => {
    const all = samples(p % width, Math.floor(p / width));
    if (type === 3) return [...PALETTE[all[0]!]!, opacity(all)];
    const bytes = all.map((sample) => Math.round(sample / (2 ** depth - 1) * 255));
    const colours = type === 0 || type === 4 ? Array(3).fill(bytes[0]) : bytes.slice(0, 3);
    return [...colours, type >= 4 ? bytes.at(-1)! : opacity(all)];
  }).flat();
}

function checkPixels(picture: Picture, pixels: readonly number[], name: string) {
  const { data } = decodePng(writePng(picture), "p.png", [picture.height, picture.width]);
  assert.deepEqual([...data], pixels, name);
}

test("decodePng reads every colour type and depth, interlaced or not, by every filter", () => {
  for (const picture of pictures()) checkPixels(picture, expected(picture), picture.name);
});

test("decodePng takes what tRNS names for transparent, and nothing else", () => {
  for (const picture of pictures()) {
    const { type, depth, width, height, samples, palette } = picture;
    if (type >= 4) continue;
    if (type === 3) {
      const opacities = Array.from({ length: 2 ** depth - 1 }, (_, k) => k * 97 % 256);
      const before = [...palette, chunk("tRNS", opacities)];
      checkPixels({ ...picture, before }, expected(picture, ([k]) => opacities[k!] ?? 255), picture.name);
      continue;
    }
    const clear = samples(width >> 1, height >> 1);
    // Bits above those of a sample do not count.
    const above = depth < 16 ? 0xaa00 & ~(2 ** depth - 1) : 0;
    const before = [chunk("tRNS", clear.flatMap((sample) => [(sample | above) >> 8, sample & 255]))];
    const opacity = (all: readonly number[]) => all.every((sample, c) => sample === clear[c]) ? 0 : 255;
    checkPixels({ ...picture, before }, expected(picture, opacity), picture.name);
  }
});

test("decodePng compares sixteen bits with tRNS before it rounds them", () => {
  const picture = { width: 2, height: 1, type: 2, depth: 16, samples: (x: number) => [0x1234, 0x5678 + x, 0x9abc] };
  const before = [chunk("tRNS", [0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc])];
  checkPixels({ ...picture, before }, [0x12, 0x56, 0x9a, 0, 0x12, 0x56, 0x9a, 255], "");
});

test("decodePng passes over chunks that change no pixel, and a palette that colours do not need", () => {
  const hint = chunk("PLTE", PALETTE.slice(0, 5).flat());
  for (const picture of pictures()) {
    if (picture.width !== 9) continue;
    const colours = picture.type === 2 || picture.type === 6 ? [hint] : picture.palette;
    const before = [...HINTS, ...colours, chunk("bKGD", [0, 0, 0, 0, 0, 0]), chunk("hIST", Array(10).fill(1))];
    const pixels = expected(picture);
    checkPixels({ ...picture, before, after: LATER }, pixels, picture.name);
    checkPixels({ ...picture, split: 1 }, pixels, picture.name);
    checkPixels({ ...picture, before: [...picture.palette, chunk("IDAT")] }, pixels, picture.name);
  }
});

function refuses(bytes: Uint8Array, size: readonly [number, number], pattern: RegExp) {
  assert.throws(() => decodePng(bytes, "p.png", size), (error) => {
    assert.ok(error instanceof ConfigError, String(error));
    assert.match(error.message, /^Cannot read "p\.png": [^\n]+[^.\n]$/);
    assert.match(error.message, pattern);
    return true;
  });
}

const SMALL: Picture = { width: 2, height: 2, type: 2, depth: 8, samples: (x, y) => [1 + x, 2 + y, 3] };

test("decodePng refuses what is no sound PNG of the size", () => {
  const whole = writePng(SMALL);
  refuses(whole, [3, 2], /2 pixels wide and 2 high, but the grid needs 2 and 3/);
  refuses(new TextEncoder().encode("GIF89a..."), [2, 2], /not a PNG file/);
  for (let length = 0; length < whole.length; length++) refuses(whole.subarray(0, length), [2, 2], /./);
  for (let k = 8; k < whole.length; k++) {
    const damaged = Uint8Array.from(whole);
    damaged[k]! ^= 0x10;
    refuses(damaged, [2, 2], /./);
  }
});

test("decodePng refuses pixels that are too few, too many, or none", () => {
  for (const interlaced of [false, true]) {
    const image = { ...SMALL, interlaced };
    const header = writePng(image).subarray(8, 33);
    const pixels = (bytes: number) => pngOf(header, chunk("IDAT", deflateSync(new Uint8Array(bytes))), chunk("IEND"));
    decodePng(pixels(interlaced ? 15 : 14), "p.png", [2, 2]);
    for (const bytes of [0, 6, 7, 10, 13]) refuses(pixels(bytes), [2, 2], /damaged: its pixels have \d+ bytes instead/);
    refuses(pixels(100000), [2, 2], /damaged/);
    refuses(pngOf(header, chunk("IEND")), [2, 2], /damaged/);
  }
  refuses(writePng({ ...SMALL, filter: () => 0 }).subarray(0, -12), [2, 2], /ends too early/);
});

test("decodePng refuses what contradicts itself, and says what", () => {
  const broken = (change: Partial<Picture>, pattern: RegExp) =>
    refuses(writePng({ ...SMALL, ...change }), [2, 2], pattern);
  const colours = chunk("PLTE", [1, 2, 3, 4, 5, 6]);
  broken({ depth: 4 }, /damaged: no PNG file has colours of type 2 with 4 bits/);
  broken({ type: 3, depth: 16, before: [colours] }, /no PNG file has colours of type 3 with 16 bits/);
  const indexed = { type: 3, samples: (x: number) => [x] };
  broken({ ...indexed }, /it has no palette/);
  broken({ ...indexed, samples: () => [2], before: [colours] }, /its palette has no colour 2/);
  broken({ ...indexed, before: [chunk("PLTE", [1, 2])] }, /its palette has 2 bytes/);
  broken({ ...indexed, before: [chunk("PLTE", Array(771).fill(0))] }, /its palette has 771 bytes/);
  broken({ ...indexed, before: [chunk("PLTE", [1])] }, /its palette has 1 byte$/);
  broken({ ...indexed, before: [colours, colours] }, /it has PLTE twice/);
  broken({ ...indexed, before: [colours, chunk("tRNS", [1, 2, 3])] }, /its tRNS has 3 bytes/);
  broken({ ...indexed, after: [colours] }, /it has PLTE after the pixels/);
  broken({ before: [chunk("tRNS", [0, 1])] }, /its tRNS has 2 bytes/);
  broken({ after: [chunk("tRNS", [0, 1, 0, 2, 0, 3])] }, /it has tRNS after the pixels/);
  broken({ type: 6, samples: () => [1, 2, 3, 4], before: [chunk("tRNS", [])] }, /its tRNS has 0 bytes/);
  for (const [type, samples] of [[0, [1]], [4, [1, 2]]] as const) {
    broken({ type, samples: () => samples, before: [colours] }, /its palette has no use/);
  }
  broken({ before: [chunk("CgBI", [0, 0, 0, 0])] }, /it needs "CgBI", which is not in the PNG standard/);
});
