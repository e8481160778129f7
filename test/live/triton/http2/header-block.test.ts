import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeHeaders, HeaderReader } from '../../../../src/live/triton/http2/header-block.js';

describe('header blocks', () => {
  it('come back as they were written, of any length', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,200}$/);
    const value = fc.stringMatching(/^[ -~]{0,400}$/);
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key }), (headers) => {
        expect(new HeaderReader().read(encodeHeaders(headers))).toEqual(new Map(headers));
      }),
    );
  });

  it('are read where the server uses the static table, Huffman codes and a table of size 0', () => {
    // RFC 7541 C.4.1, with a size update before it and the incremental indexing that stays without effect.
    const block = Buffer.from('20828684418cf1e3c2e5f23a6ba0ab90f4ff', 'hex');
    const expected = new Map([
      [':method', 'GET'],
      [':scheme', 'http'],
      [':path', '/'],
      [':authority', 'www.example.com'],
    ]);
    const reader = new HeaderReader();
    expect(reader.read(block)).toEqual(expected);
    expect(reader.read(Buffer.from(block))).toEqual(expected);
  });

  it('that make no sense are told apart, and nothing is thrown', () => {
    const reader = new HeaderReader();
    expect(reader.read(Buffer.of(0xff, 0xff, 0xff))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const headers = reader.read(Buffer.from(bytes));
        expect(headers === undefined || headers instanceof Map).toBe(true);
      }),
    );
  });
});
