import { describe, expect, it } from 'vitest';
import { planFrontChart } from '../../src/report/charts/plan-charts.js';
import { planToHtml } from '../../src/report/html/plan-page.js';
import type { PlanReport, ReportedCandidate } from '../../src/report/plan/plan-report.js';
import { candidatesTable } from '../../src/report/plan/plan-tables.js';
import { planAnswer, planToText } from '../../src/report/plan/plan-text.js';

function candidate(number: number, gpus: number, attainment: number): ReportedCandidate {
  return {
    number,
    usdPerHour: 0,
    usdPerMillionInferences: 0,
    gpus,
    machines: [{ kind: 'm', count: gpus }],
    attainment,
    slos: 1,
    slosMet: 1,
    violatedAfterFailure: [],
    onFront: true,
    regretUsdPerHour: 0,
    days: [],
    devices: [],
    tenants: [],
  };
}

const report: PlanReport = {
  format: 'perseus-plan/1',
  name: 'pets',
  goal: 'gpus',
  withHosts: false,
  requestsUncounted: [],
  executionsUncounted: [],
  survive: 'gpu',
  marginPercent: 0,
  seed: 1,
  days: 1,
  chosen: 2,
  best: 4,
  bound: 4,
  gap: 0,
  isExhaustive: false,
  isLookedAt: false,
  isOptimal: false,
  screenBound: 4,
  simulations: 10,
  candidates: [candidate(1, 2, 0.5), candidate(2, 4, 1)],
  failures: [],
  failureCount: 0,
  loads: [],
  shortfalls: [],
  warnings: [],
};

describe('the chart of what the placements of a plan cost', () => {
  it('has the GPUs on its axis where nothing has a price, and a dot at the number of each placement', () => {
    const svg = planFrontChart(report);
    expect(svg).toContain('GPUs');
    expect(svg).not.toContain('USD');
    const places = [...svg.matchAll(/<circle[^>]* cx="([\d.]+)"/g)].map(([, x]) => Number(x));
    const [two, four] = [...new Set(places)].sort((a, b) => a - b).slice(-2);
    expect(four! - two!).toBeGreaterThan(100);
  });

  it('has dollars on it where machines have prices', () => {
    const candidates = report.candidates.map((one) => ({ ...one, usdPerHour: one.gpus }));
    expect(planFrontChart({ ...report, candidates })).toContain('USD per hour');
  });
});

describe('the page of a plan', () => {
  const load = { factor: 1, attainment: 1, slosMet: 1, usdPerMillionInferences: 0 };
  const href = (number: number) => `${number}.yaml`;
  const hrefs = { scenarioHref: href, stepHref: href };

  it('draws no cost where nothing has a price', () => {
    const page = planToHtml({ ...report, loads: [load, { ...load, factor: 2 }] }, hrefs);
    expect(page).toContain('requests within their limit, % over times the load');
    expect(page).not.toContain('USD per million');
    const loads = [{ ...load, usdPerMillionInferences: 0.3 }];
    expect(planToHtml({ ...report, loads }, hrefs)).toContain('USD per million inferences over');
  });

  it('says how many devices its matrix leaves out', () => {
    const device = { device: 'T4', sharing: 'streams', busyShare: 0.5, models: [] };
    const devices = Array.from({ length: 61 }, (_, i) => ({ ...device, server: `s${i}` }));
    const candidates = report.candidates.map((one) => ({ ...one, devices }));
    const page = planToHtml({ ...report, candidates }, hrefs);
    expect(page).toContain('Drawn are the first 60 devices of 61.');
    expect(planToHtml(report, hrefs)).not.toContain('Drawn are');
  });
});

