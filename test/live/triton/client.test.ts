import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import type { InferenceClient, LiveError } from '../../../src/live/inference-client.js';
import { buildInputs } from '../../../src/live/input-data.js';
import { connectTriton, type TritonOptions } from '../../../src/live/triton/connect.js';
import {
  type MemoryTriton,
  type MemoryTritonOptions,
  startMemoryTriton,
} from '../../support/memory-triton.js';

const open: { server: MemoryTriton; client: InferenceClient }[] = [];

async function connected(
  options: MemoryTritonOptions = { models: { resnet: {} } },
  clientOptions: Partial<TritonOptions> = {},
): Promise<{ server: MemoryTriton; client: InferenceClient }> {
  const server = await startMemoryTriton(options);
  const pair = { server, client: connectTriton({ url: server.url, ...clientOptions }) };
  open.push(pair);
  return pair;
}

afterEach(async () => {
  for (const { server, client } of open.splice(0)) {
    client.close();
    await server.stop();
  }
});

/** Sends one request of that many inferences and waits for its end. */
async function infer(client: InferenceClient, model: string, batchSize = 1): Promise<LiveError | undefined> {
  const { config } = await client.modelConfig(model);
  const request = client.prepare({ model, batchSize, inputs: buildInputs(config, { batchSize }) });
  return new Promise((resolve) => client.send(request, resolve));
}

describe('a client of Triton', () => {
  it('tells the version of the server, and the release it belongs to', async () => {
    const { client } = await connected({ version: '2.51.0' });
    expect(await client.serverFacts()).toEqual({
      name: 'triton',
      version: '2.51.0',
      release: '24.10',
    });
    expect(await client.isServerReady()).toBe(true);
    await client.ping();
  });

  it('tells whether a model is ready', async () => {
    const { client } = await connected({ models: { resnet: {}, bert: { isReady: false } } });
    expect(await client.isModelReady('resnet')).toBe(true);
    expect(await client.isModelReady('bert')).toBe(false);
    expect(await client.isModelReady('nobody')).toBe(false);
  });

  it('lists the repository', async () => {
    const { client } = await connected({ models: { resnet: {}, bert: {} } });
    await client.unloadModel('bert');
    expect(await client.repositoryIndex()).toEqual([
      { model: 'resnet', version: '1', state: 'READY', reason: '' },
      { model: 'bert', version: '1', state: 'UNAVAILABLE', reason: 'unloaded' },
    ]);
  });

  it('sends tensors as raw bytes with their shapes, and priority and timeout as parameters', async () => {
    const { client, server } = await connected();
    const data = new Uint8Array(new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer);
    const inputs = [{ name: 'INPUT0', dataType: 'TYPE_FP32', shape: [2, 4], data }];
    const request = client.prepare({ model: 'resnet', batchSize: 2, inputs, priority: 3, timeoutUs: 2500 });
    expect(await new Promise((resolve) => client.send(request, resolve))).toBeUndefined();
    const [received] = server.requests;
    expect(received).toMatchObject({
      modelName: 'resnet',
      modelVersion: '',
      parameters: {
        priority: { parameterChoice: { case: 'int64Param', value: 3n } },
        timeout: { parameterChoice: { case: 'int64Param', value: 2500n } },
      },
      inputs: [{ name: 'INPUT0', datatype: 'FP32', shape: [2n, 4n] }],
    });
    expect(new Uint8Array(received!.rawInputContents[0]!)).toEqual(data);
  });

  it('sends a prepared request any number of times, also one that came from another thread', async () => {
    const { client, server } = await connected();
    const { config } = await client.modelConfig('resnet');
    const prepared = client.prepare({
      model: 'resnet',
      batchSize: 1,
      inputs: buildInputs(config, { batchSize: 1 }),
    });
    const copy = structuredClone(prepared);
    expect(Buffer.isBuffer(copy.bytes)).toBe(false);
    for (const request of [prepared, prepared, copy]) {
      expect(await new Promise((resolve) => client.send(request, resolve))).toBeUndefined();
    }
    expect(server.requests.length).toBe(3);
    expect(server.requests[2]).toEqual(server.requests[0]);
  });

  it('counts requests, inferences and executions by batch size', async () => {
    const { client } = await connected({ models: { resnet: { serviceMs: () => 2 }, bert: {} } });
    for (const batchSize of [4, 1, 4]) expect(await infer(client, 'resnet', batchSize)).toBeUndefined();
    const [statistics] = await client.statistics('resnet');
    expect(statistics).toMatchObject({ model: 'resnet', version: '1', inferenceCount: 9, executionCount: 3 });
    expect(statistics!.success.count).toBe(3);
    expect(statistics!.batches.map(({ batchSize, computeInfer }) => [batchSize, computeInfer.count])).toEqual(
      [
        [1, 1],
        [4, 2],
      ],
    );
    expect(statistics!.computeInfer.ns).toBeGreaterThan(3e6);
    expect((await client.statistics()).map(({ model }) => model)).toEqual(['resnet', 'bert']);
  });

  it('hears of each response of a stream, and of its end once', async () => {
    const { client } = await connected({ models: { writer: { responses: 3 } } });
    const inputs = buildInputs((await client.modelConfig('writer')).config, { batchSize: 1 });
    const streamed = async (model: string) => {
      let responses = 0;
      const request = client.prepare({ model, batchSize: 1, inputs, isStream: true });
      const error = await new Promise<LiveError | undefined>((resolve) => {
        client.send(request, resolve, () => responses++);
      });
      return { responses, kind: error?.kind };
    };
    expect(await streamed('writer')).toEqual({ responses: 3, kind: undefined });
    expect(await streamed('nobody')).toEqual({ responses: 0, kind: 'modelNotReady' });
  });

  it('has a connection for inference beside the one for all other calls', async () => {
    const { client, server } = await connected({ models: { resnet: {} } });
    await client.ping();
    await Promise.all(Array.from({ length: 6 }, () => infer(client, 'resnet')));
    expect(server.requests.length).toBe(6);
    expect(server.connections()).toBe(1 + 1);
  });

  it('sends the headers it was given with each call', async () => {
    const { client, server } = await connected({}, { metadata: { authorization: 'Bearer 42' } });
    await client.ping();
    expect(server.lastHeaders()['authorization']).toBe('Bearer 42');
  });

  it('sends every value of a header, in their order, with each call and with each inference', async () => {
    for (const inferenceBy of ['http2', 'grpc-js'] as const) {
      const metadata = { 'x-team': ['a', 'b'], 'X-Team': 'c' };
      const { client, server } = await connected({ models: { resnet: {} } }, { metadata, inferenceBy });
      await client.ping();
      expect(server.lastHeaders()['x-team']).toBe('a, b, c');
      await infer(client, 'resnet');
      expect(server.lastHeaders()['x-team']).toBe('a, b, c');
    }
  });
});

