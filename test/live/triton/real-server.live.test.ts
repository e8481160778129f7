import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { InferenceClient, InferRequest, LiveError } from '../../../src/live/inference-client.js';
import { buildInputs, type InputOptions } from '../../../src/live/input-data.js';
import { restingStatistics } from '../../../src/live/resting-statistics.js';
import { gpuReadings, modelCounters, readMetrics } from '../../../src/live/server-metrics.js';
import { subtractStatistics } from '../../../src/live/statistics.js';
import { connectTriton } from '../../../src/live/triton/connect.js';
import { readTlsFiles } from '../../../src/live/triton/credentials.js';
import { describeLive, startTriton, type TestTriton } from '../support/triton.js';

const READY = { readyWithinMs: 60_000 };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const fixture = (name: string) => join(import.meta.dirname, '../../fixtures/tls', name);

describeLive('the client and a real Triton', () => {
  let triton: TestTriton;
  let client: InferenceClient;

  beforeAll(async () => {
    const impatient = {
      priority_levels: 2,
      default_priority_level: 2,
      default_queue_policy: { max_queue_size: 3, default_timeout_microseconds: 200_000 },
      priority_queue_policy: new Map([[1, { timeout_action: 'DELAY', max_queue_size: 9 } as const]]),
    };
    triton = await startTriton({
      ...READY,
      models: [
        {
          kind: 'echo',
          name: 'echo',
          dims: [-1],
          maxBatchSize: 4,
          dynamicBatching: { max_queue_delay_microseconds: 700 },
        },
        { kind: 'echo', name: 'doomed' },
        { kind: 'sleeping', name: 'impatient', fixedUs: 700_000, itemUs: 0, dynamicBatching: impatient },
        { kind: 'sleeping', name: 'unbatched', fixedUs: 1000, itemUs: 0, maxBatchSize: 0 },
      ],
    });
    client = connectTriton({ url: triton.url });
  });

  afterAll(async () => {
    client?.close();
    await triton?.stop({ graceMs: 3000 });
  });

  async function prepare(
    model: string,
    request: Partial<InferRequest> = {},
    options: Partial<InputOptions> = {},
  ) {
    const { config } = await client.modelConfig(model);
    const batchSize = request.batchSize ?? 1;
    const inputs = buildInputs(config, { batchSize, fill: 'random', ...options });
    return client.prepare({ model, batchSize, inputs, ...request });
  }

  async function infer(...args: Parameters<typeof prepare>): Promise<LiveError | undefined> {
    const request = await prepare(...args);
    return new Promise((resolve) => client.send(request, resolve));
  }

  it('understand each other', async () => {
    expect(await client.serverFacts()).toMatchObject({ name: 'triton', version: '2.51.0', release: '24.10' });
    expect(await client.isServerReady()).toBe(true);
    await client.ping();
    const index = await client.repositoryIndex();
    expect(index.map(({ model, state }) => [model, state])).toContainEqual(['echo', 'READY']);
  });

  it('agree on configurations, which load again as they were read', async () => {
    const { config, json, version } = await client.modelConfig('impatient');
    expect(version).toBe('1');
    expect(config.dynamicBatching).toMatchObject({
      priorityLevels: 2,
      defaultPriorityLevel: 2,
      defaultQueuePolicy: { timeoutAction: 'REJECT', defaultTimeoutUs: 200_000, maxQueueSize: 3 },
      priorityQueuePolicy: new Map([
        [1, { timeoutAction: 'DELAY', defaultTimeoutUs: 0, allowTimeoutOverride: false, maxQueueSize: 9 }],
      ]),
    });
    await client.loadModel('impatient', { configJson: JSON.stringify(json) });
    expect(await client.modelConfig('impatient')).toEqual({ config, json, version });
    expect((await client.modelConfig('unbatched')).config.maxBatchSize).toBe(0);
  });

  it('agree on what was executed, in statistics and metrics', async () => {
    const before = await client.statistics('echo');
    const shapes = new Map([['INPUT0', [7]]]);
    for (const batchSize of [1, 3, 3]) expect(await infer('echo', { batchSize }, { shapes })).toBeUndefined();
    expect(await infer('unbatched')).toBeUndefined();
    const [difference] = subtractStatistics(await restingStatistics(client, ['echo']), before);
    expect(difference).toMatchObject({ inferenceCount: 7, executionCount: 3, success: { count: 3 } });
    expect(difference!.batches.map(({ batchSize, computeInfer }) => [batchSize, computeInfer.count])).toEqual(
      [
        [1, 1],
        [3, 2],
      ],
    );
    const page = await readMetrics(triton.metricsUrl);
    const counters = modelCounters(page).find(({ model }) => model === 'echo');
    expect(counters).toMatchObject({ successCount: 3, inferenceCount: 7, executionCount: 3 });
    expect(gpuReadings(page)).toEqual([]);
  });

  it('agree on how large an answer is', async () => {
    const { config } = await client.modelConfig('echo');
    const options = { batchSize: 2, shapes: new Map([['INPUT0', [7]]]) };
    const inputs = buildInputs(config, options);
    const sentBytes = inputs.reduce((sum, { data }) => sum + data.length, 0);
    expect(sentBytes).toBe(2 * 7 * 4);
    expect(await client.answerBytes({ model: 'echo', batchSize: 2, inputs })).toBe(sentBytes);
  });

  it('tell a full queue and an expired request apart', async () => {
    const request = await prepare('impatient');
    const send = () =>
      new Promise<string>((resolve) => client.send(request, (error) => resolve(error?.kind ?? 'answered')));
    const running = send();
    await pause(100);
    const waiting = [send(), send(), send()];
    await pause(100);
    expect(await send()).toBe('queueFull');
    expect(await running).toBe('answered');
    expect(await Promise.all(waiting)).toEqual(['queueTimeout', 'queueTimeout', 'queueTimeout']);
    expect(await infer('impatient', { priority: 1, timeoutUs: 5000 })).toBeUndefined();
  });

  it('tell mistakes in requests', async () => {
    const data = new Uint8Array(4);
    const wrong = [{ name: 'WRONG', dataType: 'FP32', shape: [1, 1], data }];
    expect(await infer('echo', { inputs: wrong })).toMatchObject({
      kind: 'invalid',
      message: expect.stringMatching(/WRONG/),
    });
    expect(await infer('echo', { inputs: [] })).toMatchObject({ kind: 'invalid' });
    const nobody = client.prepare({ model: 'nobody', batchSize: 1, inputs: [] });
    const error = await new Promise((resolve) => client.send(nobody, resolve));
    expect(error).toMatchObject({ kind: 'modelNotReady' });
    for (const call of [client.modelConfig('nobody'), client.statistics('nobody')]) {
      await expect(call).rejects.toMatchObject({ kind: 'modelNotReady' });
    }
    await expect(client.loadModel('nobody')).rejects.toMatchObject({
      kind: 'server',
      message: expect.stringMatching(/failed to load/),
    });
  });

  it('load and unload', async () => {
    const { json } = await client.modelConfig('unbatched');
    await client.unloadModel('unbatched');
    expect(await client.isModelReady('unbatched')).toBe(false);
    await expect(client.modelConfig('unbatched')).rejects.toMatchObject({ kind: 'modelNotReady' });
    await client.loadModel('unbatched', {
      configJson: JSON.stringify({ ...(json as object), max_batch_size: 2 }),
    });
    expect((await client.modelConfig('unbatched')).config.maxBatchSize).toBe(2);
    expect(await infer('unbatched', { batchSize: 2 })).toBeUndefined();
  });

  it('tell a model whose process has died', async () => {
    expect(triton.killStub('doomed')).toHaveLength(1);
    expect(await infer('doomed')).toMatchObject({
      kind: 'server',
      remedy: expect.stringMatching(/process of the model has died/),
    });
    expect(await infer('echo')).toBeUndefined();
  });

  it('tell a wrong port', async () => {
    for (const url of [triton.httpUrl, triton.metricsUrl]) {
      const wrong = connectTriton({ url: new URL(url).host });
      await expect(wrong.ping()).rejects.toMatchObject({
        kind: 'unreachable',
        message: expect.stringMatching(/does not speak gRPC/),
      });
      wrong.close();
    }
  });

  it('tell requests that were lost with the server, and that it is gone', async () => {
    const request = await prepare('impatient', { priority: 1 });
    const outcome = new Promise((resolve) => client.send(request, resolve));
    await pause(100);
    process.kill(triton.pid, 'SIGKILL');
    expect(await outcome).toMatchObject({ kind: 'lost' });
    await triton.ended;
    const kindOfNext = () => client.ping().catch(({ kind }: LiveError) => kind);
    await expect.poll(kindOfNext).toBe('unreachable');
  });
});

