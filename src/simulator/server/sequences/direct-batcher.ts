import type { ModelQueue } from '../model-queue.js';
import type { Slot } from './sequence-slots.js';

export interface DirectRules {
  /** Largest batch of the model, at least 1. */
  readonly maxBatchSize: number;
  readonly delayNs: number;
  /** Share of the slots that must have a request before a batch leaves sooner than the delay. */
  readonly minSlotUtilization: number;
  /** Requests of different shape must not share a batch. */
  readonly enforceEqualShape: boolean;
}

/** What the batcher of an instance decides. */
export type DirectDecision =
  /** These slots' first requests leave, in a batch as wide as the highest slot that has one: others are padding. */
  | { readonly do: 'batch'; readonly slots: readonly Slot[]; readonly width: number }
  /** It looks again at that time, or when a request comes. */
  | { readonly do: 'sleep'; readonly untilNs: number };

/** Which requests of an instance's slots make a batch (sequence_batch_scheduler.cc:1557-1873). */
export function decideDirect(
  slots: readonly Slot[],
  rules: DirectRules,
  nowNs: number,
  { queuedNs, shapes }: ModelQueue,
): DirectDecision {
  const ready = slots.filter(({ requests }) => requests.length > 0);
  const last = ready.at(-1);
  if (last === undefined) return { do: 'sleep', untilNs: Infinity };
  const { delayNs, minSlotUtilization, maxBatchSize } = rules;
  if (delayNs > 0 && minSlotUtilization > 0) {
    const oldestNs = Math.min(...ready.map(({ requests }) => queuedNs[requests[0]!]!));
    const isFull = ready.length / maxBatchSize >= minSlotUtilization;
    // A nanosecond after the delay: it must be over.
    if (!isFull && nowNs <= oldestNs + delayNs) return { do: 'sleep', untilNs: oldestNs + delayNs + 1 };
  }
  const shape = shapes?.[ready[0]!.requests[0]!];
  const together =
    rules.enforceEqualShape && shapes !== undefined
      ? ready.filter(({ requests }) => shapes[requests[0]!] === shape)
      : ready;
  return { do: 'batch', slots: together, width: last.number + 1 };
}
