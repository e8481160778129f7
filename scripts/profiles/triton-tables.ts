import { fitSpreadToQuantiles, type QuantileRatio } from '../../src/effects/service-time-variability/fit.js';
import type { FitSummary, ModelProfile, ServicePoint } from '../../src/profile/profile.js';
import { totalMs } from '../../src/profile/service-time.js';
import { BACKENDS, DEVICES, machineIn, SOURCE } from './source-names.js';
import { groupRows, numberIn, type Row, readTable, round4 } from './table.js';
import { NOT_IN_THE_SOURCE } from './unknown.js';

/** Folder of the profiles by device kind. */
const FOLDERS: Readonly<Record<string, string>> = {
  'Tesla T4': 't4',
  'V100-32GB': 'v100-32gb',
  'A100-80GB': 'a100-80gb',
  A30: 'a30',
  A40: 'a40',
};

/**
 * The models that are shipped, by folder of the source. Of the BERT tables only TensorRT's, of the
 * seven GPUNet sizes three: the others add files but no other kind of behaviour.
 */
const MODELS: Readonly<Record<string, { readonly name: string; readonly backends?: readonly string[] }>> = {
  'PyTorch/Classification/ConvNets/triton/resnet50': { name: 'resnet50' },
  'PyTorch/Classification/GPUNet/triton/05ms-D': { name: 'gpunet-05ms-d' },
  'PyTorch/Classification/GPUNet/triton/085ms': { name: 'gpunet-085ms' },
  'PyTorch/Classification/GPUNet/triton/225ms-D': { name: 'gpunet-225ms-d' },
  'PyTorch/Forecasting/TFT/triton': { name: 'tft' },
  'PyTorch/LanguageModeling/BERT/triton/dist4l': { name: 'bert-dist4l', backends: ['NVIDIA TensorRT'] },
  'PyTorch/LanguageModeling/BERT/triton/dist6l': { name: 'bert-dist6l', backends: ['NVIDIA TensorRT'] },
  'PyTorch/LanguageModeling/BERT/triton/large': { name: 'bert-large', backends: ['NVIDIA TensorRT'] },
  'PyTorch/Segmentation/nnUNet/triton': { name: 'nnunet' },
  'PyTorch/SpeechSynthesis/FastPitch/triton': { name: 'fastpitch' },
  'TensorFlow/Classification/ConvNets/triton': { name: 'resnet50' },
  'TensorFlow2/Recommendation/WideAndDeep/triton': { name: 'wide-and-deep' },
};

/** What makes two rows parts of one measured set-up. */
const SET_UP = ['source_path', 'gpu', 'backend', 'accelerator', 'precision', 'max_batch', 'instances'];

/** Profiles from the tables with one client and a static batch, by file below the calibration folder. */
export function tritonTableProfiles(file: string): ReadonlyMap<string, ModelProfile> {
  const profiles = new Map<string, ModelProfile>();
  for (const rows of groupRows(readTable(file).filter(isShipped), SET_UP)) {
    const tables = splitTables(rows);
    for (const [i, table] of tables.entries()) {
      const folder = FOLDERS[deviceOf(table[0]!)]!;
      const model = modelName(table[0]!, tables.length > 1 ? i + 1 : undefined);
      profiles.set(`${folder}/${model}.profile.json`, tableProfile(model, table, tables.length, i));
    }
  }
  return profiles;
}

function isShipped(row: Row): boolean {
  const model = MODELS[sourceFolder(row)];
  return model !== undefined && (model.backends?.includes(row['backend']!) ?? true);
}

/** The source may hold several tables of one set-up (other input data); each begins with the smallest batch. */
function splitTables(rows: readonly Row[]): readonly (readonly Row[])[] {
  const tables: Row[][] = [];
  for (const row of rows) {
    const last = tables[tables.length - 1];
    const before = last?.[last.length - 1];
    const continues =
      before !== undefined && numberIn(row, 'client_batch')! > numberIn(before, 'client_batch')!;
    if (continues) last!.push(row);
    else tables.push([row]);
  }
  return tables;
}

function tableProfile(model: string, rows: readonly Row[], tables: number, index: number): ModelProfile {
  const first = rows[0]!;
  const device = deviceOf(first);
  const split = rows.every(hasPhases);
  const service = rows.map((row) => servicePoint(row, split));
  const outsideMs = meanOutside(rows, service);
  return {
    format: 'perseus-profile/1',
    model,
    device,
    provenance: {
      source: `${SOURCE} ${first['source_path']}, offline tables`,
      licence: 'BSD-3-Clause or Apache-2.0, by folder of the source',
      date: 'unknown',
      gpu: machineIn(first['gpu']!),
      driver: 'unknown',
      serverVersion: 'unknown',
      backend: [first['backend'], first['accelerator']]
        .filter((part) => part !== '' && part !== '-')
        .join(' + '),
      precision: first['precision']!,
      notes: notes(first, split, tables, index),
    },
    service,
    spread: spreadOf(rows),
    ...NOT_IN_THE_SOURCE,
    frontEnd: { perRequestUs: Math.round(outsideMs * 1000), perKilobyteUs: 0 },
    interference: { pairs: [] },
    region: {
      batchSizes: service.map((point) => point.batchSize),
      maxUtilization: round4(
        Math.max(...rows.map((row, i) => Math.min(1, totalMs(service[i]!) / averageMs(row)))),
      ),
      maxInstances: 1,
      sharing: ['exclusive'],
    },
    fit: summarize(rows, service, outsideMs),
  };
}

