import { max, mean } from 'simple-statistics';
import { groupBy } from '../../src/base/group-by.js';
import type { LiveRun } from '../../src/live/run-live.js';
import { answeredRows, LATENCY_METRICS, type LatencyFigures, latencyFigures } from '../support/latencies.js';
import { halfRange } from '../support/points.js';
import { pageTable, signed } from '../support/table.js';
import type { CrossCheckCase } from './cross-check-cases.js';
import { countedWindow } from './cross-check-compare.js';
import type { CrossCheckRequests } from './perf-analyzer-runs.js';

/** What two instruments say of the same arrivals at the same server, one right after the other. */
export interface InstrumentRow {
  readonly name: string;
  readonly model: string;
  readonly perfAnalyzer: LatencyFigures;
  /** The load generator of `perseus live`. */
  readonly own: LatencyFigures;
}

/**
 * Latencies of the requests that count for the simulation, too, from when they were sent, as perf_analyzer has them.
 * @param own a run of exactly these requests by tenants with the names of the models; one that was kept has them in an order of its own
 */
export function compareInstruments(
  { name }: Pick<CrossCheckCase, 'name'>,
  requests: readonly CrossCheckRequests[],
  { log }: Pick<LiveRun, 'log'>,
): InstrumentRow[] {
  const { counts } = countedWindow(requests);
  return requests.map(({ model, sentUs, latencyUs }) => {
    const rows = answeredRows(log, log.tenants.indexOf(model), (i) => counts(log.plannedUs[i]!));
    return {
      name,
      model,
      perfAnalyzer: latencyFigures(latencyUs.filter((_, i) => counts(sentUs[i]!))),
      own: latencyFigures(rows.map((row) => log.endedUs[row]! - log.sentUs[row]!)),
    };
  });
}

/** One line for each tenant of a case, all its runs together, largest difference of the means first. */
export function instrumentsSection(rows: readonly InstrumentRow[]): string {
  const tenants = [...groupBy(rows, tenantOf).values()]
    .map((runs) => ({ runs, figures: LATENCY_METRICS.map(([metric]) => comparedOf(runs, metric)) }))
    .sort((a, b) => Math.abs(b.figures[0]!.percent) - Math.abs(a.figures[0]!.percent));
  const all = tenants.flatMap(({ figures }) => figures);
  const within = all.filter(({ percent, spread }) => Math.abs(percent) <= spread).length;
  return `
## perf_analyzer beside our own load generator

Right after each run of perf_analyzer the generator of \`perseus live\` sent the same requests at the same times. Latencies from when
they were sent, in ms: perf_analyzer, our generator, and by how much ours is longer; in brackets what the runs of either instrument
differed by, whichever is more. ${within} of ${all.length} figures differ by no more than that. perf_analyzer's threads take longer for a request
(profiles count it as \`clientUs\`), and its process takes more of the server's cores.

${pageTable(tenants, [
  ['case', ({ runs }) => runs[0]!.name],
  ['model', ({ runs }) => runs[0]!.model],
  ['runs', ({ runs }) => runs.length],
  ...LATENCY_METRICS.map(([, label], i) => {
    const cell = ({ runs, figures }: (typeof tenants)[number]) => {
      const { perfAnalyzer, own, percent, spread } = figures[i]!;
      const apart = runs.length > 1 ? ` (${spread.toFixed(1)})` : '';
      return `${perfAnalyzer.toFixed(2)}, ${own.toFixed(2)}, ${signed(percent)} %${apart}`;
    };
    return [label, cell] as const;
  }),
])}
`;
}

/** A tenant of a case, whose runs are told together. */
export function tenantOf({ name, model }: Pick<InstrumentRow, 'name' | 'model'>): string {
  return `${name}|${model}`;
}

function comparedOf(runs: readonly InstrumentRow[], metric: keyof LatencyFigures) {
  const of = (instrument: 'perfAnalyzer' | 'own') => runs.map((run) => run[instrument][metric]);
  const [perfAnalyzer, own] = [mean(of('perfAnalyzer')), mean(of('own'))];
  const ranges = (['perfAnalyzer', 'own'] as const).map(
    (each) => (200 * halfRange(of(each))) / mean(of(each)),
  );
  return { perfAnalyzer, own, percent: 100 * (own / perfAnalyzer - 1), spread: max(ranges) };
}
