import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallError } from '../../../../src/live/triton/http2/call-error.js';
import { Conduct } from '../../../../src/live/triton/http2/conduct.js';
import {
  encodeFrame,
  FrameType,
  numberFrame,
  settingsFrame,
} from '../../../../src/live/triton/http2/frames.js';
import { encodeHeaders } from '../../../../src/live/triton/http2/header-block.js';
import { UnaryChannel } from '../../../../src/live/triton/http2/unary-channel.js';

const open: { server: Server; channel: UnaryChannel; sockets: Set<Socket> }[] = [];

afterEach(() => {
  for (const { server, channel, sockets } of open.splice(0)) {
    channel.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

const END_HEADERS = 4;
const ACK = 1;
const EMPTY = Buffer.alloc(0);
const headersFrame = (payload: Buffer, flags = 0) => encodeFrame(FrameType.headers, flags, 1, payload);
const continuation = (payload: Buffer) => encodeFrame(FrameType.continuation, 0, 1, payload);
const PING = encodeFrame(FrameType.ping, 0, 0, Buffer.alloc(8));

/** How a call on stream 1 ends where the server answers it with these bytes, the last of them again and again. */
async function answeredWith(
  once: Uint8Array,
  { again, reads = true }: { readonly again?: Uint8Array; readonly reads?: boolean } = {},
): Promise<{ readonly error: CallError | undefined; readonly sentBytes: () => number }> {
  let sentBytes = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const send = (bytes: Uint8Array): boolean => {
      sentBytes += bytes.length;
      return socket.write(bytes);
    };
    const flood = () => {
      while (again !== undefined && !socket.destroyed && send(again));
    };
    socket.once('data', () => {
      socket.write(Buffer.concat([settingsFrame([]), encodeFrame(FrameType.settings, ACK, 0, EMPTY)]));
      socket.once('data', () => {
        if (!reads) socket.pause();
        else socket.resume();
        send(once);
        socket.on('drain', flood);
        flood();
      });
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const channel = new UnaryChannel({
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    path: '/test/Echo',
    metadata: [],
    deadlineMs: 30_000,
    maxMessageBytes: Infinity,
  });
  open.push({ server, channel, sockets });
  await channel.open();
  const error = await new Promise<CallError | undefined>((resolve, reject) => {
    // Another first: the server waits for two pieces of data, of which the acknowledgement of its settings may be one.
    if (!channel.tryCall(Buffer.alloc(1), resolve)) reject(new Error('not taken'));
  });
  return { error, sentBytes: () => sentBytes };
}

const literal = encodeHeaders([['x-filler', 'a'.repeat(16_000)]]);
/** Chunks large enough that a flood is one: many frames in each write. */
const many = (frame: Uint8Array) => Buffer.concat(Array.from({ length: 500 }, () => frame));

describe('a minimal HTTP/2 channel gives up a server', () => {
  it.each<[string, Uint8Array, Uint8Array | undefined, RegExp]>([
    [
      'whose header block never ends (CVE-2024-27316)',
      headersFrame(literal),
      continuation(literal),
      /header block of more than 65536 bytes/,
    ],
    [
      'that sends empty CONTINUATION frames without end',
      headersFrame(EMPTY),
      many(continuation(EMPTY)),
      /in more than 8 CONTINUATION frames/,
    ],
    ['that breaks into a header block', headersFrame(literal), PING, /header block that is no whole/],
    ['that goes on with a block that nobody began', continuation(literal), undefined, /that is no whole/],
    ['that floods with PING', EMPTY, many(PING), /frames that bring nothing|acknowledgements/],
    [
      'that floods with PING acknowledgements, which nobody answers',
      EMPTY,
      many(encodeFrame(FrameType.ping, ACK, 0, Buffer.alloc(8))),
      /more than 10000 frames that bring nothing/,
    ],
    ['that floods with SETTINGS', EMPTY, many(settingsFrame([])), /bring nothing|acknowledgements/],
    [
      'that sends a thousand settings at once',
      settingsFrame(Array.from({ length: 1000 }, () => [3, 100] as const)),
      undefined,
      /more than 32 settings/,
    ],
    ['that allows frames of no bytes', settingsFrame([[5, 0]]), undefined, /a setting that HTTP\/2 does not/],
    ['that allows a window of 32 bits', settingsFrame([[4, 2 ** 31]]), undefined, /a setting that HTTP\/2/],
    [
      'that makes its header table larger than it was allowed',
      headersFrame(Buffer.from([0x3f, 0xe1, 0x1f, 0x88]), END_HEADERS),
      undefined,
      /headers that make no sense/,
    ],
    [
      'whose few bytes become a great many headers',
      headersFrame(Buffer.alloc(60_000, 0x88), END_HEADERS),
      undefined,
      /headers that make no sense, or too many/,
    ],
    [
      'that begins its answer over and over',
      EMPTY,
      many(headersFrame(encodeHeaders([[':status', '103']]), END_HEADERS)),
      /frames that bring nothing/,
    ],
    [
      'that sends DATA with nothing in it without end',
      EMPTY,
      many(encodeFrame(FrameType.data, 0, 1, EMPTY)),
      /frames that bring nothing/,
    ],
    [
      'that opens its window by nothing',
      numberFrame(FrameType.windowUpdate, 0, 0),
      undefined,
      /opened a window/,
    ],
    [
      'that opens its window beyond 31 bits',
      numberFrame(FrameType.windowUpdate, 0, 2 ** 31 - 1),
      undefined,
      /opened a window/,
    ],
    [
      'that answers a call that was never made',
      encodeFrame(FrameType.headers, END_HEADERS, 99, encodeHeaders([[':status', '200']])),
      undefined,
      /dropped/,
    ],
  ])('%s', async (_, once, again, says) => {
    const { error, sentBytes } = await answeredWith(once, again === undefined ? {} : { again });
    expect(error).toMatchObject({ code: 14, details: expect.stringMatching(says) });
    // What the buffers on the way hold, and no more: the server could not go on for long.
    expect(sentBytes()).toBeLessThan(32 * 2 ** 20);
  });

  it('that asks for acknowledgements and reads none of them', async () => {
    const { error } = await answeredWith(EMPTY, { again: many(PING), reads: false });
    expect(error!.details).toMatch(/acknowledgements and read none|bring nothing/);
  });
});

describe('the conduct of a server that means well', () => {
  it('may ping ten times a second for days', () => {
    const conduct = new Conduct(0);
    const said = new Set(Array.from({ length: 1_000_000 }, (_, i) => conduct.idle(i * 100)));
    expect([...said]).toEqual([undefined]);
  });

  it('may put frames without anything into each of many answers', () => {
    const conduct = new Conduct(0);
    const said = new Set<string | undefined>();
    for (let answer = 0; answer < 100_000; answer++) {
      for (let i = 0; i < 4; i++) said.add(conduct.idle(answer / 100));
      conduct.answered();
    }
    expect([...said]).toEqual([undefined]);
  });

  it('may have a thousand acknowledgements on their way, and as many again once they have left', () => {
    const conduct = new Conduct(0);
    const thousand = () => Array.from({ length: 1000 }, () => conduct.acknowledging());
    expect(new Set(thousand())).toEqual(new Set([undefined]));
    expect(conduct.acknowledging()).toMatch(/more than 1000/);
    for (let i = 0; i <= 1000; i++) conduct.read();
    expect(new Set(thousand())).toEqual(new Set([undefined]));
  });
});
