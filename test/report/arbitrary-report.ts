import fc from 'fast-check';
import type { Estimate, Summary, TenantSummary } from '../../src/metrics/summary.js';
import { WARNING_CODES } from '../../src/report/advice.js';
import type { RunReport } from '../../src/report/run-report.js';

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'a,b\r\n"c"',
  '\u0000\u001b[31mred\u202e',
  '\ud800',
  '&amp;',
  '42',
  '2019-07-01',
  '日本語テナント',
  '__proto__',
  '',
  `${'long-'.repeat(40)}name`,
];

/** Names that people choose and names meant to break things; never the words a check looks for. */
const name = fc
  .oneof(
    fc.constantFrom(...HOSTILE),
    fc.string({ maxLength: 30 }),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
  )
  .filter((text) => !/NaN|undefined|Infinity|null|object/.test(text));

const figure = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: 0, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: 0 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY, 1e-12, 1e15, 5e-324) },
);
const share = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, Number.NaN));
const count = fc.nat();

const estimate: fc.Arbitrary<Estimate> = fc
  .record({ value: figure, halfWidth: fc.oneof(figure, fc.constant(Number.NaN)) })
  .map(({ value, halfWidth }) => ({ value, low: value - halfWidth, high: value + halfWidth }));

const slo = fc
  .record({
    percentile: fc.constantFrom(50, 90, 95, 97.5, 99, 99.9),
    limitMs: fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
    attainment: estimate,
    isReached: fc.boolean(),
  })
  .map(({ isReached, ...rest }) => ({
    ...rest,
    met: Number.isFinite(rest.attainment.value) ? isReached : null,
  }));

const tenantSummary: fc.Arbitrary<TenantSummary> = fc.record(
  {
    tenant: name,
    counts: fc.record({
      offered: count,
      completed: count,
      rejected: count,
      timedOut: count,
      failed: count,
      inFlightAtEnd: count,
    }),
    offeredPerS: figure,
    throughputPerS: estimate,
    inferencesPerS: estimate,
    goodputPerS: estimate,
    latencyMs: fc.record({
      mean: estimate,
      max: figure,
      percentiles: fc
        .uniqueArray(fc.constantFrom(50, 75, 90, 95, 97.5, 99, 99.9))
        .chain((percentiles) =>
          fc.tuple(...percentiles.map((percentile) => estimate.map((ms) => ({ percentile, ms })))),
        ),
    }),
    splitMs: fc.record({
      client: figure,
      network: figure,
      frontEnd: figure,
      queue: figure,
      input: figure,
      infer: figure,
      output: figure,
      response: figure,
    }),
    executedBatch: figure,
    slo,
    stability: fc.constantFrom('stable', 'backlogged', 'overloaded'),
  },
  {
    requiredKeys: [
      'tenant',
      'counts',
      'offeredPerS',
      'throughputPerS',
      'inferencesPerS',
      'goodputPerS',
      'latencyMs',
      'splitMs',
      'executedBatch',
      'stability',
    ],
  },
);

const warnings = fc.array(
  fc.record({ code: fc.constantFrom(...WARNING_CODES), subject: name, message: name }),
  { maxLength: 4 },
);

const summary: fc.Arbitrary<Summary> = fc.record({
  scenario: name,
  seed: name,
  runs: fc.integer({ min: 1, max: 100 }),
  measuredS: figure,
  warmUpS: figure,
  tenants: fc.array(tenantSummary, { maxLength: 10 }),
  total: tenantSummary,
  devices: fc.array(
    fc.record({
      server: name,
      device: name,
      kind: name,
      busyShare: share,
      memoryUsedMb: figure,
      memoryMb: figure,
      shareByTenant: fc.array(fc.record({ tenant: name, share }), { maxLength: 5 }),
      timeline: fc.array(share, { maxLength: 5 }),
    }),
    { maxLength: 5 },
  ),
  hosts: fc.array(fc.record({ server: name, cpuCores: figure, coresBusy: figure }), { maxLength: 3 }),
  models: fc.array(
    fc.record({
      server: name,
      model: name,
      executions: count,
      meanBatch: figure,
      byBatchSize: fc.array(count, { maxLength: 40 }),
    }),
    { maxLength: 3 },
  ),
  warnings,
});

const cost = fc.record({
  usdPerHour: figure,
  usdPerMillionInferences: figure,
  penaltyUsdPerHour: figure,
  machines: fc.array(fc.record({ server: name, kind: name, usdPerHour: figure, source: name }), {
    maxLength: 3,
  }),
  tenants: fc.array(
    fc.record({
      tenant: name,
      byUseUsdPerHour: figure,
      byReservationUsdPerHour: figure,
      usdPerMillionInferences: figure,
      penaltyUsdPerHour: figure,
    }),
    { maxLength: 5 },
  ),
  idleUsdPerHour: figure,
});

const provenance = fc.record(
  {
    version: name,
    commit: name,
    scenarioFile: name,
    seed: name,
    profileSources: fc.array(fc.record({ model: name, device: name, source: name, licence: name }), {
      maxLength: 8,
    }),
    traceSources: fc.array(name, { maxLength: 8 }),
  },
  { requiredKeys: ['version', 'scenarioFile', 'seed', 'profileSources', 'traceSources'] },
);

const series = fc.record({
  cdfs: fc.array(
    fc.record({ tenant: name, points: fc.array(fc.record({ ms: figure, share }), { maxLength: 12 }) }),
    {
      maxLength: 10,
    },
  ),
  timelines: fc.array(
    fc.record({
      tenant: name,
      bins: fc.array(
        fc.record({
          timeS: figure,
          inSystem: figure,
          queued: figure,
          throughputPerS: figure,
          p99Ms: figure,
        }),
        { maxLength: 8 },
      ),
    }),
    { maxLength: 10 },
  ),
  deviceTimelines: fc.array(
    fc.record({
      server: name,
      device: name,
      bins: fc.array(fc.record({ timeS: figure, busyShare: share }), { maxLength: 6 }),
    }),
    { maxLength: 7 },
  ),
});

const measured = fc.array(
  fc.record({
    tenant: name,
    metric: fc.constantFrom('p50 ms', 'p95 ms', 'throughput /s', ''),
    predicted: figure,
    measured: figure,
    errorPercent: figure,
    source: name,
  }),
  { maxLength: 8 },
);

const bounds = fc.array(
  fc.record({
    tenant: name,
    bound: fc.constant('unlimited devices' as const),
    p50Ms: figure,
    p99Ms: figure,
  }),
  { maxLength: 4 },
);

/** Any report that the types allow. */
export const arbitraryReport: fc.Arbitrary<RunReport> = fc.record(
  { summary, cost, warnings, provenance, series, measured, bounds },
  { requiredKeys: ['summary', 'warnings', 'provenance', 'series'] },
);
