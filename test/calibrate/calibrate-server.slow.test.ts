import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterEach, expect, it } from 'vitest';
import { DEFAULT_DESIGN } from '../../src/calibrate/experiment.js';
import { loadLiveAnew } from '../../src/calibrate/measure-loading.js';
import { configFileText } from '../../src/emit/config-file.js';
import type { InferenceClient } from '../../src/live/inference-client.js';
import { connectTriton } from '../../src/live/triton/connect.js';
import { calibrateServer } from '../../src/node/calibrate/calibrate-server.js';
import { readObservations } from '../../src/node/calibrate/calibration-folder.js';
import { readProfiles } from '../../src/node/scenario/profile-files.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { type MemoryModel, type MemoryTriton, startMemoryTriton } from '../support/memory-triton.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function served(
  models: Record<string, MemoryModel>,
): Promise<{ server: MemoryTriton; client: InferenceClient }> {
  const server = await startMemoryTriton({ models });
  const client = connectTriton({ url: server.url });
  ends.push(
    () => client.close(),
    () => server.stop(),
  );
  return { server, client };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'perseus-calibrate-'));
  ends.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const QUICK = { budgetS: 0.5, design: { ...DEFAULT_DESIGN, largestBatch: 1 } };
const plain: MemoryModel = { serviceMs: () => 1 };

it('a model is left loaded when the metrics of the server cannot be read', async () => {
  const { client, server } = await served({ m: plain });
  const { config } = await client.modelConfig('m');
  const loading = loadLiveAnew('m', {
    client,
    configs: new Map([['m', config]]),
    inputs: () => ({}),
    metricsUrl: 'http://127.0.0.1:1/metrics',
  } as never);
  await expect(loading).rejects.toMatchObject({ kind: 'unreachable' });
  expect(server.calls.map(({ method }) => method)).not.toContain('RepositoryModelUnload');
  expect(await client.isModelReady('m')).toBe(true);
});

it('a model that was loaded under another configuration has it again after its loading was measured', async () => {
  const { client } = await served({ m: plain });
  const json = { ...((await client.modelConfig('m')).json as object), max_batch_size: 3 };
  await client.loadModel('m', { configJson: JSON.stringify(json) });
  const found = await client.modelConfig('m');
  const notes: boolean[] = [];
  await loadLiveAnew('m', {
    client,
    configs: new Map([['m', found.config]]),
    inputs: () => ({}),
    noteChanged: async (model: unknown) => void notes.push(model !== undefined),
  } as never);
  expect((await client.modelConfig('m')).json).toEqual(found.json);
  expect(found.config.maxBatchSize).toBe(3);
  expect(notes).toEqual([true, false]);
});

it('a size that the server cannot execute is left out with its reason, and the profile is made of the others', async () => {
  const failing: MemoryModel = {
    serviceMs: () => 1,
    error: ({ inputs }) =>
      inputs[0]!.shape[0] === 2n ? { code: status.INTERNAL, details: 'out of memory' } : undefined,
  };
  const { client } = await served({ m: failing });
  const out = folder();
  const { fit, leftOut } = await calibrateServer({
    ...QUICK,
    client,
    out,
    design: { ...DEFAULT_DESIGN, largestBatch: 4 },
  });
  const [read] = await readProfiles([out]);
  expect(read!.serverFile).toBe(join(out, 'server.json'));
  expect(read!.profile).toEqual(fit.profiles[0]);
  expect(leftOut.find(({ id }) => id === 'm/sequential-2')!.reason).toContain('out of memory');
  expect(fit.profiles[0]!.service.map(({ batchSize }) => batchSize)).toEqual([1, 4]);
});

it('a model that is loaded under another configuration meanwhile ends a calibration, without the point that it was', async () => {
  const { client, server } = await served({ m: plain });
  const { json } = await client.modelConfig('m');
  const configJson = JSON.stringify({ ...(json as object), max_batch_size: 3 });
  const out = folder();
  const calibration = calibrateServer({
    ...QUICK,
    client,
    out,
    onProgress: ({ experiment: { id } }) =>
      id === 'm/saturated-1' && void client.loadModel('m', { configJson }),
  });
  await expect(calibration).rejects.toThrow(/m\/saturated-1: .*"m" was loaded|"m" went back/);
  const kept = await readObservations(out);
  expect(kept.map(({ experiment }) => experiment.id)).toEqual(['m/sequential-1']);
  expect(server.calls.length).toBeGreaterThan(0);
});

