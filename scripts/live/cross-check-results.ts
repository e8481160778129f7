import { mean } from 'simple-statistics';
import { provenanceLine } from '../../src/node/runs/package-facts.js';
import { errorPercent, halfRange } from '../support/points.js';
import { markdownTable, signed, tableOf } from '../support/table.js';
import { type CrossCheckRow, type Figures, LATENCY_METRICS } from './cross-check-compare.js';

const METRICS: readonly (readonly [keyof Figures, string])[] = [...LATENCY_METRICS, ['batch', 'batch']];

/** One line for each tenant of a case, all its runs together, worst mean first. */
export function crossCheckMarkdown(rows: readonly CrossCheckRow[], option: string, title: string): string {
  const keys = [...new Set(rows.map(keyOf))];
  const tenants = keys
    .map((key) => rows.filter((row) => keyOf(row) === key))
    .map((runs) => ({ runs, error: errorOf(runs, 'meanMs') }))
    .sort((a, b) => Math.abs(b.error) - Math.abs(a.error))
    .map(({ runs }) => runs);
  return `# perf_analyzer beside the simulator${title}

Written by \`npm run reproduce:cross-check${option}\`; ${provenanceLine()}.
NVIDIA's perf_analyzer played and measured these Poisson loads on Triton 24.10, 20 s each, one process for each tenant; the simulator
had exactly its arrivals and the profiles that \`perseus calibrate\` made with its own load generator. Error: simulated less
measured, mean over the runs; in brackets the half range of what was measured in the runs. The rules of the
calibration were changed after such runs had been seen; runs that an earlier commit kept are not blind. Stall: the longest
time in all runs for which nothing ran on the machine, as a thread saw it that does nothing but look at the clock.

${markdownTable(
  tableOf(tenants, [
    ['case', ([run]) => run!.name],
    ['model', ([run]) => run!.model],
    ['rate /s', (runs) => mean(runs.map(({ ratePerS }) => ratePerS)).toFixed(0)],
    ['runs', (runs) => runs.length],
    ...METRICS.map(([key, label]) => [label, (runs: readonly CrossCheckRow[]) => cellOf(runs, key)] as const),
    ['stall', longestStall],
  ]),
)}
`;
}

function keyOf({ name, model }: CrossCheckRow): string {
  return `${name}|${model}`;
}

function cellOf(runs: readonly CrossCheckRow[], key: keyof Figures): string {
  const values = runs.map(({ measured }) => measured[key]);
  const spread = runs.length > 1 ? ` (±${((100 * halfRange(values)) / mean(values)).toFixed(1)})` : '';
  const unit = key === 'batch' ? '' : ' ms';
  return `${mean(values).toFixed(2)}${unit}, ${signed(errorOf(runs, key))} %${spread}`;
}

function longestStall(runs: readonly CrossCheckRow[]): string {
  const known = runs.flatMap(({ longestStallMs }) => longestStallMs ?? []);
  return known.length < runs.length ? '–' : `${Math.max(...known).toFixed(0)} ms`;
}

function errorOf(runs: readonly CrossCheckRow[], key: keyof Figures): number {
  return mean(runs.map(({ measured, simulated }) => errorPercent(simulated[key], measured[key])));
}
