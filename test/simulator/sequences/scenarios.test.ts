import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import { asSequences, withSequenceFlags } from '../../../src/scenario/check/sequences.js';
import type { SequenceBatching } from '../../../src/scenario/model-config.js';
import type { Load } from '../../../src/scenario/scenario.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { Outcome } from '../../../src/trace/request-log.js';
import { check, problemsOf, scenarioText } from '../../scenario/fixtures.js';
import { arrivals, config, profile, scenario, server, tenant } from '../../support/scenario.js';

const OLDEST: SequenceBatching = {
  kind: 'oldest',
  maxSequenceIdleUs: 1e6,
  slots: 4,
  maxQueueDelayUs: 0,
  preferredBatchSizes: [4],
};

/** One model with 10 ms an execution under this load. */
function run(sequences: SequenceBatching, load: Load, instances = 1) {
  const served = { config: { ...config('m', 4), sequences }, profile: profile('m', 10, 0), instances };
  return simulate(scenario([server('s', { models: [served] })], [tenant('t', 'm', load)], 10)).log;
}

/** Requests `[ms, sequence]`; the first of a sequence starts it, its last one ends it. */
function sent(requests: readonly (readonly [number, number])[]): Load {
  const load = arrivals(
    requests.map(([ms]) => ms * 1000),
    { sequenceId: Float64Array.from(requests, ([, id]) => id) },
  );
  if (load.mode !== 'open') throw new Error('arrivals are open');
  return { mode: 'open', trace: withSequenceFlags(load.trace) };
}

describe('a router in front of several servers', () => {
  it('sends all of a sequence where its first request went, and takes turns with sequences', () => {
    const served = { config: { ...config('m', 4), sequences: OLDEST }, profile: profile('m', 10, 0) };
    const servers = ['a', 'b'].map((name) => server(name, { models: [served] }));
    const rows = [0, 1, 2, 3, 4].flatMap((step) => [1, 2, 3].map((id) => [step * 50 + id, id] as const));
    const to = [0, 1].map((index) => ({ server: index, model: 0 }));
    const own = { ...tenant('t', 'm', sent(rows)), targets: to };
    const { log } = simulate(scenario(servers, [own], 10));
    expect(Array.from(log.outcome)).toEqual(rows.map(() => Outcome.completed));
    expect(Array.from(log.server)).toEqual(rows.map(([, id]) => (id === 2 ? 1 : 0)));
  });
});

describe('an oldest sequence batcher', () => {
  it('puts requests of different sequences into a batch, and never two of one', () => {
    const log = run(
      OLDEST,
      sent([
        [0, 1],
        [1, 1],
        [1, 2],
        [1, 3],
        [2, 2],
      ]),
    );
    // What is handed on when an execution ends comes too late for the batch that the instance takes then.
    expect(Array.from(log.calls.execution)).toEqual([0, 2, 1, 1, 3]);
    expect(Array.from(log.endedUs, (us) => us / 1000)).toEqual([10, 30, 20, 20, 40]);
  });

  it('lets any number of batches wait, each closed at a preferred size (seen on Triton 24.10)', () => {
    const starts = [0, 1.5, 3, 4.5, 6, 7.5].map((ms, i) => [ms, i + 1] as const);
    const ends = starts.map(([ms, id]) => [500 + 20 * ms, id] as const);
    const log = run({ ...OLDEST, slots: 8, preferredBatchSizes: [1, 3] }, sent([...starts, ...ends]));
    expect(Array.from(log.endedUs.subarray(0, 6), (us) => us / 1000)).toEqual([10, 20, 30, 40, 50, 60]);
  });

  it('lets a sequence wait while all slots are taken', () => {
    const log = run(
      { ...OLDEST, slots: 1 },
      sent([
        [0, 1],
        [1, 2],
        [30, 1],
      ]),
    );
    expect(Array.from(log.endedUs, (us) => us / 1000)).toEqual([10, 50, 40]);
  });

  it('keeps the order of each sequence', () => {
    const random = new RandomStreams('sequences').get('order');
    const starts = arrivals(Array.from({ length: 60 }, (_, i) => i * 7000));
    if (starts.mode !== 'open') throw new Error('arrivals are open');
    const spec = { requests: 5, law: 'geometric', gapMs: 3 } as const;
    const trace = asSequences(starts.trace, spec, random, 1e7);
    for (const kind of ['oldest', 'direct'] as const) {
      const { preferredBatchSizes, ...same } = OLDEST;
      const batching = kind === 'oldest' ? OLDEST : { ...same, kind, minSlotUtilization: 0 };
      const log = run(batching, { mode: 'open', trace }, 2);
      const endedUs = new Map<number, number>();
      for (const [row, id] of trace.sequenceId!.entries()) {
        if (log.outcome[row] !== Outcome.completed) continue;
        expect(log.endedUs[row]!).toBeGreaterThan(endedUs.get(id) ?? 0);
        endedUs.set(id, log.endedUs[row]!);
      }
      expect(endedUs.size).toBe(60);
    }
  });
});

