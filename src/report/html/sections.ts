import { groupBy } from '../../base/group-by.js';
import { someOf } from '../../base/some-of.js';
import { isPriced } from '../../cost/cost.js';
import { adviceFor, warningSentence } from '../advice.js';
import {
  answerSentences,
  costSentences,
  isSaturated,
  latencyGrows,
  selectTenants,
  verdictOf,
} from '../answer.js';
import { batchSizeChart } from '../charts/batch-sizes.js';
import { costChart } from '../charts/cost.js';
import { headroomChart } from '../charts/headroom.js';
import { MAX_COLOURED, MAX_ROWS } from '../charts/highlight.js';
import { latencyCdfChart } from '../charts/latency-cdf.js';
import { type PredictedMeasured, predictedMeasuredChart } from '../charts/predicted-measured.js';
import { splitChart } from '../charts/split.js';
import { pageTheme } from '../charts/theme.js';
import { seriesOf, type TimelineOptions, timelineChart } from '../charts/timeline.js';
import { utilisationChart } from '../charts/utilisation.js';
import { formatNumber, formatPercent, formatUsd } from '../format.js';
import { headroomSentence, headroomTable } from '../headroom.js';
import { sourceSentences } from '../provenance.js';
import type { Comparison, RunReport } from '../run-report.js';
import { doubtTables } from '../tables/doubt-table.js';
import { comparisonTable, costTable, machineTable } from '../tables/money-tables.js';
import {
  cacheTable,
  deviceTable,
  hostTable,
  kvCacheTable,
  loadingTable,
  modelTable,
  sequenceTable,
} from '../tables/resource-tables.js';
import { sequenceLatencyTable, streamTable } from '../tables/sequence-tables.js';
import type { Tone } from '../tables/table.js';
import { answerTable, latencyTable, outcomeTable, splitTable, stepTable } from '../tables/tenant-tables.js';
import { MAX_SUBJECTS, warningGroups } from '../warning-groups.js';
import { figure, HALF, WHOLE } from './figure.js';
import { htmlTable, titledTable } from './html-table.js';
import { html, type Markup } from './markup.js';

const theme = pageTheme;

export function answerSection(report: RunReport): Markup {
  const { tenants, total } = report.summary;
  const rows = tenants.length > 1 ? [...tenants, { ...total, tenant: 'all tenants' }] : tenants;
  const sentences = [
    ...answerSentences(report),
    ...(report.headroom ? [headroomSentence(report.headroom, report.provenance.profileGuesses)] : []),
    ...costSentences(report.cost),
  ];
  return html`<section id="answer">
${tiles(report)}
${sentences.map((sentence) => html`<p class="answer">${sentence}</p>\n`)}
${htmlTable(answerTable(rows, report.provenance.profileGuesses !== undefined))}
</section>`;
}

interface Tile {
  readonly figure: string;
  readonly name: string;
  readonly tone?: Tone;
}

function tiles({ summary: { tenants, devices, total }, cost, provenance }: RunReport): Markup {
  const withSlo = tenants.filter((tenant) => ['met', 'missed'].includes(verdictOf(tenant)));
  const met = withSlo.filter((tenant) => verdictOf(tenant) === 'met').length;
  const isGuess = provenance.profileGuesses !== undefined;
  const saturated = tenants.filter(isSaturated).length;
  const busiest = devices.reduce((most, { busyShare }) => Math.max(most, busyShare), 0);
  const { usdPerHour = 0, usdPerMillionInferences: each = Number.NaN } = cost ?? {};
  const shown: (Tile | false)[] = [
    withSlo.length > 0 && {
      figure: `${met} of ${withSlo.length}`,
      name: isGuess ? 'SLOs met if guesses are right' : 'SLOs met',
      tone: met < withSlo.length ? 'bad' : isGuess ? 'plain' : 'good',
    },
    saturated > 0 && { figure: `${saturated} of ${tenants.length}`, name: 'tenants saturated', tone: 'bad' },
    { figure: formatNumber(total.throughputPerS.value), name: 'requests/s completed' },
    devices.length > 0 && { figure: `${formatPercent(busiest)} %`, name: 'busy, the busiest device' },
    usdPerHour !== 0 && { figure: `$${formatUsd(usdPerHour)}`, name: 'per hour' },
    usdPerHour !== 0 &&
      Number.isFinite(each) && { figure: `$${formatUsd(each)}`, name: 'per million inferences' },
  ];
  return html`<div class="tiles">
${shown.filter((tile) => tile !== false).map(({ figure, name, tone = 'plain' }) => html`<div class="tile"><b class="${tone}">${figure}</b><span>${name}</span></div>\n`)}</div>`;
}

