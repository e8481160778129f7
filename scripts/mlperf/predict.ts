import { join } from 'node:path';
import type { Estimate } from '../../src/metrics/summary.js';
import { writeFileAtomically } from '../../src/node/files/atomic-write.js';
import { runScenario } from '../../src/node/runs/run-scenario.js';
import { type RowRules, rowFiles, withCutNote } from './files.js';
import { METRICS, type Metric, type MlperfRow } from './rows.js';

/** What the simulation of a row's scenario file gives; its bounds are those of the run's noise alone. */
export type Predicted = Readonly<Record<Metric, Estimate>>;

/** Where the files of the rows are. */
export interface Folders {
  readonly profiles: string;
  readonly scenarios: string;
  /** The folder of the profiles, as a scenario file of one GPU sees it. */
  readonly profilesFromScenario: string;
}

export type RowPrediction = Awaited<ReturnType<typeof predictRow>>;

/** Service times are cut by these while more than a tenth of the requests would miss the limit: the server would not keep up. */
const SCALES = [1, 0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.93, 0.92, 0.9, 0.87, 0.84, 0.8] as const;

const PERCENTILES = METRICS.filter((metric) => metric !== 'mean');

/** Writes a row's two files and simulates them, as `perseus simulate` does. */
export async function predictRow(
  row: MlperfRow,
  by: Omit<RowRules, 'scale'>,
  folders: Folders,
  requests: number,
  scales: readonly number[] = SCALES,
) {
  for (const scale of scales) {
    const files = rowFiles(row, { ...by, scale }, folders.profilesFromScenario, requests);
    await writeFileAtomically(join(folders.profiles, files.profilePath), files.profileText);
    const path = join(folders.scenarios, files.scenarioPath);
    await writeFileAtomically(path, files.scenarioText);
    const predicted = await simulated(path);
    if (predicted.p90.value > row.limitMs && scale !== scales.at(-1)) continue;
    const cut = PERCENTILES.filter((metric) => predicted[metric].value > row.limitMs);
    if (cut.length > 0) await writeFileAtomically(path, withCutNote(files.scenarioText, cut, row.limitMs));
    return { row, files, scale, predicted: withinLimit(predicted, row.limitMs) };
  }
  throw new Error('there is no scale');
}

/** A valid run kept its limit at the 99th percentile: nothing below it is predicted beyond the limit. */
function withinLimit(predicted: Predicted, limitMs: number): Predicted {
  const kept = Object.entries(predicted).map(([metric, figure]: [string, Estimate]) => [
    metric,
    figure.value <= limitMs ? figure : { ...figure, value: limitMs },
  ]);
  return Object.fromEntries(kept) as Predicted;
}

async function simulated(path: string): Promise<Predicted> {
  const { report } = await runScenario(path, { bounds: false, series: false });
  const { mean, percentiles } = report.summary.tenants[0]!.latencyMs;
  const at = (percentile: number) => percentiles.find((each) => each.percentile === percentile)!.ms;
  return { mean, p50: at(50), p90: at(90), p95: at(95), p99: at(99) };
}
