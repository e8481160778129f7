import { plural } from '../../base/plural.js';
import { sweepFrontChart } from '../charts/sweep-front.js';
import { sweepLines } from '../charts/sweep-lines.js';
import { pageTheme } from '../charts/theme.js';
import { sweepAnswer } from '../sweep/sweep-answer.js';
import { askedTable } from '../sweep/sweep-ask.js';
import { axisMatrix } from '../sweep/sweep-matrix.js';
import { bestFirst, ORDER } from '../sweep/sweep-order.js';
import {
  columnTitle,
  figure,
  isPriced,
  type ReportedPoint,
  type SweepReport,
  warningCountSentence,
} from '../sweep/sweep-report.js';
import { overSeeds } from '../sweep/sweep-settings.js';
import { otherViews, pointsTable, type SweepView, sweepViews } from '../sweep/sweep-views.js';
import { htmlDocument } from './document.js';
import { figure as htmlFigure } from './figure.js';
import { htmlTable } from './html-table.js';
import { html, type Markup } from './markup.js';
import { drawView, isOverloaded, viewTitle } from './sweep-view.js';

export interface SweepPageOptions {
  /** Link to the scenario of a point, relative to the page. */
  readonly scenarioHref: (point: ReportedPoint) => string;
}

/** More rows than this make a page nobody scrolls through; the rest is in the files beside it. */
const MOST_ROWS = 500;

/**
 * A sweep as one HTML file: cost against SLO attainment with the front, figures over the axes, cost
 * against load, and the points, each of which links to its scenario. No script; equal reports give
 * equal bytes.
 */
export function sweepToHtml(report: SweepReport, options: SweepPageOptions): string {
  const settings = overSeeds(report);
  const answer = sweepAnswer(settings);
  const asked = askedTable(settings);
  const views = sweepViews(report);
  const body = html`${answer && html`<p class="answer">${answer}</p>`}
<p class="quiet">Sweep over ${report.axes.join(', ')}: ${report.points.length} ${plural(report.points.length, 'point')}.</p>
${asked && html`<h2>${asked.title}</h2>\n${htmlTable(asked)}`}
${frontSection(report)}
${views.map((view) => viewSection(report, view))}
${otherSection(report)}
${views.some((view) => showsCostOverLoad(report, view)) ? undefined : loadSection(report)}
${pointsSection(report, options)}`;
  return htmlDocument(`${report.name} · perseus`, report.name, body);
}

function viewFigure(report: SweepReport, view: SweepView): Markup {
  const { svg, note } = drawView(report, view, pageTheme);
  return htmlFigure(svg, note);
}

function frontSection(report: SweepReport): Markup | undefined {
  // Far below the others, where the axis would have to begin; a point without any SLO stays.
  const isPoor = ({ total }: ReportedPoint) => figure(total, 'slo_attainment') < 0.5;
  const points = report.points.filter((point) => !isOverloaded(point) && !isPoor(point));
  const hasSlo = points.some(({ total }) => !Number.isNaN(figure(total, 'slo_attainment')));
  if (!hasSlo || !isPriced(report)) return undefined;
  const underLoad = points.some(({ load }) => load !== undefined) ? 'under the same load ' : '';
  const note = `Numbers are those of the points below; nothing ${underLoad}is both cheaper and better than the points on a line.${points.length < report.points.length ? ' Points that are overloaded or answer less than half within the limits are left out.' : ''}`;
  return html`<h2>Cost against SLO attainment</h2>
${htmlFigure(sweepFrontChart({ ...report, points }, { theme: pageTheme }), note)}`;
}

function viewSection(report: SweepReport, view: SweepView): Markup {
  return html`<h2>${viewTitle(report, view)}</h2>
${viewFigure(report, view)}`;
}

/** The other pairs of axes, folded: a reader opens the pair in question. */
function otherSection(report: SweepReport): Markup | undefined {
  const pairs = otherViews(report);
  if (pairs.length === 0) return undefined;
  const folded = pairs.map(
    (views) => html`<details><summary>${views[0]!.x} and ${views[0]!.y}</summary>
${views.map((view) => html`<h3>${viewTitle(report, view)}</h3>\n${viewFigure(report, view)}`)}</details>
`,
  );
  return html`<h2>Other pairs of axes</h2>
${folded}`;
}

/** Whether the chart of the load that was offered would show the same lines once more. */
function showsCostOverLoad({ loadAxes = [] }: SweepReport, { x, of, drawnAs }: SweepView): boolean {
  return loadAxes.includes(x) && of === 'usd_per_million_inferences' && drawnAs === 'lines';
}

/** What a million inferences cost at each load that was offered. */
function loadSection({ points, axes, seedAxis }: SweepReport): Markup | undefined {
  if (!isPriced({ points })) return undefined;
  const loads = new Set(points.map(({ total }) => figure(total, 'offered_per_s')));
  const [axis] = axes.filter(
    (name) => name !== seedAxis && points.some(({ total }) => typeof total[name] !== 'number'),
  );
  if (loads.size < 3) return undefined;
  const report: SweepReport = {
    name: '',
    cost: 'usd_per_million_inferences',
    axes: ['load', 'line'],
    points: points.map((point) => ({
      ...point,
      values: [figure(point.total, 'offered_per_s'), axis === undefined ? '' : String(point.total[axis])],
    })),
  };
  const matrix = axisMatrix(report, {
    x: 'load',
    y: 'line',
    of: ({ total }) => figure(total, 'usd_per_million_inferences'),
  });
  const svg = sweepLines(matrix, {
    xLabel: columnTitle('offered_per_s'),
    label: columnTitle('usd_per_million_inferences'),
    theme: pageTheme,
    ...(axis === undefined ? {} : { lineLabel: axis }),
  });
  return html`<h2>Cost against load</h2>
${htmlFigure(svg, matrix.depth > 1 ? 'Means over the points of the same load.' : undefined)}`;
}

function pointsSection(report: SweepReport, options: SweepPageOptions): Markup {
  const order = bestFirst(report);
  const shown = order.slice(0, MOST_ROWS);
  const left = order.length - shown.length;
  const note =
    left > 0 ? `${left} more ${plural(left, 'point is', 'points are')} in the files beside this page.` : '';
  const warning = warningCountSentence(report);
  const table = pointsTable(report, shown, '');
  const rows = table.rows.map(([first, ...rest], i) => [
    { ...first!, href: options.scenarioHref(shown[i]!) },
    ...rest,
  ]);
  return html`<h2>Points</h2>
<p class="quiet">${ORDER} Each number opens the point's scenario. ${note}</p>
${warning && html`<p>${warning}</p>`}
${htmlTable({ ...table, rows })}`;
}
