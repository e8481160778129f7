import { NORMAL_95 } from '../../src/metrics/statistics/normal-interval.js';
import { serializeProfile } from '../../src/profile/parse.js';
import type { FitSummary, ModelProfile } from '../../src/profile/profile.js';
import { knownMemoryMb } from '../../src/scenario/gpu-kinds.js';
import { publishedProfile, sentences } from '../profiles/published.js';
import { writtenScenario } from '../support/written-files.js';
import { chipOf, METRICS, type MlperfRow } from './rows.js';
import { NO_RULES, type Rules } from './rules.js';
import { servicePoints, spreadOf } from './service.js';
import { type ServerSetup, serverSetup } from './setup.js';

export const SOURCE = 'MLPerf Inference, closed division';

/** What is known of a prediction before it is made. */
export interface RowRules {
  readonly rules: Rules;
  /** Service times relative to what the rules give: below 1 where the server could not carry the published load otherwise. */
  readonly scale: number;
  /** Errors on rows of other groups; absent = not known. */
  readonly fit?: FitSummary | undefined;
}

/**
 * A row's files: a profile, and a scenario that plays the Server run on it.
 * @param profiles the folder of the profiles, as the scenario's folder sees it
 */
export function rowFiles(row: MlperfRow, by: RowRules, profiles: string, requests: number) {
  const name = rowName(row);
  const folder = slug(chipOf(row));
  const profilePath = `mlperf-${folder}/${name}.profile.json`;
  return {
    name,
    /** Below a folder of profiles. */
    profilePath,
    profileText: serializeProfile(profileOf(row, name, by)),
    /** Below a folder of scenarios. */
    scenarioPath: `${folder}/${name}.yaml`,
    scenarioText: scenarioText(row, name, `${profiles}/${profilePath}`, requests),
  };
}

/** Name of a row's model and files. */
export function rowName(row: MlperfRow): string {
  return slug(`${row.benchmark} ${row.submitter} ${row.system}`);
}

/** A name for files and models. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^-|-$/g, '');
}

function profileOf(row: MlperfRow, name: string, { rules, scale, fit }: RowRules): ModelProfile {
  const setup = serverSetup(row);
  const service = servicePoints(setup.solo, rules).map((point) => ({
    ...point,
    inputMs: Number((point.inputMs * scale).toFixed(4)),
    inferMs: Number((point.inferMs * scale).toFixed(4)),
    relativeError: Number(((NORMAL_95 * (fit?.latencyErrorPercent?.p50 ?? 0)) / 100).toFixed(4)),
  }));
  return publishedProfile(name, setup.deviceKind, {
    provenance: {
      source: `${SOURCE} ${row.round}@${row.commit.slice(0, 12)}, ${row.serverPath.replace(/\/Server\/.*$/, '')}: SingleStream, MultiStream, Offline`,
      licence: row.licence,
      gpu: row.gpu,
      backend: `TensorRT, harness ${row.harness}`,
      notes: notesOf(setup, rules, scale),
    },
    service,
    spread: spreadOf(rules),
    interference: { ...(setup.instances > 1 && { self: 2 }), pairs: [] },
    region: {
      batchSizes: service.map(({ batchSize }) => batchSize),
      maxUtilization: 1,
      maxInstances: Math.max(1, setup.instances),
      sharing: ['exclusive', 'streams', 'mig'],
    },
    ...(fit !== undefined && { fit }),
  });
}

function notesOf({ solo, batchSize, assumed, kind }: ServerSetup, rules: Rules, scale: number): string {
  const known = solo.multi === undefined ? [1] : [1, solo.multi.samples];
  return sentences(
    `Measured at batch ${known.filter((size) => size <= batchSize).join(' and ')}; the time of batch ${batchSize} follows from Offline. Input holds what runs beside the execution before.`,
    rulesText(rules) !== '' &&
      `What a ${kind} server adds under load comes from Server runs of other benchmarks or GPUs: ${rulesText(rules)}.`,
    scale !== 1 &&
      `Times are cut to ${Math.round(100 * scale)} %: with more, the published load would miss the limit that it met.`,
    assumed.length > 0 && `Not published and assumed: ${assumed.join(', ')}.`,
    'The half-width of the times is that of a median latency. Memory, load times and sizes are not in the source.',
  );
}

/** The rules that differ from none, as words. */
export function rulesText(rules: Rules): string {
  return (Object.keys(NO_RULES) as (keyof Rules)[])
    .filter((name) => rules[name] !== NO_RULES[name])
    .map((name) => `${name} ${rules[name]}`)
    .join(', ');
}

