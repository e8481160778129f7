import { canonicalJson } from '../base/canonical-json.js';
import type { Cause } from '../metrics/causes.js';
import type { Part } from '../metrics/figures/split.js';
import type { SlowRequests } from '../metrics/slow-requests.js';
import { streamSloText } from '../metrics/stream-limits.js';
import { percentileOf } from '../metrics/summary.js';
import type { ExplainedTenant } from './explain-tenant.js';
import { type Table, tableOf } from './tables/table.js';
import type { TextOptions } from './text/style.js';
import { textTable } from './text/text-table.js';
import { USUAL_WIDTH, wrap } from './text/width.js';

/** One tenant's explanation for a terminal: the SLO, where slow requests lose time, who is to blame. */
export function explanationToText(
  { explanation, summary }: ExplainedTenant,
  { width = USUAL_WIDTH }: TextOptions = {},
): string {
  if (summary.counts.offered === 0)
    return `${summary.tenant}: no request of it was planned between the warm-up and the end of the run.\n`;
  const head = wrap(headline(summary), width, '  ');
  const { slow } = explanation;
  if (slow === undefined) return `${head.join('\n')}\nNone of its requests was completed.\n`;
  const lines = [...head, '', ...textTable(slowTable(slow), width), '', 'Causes'];
  if (explanation.causes.length === 0) lines.push('  none stands out');
  explanation.causes.forEach((cause, i) => {
    lines.push(...wrap(`${i + 1}. ${causeSentence(cause)}`, width - 2).map((line) => `  ${line}`));
  });
  return `${lines.join('\n')}\n`;
}

/** Where slow requests lose their time. */
export function slowTable({ rule, parts }: SlowRequests): Table {
  return tableOf(`Slow requests (${rule}) against typical ones, mean milliseconds`, parts, [
    { header: 'part', align: 'left', cell: ({ part }) => PART_NAMES[part] },
    { header: 'typical', cell: ({ typicalMs }) => typicalMs.toFixed(2) },
    { header: 'slow', cell: ({ slowMs }) => slowMs.toFixed(2) },
    { header: 'lost', cell: ({ extraMs }) => extraMs.toFixed(2) },
    { header: 'of the gap', cell: ({ share }) => `${Math.round(100 * share)} %` },
  ]);
}

/** What is to blame, and how it is known. */
export function causeSentence({ code, confirmed, text }: Cause): string {
  return `${code} (${confirmed ? 'shown by running without it' : 'suggested by the split'}): ${sentence(text)}`;
}

export function explanationsToJson(explained: readonly ExplainedTenant[]): string {
  return canonicalJson({ format: 'perseus-explanation/1', tenants: explained }, ['format']);
}

function headline(summary: ExplainedTenant['summary']): string {
  const { tenant, slo, latencyMs, stability, counts } = summary;
  const percentile = slo?.percentile ?? 99;
  const reached = percentileOf(summary, percentile)?.value ?? Number.NaN;
  const latency =
    counts.completed === 0
      ? ''
      : `, mean ${latencyMs.mean.value.toFixed(2)} ms, p${percentile} ${reached.toFixed(2)} ms`;
  const state = `${tenant}: ${stability}${latency}`;
  if (slo === undefined) return `${state}; it has no SLO`;
  const sloText = `${state}; SLO p${slo.percentile} within ${slo.limitMs} ms${streamSloText(slo)}`;
  if (slo.met === null) return `${sloText}: no request was counted, so whether it is met is not known`;
  return `${sloText} is ${slo.met ? 'met' : 'missed'} (${(100 * slo.attainment.value).toFixed(2)} % within the limit)`;
}

function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return upper.endsWith('.') ? upper : `${upper}.`;
}

const PART_NAMES: Record<Part, string> = {
  client: 'client (waiting for a free place)',
  network: 'network',
  frontEnd: 'front end',
  queue: 'queue',
  input: 'input copy',
  infer: 'inference',
  output: 'output copy',
  response: 'response',
};
