import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import type { InferenceClient, LiveError } from '../../../src/live/inference-client.js';
import { buildInputs } from '../../../src/live/input-data.js';
import { readyModels } from '../../../src/live/ready-models.js';
import { connectTriton, type TritonOptions } from '../../../src/live/triton/connect.js';
import { RepositoryIndexResponseSchema } from '../../../src/live/triton/generated/grpc_service_pb.js';
import { encode } from '../../../src/live/triton/service.js';
import { type MemoryTritonOptions, startMemoryTriton } from '../../support/memory-triton.js';

const tidyUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of tidyUp.splice(0)) await each();
});

async function connected(options: MemoryTritonOptions, more: Partial<TritonOptions> = {}) {
  const server = await startMemoryTriton(options);
  const client = connectTriton({ url: server.url, ...more });
  tidyUp.push(
    () => client.close(),
    () => server.stop(),
  );
  return client;
}

/** A server that answers every call with these bytes of gRPC. */
async function answering(body: () => Buffer, headers: Record<string, string> = {}): Promise<InferenceClient> {
  const server: Http2Server = createServer();
  server.on('session', (session) => {
    tidyUp.push(() => session.destroy());
  });
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    const answer = { ':status': 200, 'content-type': 'application/grpc', ...headers };
    stream.respond(answer, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(body());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const client = connectTriton({ url: `127.0.0.1:${(server.address() as AddressInfo).port}` });
  tidyUp.push(
    () => client.close(),
    () => server.close(),
  );
  return client;
}

function framed(message: Uint8Array, flag = 0, length = message.length): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

function infer(client: InferenceClient, model: string): Promise<LiveError | undefined> {
  return client.modelConfig(model).then(({ config }) => {
    const request = client.prepare({ model, batchSize: 1, inputs: buildInputs(config, { batchSize: 1 }) });
    return new Promise((resolve) => client.send(request, resolve));
  });
}

const MIB = 2 ** 20;

describe('a server that answers with more than a Triton has to say', () => {
  it('is refused at the length that a message says, before its bytes come', async () => {
    const client = await answering(() => framed(Buffer.alloc(10), 0, 400 * MIB));
    await expect(client.repositoryIndex()).rejects.toMatchObject({
      kind: 'server',
      message: expect.stringMatching(/RepositoryIndex failed: .*larger than max \(419430400 vs 4194304\)/),
      remedy: expect.stringContaining('check the address'),
    });
  });

  it('is refused where few bytes unpack to many', async () => {
    const packed = gzipSync(Buffer.alloc(64 * MIB));
    expect(packed.length).toBeLessThan(MIB);
    const client = await answering(() => framed(packed, 1), { 'grpc-encoding': 'gzip' });
    await expect(client.repositoryIndex()).rejects.toMatchObject({
      kind: 'server',
      message: expect.stringMatching(/larger than/),
    });
  });

  it('is refused where a model has a name that no folder has', async () => {
    const models = [{ name: 'a'.repeat(MIB), version: '1', state: 'READY', reason: '' }];
    const client = await answering(() => framed(encode(RepositoryIndexResponseSchema, { models })));
    const error: LiveError = await client.repositoryIndex().catch((reason) => reason);
    expect(error).toMatchObject({ kind: 'server', message: expect.stringContaining('1048576 characters') });
    expect(error.message.length).toBeLessThan(200);
  });

  it('is shown cut short in what it gives as reasons and as errors', async () => {
    const reason = 'b'.repeat(MIB);
    const models = [{ name: 'm', version: '1', state: 'UNAVAILABLE', reason }];
    const client = await answering(() => framed(encode(RepositoryIndexResponseSchema, { models })));
    const [entry] = await client.repositoryIndex();
    expect(entry!.reason).toBe(`${'b'.repeat(500)}… (1048576 characters)`);
    const details = 'c'.repeat(10_000);
    const failing = await connected({
      models: { m: { error: () => ({ code: status.INTERNAL, details }) } },
    });
    expect((await infer(failing, 'm'))!.message).toMatch(/^.{2000}… \(\d+ characters\)$/);
  });

  it('is refused where the configuration of a model has lists without end', async () => {
    const input = Array.from({ length: 20_000 }, () => ({ name: 'x', dataType: 11, dims: [1n] }));
    const client = await connected({ models: { m: { config: { input } } } });
    await expect(client.modelConfig('m')).rejects.toMatchObject({
      kind: 'server',
      message: expect.stringContaining('one of its lists has 20000 entries'),
    });
  });

  it('is asked for few models at once, whatever its index names', async () => {
    const names = Array.from({ length: 500 }, (_, i) => `m${i}`);
    let [under, most] = [0, 0];
    const client = {
      repositoryIndex: async () => names.map((model) => ({ model, version: '1', state: '', reason: '' })),
      isModelReady: async () => {
        most = Math.max(most, ++under);
        await new Promise(setImmediate);
        under--;
        return true;
      },
    } as unknown as InferenceClient;
    expect(await readyModels(client)).toEqual([...names].sort());
    expect(most).toBe(32);
  });

  it('is refused where it answers with another model than was asked for', async () => {
    const client = await connected({ models: { m: { config: { name: 'other' } } } });
    await expect(client.modelConfig('m')).rejects.toThrow(/configuration of "m", it answers that of "other"/);
  });

  it.each(['http2', 'grpc-js'] as const)(
    'may answer an inference by %s with so much, and no more',
    async (by) => {
      const answer = { models: { m: {} } };
      const free = await connected(answer, { inferenceBy: by });
      await free.ping();
      expect(await infer(free, 'm')).toBeUndefined();
      const bounded = await connected(answer, { inferenceBy: by, maxAnswerBytes: 1 });
      await bounded.ping();
      expect(await infer(bounded, 'm')).toMatchObject({
        kind: 'invalid',
        message: expect.stringContaining('larger than'),
        remedy: expect.stringContaining('--max-answer'),
      });
    },
  );
});

describe('values of headers', () => {
  const metadata = {
    authorization: 'Bearer s3cr3t-token',
    'x-basic': `Basic ${Buffer.from('alice:pa55word').toString('base64')}`,
    'x-id': '7',
  };

  it('are not shown where a server sends them back in an error, whole or in part', async () => {
    const details =
      'bad credentials "Bearer s3cr3t-token"; token S3CR3T-TOKEN of alice:pa55word (pa55word), retry 7';
    const error = { code: status.UNAUTHENTICATED, details };
    for (const inferenceBy of ['http2', 'grpc-js'] as const) {
      const client = await connected({ models: { m: { error: () => error } } }, { metadata, inferenceBy });
      await client.ping();
      const told = await infer(client, 'm');
      expect(told!.message).toContain(
        'bad credentials "(hidden)"; token (hidden) of (hidden) ((hidden)), retry 7',
      );
    }
  });

  it('do not change what an error is taken for', async () => {
    const details = 'Exceeds maximum queue size';
    const client = await connected(
      { models: { m: { error: () => ({ code: status.UNAVAILABLE, details }) } } },
      { metadata: { 'x-a': 'maximum' } },
    );
    expect(await infer(client, 'm')).toMatchObject({ kind: 'queueFull' });
  });

  it('are not shown in the reasons why models are not ready', async () => {
    const models = [{ name: 'm', version: '1', state: 'UNAVAILABLE', reason: 'no s3cr3t-token' }];
    const index = encode(RepositoryIndexResponseSchema, { models });
    const server = await answering(() => framed(index));
    const client = connectTriton({ url: server.url, metadata });
    tidyUp.push(() => client.close());
    expect((await client.repositoryIndex())[0]!.reason).toBe('no (hidden)');
  });

  it('are not shown where they cannot be sent', () => {
    const connect = () => connectTriton({ url: 'localhost', metadata: { authorization: 's3cr3t\n' } });
    expect(connect).toThrow(/the header "authorization" cannot be sent/);
    expect(connect).not.toThrow(/s3cr3t/);
  });
});
