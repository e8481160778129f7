import { status } from '@grpc/grpc-js';
import { afterEach, expect, it } from 'vitest';
import type { InferenceClient } from '../../src/live/inference-client.js';
import { inputsOf, requestTo } from '../../src/live/model-inputs.js';
import { runFailure } from '../../src/live/run-failure.js';
import { disturbanceOf, runLive } from '../../src/live/run-live.js';
import { readStatistics } from '../../src/live/statistics.js';
import { connectTriton } from '../../src/live/triton/connect.js';
import { Outcome } from '../../src/trace/request-log.js';
import { type MemoryModel, startMemoryTriton } from '../support/memory-triton.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const plain: MemoryModel = { serviceMs: () => 1 };

async function serving(model: MemoryModel = plain) {
  const triton = await startMemoryTriton({ models: { m: model } });
  const client = connectTriton({ url: triton.url });
  ends.push(
    () => client.close(),
    () => triton.stop(),
  );
  return { triton, client };
}

const served = { models: [{ config: config('m', 8), profile: profile('m', 1, 0) }] };
const every10Ms = (count: number) => arrivals(Array.from({ length: count }, (_, i) => i * 10_000));

it('what two servers counted of one model is told apart, whatever they had counted before', async () => {
  const [a, b] = [await serving(), await serving()];
  for (let i = 0; i < 30; i++) await b.client.modelConfig('m');
  const targets = [
    { server: 0, model: 0 },
    { server: 1, model: 0 },
  ];
  const played = scenario(
    [server('a', served), server('b', served)],
    [tenant('t', 'm', every10Ms(20), { targets })],
    0.4,
  );
  const first = await runLive(played, { servers: [a, b] });
  const second = await runLive(
    { ...played, tenants: [tenant('t', 'm', every10Ms(20))] },
    { servers: [a, b] },
  );
  expect(first.statistics.map(({ success }) => success.count)).toEqual([10, 10]);
  expect(second.statistics.map(({ success }) => success.count)).toEqual([20]);
});

it('a server that dies near the end of a run costs its counts and not the log, and the run is no measurement', async () => {
  const { triton, client } = await serving({
    ...plain,
    error: (_, index) => {
      if (index === 90) void triton.stop();
      return undefined;
    },
  });
  const played = scenario([server('a', served)], [tenant('t', 'm', every10Ms(100))], 1);
  const run = await runLive(played, { servers: [{ client }] });
  expect(run.log.outcome.filter((outcome) => outcome === Outcome.completed).length).toBeGreaterThan(20);
  expect(run.statistics).toEqual([]);
  expect(run.uncounted).toContain(triton.url);
  expect(runFailure(run)?.kind).toMatch(/^(lost|unreachable)$/);
});

