import { MOST_DEVICES, planFrontChart, planLoadChart, planMatrixChart } from '../charts/plan-charts.js';
import { pageTheme } from '../charts/theme.js';
import { formatNumber } from '../format.js';
import { kindsTable } from '../plan/plan-kinds.js';
import type { PlanReport, ReportedCandidate } from '../plan/plan-report.js';
import {
  candidatesTable,
  devicesTable,
  metColumn,
  migrationTable,
  tenantsTable,
} from '../plan/plan-tables.js';
import { planAnswer } from '../plan/plan-text.js';
import { tableOf } from '../tables/table.js';
import { htmlDocument } from './document.js';
import { figure } from './figure.js';
import { htmlTable } from './html-table.js';
import { html, type Markup } from './markup.js';
import { warningSection } from './sections.js';

export interface PlanPageOptions {
  /** Link to the scenario of a candidate, relative to the page. */
  readonly scenarioHref: (number: number) => string;
  /** The same of a step from the current placement. */
  readonly stepHref: (number: number) => string;
}

/**
 * A plan as one HTML file: the answer, cost against attainment, who sits where, every SLO, other
 * loads, failures, and all placements and steps from the current one, each of which links to its scenario. No script; equal reports
 * give equal bytes.
 */
export function planToHtml(report: PlanReport, options: PlanPageOptions): string {
  const best = report.candidates.find(({ number }) => number === report.chosen);
  const body = html`${planAnswer(report).map((sentence) => html`<p class="answer">${sentence}</p>\n`)}
${frontSection(report)}
${kindsSection(report)}
${best && placementSections(report, best)}
${migrationSection(report, options)}
${loadSection(report)}
${failureSection(report)}
${candidatesSection(report, options)}
${warningSection(report)}`;
  return htmlDocument(`${report.name} · perseus`, report.name, body);
}

function frontSection(report: PlanReport): Markup | undefined {
  if (report.candidates.length === 0) return undefined;
  const worst = report.survive === 'nothing' ? 'the worst day' : 'the worst day and after the worst failure';
  return html`<h2>Cost against SLO attainment</h2>
${figure(planFrontChart(report, { theme: pageTheme }), `Every dot was simulated in full; on the line, nothing is both cheaper and better. Attainment is that of ${worst}.`)}`;
}

function kindsSection({ byKind }: PlanReport): Markup | undefined {
  if (byKind === undefined) return undefined;
  const table = kindsTable(byKind);
  return html`<h2>${table.title}</h2>
${htmlTable(table)}`;
}

function placementSections({ days }: PlanReport, best: ReportedCandidate): Markup {
  return html`<h2>Who sits where</h2>
${figure(planMatrixChart(best, { theme: pageTheme }), matrixNote(best))}
${htmlTable(devicesTable(best))}
<h2>SLOs</h2>
${htmlTable(tenantsTable(best, days))}`;
}

function matrixNote({ devices }: ReportedCandidate): string | undefined {
  return devices.length > MOST_DEVICES
    ? `Drawn are the first ${MOST_DEVICES} devices of ${devices.length}.`
    : undefined;
}

function migrationSection({ migration }: PlanReport, { stepHref }: PlanPageOptions): Markup | undefined {
  if (migration === undefined) return undefined;
  const links = migration.steps.map((_, i) => html`<a href="${stepHref(i + 1)}">step ${i + 1}</a> `);
  return html`<h2>From the current placement</h2>
${htmlTable(migrationTable(migration))}
<p>${links}</p>`;
}

function loadSection(report: PlanReport): Markup | undefined {
  if (report.loads.length === 0) return undefined;
  const half = { theme: pageTheme, width: 500 };
  const isPriced = report.loads.some(({ usdPerMillionInferences }) => usdPerMillionInferences > 0);
  return html`<h2>The same placement under other loads</h2>
<div class="pair">
${figure(planLoadChart(report, 'attainment', half))}
${isPriced ? figure(planLoadChart(report, 'usdPerMillionInferences', half)) : undefined}
</div>`;
}

function failureSection({ failures, survive }: PlanReport): Markup | undefined {
  if (failures.length === 0) return undefined;
  const table = tableOf('', failures, [
    { header: 'lost', align: 'left', cell: ({ lost }) => lost },
    { header: 'SLOs', ...metColumn },
    {
      header: 'smallest margin',
      align: 'left',
      cell: ({ worst }) =>
        worst === undefined
          ? 'a model is left without a device'
          : `${worst.tenant}: ${formatNumber(worst.margin * 100)} %`,
    },
  ]);
  return html`<h2>Failure of a ${survive === 'gpu' ? 'GPU' : survive}</h2>
${htmlTable(table)}`;
}

function candidatesSection(report: PlanReport, { scenarioHref }: PlanPageOptions): Markup | undefined {
  const { candidates } = report;
  if (candidates.length === 0) return undefined;
  const links = candidates.map(
    ({ number }) => html`<a href="${scenarioHref(number)}">scenario ${number}</a> `,
  );
  return html`<h2>All placements</h2>
${htmlTable(candidatesTable(report))}
<p>${links}</p>`;
}
