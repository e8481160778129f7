import { isPrefetching, type ModelConfig } from '../../../scenario/model-config.js';
import { activeInstances } from '../../experiment.js';
import { countedPoints, type Observation, steadyAnswers } from '../../observation.js';
import { meanPhases, requestMeans, requestsPerExecution } from '../phases.js';
import { tenths } from '../rounding.js';

/** An instance thread that goes on needs no waking: a lock and a look at the queue. */
export const PICK_UP_US = 5;
/**
 * Parts of a cycle for which a request must wait where an instance is saturated: of three clients one executes, and two wait
 * for a cycle and more.
 */
const LEAST_WAIT = 0.5;
/** What follows an execution grows with its tensors; most executions hold few inferences. */
const USUAL_BATCH = 2;
/** Requests that batches of many must have more than whole ones, for what each of them costs to be known. */
const LEAST_FURTHER_REQUESTS = 1;

/** The cycle of an instance that is never without work, less the phases of its executions, microseconds. */
interface CycleGap {
  readonly batchSize: number;
  readonly requests: number;
  readonly gapUs: number;
}

/**
 * What an instance takes after an execution, besides `releaseUs` for each of its requests. Undefined where no point was measured
 * or none did saturate.
 * @param turnUs where payloads are bound late, a turn of the batcher is in the cycle: it wakes when an instance has become idle,
 * and wakes that one
 */
export function fitFixedUs(
  observations: readonly Observation[],
  config: ModelConfig,
  { turnUs, releaseUs }: { readonly turnUs: number; readonly releaseUs: number },
): number | undefined {
  const otherUs = isPrefetching(config) ? 0 : turnUs;
  const gaps = gapsOf('saturated', observations, config).map(({ gapUs, requests, ...gap }) => ({
    ...gap,
    gapUs: Math.max(0, gapUs - otherUs - releaseUs * requests),
  }));
  const [small, large] = [gaps[0], gaps.at(-1)];
  if (small === undefined || large === undefined) return undefined;
  if (small === large) return tenths(small.gapUs);
  const slope = Math.max(0, large.gapUs - small.gapUs) / (large.batchSize - small.batchSize);
  return tenths(Math.min(small.gapUs, large.gapUs) + slope * (USUAL_BATCH - small.batchSize));
}

/**
 * Requests are counted and given back one after the other before an instance asks for its next payload: what more of them in
 * batches of one size add to the cycle. On two cores of an AMD host an instance whose next payload waited already went on 69 us
 * after executions of one request and 226 after those of eight (Triton's trace of Poisson arrivals); saturated with whole batches
 * after 90 to 120, and with batches of eight requests after 205 to 245. Undefined where that was not measured.
 */
export function fitReleaseUs(observations: readonly Observation[], config: ModelConfig): number | undefined {
  const whole = gapsOf('saturated', observations, config).at(-1);
  const [many] = gapsOf('backlog', observations, config);
  if (whole === undefined || many === undefined) return undefined;
  const further = many.requests - whole.requests;
  if (further < LEAST_FURTHER_REQUESTS) return undefined;
  return tenths(Math.max(0, (many.gapUs - whole.gapUs) / further));
}

/** By batch size, ascending. */
function gapsOf(
  kind: 'saturated' | 'backlog',
  observations: readonly Observation[],
  config: ModelConfig,
): CycleGap[] {
  return countedPoints(observations, kind, config.name)
    .flatMap((point) => gapOf(point, config) ?? [])
    .sort((a, b) => a.batchSize - b.batchSize);
}

type SaturatedPoint = ReturnType<typeof countedPoints<'saturated' | 'backlog'>>[number];

function gapOf(
  { counted, clients, durationS, experiment: { batchSize } }: SaturatedPoint,
  config: ModelConfig,
): CycleGap | undefined {
  if (counted.executionCount === 0 || clients[0]!.completed === 0) return undefined;
  const { completed, us } = steadyAnswers(clients[0]!, durationS);
  const requests = requestsPerExecution([counted]);
  const cycleUs = (us * activeInstances(config) * requests) / completed;
  const { inputUs, inferUs, outputUs } = meanPhases(counted);
  const { queueUs, overheadUs } = requestMeans(counted);
  // An instance that waits for clients is not saturated: what is left of its cycle is not its own.
  if (queueUs < LEAST_WAIT * cycleUs) return undefined;
  // Responses that are sent after the output phase are on the instance thread as well.
  const gapUs = Math.max(0, cycleUs - inputUs - inferUs - outputUs - overheadUs - PICK_UP_US);
  return { batchSize, requests, gapUs };
}
