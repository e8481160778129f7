import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallError } from '../../../src/live/triton/call-error.js';
import { UnaryChannel, type UnaryChannelOptions } from '../../../src/live/triton/unary-channel.js';

const open: { server: Http2Server; channel: UnaryChannel; end: () => void }[] = [];

afterEach(() => {
  for (const { server, channel, end } of open.splice(0)) {
    channel.close();
    end();
    server.close();
  }
});

type Answer = (stream: ServerHttp2Stream, message: Buffer) => void;

/** A channel to a server of Node's own HTTP/2, which is strict about what it takes. */
async function connected(
  answer: Answer,
  { settings = {}, ...options }: Partial<UnaryChannelOptions> & { settings?: object } = {},
) {
  const server = createServer({ settings });
  const sessions = new Set<{ destroy(): void; goaway(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    const parts: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () => answer(Object.assign(stream, { asked: headers }), Buffer.concat(parts)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const channel = new UnaryChannel({
    target,
    path: '/test/Echo',
    metadata: [],
    deadlineMs: 5000,
    maxAnswerBytes: Infinity,
    ...options,
  });
  const end = () => {
    for (const session of sessions) session.destroy();
  };
  open.push({ server, channel, end });
  await channel.open();
  return { channel, sessions, end };
}

function call(channel: UnaryChannel, message: Uint8Array): Promise<CallError | undefined> {
  return new Promise((resolve, reject) => {
    if (!channel.tryCall(message, resolve)) reject(new Error('not taken'));
  });
}

/** What gRPC servers do: headers, a message, a status. */
const succeed: Answer = (stream) => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.alloc(5));
};

const fail =
  (headers: Record<string, string | number>): Answer =>
  (stream) =>
    stream.respond(headers, { endStream: true });

describe('a minimal HTTP/2 channel', () => {
  it('carries messages of any size whole, many at a time', async () => {
    const seen: Buffer[] = [];
    const { channel } = await connected((stream, message) => {
      seen.push(message);
      succeed(stream, message);
    });
    // A frame's limit, a window, many windows: 16,384 and 65,535 bytes until the server says otherwise.
    const sizes = [0, 1, 16_378, 16_379, 16_380, 65_529, 65_530, 65_531, 3_000_000, 100];
    const messages = sizes.map((size, i) => Buffer.alloc(size, i + 1));
    expect(await Promise.all(messages.map((message) => call(channel, message)))).toEqual(
      messages.map(() => undefined),
    );
    const bodies = new Map(seen.map((bytes) => [bytes.readUInt32BE(1), bytes.subarray(5)]));
    for (const message of messages) expect(bodies.get(message.length)?.equals(message)).toBe(true);
  });

  it('takes answers while it has more to send than Node allows a session', async () => {
    const { channel } = await connected(succeed);
    const messages = [Buffer.alloc(24_000_000), Buffer.alloc(100)];
    expect(await Promise.all(messages.map((message) => call(channel, message)))).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('sends what gRPC asks for', async () => {
    let asked: unknown;
    const { channel } = await connected(
      (stream, message) => {
        asked = (stream as unknown as { asked: unknown }).asked;
        succeed(stream, message);
      },
      {
        metadata: [
          ['Authorization', 'Bearer 42'],
          ['X-Team', 'a'],
          ['x-team', 'b'],
        ],
      },
    );
    expect(await call(channel, Buffer.alloc(3))).toBeUndefined();
    expect(asked).toMatchObject({
      ':method': 'POST',
      ':path': '/test/Echo',
      te: 'trailers',
      'content-type': 'application/grpc',
      'grpc-timeout': '5000m',
      authorization: 'Bearer 42',
      'x-team': 'a, b',
    });
  });

  it('takes answers of many windows and answers pings meanwhile', async () => {
    const { channel, sessions } = await connected((stream) => {
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.alloc(5_000_000));
    });
    const [session] = sessions as unknown as Set<{ ping(callback: (error: Error | null) => void): void }>;
    const pinged = new Promise((resolve) => session!.ping(resolve));
    expect(await call(channel, Buffer.alloc(3))).toBeUndefined();
    expect(await pinged).toBeNull();
  });

  it.each([
    ['a status', { 'grpc-status': '14', 'grpc-message': 'Exceeds maximum queue size %C3%A4' }, 14, /size ä/],
    ['no gRPC at all', { ':status': 503 }, 14, /HTTP status code 503/],
    ['a page that is not there', { ':status': 404 }, 12, /404/],
  ])('tells %s', async (_, headers, code, details) => {
    const { channel } = await connected(fail(headers));
    expect(await call(channel, Buffer.alloc(3))).toMatchObject({
      code,
      details: expect.stringMatching(details),
    });
  });

  it('tells a stream that the server resets', async () => {
    const { channel } = await connected((stream) => stream.close(7));
    expect(await call(channel, Buffer.alloc(3))).toMatchObject({ code: 14, details: /refused/i });
  });

  it('gives up at the deadline, and only the calls whose it is', async () => {
    let answers = 0;
    const { channel } = await connected(
      (stream, message) => {
        if (answers++ > 0) succeed(stream, message);
      },
      { deadlineMs: 500 },
    );
    const [first, second] = await Promise.all([
      call(channel, Buffer.alloc(1)),
      call(channel, Buffer.alloc(2)),
    ]);
    expect(first).toMatchObject({ code: 4, details: expect.stringContaining('500 ms') });
    expect(second).toBeUndefined();
    expect(await call(channel, Buffer.alloc(3))).toBeUndefined();
  });

  it('refuses answers beyond the limit', async () => {
    const { channel } = await connected(
      (stream) => {
        stream.respond({ ':status': 200 });
        stream.end(Buffer.alloc(5 + 1001));
      },
      { maxAnswerBytes: 1000 },
    );
    expect(await call(channel, Buffer.alloc(1000))).toMatchObject({ code: 8, details: /larger than/ });
  });

  it('takes no more calls at once than the server allows', async () => {
    const held: ServerHttp2Stream[] = [];
    const { channel } = await connected((stream) => held.push(stream), {
      settings: { maxConcurrentStreams: 2 },
    });
    const calls = [call(channel, Buffer.alloc(1)), call(channel, Buffer.alloc(1))];
    expect(channel.tryCall(Buffer.alloc(1), () => {})).toBe(false);
    await expect.poll(() => held.length).toBe(2);
    for (const stream of held) succeed(stream, Buffer.alloc(0));
    expect(await Promise.all(calls)).toEqual([undefined, undefined]);
    expect(channel.tryCall(Buffer.alloc(1), () => {})).toBe(true);
  });

  it('lets calls under way end when the server goes away, and takes no new ones there', async () => {
    const held: ServerHttp2Stream[] = [];
    const { channel, sessions } = await connected((stream) => held.push(stream));
    const under = call(channel, Buffer.alloc(1));
    await expect.poll(() => held.length).toBe(1);
    for (const session of sessions) session.goaway();
    await expect.poll(() => channel.tryCall(Buffer.alloc(1), () => {})).toBe(false);
    succeed(held[0]!, Buffer.alloc(0));
    expect(await under).toBeUndefined();
  });

  it('lets go of a connection that the server has sent away when it is closed, with the calls under way there', async () => {
    const held: ServerHttp2Stream[] = [];
    const { channel, sessions } = await connected((stream) => held.push(stream));
    const under = call(channel, Buffer.alloc(1));
    await expect.poll(() => held.length).toBe(1);
    const [first] = sessions as unknown as Set<{ goaway(): void; destroyed: boolean }>;
    first!.goaway();
    // Until there is another connection, on which a call is taken.
    await expect.poll(() => channel.tryCall(Buffer.alloc(1), () => {}), { timeout: 5000 }).toBe(false);
    await expect.poll(() => channel.tryCall(Buffer.alloc(1), () => {}), { timeout: 5000 }).toBe(true);
    expect(sessions.size).toBe(2);
    expect(first!.destroyed).toBe(false);
    channel.close();
    expect(await under).toMatchObject({ code: 14, details: expect.stringContaining('dropped') });
    await expect.poll(() => first!.destroyed).toBe(true);
  });

  it('fails calls under way when the connection breaks', async () => {
    const held: ServerHttp2Stream[] = [];
    const { channel, end } = await connected((stream) => held.push(stream));
    const under = call(channel, Buffer.alloc(1));
    await expect.poll(() => held.length).toBe(1);
    end();
    expect(await under).toMatchObject({ code: 14, details: expect.stringContaining('dropped') });
    expect(channel.tryCall(Buffer.alloc(1), () => {})).toBe(false);
  });

  it('takes nothing where nobody listens', async () => {
    const channel = new UnaryChannel({
      target: '127.0.0.1:1',
      path: '/test/Echo',
      metadata: [],
      deadlineMs: 1000,
      maxAnswerBytes: Infinity,
    });
    await channel.open();
    expect(channel.tryCall(Buffer.alloc(1), () => {})).toBe(false);
    channel.close();
  });
});

it('a channel gives up at the deadline where somebody takes connections and never says a word', async () => {
  const mute = createTcpServer();
  await new Promise<void>((listening) => mute.listen(0, '127.0.0.1', listening));
  const channel = new UnaryChannel({
    target: `127.0.0.1:${(mute.address() as AddressInfo).port}`,
    path: '/test/Echo',
    metadata: [],
    deadlineMs: 100,
    maxAnswerBytes: Infinity,
  });
  const startMs = performance.now();
  await channel.open();
  expect(performance.now() - startMs).toBeGreaterThan(90);
  expect(channel.tryCall(Buffer.alloc(1), () => {})).toBe(false);
  channel.close();
  mute.close();
});