describe('an instance that is idle', () => {
  it.each(['direct', 'oldest'] as const)(
    'wakes as late as the server says, and holds as late (%s)',
    (kind) => {
      const { preferredBatchSizes, ...same } = OLDEST;
      const held = { ...same, maxQueueDelayUs: 5000 };
      const batching =
        kind === 'oldest' ? { ...held, kind, preferredBatchSizes } : { ...held, kind, minSlotUtilization: 1 };
      const served = { config: { ...config('m', 4), sequences: batching }, profile: profile('m', 10, 0) };
      const plain = server('s', { models: [served] });
      const options = { ...plain.options, instanceWakeUs: 300, timerSlackUs: 70 };
      const { log } = simulate(scenario([{ ...plain, options }], [tenant('t', 'm', sent([[1, 1]]))], 10));
      expect(Math.round(log.calls.startedUs[0]!)).toBe(1000 + 5000 + 70 + 300);
    },
  );
});

describe('a sequence that was idle for too long while it waited for a slot', () => {
  /** Of each sequence, one slot for all: when its first request was answered, where `others` sent as `[ms, sequence, flags]`. */
  function answeredMs(
    idleMs: number,
    first: { readonly everyMs: number; readonly requests: number },
    others: number[][],
  ) {
    const last = first.requests - 1;
    const sends = Array.from({ length: first.requests }, (_, i) => [
      i * first.everyMs,
      1,
      i === 0 ? 1 : i === last ? 2 : 0,
    ]);
    const rows = [...sends, ...others].sort(([a], [b]) => a! - b!);
    const load = arrivals(
      rows.map(([ms]) => ms! * 1000),
      {
        sequenceId: Float64Array.from(rows, ([, id]) => id!),
        sequenceFlags: Uint16Array.from(rows, ([, , flags]) => flags!),
      },
    );
    const { endedUs } = run({ ...OLDEST, slots: 1, maxSequenceIdleUs: idleMs * 1000 }, load);
    return [2, 3].map((id) => Math.round(endedUs[rows.findIndex((row) => row[1] === id)]! / 1000));
  }

  it('is looked at every 50 ms, whoever sends meanwhile', () => {
    const others = [
      [10, 2, 1],
      [20, 3, 3],
      [950, 4, 1],
    ];
    // The second one moves in at 1,200 ms, and is looked at from 1,010 ms on, every 50 ms.
    expect(answeredMs(1000, { everyMs: 100, requests: 13 }, others)).toEqual([1220, 1230]);
  });

  it('is looked at also when the reaper meets one that has ended', () => {
    const others = [
      [1, 2, 1],
      [2, 3, 3],
      [95, 4, 3],
    ];
    // Looks follow at 72 ms for the third, at 122 ms, at 165 ms for the fourth, and at 215 ms.
    expect(answeredMs(70, { everyMs: 10, requests: 20 }, others)).toEqual([210, 225]);
  });

  it('is looked at as often as a sequence may be idle, where that is less than 50 ms', () => {
    const others = [
      [1, 2, 1],
      [2, 3, 3],
    ];
    // The second one has the slot from 30 ms on, and is looked at every 20 ms from 22 ms on.
    expect(answeredMs(20, { everyMs: 10, requests: 4 }, others)).toEqual([50, 60]);
  });
});

describe('free slots of several instances', () => {
  it('are taken by number, and of one number in the order of libstdc++’s std::priority_queue', () => {
    const ends = Array.from({ length: 6 }, (_, i) => [i * 20, i + 1] as const);
    expect(Array.from(run({ ...OLDEST, slots: 2 }, sent(ends), 3).calls.instance)).toEqual([
      0, 1, 0, 1, 0, 1,
    ]);
  });
});

describe('sequences in a scenario', () => {
  const MODEL =
    '[{name: resnet, config: {max_batch_size: 8, sequence_batching: {oldest: {max_candidate_sequences: 16}}}}]';
  const text = (tenantText: string, models = MODEL) =>
    scenarioText({ models, tenants: `- {name: t, model: resnet, ${tenantText}}` });
  const LOAD = 'load: {process: {kind: constant, ratePerS: 2}}';

  it('are drawn for each arrival, and have Triton’s defaults', () => {
    const { scenario: found } = check(text(`${LOAD}, sequences: {requests: 3, gapMs: 20}`));
    const { load } = found.tenants[0]!;
    if (load.mode !== 'open') throw new Error('it is open');
    expect(Array.from(load.trace.sequenceFlags!.subarray(0, 3))).toEqual([1, 0, 2]);
    expect(load.trace.arrivalUs[1]! - load.trace.arrivalUs[0]!).toBe(20_000);
    expect(found.servers[0]!.models[0]!.config.sequences).toEqual({
      kind: 'oldest',
      maxSequenceIdleUs: 1e6,
      slots: 16,
      maxQueueDelayUs: 0,
      preferredBatchSizes: [8],
    });
  });

  it.each([
    ['a tenant that says nothing of them', LOAD, MODEL, '"resnet" takes sequences'],
    ['closed-loop clients', 'load: {closedLoop: {concurrency: 1}}', MODEL, 'closed-loop clients do not send'],
    [
      'a model without',
      `${LOAD}, sequences: {requests: 3, gapMs: 1}`,
      '[{name: resnet, config: {max_batch_size: 8}}]',
      'has no sequence batching',
    ],
    [
      'requests of several inferences',
      `${LOAD}, batchSize: 2, sequences: {requests: 3, gapMs: 1}`,
      MODEL,
      'takes one inference a request',
    ],
  ])('are refused with %s', (_, tenantText, models, expected) => {
    expect(problemsOf(text(tenantText, models)).join('\n')).toContain(expected);
  });
});