function servicePoint(row: Row, split: boolean): ServicePoint {
  return {
    batchSize: numberIn(row, 'client_batch')!,
    inputMs: split ? numberIn(row, 'compute_input_ms')! : 0,
    inferMs: split ? numberIn(row, 'compute_infer_ms')! : averageMs(row),
    outputMs: split ? numberIn(row, 'compute_output_ms')! : 0,
    executions: 0,
    relativeError: 0,
  };
}

/**
 * Mean time of a request outside the three phases: client, network, front end, wake-up and response.
 * It hardly depends on the batch size in these tables, so it is one number. It goes to the front end,
 * because one client cannot tell these parts apart and the front end is the one that neither occupies
 * the instance nor belongs to the machine the client runs on.
 */
function meanOutside(rows: readonly Row[], service: readonly ServicePoint[]): number {
  const outside = rows.map((row, i) => Math.max(0, averageMs(row) - totalMs(service[i]!)));
  return outside.reduce((sum, ms) => sum + ms, 0) / outside.length;
}

function spreadOf(rows: readonly Row[]): ModelProfile['spread'] {
  const columns = [
    ['p50_ms', 0.5],
    ['p90_ms', 0.9],
    ['p95_ms', 0.95],
    ['p99_ms', 0.99],
  ] as const;
  const quantiles = rows.flatMap((row) =>
    columns.flatMap(([column, probability]): QuantileRatio[] => {
      const ms = numberIn(row, column);
      return ms === undefined ? [] : [{ probability, ratio: ms / averageMs(row) }];
    }),
  );
  const spread = fitSpreadToQuantiles(quantiles);
  if (spread.law === 'none') return spread;
  if (spread.law === 'empirical') return { law: 'empirical', ratios: spread.ratios.map(round4) };
  return { law: spread.law, cv: round4(spread.cv) };
}

/** Throughput of one client by the profile, against the column that the profile does not use. */
function summarize(rows: readonly Row[], service: readonly ServicePoint[], outsideMs: number): FitSummary {
  const errors = rows.map((row, i) => {
    const perSecond = (1000 * service[i]!.batchSize) / (totalMs(service[i]!) + outsideMs);
    return Math.abs(perSecond / numberIn(row, 'inf_per_s')! - 1) * 100;
  });
  return {
    method:
      "service times read off; throughput of one client by service time + front end against the table's",
    points: rows.length,
    heldOut: 0,
    meanErrorPercent: round4(errors.reduce((sum, error) => sum + error, 0) / errors.length),
    maxErrorPercent: round4(Math.max(...errors)),
  };
}

function notes(row: Row, split: boolean, tables: number, index: number): string {
  return [
    'One client sending requests of one fixed batch size (perf_analyzer), so an execution never waits or shares the device.',
    tables > 1
      ? `The source has ${tables} tables of this set-up (different input data); this is number ${index + 1}.`
      : '',
    split
      ? 'The table gives the compute phases; the time outside them is put into the front end, as one number for all batch sizes.'
      : 'The table does not split the latency, so all of it counts as infer. It includes sending the batch from the client: with large inputs a server batching small requests is faster than this says.',
    split && row['backend'] === 'PyTorch'
      ? 'This backend returns from infer before the device is done, and the wait shows as output.'
      : '',
    row['max_queue_delay_raw'] === ''
      ? ''
      : `Dynamic batching was on with a queue delay of ${row['max_queue_delay_raw']} (the source gives no unit) and preferred sizes ${row['preferred_batch']}: other batch sizes include that wait.`,
    'The spread is fitted to the quantiles of the latency, each the median over the batch sizes. Memory, load times and payload sizes are not in the source.',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function modelName(row: Row, table: number | undefined): string {
  const { name } = MODELS[sourceFolder(row)]!;
  const accelerated = /TensorRT/.test(row['accelerator']!) ? 'trt' : undefined;
  const parts = [name, BACKENDS[row['backend']!], accelerated, row['precision']!.toLowerCase()];
  return [...parts, table === undefined ? undefined : `table${table}`]
    .filter((part) => part !== undefined)
    .join('-');
}

function deviceOf(row: Row): string {
  return DEVICES[machineIn(row['gpu']!)]!;
}

function sourceFolder(row: Row): string {
  return row['source_path']!.replace(/\/README\.md$/, '');
}

function hasPhases(row: Row): boolean {
  return numberIn(row, 'compute_infer_ms') !== undefined;
}

function averageMs(row: Row): number {
  return numberIn(row, 'avg_ms')!;
}
