import { describe, expect, it } from 'vitest';
import { summarizeRun } from '../../src/report/build-report.js';
import type { CallStep, ModelCall } from '../../src/scenario/composition.js';
import { simulate } from '../../src/simulator/simulate.js';
import { problemsOf, scenarioText } from '../scenario/fixtures.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

const CALL: ModelCall = { model: 0, per: 'request', probability: 1, inferences: undefined };

interface Case {
  readonly calls: readonly CallStep[];
  readonly requests?: number;
  readonly cpuCores?: number;
  readonly overlapping?: boolean;
  /** Own inference before the calls. */
  readonly ownMs?: number;
}

/** Requests for one instance of a model that calls another of 100 ms, which has an instance for each call. */
function scene({ calls, requests = 1, cpuCores = Infinity, overlapping = true, ownMs = 0 }: Case) {
  const place = server('s', {
    models: [
      { config: config('called', 1), profile: profile('called', 100, 0), instances: 40, device: -1 },
      {
        config: config('front', 1),
        profile: profile('front', ownMs, 0),
        device: -1,
        more: { calls, overlapping },
      },
    ],
  });
  const load = arrivals(Array.from({ length: requests }, () => 0));
  return scenario(
    [{ ...place, cpuCores }],
    [tenant('t', 'front', load, { targets: [{ server: 0, model: 1 }] })],
    10,
  );
}

function latenciesMs(of: Case): number[] {
  return Array.from(simulate(scene(of)).log.endedUs, (us) => us / 1000);
}

const times = (count: number, ms: number) => Array.from({ length: count }, () => ms);

describe('calls of one instance that are under way at once', () => {
  const calls = [{ calls: Array.from({ length: 12 }, () => CALL), atOnce: true }];

  it('are as many as asyncio has threads: four more than cores, which a real 24.10 needed 208 ms for', () => {
    expect(latenciesMs({ calls, cpuCores: 2, overlapping: false })).toEqual([200]);
    expect(latenciesMs({ calls, cpuCores: 8, overlapping: false })).toEqual([100]);
  });

  it('are those of all its coroutines, first come, first served', () => {
    const single = [{ calls: [CALL], atOnce: false }];
    // So seen on a real 24.10 with two cores: 102 ms for six of eight, 183 ms for the last two.
    expect(latenciesMs({ calls: single, requests: 8, cpuCores: 2 })).toEqual([
      ...times(6, 100),
      ...times(2, 200),
    ]);
    expect(latenciesMs({ calls, requests: 2, cpuCores: 8 })).toEqual([100, 200]);
  });
});

describe('a model whose execute is a coroutine', () => {
  it('takes requests while earlier ones wait for their calls', () => {
    const calls = [{ calls: [CALL], atOnce: false }];
    expect(latenciesMs({ calls, requests: 3 })).toEqual(times(3, 100));
    expect(latenciesMs({ calls, requests: 3, overlapping: false })).toEqual([100, 200, 300]);
  });

  it('computes for one request at a time, before its calls and after them', () => {
    const calls = [{ calls: [CALL], atOnce: false }, { ownUs: 30_000 }];
    expect(latenciesMs({ calls, requests: 3, ownMs: 10 })).toEqual([140, 170, 200]);
  });

  it('goes on with a call only when its thread is free', () => {
    const calls = [{ calls: [CALL], atOnce: false }, { ownUs: 30_000 }, { calls: [CALL], atOnce: false }];
    expect(latenciesMs({ calls, requests: 2 })).toEqual([230, 260]);
  });

  it('has no share of time in which its instances are busy', () => {
    const of = scene({ calls: [{ calls: [CALL], atOnce: false }], requests: 3 });
    const { models } = summarizeRun({ scenario: of, result: simulate(of) });
    expect(models.map(({ model, busyShare }) => [model, busyShare === undefined])).toEqual([
      ['called', false],
      ['front', true],
    ]);
  });

  it('calls others and has no sequences', () => {
    const model = (more: string) =>
      problemsOf(scenarioText({ models: `[{name: resnet, overlapping: true, ${more}}]` })).join('\n');
    expect(model('config: {}')).toContain('overlapping: "resnet" has no calls to wait for; leave it out');
    expect(
      model(
        'config: {model_transaction_policy: {decoupled: true}, sequence_batching: {}}, calls: [{ownMs: 1}], responses: {mean: 1}',
      ),
    ).toContain('"resnet" has sequences');
  });
});
