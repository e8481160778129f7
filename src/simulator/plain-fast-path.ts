import { ActorQueue } from './actor-queue.js';
import { BATCHER_SLEEP_NS, sleepEndNs } from './batcher-thread.js';
import type { Executor } from './model-server.js';

/** Of more instances a heap tells faster than a search which one is free first. */
const SEARCHED_INSTANCES = 12;

export interface PlainFastPathOptions {
  /** Arrivals at the queue, nanoseconds, ascending; requests of one inference. */
  readonly queuedNs: Float64Array;
  readonly executor: Executor;
  readonly instances: number;
  readonly maxBatchSize: number;
  readonly batcherWakeNs: number;
  readonly instancePickUpNs: number;
  readonly endNs: number;
}

/**
 * A lone model in Triton's default configuration, run from beginning to end: dynamic batching with
 * no delay, no preferred size but the maximum and no queue policy, requests of one inference, every
 * end known at the start. The rules and the order of events are those of `ModelServer` (a test holds
 * the two to the same executions); here they are one loop over local variables, which is what a
 * fleet of thousands of such models needs: twice as fast. It is long on purpose: split into functions,
 * its variables move from registers into a closure or an object, and half of the gain is lost.
 */
export function runPlainFastPath(options: PlainFastPathOptions): void {
  const { queuedNs, executor, instances, maxBatchSize, endNs } = options;
  const wakeNs = options.batcherWakeNs;
  const pickUpNs = options.instancePickUpNs;
  const count = queuedNs.length;
  const slots = 2 * instances;
  let admitted = 0;
  let head = 0;

  // Payloads: consecutive ranges that end at `payloadTo`; the oldest begins at `firstFrom`. The
  // newest may grow while `growing` > 0, its size.
  const payloadTo = new Int32Array(slots);
  let firstFrom = 0;
  let firstSlot = 0;
  let payloads = 0;
  let growing = 0;

  let roundNs = Infinity;
  let signalled = false;
  let asleepSinceNs = 0;
  let idleRoundNs = -1;

  const freeNs = new Float64Array(instances).fill(Infinity);
  let firstFreeNs = Infinity;
  // Many instances, as those of a bound, are not searched at every end.
  const ends = instances > SEARCHED_INSTANCES ? new ActorQueue(instances) : undefined;
  const idle = Int32Array.from({ length: instances }, (_, i) => i);
  let idleHead = 0;
  let idleCount = instances;

  // Pick-ups under way, a ring: an instance that comes back, or -1 for a signal to an idle one.
  const ring = 1 << Math.ceil(Math.log2(4 * instances + 4));
  const ringNs = new Float64Array(ring);
  const ringInstance = new Int32Array(ring);
  let ringHead = 0;
  let ringLength = 0;

  let nowNs = -1;
  for (;;) {
    if (signalled && admitted === head && (admitted === count || queuedNs[admitted]! > roundNs)) {
      // The round would find nothing to do and the next arrival comes after it.
      signalled = false;
      idleRoundNs = roundNs;
      asleepSinceNs = roundNs;
      roundNs = Infinity;
    }
    const ringFirstNs = ringLength === 0 ? Infinity : ringNs[ringHead]!;
    let arrivalNs = Infinity;
    let isRound = false;
    if (!signalled && payloads < slots) {
      while (admitted < count && queuedNs[admitted]! <= nowNs) admitted++;
      if (idleCount === 0) {
        // Everyone is busy: rounds until the next end only top up the payloads that wait, and are one.
        const limitNs = Math.min(firstFreeNs, ringFirstNs, roundNs) - wakeNs;
        // None of them begins the last payload: it grows no more while there is no slot beside it.
        const capacity = (growing > 0 ? maxBatchSize - growing : 0) + (slots - 1 - payloads) * maxBatchSize;
        while (admitted < count && admitted - head < capacity) {
          const firstNs = queuedNs[admitted]!;
          if (firstNs >= limitNs) break;
          nowNs = firstNs + wakeNs;
          isRound = true;
          do admitted++;
          while (admitted < count && queuedNs[admitted]! <= nowNs);
        }
      }
      if (admitted < count) arrivalNs = queuedNs[admitted]!;
    } else if (!signalled && roundNs === Infinity && admitted < count) {
      // A sleep that began with an empty queue ends at a multiple of the sleep time once something waits.
      roundNs = sleepEndNs(asleepSinceNs, queuedNs[head]!);
    }

    if (!isRound) {
      const dueNs = Math.min(arrivalNs, firstFreeNs, ringFirstNs, roundNs);
      if (!(dueNs < endNs)) return;
      nowNs = dueNs;
      if (arrivalNs <= dueNs) {
        while (admitted < count && queuedNs[admitted]! <= dueNs) admitted++;
        if (dueNs > idleRoundNs) {
          signalled = true;
          if (dueNs + wakeNs < roundNs) roundNs = dueNs + wakeNs;
        }
      } else if (firstFreeNs <= dueNs) {
        let instance = 0;
        if (ends === undefined) {
          for (let i = 1; i < instances; i++) if (freeNs[i]! < freeNs[instance]!) instance = i;
          freeNs[instance] = Infinity;
          firstFreeNs = Infinity;
          for (let i = 0; i < instances; i++) if (freeNs[i]! < firstFreeNs) firstFreeNs = freeNs[i]!;
        } else {
          ends.find();
          instance = ends.first;
          ends.update(instance, Infinity);
          ends.find();
          firstFreeNs = ends.firstNs;
        }
        if (!signalled && dueNs > idleRoundNs) {
          signalled = true;
          if (dueNs + wakeNs < roundNs) roundNs = dueNs + wakeNs;
        }
        const slot = (ringHead + ringLength++) & (ring - 1);
        ringNs[slot] = dueNs + pickUpNs;
        ringInstance[slot] = instance;
      } else if (ringFirstNs <= dueNs) {
        const instance = ringInstance[ringHead]!;
        ringHead = (ringHead + 1) & (ring - 1);
        ringLength--;
        if (instance >= 0) idle[(idleHead + idleCount++) % instances] = instance;
        if (idleCount > 0 && payloads > 0) {
          const from = firstFrom;
          const to = payloadTo[firstSlot]!;
          if (payloads === 1) growing = 0; // it is the newest: nothing joins it any more
          firstSlot = firstSlot + 1 === slots ? 0 : firstSlot + 1;
          firstFrom = to;
          payloads--;
          if (!signalled && dueNs > idleRoundNs) {
            signalled = true;
            if (dueNs + wakeNs < roundNs) roundNs = dueNs + wakeNs;
          }
          const taker = idle[idleHead]!;
          idleHead = idleHead + 1 === instances ? 0 : idleHead + 1;
          idleCount--;
          const takerFreeNs = executor.start(taker, from, to, to - from, dueNs);
          if (ends === undefined) freeNs[taker] = takerFreeNs;
          else ends.update(taker, takerFreeNs);
          if (takerFreeNs < firstFreeNs) firstFreeNs = takerFreeNs;
        }
      } else {
        signalled = false;
        while (admitted < count && queuedNs[admitted]! <= dueNs) admitted++;
        isRound = true;
      }
      if (!isRound) continue;
    }

    // A round of the batcher: what waits goes into the newest payload, and into new ones while there are slots.
    asleepSinceNs = nowNs;
    roundNs = Infinity;
    while (head < admitted) {
      if (payloads === slots) {
        roundNs = nowNs + BATCHER_SLEEP_NS;
        break;
      }
      if (growing === 0) {
        if (payloads === 0) firstFrom = head;
        payloads++;
        if (idleCount > 0) {
          const slot = (ringHead + ringLength++) & (ring - 1);
          ringNs[slot] = nowNs + pickUpNs;
          ringInstance[slot] = -1;
        }
      }
      const take = Math.min(admitted - head, maxBatchSize - growing);
      head += take;
      growing += take;
      const last = firstSlot + payloads - 1;
      payloadTo[last < slots ? last : last - slots] = head;
      if (growing === maxBatchSize) growing = 0;
    }
  }
}
