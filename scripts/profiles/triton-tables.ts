import { withDeviceWork } from '../../src/calibrate/device-work.js';
import type { SummarySetup } from '../../src/calibrate/summary/observation.js';
import { paddedBatches } from '../../src/calibrate/summary/padded-batches.js';
import { servicePoints } from '../../src/calibrate/summary/parameters.js';
import { HANDLER_CV } from '../../src/calibrate/summary/spread.js';
import { frontEndTimes, LEAST_HANDLER_MS } from '../../src/calibrate/summary/summary-profile.js';
import { UNTOLD_ERROR } from '../../src/effects/front-end.js';
import { fitSpreadToQuantiles, type QuantileRatio } from '../../src/effects/service-time-variability/fit.js';
import type { FitSummary, ModelProfile, ServicePoint } from '../../src/profile/profile.js';
import { ASSUMED_FACTS } from '../../src/profile/server-facts.js';
import { totalMs } from '../../src/profile/service-time.js';
import { kilobytesOf, parametersUnder, type SharedFrontEnd } from '../nvidia/front-end.js';
import { isKnownSource, type Source, sharedMemoryOf, sourceOf } from '../nvidia/sources.js';
import { observation } from '../nvidia/tables.js';
import { plainConfig } from '../support/made-scenario.js';
import { groupRows, numberIn, type Row, readTable, round4, splitTables } from '../support/source-table.js';
import { atBytes, type FrontEnds, frontEndOf } from './front-ends.js';
import { errorSummary, publishedProfile, roundedPoint, sentences } from './published.js';
import { deviceOf, folderOf, machineOf, PROFILE_FOLDERS, SOURCE, setUpName } from './source-names.js';

/** Of the BERT tables only TensorRT's are shipped: the others add files but no other kind of behaviour. */
function isShipped(row: Row): boolean {
  if (!isKnownSource(row)) return false;
  return !/\/BERT\//.test(folderOf(row)) || row['backend'] === 'NVIDIA TensorRT';
}

/** What makes two rows parts of one measured set-up. */
const SET_UP = ['source_path', 'gpu', 'backend', 'accelerator', 'precision', 'max_batch', 'instances'];

/** Profiles from the tables with one client and a static batch, by file below the calibration folder. */
export function tritonTableProfiles(file: string, frontEnds: FrontEnds): ReadonlyMap<string, ModelProfile> {
  const profiles = new Map<string, ModelProfile>();
  for (const rows of groupRows(readTable(file).filter(isShipped), SET_UP)) {
    const tables = splitTables(rows, 'client_batch');
    for (const [i, table] of tables.entries()) {
      const folder = PROFILE_FOLDERS[deviceOf(table[0]!)]!;
      const model = setUpName(sourceOf(table[0]!).model, table[0]!, tables.length > 1 ? i + 1 : undefined);
      profiles.set(
        `${folder}/${model}.profile.json`,
        tableProfile(model, table, { frontEnds, tables: tables.length, index: i }),
      );
    }
  }
  return profiles;
}

interface TableFacts {
  readonly frontEnds: FrontEnds;
  /** Of the set-up, and which of them it is: one where nothing is said. */
  readonly tables?: number;
  readonly index?: number;
}

/** Of the rows of one table. */
export function tableProfile(
  model: string,
  rows: readonly Row[],
  { frontEnds, tables = 1, index = 0 }: TableFacts,
): ModelProfile {
  const first = rows[0]!;
  const device = deviceOf(first);
  const split = rows.every(hasPhases);
  const {
    service: measured,
    outsideMs,
    ...around
  } = underFrontEnd(rows, split, {
    frontEnd: frontEndOf(frontEnds, device),
    isTold: frontEnds[device] !== undefined,
  });
  // Executions of a TensorRT model on a device never meet.
  const isTensorRt = first['backend'] === 'NVIDIA TensorRT';
  const service = (isTensorRt ? paddedBatches(measured) : withDeviceWork(measured)).map(roundedPoint);
  const table = measured.map(roundedPoint);
  return publishedProfile(model, device, {
    provenance: {
      source: `${SOURCE} ${first['source_path']}, offline tables`,
      licence: 'BSD-3-Clause or Apache-2.0, by folder of the source',
      gpu: machineOf(first),
      backend: [first['backend'], first['accelerator']]
        .filter((part) => part !== '' && part !== '-')
        .join(' + '),
      precision: first['precision']!,
      notes: notes(first, split, tables, index),
      protocol: 'http',
    },
    service,
    spread: spreadOf(rows),
    ...around,
    region: {
      batchSizes: measured.map((point) => point.batchSize),
      maxUtilization: round4(
        Math.max(...rows.map((row, i) => Math.min(1, totalMs(table[i]!) / averageMs(row)))),
      ),
      maxInstances: 1,
      sharing: ['exclusive'],
    },
    fit: summarize(rows, table, outsideMs, sourceOf(first)),
  });
}

/** What a lone request of so many inferences takes around its execution, as the table has it. */
type OutsideMs = (batchSize: number) => number;

