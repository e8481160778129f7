import * as Plot from '@observablehq/plot';
import type { ModelSummary } from '../../metrics/summary.js';
import { shortName } from '../short-names.js';
import { framedChart } from './framed.js';
import { percentTick } from './scales.js';
import { type ChartOptions, DEFAULT_WIDTH } from './svg.js';
import { paperTheme } from './theme.js';

const MARGIN = { left: 56, right: 20, bottom: 40 };

/** Share of a model's executions by the number of inferences in them. */
export function batchSizeChart(model: ModelSummary, options: ChartOptions = {}): string {
  const { theme = paperTheme, width = DEFAULT_WIDTH } = options;
  const bars = sharesOf(model);
  const largestBatch = Math.max(1, bars.length);
  const name = shortName(`${model.server}/${model.model}`, 40);
  return framedChart(
    {
      description: `Batch sizes of ${name}`,
      height: 190,
      margin: MARGIN,
      x: { domain: [0.5, largestBatch + 0.5] },
      y: { domain: [0, 1] },
      xAxis: { label: 'inferences in one execution', ticks: batchTicks(largestBatch, width) },
      yAxis: { label: `executions of ${name}`, ticks: [0, 0.5, 1], tickFormat: percentTick },
      marks: [Plot.rectY(bars, { x1: 'from', x2: 'to', y: 'share', fill: theme.series[0]! })],
    },
    options,
  );
}

function sharesOf({ byBatchSize, executions }: ModelSummary) {
  const counts = Array.from(byBatchSize, (count) => (count > 0 && Number.isFinite(count) ? count : 0)).slice(
    1,
  );
  const largest = counts.findLastIndex((count) => count > 0) + 1;
  const total = executions > 0 ? executions : 1;
  return counts.slice(0, largest).map((count, i) => ({
    from: i + 1 - 0.42,
    to: i + 1 + 0.42,
    share: Math.min(count / total, 1),
  }));
}

/** Every batch size where there is room for its label, else every second, fifth, tenth… */
function batchTicks(largest: number, width: number): readonly number[] {
  const room = Math.max(Math.floor((width - MARGIN.left - MARGIN.right) / 30), 1);
  const step = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].find((each) => largest / each <= room) ?? 1024;
  const multiples = Array.from({ length: Math.floor(largest / step) }, (_, i) => (i + 1) * step);
  return step === 1 ? multiples : [1, ...multiples];
}
