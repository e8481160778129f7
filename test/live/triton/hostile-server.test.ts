import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallError } from '../../../src/live/triton/call-error.js';
import { UnaryChannel } from '../../../src/live/triton/unary-channel.js';

const open: { server: Server; channel: UnaryChannel; sockets: Set<Socket> }[] = [];

afterEach(() => {
  for (const { server, channel, sockets } of open.splice(0)) {
    channel.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** Types of frames (RFC 9113 6). */
const [DATA, HEADERS, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION] = [0, 1, 4, 6, 8, 9];
const END_HEADERS = 4;
const ACK = 1;

function frame(type: number, payload: Uint8Array = Buffer.alloc(0), flags = 0, stream = 0): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const setting = (id: number, value: number) => {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16BE(id, 0);
  bytes.writeUInt32BE(value, 2);
  return bytes;
};

/** A field that no table is needed for (RFC 7541 6.2.2); lengths below 127. */
const literal = (name: string, value: string) =>
  Buffer.from(
    `\0${String.fromCharCode(name.length)}${name}${String.fromCharCode(value.length)}${value}`,
    'latin1',
  );
const FILLER = Buffer.concat(Array.from({ length: 120 }, () => literal('x-filler', 'a'.repeat(120))));
/** Chunks large enough that a flood is one: many frames in each write. */
const many = (bytes: Uint8Array) => Buffer.concat(Array.from({ length: 500 }, () => bytes));

/** How a call on stream 1 ends where the server answers it with these bytes, those of `again` again and again. */
async function answeredWith(
  once: Uint8Array,
  again: Uint8Array | undefined,
): Promise<{ readonly error: CallError | undefined; readonly sentBytes: number }> {
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
      socket.write(Buffer.concat([frame(SETTINGS), frame(SETTINGS, undefined, ACK)]));
      socket.once('data', () => {
        socket.resume();
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
    deadlineMs: 300,
    maxAnswerBytes: Infinity,
  });
  open.push({ server, channel, sockets });
  await channel.open();
  const error = await new Promise<CallError | undefined>((resolve, reject) => {
    if (!channel.tryCall(Buffer.alloc(1), resolve)) reject(new Error('not taken'));
  });
  return { error, sentBytes };
}

describe('a call ends with an error, and soon, where the server', () => {
  it.each<[string, Uint8Array, Uint8Array?]>([
    [
      'never ends a header block (CVE-2024-27316)',
      frame(HEADERS, FILLER, 0, 1),
      frame(CONTINUATION, FILLER, 0, 1),
    ],
    [
      'sends empty CONTINUATION frames without end',
      frame(HEADERS, undefined, 0, 1),
      many(frame(CONTINUATION, undefined, 0, 1)),
    ],
    ['breaks into a header block', frame(HEADERS, FILLER, 0, 1), frame(PING, Buffer.alloc(8))],
    ['goes on with a block that nobody began', frame(CONTINUATION, FILLER, 0, 1)],
    ['floods with PING', Buffer.alloc(0), many(frame(PING, Buffer.alloc(8)))],
    ['floods with acknowledgements', Buffer.alloc(0), many(frame(PING, Buffer.alloc(8), ACK))],
    ['floods with SETTINGS', Buffer.alloc(0), many(frame(SETTINGS))],
    ['allows frames of no bytes', frame(SETTINGS, setting(5, 0))],
    ['allows a window of 32 bits', frame(SETTINGS, setting(4, 2 ** 31))],
    [
      'turns a few bytes into a great many headers',
      frame(HEADERS, Buffer.alloc(16_000, 0x88), END_HEADERS, 1),
    ],
    [
      'begins its answer over and over',
      Buffer.alloc(0),
      many(frame(HEADERS, literal(':status', '103'), END_HEADERS, 1)),
    ],
    ['sends DATA with nothing in it without end', Buffer.alloc(0), many(frame(DATA, undefined, 0, 1))],
    ['opens its window by nothing', frame(WINDOW_UPDATE, Buffer.alloc(4))],
    ['answers a call that was never made', frame(HEADERS, literal(':status', '200'), END_HEADERS, 99)],
  ])('%s', async (_, once, again) => {
    const { error, sentBytes } = await answeredWith(once, again);
    expect(error?.details).toMatch(/dropped|RST_STREAM|Deadline/);
    // What the buffers on the way hold, and no more: the server could not go on for long.
    expect(sentBytes).toBeLessThan(32 * 2 ** 20);
  });
});