it('a model that is loaded under another configuration in the middle of a run makes it no measurement', async () => {
  const { triton, client } = await serving();
  const { json } = await client.modelConfig('m');
  const configJson = JSON.stringify({ ...(json as object), max_batch_size: 3 });
  const played = scenario([server('a', served)], [tenant('t', 'm', every10Ms(50))], 0.5);
  triton.models.set('m', {
    ...plain,
    error: (_, index) => {
      if (index === 40) void client.loadModel('m', { configJson });
      return undefined;
    },
  });
  const run = await runLive(played, { servers: [{ client }] });
  expect(run.uncounted).toMatch(/"m" was loaded|"m" went back/);
  expect(runFailure(run)?.message).toMatch(/the server's counts of the run could not be had/);
});

it('a model that answers in another version at the end of a run makes it no measurement', async () => {
  const { triton, client } = await serving();
  const played = scenario([server('a', served)], [tenant('t', 'm', every10Ms(20))], 0.2);
  const playing = runLive(played, { servers: [{ client }] });
  await expect.poll(() => triton.requests.length).toBeGreaterThan(0);
  triton.models.set('m', { ...plain, version: '2' });
  expect((await playing).uncounted).toMatch(
    /"m" was loaded under another configuration, or in another version/,
  );
});

it('requests hold what the model of their server takes, also where another server has another of that name', async () => {
  const input = { name: 'INPUT0', dataType: 11, dims: [2n] };
  const [a, b] = [await serving(), await serving({ ...plain, config: { input: [input] } })];
  const played = scenario(
    [server('a', served), server('b', served)],
    [0, 1].map((s) => tenant(`t${s}`, 'm', every10Ms(5), { targets: [{ server: s, model: 0 }] })),
    0.2,
  );
  await runLive(played, { servers: [a, b] });
  const lengths = [a, b].map(
    ({ triton }) => new Set(triton.requests.map(({ inputs }) => Number(inputs[0]!.shape[1]))),
  );
  expect(lengths).toEqual([new Set([4]), new Set([2])]);
});

it('each size of a load is sent before it is measured, also where a cap holds requests back', async () => {
  const { triton, client } = await serving();
  const open = arrivals([0, 1000], { batchSize: Uint16Array.from([1, 4]) });
  if (open.mode !== 'open') throw new Error('arrivals are an open loop');
  const capped = { mode: 'capped', trace: open.trace, maxInFlight: 2, latencyFrom: 'planned' } as const;
  const played = scenario([server('a', served)], [tenant('t', 'm', capped)], 0.1);
  await runLive(played, { servers: [{ client }] });
  const warmUps = triton.requests.slice(0, -2).map(({ inputs }) => Number(inputs[0]!.shape[0]));
  expect(new Set(warmUps)).toEqual(new Set([1, 4]));
});

it('requests hold what is given for their model, and each size is sent before it is measured', async () => {
  const { triton, client } = await serving();
  const sizes = { batchSize: Uint16Array.from([1, 4]) };
  const played = scenario([server('a', served)], [tenant('t', 'm', arrivals([0, 1000], sizes))], 0.1);
  const all = { values: new Map([['INPUT0', [1, 2, 3, 4]]]), shapes: new Map() };
  await runLive(played, { servers: [{ client }], inputs: { all } });
  const [first] = triton.requests;
  expect(Array.from(new Float32Array(Uint8Array.from(first!.rawInputContents[0]!).buffer))).toEqual([
    1, 2, 3, 4,
  ]);
  const warmUps = triton.requests.slice(0, -2).map(({ inputs }) => Number(inputs[0]!.shape[0]));
  expect(new Set(warmUps)).toEqual(new Set([1, 4]));
  const wrong = { values: new Map([['OTHER', [1]]]), shapes: new Map() };
  await expect(runLive(played, { servers: [{ client }], inputs: { all: wrong } })).rejects.toThrow(
    /no model has an input "OTHER"/,
  );
});

it('a model that refuses zeros is told with how to send it others', async () => {
  const error = () => ({ code: status.INTERNAL, details: 'INPUT0 must be positive' });
  const { client } = await serving({ ...plain, error });
  const played = scenario([server('a', served)], [tenant('t', 'm', every10Ms(3))], 0.1);
  await expect(runLive(played, { servers: [{ client }], inputs: {} })).rejects.toMatchObject({
    remedy: expect.stringMatching(/INPUT0 held zeros: .* --input m=FILE sends others, or --fill random$/),
  });
});

it('versions of a model are counted together: requests that name none go to one of them', async () => {
  const { client } = await serving();
  const [one] = await client.statistics('m');
  const count = { count: 5, ns: 5000 };
  const batches = [{ batchSize: 1, computeInput: count, computeInfer: count, computeOutput: count }];
  const two = { ...one!, version: '2', inferenceCount: 5, executionCount: 5, success: count, batches };
  const both = { ...client, statistics: async () => [one!, two] } as InferenceClient;
  expect(await readStatistics(both, ['m'])).toMatchObject([{ model: 'm', executionCount: 5, batches }]);
});

it('a slow model is warmed up by few requests', async () => {
  const { triton, client } = await serving({ serviceMs: () => 400 });
  await runLive(scenario([server('a', served)], [tenant('t', 'm', arrivals([0]))], 1), {
    servers: [{ client }],
  });
  // Two seconds of them, and the one of the load.
  expect(triton.requests.length).toBeLessThanOrEqual(7);
});

it('a model that refuses a lone request for its queue timeout is played all the same', async () => {
  const { client } = await serving({
    ...plain,
    error: (_, index) => (index < 20 ? { code: 14, details: 'Request timeout expired' } : undefined),
  });
  const played = scenario([server('a', served)], [tenant('t', 'm', every10Ms(10))], 0.2);
  const { log } = await runLive(played, { servers: [{ client }] });
  expect([...log.outcome]).toEqual(Array.from({ length: 10 }, () => Outcome.completed));
});

it('what a server counted of a model that others ask meanwhile is left out, and said', async () => {
  const { triton, client } = await serving();
  const { config: found } = await client.modelConfig('m');
  const foreign = client.prepare(requestTo(found, 1, inputsOf({})));
  triton.models.set('m', {
    ...plain,
    error: (_, index) => {
      if (index === 40) for (let i = 0; i < 60; i++) client.send(foreign, () => {});
      return undefined;
    },
  });
  const played = scenario([server('a', served)], [tenant('t', 'm', every10Ms(50))], 0.5);
  const run = await runLive(played, { servers: [{ client }] });
  expect(run.statistics).toEqual([]);
  expect(run.foreign).toEqual([{ model: 'm', answered: 110, sent: 50 }]);
  expect(disturbanceOf(run)[0]).toMatch(
    /^m answered 110 requests, of which this run sent 50 at most: another model calls it/,
  );
});
