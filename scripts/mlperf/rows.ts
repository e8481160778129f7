import {
  NOT_NEGATIVE,
  oneOf,
  optional,
  orElse,
  POSITIVE,
  type RowOf,
  readRowsOf,
  TEXT,
  WHOLE,
} from '../support/source-table.js';

/** Figures of a Server run that are predicted, by the name of their column after `srv_`. */
export const METRICS = ['mean', 'p50', 'p90', 'p95', 'p99'] as const;
export type Metric = (typeof METRICS)[number];

const COLUMNS = {
  ...{ round: TEXT, commit: TEXT, licence: TEXT, submitter: TEXT, system: TEXT },
  ...{ gpu: TEXT, harness: TEXT, benchmark: TEXT },
  gpus: WHOLE,
  limit_ms: POSITIVE,
  server_qps: POSITIVE,
  offline_per_s: POSITIVE,
  ss_p50: POSITIVE,
  ms_p50: optional(POSITIVE),
  ms_samples: optional(POSITIVE),
  solo_offline_per_s: optional(POSITIVE),
  cfg_gpu_batch_size: optional(WHOLE),
  cfg_gpu_inference_streams: optional(POSITIVE),
  cfg_gpu_copy_streams: optional(POSITIVE),
  cfg_instance_group_count: optional(WHOLE),
  cfg_deque_timeout_usec: optional(NOT_NEGATIVE),
  cfg_max_queue_delay_usec: optional(NOT_NEGATIVE),
  cfg_use_deque_limit: orElse(oneOf({ True: true, False: false }), false),
  cfg_preferred_batch_size: orElse({ read: sizesIn, wanted: 'a list of whole numbers' }, []),
  server_path: orElse(TEXT, ''),
  srv_mean: optional(POSITIVE),
  srv_p50: optional(POSITIVE),
  srv_p90: optional(POSITIVE),
  srv_p95: optional(POSITIVE),
  srv_p99: optional(POSITIVE),
};

/** One Server run with the other scenarios of the same system. */
export type MlperfRow = Readonly<ReturnType<typeof rowOf>>;

/** A server carries no more than the same system does Offline, but for the noise of two runs. */
const MOST_OF_OFFLINE = 2;

/**
 * The rows of a file in the form of `mlperf_server.csv`.
 * @throws InputError with every line and field that cannot be used
 */
export function readMlperfRows(file: string): readonly MlperfRow[] {
  const rows = readRowsOf(file, COLUMNS, (row, wrong) => {
    if (row.ms_p50 !== undefined && row.ms_samples === undefined)
      wrong('is empty beside ms_p50', 'ms_samples');
    // As a wrong unit does it.
    if (row.limit_ms < row.ss_p50)
      wrong(`is ${row.limit_ms} ms, less than the ${row.ss_p50} ms of a lone sample in ss_p50`, 'limit_ms');
    if (row.server_qps > MOST_OF_OFFLINE * row.offline_per_s)
      wrong(`is more than ${MOST_OF_OFFLINE} times offline_per_s`, 'server_qps');
  });
  return rows.map(rowOf);
}

function rowOf(row: RowOf<typeof COLUMNS>) {
  const { round, commit, licence, submitter, system, gpu, gpus, harness, benchmark } = row;
  const measured: Partial<Record<Metric, number>> = Object.fromEntries(
    METRICS.flatMap((metric) => (row[`srv_${metric}`] === undefined ? [] : [[metric, row[`srv_${metric}`]]])),
  );
  return {
    ...{ round, commit, licence, submitter, system, gpu, gpus, harness, benchmark },
    /** Latency that 99 % of the requests of a valid run are within. */
    limitMs: row.limit_ms,
    ratePerS: row.server_qps,
    /** Samples per second of the Offline scenario. */
    offlinePerS: row.offline_per_s,
    /** The same of the one-GPU system that SingleStream and MultiStream are of. */
    soloOfflinePerS: row.solo_offline_per_s,
    /** Latency of one sample alone: median of SingleStream. */
    singleMs: row.ss_p50,
    /** Median latency of a query of several samples: MultiStream. */
    ...(row.ms_p50 !== undefined && { multi: { samples: row.ms_samples!, ms: row.ms_p50 } }),
    /** What is published of how the server was set up; undefined = not published. */
    settings: {
      batchSize: row.cfg_gpu_batch_size,
      /** Executions that the harness runs side by side on a GPU. */
      streams: row.cfg_gpu_inference_streams,
      /** Batches that may be on their way to a GPU or on it. */
      copyStreams: row.cfg_gpu_copy_streams,
      instances: row.cfg_instance_group_count,
      // Triton's own delay where there is one; the harness gives Triton its own timeout otherwise.
      maxQueueDelayUs:
        (isTritonHarness(harness) ? row.cfg_max_queue_delay_usec : undefined) ?? row.cfg_deque_timeout_usec,
      preferredBatchSizes: row.cfg_preferred_batch_size,
      /** Whether the harness waits for a full batch; else it takes what is there. */
      waitsForBatch: row.cfg_use_deque_limit,
    },
    serverPath: row.server_path,
    measured,
  };
}

function sizesIn(text: string): readonly number[] | undefined {
  const values = text
    .split(/[\s,;[\]]+/)
    .filter((part) => part !== '')
    .map(Number);
  return values.every((value) => Number.isInteger(value) && value > 0) ? values : undefined;
}

/** Whether Triton served the run; other harnesses batch by themselves. */
export function isTritonHarness(harness: string): boolean {
  return /triton/i.test(harness);
}

/** MIG slices on each GPU: `NVIDIA A30 (4x1g.6gb MIG)` has four; 1 without MIG. */
export function slicesPerGpu({ gpu }: Pick<MlperfRow, 'gpu'>): number {
  return Number(/\((\d+)x/.exec(gpu)?.[1] ?? 1);
}

/** Kind of the device as profiles name it, e.g. `A30` or `A30 MIG 1g.6gb`. */
export function deviceKind({ gpu }: Pick<MlperfRow, 'gpu'>): string {
  const slice = /\(\d+x(\S+) MIG\)/.exec(gpu)?.[1];
  return slice === undefined ? chipOf({ gpu }) : `${chipOf({ gpu })} MIG ${slice}`;
}

/** The GPU without its maker and without slices: what counts as one GPU where GPUs are left out. */
export function chipOf({ gpu }: Pick<MlperfRow, 'gpu'>): string {
  return gpu.replace(/\s*\(.*$/, '').replace(/^NVIDIA /, '');
}
