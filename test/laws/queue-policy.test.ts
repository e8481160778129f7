import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DynamicBatching, NO_QUEUE_POLICY, type QueuePolicy } from '../../src/scenario/model-config.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';
import { cases } from '../support/cases.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';
import { completedRows, rowsWhere } from './log.js';

/** Longest execution of the model below, in microseconds. */
const LONGEST_US = 6000;
/** A batcher that finds no free instance looks for expired requests this often (Triton: 500 ms). */
const BATCHER_SLEEP_US = 500_000;

/** One model behind one queue with two tenants, one for each priority level, and time to answer everything. */
function oneModel(batching: Partial<DynamicBatching>) {
  const gaps = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4000 })), { maxLength: 50 });
  return fc
    .record({
      gaps: fc.tuple(gaps, gaps),
      instances: fc.integer({ min: 1, max: 2 }),
      delayUs: fc.constantFrom(0, 0, 1000, 5000),
      ownTimeouts: fc.tuple(fc.constantFrom(0, 1500), fc.constantFrom(0, 1500)),
      wakeUs: fc.constantFrom(0, 5),
      eventLoop: fc.boolean(),
    })
    .map(({ gaps, instances, delayUs, ownTimeouts, wakeUs, eventLoop }) => {
      const tenants = gaps.map((own, i) => {
        let atUs = 0;
        const load = arrivals(own.map((gap) => (atUs += gap)));
        return tenant(`level ${i + 1}`, 'm', load, { priority: i + 1, timeoutUs: ownTimeouts[i]! });
      });
      const model = {
        config: config('m', 4, { maxQueueDelayUs: delayUs, ...batching }),
        profile: profile('m', 4, 0.5),
        instances,
      };
      return { spec: scenario([server('s', { models: [model], wakeUs })], tenants, 2), eventLoop };
    });
}

const TWO_LEVELS = { priorityLevels: 2, defaultPriorityLevel: 2 } as const;

const limited = (maxQueueSize: number): QueuePolicy => ({ ...NO_QUEUE_POLICY, maxQueueSize });

function holds(
  batching: Partial<DynamicBatching>,
  law: (log: RequestLog, spec: Scenario) => void,
  numRuns = 80,
): void {
  const property = fc.property(oneModel(batching), ({ spec, eventLoop }) =>
    law(simulate(spec, { eventLoop }).log, spec),
  );
  fc.assert(property, { numRuns: cases(numRuns) });
}

describe('priority levels', () => {
  it('are served in order: a request of level 1 never starts after one of level 2 that came later', () => {
    holds({ ...TWO_LEVELS }, (log) => {
      const [first, second] = levelsOf(log);
      expect(log.outcome.every((outcome) => outcome === Outcome.completed)).toBe(true);
      for (const one of first!) {
        for (const two of second!) {
          if (log.calls.queuedUs[two]! >= log.calls.queuedUs[one]!)
            expect(log.calls.startedUs[two]!).toBeGreaterThanOrEqual(log.calls.startedUs[one]!);
        }
      }
    });
  });

  it('let a request of level 1 overtake those of level 2 that wait', () => {
    const at = (times: number[], priority: number) =>
      tenant(`level ${priority}`, 'm', arrivals(times), { priority });
    const model = { config: config('m', 1, { ...TWO_LEVELS }), profile: profile('m', 4, 0) };
    const tenants = [at([2500], 1), at([0, 1000, 2000], 2)];
    const { log } = simulate(scenario([server('s', { models: [model] })], tenants, 1));
    const byStart = rowsWhere(log, () => true).sort(
      (a, b) => log.calls.startedUs[a]! - log.calls.startedUs[b]!,
    );
    expect(byStart.map((row) => log.plannedUs[row])).toEqual([0, 2500, 1000, 2000]);
  });
});

