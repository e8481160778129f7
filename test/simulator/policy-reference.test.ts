import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type DynamicBatching, NO_QUEUE_POLICY, type QueuePolicy } from '../../src/scenario/model-config.js';
import { simulate } from '../../src/simulator/simulate.js';
import { Outcome } from '../../src/trace/request-log.js';
import { cases } from '../support/cases.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

/** An execution of 4 ms and a bit: its ends meet neither arrivals nor deadlines, which are whole microseconds. */
const EXECUTION_US = 4000.123;

interface Sender {
  readonly priority: number;
  readonly timeoutUs: number;
}

interface Setting {
  readonly levels: readonly QueuePolicy[];
  readonly defaultLevel: number;
  readonly senders: readonly Sender[];
  readonly instances: number;
  readonly maxBatchSize: number;
}

/** What became of a request: when it started, or -1 and when it was told that it will not be served. */
type Fate = readonly [startUs: number, refusedUs: number];

interface Waiting {
  readonly request: number;
  readonly deadlineUs: number;
}

/**
 * Triton's queue policies as their documentation tells them, on arrays: a request is looked at only when an
 * instance is idle, in order of priority, late ones that are kept behind those in time. One more is looked at than fit.
 */
function fates(sent: readonly (readonly [atUs: number, sender: number])[], setting: Setting): Fate[] {
  const { levels, defaultLevel, senders, instances, maxBatchSize } = setting;
  const queues = levels.map((policy) => ({ policy, inTime: [] as Waiting[], late: [] as Waiting[] }));
  const fate: Fate[] = sent.map(() => [Number.NaN, Number.NaN]);
  const endsUs: number[] = [];
  let idle = instances;

  const look = (nowUs: number): Waiting[] => {
    const seen: Waiting[] = [];
    for (const { policy, inTime, late } of queues) {
      for (const one of [...inTime]) {
        if (seen.length > maxBatchSize) return seen;
        if (one.deadlineUs > nowUs) seen.push(one);
        else {
          inTime.splice(inTime.indexOf(one), 1);
          if (policy.timeoutAction === 'DELAY') late.push(one);
          else fate[one.request] = [-1, nowUs];
        }
      }
      seen.push(...late);
    }
    return seen;
  };
  const serve = (nowUs: number): void => {
    while (idle > 0) {
      const batch = look(nowUs).slice(0, maxBatchSize);
      if (batch.length === 0) return;
      for (const { inTime, late } of queues) {
        for (const list of [inTime, late])
          list.splice(0, list.length, ...list.filter((one) => !batch.includes(one)));
      }
      for (const one of batch) fate[one.request] = [nowUs, -1];
      idle--;
      endsUs.push(nowUs + EXECUTION_US);
    }
  };
  const endUntil = (nowUs: number): void => {
    while (endsUs.length > 0 && endsUs[0]! < nowUs) {
      const endUs = endsUs.shift()!;
      idle++;
      serve(endUs);
    }
  };

  for (const [request, [nowUs, from]] of sent.entries()) {
    endUntil(nowUs);
    const { priority, timeoutUs: own } = senders[from]!;
    const { policy, inTime, late } =
      queues[(priority >= 1 && priority <= levels.length ? priority : defaultLevel) - 1]!;
    if (policy.maxQueueSize > 0 && inTime.length + late.length >= policy.maxQueueSize) {
      fate[request] = [-1, nowUs];
      continue;
    }
    const isOwn = policy.allowTimeoutOverride && own > 0 && own < policy.defaultTimeoutUs;
    const timeoutUs = isOwn ? own : policy.defaultTimeoutUs;
    inTime.push({ request, deadlineUs: timeoutUs === 0 ? Infinity : nowUs + timeoutUs });
    serve(nowUs);
  }
  endUntil(Infinity);
  return fate;
}

const anyPolicy: fc.Arbitrary<QueuePolicy> = fc.record({
  timeoutAction: fc.constantFrom('REJECT', 'DELAY'),
  defaultTimeoutUs: fc.constantFrom(0, 6000, 15_000),
  allowTimeoutOverride: fc.boolean(),
  maxQueueSize: fc.constantFrom(0, 3, 6),
});

const anySetting: fc.Arbitrary<Setting> = fc.record({
  levels: fc.array(anyPolicy, { minLength: 2, maxLength: 3 }),
  defaultLevel: fc.integer({ min: 1, max: 2 }),
  senders: fc.array(
    fc.record({ priority: fc.integer({ min: 0, max: 4 }), timeoutUs: fc.constantFrom(0, 2500, 9000) }),
    { minLength: 4, maxLength: 4 },
  ),
  instances: fc.integer({ min: 1, max: 2 }),
  maxBatchSize: fc.integer({ min: 1, max: 3 }),
});

const anySent = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 2500 }), fc.integer({ min: 0, max: 3 })), {
    minLength: 10,
    maxLength: 60,
  })
  .map((steps) => {
    let nowUs = 0;
    return steps.map(([gapUs, from]) => {
      nowUs += gapUs;
      return [nowUs, from] as const;
    });
  });

function batchingOf({ levels, defaultLevel }: Setting): Partial<DynamicBatching> {
  return {
    priorityLevels: levels.length,
    defaultPriorityLevel: defaultLevel,
    defaultQueuePolicy: NO_QUEUE_POLICY,
    priorityQueuePolicy: new Map(levels.map((policy, level) => [level + 1, policy])),
  };
}

function simulated(
  sent: readonly (readonly [atUs: number, sender: number])[],
  setting: Setting,
  eventLoop: boolean,
): Fate[] {
  const { senders, instances, maxBatchSize } = setting;
  const model = {
    config: config('m', maxBatchSize, batchingOf(setting)),
    profile: profile('m', EXECUTION_US / 1000, 0),
    instances,
  };
  const tenants = senders.map((sender, from) => {
    const own = sent.filter(([, sentBy]) => sentBy === from).map(([atUs]) => atUs);
    return tenant(`t${from}`, 'm', arrivals(own), sender);
  });
  const { log } = simulate(scenario([server('s', { models: [model] })], tenants, 20), { eventLoop });
  const rows = Array.from(log.tenant.keys()).sort((a, b) => log.calls.queuedUs[a]! - log.calls.queuedUs[b]!);
  return rows.map((row) =>
    log.outcome[row] === Outcome.completed ? [log.calls.startedUs[row]!, -1] : [-1, log.endedUs[row]!],
  );
}

/** Whole nanoseconds. */
const rounded = (all: readonly Fate[]) => all.map((fate) => fate.map((us) => Math.round(us * 1000)));

it('each request starts, is refused or runs out of time when the rules of priorities, limits and timeouts say so', () => {
  const law = fc.property(anySent, anySetting, fc.boolean(), (sent, setting, eventLoop) => {
    expect(rounded(simulated(sent, setting, eventLoop))).toEqual(rounded(fates(sent, setting)));
  });
  fc.assert(law, { numRuns: cases(200) });
});

it('so do thousands one after the other', () => {
  const sent = Array.from({ length: 3000 }, (_, i) => [1 + 1300 * i, i % 4] as const);
  const late = { ...NO_QUEUE_POLICY, defaultTimeoutUs: 9000, maxQueueSize: 20 };
  const setting: Setting = {
    levels: [late, { ...late, timeoutAction: 'DELAY' }],
    defaultLevel: 2,
    senders: [1, 2, 2, 0].map((priority) => ({ priority, timeoutUs: 0 })),
    instances: 1,
    maxBatchSize: 3,
  };
  expect(rounded(simulated(sent, setting, false))).toEqual(rounded(fates(sent, setting)));
});