describeLive('TLS with a real Triton', () => {
  let triton: TestTriton;

  beforeAll(async () => {
    triton = await startTriton({
      ...READY,
      models: [],
      extraArguments: [
        '--grpc-use-ssl=1',
        '--grpc-use-ssl-mutual=1',
        `--grpc-server-cert=${fixture('server.pem')}`,
        `--grpc-server-key=${fixture('server.key')}`,
        `--grpc-root-cert=${fixture('authority.pem')}`,
      ],
    });
  });

  afterAll(() => triton?.stop({ graceMs: 3000 }));

  const root = { rootCertificates: fixture('authority.pem') };
  const pair = { clientCertificate: fixture('client.pem'), clientKey: fixture('client.key') };

  it.each([
    ['works with the certificates that both sides want', { ...root, ...pair }, 'answered'],
    ['is told where a client certificate is missing', root, 'tls'],
    ['is told where the authority is another', { rootCertificates: fixture('stranger.pem'), ...pair }, 'tls'],
    ['is told where the client does without', undefined, 'tls'],
  ])('%s', async (_, files, expected) => {
    const url = triton.url.replace('127.0.0.1', 'localhost');
    const client = connectTriton({ url, ...(files && { tls: await readTlsFiles(files) }) });
    const outcome = await client.ping().then(
      () => 'answered',
      (error: LiveError) => error.kind,
    );
    client.close();
    expect(outcome).toBe(expected);
  });
});
