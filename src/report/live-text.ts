import { measuredTenants } from '../metrics/measured-tenant.js';
import { summarize } from '../metrics/summarize.js';
import { PERCENTILES, type Summary } from '../metrics/summary.js';
import type { Scenario } from '../scenario/scenario.js';
import type { RequestLog } from '../trace/request-log.js';

/** The summary of a request log that was measured: devices and models are not seen from outside. */
export function liveSummary(scenario: Scenario, log: RequestLog): Summary {
  return summarize({
    scenarioName: scenario.name,
    seed: scenario.seed,
    warmUpUs: scenario.warmUpUs,
    tenants: measuredTenants(scenario.tenants),
    log,
    devices: [],
    hosts: [],
    executions: [],
    warnings: [],
  });
}

/** A line for each tenant: counts, throughput and latency. */
export function liveSummaryToText({ tenants }: Summary): string {
  const lines = tenants.map(({ tenant, counts, throughputPerS, latencyMs, slo }) => {
    const percentiles = latencyMs.percentiles
      .filter(({ percentile }) => (PERCENTILES as readonly number[]).includes(percentile))
      .map(({ percentile, ms }) => `p${percentile} ${ms.value.toFixed(2)}`);
    const failures = Object.entries(counts)
      .filter(([outcome, count]) => outcome !== 'offered' && outcome !== 'completed' && count > 0)
      .map(([outcome, count]) => `, ${count} ${outcome}`);
    const kept =
      slo === undefined ? '' : `; ${(100 * slo.attainment.value).toFixed(2)} % within ${slo.limitMs} ms`;
    return `${tenant}: ${counts.completed} of ${counts.offered} completed${failures.join('')}, ${throughputPerS.value.toFixed(1)}/s; mean ${latencyMs.mean.value.toFixed(2)}, ${percentiles.join(', ')} ms${kept}`;
  });
  return `${lines.join('\n')}\n`;
}