describe('max_queue_size', () => {
  it.each([1, 3])(
    '%d: no more than so many requests wait in a level, and only a full level refuses',
    (limit) => {
      holds({ ...TWO_LEVELS, defaultQueuePolicy: limited(limit) }, (log) => {
        for (const rows of levelsOf(log)) {
          const let_in = rows.filter((row) => log.outcome[row] !== Outcome.rejected);
          for (const row of rows) {
            const nowUs = log.calls.queuedUs[row]!;
            // Instances pick up at once here, so that a request leaves the queue when it starts.
            const after = let_in.filter(
              (other) => log.calls.queuedUs[other]! <= nowUs && log.calls.startedUs[other]! > nowUs,
            );
            const before = let_in.filter(
              (other) => log.calls.queuedUs[other]! <= nowUs && log.calls.startedUs[other]! >= nowUs,
            );
            expect(after.length).toBeLessThanOrEqual(limit);
            if (log.outcome[row] === Outcome.rejected) expect(before.length).toBeGreaterThanOrEqual(limit);
          }
        }
      });
    },
  );

  it('refuses at once', () => {
    holds({ defaultQueuePolicy: limited(1) }, (log) => {
      for (const row of rowsWhere(log, (each) => log.outcome[each] === Outcome.rejected)) {
        expect(log.endedUs[row]).toBe(log.calls.queuedUs[row]);
        expect(log.calls.execution[row]).toBe(-1);
      }
    });
  });
});

describe('a batcher that missed the moment at which its instance became idle', () => {
  /** When the second of three requests starts that find one waiting at most so many, microseconds. */
  const secondStartUs = (maxQueueSize: number, eventLoop: boolean) => {
    const batching = { defaultQueuePolicy: limited(maxQueueSize) };
    const model = { config: config('m', 1, batching), profile: profile('m', 4, 0) };
    // It looks before the instance has come back from its execution.
    const host = server('s', { models: [model], wakeUs: 2, pickUpUs: 30 });
    const { log } = simulate(scenario([host], [tenant('t', 'm', arrivals([0, 100, 6000]))], 1), {
      eventLoop,
    });
    expect(log.outcome[2]).toBe(maxQueueSize === 1 ? Outcome.rejected : Outcome.completed);
    return log.calls.startedUs[1]!;
  };

  // On a live Triton 24.10 (5 ms, max_queue_size 2, 100 requests/s) ten requests a second were answered, 82 refused.
  it.each([true, false])(
    'is woken by a request that is let in, but sleeps on where a full queue refuses it (general event loop: %s)',
    (eventLoop) => {
      expect(secondStartUs(2, eventLoop)).toBeCloseTo(6032, 0);
      expect(secondStartUs(1, eventLoop)).toBeGreaterThan(BATCHER_SLEEP_US);
    },
  );
});

