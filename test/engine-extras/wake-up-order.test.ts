import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sleepsBetween } from '../../src/calibrate/steady-answers.js';
import { NO_QUEUE_POLICY } from '../../src/scenario/model-config.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import type { SimulationResult } from '../../src/simulator/result.js';
import { simulate } from '../../src/simulator/simulate.js';
import type { CallTable } from '../../src/trace/calls.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';
import { anyScenario } from '../laws/arbitrary-scenario.js';
import { mostAtOnce, rowsByExecution, rowsWhere } from '../laws/log.js';
import { cases } from '../support/cases.js';
import { type ClosedLoop, closedLoopOf } from '../support/closed-loop.js';
import {
  config,
  lengthOf,
  meanLatencyMs,
  poisson,
  profile,
  scenario,
  server,
  tenant,
} from '../support/scenario.js';

const anyShare = fc.constantFrom(0.1, 0.5, 0.9, 1);

/** The scenario on servers whose batcher wins so often. */
function withShare(spec: Scenario, batcherWinsShare: number): Scenario {
  const servers = spec.servers.map((each) => ({
    ...each,
    options: { ...each.options, batcherWinsShare },
  }));
  return { ...spec, servers };
}

describe('the race of batcher and instance at the end of an execution', () => {
  it('loses no request, and starts none twice, whatever the share', () => {
    const law = fc.property(anyScenario(), anyShare, fc.boolean(), (spec, share, eventLoop) => {
      const { log, executions } = simulate(withShare(spec, share), { eventLoop });
      for (const [t, { load }] of spec.tenants.entries()) {
        if (load.mode === 'closed') continue;
        const planned = load.trace.arrivalUs.filter((us) => us < spec.durationUs).length;
        expect(rowsWhere(log, (row) => log.tenant[row] === t)).toHaveLength(planned);
      }
      for (const rows of rowsByExecution(log).values()) {
        const batch = rows.reduce((sum, row) => sum + log.batchSize[row]!, 0);
        for (const row of rows) expect(log.calls.executedBatch[row]).toBe(batch);
      }
      const executed = executions.flatMap(({ byBatchSize }) => [...byBatchSize]);
      expect(executed.reduce((sum, count) => sum + count, 0)).toBe(rowsByExecution(log).size);
      for (const row of rowsWhere(log, (each) => log.outcome[each] === Outcome.completed))
        expect(log.endedUs[row]).toBeGreaterThanOrEqual(log.calls.startedUs[row]!);
    });
    fc.assert(law, { numRuns: cases(120) });
  });

  it('never puts two executions on an instance at once', () => {
    const law = fc.property(anyShare, fc.integer({ min: 1, max: 3 }), (share, instances) => {
      const { log } = simulate(racing({ share, instances, ratePerS: 900, requests: 400 }));
      const spans = [...rowsByExecution(log).values()].map(([row]) => {
        const busyUs = log.calls.inputUs[row!]! + log.calls.inferUs[row!]! + log.calls.outputUs[row!]!;
        return [log.calls.startedUs[row!]!, log.calls.startedUs[row!]! + busyUs - 0.01] as const;
      });
      expect(mostAtOnce(spans)).toBeLessThanOrEqual(instances);
    });
    fc.assert(law, { numRuns: cases(40) });
  });

  it('is drawn from the seed: the same bytes again, other batches under another seed', () => {
    fc.assert(
      fc.property(anyScenario(), anyShare, fc.boolean(), (spec, share, eventLoop) => {
        const run = withShare(spec, share);
        expectSame(simulate(run, { eventLoop }), simulate(structuredClone(run), { eventLoop }));
      }),
      { numRuns: cases(60) },
    );
    const run = racing({ share: 0.5, ratePerS: 1300, requests: 2000 });
    const [one, two] = [1, 2].map((seed) => simulate({ ...run, seed }).log);
    expect(Array.from(one!.calls.executedBatch)).not.toEqual(Array.from(two!.calls.executedBatch));
  });

  it('with a share of 0 is byte for byte what it is without one', () => {
    fc.assert(
      fc.property(anyScenario(), fc.boolean(), (spec, eventLoop) => {
        expectSame(simulate(withShare(spec, 0), { eventLoop }), simulate(spec, { eventLoop }));
      }),
      { numRuns: cases(100) },
    );
  });

  it('is the same in the short ways as in the general event loop', () => {
    const freedom = { loads: ['open'], host: false, servers: 1, pipelined: false } as const;
    fc.assert(
      fc.property(anyScenario(freedom), anyShare, (spec, share) => {
        const run = withShare(spec, share);
        const [short, general] = [false, true].map((eventLoop) => {
          const { log } = simulate(run, { eventLoop });
          return { ...log, ...log.calls };
        });
        for (const column of ['queuedUs', 'startedUs', 'endedUs', 'outcome', 'executedBatch'] as const)
          expect(bytesOf(general![column]), column).toEqual(bytesOf(short![column]));
      }),
      { numRuns: cases(150) },
    );
  });

  it('does not shift the numbers that anything else draws', () => {
    const served = (share: number) =>
      simulate(racing({ share, ratePerS: 30, requests: 100, spread: true })).log;
    // At this load no execution ends while another request waits, so that the race decides nothing.
    const [without, always] = [served(0), served(1)];
    expect(Array.from(always.calls.inferUs)).toEqual(Array.from(without.calls.inferUs));
  });
});

