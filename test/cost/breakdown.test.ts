import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costBreakdown, type PricedServer } from '../../src/cost/breakdown.js';
import { costOfScenario } from '../../src/cost/scenario-cost.js';
import type { Device, Scenario } from '../../src/scenario/scenario.js';
import { buildSummary } from './summary-builder.js';

const server = (name: string, usdPerHour: number): PricedServer => ({
  server: name,
  kind: 'machine',
  usdPerHour,
  source: 'test',
});

describe('costBreakdown', () => {
  const summary = buildSummary(
    [
      { name: 'a', inferencesPerS: 100, met: false },
      { name: 'b', inferencesPerS: 300, met: true },
    ],
    [
      { server: 's', device: 'gpu0', shares: { a: 0.2, b: 0.2 } },
      { server: 's', device: 'gpu1', shares: { b: 0.4 } },
    ],
  );
  const penalties = [
    { tenant: 'a', penaltyUsdPerHour: 5 },
    { tenant: 'b', penaltyUsdPerHour: 7 },
  ];
  const cost = costBreakdown(summary, [server('s', 2)], penalties);

  it('charges use by busy device time and shows the rest as idle', () => {
    expect(cost.tenants.map(({ byUseUsdPerHour }) => byUseUsdPerHour)).toEqual([
      0.2,
      expect.closeTo(0.6, 12),
    ]);
    expect(cost.idleUsdPerHour).toBeCloseTo(1.2, 12);
  });

  it('divides the idle part in proportion to use in a reservation', () => {
    expect(cost.tenants[0]!.byReservationUsdPerHour).toBeCloseTo(0.5, 12);
    expect(cost.tenants[1]!.byReservationUsdPerHour).toBeCloseTo(1.5, 12);
  });

  it('prices a million inferences at the throughput of the run', () => {
    // 400 inferences a second are 1.44 million an hour, for 2 dollars.
    expect(cost.usdPerMillionInferences).toBeCloseTo(2 / 1.44, 12);
    expect(cost.tenants[0]!.usdPerMillionInferences).toBeCloseTo(0.5 / 0.36, 12);
  });

  it('charges the penalty of a violated SLO only, beside the price of the machines', () => {
    expect(cost.tenants.map(({ penaltyUsdPerHour }) => penaltyUsdPerHour)).toEqual([5, 0]);
    expect([cost.penaltyUsdPerHour, cost.usdPerHour]).toEqual([5, 2]);
  });

  it('weighs devices that are not worth the same', () => {
    const weighted = { ...server('s', 8), deviceWeights: new Map([['gpu0', 3]]) };
    expect(costBreakdown(summary, [weighted]).tenants[0]!.byUseUsdPerHour).toBeCloseTo(8 * 0.75 * 0.2, 12);
  });

  it('charges a machine without devices by host cores in use and inferences', () => {
    const onHost = buildSummary(
      [
        { name: 'a', inferencesPerS: 10 },
        { name: 'b', inferencesPerS: 30 },
        { name: 'never answered', inferencesPerS: 0 },
        { name: 'not measured', inferencesPerS: Number.NaN },
      ],
      [],
      [{ server: 's', cpuCores: 8, coresBusy: 4 }],
    );
    const { tenants, idleUsdPerHour } = costBreakdown(onHost, [server('s', 4)]);
    expect(tenants.map(({ byUseUsdPerHour }) => byUseUsdPerHour)).toEqual([0.5, 1.5, 0, 0]);
    expect(idleUsdPerHour).toBe(2);
  });

  describe('of a server with a GPU beside one without devices', () => {
    const ofHost = (cpuCores: number) =>
      costBreakdown(
        buildSummary(
          [
            { name: 'onGpu', inferencesPerS: 90 },
            { name: 'onHost', inferencesPerS: 10 },
          ],
          [{ server: 'gpu', device: 'gpu0', shares: { onGpu: 0.5 } }],
          [{ server: 'host', cpuCores, coresBusy: 2 }],
        ),
        [
          { ...server('gpu', 1), tenants: ['onGpu'] },
          { ...server('host', 1), tenants: ['onHost'] },
        ],
      ).tenants;

    it('charges each server to the tenants that it serves, however much others do elsewhere', () => {
      expect(ofHost(4).map(({ byUseUsdPerHour }) => byUseUsdPerHour)).toEqual([0.5, 0.5]);
      expect(ofHost(4).map(({ byReservationUsdPerHour }) => byReservationUsdPerHour)).toEqual([1, 1]);
    });

    it('charges a host whose cores are unknown to the tenants that it serves, too', () => {
      const tenants = ofHost(Number.POSITIVE_INFINITY);
      expect(tenants.map(({ byUseUsdPerHour }) => byUseUsdPerHour)).toEqual([0.5, 0]);
      expect(tenants.map(({ byReservationUsdPerHour }) => byReservationUsdPerHour)).toEqual([1, 1]);
    });
  });

  it('divides a host whose cores are unknown by inferences in a reservation', () => {
    const onHost = buildSummary(
      [
        { name: 'a', inferencesPerS: 10 },
        { name: 'b', inferencesPerS: 30 },
      ],
      [{ server: 'gpu', device: 'gpu0', shares: { a: 0.5 } }],
      [{ server: 'host', cpuCores: Number.POSITIVE_INFINITY, coresBusy: 4 }],
    );
    const { tenants } = costBreakdown(onHost, [server('gpu', 0), server('host', 4)]);
    expect(tenants.map(({ byReservationUsdPerHour }) => byReservationUsdPerHour)).toEqual([1, 3]);
  });

  it('divides a machine that nobody used over its tenants, and over all where it has none', () => {
    const priced = (tenants: readonly string[]) =>
      costBreakdown(
        buildSummary(
          [
            { name: 'a', inferencesPerS: 1 },
            { name: 'b', inferencesPerS: 1 },
          ],
          [
            { server: 's', device: 'gpu0', shares: { a: 0.6, b: 0.2 } },
            { server: 'spare', device: 'gpu0', shares: {} },
          ],
        ),
        [server('s', 0.000001), { ...server('spare', 4), tenants }],
      ).tenants.map(({ byReservationUsdPerHour }) => byReservationUsdPerHour);
    expect(priced(['b'])).toEqual([expect.closeTo(0, 5), expect.closeTo(4, 5)]);
    expect(priced([])).toEqual([expect.closeTo(3, 5), expect.closeTo(1, 5)]);
  });

  it('has no finite price of a million inferences when there were none', () => {
    const nothing = costBreakdown(buildSummary([{ name: 'a', inferencesPerS: 0 }], []), [server('s', 1)]);
    expect(nothing.usdPerMillionInferences).toBe(Number.POSITIVE_INFINITY);
    expect(nothing.tenants[0]!.byReservationUsdPerHour).toBe(1);
  });

  it('use and idle add up to the price, and so do reservations', () => {
    const share = fc.double({ min: 0, max: 0.33, noNaN: true });
    const device = fc.record({
      server: fc.constantFrom('s', 't'),
      device: fc.constantFrom('gpu0', 'gpu1'),
      shares: fc.record({ a: share, b: share, c: share }),
    });
    const rate = fc.double({ min: 0, max: 1000, noNaN: true });
    const usd = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(device, { maxLength: 4 }),
        fc.tuple(rate, rate, rate),
        usd,
        usd,
        (devices, rates, first, second) => {
          const tenants = ['a', 'b', 'c'].map((name, i) => ({ name, inferencesPerS: rates[i]! }));
          const hosts = [{ server: 's', cpuCores: 4, coresBusy: 1 }];
          const whole = costBreakdown(buildSummary(tenants, devices, hosts), [
            server('s', first),
            server('t', second),
          ]);
          const sumOf = (figure: (tenant: (typeof whole.tenants)[number]) => number) =>
            whole.tenants.reduce((sum, tenant) => sum + figure(tenant), 0);
          expect(sumOf((tenant) => tenant.byUseUsdPerHour) + whole.idleUsdPerHour).toBeCloseTo(
            whole.usdPerHour,
            9,
          );
          expect(sumOf((tenant) => tenant.byReservationUsdPerHour)).toBeCloseTo(whole.usdPerHour, 9);
          expect(whole.idleUsdPerHour).toBeGreaterThan(-1e-9);
          for (const tenant of whole.tenants) {
            expect(tenant.byReservationUsdPerHour).toBeGreaterThanOrEqual(tenant.byUseUsdPerHour - 1e-9);
          }
        },
      ),
    );
  });
});