describe('loading and unloading', () => {
  it('loads a model under another configuration, in the form in which it was read', async () => {
    const { client } = await connected();
    const { json, config, version } = await client.modelConfig('resnet');
    expect([version, config.maxBatchSize, config.dynamicBatching]).toEqual(['1', 8, undefined]);
    const changed = {
      ...(json as object),
      dynamic_batching: { preferred_batch_size: [4], max_queue_delay_microseconds: 500 },
    };
    await client.loadModel('resnet', { configJson: JSON.stringify(changed) });
    const after = await client.modelConfig('resnet');
    expect(after.config.dynamicBatching).toMatchObject({ preferredBatchSizes: [4], maxQueueDelayUs: 500 });
    expect(after.json).toEqual(changed);
  });

  it('starts statistics anew', async () => {
    const { client } = await connected();
    await infer(client, 'resnet');
    await client.loadModel('resnet');
    expect((await client.statistics('resnet'))[0]).toMatchObject({ inferenceCount: 0, batches: [] });
  });

  it('says why a model cannot be loaded', async () => {
    const { client } = await connected({ models: { resnet: { loadError: 'no space left on GPU' } } });
    await expect(client.loadModel('resnet')).rejects.toMatchObject({
      kind: 'server',
      message: expect.stringContaining('no space left on GPU'),
    });
  });

  it('says what to do where the server does not allow it', async () => {
    const { client } = await connected({ models: { resnet: {} }, allowsModelControl: false });
    await expect(client.loadModel('resnet')).rejects.toMatchObject({
      kind: 'refused',
      remedy: expect.stringContaining('--model-control-mode=explicit'),
    });
  });

  it('has more time than other calls', async () => {
    const models = { resnet: { loadMs: 300 } };
    const { client } = await connected({ models }, { deadlineMs: 100 });
    await client.loadModel('resnet');
    const hasty = await connected({ models }, { loadDeadlineMs: 100 });
    await expect(hasty.client.loadModel('resnet')).rejects.toMatchObject({ kind: 'deadline' });
  });
});

