import { latencyCdfChart } from '../report/charts/latency-cdf.js';
import { stackedBars } from '../report/charts/stacked-bars.js';
import { type ChartTheme, colourOf, pageTheme } from '../report/charts/theme.js';
import { formatNumber } from '../report/format.js';
import { htmlDocument } from '../report/html/document.js';
import { figure, HALF, WHOLE } from '../report/html/figure.js';
import { htmlTable, titledTable } from '../report/html/html-table.js';
import { html, type Markup } from '../report/html/markup.js';
import { PART_METRICS } from './compare-runs.js';
import { lostTimeSentences } from './lost-time.js';
import type { ModelParts, TenantCurves, ValidationReport } from './report.js';
import { batchTable, componentTable, distanceTable, tenantTable } from './tables.js';
import { coverageSentence, verdictSentence } from './text.js';

const theme: ChartTheme = pageTheme;

/**
 * The comparison as one HTML file that needs nothing else; equal reports give equal bytes. Import this
 * module only when a page is wanted: it loads the chart library.
 */
export function validationToHtml(report: ValidationReport): string {
  const body = html`<p class="${report.passed ? 'answer good' : 'answer bad'}">${verdictSentence(report)}</p>
<p class="quiet">${coverageSentence(report)}</p>
${lostTimeSentences(report).map((sentence) => html`<p class="quiet">${sentence}</p>\n`)}
${htmlTable(tenantTable(report))}
${latencySection(report)}
${componentSection(report)}
${batchSection(report)}`;
  return htmlDocument(
    `${report.scenario} · validation · perseus`,
    `${report.scenario}: measured and predicted`,
    body,
  );
}

function latencySection(report: ValidationReport): Markup {
  return html`<section id="latency"><h2>Latency</h2>
<p class="quiet">All runs of a side together. Left the whole distribution, right its tail.</p>
${report.curves.map(tenantCharts)}
${titledTable(distanceTable(report))}
</section>`;
}

function tenantCharts({ tenant, measured, predicted }: TenantCurves): Markup {
  const curves = [
    { tenant: 'measured', points: measured },
    { tenant: 'predicted', points: predicted },
  ];
  const chart = (tail: boolean) => figure(latencyCdfChart(curves, { tail, theme, width: HALF }));
  return html`<h3>${tenant}</h3>
<div class="pair">${chart(false)}${chart(true)}</div>
`;
}

function componentSection(report: ValidationReport): Markup | undefined {
  if (report.parts.length === 0) return undefined;
  return html`<section id="components"><h2>Where the time goes</h2>
${figure(componentChart(report.parts))}
${htmlTable(componentTable(report))}
</section>`;
}

/** Two bars for each subject, measured above predicted. */
function componentChart(parts: readonly ModelParts[]): string {
  const bars = parts.flatMap(({ subject, measuredMs, predictedMs }) => [
    barOf(`${subject}, measured`, measuredMs),
    barOf(`${subject}, predicted`, predictedMs),
  ]);
  return stackedBars(bars, {
    description: 'Mean latency by component, measured and predicted',
    label: 'mean of a request, ms',
    parts: PART_METRICS.map(({ label }, i) => ({ name: label, colour: colourOf(theme, i) })),
    theme,
    width: WHOLE,
  });
}

function barOf(name: string, values: readonly number[]) {
  const sum = values.reduce((total, value) => (value > 0 ? total + value : total), 0);
  return { name, values, label: `${formatNumber(sum)} ms` };
}

function batchSection(report: ValidationReport): Markup | undefined {
  if (report.batches.length === 0) return undefined;
  return html`<section id="batches"><h2>Batches</h2>
${htmlTable(batchTable(report))}
</section>`;
}