it('requests of somebody else end a calibration: a second one on the same server, say', async () => {
  const { client } = await served({ m: plain });
  const request = client.prepare({ model: 'm', batchSize: 1, inputs: [] });
  const others = setInterval(() => client.send(request, () => undefined), 4);
  ends.push(() => clearInterval(others));
  await expect(calibrateServer({ ...QUICK, client, out: folder() })).rejects.toThrow(
    /m\/sequential-1: the server counted \d+ requests to "m" where \d+ were sent: somebody else uses it/,
  );
});

it('a point without which there is no profile says which one failed', async () => {
  const { client } = await served({
    m: { error: () => ({ code: status.INTERNAL, details: 'out of memory' }) },
  });
  await expect(calibrateServer({ ...QUICK, client, out: folder() })).rejects.toThrow(
    /m\/sequential-1: .*out of memory/,
  );
});

it('a model that does not work is named with the command that calibrates the others', async () => {
  const { client } = await served({
    a: plain,
    b: { error: () => ({ code: status.INTERNAL, details: 'out of memory' }) },
    c: plain,
  });
  await expect(calibrateServer({ ...QUICK, client, out: folder() })).rejects.toMatchObject({
    message: expect.stringMatching(/b\/sequential-1: .*out of memory/),
    remedy: expect.stringContaining('or calibrate the others: --models a,c;'),
  });
});

/** One request in so many fails, the first of them early: a slow machine sends few within the budget. */
const failing = (one: number): MemoryModel => ({
  serviceMs: () => 1,
  error: (_, i) => (i % one === one / 4 ? { code: status.INTERNAL, details: 'bad luck' } : undefined),
});

it('a model that answers with an error now and then is measured', async () => {
  const { client } = await served({ m: failing(200) });
  const out = folder();
  const { fit } = await calibrateServer({ ...QUICK, client, out });
  const kept = await readObservations(out);
  const steps = kept.find(({ experiment }) => experiment.kind === 'sequential')!;
  expect(steps.clients[0]!.completed).toBeGreaterThan(50);
  expect(steps.statistics[0]!.success.count).toBe(steps.clients[0]!.completed);
  expect(fit.profiles).toHaveLength(1);
});

it('a model that fails too often to believe its other answers is refused with the share', async () => {
  const { client } = await served({ m: failing(20) });
  await expect(calibrateServer({ ...QUICK, client, out: folder() })).rejects.toThrow(
    /m\/sequential-1: \d+ of \d+ requests failed: .*bad luck/,
  );
});

it('a lone request that the queue policy refuses now and then stops no calibration', async () => {
  const expired = { code: status.UNAVAILABLE, details: 'Request timeout expired' };
  const { client } = await served({
    m: { serviceMs: () => 1, error: (_, i) => (i % 2 === 1 ? expired : undefined) },
  });
  const { fit } = await calibrateServer({ ...QUICK, client, out: folder() });
  expect(fit.profiles).toHaveLength(1);
  const deaf = await served({ m: { error: () => expired } });
  await expect(calibrateServer({ ...QUICK, client: deaf.client, out: folder() })).rejects.toThrow(
    /m\/sequential-1: none of \d+ requests was answered: .*timeout expired/,
  );
});

it('a scenario that somebody has changed is left alone by the next call', async () => {
  const { client } = await served({ m: plain });
  const out = folder();
  const call = () => calibrateServer({ ...QUICK, client, out });
  expect((await call()).leftAlone).toEqual([]);
  expect((await call()).leftAlone).toEqual([]);
  const file = join(out, 'scenario.yaml');
  const changed = readFileSync(file, 'utf8').replace('durationS: 60', 'durationS: 90');
  writeFileSync(file, changed);
  const { leftAlone, files } = await call();
  expect(leftAlone.map((each) => each.endsWith('scenario.yaml'))).toEqual([true]);
  expect(readFileSync(file, 'utf8')).toBe(changed);
  expect(files.some((each) => each.endsWith('scenario.new.yaml'))).toBe(true);
});