describe('a queue timeout', () => {
  const timeout = (more: Partial<QueuePolicy>): QueuePolicy => ({
    ...NO_QUEUE_POLICY,
    defaultTimeoutUs: 5000,
    ...more,
  });

  it('with DELAY never loses a request', () => {
    holds({ defaultQueuePolicy: timeout({ timeoutAction: 'DELAY' }) }, (log) => {
      expect(log.outcome.every((outcome) => outcome === Outcome.completed)).toBe(true);
    });
  });

  it('with DELAY puts a late request behind those that are in time', () => {
    const model = {
      config: config('m', 1, { defaultQueuePolicy: timeout({ timeoutAction: 'DELAY' }) }),
      profile: profile('m', 6, 0),
    };
    const load = arrivals([0, 100, 3000]);
    const { log } = simulate(scenario([server('s', { models: [model] })], [tenant('t', 'm', load)], 1));
    expect(Array.from(log.calls.startedUs)).toEqual([0, 12_000, 6000]);
  });

  it.each([false, true])(
    'with REJECT ends no request before its time, and none later than the next look at the queue and an execution after (own timeouts count: %s)',
    (allowTimeoutOverride) => {
      holds({ defaultQueuePolicy: timeout({ allowTimeoutOverride }) }, (log, spec) => {
        for (const row of log.tenant.keys()) {
          const own = spec.tenants[log.tenant[row]!]!.timeoutUs;
          const deadlineUs = log.calls.queuedUs[row]! + (allowTimeoutOverride && own > 0 ? own : 5000);
          if (log.outcome[row] === Outcome.timedOut)
            expect(log.endedUs[row]!).toBeGreaterThanOrEqual(deadlineUs);
          else expect(log.calls.startedUs[row]!).toBeLessThanOrEqual(deadlineUs);
          expect(log.endedUs[row]!).toBeLessThanOrEqual(deadlineUs + BATCHER_SLEEP_US + LONGEST_US);
        }
      });
    },
  );

  it('ends while a batch is held for the queue delay: at once for one alone, else when those in time leave', () => {
    const policy = timeout({ defaultTimeoutUs: 100_000, allowTimeoutOverride: true });
    const batching = { maxQueueDelayUs: 5000, defaultQueuePolicy: policy };
    const model = { config: config('m', 4, batching), profile: profile('m', 1, 0) };
    const ends = (patientUs: number[], hastyUs: number[]) => {
      const patient = tenant('patient', 'm', arrivals(patientUs));
      const hasty = tenant('hasty', 'm', arrivals(hastyUs), { timeoutUs: 1000 });
      const { log } = simulate(scenario([server('s', { models: [model] })], [patient, hasty], 1));
      return Array.from(log.endedUs.keys()).map((row) => [log.outcome[row], log.endedUs[row]]);
    };
    expect(ends([], [0])).toEqual([[Outcome.timedOut, 1000]]);
    expect(ends([0], [100])).toEqual([
      [Outcome.completed, 6000],
      [Outcome.timedOut, 5000],
    ]);
    expect(ends([100], [0])).toEqual([
      [Outcome.timedOut, 5100],
      [Outcome.completed, 6100],
    ]);
  });

  it.each([true, false])(
    'with REJECT ends a request, behind one in time, long before an execution of 3 s lets go of the only instance (general event loop: %s)',
    (eventLoop) => {
      const policy = timeout({ defaultTimeoutUs: 10_000_000, allowTimeoutOverride: true });
      const model = {
        config: config('m', 1, { defaultQueuePolicy: policy }),
        profile: profile('m', 3000, 0),
      };
      const tenants = [
        tenant('patient', 'm', arrivals([0, 150_000])),
        tenant('hasty', 'm', arrivals([200_000]), { timeoutUs: 100_000 }),
      ];
      const { log } = simulate(scenario([server('s', { models: [model] })], tenants, 7), { eventLoop });
      const [hasty] = rowsWhere(log, (row) => log.tenant[row] === 1);
      expect(rowsWhere(log, (row) => log.outcome[row] === Outcome.timedOut)).toEqual([hasty]);
      expect(completedRows(log).map((row) => log.calls.startedUs[row])).toEqual([0, 3_000_000]);
      expect(log.endedUs[hasty!]).toBeGreaterThanOrEqual(300_000);
      // The batcher fell asleep with an empty queue: one sleep until it sees the request, one until its time is over.
      expect(log.endedUs[hasty!]).toBeLessThanOrEqual(300_000 + 2 * BATCHER_SLEEP_US);
    },
  );

  it("counts a request's own timeout only where overriding is allowed, and only if it is shorter", () => {
    const outcome = (allowTimeoutOverride: boolean, ownUs: number) => {
      const policy = timeout({ allowTimeoutOverride });
      const model = { config: config('m', 1, { defaultQueuePolicy: policy }), profile: profile('m', 4, 0) };
      const tenants = [tenant('t', 'm', arrivals([0, 0]), { timeoutUs: ownUs })];
      return simulate(scenario([server('s', { models: [model] })], tenants, 1)).log.outcome[1];
    };
    expect(outcome(true, 1000)).toBe(Outcome.timedOut);
    expect(outcome(true, 9000)).toBe(Outcome.completed);
    expect(outcome(false, 1000)).toBe(Outcome.completed);
  });
});

function levelsOf(log: RequestLog): number[][] {
  return [0, 1].map((level) => rowsWhere(log, (row) => log.tenant[row] === level));
}
