import { describe, expect, it } from 'vitest';
import type { ClientThreads, Load } from '../../../src/scenario/scenario.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { Outcome } from '../../../src/trace/request-log.js';
import { config, profile, scenario, server, tenant } from '../../support/scenario.js';

const RUN_S = 8;

const shared = (count: number, sendUs: number, sendCv = 0): ClientThreads => ({
  threads: { kind: 'shared', count },
  sendUs,
  sendCv,
});

interface Loop {
  readonly concurrency: number;
  readonly client?: ClientThreads;
  readonly serviceMs?: number;
  readonly instances?: number;
}

/** Closed-loop clients of a model of batches of 8, which waits for nothing and answers all of a batch at once. */
function played({ concurrency, client, serviceMs = 0.01, instances = 1 }: Loop) {
  const load: Load = {
    ...{ mode: 'closed', concurrency, thinkTime: { law: 'constant', meanUs: 0 }, maxRequests: Infinity },
    ...(client !== undefined && { client }),
  };
  const model = { config: config('m', 8, {}), profile: profile('m', serviceMs, 0), instances, device: -1 };
  const served = server('s', { models: [model], devices: 0 });
  return simulate(scenario([served], [tenant('t', 'm', load)], RUN_S));
}

function perS(loop: Loop): number {
  const { log } = played(loop);
  return log.outcome.filter((outcome) => outcome === Outcome.completed).length / RUN_S;
}

const batchSizes = (loop: Loop) =>
  [...played(loop).executions[0]!.byBatchSize].flatMap((count, size) => (count > 0 ? [size] : []));

describe('threads that all clients of a closed loop share', () => {
  it.each([1, 2, 3])('%i of them take no more answers than they have time for', (threads) => {
    expect(perS({ concurrency: 32, client: shared(threads, 400) })).toBeCloseTo(threads * 2500, -1);
    const irregular = perS({ concurrency: 32, client: shared(threads, 400, 1) });
    expect(Math.abs(irregular / (threads * 2500) - 1)).toBeLessThan(0.02);
  });

  it('one of them takes one answer after the other, each so long after the one before', () => {
    const { endedUs } = played({ concurrency: 8, client: shared(1, 100), serviceMs: 1 }).log;
    const taken = [...endedUs].filter((us) => !Number.isNaN(us)).sort((a, b) => a - b);
    const gaps = taken.slice(1).map((us, i) => us - taken[i]!);
    expect(Math.min(...gaps)).toBeCloseTo(100, 6);
  });

  it('cost a client that is alone nothing while it waits longer for its answer than they take', () => {
    const ideal = played({ concurrency: 1, serviceMs: 1 }).log;
    expect(played({ concurrency: 1, serviceMs: 1, client: shared(1, 900) }).log).toEqual(ideal);
  });

  it('spread what was answered together, so that batches of other sizes are formed', () => {
    const ideal = { concurrency: 16, serviceMs: 2, instances: 2 };
    expect(batchSizes(ideal)).toEqual([8]);
    expect(batchSizes({ ...ideal, client: shared(1, 100, 1) }).length).toBeGreaterThan(4);
  });

  it('have latency count until they take an answer', () => {
    const { log } = played({ concurrency: 2, serviceMs: 1, client: shared(1, 300), instances: 2 });
    const latencies = [...log.endedUs].slice(0, 2).map((us, i) => us - log.sentUs[i]!);
    expect(latencies).toEqual([1000, 1300]);
  });

  it('leave requests unfinished whose answers they would take after the run', () => {
    const { log } = played({ concurrency: 30, client: shared(1, 1e6) });
    const done = [...log.outcome].filter((outcome) => outcome === Outcome.completed).length;
    expect(done).toBe(RUN_S);
    for (const [row, outcome] of log.outcome.entries())
      expect(Number.isNaN(log.endedUs[row]!)).toBe(outcome === Outcome.unfinished);
  });
});

describe('closed-loop clients with a thread each', () => {
  const own = (sendUs: number, sendCv = 0): ClientThreads => ({ threads: { kind: 'own' }, sendUs, sendCv });

  it('send so long after their answers, and do not wait for each other', () => {
    expect(perS({ concurrency: 1, serviceMs: 1, client: own(250) })).toBeCloseTo(1e6 / 1250, 0);
    expect(perS({ concurrency: 3, serviceMs: 1, client: own(250), instances: 3 })).toBeCloseTo(3e6 / 1250, 0);
  });

  it('come back apart where that time varies', () => {
    const loop = { concurrency: 16, serviceMs: 2, instances: 2 };
    expect(batchSizes({ ...loop, client: own(100) })).toEqual([8]);
    expect(batchSizes({ ...loop, client: own(100, 1) }).length).toBeGreaterThan(1);
  });
});