it('the scenario says all that the server was told of a model, so that what is emitted of it serves the same', async () => {
  const parameters = { fixed_us: { stringValue: '1000' }, debug: { stringValue: 'no' } };
  const input = { name: 'IN', dataType: 11, dims: [1n], reshape: { shape: [] } };
  const policyChoice = { case: 'specific' as const, value: { versions: [1n, 3n] } };
  const { client } = await served({
    m: { ...plain, config: { parameters, versionPolicy: { policyChoice }, input: [input] } },
  });
  const out = folder();
  await calibrateServer({ ...QUICK, client, out });
  const { spec, scenario } = await loadScenario(join(out, 'scenario.yaml'));
  const { config } = scenario.servers[0]!.models[0]!;
  const text = configFileText(config, { written: spec.servers[0]!.models[0]!.config, devices: 0 });
  expect(text).toMatch(/key: "fixed_us"\s+value \{\s+string_value: "1000"/);
  expect(text).toMatch(/key: "debug"\s+value \{\s+string_value: "no"/);
  expect(text).toMatch(/specific \{\s+versions: \[ 1, 3 \]/);
  expect(text).toMatch(/reshape \{\s*\}/);
});

it('files of a folder that somebody has changed are named, with what to do', async () => {
  const { client } = await served({ m: plain });
  const out = folder();
  const call = () => calibrateServer({ ...QUICK, client, out });
  await call();
  const point = join(out, 'points/m~sequential-1.json');
  for (const text of ['{"experiment": ', '[]', '{"a": 1}']) {
    writeFileSync(point, text);
    await expect(call()).rejects.toThrow(
      /m~sequential-1\.json: this .*; delete the file; the point is measured/,
    );
  }
  writeFileSync(join(out, 'calibration.json'), '[]');
  await expect(call()).rejects.toThrow(/calibration\.json: this was not written by calibrate; name another/);
  rmSync(join(out, 'calibration.json'));
  writeFileSync(join(out, 'changed-models.json'), '{}');
  await expect(call()).rejects.toThrow(/changed-models\.json: this was not written by calibrate; make sure/);
});

it('models whose names differ in signs only have points and profiles of their own', async () => {
  const { client } = await served({ 'bert base': plain, 'bert-base': plain });
  const out = folder();
  const { fit } = await calibrateServer({ ...QUICK, client, out });
  expect(fit.profiles).toHaveLength(2);
  expect(readdirSync(out).filter((name) => name.endsWith('.profile.json'))).toHaveLength(2);
  const points = await readObservations(out);
  expect(new Set(points.map(({ experiment }) => experiment.id)).size).toBe(points.length);
});

it('a folder that holds more models than are asked for now serves those', async () => {
  const { client } = await served({ m0: plain, m1: plain });
  const out = folder();
  await calibrateServer({ ...QUICK, client, out });
  const { fit } = await calibrateServer({ ...QUICK, client, out, models: ['m1'] });
  expect(fit.profiles.map(({ model }) => model)).toEqual(['m1']);
});

it('points measured with other inputs, or on a GPU of another kind, are not mixed in', async () => {
  const { client } = await served({ m: plain });
  const out = folder();
  await calibrateServer({ ...QUICK, client, out, gpu: 'Tesla T4' });
  await expect(
    calibrateServer({ ...QUICK, client, out, gpu: 'Tesla T4', inputs: { fill: 'random' } }),
  ).rejects.toThrow(/what requests of m hold has changed/);
  await expect(calibrateServer({ ...QUICK, client, out, gpu: 'A100' })).rejects.toThrow(
    /the GPU was Tesla T4 and is A100/,
  );
  await expect(
    calibrateServer({ ...QUICK, client, out, protocol: 'http', sharedMemory: 'system' }),
  ).rejects.toMatchObject({
    problems: [
      { what: expect.stringContaining('protocol was grpc and is http') },
      { what: expect.stringContaining('shared memory was none and is system') },
    ],
  });
});

it.skipIf(!existsSync('/dev/shm'))(
  'requests have their tensors in shared memory where asked, and the profile and scenario say so',
  async () => {
    const { client, server } = await served({ m: plain });
    const out = folder();
    const way = { sharedMemory: 'system' } as const;
    const { fit } = await calibrateServer({ ...QUICK, client, out, ...way });
    expect(server.requests.length).toBeGreaterThan(100);
    expect(server.requests.flatMap(({ rawInputContents }) => rawInputContents)).toEqual([]);
    expect(server.calls.filter(({ method }) => method === 'SystemSharedMemoryUnregister')).toHaveLength(1);
    const [{ provenance, payload }] = fit.profiles as never as [(typeof fit.profiles)[0]];
    expect(provenance).toMatchObject({ protocol: 'grpc', ...way });
    expect(payload).toEqual({ requestBytes: 0, responseBytes: 0 });
    const { scenario, warnings } = await loadScenario(join(out, 'scenario.yaml'));
    expect(scenario.tenants[0]!.sharedMemory).toBe('system');
    expect(warnings.filter(({ message }) => message.includes('was measured'))).toEqual([]);
  },
);

it('a cached model is not measured with tensors in shared memory, which never change', async () => {
  const { client, server } = await served({ m: { ...plain, config: { responseCache: { enable: true } } } });
  const sharing = calibrateServer({ ...QUICK, client, out: folder(), sharedMemory: 'system' });
  await expect(sharing).rejects.toThrow(/--models: "m" has a response cache/);
  expect(server.requests).toEqual([]);
});

it('a model of which no point was kept may be measured in another way than it was tried', async () => {
  const { client } = await served({
    a: plain,
    choosy: {
      ...plain,
      error: ({ rawInputContents: [data] }) =>
        data!.every((byte) => byte === 0) ? { code: status.INTERNAL, details: 'zeros' } : undefined,
    },
  });
  const out = folder();
  await expect(calibrateServer({ ...QUICK, client, out })).rejects.toThrow(/choosy\/sequential-1: .*zeros/);
  const ones = { values: new Map([['INPUT0', [1, 1, 1, 1]]]), shapes: new Map() };
  const given = { byModel: new Map([['choosy', ones]]) };
  const { fit } = await calibrateServer({ ...QUICK, client, out, inputs: given });
  expect(fit.profiles.map(({ model }) => model)).toEqual(['a', 'choosy']);
  await expect(calibrateServer({ ...QUICK, client, out })).rejects.toThrow(
    /what requests of choosy hold has changed/,
  );
});

it('variable dimensions that nobody gave are told to have been measured at 1', async () => {
  const input = { name: 'input_ids', dataType: 8, dims: [-1n] };
  const { client } = await served({ bert: { ...plain, config: { input: [input] } } });
  const assumed = await calibrateServer({ ...QUICK, client, out: folder() });
  expect(assumed.fit.uncertain.join('\n')).toContain(
    'bert was measured with its variable dimensions at 1: input_ids [1]',
  );
  const all = { values: new Map(), shapes: new Map([['input_ids', [128]]]) };
  const given = await calibrateServer({ ...QUICK, client, out: folder(), inputs: { all } });
  expect(given.fit.uncertain.join('\n')).not.toContain('variable dimensions');
  expect(given.fit.profiles[0]!.payload.requestBytes).toBe(128 * 4);
});

it('answers whose size the configuration does not tell are as large as the server sent them', async () => {
  const output = { name: 'boxes', dataType: 11, dims: [-1n, 4n] };
  const { client } = await served({
    detector: { ...plain, config: { output: [output] }, outputBytes: [1600] },
    silent: { ...plain, config: { output: [{ ...output, dims: [100n, 4n] }] }, outputBytes: [] },
  });
  const { fit } = await calibrateServer({ ...QUICK, client, out: folder() });
  expect(fit.profiles.map(({ payload }) => payload.responseBytes)).toEqual([1600, 100 * 4 * 4]);
});

it("what the server's GPUs did while a model was saturated is in the report", async () => {
  const page = createServer((_, response) => {
    response.end(
      [
        'nv_gpu_utilization{gpu_uuid="GPU-a"} 0.87',
        'nv_gpu_power_usage{gpu_uuid="GPU-a"} 65.5',
        'nv_gpu_memory_used_bytes{gpu_uuid="GPU-a"} 2147483648\n',
      ].join('\n'),
    );
  });
  await new Promise<void>((listening) => page.listen(0, '127.0.0.1', listening));
  ends.push(() => page.close());
  const { client } = await served({ m: plain });
  const metricsUrl = `http://127.0.0.1:${(page.address() as AddressInfo).port}/metrics`;
  const { report } = await calibrateServer({ ...QUICK, client, out: folder(), metricsUrl });
  expect(report).toMatch(/GPU-a while saturated: 87(\.0)? % busy, 65\.5 W, 2048 MiB in use/);
});

it('names all models that cannot be measured over HTTP at once, and the command that does without them', async () => {
  const { client } = await served({
    plain,
    other: plain,
    stream: { config: { modelTransactionPolicy: { decoupled: true } } },
    chat: { config: { modelTransactionPolicy: { decoupled: true } } },
  });
  await expect(calibrateServer({ client, out: folder(), ...QUICK, protocol: 'http' })).rejects.toMatchObject({
    problems: [
      {
        what: expect.stringContaining('"chat" is decoupled, and over HTTP'),
        remedy: 'calibrate the others: --models other,plain',
      },
      { what: expect.stringContaining('"stream" is decoupled') },
    ],
  });
});

it('a model that is gone for good is named with the file that asks to give it back', async () => {
  const { client } = await served({ m: plain });
  const out = folder();
  await calibrateServer({ ...QUICK, client, out });
  const changed = { url: client.url, name: 'gone', json: { name: 'gone' } };
  writeFileSync(join(out, 'changed-models.json'), JSON.stringify(changed));
  await expect(calibrateServer({ ...QUICK, client, out })).rejects.toMatchObject({
    message: expect.stringContaining('"gone" is not as it was found'),
    remedy: expect.stringMatching(/delete .*changed-models\.json$/),
  });
});
