import { canonicalJson } from '../../base/canonical-json.js';
import { type CsvValue, csvOf } from '../../base/csv.js';
import { yamlText } from '../../base/yaml-text.js';
import { withWholeConfigs } from '../../emit/config-file.js';
import type { CandidateTenantFigures } from '../../plan/tune/figures.js';
import { describeLoad, specWithLoad } from '../../plan/tune/load-point.js';
import { scoreOf } from '../../plan/tune/score.js';
import type { ModelSetting } from '../../plan/tune/setting.js';
import { resolveSpec } from '../../scenario/resolve-spec.js';
import { type EmitOptions, pathsFrom, writePlacement } from '../emit/emit-files.js';
import { writeResultFolder } from '../output/result-folder.js';
import { settingsOf } from './candidate-values.js';
import type { TuneOutcome } from './tune-scenario.js';
import type { TuneValues } from './tune-values.js';

const ANSWER = 'tune.json';

/** Writes the best scenario, what was found, and a table of everything that was simulated. */
export async function writeTuneFolder(path: string, outcome: TuneOutcome, values: TuneValues): Promise<void> {
  const spec = bestSpec(outcome);
  const resolved = resolveSpec(spec, outcome.best, {
    ...pathsFrom(spec, outcome.file, path),
    ...withWholeConfigs(outcome.loaded.resources.configs),
  });
  await writeResultFolder(path, 'tune', async (folder) => {
    await folder.write(ANSWER, canonicalJson(values, ['format']));
    await folder.write('scenario.yaml', yamlText(resolved, 80));
    await folder.write('evaluations.csv', evaluationsCsv(outcome));
  });
}

/** Model repositories and manifests of the best scenario. */
export function emitBest(
  outcome: TuneOutcome,
  options: Omit<EmitOptions, 'scenarioFile'>,
): Promise<readonly string[]> {
  const { file, loaded, best } = outcome;
  const source = { spec: bestSpec(outcome), scenario: best, resources: loaded.resources };
  return writePlacement(source, { ...options, scenarioFile: file });
}

/** The scenario file under the load of the winner. */
function bestSpec({ loaded, space, result }: TuneOutcome) {
  return specWithLoad(loaded.spec, space.loads[result.finalists[0]!.candidate.load]!);
}

/** A column that comes once for each model or tenant: its header, after the name of that, and its cells. */
interface RepeatedColumn<Source> {
  readonly field: string;
  readonly cell: (source: Source) => CsvValue;
}

const SETTING_COLUMNS: readonly RepeatedColumn<ModelSetting>[] = [
  { field: 'instances', cell: ({ instances }) => instances },
  { field: 'max_batch_size', cell: ({ maxBatchSize }) => maxBatchSize },
  { field: 'preferred', cell: ({ batching }) => batching?.preferredBatchSizes.join('+') ?? 'off' },
  { field: 'delay_us', cell: ({ batching }) => batching?.maxQueueDelayUs },
  { field: 'queue_limit', cell: ({ batching }) => batching?.maxQueueSize },
];

const TENANT_COLUMNS: readonly RepeatedColumn<CandidateTenantFigures>[] = [
  { field: 'inferences_per_s', cell: ({ inferencesPerS }) => inferencesPerS },
  { field: 'goodput_per_s', cell: ({ goodputPerS }) => goodputPerS },
  { field: 'mean_ms', cell: ({ meanMs }) => meanMs },
  { field: 'tail_ms', cell: ({ tailMs }) => tailMs },
  { field: 'attainment', cell: ({ attainment }) => attainment },
  { field: 'stability', cell: ({ stability }) => stability },
];

/** One row per simulation, in the order in which they were made. */
function evaluationsCsv(outcome: TuneOutcome): string {
  const { space, evaluations, objective } = outcome;
  const tenants = evaluations[0]?.figures.tenants ?? [];
  const columns = [
    'load',
    ...space.models.flatMap(({ name }) => SETTING_COLUMNS.map(({ field }) => `${name} ${field}`)),
    'replication',
    'share',
    objective,
    'shortfall',
    ...tenants.flatMap(({ tenant }) => TENANT_COLUMNS.map(({ field }) => `${tenant} ${field}`)),
  ];
  const rows = evaluations.map(({ job, figures }) => {
    const { value, shortfall } = scoreOf([figures], { objective });
    const settings = settingsOf(job.candidate, outcome);
    return [
      describeLoad(space.loads[job.candidate.load]!),
      ...settings.flatMap(({ setting }) => SETTING_COLUMNS.map(({ cell }) => cell(setting))),
      job.replication,
      job.share,
      value,
      shortfall,
      ...figures.tenants.flatMap((tenant) => TENANT_COLUMNS.map(({ cell }) => cell(tenant))),
    ];
  });
  return csvOf(columns, rows);
}