describe('the more often the batcher wins,', () => {
  const SHARES = [0, 0.25, 0.5, 0.75, 1];

  // Up to 84 % of the capacity of full batches. Beyond it every batch is full, whoever forms it.
  it.each([
    { delayUs: 500, ratePerS: 600 },
    { delayUs: 500, ratePerS: 1300 },
    { delayUs: 2000, ratePerS: 1000 },
    { delayUs: 2000, ratePerS: 1500 },
  ])('the larger the mean batch at a queue delay of $delayUs us and $ratePerS/s', (setting) => {
    const batches = SHARES.map((share) => meanBatch(racing({ ...setting, share, requests: 20_000 })));
    for (const [i, batch] of batches.entries())
      if (i > 0) expect(batch, `share ${SHARES[i]}`).toBeGreaterThan(batches[i - 1]!);
  });

  it('full batches stay full', () => {
    const overloaded = { delayUs: 500, ratePerS: 2500, requests: 20_000 };
    for (const share of SHARES) expect(meanBatch(racing({ ...overloaded, share }))).toBeGreaterThan(7.9);
  });

  it('the lower the mean latency, as no request is committed to a batch that waits for its instance', () => {
    const latencies = SHARES.map((share) => {
      return meanLatencyMs(simulate(racing({ share, ratePerS: 1300, requests: 20_000 })).log);
    });
    for (const [i, ms] of latencies.entries()) if (i > 0) expect(ms).toBeLessThan(latencies[i - 1]!);
  });

  it('nothing changes without a queue delay and a queue policy: the batch waits for its instance there', () => {
    const at = (share: number) => simulate(racing({ share, delayUs: 0, ratePerS: 1300, requests: 3000 }));
    expectSame(at(1), at(0));
  });
});

describe('requests that come while their instance still gives back others, and a batcher that looks first', () => {
  const called = (batcherWinsShare: number, closedLoopClients: ClosedLoop = {}) =>
    simulate(closedLoopOf({ batcherWinsShare }, closedLoopClients)).log;
  const sleeps = (log: RequestLog) =>
    sleepsBetween(log.endedUs.filter((_, row) => log.outcome[row] === Outcome.completed).sort());

  it.each([1, 3])('leave the batcher asleep for 500 ms where all of %i clients wait', (concurrency) => {
    const log = called(1, { concurrency });
    const completed = log.outcome.filter((outcome) => outcome === Outcome.completed).length;
    expect(sleeps(log)).toBe(completed - 1);
  });

  it('do so in as many executions as the batcher looks first', () => {
    const log = called(0.05);
    const completed = log.outcome.filter((outcome) => outcome === Outcome.completed).length;
    expect(sleeps(log) / completed).toBeGreaterThan(0.03);
    expect(sleeps(log) / completed).toBeLessThan(0.08);
  });

  it.each([
    ['clients that think for longer', 1, { thinkUs: 1000 }],
    ['an instance that is free before they come', 1, { afterUs: 100 }],
    ['an instance thread that is always first', 0, {}],
  ])('leave nobody asleep with %s', (_, share, closedLoopClients) => {
    for (const concurrency of [1, 3])
      expect(sleeps(called(share, { concurrency, ...closedLoopClients }))).toBe(0);
  });
});

interface Racing {
  readonly share: number;
  readonly ratePerS: number;
  readonly requests: number;
  readonly delayUs?: number;
  readonly instances?: number;
  readonly maxQueueSize?: number;
  readonly spread?: boolean;
}

/** A sleeping model of the live measurements: 2.15 + 0.29 b ms, batches of up to 8, a queue delay of 500 us. */
function racing({
  share,
  ratePerS,
  requests,
  delayUs = 500,
  instances = 1,
  maxQueueSize = 0,
  spread = false,
}: Racing): Scenario {
  const parts = spread ? ({ spread: { law: 'lognormal', cv: 0.2 } } as const) : {};
  const model = {
    config: config('m', 8, {
      maxQueueDelayUs: delayUs,
      defaultQueuePolicy: { ...NO_QUEUE_POLICY, maxQueueSize },
    }),
    profile: profile('m', 2.15, 0.29, parts),
    instances,
  };
  const load = poisson(`race ${ratePerS}`, ratePerS, requests);
  const host = server('s', { models: [model], wakeUs: 5, pickUpUs: 2, batcherWinsShare: share });
  return scenario([host], [tenant('t', 'm', load)], lengthOf(load, 1));
}

function meanBatch(run: Scenario): number {
  const [{ byBatchSize }] = simulate(run).executions as [SimulationResult['executions'][number]];
  let executions = 0;
  let inferences = 0;
  for (const [size, count] of byBatchSize.entries()) {
    executions += count;
    inferences += size * count;
  }
  return inferences / executions;
}

function expectSame(a: SimulationResult, b: SimulationResult): void {
  for (const key of Object.keys(a.log) as (keyof RequestLog)[])
    expect(bytesOf(a.log[key]), key).toEqual(bytesOf(b.log[key]));
  for (const key of Object.keys(a.log.calls) as (keyof CallTable)[])
    expect(bytesOf(a.log.calls[key]), key).toEqual(bytesOf(b.log.calls[key]));
  expect({ ...a, log: undefined }).toEqual({ ...b, log: undefined });
}

/** A column as bytes, so that NaN is compared too; anything else as it is. */
function bytesOf(value: unknown): unknown {
  if (!ArrayBuffer.isView(value)) return value;
  return Buffer.from(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength).toString('base64');
}
