import { canonicalJson } from '../base/canonical-json.js';
import { shellWord } from '../base/shell-word.js';
import type { Cause } from '../metrics/causes.js';
import type { Part } from '../metrics/figures/split.js';
import type { PartDelay, SlowRequests } from '../metrics/slow-requests.js';
import { streamSloText } from '../metrics/stream-limits.js';
import { percentileOf } from '../metrics/summary.js';
import type { ExplainedTenant } from './explain-tenant.js';
import { formatCount, formatNumber, formatPercent, formatSetting } from './format.js';
import { ifRight } from './provenance.js';
import { type Table, tableOf } from './tables/table.js';
import { type AnswerText, type AnswerTextOptions, answerToText } from './text/answer-text.js';

export interface ExplanationTextOptions extends AnswerTextOptions {
  /** Where the scenario is, where what to do next shall stand below. */
  readonly file?: string;
}

/** One tenant's explanation for a terminal: its SLO, what is to blame, and where slow requests lose time. */
export function explanationToText(
  explained: ExplainedTenant,
  { file, ...options }: ExplanationTextOptions = {},
): string {
  const next = nextSentences(explained, file);
  return answerToText({ ...explanationText(explained, options), next }, options);
}

function explanationText(
  { explanation: { slow, causes }, summary, profileGuesses }: ExplainedTenant,
  { verbose = true }: AnswerTextOptions,
): AnswerText {
  if (summary.counts.offered === 0) {
    const none = 'no request of it was planned between the warm-up and the end of the run';
    return { answer: [`${summary.tenant}: ${none}.`] };
  }
  const verdict = ifRight(headline(summary), profileGuesses);
  if (slow === undefined) return { answer: [verdict, 'None of its requests was completed.'] };
  const shown = verbose ? causes : causes.slice(0, MOST_CAUSES);
  const parts = verbose ? slow.parts : slow.parts.filter(isNoticeable);
  return {
    answer: [verdict],
    asked: [
      {
        heading: 'Causes',
        sentences:
          shown.length === 0
            ? ['None stands out.']
            : shown.map((cause, i) => `${i + 1}. ${causeSentence(cause)}`),
        indent: '   ',
      },
      slowTable({ ...slow, parts: parts.length === 0 ? slow.parts : parts }),
    ],
  };
}

/** Causes beyond these are for the long form. */
const MOST_CAUSES = 3;

/** Below half a percent of the gap a part shows 0 %. */
const isNoticeable = ({ share }: PartDelay) => Math.abs(share) >= 0.005;

function nextSentences({ explanation: { slow } }: ExplainedTenant, file: string | undefined): string[] {
  if (slow === undefined || file === undefined) return [];
  return [
    `perseus open ${shellWord(file)} lets you try a change by hand.`,
    `perseus compare ${shellWord(file)} COPY says what a changed copy makes of it.`,
    '-v shows all causes and all parts of a request.',
  ];
}

export function slowTable({ rule, parts }: SlowRequests): Table {
  return tableOf(`Slow requests (${rule}) against typical ones, mean ms`, parts, [
    { header: 'part', align: 'left', cell: ({ part }) => PART_NAMES[part] },
    { header: 'typical', cell: ({ typicalMs }) => formatNumber(typicalMs) },
    { header: 'slow', cell: ({ slowMs }) => formatNumber(slowMs) },
    { header: 'lost', cell: ({ extraMs }) => formatNumber(extraMs) },
    { header: 'of the gap', cell: ({ share }) => `${formatCount(100 * share)} %` },
  ]);
}

/** What is to blame, and how it is known. */
export function causeSentence({ code, confirmed, text }: Cause): string {
  const how = confirmed ? 'shown by running without it' : 'suggested by the split';
  return code === 'lost-requests' ? `${code}: ${sentence(text)}` : `${code} (${how}): ${sentence(text)}`;
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
      : `, mean ${formatNumber(latencyMs.mean.value)} ms, p${percentile} ${formatNumber(reached)} ms`;
  const state = `${tenant}: ${stability}${latency}`;
  if (slo === undefined) return `${state}; it has no SLO.`;
  const sloText = `${state}; SLO p${slo.percentile} within ${formatSetting(slo.limitMs)} ms${streamSloText(slo)}`;
  if (slo.met === null) return `${sloText}: no request was counted, so whether it is met is not known.`;
  return `${sloText} is ${slo.met ? 'met' : 'missed'} (${formatPercent(slo.attainment.value)} % within the limit).`;
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
