import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/problem.js';
import { parseAddress } from '../../../src/live/triton/address.js';
import { connectTriton } from '../../../src/live/triton/connect.js';

describe('the address of a server', () => {
  it.each([
    ['localhost:8001', 'localhost:8001', false],
    ['localhost', 'localhost:8001', false],
    ['grpc://10.0.0.7:9000', '10.0.0.7:9000', false],
    ['grpc://10.0.0.7:9000/', '10.0.0.7:9000', false],
    ['grpcs://triton.example', 'triton.example:8001', true],
    ['GRPCS://triton.example:443', 'triton.example:443', true],
    ['[::1]:8001', '[::1]:8001', false],
    ['grpc://[fe80::1%eth0]', '[fe80::1%eth0]:8001', false],
  ])('%s is %s', (url, target, isSecure) => {
    expect(parseAddress(url)).toEqual({ target, isSecure });
  });

  it.each([
    ['http://localhost:8000', /is an HTTP address.*8001/],
    ['unix:///tmp/socket', /unknown scheme "unix"/],
    ['', /is no address/],
    ['localhost:0', /is no address/],
    ['localhost:99999', /is no address/],
    ['localhost:port', /is no address/],
    ['::1', /is no address/],
    ['a b', /is no address/],
    ['grpc://', /is no address/],
    ['grpc://user@host:1', /is no address/],
  ])('"%s" is refused', (url, message) => {
    expect(() => parseAddress(url)).toThrow(message);
    expect(() => connectTriton({ url })).toThrow(InputError);
  });

  it('is read or refused as bad input, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.ipV6()), (url) => {
        try {
          expect(parseAddress(url).target).toMatch(/:\d+$/);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('numbers that cannot be used are refused together', () => {
    const options = { url: 'localhost', deadlineMs: Number.NaN, maxAnswerBytes: 0.5 };
    expect(() => connectTriton(options)).toThrow(/a deadline of NaN ms.*\n.*0\.5 bytes/);
  });

  it('a deadline whose timer would fire at once is refused', () => {
    expect(() => connectTriton({ url: 'localhost', deadlineMs: 3e9 })).toThrow(/a deadline of 3000000000 ms/);
  });

  it('a header that cannot be sent is refused', () => {
    const connect = (metadata: Record<string, string | string[]>) => () =>
      connectTriton({ url: 'localhost', metadata });
    expect(connect({ 'a b': 'c' })).toThrow(/the header "a b" cannot be sent/);
    expect(connect({ authorization: 'new\nline' })).toThrow(/the header "authorization" cannot be sent/);
    expect(connect({ authorization: ['a', 'b'] })).toThrow(/the header "authorization" has several values/);
    expect(connect({ authorization: 'a', Authorization: 'b' })).toThrow(/has several values/);
  });
});
