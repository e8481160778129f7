import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tenant } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { cases } from '../support/cases.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

/** Requests of 4, 1 and 1 inferences at 0, 1 and 20 ms on a model in three instances: they take 22, 7 and 7 ms. */
function run(more: Partial<Tenant>, delayUs = 0, decoupled = false) {
  const responses = { mean: 1, law: 'constant' as const, firstUs: 0, gapUs: 0 };
  const place = server('s', {
    models: [
      {
        config: config('m', 8),
        profile: profile('m', 2, 5),
        instances: 3,
        more: decoupled ? { responses } : {},
      },
    ],
  });
  const network = { ...place.network, responseDelayUs: delayUs };
  const load = arrivals([0, 1000, 20_000], { batchSize: Uint16Array.from([4, 1, 1]) });
  const { log } = simulate(scenario([{ ...place, network }], [tenant('t', 'm', load, more)], 1));
  return {
    latencyMs: Array.from(log.endedUs, (us, i) => Math.round(us - log.plannedUs[i]!) / 1000),
    networkMs: Array.from(log.networkUs, (us) => Math.round(us) / 1000),
  };
}

/** When requests of these sizes are answered on a model that nothing but its three instances limits. */
function endsOf(rows: readonly { gapUs: number; size: number }[], more: Partial<Tenant>): number[] {
  let atUs = 0;
  const load = arrivals(
    rows.map(({ gapUs }) => (atUs += gapUs)),
    { batchSize: Uint16Array.from(rows, ({ size }) => size) },
  );
  const model = { config: config('m', 8), profile: profile('m', 2, 5), instances: 3 };
  const of = scenario([server('s', { models: [model] })], [tenant('t', 'm', load, more)], 10);
  return Array.from(simulate(of).log.endedUs, (us) => Math.round(us));
}

describe('requests that share a stream', () => {
  it('have their answers in the order in which they were sent, whichever is there first', () => {
    expect(run({}).latencyMs).toEqual([22, 7, 7]);
    expect(run({ sharedStreams: 1 }).latencyMs).toEqual([22, 21, 7]);
  });

  it('wait for those of their own stream only: they are spread over them in turn', () => {
    expect(run({ sharedStreams: 2 }).latencyMs).toEqual([22, 7, 7]);
  });

  it('wait on their way back, before the network delay', () => {
    expect(run({ sharedStreams: 1 }, 500)).toEqual({
      latencyMs: [22.5, 21.5, 7.5],
      networkMs: [0.5, 14.5, 0.5],
    });
  });

  it('are answered in their order under any load, and each no sooner than by itself', () => {
    const gaps = fc.array(fc.record({ gapUs: fc.nat(9000), size: fc.integer({ min: 1, max: 6 }) }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(gaps, fc.constantFrom(1, 2, 3), (rows, sharedStreams) => {
        const [alone, shared] = [{}, { sharedStreams }].map((more) => endsOf(rows, more));
        for (const [i, us] of shared!.entries()) {
          const before = i < sharedStreams ? 0 : shared![i - sharedStreams]!;
          expect(us).toBe(Math.max(before, alone![i]!));
        }
      }),
      { numRuns: cases(200) },
    );
  });

  it('do not wait where the model is decoupled: its answers leave as they are done', () => {
    expect(run({ sharedStreams: 1 }, 0, true).latencyMs).toEqual([22, 7, 7]);
  });
});
