import { isPrefetching, type ModelConfig } from '../../scenario/model-config.js';

/**
 * Triton's dynamic batcher as decisions over plain values: given what is in the payload under
 * construction and what waits behind it, take requests now or hold until when.
 *
 * Source of the rules: triton-inference-server/core `dynamic_batch_scheduler.cc` (GetDynamicBatch),
 * `payload.cc`, `scheduler_utils.cc`, as of 24.10 to 26.09. Times are nanoseconds.
 */
export interface BatchingRules {
  /** `max_batch_size`, at least 1. */
  readonly maxBatchSize: number;
  /** `preferred_batch_size`, ascending, never empty: Triton puts {max_batch_size} there. */
  readonly preferred: readonly number[];
  /** Largest preferred size. */
  readonly maxPreferred: number;
  /** `max_queue_delay_microseconds`, in nanoseconds. */
  readonly delayNs: number;
  /** Requests of different shape must not share a batch. */
  readonly enforceEqualShape: boolean;
  /**
   * Each arrival wakes the batcher: where the shape of an input varies or is told by its values, but not where requests must be alike
   * only because an input may be left out.
   */
  readonly wokenByAll: boolean;
  /**
   * Payloads are committed ahead of execution, up to two per instance. Off as soon as any priority
   * level, timeout or queue limit is configured: then a payload is formed only for an idle instance.
   */
  readonly prefetch: boolean;
}

/** The batching rules of a model with `dynamic_batching`; throws when it has none. */
export function batchingRules(config: ModelConfig): BatchingRules {
  const batching = config.dynamicBatching;
  if (batching === undefined) throw new Error(`${config.name} has no dynamic batching`);
  const maxBatchSize = Math.max(1, config.maxBatchSize);
  const preferred =
    batching.preferredBatchSizes.length > 0
      ? [...batching.preferredBatchSizes].sort((a, b) => a - b)
      : [maxBatchSize];
  const varies = config.inputs.some(
    ({ isShapeTensor = false, allowRaggedBatch, dims }) =>
      isShapeTensor || (!allowRaggedBatch && dims.some((dim) => dim < 0)),
  );
  return {
    maxBatchSize,
    preferred,
    maxPreferred: preferred[preferred.length - 1]!,
    delayNs: batching.maxQueueDelayUs * 1000,
    enforceEqualShape: varies || config.inputs.some(({ optional }) => optional),
    wokenByAll: varies,
    prefetch: isPrefetching(config),
  };
}

/** Triton's default: no delay, no preferred size but the maximum, nothing that keeps payloads from being committed ahead. */
export function isPlain(rules: BatchingRules): boolean {
  return rules.delayNs === 0 && isPlainButForDelay(rules);
}

/** The same, whatever the delay. */
export function isPlainButForDelay(rules: BatchingRules): boolean {
  const { prefetch, enforceEqualShape, preferred, maxPreferred, maxBatchSize } = rules;
  return prefetch && !enforceEqualShape && preferred.length === 1 && maxPreferred === maxBatchSize;
}

/** What the batcher does next; one object is reused by the caller, so that deciding allocates nothing. */
export interface BatchDecision {
  /** Requests to move from the queue into the payload now; meaningful when `holdNs` is 0. */
  take: number;
  /** Their inferences. */
  takeInferences: number;
  /** Otherwise: sleep this long unless signalled earlier. */
  holdNs: number;
  /** The payload is full: the next request starts a new one. */
  saturated: boolean;
  /** The payload's shape differs from the next request's: nothing may join it any more. */
  closed: boolean;
  /** A sleeping batcher is not woken before this many inferences wait; -1 leaves it as it was. */
  nextPreferred: number;
}

export function newBatchDecision(): BatchDecision {
  return { take: 0, takeInferences: 0, holdNs: 0, saturated: false, closed: false, nextPreferred: -1 };
}

/** What waits behind the payload, in the order in which the batcher looks at it. */
export interface PendingRequests {
  /** Whether there is one at `index`. It is asked of one after the other, and not of those behind one that ends the batch. */
  has(index: number): boolean;
  sizeAt(index: number): number;
  shapeAt(index: number): number;
  queuedNsAt(index: number): number;
}

/** The payload under construction, as far as it decides what may join it. */
export interface OpenPayload {
  /** Inferences that are in it already. */
  readonly batch: number;
  /** Shape class of its requests; ignored while it is empty. */
  readonly shape: number;
}

