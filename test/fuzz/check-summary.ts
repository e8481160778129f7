import type { Summary, TenantSummary } from '../../src/metrics/summary.js';
import { demand } from './family.js';
import { findWrongNumber } from './numbers.js';

/** Checks that no figure which can be told is missing from a summary, or out of its range. @throws Violation */
export function checkSummary(summary: Summary): void {
  for (const tenant of [...summary.tenants, summary.total]) checkTenant(tenant);
  for (const part of ['devices', 'hosts'] as const) {
    const wrong = findWrongNumber(summary[part], { infinite: true });
    demand(wrong === undefined, `the summary has ${part}${wrong}`);
  }
  for (const { model, executions, meanBatch } of summary.models) {
    demand(executions === 0 || meanBatch >= 1, `${model} has a mean batch of ${meanBatch}`);
  }
}

function checkTenant(tenant: TenantSummary): void {
  const { offered, ...ends } = tenant.counts;
  const sum = Object.values(ends).reduce((total, count) => total + count, 0);
  demand(sum === offered, `${tenant.tenant}: ${offered} are offered, ${sum} end`);
  checkFigures(tenant, {
    offeredPerS: tenant.offeredPerS,
    throughputPerS: tenant.throughputPerS.value,
    inferencesPerS: tenant.inferencesPerS.value,
    goodputPerS: tenant.goodputPerS.value,
  });
  const attained = tenant.slo?.attainment.value ?? Number.NaN;
  demand(!(attained < 0 || attained > 1), `${tenant.tenant}: the attainment is ${attained}`);
  if (ends.completed === 0) return;
  checkFigures(tenant, {
    mean: tenant.latencyMs.mean.value,
    max: tenant.latencyMs.max,
    percentiles: tenant.latencyMs.percentiles.map(({ ms }) => ms.value),
    splitMs: tenant.splitMs,
    // No request had an execution where a cache answered all.
    ...(!Number.isNaN(tenant.executedBatch) && { executedBatch: tenant.executedBatch }),
  });
}

function checkFigures({ tenant }: TenantSummary, figures: Readonly<Record<string, unknown>>): void {
  // The parts of a latency are differences: a last bit below 0 is rounding.
  const wrong = findWrongNumber(figures, { negative: true });
  demand(wrong === undefined, `${tenant}: ${wrong}`);
  const below = findWrongNumber(figures);
  demand(below === undefined || Math.abs(Number(below.split(' = ')[1])) < 1e-6, `${tenant}: ${below}`);
}
