import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { csvOf } from '../../base/csv.js';
import { describeLoad, specWithLoad } from '../../plan/tune/load-point.js';
import { scoreOf } from '../../plan/tune/score.js';
import { canonicalJson } from '../../report/canonical-json.js';
import { resolveSpec } from '../../scenario/resolve-spec.js';
import { requireReplaceable, writeFolderAtomically } from '../atomic-write.js';
import { type EmitOptions, emitSourceOf, pathsFrom, writePlacement } from '../emit-files.js';
import { settingsOf } from './candidate-values.js';
import type { TuneOutcome } from './tune-scenario.js';
import type { TuneValues } from './tune-values.js';

/** By this file a folder of ours is told from one of the user. */
const MARKER = 'tune.json';

/** @throws InputError when the name is taken by a folder that is no result of tuning */
export function requireTuneFolder(path: string): Promise<void> {
  return requireReplaceable(path, MARKER);
}

/** Writes the best scenario, what was found, and a table of everything that was simulated. */
export async function writeTuneFolder(path: string, outcome: TuneOutcome, values: TuneValues): Promise<void> {
  const spec = bestSpec(outcome);
  const resolved = resolveSpec(spec, outcome.best, pathsFrom(spec, outcome.file, path));
  await writeFolderAtomically(path, async (folder) => {
    await writeFile(join(folder, MARKER), canonicalJson(values, ['format']));
    await writeFile(join(folder, 'scenario.yaml'), stringify(resolved, { aliasDuplicateObjects: false }));
    await writeFile(join(folder, 'evaluations.csv'), evaluationsCsv(outcome));
  });
}

/** Model repositories and manifests of the best scenario. */
export function emitBest(
  outcome: TuneOutcome,
  options: Omit<EmitOptions, 'scenarioFile'>,
): Promise<readonly string[]> {
  const source = emitSourceOf(outcome.loaded, bestSpec(outcome), outcome.best);
  return writePlacement(source, { ...options, scenarioFile: outcome.file });
}

/** The scenario file under the load of the winner. */
function bestSpec({ loaded, space, result }: TuneOutcome) {
  return specWithLoad(loaded.spec, space.loads[result.finalists[0]!.candidate.load]!);
}

/** One row per simulation, in the order in which they were made. */
function evaluationsCsv(outcome: TuneOutcome): string {
  const { space, evaluations, objective } = outcome;
  const settingColumns = space.models.flatMap(({ name }) =>
    ['instances', 'max_batch_size', 'preferred', 'delay_us', 'queue_limit'].map(
      (field) => `${name} ${field}`,
    ),
  );
  const tenants = evaluations[0]?.figures.tenants.map(({ tenant }) => tenant) ?? [];
  const tenantColumns = tenants.flatMap((tenant) =>
    ['inferences_per_s', 'goodput_per_s', 'mean_ms', 'tail_ms', 'attainment', 'stability'].map(
      (field) => `${tenant} ${field}`,
    ),
  );
  const columns = [
    'load',
    ...settingColumns,
    'replication',
    'share',
    objective,
    'shortfall',
    ...tenantColumns,
  ];
  return csvOf(
    columns,
    evaluations.map(({ job, figures }) => {
      const score = scoreOf([figures], { objective });
      return [
        describeLoad(space.loads[job.candidate.load]!),
        ...settingsOf(job.candidate, outcome).flatMap(
          ({ setting: { instances, maxBatchSize, batching } }) => [
            instances,
            maxBatchSize,
            batching?.preferredBatchSizes.join('+') ?? 'off',
            batching?.maxQueueDelayUs,
            batching?.maxQueueSize,
          ],
        ),
        job.replication,
        job.share,
        score.value,
        score.shortfall,
        ...figures.tenants.flatMap((tenant) => [
          tenant.inferencesPerS,
          tenant.goodputPerS,
          tenant.meanMs,
          tenant.tailMs,
          tenant.attainment,
          tenant.stability,
        ]),
      ];
    }),
  );
}