/** The general decision: requests of any size and shape. */
export function formBatch(
  rules: BatchingRules,
  payload: OpenPayload,
  pending: PendingRequests,
  nowNs: number,
  decision: BatchDecision,
): void {
  let inferences = 0;
  let count = 0;
  let best = 0;
  let bestInferences = 0;
  let full = false;
  let oldestNs = Infinity;
  const payloadBatch = payload.batch;
  let shape = payload.shape;
  reset(decision);
  while (pending.has(count)) {
    const size = pending.sizeAt(count);
    if (payloadBatch + count === 0) {
      shape = pending.shapeAt(count);
    } else {
      const grown = payloadBatch + inferences + size;
      if (grown > rules.maxPreferred && best === 0) {
        best = count;
        bestInferences = inferences;
        decision.saturated = true;
      }
      if (grown > rules.maxBatchSize) {
        full = true;
        break;
      }
      if (rules.enforceEqualShape && pending.shapeAt(count) !== shape) {
        decision.closed = true;
        full = true;
        break;
      }
    }
    inferences += size;
    oldestNs = Math.min(oldestNs, pending.queuedNsAt(count));
    count++;
    if (rules.preferred.includes(payloadBatch + inferences)) {
      best = count;
      bestInferences = inferences;
    }
  }
  const found = { count, inferences, best, bestInferences, full, ageNs: nowNs - oldestNs };
  decide(rules, payloadBatch, found, decision);
}

/**
 * The same decision where every request is one inference and shapes do not matter: no look at the
 * single requests is needed, only how many wait and how old the first is.
 */
export function formUnitBatch(
  rules: BatchingRules,
  payloadBatch: number,
  waiting: number,
  ageNs: number,
  decision: BatchDecision,
): void {
  reset(decision);
  const room = payloadBatch === 0 ? rules.maxBatchSize : rules.maxBatchSize - payloadBatch;
  const count = Math.min(waiting, room);
  const preferred = rules.preferred;
  let best = 0;
  if (payloadBatch >= rules.maxPreferred && waiting > 0) {
    // Triton notes the first request that crosses the largest preferred size and stops there.
    decision.saturated = true;
    if (waiting > 1 && count > 0) best = 1;
  }
  for (let i = preferred.length - 1; i >= 0; i--) {
    const size = preferred[i]!;
    if (size <= payloadBatch + count) {
      if (size > payloadBatch) best = size - payloadBatch;
      break;
    }
  }
  const found = { count, inferences: count, best, bestInferences: best, full: waiting > count, ageNs };
  decide(rules, payloadBatch, found, decision);
}

function reset(decision: BatchDecision): void {
  decision.take = 0;
  decision.takeInferences = 0;
  decision.holdNs = 0;
  decision.saturated = false;
  decision.closed = false;
  decision.nextPreferred = -1;
}

/** What a look at the pending requests has found. */
interface Pending {
  /** Requests that could join the payload, from the first on, and their inferences. */
  readonly count: number;
  readonly inferences: number;
  /** As many of them as make a preferred size, or stay below the largest; 0: none do. */
  readonly best: number;
  readonly bestInferences: number;
  /** More wait than can join. */
  readonly full: boolean;
  /** How long the oldest of them has waited. */
  readonly ageNs: number;
}

/** The tail of GetDynamicBatch: what to do with the pending requests once they have been looked at. */
function decide(
  rules: BatchingRules,
  payloadBatch: number,
  { count, inferences, best, bestInferences, full, ageNs }: Pending,
  decision: BatchDecision,
): void {
  const delayNs = rules.delayNs;
  const late = delayNs > 0 && ageNs >= delayNs;
  if (best > 0 && !late) {
    if (delayNs === 0) decision.saturated = true;
    decision.take = best;
    decision.takeInferences = bestInferences;
    return;
  }
  if (count === 0) return;
  if (full || payloadBatch + inferences >= rules.maxPreferred) {
    decision.saturated = true;
  } else if (!late && delayNs > 0) {
    decision.nextPreferred = nextPreferred(rules.preferred, payloadBatch + inferences) - payloadBatch;
    const topUp = payloadBatch > 0 && !rules.preferred.includes(payloadBatch) && !decision.saturated;
    if (!topUp) {
      decision.holdNs = delayNs - ageNs;
      return;
    }
  }
  decision.take = count;
  decision.takeInferences = inferences;
}

/** The smallest preferred size above `batch`, or the smallest of all when none is. */
function nextPreferred(preferred: readonly number[], batch: number): number {
  for (const size of preferred) if (size > batch) return size;
  return preferred[0]!;
}
