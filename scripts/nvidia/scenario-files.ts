import { durationUsOf, WAKE_US, WARM_UP } from '../../src/calibrate/summary/closed-loop.js';
import type { SummaryObservation } from '../../src/calibrate/summary/observation.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { PROFILE_FOLDERS, SOURCE } from '../profiles/source-names.js';
import { choiceAxis, writtenHead, writtenScenario } from '../support/written-files.js';
import type { TableFit } from './fit.js';
import { loopOf, SEED } from './predict.js';
import type { Reproduction } from './reproduction.js';
import { perInference, profileFor } from './shipped.js';
import type { NvidiaTable } from './tables.js';

/** Below the folder of results: a scenario that plays one row of a table, and a sweep that plays all. */
export function tablePaths({ name, device }: Pick<NvidiaTable, 'name' | 'device'>) {
  const file = `${PROFILE_FOLDERS[device] ?? device}/${name}.yaml`;
  return { scenario: `scenarios/${file}`, sweep: `sweeps/${file}` };
}

/** Two files for each table that a shipped profile predicts, by path below the folder of results. */
export function scenarioFiles({ gpus, isShipped }: Reproduction): ReadonlyMap<string, string> {
  const fits = isShipped ? gpus.flatMap(({ tables }) => tables) : [];
  return new Map(fits.flatMap((fit) => tableFiles(fit)));
}

function tableFiles(fit: TableFit): readonly (readonly [string, string])[] {
  const { table, fittedConcurrencies } = fit;
  const profile = profileFor(table);
  const rows = table.online.filter(({ concurrency }) => !fittedConcurrencies.includes(concurrency));
  if (profile === undefined || rows.length === 0) return [];
  const played = rows.map((row) => playedRow(fit, row, profile));
  const middle = Math.floor(rows.length / 2);
  const paths = tablePaths(table);
  return [
    [paths.scenario, scenarioText(fit, profile, rows[middle]!, played[middle]!)],
    [paths.sweep, sweepText(table, played)],
  ];
}

/** What a row has of its own: the same run as that of the page. */
function playedRow(fit: TableFit, row: SummaryObservation, profile: ModelProfile) {
  const durationS = durationUsOf(loopOf(fit, row, profile)) / 1e6;
  const { countedRequests } = fit.table;
  const perS = row.inferencesPerS / row.requestBatch;
  return {
    concurrency: row.concurrency,
    durationS,
    warmUpS: WARM_UP * durationS,
    measured: [
      { metric: 'meanMs', value: row.meanLatencyMs },
      // Such a window lacks answers, which the simulation counts.
      ...(countedRequests === undefined
        ? [{ metric: 'throughputPerS', value: Number(perS.toFixed(4)) }]
        : []),
    ],
  };
}

type PlayedRow = ReturnType<typeof playedRow>;

function nameOf({ name, device }: NvidiaTable): string {
  return `nvidia-${PROFILE_FOLDERS[device]}-${name}`;
}

/** What a file plays of a table. */
function aboutOf(what: string, { name, device, page, countedRequests }: NvidiaTable): readonly string[] {
  const about = `${what} of ${name} on ${device}, from ${SOURCE}, ${page}.`;
  if (countedRequests === undefined) return [about];
  return [
    about,
    "The page's throughput lacks what perf_analyzer's windows lose; mean latencies can be compared.",
  ];
}

function scenarioText(
  { table, setup }: TableFit,
  profile: ModelProfile,
  { requestBatch }: SummaryObservation,
  { concurrency, durationS, warmUpS, measured }: PlayedRow,
): string {
  const { config, instances, protocol, frontEndThreads, sharedMemory } = perInference(setup, table.unit);
  const { preferredBatchSizes, maxQueueDelayUs } = config.dynamicBatching!;
  const document = {
    perseus: 1,
    name: nameOf(table),
    seed: SEED,
    durationS,
    warmUpS,
    profiles: [`shipped:${PROFILE_FOLDERS[table.device]}`],
    servers: [
      {
        name: 'server',
        triton: { protocol, frontEndThreads, batcherWakeUs: WAKE_US, instancePickUpUs: WAKE_US },
        devices: [{ name: 'gpu', kind: table.device, sharing: 'streams' }],
        models: [
          {
            name: table.name,
            ...(profile.model !== table.name && { profile: profile.model }),
            config: {
              backend: BACKENDS[config.backend] ?? config.backend,
              max_batch_size: config.maxBatchSize,
              instance_group: [{ kind: 'KIND_GPU', count: instances }],
              dynamic_batching: {
                preferred_batch_size: preferredBatchSizes,
                max_queue_delay_microseconds: maxQueueDelayUs,
              },
            },
          },
        ],
      },
    ],
    tenants: [
      {
        name: 'clients',
        model: table.name,
        batchSize: requestBatch * table.unit,
        ...(sharedMemory !== undefined && { sharedMemory }),
        load: { closedLoop: { concurrency } },
      },
    ],
    measured: measured.map((figure) => ({
      tenant: 'clients',
      ...figure,
      source: `${SOURCE}, ${table.page}`,
    })),
  };
  return writtenScenario('nvidia', aboutOf(`${concurrency} clients`, table), document);
}

/** Triton's names of what the tables call otherwise. */
const BACKENDS: Readonly<Record<string, string>> = { onnx: 'onnxruntime', trt: 'tensorrt' };

function sweepText(table: NvidiaTable, played: readonly PlayedRow[]): string {
  const choices = played.map(({ concurrency, durationS, warmUpS, measured }) => {
    const values = measured.map(({ value }, i) => [`measured.${i}.value`, value]);
    const fields = {
      'tenants.clients.load.closedLoop.concurrency': concurrency,
      ...{ durationS, warmUpS },
      ...Object.fromEntries(values),
    };
    return [`${concurrency}`, fields] as const;
  });
  return `${writtenHead('nvidia', aboutOf(`${played.length} rows`, table))}perseus: 1
name: ${nameOf(table)}
scenario: ../../${tablePaths(table).scenario}
axes:
${choiceAxis('clients', choices)}`;
}
