import { isSaturated, verdictOf } from '../answer.js';
import { formatNumber, formatPercent, formatUsd } from '../format.js';
import type { RunReport } from '../run-report.js';
import type { Tone } from '../tables/table.js';
import { html, type Markup } from './markup.js';

interface Tile {
  readonly figure: string;
  readonly name: string;
  readonly tone?: Tone;
}

/** The few figures to take away, large. */
export function tiles(report: RunReport): Markup {
  const all = [sloTile(report), saturationTile(report), ...loadTiles(report), ...costTiles(report)];
  const shown = all.filter((tile) => tile !== undefined);
  return html`<div class="tiles">
${shown.map(({ figure, name, tone = 'plain' }) => html`<div class="tile"><b class="${tone}">${figure}</b><span>${name}</span></div>\n`)}</div>`;
}

function sloTile({ summary }: RunReport): Tile | undefined {
  const withSlo = summary.tenants.filter((tenant) => ['met', 'missed'].includes(verdictOf(tenant)));
  const met = withSlo.filter((tenant) => verdictOf(tenant) === 'met');
  if (withSlo.length === 0) return undefined;
  return {
    figure: `${met.length} of ${withSlo.length}`,
    name: 'SLOs met',
    tone: met.length === withSlo.length ? 'good' : 'bad',
  };
}

function saturationTile({ summary }: RunReport): Tile | undefined {
  const saturated = summary.tenants.filter(isSaturated).length;
  if (saturated === 0) return undefined;
  return {
    figure: `${saturated} of ${summary.tenants.length}`,
    name: 'tenants saturated',
    tone: 'bad',
  };
}

function loadTiles({ summary }: RunReport): readonly Tile[] {
  const busiest = summary.devices.reduce((most, { busyShare }) => Math.max(most, busyShare), 0);
  return [
    { figure: formatNumber(summary.total.throughputPerS.value), name: 'requests/s completed' },
    ...(summary.devices.length > 0
      ? [{ figure: `${formatPercent(busiest)} %`, name: 'busy, the busiest device' }]
      : []),
  ];
}

function costTiles({ cost }: RunReport): readonly Tile[] {
  if (cost === undefined || cost.usdPerHour === 0) return [];
  return [
    { figure: `$${formatUsd(cost.usdPerHour)}`, name: 'per hour' },
    ...(Number.isFinite(cost.usdPerMillionInferences)
      ? [{ figure: `$${formatUsd(cost.usdPerMillionInferences)}`, name: 'per million inferences' }]
      : []),
  ];
}
