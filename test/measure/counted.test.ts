import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { componentFigures } from '../../src/measure/component-figures.js';
import { canBeCounted, countedFigures, isCounted } from '../../src/measure/counted-component.js';
import { assembleFigures, componentMeasure } from '../../src/measure/measure-run.js';
import { Scratch } from '../../src/metrics/statistics/scratch.js';
import { NO_QUEUE_POLICY } from '../../src/scenario/model-config.js';
import type { Load, Scenario } from '../../src/scenario/scenario.js';
import { ComponentSetup } from '../../src/simulator/component-run.js';
import { partition } from '../../src/simulator/partition.js';
import { drawnTrace } from '../../src/trace/synthesis/drawn-trace.js';
import { anyScenario } from '../laws/arbitrary-scenario.js';
import { cases } from '../support/cases.js';
import { expectClose } from '../support/close.js';
import { config, ONE_CLIENT, poisson, profile, scenario, server, tenant } from '../support/scenario.js';

const SERIES = { cdfPoints: 11, slices: 5 };

function bothOf(of: Scenario) {
  const components = partition(of);
  const measure = componentMeasure(of, { series: SERIES });
  const kept = assembleFigures(of, components, components.map(measure), {});
  const counted = components.map((component) => structuredClone(countedFigures(of, component, SERIES)));
  return { kept, counted: assembleFigures(of, components, counted, {}) };
}

const canAll = (of: Scenario) =>
  partition(of).every((component) =>
    canBeCounted(new ComponentSetup(of, component, new RandomStreams(of.seed))),
  );

function model(name: string, more: object = {}) {
  return { config: config(name, 8, {}), profile: profile(name, 2, 1), ...more };
}

/** Two models on a device that they share, one with two tenants of which one sends requests of several inferences. */
function crowded(seed: number, durationS: number): Scenario {
  const servers = [
    server('s', {
      models: [model('m'), model('n', { instances: 2 })],
      sharing: { mode: 'streams' },
    }),
  ];
  const tenants = [
    tenant('a', 'm', poisson(`a${seed}`, 90, 90 * durationS), { slo: { percentile: 99, limitMs: 30 } }),
    tenant('b', 'm', poisson(`b${seed}`, 30, 30 * durationS), { batchSize: 3 }),
    tenant('c', 'n', poisson(`c${seed}`, 150, 150 * durationS), { targets: [{ server: 0, model: 1 }] }),
  ];
  return { ...scenario(servers, tenants, durationS), warmUpUs: 1e6 };
}

