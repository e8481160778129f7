import type { LatencyDistribution } from '../../src/metrics/figures/tenant-series.js';
import type { Timeline } from '../../src/metrics/figures/timeline.js';
import type { Estimate, Split, TenantSummary } from '../../src/metrics/summary.js';
import type { RunReport } from '../../src/report/run-report.js';

/** A small hand-made report: a tenant that meets its SLO beside one that is overloaded. */
export function sampleReport(): RunReport {
  return {
    summary: {
      scenario: 'two-tenants',
      seed: '7',
      runs: 5,
      measuredS: 540,
      warmUpS: 60,
      tenants: [stableTenant(), overloadedTenant()],
      total: {
        ...withoutSlo(stableTenant()),
        tenant: '',
        stability: 'overloaded',
        throughputPerS: about(134.1, 0.6),
        offeredPerS: 160,
      },
      devices: [
        {
          server: 'host-a',
          device: 'gpu0',
          kind: 'Tesla P4',
          busyShare: 0.613,
          memoryUsedMb: 1480,
          memoryMb: 7611,
          shareByTenant: [{ tenant: 'inception', share: 0.613 }],
          timeline: [0.6, 0.62],
        },
        {
          server: 'host-a',
          device: 'gpu1',
          kind: 'Tesla P4',
          busyShare: 1,
          memoryUsedMb: 1224,
          memoryMb: 7611,
          shareByTenant: [{ tenant: 'resnet', share: 1 }],
          timeline: [1, 1],
        },
      ],
      hosts: [{ server: 'host-a', cpuCores: 8, coresBusy: 2.31 }],
      models: [
        {
          server: 'host-a',
          model: 'inception_v3',
          executions: 9200,
          meanBatch: 2.93,
          byBatchSize: [0, 1900, 2300, 1900, 3100],
        },
        {
          server: 'host-a',
          model: 'resnet50',
          executions: 12900,
          meanBatch: 3.99,
          byBatchSize: [0, 10, 40, 80, 12770],
        },
      ],
      warnings: [],
    },
    cost: {
      usdPerHour: 1.2,
      usdPerMillionInferences: 2.4857,
      penaltyUsdPerHour: 3,
      machines: [
        { server: 'host-a', kind: 'n1-standard-8 + 2 P4', usdPerHour: 1.2, source: 'list price, 2019-07-01' },
      ],
      tenants: [
        {
          tenant: 'inception',
          byUseUsdPerHour: 0.368,
          byReservationUsdPerHour: 0.456,
          usdPerMillionInferences: 2.53,
          penaltyUsdPerHour: 0,
        },
        {
          tenant: 'resnet',
          byUseUsdPerHour: 0.6,
          byReservationUsdPerHour: 0.744,
          usdPerMillionInferences: 2.46,
          penaltyUsdPerHour: 3,
        },
      ],
      idleUsdPerHour: 0.232,
    },
    warnings: [
      {
        code: 'overloaded',
        subject: 'resnet',
        message: '110 requests/s are offered and at most 84.2 can be done.',
      },
      {
        code: 'outside-profile-region',
        subject: 'resnet50 on Tesla P4',
        message: 'The device is busy 100 % of the time; the profile was measured up to 95 %.',
      },
    ],
    provenance: {
      version: '0.1.0',
      commit: '7138816',
      scenarioFile: 'examples/scenarios/two-tenants.yaml',
      seed: '7',
      profileSources: [
        { model: 'inception_v3', device: 'Tesla P4', source: 'seed paper, test 7', licence: 'MIT' },
        { model: 'resnet50', device: 'Tesla P4', source: 'seed paper, test 6', licence: 'MIT' },
      ],
      traceSources: ['Poisson arrivals, generated from the seed'],
    },
    series: {
      cdfs: [cdfOf('inception', 9, 1.5), cdfOf('resnet', 900, 60)],
      timelines: [timelineOf('inception', () => 1), timelineOf('resnet', (timeS) => 1 + timeS * 26)],
      deviceTimelines: ['gpu0', 'gpu1'].map((device, d) => ({
        server: 'host-a',
        device,
        bins: slices().map((timeS, i) => ({ timeS, busyShare: d === 1 ? 1 : 0.55 + ((i * 37) % 13) / 100 })),
      })),
    },
    measured: [
      {
        tenant: 'inception',
        metric: 'p50 ms',
        predicted: 21.4,
        measured: 21.9,
        errorPercent: -2.283,
        source: 'seed paper, test 5',
      },
      {
        tenant: 'inception',
        metric: 'p95 ms',
        predicted: 41.1,
        measured: 40.2,
        errorPercent: 2.239,
        source: 'seed paper, test 5',
      },
      {
        tenant: 'resnet',
        metric: 'throughput /s',
        predicted: 84.2,
        measured: 83.5,
        errorPercent: 0.838,
        source: 'seed paper, test 5',
      },
    ],
    bounds: [{ tenant: 'inception', bound: 'unlimited devices', p50Ms: 12.6, p99Ms: 19.8 }],
  };
}

