import type { ModelProfile } from '../../src/profile/profile.js';
import { publishedProfile, sentences } from '../profiles/published.js';
import { groupRows, numberIn, type Row, readTable } from '../support/source-table.js';
import { SOURCE, slug } from './files.js';
import { NO_RULES } from './rules.js';
import { servicePoints } from './service.js';

/** GPUs of which there are solo figures, but no Server run with its settings: nothing that a prediction could be held against. */
const CHIPS = ['A10', 'H100-SXM-80GB'] as const;
/** Offline's batch is not published; the time goes on along the same line beyond it. */
const LARGE_BATCH = 64;
/** Half-width of the 95 % interval of a time: the median one of the predictions in results/mlperf. */
const RELATIVE_ERROR = 0.6;

/** Profiles of one GPU each, by path below `calibration/`, from `mlperf_gpu_results.csv`. */
export function soloProfiles(file: string): ReadonlyMap<string, ModelProfile> {
  const rows = readTable(file).filter(isUsed);
  const profiles = groupRows(rows, ['round', 'submitter', 'system', 'benchmark']).flatMap((own) => {
    const chip = chipOf(own[0]!)!;
    const profile = soloProfile(own, chip);
    return profile === undefined
      ? []
      : [[`mlperf-${slug(chip)}/${profile.model}.profile.json`, profile] as const];
  });
  return new Map(profiles);
}

function isUsed(row: Row): boolean {
  const isWhole = row['division'] === 'closed' && row['result_valid'] === 'VALID' && row['run'] === 'run_1';
  return isWhole && chipOf(row) !== undefined;
}

/** Of systems with one GPU only. */
function chipOf({ system }: Row): string | undefined {
  return CHIPS.find((chip) => system!.replace(/_.*$/, '') === `${chip}x1`);
}

function soloProfile(rows: readonly Row[], chip: string): ModelProfile | undefined {
  const [first] = rows as [Row];
  const of = (scenario: string) => rows.find((row) => row['scenario'] === scenario);
  const offlinePerS = numberIn(of('Offline') ?? {}, 'value');
  const single = numberIn(of('SingleStream') ?? {}, 'p50_ms');
  const singleMs = single ?? numberIn(of('Server') ?? {}, 'min_ms');
  if (offlinePerS === undefined || singleMs === undefined) return undefined;
  const multi = multiOf(of('MultiStream'));
  const solo = { singleMs, ...(multi && { multi }), offlinePerS, batchSize: LARGE_BATCH, streams: 1 };
  const service = servicePoints(solo, NO_RULES).map((point) => ({ ...point, relativeError: RELATIVE_ERROR }));
  const model = slug(`${first['benchmark']} ${first['submitter']} ${first['system']} ${first['round']}`);
  return publishedProfile(model, chip, {
    provenance: {
      source: `${SOURCE} ${first['round']}, closed/${first['submitter']}/results/${first['system']}/${first['benchmark']}`,
      licence: 'Apache-2.0',
      backend: /Triton/.test(first['system']!) ? 'TensorRT, harness Triton' : 'TensorRT, harness LWIS/custom',
      notes: notesOf(single !== undefined, multi !== undefined),
    },
    service,
    region: {
      batchSizes: service.map(({ batchSize }) => batchSize),
      maxUtilization: 1,
      maxInstances: 1,
      sharing: ['exclusive'],
    },
  });
}

/** Only queries of a few samples each are told: early rounds raise the samples until a limit is met. */
function multiOf(row: Row | undefined) {
  const ms = numberIn(row ?? {}, 'p50_ms');
  const samples = numberIn(row ?? {}, 'samples_per_query');
  return ms === undefined || samples !== 8 ? undefined : { ms, samples };
}

function notesOf(hasSingle: boolean, hasMulti: boolean): string {
  return sentences(
    hasSingle
      ? 'Batch 1 is the median of SingleStream.'
      : 'SingleStream was not published: batch 1 is the least latency of a Server run, which is too long where that request shared its batch.',
    hasMulti && 'Batch 8 is the median of MultiStream.',
    `Each further sample takes 1 / Offline, whose batch is not published: the time of batch ${LARGE_BATCH} is extrapolated.`,
    'No load was held against this profile. Its doubt is that of other GPUs whose Server runs were (results/mlperf).',
    'How executions vary, memory, load times and sizes are not in the source.',
  );
}
