import { measuredRun } from '../measure/measured-run.js';
import { streamSloText } from '../metrics/stream-limits.js';
import { summarize } from '../metrics/summarize.js';
import { PERCENTILES, type Summary } from '../metrics/summary.js';
import type { Scenario } from '../scenario/scenario.js';
import type { RequestLog } from '../trace/request-log.js';
import { UNANSWERED } from './tables/tenant-tables.js';

/** The summary of a request log that was measured: devices and models are not seen from outside. */
export function liveSummary(scenario: Scenario, log: RequestLog): Summary {
  return summarize(measuredRun(scenario, { log }));
}

/** A line for each tenant: counts, throughput and latency, where there is one. */
export function liveSummaryToText({ tenants }: Summary): string {
  return `${tenants.map(tenantLine).join('\n')}\n`;
}

function tenantLine({
  tenant,
  counts,
  throughputPerS,
  latencyMs,
  slo,
  stream,
  sequences,
}: Summary['tenants'][number]): string {
  if (counts.offered === 0) return `${tenant}: no request was measured`;
  const unanswered = UNANSWERED.filter(({ key }) => counts[key] > 0).map(
    ({ key, name }) => `, ${counts[key]} ${name}`,
  );
  const answered = `${tenant}: ${counts.completed} of ${counts.offered} completed${unanswered.join('')}`;
  const latency = counts.completed === 0 ? '' : `; ${latencyText(latencyMs)}`;
  const kept =
    slo === undefined
      ? ''
      : `; ${(100 * slo.attainment.value).toFixed(2)} % within ${slo.limitMs} ms${streamSloText(slo)}`;
  const streams =
    stream === undefined
      ? ''
      : `; first response ${latencyText(stream.firstResponseMs)}, between responses ${latencyText(stream.betweenResponsesMs)}`;
  const whole =
    sequences === undefined || sequences.answered === 0
      ? ''
      : `; whole sequences: first answer ${latencyText(sequences.firstAnswerMs)}, last answer ${latencyText(sequences.lastAnswerMs)}`;
  return `${answered}, ${throughputPerS.value.toFixed(1)}/s${latency}${streams}${whole}${kept}`;
}

function latencyText({ mean, percentiles }: Summary['tenants'][number]['latencyMs']): string {
  const shown = percentiles
    .filter(({ percentile }) => (PERCENTILES as readonly number[]).includes(percentile))
    .map(({ percentile, ms }) => `p${percentile} ${ms.value.toFixed(2)}`);
  return `mean ${mean.value.toFixed(2)}, ${shown.join(', ')} ms`;
}