const BAND_NOTE = 'Bands reach from all profiles as fast as they may be to all as slow as they may be.';

const SATURATED_NOTE =
  'The curve of a tenant that cannot be kept up with describes this run only: it moves to the right for as long as the load lasts.';

export function latencySection({ summary, series, bounds, doubt }: RunReport): Markup {
  const { tenants } = summary;
  const cdfs = emphasise(series.cdfs, summary.tenants);
  const chart = (tail: boolean) =>
    figure(latencyCdfChart(cdfs, { tenants, tail, doubt, theme, width: HALF }));
  const isStream = tenants.some(({ stream }) => stream !== undefined);
  const streams = isStream ? html`${titledTable(streamTable(tenants))}\n` : undefined;
  const hasSequences = tenants.some(({ sequences }) => sequences !== undefined);
  const sequences = hasSequences ? html`${titledTable(sequenceLatencyTable(tenants))}\n` : undefined;
  return html`<section id="latency"><h2>Latency</h2>
<p class="quiet">Counted from the planned arrival, completed requests only. Left the whole distribution, right its tail.</p>
<div class="pair">${chart(false)}${chart(true)}</div>
${tenants.some(latencyGrows) ? html`<p class="quiet">${SATURATED_NOTE}</p>` : undefined}
${doubt === undefined ? undefined : html`<p class="quiet">${BAND_NOTE}</p>`}
${htmlTable(latencyTable(tenants, bounds))}
${doubt === undefined ? undefined : doubtTables(doubt).map(titledTable)}
${streams}${sequences}${titledTable(outcomeTable(tenants))}
</section>`;
}

export function headroomSection({ summary, headroom }: RunReport): Markup | undefined {
  if (headroom === undefined) return undefined;
  const drawn = selectTenants(summary.tenants, MAX_COLOURED);
  return html`<section id="headroom"><h2>Over the load</h2>
${figure(headroomChart(headroom, drawn, { theme, width: WHOLE }), 'Bands are 95 % intervals, dashed lines are SLOs. A line ends where its tenant cannot be kept up with.')}
${htmlTable(headroomTable(headroom, summary.tenants))}
</section>`;
}

export function timelineSection({ summary, series }: RunReport): Markup {
  const timelines = emphasise(series.timelines, summary.tenants);
  const { warmUpS } = summary;
  const options = (label: string): TimelineOptions => ({ label, theme, width: WHOLE, warmUpS });
  const few = timelines.length <= 4;
  const inSystem = seriesOf(timelines, 'inSystem', few ? 'queued' : undefined);
  const dotted = few ? 'Dotted: those of them that wait in a queue.' : undefined;
  return html`<section id="timeline"><h2>Over time</h2>
${figure(timelineChart(inSystem, options('requests in the system')), dotted)}
${figure(timelineChart(seriesOf(timelines, 'throughputPerS'), options('requests completed per second')))}
${figure(utilisationChart(series.deviceTimelines, { theme, width: WHOLE, warmUpS }), rowsNote(series.deviceTimelines.length, 'first devices'))}
</section>`;
}

export function splitSection({ summary: { tenants, models } }: RunReport): Markup {
  const hasSteps = tenants.some(({ steps = [] }) => steps.length > 0);
  return html`<section id="split"><h2>Where the time goes</h2>
${figure(splitChart(selectTenants(tenants, MAX_ROWS), { theme, width: WHOLE }), rowsNote(tenants.length, 'tenants most in need of attention'))}
${htmlTable(splitTable(tenants))}
${hasSteps ? titledTable(stepTable(tenants, models)) : undefined}
</section>`;
}

/** The most models whose batch sizes are drawn. */
const MAX_HISTOGRAMS = 12;

export function resourceSection({ summary: { devices, hosts, models } }: RunReport): Markup {
  const executing = models.filter(({ executions }) => executions > 0);
  const ofSome = [
    cacheTable(models),
    sequenceTable(models),
    kvCacheTable(models),
    loadingTable(models),
  ].filter(({ rows }) => rows.length > 0);
  const histograms = executing
    .slice(0, MAX_HISTOGRAMS)
    .map((model) => batchSizeChart(model, { theme, width: HALF }));
  return html`<section id="resources"><h2>Devices, hosts and batches</h2>
${titledTable(deviceTable(devices))}
${titledTable(hostTable(hosts))}
${titledTable(modelTable(models))}
${ofSome.map((table) => titledTable(table))}
<div class="pair">${histograms.map((svg) => figure(svg))}</div>
${executing.length > MAX_HISTOGRAMS ? html`<p class="quiet">Drawn are the first ${MAX_HISTOGRAMS} of ${executing.length} models.</p>` : undefined}
</section>`;
}

