import * as Plot from '@observablehq/plot';
import type { DeviceTimeline } from '../run-report.js';
import { uniqueShortNames } from '../short-names.js';
import { bandAxis, horizontalAxis, verticalLabel } from './axes.js';
import { MAX_ROWS } from './highlight.js';
import { domainFromZero, drawable } from './scales.js';
import { type ChartOptions, marginFor, marginTopFor, renderChart } from './svg.js';
import { paperTheme } from './theme.js';
import { timelineChart } from './timeline.js';

/** More devices than this are drawn as rows of shade: lines would hide each other. */
const MAX_LINES = 4;

export function utilisationChart(
  devices: readonly DeviceTimeline[],
  options: ChartOptions & { readonly warmUpS?: number } = {},
): string {
  if (devices.length > MAX_LINES) return utilisationRows(devices.slice(0, MAX_ROWS), options);
  const series = devices.map(({ server, device, bins }) => ({
    name: `${server}/${device}`,
    points: bins.map(({ timeS, busyShare }) => ({ timeS, value: busyShare })),
  }));
  return timelineChart(series, { ...options, label: 'device busy', share: true });
}

function utilisationRows(devices: readonly DeviceTimeline[], options: ChartOptions): string {
  const { theme = paperTheme } = options;
  const names = uniqueShortNames(devices.map(({ server, device }) => `${server}/${device}`));
  const cells = devices.flatMap((device, row) => cellsOf(device, names[row]!));
  const ends = cells.map(({ to }) => to);
  const at = { x1: 'from', x2: 'to', y: 'name' } as const;
  const marginLeft = marginFor(names);
  const marginTop = marginTopFor(0);
  return renderChart(
    {
      description: 'Device busy share over time, one row per device',
      height: devices.length * 18 + marginTop + 40,
      marginTop,
      marginLeft,
      marginRight: 20,
      marginBottom: 40,
      x: { domain: domainFromZero(ends, 1), label: null },
      y: { type: 'band', domain: names, label: null, padding: 0.15 },
      marks: [
        Plot.barX(cells, { ...at, fill: theme.series[0]!, fillOpacity: 'busyShare' }),
        bandAxis(),
        ...horizontalAxis({ label: 'time, s' }),
        verticalLabel('device busy: blank is idle, full colour is busy all the time', marginLeft),
      ],
      opacity: { domain: [0, 1], range: [0.04, 1] },
    },
    options,
  );
}

/** Slices with their ends: the last is as long as the one before it. */
function cellsOf({ bins }: DeviceTimeline, name: string) {
  const lengthS = bins.length > 1 ? bins[1]!.timeS - bins[0]!.timeS : 1;
  return bins
    .map(({ timeS, busyShare }) => ({ name, from: timeS, to: timeS + lengthS, busyShare }))
    .filter(({ from, to, busyShare }) => Number.isFinite(drawable(from) + drawable(to) + busyShare));
}
