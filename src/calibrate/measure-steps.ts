import { mean, sampleStandardDeviation } from 'simple-statistics';
import { distinctRequests } from '../live/asked-models.js';
import { LiveError, type ModelStatistics } from '../live/inference-client.js';
import { LoneRequests } from '../live/lone-requests.js';
import { requestTo } from '../live/model-inputs.js';
import { restingStatistics } from '../live/resting-statistics.js';
import { joinByModel, readStatistics, subtractStatistics } from '../live/statistics.js';
import { WARM_UPS, warmUpModel } from '../live/warm-up.js';
import { NORMAL_95 } from '../metrics/statistics/normal-interval.js';
import { quantileOfSorted, sortedValues } from '../metrics/statistics/quantiles.js';
import type { ModelConfig } from '../scenario/model-config.js';
import { BATCHER_SLEEP_NS } from '../simulator/server/batcher-thread.js';
import { NARROW_ENOUGH } from './assemble-observation.js';
import type { ExperimentOf } from './experiment.js';
import { executionUs, meanPhases } from './fit/phases.js';
import { tenths } from './fit/rounding.js';
import { Interrupted, type LiveAccess, type MeasureContext } from './measure-part.js';
import type { Steps } from './measured-server.js';
import { type Observation, withoutSchedule } from './observation.js';
import { requireNobodyElse } from './somebody-else.js';

/** Enough for a 99th percentile that is known to a few per cent. */
const LEAST_STEPS = 300;
const MOST_STEPS = 2000;

/**
 * Sends one request at a time: the server's own time of each single execution.
 * @throws LiveError when the server fails
 */
export async function measureSteps(
  experiment: ExperimentOf<'sequential'>,
  { server, longestS }: MeasureContext,
): Promise<Observation> {
  const { model, batchSize } = experiment;
  const taken = await server.takeSteps(model, batchSize, longestS);
  const { durationS, statistics, executionsUs, latenciesUs, lagUs, lostWakeUps } = taken;
  requireNobodyElse(statistics, () => latenciesUs.length);
  if (lostWakeUps.length === latenciesUs.length) throw alwaysLostWakeUp(model);
  const sorted = sortedValues(Float64Array.from(latenciesUs));
  const awake = sorted.subarray(0, sorted.length - lostWakeUps.length);
  return {
    experiment,
    measuredAt: new Date(server.nowMs()).toISOString(),
    durationS,
    clients: [
      {
        model,
        batchSize,
        completed: awake.length,
        meanUs: mean(Array.from(awake)),
        ...(lagUs !== undefined && { lagUs }),
        relativeError: relativeError(executionsUs),
        quantilesUs: [0.5, 0.95, 0.99].map((p) => quantileOfSorted(awake, p)),
      },
    ],
    statistics: subtractStatistics(statistics, joinByModel(lostWakeUps)),
    executionsUs,
    generator: withoutSchedule('one request after the other'),
  };
}

function alwaysLostWakeUp(model: string): LiveError {
  return new LiveError(
    'server',
    `every request to "${model}" waited for half a second until its batcher woke by itself`,
    'calibrate it without its queue policy',
  );
}

/**
 * Takes the steps of {@link measureSteps} on a live server. What the client does meanwhile falls between executions.
 * @throws LiveError when the server fails
 */
export async function takeLiveSteps(
  {
    model,
    batchSize,
    longestS,
  }: { readonly model: string; readonly batchSize: number; readonly longestS: number },
  access: LiveAccess,
): Promise<Steps> {
  const { client, configs, inputs } = access;
  const config = configs.get(model)!;
  const request = client.prepare(requestTo(config, batchSize, inputs));
  // Of a model that answers from a cache each must be executed.
  const next = distinctRequests(client, request, { contents: config.responseCache === true });
  await warmUpModel(client, next, WARM_UPS);
  return takeSteps(config, new LoneRequests(client, next), access, longestS);
}

async function takeSteps(
  config: ModelConfig,
  requests: LoneRequests,
  { client, signal, lagsUs }: LiveAccess,
  longestS: number,
): Promise<Steps> {
  const lagUs = lagsUs?.get(config.name);
  const counted = async () => (await readStatistics(client, [config.name]))[0]!;
  const before = await restingStatistics(client, [config.name]);
  const started = performance.now();
  const executionsUs: number[] = [];
  const latenciesUs: number[] = [];
  const lostWakeUps: ModelStatistics[] = [];
  let last = before[0]!;
  while (!isEnough(executionsUs) && performance.now() - started < longestS * 1000) {
    if (signal?.aborted === true) throw new Interrupted();
    const sent = performance.now();
    const isAnswered = await requests.send();
    const latencyUs = (performance.now() - sent) * 1000 - (lagUs ?? 0);
    const now = await counted();
    if (!isAnswered) {
      last = now;
      continue;
    }
    latenciesUs.push(latencyUs);
    const step = subtractStatistics([now], [last])[0]!;
    // Counted a moment after the response: a step may hold no execution, and the next one two.
    if (step.executionCount === 1 && step.batches.length > 0)
      executionsUs.push(tenths(executionUs(meanPhases(step))));
    if (isLostWakeUp(step, config)) lostWakeUps.push(step);
    last = now;
  }
  requests.requireAnswers();
  return {
    durationS: (performance.now() - started) / 1000,
    // Of a slow model the last step may be the only one.
    statistics: subtractStatistics(await restingStatistics(client, [config.name]), before),
    executionsUs,
    latenciesUs,
    ...(lagUs !== undefined && { lagUs }),
    lostWakeUps,
  };
}

/** Whether the mean of so many executions is known well enough, or as well as it will be. */
export function isEnough(executionsUs: readonly number[]): boolean {
  if (executionsUs.length < LEAST_STEPS) return false;
  return executionsUs.length >= MOST_STEPS || relativeError(executionsUs) <= NARROW_ENOUGH / 2;
}

/** Nearly all of a batcher's sleep; a request that came while it slept already has less before it. */
const LOST_WAKE_UP_NS = 0.9 * BATCHER_SLEEP_NS;

/**
 * Whether a request waited for a batcher that nobody woke: where payloads are bound late, one that comes before the instance is
 * idle again is not seen before the batcher has slept its time out. That is no waking of a thread.
 */
function isLostWakeUp({ queue }: ModelStatistics, { dynamicBatching }: ModelConfig): boolean {
  const heldNs = 1000 * (dynamicBatching?.maxQueueDelayUs ?? 0);
  return heldNs < BATCHER_SLEEP_NS / 2 && queue.ns > LOST_WAKE_UP_NS;
}

/**
 * Half width of the 95 % interval of the mean as a fraction of it, executions taken as independent: how the machine drifts
 * between points is larger, and the fit adds it.
 */
function relativeError(values: readonly number[]): number {
  if (values.length < 2) return 1;
  return (NORMAL_95 * sampleStandardDeviation([...values])) / Math.sqrt(values.length) / mean([...values]);
}