export function about(value: number, halfWidth: number): Estimate {
  return { value, low: value - halfWidth, high: value + halfWidth };
}

const split: Split = {
  client: 0,
  network: 1.2,
  frontEnd: 0.31,
  queue: 9.4,
  input: 1.04,
  infer: 11.2,
  output: 0.052,
  response: 0.4,
};

function stableTenant(): TenantSummary {
  return {
    tenant: 'inception',
    counts: { offered: 27012, completed: 26998, rejected: 0, timedOut: 0, failed: 0, inFlightAtEnd: 14 },
    offeredPerS: 50.02,
    throughputPerS: about(49.99, 0.21),
    inferencesPerS: about(49.99, 0.21),
    goodputPerS: about(49.92, 0.2),
    latencyMs: {
      mean: about(23.6, 0.31),
      max: 131.2,
      percentiles: [
        [50, 21.4, 0.25],
        [75, 28.8, 0.4],
        [90, 36.2, 0.6],
        [95, 41.1, 0.9],
        [99, 58.3, 2.4],
        [99.9, 88.7, 9.1],
      ].map(([percentile, ms, halfWidth]) => ({ percentile: percentile!, ms: about(ms!, halfWidth!) })),
    },
    splitMs: split,
    executedBatch: 2.93,
    slo: { percentile: 99, limitMs: 100, attainment: about(0.9971, 0.0004), met: true },
    stability: 'stable',
  };
}

function overloadedTenant(): TenantSummary {
  return {
    ...stableTenant(),
    tenant: 'resnet',
    counts: { offered: 59400, completed: 45468, rejected: 0, timedOut: 0, failed: 0, inFlightAtEnd: 13932 },
    offeredPerS: 110,
    throughputPerS: about(84.2, 0.5),
    inferencesPerS: about(84.2, 0.5),
    goodputPerS: about(0.4, 0.1),
    latencyMs: {
      mean: about(71234.5, 800),
      max: 140000,
      percentiles: [50, 75, 90, 95, 99, 99.9].map((percentile) => ({
        percentile,
        ms: about(70000 + percentile * 700, 900),
      })),
    },
    splitMs: { ...split, queue: 71000, infer: 42.1 },
    executedBatch: 3.99,
    slo: { percentile: 99, limitMs: 100, attainment: about(0.0046, 0.001), met: false },
    stability: 'overloaded',
  };
}

/** A logistic curve in log(ms), thinned as a summary would. */
function cdfOf(tenant: string, medianMs: number, fastestMs: number): LatencyDistribution {
  const shares = Array.from({ length: 120 }, (_, i) => (i + 0.5) / 120).concat([0.997, 0.999, 0.9997]);
  const points = shares.map((share) => ({
    ms: fastestMs + medianMs * Math.exp(0.28 * Math.log(share / (1 - share))),
    share,
  }));
  return { tenant, points };
}

function timelineOf(tenant: string, inSystem: (timeS: number) => number): Timeline {
  return {
    tenant,
    bins: slices().map((timeS, i) => ({
      timeS,
      inSystem: inSystem(timeS) + ((i * 29) % 11) / 20,
      queued: inSystem(timeS) * 0.9,
      throughputPerS: 50 + ((i * 31) % 17) / 4,
      p99Ms: 58 + ((i * 13) % 9),
    })),
  };
}

function slices(): number[] {
  return Array.from({ length: 60 }, (_, i) => i * 10);
}

function withoutSlo({ slo: _, ...tenant }: TenantSummary): TenantSummary {
  return tenant;
}
