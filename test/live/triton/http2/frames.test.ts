import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeFrame,
  Flag,
  type Frame,
  FrameReader,
  FrameType,
  unpadded,
} from '../../../../src/live/triton/http2/frames.js';

const anyFrame = fc.record({
  type: fc.integer({ min: 0, max: 12 }),
  flags: fc.integer({ min: 0, max: 255 }),
  stream: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

/** Cuts bytes at the places given. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((to, i) => bytes.subarray(at[i], to));
}

describe('a reader of frames', () => {
  it('finds the same frames however the bytes are cut, also where all come in one buffer, and passes over what DATA holds', () => {
    fc.assert(
      fc.property(fc.array(anyFrame), fc.array(fc.nat(), { maxLength: 30 }), (frames, places) => {
        const seen: Frame[] = [];
        const received = Buffer.alloc(64 * 1024);
        const reader = new FrameReader(1024, ({ payload, ...frame }) =>
          seen.push({ ...frame, payload: Buffer.from(payload) }),
        );
        const receive = (chunk: Buffer) => reader.push(received.subarray(0, chunk.copy(received)));
        const bytes = Buffer.concat(
          frames.map(({ type, flags, stream, payload }) => encodeFrame(type, flags, stream, payload)),
        );
        expect(cut(bytes, places).every(receive)).toBe(true);
        expect(seen).toEqual(
          frames.map(({ payload, ...frame }) => ({
            ...frame,
            length: payload.length,
            payload: frame.type === FrameType.data ? Buffer.alloc(0) : payload,
          })),
        );
      }),
    );
  });

  it('refuses a frame longer than was allowed', () => {
    const reader = new FrameReader(10, () => {});
    expect(reader.push(encodeFrame(FrameType.data, 0, 1, Buffer.alloc(10)))).toBe(true);
    expect(reader.push(encodeFrame(FrameType.data, 0, 1, Buffer.alloc(11)))).toBe(false);
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) => {
        const reader = new FrameReader(64, (frame) => void unpadded(frame));
        for (const chunk of chunks) expect(typeof reader.push(Buffer.from(chunk))).toBe('boolean');
      }),
    );
  });
});

describe('padding', () => {
  it('and priority are taken off, and one longer than the frame is seen', () => {
    const payload = Buffer.from([2, 9, 9, 9, 9, 9, 1, 2, 3, 0, 0]);
    const frame = { type: FrameType.headers, stream: 1, payload };
    expect(unpadded({ ...frame, flags: Flag.padded | Flag.priority })).toEqual(Buffer.from([1, 2, 3]));
    expect(unpadded({ ...frame, flags: Flag.padded, payload: Buffer.from([5, 1]) })).toBeUndefined();
  });
});
