import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RepositoryModel } from '../../scripts/triton/repository-model.js';
import type { InferenceClient, ModelStatistics } from '../../src/live/inference-client.js';
import { requirePlayable } from '../../src/live/playable.js';
import { type LiveRun, runLive } from '../../src/live/run-live.js';
import { connectTriton } from '../../src/live/triton/connect.js';
import { validateScenario } from '../../src/node/calibrate/validate-scenario.js';
import { type LoadedScenario, loadScenario } from '../../src/node/scenario/scenario-files.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { Outcome } from '../../src/trace/request-log.js';
import { describeLive, startTriton, type TestTriton } from './support/triton.js';

/** Sequences, a cached model, one that streams, and one behind an ensemble and a model that calls it. */
const MODELS: readonly RepositoryModel[] = [
  {
    kind: 'sleeping',
    name: 'speech',
    fixedUs: 2000,
    itemUs: 0,
    maxBatchSize: 4,
    config: { sequence_batching: { max_sequence_idle_microseconds: 60_000_000, direct: {} } },
  },
  {
    kind: 'sleeping',
    name: 'cached',
    fixedUs: 2000,
    itemUs: 0,
    config: { response_cache: { enable: true } },
  },
  {
    kind: 'composed',
    name: 'writer',
    fixedUs: 1000,
    itemUs: 0,
    responses: { count: 5, firstMs: 10, gapMs: 10 },
  },
  { kind: 'sleeping', name: 'net', fixedUs: 2000, itemUs: 0 },
  { kind: 'composed', name: 'caller', fixedUs: 500, itemUs: 0, calls: [{ call: 'net' }] },
  { kind: 'ensemble', name: 'chain', steps: ['net', 'caller'] },
];

const OBJECTS = 10;
const EXECUTION = 'calls: [{ownMs: 2}]';
const SCENARIO = `perseus: 1
name: compositions
durationS: 2
warmUpS: 0
profiles: [${join(import.meta.dirname, '../../calibration/t4')}]
servers:
  - name: triton
    triton: {cache: {sizeMb: 1, lookUpUs: 1, copyPerKilobyteUs: 0, hashPerKilobyteUs: 0}}
    models:
      - {name: speech, config: repository/speech/config.pbtxt, ${EXECUTION}}
      - {name: cached, config: repository/cached/config.pbtxt, ${EXECUTION}}
      - {name: writer, config: repository/writer/config.pbtxt, ${EXECUTION}, responses: {mean: 5, law: constant, firstMs: 10, gapMs: 10}}
      - {name: net, config: repository/net/config.pbtxt, ${EXECUTION}}
      - {name: caller, config: repository/caller/config.pbtxt, calls: [{ownMs: 1}, {call: net}]}
      - {name: chain, config: repository/chain/config.pbtxt}
tenants:
  - {name: calls, model: speech, load: {process: {kind: poisson, ratePerS: 3}}, sequences: {requests: 10, law: constant, gapMs: 50}}
  - {name: repeating, model: cached, load: {process: {kind: poisson, ratePerS: 50}}, contents: {objects: ${OBJECTS}, exponent: 0}}
  - {name: distinct, model: cached, load: {closedLoop: {concurrency: 1, maxRequests: 30}}}
  - {name: chat, model: writer, load: {process: {kind: poisson, ratePerS: 10}}}
  - {name: app, model: chain, load: {process: {kind: poisson, ratePerS: 20}}, outputs: [OUTPUT0]}
`;

