import { describe, expect, it } from 'vitest';
import { describeProfile } from '../../src/profile/describe.js';
import { inspectProfile } from '../../src/profile/inspect.js';
import { point, sampleProfile } from './samples.js';

describe('the description of a profile', () => {
  const description = describeProfile(sampleProfile());

  it('gives a row for each batch size, with the rate of an instance that is never idle', () => {
    expect(description.service.map((row) => row.batchSize)).toEqual([2, 4, 8]);
    // 4.3 ms of compute, 10 us + 2 x 20 us of response.
    expect(description.service[0]).toMatchObject({ totalMs: 4.3, inferencesPerSecond: 2000 / 4.35 });
  });

  it('tells what each further request of an execution adds, and counts it for that rate', () => {
    const { service, otherCosts } = describeProfile(sampleProfile({ perRequest: { inputUs: 150 } }));
    expect(service[0]).toMatchObject({ totalMs: 4.3, inferencesPerSecond: 2000 / 4.5 });
    expect(otherCosts.slice(0, 1)).toEqual([['input, per further request (us)', 150]]);
  });

  it('gives quantiles of the spread as multiples of the mean', () => {
    const { law, cv, p50, p99 } = description.spread;
    expect([law, cv]).toEqual(['lognormal', 0.1]);
    expect(p50).toBeCloseTo(1 / Math.sqrt(1.01), 6);
    expect(p99).toBeGreaterThan(1.2);
    const ratios = [0.5, 0.5, 0.5, 2.5];
    expect(describeProfile(sampleProfile({ spread: { law: 'empirical', ratios } })).spread).toMatchObject({
      cv: Math.sqrt(0.75),
      p50: 0.5,
      p99: 2.5,
    });
  });

  it('says in sentences where the profile may be trusted', () => {
    expect(description.trusted).toEqual([
      'batch sizes 2, 4, 8; between them times are interpolated, beyond them extrapolated',
      'device busy up to 80 % of the time, up to 2 instances side by side, sharing: exclusive, streams',
      'read off: 3 points, 0 held out, mean error 1 %, largest 2 %',
    ]);
  });

  it('lists what co-runners cost and leaves out costs of 0', () => {
    expect(description.interference).toEqual([
      ['itself', 1.8],
      ['bert', 2.5],
    ]);
    expect(description.otherCosts.map(([name]) => name)).not.toContain('response, per kilobyte (us)');
    expect(description.otherCosts).toContainEqual(['front end, per request (us)', 50]);
  });
});

it('what pauses, the network delay, clients and waiting threads cost is told where it was measured', () => {
  const serving = {
    batcherWakeUs: 40,
    instanceWakeUs: 40,
    instancePickUpUs: 5,
    timerSlackUs: 0,
    batcherWinsShare: 0.2,
    requestDelayUs: 100,
    responseDelayUs: 90,
    generatorUs: 20,
    clientUs: 80,
    networkDelayByRate: [
      { requestsPerS: 99.6, requestDelayUs: 120, responseDelayUs: 110 },
      { requestsPerS: 1000, requestDelayUs: 50, responseDelayUs: 40 },
    ],
    threadWaits: { share: 0.08, longestUs: 5000 },
  };
  const linearIdlePenalty = { freeMs: 2, msPerIdleMs: 0.5, maxIdleMs: 22 };
  const { otherCosts } = describeProfile(sampleProfile({ serving, linearIdlePenalty }));
  expect(otherCosts.slice(0, 6)).toEqual(
    expect.arrayContaining([['infer, per ms idle from 2 to 22 ms (ms)', 0.5]]),
  );
  expect(otherCosts.slice(-10)).toEqual([
    ['waking the batcher (us)', 40],
    ['waking an idle instance (us)', 40],
    ['from an execution to the next on its instance (us)', 5],
    ['executions at whose end the batcher is first (%)', 20],
    ['network delay, both directions (us)', 190],
    ["usual clients' threads of it (us)", 80],
    ['network delay at 100 requests/s (us)', 230],
    ['network delay at 1000 requests/s (us)', 90],
    ['waking threads that wait for a core (%)', 8],
    ['their longest wait (us)', 5000],
  ]);
});

describe('the remarks on a profile', () => {
  it('are none for a sound one', () => {
    expect(inspectProfile(sampleProfile())).toEqual([]);
  });

  it('name steps that no device makes and things that are not known', () => {
    const odd = sampleProfile({
      service: [point(1, 0, 4, 0), point(2, 0, 3, 0), point(4, 0, 9, 0)],
      memory: { modelMb: 0, perInstanceMb: 0, known: false },
      spread: { law: 'none' },
      load: { loadMs: 0, unloadMs: 0, firstInferenceMs: 0 },
    });
    expect(inspectProfile(odd)).toEqual([
      'batch 2 (3 ms) against batch 1 (4 ms): a larger batch takes less time',
      'batch 4 (9 ms) against batch 2 (3 ms): 3 times the time for 2 times the batch',
      'its device memory is not known; a placement cannot be checked for fit',
      'it has no spread of service times; predicted tails come out short',
      'its load time is not known and counts as 0',
      'its region names batch sizes without a service point: 8',
    ]);
  });
});