describe('the figures of a run whose requests are counted', () => {
  it('are those of one whose requests are kept, but for percentiles within 0.1 % and intervals', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyScenario().filter(canAll),
          fc.nat(1000).map((seed) => crowded(seed, 5)),
        ),
        (of) => {
          const { kept, counted } = bothOf(of);
          const [expected, found] = [kept.summary, counted.summary];
          for (const [i, one] of [...expected.tenants, expected.total].entries()) {
            const other = [...found.tenants, found.total][i]!;
            expect(other.counts).toEqual(one.counts);
            expect(other.stability).toBe(one.stability);
            for (const key of [
              'offeredPerS',
              'throughputPerS',
              'goodputPerS',
              'inferencesPerS',
              'executedBatch',
            ] as const)
              expectClose(other[key], one[key], `${one.tenant} ${key}`);
            expectClose(other.latencyMs.mean.value, one.latencyMs.mean.value, 'mean');
            expectClose(other.latencyMs.max, one.latencyMs.max, 'max');
            expect(other.slo?.attainment.value).toEqual(one.slo?.attainment.value);
            for (const [p, { ms }] of one.latencyMs.percentiles.entries()) {
              const value = other.latencyMs.percentiles[p]!.ms.value;
              if (Number.isNaN(ms.value)) expect(value).toBeNaN();
              else expect(Math.abs(value - ms.value)).toBeLessThanOrEqual(0.001 * ms.value);
            }
            for (const [part, ms] of Object.entries(one.splitMs))
              if (!Number.isNaN(ms))
                expect((other.splitMs as unknown as Record<string, number>)[part]).toBeCloseTo(ms, 4);
          }
          for (const [i, device] of expected.devices.entries()) {
            expect(found.devices[i]!.busyShare).toBeCloseTo(device.busyShare, 9);
            expectClose(found.devices[i]!.shareByTenant, device.shareByTenant, device.device);
            for (const [bin, share] of device.timeline.entries())
              expect(found.devices[i]!.timeline[bin]).toBeCloseTo(share, 9);
          }
          expectClose(found.hosts, expected.hosts, 'hosts');
          expect(found.models).toEqual(expected.models);
          for (const [i, { timeline, cdf }] of kept.series.entries()) {
            const other = counted.series[i]!;
            expect(other.cdf.points.length).toBe(cdf.points.length);
            for (const [bin, { inSystem, queued, throughputPerS }] of timeline.bins.entries()) {
              const own = other.timeline.bins[bin]!;
              expect(own.throughputPerS).toBe(throughputPerS);
              expect(own.inSystem).toBeCloseTo(inSystem, 6);
              expect(own.queued).toBeCloseTo(queued, 6);
            }
          }
        },
      ),
      { numRuns: cases(40) },
    );
  });

  it('have intervals about as wide', () => {
    const { kept, counted } = bothOf(crowded(3, 120));
    for (const [i, { latencyMs, slo }] of kept.summary.tenants.entries()) {
      const other = counted.summary.tenants[i]!;
      const widths = [latencyMs, other.latencyMs].map(({ mean }) => mean.high - mean.low);
      expect(widths[1]! / widths[0]!).toBeGreaterThan(0.6);
      expect(widths[1]! / widths[0]!).toBeLessThan(1.6);
      if (slo !== undefined) expect(other.slo!.attainment.low).toBeCloseTo(slo.attainment.low, 2);
    }
  });

  it('say that they are', () => {
    const { kept, counted } = bothOf(crowded(1, 5));
    const codes = (of: typeof kept) => of.summary.warnings.map(({ code }) => code);
    expect(codes(kept)).not.toContain('counted-latencies');
    expect(codes(counted)).toContain('counted-latencies');
  });
});

describe('a run', () => {
  const drawn = (ratePerS: number, durationS = 1000): Load => ({
    mode: 'open',
    trace: drawnTrace({
      process: { kind: 'poisson', ratePerS },
      durationS,
      seed: 1,
      tenant: 'a',
      isKept: true,
    }),
  });
  const of = (load: Load, models = [model('m')]) =>
    scenario([server('s', { models })], [tenant('a', 'm', load)], 1000);

  it('is counted from more than 10^7 requests on', () => {
    expect([9_900, 10_100].map((perS) => isCounted(of(drawn(perS))))).toEqual([false, true]);
  });

  it.each<[string, Scenario]>([
    [
      'closed-loop clients',
      { ...of(drawn(20_000)), tenants: [tenant('a', 'm', drawn(20_000)), tenant('b', 'm', ONE_CLIENT)] },
    ],
    [
      'a queue that may refuse requests',
      of(drawn(20_000), [
        model('m', {
          config: config('m', 8, { defaultQueuePolicy: { ...NO_QUEUE_POLICY, maxQueueSize: 5 } }),
        }),
      ]),
    ],
    ['a device of two models that do not meet there', of(drawn(20_000), [model('m'), model('n')])],
    [
      'many tenants',
      { ...of(drawn(1)), tenants: Array.from({ length: 1000 }, (_, i) => tenant(`t${i}`, 'm', drawn(20))) },
    ],
  ])('is not counted with %s', (_, large) => {
    expect(isCounted(large)).toBe(false);
  });

  it('draws the same arrivals whether they are kept or not', () => {
    const trace = (isKept: boolean) =>
      drawnTrace({
        process: { kind: 'poisson', ratePerS: 200 },
        durationS: 10,
        seed: 1,
        tenant: 'a',
        isKept,
      });
    const figures = [true, false].map((isKept) => {
      const one = scenario(
        [server('s', { models: [model('m')] })],
        [tenant('a', 'm', { mode: 'open', trace: trace(isKept) })],
        10,
      );
      const memory = { scratch: new Scratch(), isKept: true };
      return componentFigures(one, partition(one)[0]!, memory).tenants[0]!.summary;
    });
    expect(figures[1]).toEqual(figures[0]);
  });
});