describeLive('compositions played on a real Triton', () => {
  let triton: TestTriton;
  let client: InferenceClient;
  let loaded: LoadedScenario;
  let scenario: Scenario;
  let run: LiveRun;

  beforeAll(async () => {
    triton = await startTriton({ models: MODELS, extraArguments: ['--cache-config=local,size=1048576'] });
    client = connectTriton({ url: triton.url });
    const file = join(triton.repository, '../scenario.yaml');
    writeFileSync(file, SCENARIO);
    loaded = await loadScenario(file);
    ({ scenario } = loaded);
    requirePlayable(scenario);
    run = await runLive(scenario, { servers: [{ client }] });
  });

  afterAll(async () => {
    client?.close();
    await triton?.stop({ graceMs: 3000 });
  });

  const rowsOf = ({ log }: LiveRun, tenant: string) =>
    [...log.tenant.keys()].filter((row) => log.tenants[log.tenant[row]!] === tenant);
  const countsOf = ({ statistics }: LiveRun, name: string): ModelStatistics =>
    statistics.find(({ model }) => model === name)!;

  it('answers all requests, and counts them by all models that they reach', () => {
    expect(run.errors).toEqual([]);
    const completed = (tenant: string) =>
      rowsOf(run, tenant).filter((row) => run.log.outcome[row] === Outcome.completed).length;
    const asked = { speech: 'calls', writer: 'chat', chain: 'app', caller: 'app' };
    for (const [model, tenant] of Object.entries(asked)) {
      expect(completed(tenant)).toBeGreaterThan(5);
      expect(countsOf(run, model).success.count, model).toBeGreaterThanOrEqual(completed(tenant));
      expect(countsOf(run, model).success.count, model).toBeLessThanOrEqual(rowsOf(run, tenant).length);
    }
    // Once as a step of the ensemble, once called by the other step.
    expect(countsOf(run, 'net').success.count).toBe(2 * countsOf(run, 'chain').success.count);
  });

  it('repeats contents as the law says, and no content otherwise, in each run anew', async () => {
    const again = await runLive(scenario, { servers: [{ client }] });
    for (const each of [run, again]) {
      const { hits, misses } = countsOf(each, 'cached').cache!;
      const [repeating, distinct] = [rowsOf(each, 'repeating').length, rowsOf(each, 'distinct').length];
      expect(hits.count + misses.count).toBe(repeating + distinct);
      // Equal requests that are under way at once all miss.
      expect(misses.count).toBeGreaterThanOrEqual(OBJECTS + distinct);
      expect(misses.count).toBeLessThanOrEqual(2 * OBJECTS + distinct);
    }
  });

  it('notes how many responses a stream had, and when the first one came', () => {
    const { responses, endedUs, sentUs, outcome } = run.log;
    for (const row of rowsOf(run, 'chat').filter((each) => outcome[each] === Outcome.completed)) {
      expect(responses!.count[row]).toBe(5);
      expect(responses!.firstUs[row]! - sentUs[row]!).toBeGreaterThan(10_000);
      expect(endedUs[row]! - responses!.firstUs[row]!).toBeGreaterThan(30_000);
    }
    for (const row of rowsOf(run, 'app').filter((each) => outcome[each] === Outcome.completed))
      expect([responses!.count[row], responses!.firstUs[row]]).toEqual([1, endedUs[row]]);
  });

  it('leaves no slot taken by sequences that its end cut off', async () => {
    // Each of four slots would be kept for a minute.
    for (let i = 0; i < 2; i++) {
      const { log, errors } = await runLive(scenario, { servers: [{ client }] });
      expect(errors).toEqual([]);
      const unfinished = log.outcome.filter((each) => each === Outcome.unfinished).length;
      expect(unfinished).toBeLessThan(30);
    }
  });

  it('are validated step by step', async () => {
    const plan = { loaded, servers: [{ client }] };
    const { report } = await validateScenario(plan, { repeats: 1, replications: 2 });
    const figures = (subject: string) =>
      new Map(
        report!.figures.filter((each) => each.subject === subject).map((each) => [each.metric.name, each]),
      );
    for (const model of ['net', 'caller']) {
      const step = figures(`model ${model}`);
      for (const name of ['callsPerS', 'queueMs', 'inferMs', 'meanBatch']) {
        expect(step.get(name)!.measured, `${name} of ${model}`).toBeGreaterThan(0);
        expect(step.get(name)!.predicted, `${name} of ${model}`).toBeGreaterThan(0);
      }
    }
    expect(Math.abs(figures('model cached').get('cacheHitShare')!.error)).toBeLessThan(10);
  });
});