describe('an inference that fails', () => {
  const failure = async (code: status, details: string): Promise<LiveError> => {
    const { client } = await connected({ models: { resnet: { error: () => ({ code, details }) } } });
    return (await infer(client, 'resnet'))!;
  };

  it.each([
    ['queueFull', status.UNAVAILABLE, 'Exceeds maximum queue size'],
    ['queueFull', status.UNAVAILABLE, '[request id: <id_unknown>] Exceeds maximum queue size'],
    ['queueTimeout', status.UNAVAILABLE, '[request id: <id_unknown>] Request timeout expired'],
    ['lost', status.UNAVAILABLE, 'Server not ready'],
    ['modelNotReady', status.UNAVAILABLE, "Request for unknown model: 'resnet' has no available versions"],
    ['modelNotReady', status.NOT_FOUND, "Request for unknown model: 'resnet' is not found"],
    ['modelNotReady', status.INVALID_ARGUMENT, "requested model 'resnet' is not available"],
    ['invalid', status.INVALID_ARGUMENT, "unexpected shape for input 'INPUT0' for model 'resnet'"],
    [
      'invalid',
      status.UNIMPLEMENTED,
      "ModelInfer RPC doesn't support models with decoupled transaction policy",
    ],
    ['refused', status.UNAUTHENTICATED, 'no token'],
    ['refused', status.PERMISSION_DENIED, 'not yours'],
    [
      'refused',
      status.UNAVAILABLE,
      "This protocol is restricted, expecting header 'triton-grpc-protocol-admin-key'",
    ],
    ['server', status.INTERNAL, "Stub process 'resnet_0_0' is not healthy."],
    ['server', status.UNKNOWN, ''],
    ['lost', status.CANCELLED, 'Call cancelled'],
  ])('is told as %s by code %s and text "%s"', async (kind, code, details) => {
    const error = await failure(code, details);
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+: ModelInfer of "resnet" failed: /);
    expect(error.message).toContain(details);
    expect(error.remedy).not.toBe('');
  });

  it('is told in one line without control characters, whatever the server says', async () => {
    const error = await failure(status.INTERNAL, 'first\n\u001b[31msecond\u202e');
    expect(error.message).toMatch(/first .{1,2}\[31msecond. \(INTERNAL\)$/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(error.message).not.toMatch(/[\n\u001b\u202e]/);
  });

  it('is told for an unknown model and for one with a full queue', async () => {
    const { client } = await connected({
      models: { busy: { serviceMs: () => 200, maxQueueSize: 1 } },
    });
    const outcomes = await Promise.all(Array.from({ length: 3 }, () => infer(client, 'busy')));
    expect(outcomes.map((error) => error?.kind).sort()).toEqual(['queueFull', undefined, undefined]);
    await expect(client.modelConfig('nobody')).rejects.toMatchObject({ kind: 'modelNotReady' });
  });

  it('is told when its deadline passes', async () => {
    const { client } = await connected({ models: { slow: { serviceMs: () => 1000 } } }, { deadlineMs: 100 });
    const error = await infer(client, 'slow');
    expect(error).toMatchObject({ kind: 'deadline', message: expect.stringContaining('within 100 ms') });
  });

  it('is told when a message is larger than the server allows', async () => {
    const config = { maxBatchSize: 64, input: [{ name: 'INPUT0', dataType: 11, dims: [4096n] }] };
    const server = await connected({ models: { big: { config } }, maxMessageBytes: 1000 });
    expect(await infer(server.client, 'big')).toMatchObject({
      kind: 'invalid',
      message: expect.stringMatching(/larger than/),
    });
    const free = await connected({ models: { big: { config: { ...config, maxBatchSize: 1024 } } } });
    expect(await infer(free.client, 'big', 1024)).toBeUndefined();
  });

  it('is told as lost when the server dies, and later calls as unreachable', async () => {
    const { client, server } = await connected({ models: { resnet: { serviceMs: () => 2000 } } });
    await client.ping();
    const outcome = infer(client, 'resnet');
    await expect.poll(() => server.requests.length).toBe(1);
    await server.stop();
    expect(await outcome).toMatchObject({ kind: 'lost' });
    const kindOfNext = () => client.ping().catch(({ kind }: LiveError) => kind);
    await expect.poll(kindOfNext).toBe('unreachable');
  });

  it('comes through the callback, after the call, even where the client is closed', async () => {
    const { client } = await connected();
    const { config } = await client.modelConfig('resnet');
    const inputs = buildInputs(config, { batchSize: 1 });
    const request = client.prepare({ model: 'resnet', batchSize: 1, inputs });
    client.close();
    let hasReturned = false;
    const error = await new Promise<LiveError | undefined>((resolve) => {
      client.send(request, (outcome) => resolve(hasReturned ? outcome : undefined));
      hasReturned = true;
    });
    expect(error).toMatchObject({ kind: 'lost', message: expect.stringContaining('closed') });
    await expect(client.ping()).rejects.toMatchObject({ kind: 'lost' });
  });
});

it('a server that comes back is found again', async () => {
  const first = await connected();
  await first.client.ping();
  await first.server.stop();
  await expect(first.client.ping()).rejects.toMatchObject({
    kind: expect.stringMatching(/lost|unreachable/),
  });
  const port = Number(first.server.url.split(':')[1]);
  const second = await connected({ models: { resnet: {} }, port });
  await expect
    .poll(
      () =>
        first.client.ping().then(
          () => 'answered',
          (error: LiveError) => error.kind,
        ),
      { timeout: 5000 },
    )
    .toBe('answered');
  expect(second.server.calls.length).toBeGreaterThan(0);
});

it('a server that does not know a call is told as such', async () => {
  const { client } = await connected({ models: { resnet: {} }, unimplemented: ['modelStatistics'] });
  await expect(client.statistics('resnet')).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('UNIMPLEMENTED'),
    remedy: expect.stringContaining('does not know this call'),
  });
});