describe('the answer of a plan in words', () => {
  const said = (more: Partial<PlanReport>) => planAnswer({ ...report, ...more }).join(' ');

  it('says in few words, too, that a better placement is not ruled out, and what none can be below', () => {
    const short = (changes: Partial<PlanReport>) => planAnswer({ ...report, ...changes }, false).join(' ');
    const open = short({ bound: 3, gap: 0.33 });
    expect(open).toContain('A better placement is not ruled out; none can have less than 3 GPUs.');
    expect(short({ goal: 'cost', bound: 3, gap: 0.33 })).toContain('none can cost less than $3.00 per hour.');
    expect(short({ gap: 0 })).not.toContain('ruled out');
    expect(short({ gap: 0.33, isOptimal: true })).not.toContain('ruled out');
  });

  it('claims no gap where the answer costs less than what could go on and on, and says why that is', () => {
    const text = said({ bound: 5, gap: -0.2 });
    expect(text).toContain('on less than 5 GPUs');
    expect(text).toContain('only meets its SLOs within the run');
    expect(text).not.toContain('the gap is');
    expect(said({})).toContain('the gap is 0 %');
  });

  it('names models that share a device and whose memory nobody knows, and no others', () => {
    const serving = { replicas: 1, maxBatchSize: 8, queueDelayMs: 0, instances: 1, busyShare: 0.2 };
    const device = (models: string[], memoryUncounted: string[]) => ({
      server: 's',
      device: 'T4',
      sharing: 'streams',
      busyShare: 0.4,
      memoryUncounted,
      models: models.map((model) => ({ ...serving, model })),
    });
    const saidOf = (...unknown: string[][]) =>
      said({
        candidates: report.candidates.map((one) => ({
          ...one,
          devices: unknown.map((models) => device(['cat', 'dog'], models)),
        })),
      });
    expect(saidOf(['cat'], ['cat'])).toContain('The GPU memory of cat is not counted');
    expect(saidOf([], [])).not.toContain('not counted');
  });

  it('says what the recommended way from the current placement leads to, and what it costs now', () => {
    const step = { gpus: 2, slos: 3, slosMet: 3, loadS: 0, gainShare: 1 };
    const migration = {
      current: { ...step, machines: [{ kind: 'a100', count: 4 }], usdPerHour: 8, slosMet: 2, moves: 0 },
      steps: [{ ...step, machines: [{ kind: 'a100', count: 2 }], usdPerHour: 4, moves: 5 }],
    };
    expect(said({ migration: { ...migration, recommended: 1 } })).toContain(
      'From the placement as it is now 5 moves lead to 2 × a100: $4.00 per hour instead of $8.00, with 3 of 3 SLOs met instead of 2.',
    );
    const met = { ...migration, current: { ...migration.current, slosMet: 3 }, recommended: 1 };
    expect(said({ migration: met })).toContain('with 3 of 3 SLOs met as now.');
    expect(said({ migration })).not.toContain('From the placement');
  });

  it('does not say that executions on hosts are counted of which the profile says nothing', () => {
    const text = said({ requestsUncounted: ['cat', 'dog'], executionsUncounted: ['cat'] });
    expect(text).toContain("The profiles of cat do not say what they take of a host's cores");
    expect(text).toContain('On hosts only executions of dog are counted');
    const none = said({ requestsUncounted: ['cat'], executionsUncounted: ['cat'] });
    expect(none).not.toContain('only executions');
  });

  it('names a few of the failures that break SLOs, and counts the others', () => {
    const failures = [1, 2, 3, 4, 5, 6, 7].map((m) => ({ lost: `m-${m}`, met: m === 1, violated: ['cats'] }));
    expect(said({ failures, failureCount: 7 })).toContain(
      'SLOs are violated without m-2, m-3, m-4, m-5, m-6 and 1 more.',
    );
  });

  it('says how many failures were simulated, and how many there can be where one that violates an SLO was enough', () => {
    const failures = [1, 2].map((m) => ({ lost: `m-${m}`, met: m === 1, violated: [] }));
    expect(said({ failures, failureCount: 5 })).toContain(
      'Failure of a GPU: every SLO is met in 1 of 2 simulated, of 5 that there can be; SLOs are violated without m-2.',
    );
    expect(said({ failures, failureCount: 2 })).toContain(
      'Failure of a GPU: every SLO is met in 1 of 2 simulated; SLOs are violated without m-2.',
    );
  });
});

describe('the table of the placements of a plan', () => {
  it('has regrets only where some placement meets every SLO: there is nothing to regret against otherwise', () => {
    const priced = report.candidates.map((one) => ({ ...one, usdPerHour: one.number }));
    const headers = (plan: PlanReport) => candidatesTable(plan).columns.map(({ header }) => header);
    expect(headers({ ...report, candidates: priced })).toContain('regret $/h');
    const { chosen: _, ...infeasible } = report;
    expect(headers({ ...infeasible, candidates: priced })).not.toContain('regret $/h');
  });
});

describe('the text of a plan', () => {
  const { chosen: _, ...unanswered } = report;
  const shortfall = {
    tenant: 'cats',
    percentile: 99,
    limitMs: 9,
    latencyMs: 12,
    margin: -0.2,
    networkMs: 0,
    where: 'm',
  };
  const violated = { ...unanswered, shortfalls: [shortfall] };

  it('says where to ask what is to blame where the placement that comes nearest violates an SLO', () => {
    const pointer = 'perseus explain scenarios/placement-1.yaml';
    expect(planToText(violated)).toContain(pointer);
    expect(planToText({ ...violated, candidates: [] })).not.toContain(pointer);
    expect(planToText(report)).not.toContain(pointer);
    const written = planToText(violated, { out: 'my plan', width: 1000 });
    expect(written).toContain("perseus explain 'my plan/scenarios/placement-1.yaml' names");
    const next = planToText(report, { out: 'p1', emit: 'deploy', verbose: false });
    expect(next).not.toMatch(/--out FOLDER|--emit FOLDER/);
    expect(next).toMatch(/perseus open p1\/scenarios\/placement-\d\.yaml shows the answer/);
    expect(planToText(report, { width: 1000, verbose: false })).toContain(
      `the answer is scenarios/placement-${report.chosen}.yaml`,
    );
  });

  it('counts one thing as one', () => {
    expect(planToText({ ...report, simulations: 1 })).toMatch(/after 1\s+simulation\./);
  });
});
