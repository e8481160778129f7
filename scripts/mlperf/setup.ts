import { deviceKind, isTritonHarness, type MlperfRow, slicesPerGpu } from './rows.js';
import { type ServerKind, serverKind } from './rules.js';
import type { SoloFigures } from './service.js';

/** How a row's server is simulated. */
export type ServerSetup = Readonly<ReturnType<typeof serverSetup>>;

/**
 * Where no delay is published. A waiting harness has 10 ms in its source. Triton's batches then are full, as its shortest
 * latencies show, so any long delay does. A greedy one does not wait.
 */
const DEFAULT_DELAY_US: Readonly<Record<ServerKind, number>> = {
  triton: 100_000,
  waiting: 10_000,
  greedy: 0,
};
/** A batch that is not published takes at most this share of the latency limit. */
const BATCH_SHARE = 0.25;

export function serverSetup(row: MlperfRow) {
  const { settings, gpus } = row;
  const kind = serverKind(row);
  const slices = slicesPerGpu(row);
  const devices = gpus * slices;
  const isSliced = /MIG/.test(deviceKind(row));
  const offlinePerS = deviceOffline(row, devices, isSliced);
  const assumed: string[] = [];
  const or = (value: number | undefined, name: string, otherwise: number): number => {
    if (value === undefined) assumed.push(`${name} ${otherwise}`);
    return value ?? otherwise;
  };
  const batchSize = or(settings.batchSize, 'batch', assumedBatch(row.limitMs, row.singleMs, offlinePerS));
  const streams = isTritonHarness(row.harness)
    ? or(settings.instances, 'instances', 1)
    : or(settings.streams, 'streams', 1);
  const preferred = settings.preferredBatchSizes.filter((size) => size <= batchSize);
  const solo: SoloFigures = {
    ...{ singleMs: row.singleMs, offlinePerS, batchSize, streams },
    ...(row.multi && { multi: row.multi }),
  };
  return {
    kind,
    deviceKind: deviceKind(row),
    /** GPUs of each server. MIG: one slice, because a process can open only one. */
    devices: isSliced ? 1 : devices,
    /** Servers, among which requests are spread at random. */
    servers: isSliced ? devices : 1,
    instances: kind === 'greedy' ? Math.min(2, streams) : 1,
    /** The next batch is copied while one executes. */
    isPipelined: kind === 'triton' || (kind === 'waiting' && (settings.copyStreams ?? 1) > 1),
    batchSize,
    preferredBatchSizes: preferred.length > 0 ? preferred : [batchSize],
    maxQueueDelayUs: or(settings.maxQueueDelayUs, 'delay in us', DEFAULT_DELAY_US[kind]),
    solo,
    /** What was not published and therefore assumed. */
    assumed,
  };
}

/**
 * What one GPU gives Offline: many GPUs may be bound by their host there, so the one-GPU system counts where it gives more.
 * Slices slow each other, and what one has alone says nothing.
 */
function deviceOffline(
  { offlinePerS, soloOfflinePerS = 0 }: MlperfRow,
  devices: number,
  isSliced: boolean,
): number {
  const own = offlinePerS / devices;
  return isSliced ? own : Math.max(own, soloOfflinePerS);
}

/** The largest power of two that leaves most of the limit for waiting. */
function assumedBatch(limitMs: number, singleMs: number, offlinePerS: number): number {
  const most = 1 + ((limitMs * BATCH_SHARE - singleMs) * offlinePerS) / 1000;
  return 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, most))));
}

/** Whether batches leave before they are full, at the published rate: the time of a part-filled batch was not measured. */
export function isPartFilled(row: MlperfRow): boolean {
  const { batchSize, maxQueueDelayUs, servers } = serverSetup(row);
  const fillUs = (1e6 * batchSize * servers) / row.ratePerS;
  return fillUs > maxQueueDelayUs;
}