export function costSection({ cost }: RunReport): Markup | undefined {
  if (cost === undefined) return undefined;
  return html`<section id="cost"><h2>Cost</h2>
${isPriced(cost) ? [figure(costChart(cost, { theme, width: WHOLE }), rowsNote(cost.tenants.length, 'first tenants')), htmlTable(costTable(cost))] : undefined}
${titledTable(machineTable(cost))}
</section>`;
}

export function comparisonSection({ measured = [] }: RunReport): Markup | undefined {
  if (measured.length === 0) return undefined;
  const charts = comparisonCharts(measured);
  return html`<section id="measured"><h2>Predicted beside measured</h2>
<div class="pair">${charts.map((svg) => figure(svg))}</div>
${htmlTable(comparisonTable(measured))}
</section>`;
}

/** Fewer points than this say more in the table alone. */
const FEWEST_POINTS = 3;

/** One chart per unit (the last word of a metric's name), its figures grouped by metric. */
function comparisonCharts(rows: readonly Comparison[]): readonly string[] {
  const units = groupBy(rows, ({ metric }) => unitOf(metric));
  return [...units]
    .filter(([, comparisons]) => comparisons.length >= FEWEST_POINTS)
    .map(([unit, comparisons]) =>
      predictedMeasuredChart(groupsOf(comparisons), { theme, width: HALF, unit }),
    );
}

function groupsOf(comparisons: readonly Comparison[]): readonly PredictedMeasured[] {
  return [...groupBy(comparisons, ({ metric }) => metric)].map(([name, points]) => ({ name, points }));
}

function unitOf(metric: string): string {
  return metric.trim().split(/\s+/).at(-1) ?? '';
}

export function warningSection({ warnings }: Pick<RunReport, 'warnings'>): Markup | undefined {
  if (warnings.length === 0) return undefined;
  const items = warningGroups(warnings).map(
    ({ warnings: [first, ...rest], subjects, isSame }) =>
      html`<li><b>${someOf(subjects, MAX_SUBJECTS)}</b> <code>${first!.code}</code><br>${warningSentence(first!)} <span class="quiet">${adviceFor(first!.code)}</span>${isSame && subjects.length <= MAX_SUBJECTS ? undefined : moreWarnings(rest)}</li>\n`,
  );
  return html`<section id="warnings"><h2>Warnings</h2>
<ul class="warnings">
${items}</ul>
</section>`;
}

/** Warnings that say of others what the one before them says. */
function moreWarnings(warnings: RunReport['warnings']): Markup | undefined {
  if (warnings.length === 0) return undefined;
  const items = warnings.map((warning) => html`<li>${warning.subject}: ${warningSentence(warning)}</li>\n`);
  return html`<details><summary>${warnings.length} more like this</summary><ul>${items}</ul></details>`;
}

export function trustSection(trust: string | undefined): Markup | undefined {
  if (trust === undefined) return undefined;
  return html`<section id="trust"><h2>How far to trust this</h2>
<p>${trust}</p>
</section>`;
}

export function provenanceSection(report: RunReport): Markup {
  return html`<section id="provenance"><h2>Where the figures come from</h2>
${sourceSentences(report).map((sentence) => html`<p>${sentence}</p>\n`)}</section>`;
}

function rowsNote(rows: number, which: string): string | undefined {
  return rows > MAX_ROWS ? `Drawn are the ${MAX_ROWS} ${which} of ${rows}.` : undefined;
}

/** Of more series than can be coloured, those of the tenants most in need of attention come first. */
export function emphasise<Series extends { readonly tenant: string }>(
  series: readonly Series[],
  tenants: RunReport['summary']['tenants'],
): readonly Series[] {
  if (series.length <= MAX_COLOURED) return series;
  const first = new Set(selectTenants(tenants, MAX_COLOURED).map(({ tenant }) => tenant));
  return [
    ...series.filter(({ tenant }) => first.has(tenant)),
    ...series.filter(({ tenant }) => !first.has(tenant)),
  ];
}