/** Executions of lone requests, and what a request takes around its own. */
function underFrontEnd(
  rows: readonly Row[],
  split: boolean,
  { frontEnd, isTold }: { readonly frontEnd: SharedFrontEnd; readonly isTold: boolean },
) {
  const setup = loneSetup(rows);
  const { payload, soloSharedMemory, sharedMemory } = setup;
  const observations = rows.map((row) => observation(split ? row : { ...row, compute_infer_ms: '' }, LONE));
  const under = (times: number) => parametersUnder(atBytes(frontEnd, times), { setup, observations });
  const pointsAt = (times: number) => servicePoints(under(times).service, setup.config.maxBatchSize);
  const { responseMs, handlerMs, roundTripMs } = under(1);
  const points = pointsAt(1);
  const halfWayUs = Math.round(roundTripMs * 500);
  const response = { fixedUs: 0, perRequestUs: round4(responseMs * 1000), perKilobyteUs: 0 };
  const { serialMsPerKb } = frontEnd;
  // An inference of little input: what a request takes at least is not by its bytes.
  const isLittle = sharedMemory === undefined && serialMsPerKb * (payload.requestBytes / 1024) < handlerMs;
  const cost =
    isLittle && payload.requestBytes > 0
      ? { perRequestUs: handlerMs * 1000, perKilobyteUs: serialMsPerKb * 1000 }
      : frontEndTimes(handlerMs, setup);
  const carriedMs: OutsideMs = (batchSize) =>
    (cost.perRequestUs + (cost.perKilobyteUs * batchSize * payload.requestBytes) / 1024) / 1000;
  // The delay has a part by bytes in it, unless no client ever sends them.
  const sentMs = sharedMemory === undefined ? frontEnd.parallelMsPerKb * kilobytesOf(setup) : 0;
  const aroundMs = (response.perRequestUs + 2 * halfWayUs) / 1000;
  return {
    service: isTold ? points : betweenEnds(points, ENDS.map(pointsAt)),
    response,
    frontEnd: { ...cost, cv: HANDLER_CV, ...(!isTold && { relativeError: round4(UNTOLD_ERROR) }) },
    payload,
    serving: {
      ...ASSUMED_FACTS,
      requestDelayUs: halfWayUs,
      responseDelayUs: halfWayUs,
      generatorUs: 0,
    },
    outsideMs: ((batchSize) =>
      aroundMs +
      (soloSharedMemory === undefined ? carriedMs(batchSize) : LEAST_HANDLER_MS - sentMs)) as OutsideMs,
  };
}

const ENDS = [Math.exp(UNTOLD_ERROR), Math.exp(-UNTOLD_ERROR)];

/** Executions of lone requests are what their front end leaves of a latency: how far that may reach is their error. */
function betweenEnds(
  points: readonly ServicePoint[],
  ends: readonly (readonly ServicePoint[])[],
): readonly ServicePoint[] {
  return points.map((point, i) => {
    const logs = ends.map((end) => Math.abs(Math.log(totalMs(end[i]!) / totalMs(point))));
    return { ...point, relativeError: round4(Math.max(...logs)) };
  });
}

function loneSetup(rows: readonly Row[]): SummarySetup {
  const source = sourceOf(rows[0]!);
  const { requestBytes, responseBytes } = source;
  return {
    model: '',
    device: '',
    config: plainConfig('model', Math.max(...rows.map((row) => numberIn(row, 'client_batch')!))),
    instances: 1,
    payload: { requestBytes, responseBytes },
    protocol: 'http',
    ...sharedMemoryOf(source),
  };
}

const LONE = { concurrency: 1, unit: 1 };

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
function summarize(
  rows: readonly Row[],
  service: readonly ServicePoint[],
  outsideMs: OutsideMs,
  { soloSharedMemory }: Source,
): FitSummary {
  const errors = rows.map((row, i) => {
    const { batchSize, inputMs, inferMs, outputMs } = service[i]!;
    const copiesMs = soloSharedMemory === 'cuda' ? 0 : inputMs + outputMs;
    const perSecond = (1000 * batchSize) / (inferMs + copiesMs + outsideMs(batchSize));
    return Math.abs(perSecond / numberIn(row, 'inf_per_s')! - 1) * 100;
  });
  return {
    method:
      "service times read off; throughput of one client by service time and what is around it against the table's",
    points: rows.length,
    heldOut: 0,
    ...errorSummary(errors),
  };
}

function notes(row: Row, split: boolean, tables: number, index: number): string {
  return sentences(
    'One client sending requests of one fixed batch size (perf_analyzer), so an execution never waits or shares the device.',
    tables > 1 &&
      `The source has ${tables} tables of this set-up (different input data); this is number ${index + 1}.`,
    split
      ? 'The table gives the compute phases; the time outside them is the network delay.'
      : 'The table does not split the latency: what the front end and the network take of it is that of calibration/front-ends.json, the rest counts as infer.',
    sourceOf(row).soloSharedMemory === 'cuda' &&
      'The table was measured through CUDA shared memory: what input copies and bytes in the front end take is that of calibration/front-ends.json.',
    split &&
      row['backend'] === 'PyTorch' &&
      'This backend returns from infer before the device is done: what the table calls output is part of infer here.',
    row['max_queue_delay_raw'] !== '' &&
      `Dynamic batching was on with a queue delay of ${row['max_queue_delay_raw']} (the source gives no unit) and preferred sizes ${row['preferred_batch']}: other batch sizes include that wait.`,
    'The spread is fitted to the quantiles of the latency, each the median over the batch sizes. Memory and load times are not in the source.',
  );
}

function hasPhases(row: Row): boolean {
  return numberIn(row, 'compute_infer_ms') !== undefined;
}

function averageMs(row: Row): number {
  return numberIn(row, 'avg_ms')!;
}
