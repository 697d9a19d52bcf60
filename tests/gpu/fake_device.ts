/**
 * A device that computes nothing and checks what the engine requests: windows beyond buffers, memory that was released,
 * launches with missing or extra parameters, or too many threads.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Dtype, GridData } from "../../core/contract.ts";
import { allocate, arrayType, bytesPerValue } from "../../core/dtype.ts";
import { UnavailableError } from "../../core/errors.ts";
import { type Device, GROUP, type Launch, type Place, type Window } from "../../backends/engine-gpu/device.ts";
import { inOrder } from "../../backends/engine-gpu/launch.ts";
import { type Signature, signatures } from "../../backends/engine-gpu/signatures.ts";

/** A buffer, and whether it was released. */
export interface FakeBuffer {
  readonly bytes: number;
  released: boolean;
}

/** The device. */
export class FakeDevice implements Device<FakeBuffer> {
  readonly align = 256;
  readonly launches: Launch<FakeBuffer>[] = [];
  /** Bytes allocated at present, and the most so far. */
  used = 0;
  peak = 0;
  closed = false;
  private allocations = 0;

  /** @param failAt the allocation that fails, from 1 on */
  constructor(
    readonly dtype: Dtype = "f64",
    readonly largest: number = Infinity,
    readonly failAt: number = Infinity,
    readonly largestBuffer: number = Infinity,
  ) {}

  allocate(bytes: number): FakeBuffer {
    assert.ok(!this.closed && Number.isInteger(bytes) && bytes > 0, `allocates ${bytes} bytes`);
    if (++this.allocations === this.failAt) throw new UnavailableError("the device is full");
    this.used += bytes;
    this.peak = Math.max(this.peak, this.used);
    return { bytes, released: false };
  }

  release(buffer: FakeBuffer): void {
    assert.ok(!buffer.released, "releases a buffer twice");
    buffer.released = true;
    this.used -= buffer.bytes;
  }

  write(buffer: FakeBuffer, place: Place, data: GridData): void {
    assert.equal(data.length, place.width * place.rows);
    assert.ok(data instanceof arrayType(this.dtype), `is passed a ${data.constructor.name}`);
    this.requireWithin(buffer, place);
  }

  read(buffer: FakeBuffer, place: Place): GridData {
    this.requireWithin(buffer, place);
    const length = place.width * place.rows;
    return allocate(this.dtype, length);
  }

  launch(launch: Launch<FakeBuffer>): void {
    const { kernel, threads } = launch;
    const { windows = [], buffers: others = [], writes, ints, reals = [] }: Signature = signatures[kernel];
    const names = [...windows, ...others];
    assert.deepEqual(Object.keys(launch.buffers).sort(), names.toSorted(), kernel);
    assert.deepEqual(Object.keys(launch.scalars).sort(), [...ints, ...reals].sort(), kernel);
    const { buffers, ints: values } = inOrder(launch);
    for (const value of values) {
      assert.ok(Number.isInteger(value) && Math.abs(value) < 2 ** 31, `${kernel} is passed ${value}`);
    }
    threads.forEach((count, axis) => {
      assert.ok(count > 0 && Math.ceil(count / GROUP[axis]!) <= 65535, `${kernel} has ${threads} threads`);
    });
    for (const { buffer, offset, bytes } of buffers) {
      assert.ok(!buffer.released, `${kernel} uses what was released`);
      assert.ok(offset % this.align === 0 && offset >= 0 && bytes > 0, `${kernel}: a window at ${offset} of ${bytes}`);
      assert.ok(offset + bytes <= buffer.bytes, `${kernel}: a window beyond the buffer`);
      assert.ok(bytes <= this.largest, `${kernel}: a window of ${bytes} bytes`);
    }
    for (const name of writes) {
      const at = names.indexOf(name);
      buffers.forEach((other, n) => {
        if (n !== at) {
          assert.ok(!overlap(buffers[at]!, other), `${kernel} writes to ${name}, which is ${names[n]}, too`);
        }
      });
    }
    this.launches.push(launch);
  }

  close(): void {
    assert.ok(!this.closed, "closes twice");
    this.closed = true;
  }

  private requireWithin({ bytes, released }: FakeBuffer, { offset, width, rows, pitch }: Place): void {
    const size = bytesPerValue(this.dtype);
    assert.ok(
      !released && offset >= 0 && (offset + (rows - 1) * pitch + width) * size <= bytes,
      "a place beyond the buffer",
    );
    assert.ok(rows === 1 || width <= pitch);
  }
}

function overlap(one: Window<FakeBuffer>, other: Window<FakeBuffer>): boolean {
  if (one.buffer !== other.buffer) return false;
  return one.offset < other.offset + other.bytes && other.offset < one.offset + one.bytes;
}
