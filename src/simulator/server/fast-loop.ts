import { BATCHER_SLEEP_NS, sleepEndNs } from './batcher-thread.js';
import type { Executor } from './model-server.js';

export interface FastLoopOptions {
  /** Arrivals at the queue, nanoseconds, ascending; requests of one inference. */
  readonly queuedNs: Float64Array;
  readonly executor: Executor;
  readonly instances: number;
  readonly maxBatchSize: number;
  /** The rest as in `BatchingRules` and `ModelServerOptions`. */
  readonly delayNs: number;
  readonly timerSlackNs: number;
  readonly batcherWakeNs: number;
  readonly batcherAwakeNs: number;
  readonly instancePickUpNs: number;
  readonly instanceWakeNs: number;
  readonly endNs: number;
}

/**
 * A lone model in Triton's default configuration, with or without a queue delay, run from beginning to end: no preferred
 * size but the maximum and no queue policy, requests of one inference, every end known at the start. The rules and the
 * order of events are those of `ModelServer` (a test holds the two to the same executions); here they are one loop over
 * local variables, which is what a fleet of thousands of such models needs: twice as fast. It is long on purpose: split
 * into functions, its variables move from registers into a closure or an object, and half of the gain is lost.
 */
export function runFastLoop(options: FastLoopOptions): void {
  const { queuedNs, executor, instances, maxBatchSize, delayNs, timerSlackNs, endNs } = options;
  const wakeNs = options.batcherWakeNs;
  const awakeNs = options.batcherAwakeNs;
  const pickUpNs = options.instancePickUpNs;
  const instanceWakeNs = options.instanceWakeNs;
  const count = queuedNs.length;
  const slots = 2 * instances;
  const merges = delayNs > 0 && maxBatchSize > 1;
  /** Requests that have arrived, and those of them that the batcher has taken. */
  let admitted = 0;
  let head = 0;

  // Payloads that wait: consecutive ranges that end at `payloadTo`; the oldest begins at `firstFrom`.
  const payloadTo = new Int32Array(slots);
  let firstFrom = 0;
  let firstSlot = 0;
  let payloads = 0;

  // The payload that is built: how many are in it, whether it waits with the others, whether the next request begins another.
  let growing = 0;
  let isScheduled = false;
  let isFinished = false;
  /** Requests that must wait before the batcher is woken for them. */
  let wakesFor = 0;

  let roundNs = Infinity;
  let signalled = false;
  let asleepSinceNs = 0;
  let idleRoundNs = -1;
  let slotWaitEndNs = Infinity;

  // Instances that execute, and when each is free: without limit there are hundreds, of which few do.
  const busyNs = new Float64Array(instances);
  const busyInstance = new Int32Array(instances);
  let busy = 0;
  let firstFreeNs = Infinity;
  const idle = Int32Array.from({ length: instances }, (_, i) => i);
  let idleHead = 0;
  let idleCount = instances;

  // Pick-ups under way, a ring in order of time: an instance that comes back, or -1 for a signal to an idle one.
  let ring = 1 << Math.ceil(Math.log2(4 * instances + 4));
  let ringNs = new Float64Array(ring);
  let ringInstance = new Int32Array(ring);
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
      if (idleCount === 0 && delayNs === 0) {
        // Everyone is busy: rounds until the next end only top up the payloads that wait, and are one.
        const limitNs = Math.min(firstFreeNs, ringFirstNs, roundNs) - wakeNs;
        // None of them begins the last payload: it grows no more while there is no slot beside it.
        const open = isScheduled && !isFinished ? maxBatchSize - growing : 0;
        const capacity = open + (slots - 1 - payloads) * maxBatchSize;
        while (admitted < count && admitted - head < capacity) {
          const firstNs = queuedNs[admitted]!;
          if (firstNs >= limitNs) break;
          nowNs = firstNs + wakeNs;
          isRound = true;
          do admitted++;
          while (admitted < count && queuedNs[admitted]! <= nowNs);
        }
      }
      if (admitted < count) {
        if (wakesFor <= 1 || isFinished) arrivalNs = queuedNs[admitted]!;
        else {
          // The others are let in later; a sleep that began with an empty queue ends at a multiple of the sleep time.
          if (roundNs === Infinity) roundNs = sleepEndNs(asleepSinceNs, queuedNs[head]!);
          const reached = head + wakesFor - 1;
          arrivalNs = queuedNs[reached < count && reached > admitted ? reached : admitted]!;
        }
      }
    } else if (!signalled && roundNs === Infinity && admitted < count) {
      roundNs = sleepEndNs(asleepSinceNs, queuedNs[head]!);
    }

    if (!isRound) {
      const dueNs = Math.min(arrivalNs, firstFreeNs, ringFirstNs, Math.max(roundNs, nowNs));
      if (!(dueNs < endNs)) return;
      nowNs = dueNs;
      if (arrivalNs <= dueNs) {
        while (admitted < count && queuedNs[admitted]! <= dueNs) admitted++;
        if (dueNs > idleRoundNs && (isFinished || admitted - head >= wakesFor)) {
          signalled = true;
          // It has just made a payload, and the instance for it is not awake yet.
          const afterNs = payloads > 0 && idleCount > 0 ? awakeNs : wakeNs;
          if (dueNs + afterNs < roundNs) roundNs = dueNs + afterNs;
        }
      } else if (firstFreeNs <= dueNs) {
        let at = 0;
        let freedNs = busyNs[0]!;
        let instance = busyInstance[0]!;
        firstFreeNs = Infinity;
        for (let i = 1; i < busy; i++) {
          const ns = busyNs[i]!;
          if (ns < freedNs || (ns === freedNs && busyInstance[i]! < instance)) {
            firstFreeNs = freedNs;
            freedNs = ns;
            instance = busyInstance[i]!;
            at = i;
          } else if (ns < firstFreeNs) firstFreeNs = ns;
        }
        busy--;
        busyNs[at] = busyNs[busy]!;
        busyInstance[at] = busyInstance[busy]!;
        if (!signalled && dueNs > idleRoundNs) {
          signalled = true;
          if (dueNs + wakeNs < roundNs) roundNs = dueNs + wakeNs;
        }
        const atNs = dueNs + pickUpNs;
        if (ringLength === ring)
          ({ ring, ringNs, ringInstance, ringHead } = larger(ringNs, ringInstance, ringHead));
        let slot = (ringHead + ringLength) & (ring - 1);
        for (let later = ringLength++; later > 0; later--) {
          const before = (slot - 1) & (ring - 1);
          if (ringNs[before]! <= atNs) break;
          ringNs[slot] = ringNs[before]!;
          ringInstance[slot] = ringInstance[before]!;
          slot = before;
        }
        ringNs[slot] = atNs;
        ringInstance[slot] = instance;
      } else if (ringFirstNs <= dueNs) {
        const instance = ringInstance[ringHead]!;
        ringHead = (ringHead + 1) & (ring - 1);
        ringLength--;
        if (instance >= 0) idle[(idleHead + idleCount++) % instances] = instance;
        if (idleCount > 0 && payloads > 0) {
          const from = firstFrom;
          for (;;) {
            if (payloads === 1 && isScheduled) {
              // It is the newest: nothing joins it any more, even when it turns out not to fit.
              isScheduled = false;
              isFinished = true;
            }
            if (payloadTo[firstSlot]! - from > maxBatchSize) break;
            firstFrom = payloadTo[firstSlot]!;
            firstSlot = firstSlot + 1 === slots ? 0 : firstSlot + 1;
            payloads--;
            // Those behind that have waited for longer than the delay go with it, as far as they fit.
            if (!merges || payloads === 0 || dueNs - queuedNs[firstFrom]! <= delayNs) break;
          }
          if (!signalled && dueNs > idleRoundNs) {
            signalled = true;
            if (dueNs + wakeNs < roundNs) roundNs = dueNs + wakeNs;
          }
          const taker = idle[idleHead]!;
          idleHead = idleHead + 1 === instances ? 0 : idleHead + 1;
          idleCount--;
          const takerFreeNs = executor.start(taker, from, firstFrom, firstFrom - from, dueNs);
          busyNs[busy] = takerFreeNs;
          busyInstance[busy++] = taker;
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
      if (isFinished) {
        growing = 0;
        isScheduled = false;
        isFinished = false;
        wakesFor = 0;
      }
      if (payloads === slots) {
        // A signal that finds no slot does not begin the wait anew.
        if (slotWaitEndNs <= nowNs || slotWaitEndNs === Infinity) slotWaitEndNs = nowNs + BATCHER_SLEEP_NS;
        roundNs = slotWaitEndNs;
        break;
      }
      slotWaitEndNs = Infinity;
      const room = maxBatchSize - growing;
      const take = Math.min(admitted - head, room);
      const ageNs = nowNs - queuedNs[head]!;
      if (take < room && ageNs < delayNs) {
        wakesFor = room;
        if (growing === 0) {
          roundNs = nowNs + Math.ceil(delayNs - ageNs) + timerSlackNs;
          break;
        }
      }
      // One that was filled in time is found to be full only when the next request comes.
      isFinished = take === room && (room === 0 || ageNs >= delayNs);
      if (take === 0) continue;
      head += take;
      growing += take;
      if (!isScheduled) {
        isScheduled = true;
        payloads++;
        if (idleCount > 0) {
          const atNs = nowNs + instanceWakeNs;
          if (ringLength === ring)
            ({ ring, ringNs, ringInstance, ringHead } = larger(ringNs, ringInstance, ringHead));
          let slot = (ringHead + ringLength) & (ring - 1);
          for (let later = ringLength++; later > 0; later--) {
            const before = (slot - 1) & (ring - 1);
            if (ringNs[before]! <= atNs) break;
            ringNs[slot] = ringNs[before]!;
            ringInstance[slot] = ringInstance[before]!;
            slot = before;
          }
          ringNs[slot] = atNs;
          ringInstance[slot] = -1;
        }
      }
      const last = firstSlot + payloads - 1;
      payloadTo[last < slots ? last : last - slots] = head;
    }
    if (head === admitted) {
      slotWaitEndNs = Infinity;
      if (isFinished) {
        growing = 0;
        isScheduled = false;
        isFinished = false;
        wakesFor = 0;
      }
    }
  }
}

/** A ring of twice the size, from its first place on. */
function larger(ringNs: Float64Array, ringInstance: Int32Array, ringHead: number) {
  const size = ringNs.length;
  const twice = {
    ring: 2 * size,
    ringNs: new Float64Array(2 * size),
    ringInstance: new Int32Array(2 * size),
    ringHead: 0,
  };
  for (let i = 0; i < size; i++) {
    twice.ringNs[i] = ringNs[(ringHead + i) & (size - 1)]!;
    twice.ringInstance[i] = ringInstance[(ringHead + i) & (size - 1)]!;
  }
  return twice;
}