describe('costOfScenario', () => {
  const device = (name: string, sharing: Device['sharing']): Device => ({
    name,
    kind: 'A100',
    memoryMb: 1,
    sharing,
  });
  const mig = (computeSlices: number) => ({ mode: 'mig', parent: 'A100', computeSlices }) as const;
  const machine = { kind: 'a100', usdPerHour: 7, priceSource: 'list 2024' };

  it('weighs MIG slices by their compute slices and takes penalties from the SLOs', () => {
    const scenario = {
      servers: [{ name: 's', machine, devices: [device('4g', mig(4)), device('3g', mig(3))] }],
      tenants: [
        {
          name: 'a',
          targets: [{ server: 0, model: 0 }],
          slo: { percentile: 99, limitMs: 10, penaltyUsdPerHour: 2 },
        },
        { name: 'b', targets: [{ server: 0, model: 1 }] },
      ],
    } as unknown as Scenario;
    const summary = buildSummary(
      [
        { name: 'a', inferencesPerS: 1, met: false },
        { name: 'b', inferencesPerS: 1 },
      ],
      [
        { server: 's', device: '4g', shares: { a: 0.5 } },
        { server: 's', device: '3g', shares: { b: 0.5 } },
      ],
    );
    const { tenants, penaltyUsdPerHour, machines } = costOfScenario(scenario, summary);
    expect(tenants.map(({ byUseUsdPerHour }) => byUseUsdPerHour)).toEqual([2, 1.5]);
    expect(penaltyUsdPerHour).toBe(2);
    expect(machines).toEqual([{ server: 's', kind: 'a100', usdPerHour: 7, source: 'list 2024' }]);
  });

  it('charges a server without devices to the tenants whose requests go there', () => {
    const scenario = {
      servers: [
        { name: 'gpu', machine, devices: [device('gpu0', { mode: 'exclusive' })] },
        { name: 'host', machine, devices: [] },
      ],
      tenants: [
        { name: 'a', targets: [{ server: 0, model: 0 }] },
        { name: 'b', targets: [{ server: 1, model: 0 }] },
      ],
    } as unknown as Scenario;
    const summary = buildSummary(
      [
        { name: 'a', inferencesPerS: 9 },
        { name: 'b', inferencesPerS: 1 },
      ],
      [{ server: 'gpu', device: 'gpu0', shares: { a: 0.5 } }],
      [{ server: 'host', cpuCores: 4, coresBusy: 2 }],
    );
    const { tenants } = costOfScenario(scenario, summary);
    expect(tenants.map(({ byUseUsdPerHour }) => byUseUsdPerHour)).toEqual([3.5, 3.5]);
  });
});
