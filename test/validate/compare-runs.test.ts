import { describe, expect, it } from 'vitest';
import { widthOf } from '../../src/report/text/width.js';
import { compareRuns } from '../../src/validate/compare-runs.js';
import { validationToHtml } from '../../src/validate/html.js';
import { isCovered, validationPoints } from '../../src/validate/report.js';
import { validatedScenario } from '../../src/validate/run-figures.js';
import { validationToJson, validationToText } from '../../src/validate/text.js';
import { compared, live, simulated, threeTenants } from './runs.js';

const run = threeTenants();

it('a run has the same figures seen from the server and from the simulator', () => {
  const [seen] = live(run, [5]);
  const [known] = simulated(run, [5]);
  expect(seen!.tenants).toEqual(known!.tenants);
  for (const [i, { figures, byBatchSize }] of seen!.models.entries()) {
    const executed = known!.models[i]!.byBatchSize;
    expect(byBatchSize).toEqual(executed.slice(0, executed.findLastIndex((count) => count > 0) + 1));
    for (const [name, value] of Object.entries(figures)) {
      expect(value, name).toBeCloseTo(known!.models[i]!.figures[name]!, 4);
    }
  }
});

describe('a server that behaves as predicted', () => {
  const report = compared(run, run);

  it('passes: what differs is within the spread of its own runs or the tolerance', () => {
    const outside = report.figures.filter(({ verdict }) => verdict === 'outside');
    expect(outside.map(({ subject, metric }) => `${subject} ${metric.name}`)).toEqual([]);
    expect(report.passed).toBe(true);
    expect(report.covered).toBeGreaterThan(0.85);
  });

  it('is compared in every figure of every tenant and every component of every model', () => {
    const of = (subject: string) =>
      report.figures.filter((figure) => figure.subject === subject).map(({ metric }) => metric.name);
    expect(of('mobile')).toEqual(['throughputPerS', 'meanMs', 'p50Ms', 'p90Ms', 'p95Ms', 'p99Ms']);
    expect(of('web')).toContain('sloAttainment');
    // The model of two tenants has a line of its own, that of one tenant is told under its name.
    expect(of('model a')).toContain('queueMs');
    expect(of('batch')).toContain('queueMs');
    expect(report.batches.map(({ model }) => model)).toEqual(['a', 'b']);
    expect(report.distances[0]!.ksPp).toBeLessThan(2 * report.distances[0]!.repeatsKsPp + 3);
  });

  it('its components add up to the mean latency', () => {
    const [web] = report.parts.filter(({ subject }) => subject === 'batch');
    const mean = report.figures.find(
      ({ subject, metric }) => subject === 'batch' && metric.name === 'meanMs',
    );
    expect(web!.predictedMs.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(mean!.predicted, 1);
    expect(web!.measuredMs.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(mean!.measured, 1);
  });
});

it('no interval reaches below nothing, however much the runs differ', () => {
  const { tenants } = validatedScenario(run);
  const measured = [...live(run, [1]), ...live(threeTenants(30), [2])];
  const { figures } = compareRuns({
    scenarioName: 'three tenants',
    tenants,
    measured,
    predicted: simulated(run, [1, 2]),
  });
  expect(figures.some(({ low }) => low === 0)).toBe(true);
  expect(figures.filter(({ low }) => low < 0)).toEqual([]);
});

describe('a server that is slower than predicted', () => {
  const report = compared(threeTenants(3), run);

  it('fails, and the component that is off is named', () => {
    expect(report.passed).toBe(false);
    const infer = report.figures.find(
      ({ subject, metric }) => subject === 'model a' && metric.name === 'inferMs',
    )!;
    expect(infer.error).toBeLessThan(-15);
    const p50 = report.figures.find(({ subject, metric }) => subject === 'web' && metric.name === 'p50Ms')!;
    expect(p50.verdict).toBe('outside');
    expect(validationToText(report)).toMatch(
      /^three tenants: \d+ of \d+ judged figures are out of tolerance: .*p50/,
    );
  });

  it('says on a narrow terminal the verdict, the figures of tenants and what to do, and the rest where it is asked for', () => {
    const [short, long] = [false, true].map((verbose) => validationToText(report, { width: 80, verbose }));
    for (const line of `${short}${long}`.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(80);
    expect(short).toMatch(
      /judged figures are out of tolerance(.|\n)*Measured and predicted(.|\n)*perseus calibrate/,
    );
    expect(short).not.toContain('By component');
    expect(long).toContain('By component');
  });

  it('gives points in the agreed form', () => {
    const { points, passed } = JSON.parse(validationToJson(report));
    expect(passed).toBe(false);
    expect(points).toHaveLength(validationPoints(report).length);
    const p50 = points.find((point: { metric: string }) => point.metric === 'p50Ms');
    expect(Object.keys(p50).sort()).toEqual(
      ['tenant', 'metric', 'measured', 'measuredSpread', 'predicted', 'low', 'high', 'errorPercent'].sort(),
    );
    expect(p50.errorPercent).toBeCloseTo((100 * (p50.predicted - p50.measured)) / p50.measured, 5);
    expect(p50.low).toBeLessThan(p50.predicted);
  });

  it('is shown as one page with both distributions of each tenant', () => {
    const page = validationToHtml(report);
    expect(page.match(/<svg/g)).toHaveLength(3 * 2 + 1);
    expect(page).toContain('web');
    expect(page).not.toMatch(/NaN|undefined|<script/);
    expect(validationToHtml(report)).toBe(page);
  });
});

it('of the figures of a server that behaves as predicted, 90 to 98 % lie in their intervals', () => {
  const trials = 12;
  const seeds = (count: number, from: number) => Array.from({ length: count }, (_, i) => from + i);
  const measured = live(run, seeds(3 * trials, 1000));
  const predicted = simulated(run, seeds(5 * trials, 1));
  const reports = seeds(trials, 0).map((trial) =>
    compareRuns({
      scenarioName: 's',
      tenants: validatedScenario(run).tenants,
      measured: measured.slice(3 * trial, 3 * trial + 3),
      predicted: predicted.slice(5 * trial, 5 * trial + 5),
    }),
  );
  // Of those that vary at all: what is the same in every run tells nothing of an interval.
  const inside = reports
    .flatMap(({ figures }) => figures.filter(({ measuredSpread }) => measuredSpread > 1e-6))
    .map(isCovered);
  expect(inside.length).toBeGreaterThan(200);
  const share = inside.filter(Boolean).length / inside.length;
  expect(share).toBeGreaterThanOrEqual(0.9);
  expect(share).toBeLessThanOrEqual(0.98);
});

it('an error counts against the tolerance or the range of the live runs, whichever is larger', () => {
  const figures = (value: number) => ({
    tenants: [
      { tenant: 't', figures: { meanMs: value }, resolution: {}, latenciesMs: Float64Array.of(value) },
    ],
    models: [],
  });
  const verdictFor = (measured: readonly number[], predicted: number, tolerance?: number) =>
    compareRuns({
      scenarioName: 's',
      tenants: [{ name: 't', model: 'm' }],
      measured: measured.map(figures),
      predicted: [predicted, predicted].map(figures),
      tolerances: tolerance === undefined ? {} : { meanMs: tolerance },
    }).figures[0]!.verdict;
  expect(verdictFor([100, 100], 102, 2)).toBe('within');
  expect(verdictFor([100, 100], 103, 2)).toBe('outside');
  expect(verdictFor([98, 102], 103, 2)).toBe('within spread');
  expect(verdictFor([100], 103, 2)).toBe('outside');
  expect(verdictFor([100], 103)).toBe('not judged');
});

describe('figures told by hand', () => {
  const run = (meanMs: number, resolutionMs = 0) => ({
    tenants: [
      {
        tenant: 't',
        figures: { meanMs },
        resolution: { meanMs: resolutionMs },
        latenciesMs: Float64Array.of(meanMs),
      },
    ],
    models: [],
  });
  const compare = (more: Partial<Parameters<typeof compareRuns>[0]>) =>
    compareRuns({
      scenarioName: 's',
      tenants: [{ name: 't', model: 'm' }],
      measured: [run(100), run(100)],
      predicted: [run(100), run(100)],
      ...more,
    }).figures[0]!;

  it('are as uncertain as half of what each error of the profile moves them by from one side to the other', () => {
    const profileVariants = [
      { up: run(103), down: run(97) },
      { up: run(96), down: run(104) },
    ];
    // Nothing varies but the profile: √(3² + 4²) to either side, 1.96 times.
    const { low, high } = compare({ profileVariants });
    expect(low).toBeCloseTo(100 - 1.96 * 5, 1);
    expect(high).toBeCloseTo(100 + 1.96 * 5, 1);
  });

  it('are no better known than to the coarsest count of a run, and as well as others know where one variant has none', () => {
    const { low, high } = compare({
      measured: [run(100, 0.5), run(100, 2)],
      profileVariants: [{ up: run(Number.NaN), down: run(97) }],
    });
    expect([low, high]).toEqual([98, 102]);
  });

  it('of a profile that was off in its tail are so at p90, and for half of the requests as near to the limit', () => {
    const latencyErrors = new Map([['t', { mean: 0, p50: 0, p95: 5, p99: 0 }]]);
    // Ten of twenty lie within 5 % of the limit.
    const latenciesMs = Float64Array.from({ length: 20 }, (_, i) => 91 + i);
    const of = (name: string, value: number) => {
      const each = {
        tenants: [{ tenant: 't', figures: { [name]: value }, resolution: {}, latenciesMs }],
        models: [],
      };
      const tenants = [{ name: 't', model: 'm', slo: { limitMs: 100.5 } }];
      return compare({ tenants, measured: [each, each], predicted: [each, each], latencyErrors }).high;
    };
    expect(of('p90Ms', 100)).toBeCloseTo(100 + 1.96 * 5, 1);
    expect(of('sloAttainment', 50)).toBeCloseTo(50 + 1.96 * 25, 1);
    expect(of('p99Ms', 100)).toBe(100);
  });

  it('may be off by what live runs differ by, in percent of them', () => {
    const measured = [run(9.8), run(10.2)];
    const verdict = (predicted: number) =>
      compare({ measured, predicted: [run(predicted), run(predicted)], tolerances: { meanMs: 2 } }).verdict;
    expect(verdict(10.3)).toBe('within spread');
    expect(verdict(10.5)).toBe('outside');
  });
});

it('the uncertainty of the profile widens the intervals', () => {
  const common = {
    scenarioName: 's',
    tenants: validatedScenario(run).tenants,
    measured: live(run, [1, 2]),
    predicted: simulated(run, [3, 4, 5]),
  };
  const [up] = simulated(threeTenants(2.2), [3]);
  const [down] = simulated(threeTenants(1.8), [3]);
  const plain = compareRuns(common);
  const wide = compareRuns({ ...common, profileVariants: [{ up: up!, down: down! }] });
  const width = (report: typeof plain) => {
    const mean = report.figures.find(({ subject, metric }) => subject === 'web' && metric.name === 'meanMs')!;
    return mean.high - mean.low;
  };
  expect(width(wide)).toBeGreaterThan(2 * 1.96 * 0.15);
  expect(width(wide)).toBeGreaterThan(width(plain));
});

it('a profile that was off where it was fitted widens the intervals of its tenant, in that latency', () => {
  const common = {
    scenarioName: 's',
    tenants: validatedScenario(run).tenants,
    measured: live(run, [1, 2]),
    predicted: simulated(run, [3, 4, 5]),
  };
  const latencyErrors = new Map([['web', { mean: 10, p50: 10, p95: 0, p99: 0 }]]);
  const [plain, wide] = [compareRuns(common), compareRuns({ ...common, latencyErrors })];
  const widthOf = (report: typeof plain, tenant: string, name: string) => {
    const figure = report.figures.find(({ subject, metric }) => subject === tenant && metric.name === name)!;
    return { share: (figure.high - figure.low) / figure.predicted, figure };
  };
  expect(widthOf(wide, 'web', 'meanMs').share).toBeGreaterThan(2 * 1.96 * 0.1);
  expect(widthOf(wide, 'web', 'p95Ms')).toEqual(widthOf(plain, 'web', 'p95Ms'));
  expect(widthOf(wide, 'web', 'throughputPerS')).toEqual(widthOf(plain, 'web', 'throughputPerS'));
  const other = common.tenants.find(({ name }) => name !== 'web')!.name;
  expect(widthOf(wide, other, 'meanMs')).toEqual(widthOf(plain, other, 'meanMs'));
});

it('a profile whose parts were off widens the components of its model', () => {
  const common = {
    scenarioName: 's',
    tenants: validatedScenario(run).tenants,
    measured: live(run, [1, 2]),
    predicted: simulated(run, [3, 4, 5]),
  };
  const parts = { network: 50, queue: 0, input: 0, infer: 20, output: 0 };
  const latencyErrors = new Map([['batch', { mean: 0, p50: 0, p95: 0, p99: 0, parts }]]);
  const [plain, wide] = [compareRuns(common), compareRuns({ ...common, latencyErrors })];
  const shareOf = (report: typeof plain, name: string) => {
    const { low, high, predicted } = report.figures.find(
      ({ subject, metric }) => subject === 'batch' && metric.name === name,
    )!;
    return (high - low) / 2 / predicted;
  };
  expect(shareOf(wide, 'networkMs')).toBeGreaterThan(1.96 * 0.5);
  expect(shareOf(wide, 'inferMs')).toBeGreaterThan(1.96 * 0.2);
  expect(shareOf(wide, 'queueMs')).toBe(shareOf(plain, 'queueMs'));
  expect(shareOf(wide, 'meanBatch')).toBe(shareOf(plain, 'meanBatch'));
});

it('a profile whose tail was off widens what is counted within the limit, by the latencies near it', () => {
  const predicted = simulated(run, [3, 4, 5]);
  const { latenciesMs: sortedMs } = predicted[0]!.tenants.find(({ tenant }) => tenant === 'web')!;
  const limitMs = sortedMs[Math.floor(0.8 * sortedMs.length)]!;
  const tenants = validatedScenario(run).tenants.map((tenant) => ({ ...tenant, slo: { limitMs } }));
  const common = { scenarioName: 's', tenants, measured: live(run, [1, 2]), predicted };
  const halfWidthOf = (name: string, p95: number) => {
    const latencyErrors = new Map([['web', { mean: 0, p50: 0, p95, p99: 0 }]]);
    const { figures } = compareRuns({ ...common, latencyErrors });
    const { low, high } = figures.find(({ subject, metric }) => subject === 'web' && metric.name === name)!;
    return (high - low) / 2;
  };
  const near = common.predicted.map((each) => {
    const { latenciesMs } = each.tenants.find(({ tenant }) => tenant === 'web')!;
    return latenciesMs.filter((ms) => ms >= 0.9 * limitMs && ms < 1.1 * limitMs).length / latenciesMs.length;
  });
  const share = near.reduce((sum, each) => sum + each, 0) / near.length / 2;
  expect(share).toBeGreaterThan(0.001);
  expect(halfWidthOf('sloAttainment', 10)).toBeGreaterThan(1.96 * 100 * share);
  expect(halfWidthOf('sloAttainment', 10)).toBeGreaterThan(halfWidthOf('sloAttainment', 0));
  expect(halfWidthOf('goodputPerS', 10)).toBeGreaterThan(halfWidthOf('goodputPerS', 0));
});

it('runs of other tenants, or none, are refused', () => {
  const measured = live(run, [1]);
  const tenants = [{ name: 'nobody', model: 'a' }];
  const predicted = simulated(run, [1]);
  expect(() => compareRuns({ scenarioName: 's', tenants, measured, predicted })).toThrow(/no tenant nobody/);
  expect(() => compareRuns({ scenarioName: 's', tenants, measured: [], predicted })).toThrow(
    /nothing to compare/,
  );
});