/** No run is shorter than so many latency limits: batches come and go often enough. */
const LEAST_LIMITS = 20;
const MOST_S = 600;
/** Share cut at the beginning. */
const WARM_UP = 0.1;

/** A row's scenario, with a note of the percentiles that the page cuts at the latency limit. */
export function withCutNote(scenario: string, cut: readonly string[], limitMs: number): string {
  if (cut.length === 0) return scenario;
  const note = `# The simulation gives more than the limit for ${cut.join(', ')}. The run kept it, so the page says ${limitMs} ms.\n`;
  return scenario.replace('perseus: 1\n', `${note}perseus: 1\n`);
}

function scenarioText(row: MlperfRow, name: string, profile: string, requests: number): string {
  const setup = serverSetup(row);
  const durationS = Number(
    Math.min(MOST_S, Math.max((LEAST_LIMITS * row.limitMs) / 1000, requests / row.ratePerS)).toPrecision(3),
  );
  const source = `${SOURCE} ${row.round}, ${row.serverPath}`;
  const document = {
    perseus: 1,
    name,
    durationS,
    warmUpS: Number((WARM_UP * durationS).toPrecision(3)),
    profiles: [profile],
    servers: [serverOf(setup, name)],
    tenants: [
      {
        name: 'server',
        model: name,
        ...(setup.servers > 1 && {
          servers: Array.from({ length: setup.servers }, (_, i) => `node-${i + 1}`),
          routing: 'random',
        }),
        load: { process: { kind: 'poisson', ratePerS: row.ratePerS } },
        slo: { percentile: 99, limitMs: row.limitMs },
      },
    ],
    measured: METRICS.flatMap((metric) => {
      const value = row.measured[metric];
      return value === undefined ? [] : [{ tenant: 'server', metric: `${metric}Ms`, value, source }];
    }),
  };
  const about = `${row.benchmark} on ${row.gpus} x ${row.gpu}, harness ${row.harness} (${row.submitter}, MLPerf Inference ${row.round}, ${row.licence}).`;
  return writtenScenario('mlperf', [about], document);
}

function serverOf(setup: ServerSetup, name: string) {
  const memory = knownMemoryMb(setup.deviceKind) === undefined ? { memoryMb: UNKNOWN_MEMORY_MB } : {};
  return {
    name: 'node',
    ...(setup.servers > 1 && { replicas: setup.servers }),
    triton: { frontEndThreads: 1024 },
    devices: Array.from({ length: setup.devices }, (_, i) => ({
      name: `gpu${i}`,
      kind: setup.deviceKind,
      sharing: setup.instances > 1 ? 'streams' : 'exclusive',
      ...memory,
    })),
    models: [
      {
        name,
        pipelined: setup.isPipelined,
        config: {
          max_batch_size: setup.batchSize,
          instance_group: [{ kind: 'KIND_GPU', count: setup.instances }],
          dynamic_batching: {
            preferred_batch_size: setup.preferredBatchSizes,
            max_queue_delay_microseconds: setup.maxQueueDelayUs,
          },
        },
      },
    ],
  };
}

/** Nothing here goes by it. */
const UNKNOWN_MEMORY_MB = 16_384;
