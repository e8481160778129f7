import { provenanceLine } from '../../src/node/runs/package-facts.js';
import { pageTable, signed } from '../support/table.js';
import { DURATION_S } from './measure.js';
import type { Metric, Row } from './rows.js';

export interface CompositionsResult {
  /** Worst first. */
  readonly rows: readonly Row[];
  readonly repeats: number;
  /** What the calibration of each case said. */
  readonly calibrations: readonly string[];
}

const LABELS: Readonly<Record<Metric, readonly [label: string, unit: string]>> = {
  throughputPerS: ['throughput', '/s'],
  p50Ms: ['p50', 'ms'],
  p99Ms: ['p99', 'ms'],
};

export function compositionsPage(result: CompositionsResult): string {
  const { rows, repeats, calibrations } = result;
  return `# Ensembles, BLS, sequences and the cache: predicted beside measured

Written by \`npm run reproduce:compositions\`; ${provenanceLine()}.
Triton 24.10 (python backend) on this machine's cores. Each case was calibrated once by \`perseus calibrate\`, which saw none of these
loads. Then each load was played ${repeats} times, ${DURATION_S} s each, in turns. The simulator had the scenario that \`calibrate\` wrote, with
another load.

- **Ensemble of three**: a Python step that waits, MobileNetV1 (96 x 96, ONNX Runtime), a Python step that waits.
- **BLS pipeline**: a model in two instances that calls two others for each request, one after the other.
- **Speech-like sequences**: chunks every 100 ms, 20 on average; direct scheduling, 16 slots. Loads are sequences per second.
- **Cached classifier**: 1000 contents by Zipf's law; the cache knows none of them when a run begins.

${verdict(result)} Loads of perf_analyzer are simulated on its arrivals. It plays no law of contents, and no
sequences of random length: those are the load generator's of \`perseus live\`. Load average: of the machine during the runs, least to most.

## Figures, worst first

${pageTable(rows, [
  ['case', ({ name }) => name],
  ['load', ({ ratePerS, by }) => `${ratePerS}/s, ${by}`],
  ['metric', ({ metric }) => LABELS[metric][0]],
  ['measured', ({ metric, measured }) => `${measured.toFixed(2)} ${LABELS[metric][1]}`],
  ['runs differ by', ({ spreadPercent }) => `${spreadPercent.toFixed(1)} %`],
  ['predicted', ({ predicted }) => predicted.toFixed(2)],
  ['error', (row) => `${signed(row.errorPercent)} %`],
  ['asked', ({ askedPercent }) => `${askedPercent} %`],
  ['', ({ margin }) => (margin > 0 ? 'missed' : '')],
  ['load average', ({ loadAverage: [least, most] }) => `${least.toFixed(1)} to ${most.toFixed(1)}`],
])}

## The calibrations behind it

${calibrations.map((report) => `\`\`\`\n${report}\n\`\`\``).join('\n\n')}
`;
}

export function verdict({ rows }: Pick<CompositionsResult, 'rows'>): string {
  const within = rows.filter(({ margin }) => margin <= 0).length;
  const asAsked = rows.filter((row) => Math.abs(row.errorPercent) <= row.askedPercent).length;
  return `${within} of ${rows.length} figures are within what is asked or within what the runs differ by; ${asAsked} within what is asked.`;
}
