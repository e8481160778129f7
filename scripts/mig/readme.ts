import { PARVAGPU_SOURCE } from '../profiles/source-names.js';
import { coverage, errorsBy as errorTable, errorVerdict, groupedChart } from '../support/errors-by.js';
import { worstFirst } from '../support/points.js';
import { fields, fieldsCsv, markdownTable, pageTable, signed, sixDigits } from '../support/table.js';
import type { MigPoint, MigReproduction } from './reproduction.js';
import { modelPaths, scenarioFiles } from './scenario-files.js';

export const METRIC_NAMES = { throughputPerS: 'throughput', latencyMs: 'latency' } as const;
const TARGET_PERCENT = 8;
const WORST = 20;

export function resultFiles(result: MigReproduction, provenance: string): ReadonlyMap<string, string> {
  return new Map([
    ['README.md', readme(result, provenance)],
    ['predicted.csv', fieldsCsv(worstFirst(result.points), COLUMNS, sixDigits)],
    ['throughput.svg', chart(result, 'throughputPerS', 'inferences/s of one process')],
    ['latency.svg', chart(result, 'latencyMs', 'ms')],
    ...scenarioFiles(result),
  ]);
}

/** A model's name on the page leads to its sweep. */
function modelLink({ model }: MigPoint, { isShipped }: MigReproduction): string {
  return isShipped ? `[${model}](${modelPaths(model).sweep})` : model;
}

const EVERY_CELL = `Every cell is a command. A model's name leads to a sweep that plays all of its cells, with the latencies of this page:

\`\`\`sh
npx perseus sweep results/mig/sweeps/bert.yaml --out .tmp/cells --csv
npx perseus simulate results/mig/scenarios/bert.yaml    # one cell, beside what was measured
\`\`\`

The throughput of a sweep is that of all processes, this page's that of one.`;

const COLUMNS = [
  ...(['model', 'slice', 'batchSize', 'processes', 'metric'] as const),
  ...(['measured', 'predicted', 'low', 'high', 'errorPercent'] as const),
];

/** The errors by model, for the terminal and the page. */
export function errorsBy(points: readonly MigPoint[], nameOf: (point: MigPoint) => string, head: string) {
  return errorTable(points, { head, nameOf, rows: 'cells', metrics: METRIC_NAMES });
}

export function verdict({ points, withoutSolo }: MigReproduction): string {
  const without =
    withoutSolo > 0 ? [`${withoutSolo} cells have no lone process of their batch to start from.`] : [];
  const verdict = errorVerdict(points, {
    metrics: METRIC_NAMES,
    rows: 'cells of four and more processes',
    askedPercent: TARGET_PERCENT,
  });
  const inside =
    points.length > 0 ? [`${coverage(points).toFixed(1)} % of the figures lie in their 95 % interval.`] : [];
  return [verdict, ...inside, ...without].join(' ');
}

function chart({ points }: MigReproduction, metric: MigPoint['metric'], unit: string): string {
  return groupedChart(points, metric, ({ slice }) => slice, { unit, bandPercent: TARGET_PERCENT });
}

function readme(result: MigReproduction, provenance: string): string {
  const { points, rule, ruleError } = result;
  const worst = worstFirst(points).slice(0, WORST);
  return `# Processes side by side on a MIG slice

Written by \`npm run reproduce:mig\` (${provenance}). [predicted.csv](predicted.csv) has every cell.

Measured: ParvaGPU (${PARVAGPU_SOURCE}, MIT), 11 models on one A100-80GB, 1 to 5 processes under MPS on a slice,
each executing one batch after the other.

Beside other yardsticks: [what can be believed on GPUs](../../docs/accuracy.md#what-can-be-believed-on-gpus).

## Verdict

${verdict(result)}

## How it is predicted

- Profiles are those of \`calibration/a100-80gb-mig-*\`. They see one, two and three processes.
- Four and five processes are simulated: an instance and a closed-loop client each, on a device shared under MPS.
- An execution fills a share of the slice: what the whole slice works for it (\`deviceMs\`), over how long it takes alone.
  All that run together slow each other by one law ([crowded.ts](../../src/profile/crowded.ts)).
- Where nothing was measured beside each other, \`deviceMs\` follows from the batch sizes: the best batch's time for an
  inference, times the inferences and ${rule.furtherInferences} more. By this alone two and three processes come out ${(100 * ruleError).toFixed(0)} % off on
  average; with fair halves, the rule before, 48 %.
- \`npm run reproduce:mig -- --leave-out bert\` chooses that rule without a family of models and fits its profiles anew.

![Throughput, predicted over measured](throughput.svg)

![Latency, predicted over measured](latency.svg)

## By model

${result.isShipped ? `${EVERY_CELL}\n\n` : ''}${markdownTable(errorsBy(points, (point) => modelLink(point, result), 'model'))}

## By slice

${markdownTable(errorsBy(points, ({ slice }) => slice, 'slice'))}

## The worst cells

${pageTable(worst, [
  ...fields('model', 'slice'),
  ['batch', ({ batchSize }) => batchSize],
  ['processes', ({ processes }) => processes],
  ['figure', ({ metric }) => METRIC_NAMES[metric]],
  ['measured', ({ measured }) => measured.toPrecision(4)],
  ['predicted', ({ predicted }) => predicted.toPrecision(4)],
  ['95 % interval', ({ low, high }) => `${low.toPrecision(3)} to ${high.toPrecision(3)}`],
  ['error, %', ({ errorPercent }) => signed(errorPercent)],
])}

BERT is the worst model: its processes slow each other before the slice is full, which no share of the slice explains.
What the processes do on the host is not in the source.
`;
}
