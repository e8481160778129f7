import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LiveError } from '../../../src/live/inference-client.js';
import type { LoadTenant } from '../../../src/live/load/load-options.js';
import type { Load } from '../../../src/scenario/scenario.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { Outcome } from '../../../src/trace/request-log.js';
import { mostAtOnce, rowsWhere } from '../../laws/log.js';
import { cases } from '../../support/cases.js';
import { arrivals, config, profile, scenario, server, tenant } from '../../support/scenario.js';
import { fakeClient, loadOptions, loadTenant, QueueingServer } from './fake-client.js';
import { runVirtually, VirtualTime } from './virtual-time.js';

const END_US = 100_000;

const thinkTime = fc.oneof(
  fc.record({ law: fc.constant('constant' as const), meanUs: fc.constantFrom(0, 500, 3000) }),
  fc.record({ law: fc.constant('exponential' as const), meanUs: fc.constantFrom(700, 4000) }),
);
const trace = fc
  .array(fc.integer({ min: 0, max: END_US + 10_000 }), { maxLength: 60 })
  .map((times) => arrivals(times.sort((a, b) => a - b)));
const anyLoad: fc.Arbitrary<Load> = fc.oneof(
  trace,
  fc
    .tuple(trace, fc.integer({ min: 1, max: 4 }), fc.constantFrom('schedule' as const, 'gap' as const))
    .map(([open, maxInFlight, pacing]) => ({
      ...(open as Load & { mode: 'open' }),
      mode: 'capped' as const,
      maxInFlight,
      latencyFrom: 'planned' as const,
      pacing,
    })),
  fc.record({
    mode: fc.constant('closed' as const),
    concurrency: fc.integer({ min: 1, max: 5 }),
    thinkTime,
    maxRequests: fc.constantFrom(1, 17, Infinity),
  }),
  fc.record({
    mode: fc.constant('closed' as const),
    concurrency: fc.integer({ min: 1, max: 5 }),
    thinkTime,
    maxRequests: fc.constantFrom(17, Infinity),
    client: fc.constant({ threads: { kind: 'own' }, sendUs: 400, sendCv: 0.5 } as const),
  }),
);
const anyTenants = fc
  .array(anyLoad, { minLength: 1, maxLength: 3 })
  .map((loads) => loads.map((load, i) => loadTenant(`t${i}`, load)));

const ERRORS = [
  undefined,
  undefined,
  undefined,
  new LiveError('queueFull', 'full', 'wait'),
  new LiveError('queueTimeout', 'late', 'wait'),
  new LiveError('server', 'broken', 'mend it'),
];

/** Any load against a server whose services and errors are drawn as well; woken late at times. */
const anyRun: fc.Arbitrary<AnyRun> = fc.record({
  tenants: anyTenants,
  serviceUs: fc.constantFrom(0, 300, 1000, 5000),
  answers: fc.array(fc.constantFrom(...ERRORS), { minLength: 1, maxLength: 7 }),
  lateUs: fc.constantFrom(0, 0, 40, 3000),
});
interface AnyRun {
  readonly tenants: readonly LoadTenant[];
  readonly serviceUs: number;
  readonly answers: readonly (LiveError | undefined)[];
  readonly lateUs: number;
}

function run({ tenants, serviceUs, answers, lateUs }: AnyRun) {
  const time = new VirtualTime();
  const host = new QueueingServer(time, (_, i) => ({ serviceUs, error: answers[i % answers.length] }));
  const options = loadOptions(host.client, tenants, { durationUs: END_US });
  return runVirtually(time, options, (atUs) => (atUs % 7 < 2 ? lateUs : 0)).then((result) => ({
    ...result,
    host,
  }));
}

function holds(law: (drawn: AnyRun, result: Awaited<ReturnType<typeof run>>) => void): Promise<void> {
  const property = fc.asyncProperty(anyRun, async (each) => law(each, await run(each)));
  return fc.assert(property, { numRuns: cases(150) });
}

describe('whatever the load and the server', () => {
  it('every planned request is in the log once, in planned order, with one outcome', () =>
    holds(({ tenants }, { log }) => {
      for (const [t, { load }] of tenants.entries()) {
        if (load.mode === 'closed') continue;
        const planned = rowsWhere(log, (row) => log.tenant[row] === t).map((row) => log.plannedUs[row]);
        expect(planned).toEqual(Array.from(load.trace.arrivalUs).filter((us) => us < END_US));
      }
      expect(Array.from(log.plannedUs)).toEqual(Array.from(log.plannedUs).sort((a, b) => a - b));
      expect(log.outcome.every((outcome) => outcome <= Outcome.failed)).toBe(true);
    }));

  it('times of a request are in order, and only what is unfinished has no end', () =>
    holds((_, { log }) => {
      for (const row of log.tenant.keys()) {
        const [planned, sent, ended] = [log.plannedUs[row]!, log.sentUs[row]!, log.endedUs[row]!];
        if (!Number.isNaN(sent)) expect(sent).toBeGreaterThanOrEqual(planned);
        if (!Number.isNaN(ended)) expect(ended).toBeGreaterThanOrEqual(sent);
        expect(Number.isNaN(ended)).toBe(log.outcome[row] === Outcome.unfinished);
        expect(ended > log.endUs).toBe(false);
      }
    }));

  it('what the log calls sent is what the server was sent', () =>
    holds((_, { log, host }) => {
      const sent = rowsWhere(log, (row) => !Number.isNaN(log.sentUs[row]!)).map((row) => log.sentUs[row]!);
      expect(sent.sort((a, b) => a - b)).toEqual(host.received.map(({ atUs }) => atUs));
    }));

  it('a cap on requests in flight and a number of closed-loop clients are never exceeded', () =>
    holds(({ tenants }, { log }) => {
      for (const [t, { load }] of tenants.entries()) {
        const limit = { open: Infinity, capped: 0, closed: 0, ...limitOf(load) }[load.mode];
        const rows = rowsWhere(log, (row) => log.tenant[row] === t && !Number.isNaN(log.sentUs[row]!));
        const spans = rows.map((row) => [log.sentUs[row]!, log.endedUs[row]!] as const);
        expect(mostAtOnce(spans)).toBeLessThanOrEqual(limit);
      }
    }));

  it('a closed loop sends no more than it may, and waits out its think time', () =>
    holds(({ tenants }, { log }) => {
      for (const [t, { load }] of tenants.entries()) {
        if (load.mode !== 'closed') continue;
        const rows = rowsWhere(log, (row) => log.tenant[row] === t);
        expect(rows.length).toBeLessThanOrEqual(load.maxRequests);
        if (load.concurrency > 1 || load.thinkTime.law === 'exponential') continue;
        rows.slice(1).forEach((row, i) => {
          const gapUs = log.plannedUs[row]! - log.endedUs[rows[i]!]!;
          expect(gapUs).toBeGreaterThanOrEqual(load.thinkTime.meanUs);
        });
      }
    }));

  it('the same seed gives the same log', () =>
    fc.assert(
      fc.asyncProperty(anyRun, async (each) => {
        const [once, again] = [await run(each), await run(each)];
        expect(again.log).toEqual(once.log);
      }),
      { numRuns: cases(50) },
    ));
});

function limitOf(load: Load): { capped?: number; closed?: number } {
  if (load.mode === 'capped') return { capped: load.maxInFlight };
  return load.mode === 'closed' ? { closed: load.concurrency } : {};
}

describe('against a server of fixed service time', () => {
  it('any load fares as the simulator says, request by request', () =>
    fc.assert(
      fc.asyncProperty(anyLoad, fc.constantFrom(300, 1000, 5000), async (load, serviceUs) => {
        const time = new VirtualTime();
        const host = new QueueingServer(time, () => ({ serviceUs }));
        const options = loadOptions(host.client, [loadTenant('t', load)], { durationUs: END_US });
        const live = (await runVirtually(time, options)).log;
        const model = { config: config('m', 0), profile: profile('m', serviceUs / 1000, 0) };
        const spec = scenario([server('s', { models: [model] })], [tenant('t', 'm', load)], END_US / 1e6);
        const { log } = simulate({ ...spec, seed: 1 });
        expect(live.plannedUs.length).toBe(log.plannedUs.length);
        expect(closeTo(live.plannedUs, log.plannedUs)).toBe(true);
        expect(closeTo(live.sentUs, log.sentUs)).toBe(true);
        expect(closeTo(live.endedUs, log.endedUs)).toBe(true);
      }),
      { numRuns: cases(150) },
    ));
});

it('threads that closed-loop clients share have them send in a live run when they would in a simulation', async () => {
  const client = { threads: { kind: 'shared', count: 1 }, sendUs: 700, sendCv: 0.5 } as const;
  const load: Load = { ...(forever.load as Load & { mode: 'closed' }), client };
  const time = new VirtualTime();
  const host = new QueueingServer(time, () => ({ serviceUs: 300 }));
  const live = (
    await runVirtually(time, loadOptions(host.client, [loadTenant('t', load)], { durationUs: END_US }))
  ).log;
  const model = { config: config('m', 0), profile: profile('m', 0.3, 0) };
  const spec = scenario([server('s', { models: [model] })], [tenant('t', 'm', load)], END_US / 1e6);
  const { log } = simulate({ ...spec, seed: 1 });
  expect(log.sentUs.length).toBeGreaterThan(100);
  expect(live.sentUs.length).toBe(log.sentUs.length);
  expect(closeTo(live.sentUs, log.sentUs)).toBe(true);
});

/** Within a nanosecond of rounding a step. */
function closeTo(a: Float64Array, b: Float64Array): boolean {
  return a.every((us, row) => (Number.isNaN(us) ? Number.isNaN(b[row]!) : Math.abs(us - b[row]!) < 0.5));
}

const open = arrivals([0, 1000, 2000, 3000]);
const forever: LoadTenant = loadTenant('t', {
  mode: 'closed',
  concurrency: 2,
  thinkTime: { law: 'constant', meanUs: 0 },
  maxRequests: Infinity,
});

describe('errors', () => {
  const answers =
    (kinds: readonly ConstructorParameters<typeof LiveError>[0][]) => (_: unknown, i: number) => ({
      serviceUs: 100,
      error: new LiveError(kinds[i % kinds.length]!, `message ${i}`, 'remedy'),
    });

  it('become outcomes, and are counted with the first message of each kind', async () => {
    const time = new VirtualTime();
    const host = new QueueingServer(time, answers(['queueFull', 'queueTimeout', 'deadline', 'deadline']));
    const { log, errors, remark } = await runVirtually(
      time,
      loadOptions(host.client, [loadTenant('t', open)]),
    );
    expect(Array.from(log.outcome)).toEqual([
      Outcome.rejected,
      Outcome.timedOut,
      Outcome.failed,
      Outcome.failed,
    ]);
    expect(errors[0]).toEqual({ kind: 'deadline', count: 2, message: 'message 2', remedy: 'remedy' });
    expect(remark).toBe('2 requests failed (deadline), the first with: message 2');
  });

  it('of the connection end the run once nothing else has come for a while, and what was measured is kept', async () => {
    const time = new VirtualTime();
    const host = new QueueingServer(time, (_, i) => ({
      serviceUs: 1000,
      error: i < 100 ? undefined : new LiveError('lost', 'connection lost', 'start the server'),
    }));
    const options = loadOptions(host.client, [forever], { durationUs: 60e6, giveUpMs: 2000 });
    const { log, endReason, remark } = await runVirtually(time, options);
    expect(endReason).toBe('serverGone');
    expect(log.endUs).toBeGreaterThan(2e6);
    expect(log.endUs).toBeLessThan(2.5e6);
    expect(log.outcome.filter((outcome) => outcome === Outcome.completed).length).toBe(100);
    expect(remark).toContain('the server is gone');
    // Closed-loop clients that find nobody do not ask without pause.
    expect(log.outcome.length).toBeLessThan(250);
  });

  it('of one lost request in a slow load are no reason to stop', async () => {
    const time = new VirtualTime();
    const slow = arrivals([0, 10e6, 20e6]);
    const host = new QueueingServer(time, (_, i) => ({
      serviceUs: 1000,
      error: i === 0 ? new LiveError('lost', 'connection lost', '') : undefined,
    }));
    const { endReason } = await runVirtually(
      time,
      loadOptions(host.client, [loadTenant('t', slow)], { durationUs: 30e6 }),
    );
    expect(endReason).toBe('exhausted');
  });
});

describe('the end of a run', () => {
  it('leaves what is not answered by then unfinished, and waits for it within bounds', async () => {
    const time = new VirtualTime();
    const host = new QueueingServer(time, () => ({ serviceUs: 2000 }));
    const options = loadOptions(host.client, [loadTenant('t', open)], { durationUs: 3500, drainMs: 3 });
    const { log, answers, answeredLate } = await runVirtually(time, options);
    expect(Array.from(log.endedUs)).toEqual([2000, Number.NaN, Number.NaN, Number.NaN]);
    expect(log.outcome[1]).toBe(Outcome.unfinished);
    expect(log.endUs).toBe(3500);
    expect(answeredLate).toBe(2);
    expect(Array.from(answers!.endedUs)).toEqual([2000, 4000, 6000, Number.NaN]);
    expect(Array.from(answers!.outcome)).toEqual([...Array(3).fill(Outcome.completed), Outcome.unfinished]);
  });

  it('comes in time when a server never answers', async () => {
    const time = new VirtualTime();
    const options = loadOptions(
      fakeClient(() => undefined),
      [loadTenant('t', open)],
      { drainMs: 10 },
    );
    const { log, endReason } = await runVirtually(time, options);
    expect(endReason).toBe('duration');
    expect(time.nowUs).toBe(1_010_000);
    expect(log.outcome.every((outcome) => outcome === Outcome.unfinished)).toBe(true);
  });

  it('comes early when the caller stops it, with what was measured until then', async () => {
    const time = new VirtualTime();
    const host = new QueueingServer(time, () => ({ serviceUs: 100 }));
    const stop = new AbortController();
    time.at(1500, () => stop.abort());
    const result = await runVirtually(
      time,
      loadOptions(host.client, [loadTenant('t', open)], { signal: stop.signal }),
    );
    expect(result.endReason).toBe('aborted');
    expect(result.log.endUs).toBe(1500);
    expect(Array.from(result.log.endedUs)).toEqual([100, 1100]);
  });

  it('without a duration is the last answer', async () => {
    const time = new VirtualTime();
    const host = new QueueingServer(time, () => ({ serviceUs: 700 }));
    const load: Load = { ...(forever.load as Load & { mode: 'closed' }), maxRequests: 10 };
    const { log, endReason } = await runVirtually(
      time,
      loadOptions(host.client, [loadTenant('t', load)], { durationUs: Infinity }),
    );
    expect(endReason).toBe('exhausted');
    expect(log.endUs).toBe(7000);
  });

  it('comes early when unanswered requests outgrow the memory', async () => {
    const time = new VirtualTime();
    const slow = arrivals(Array.from({ length: 1000 }, (_, i) => i * 1000));
    const host = new QueueingServer(time, () => ({ serviceUs: 2000 }));
    const options = loadOptions(host.client, [loadTenant('t', slow)], { memoryBudgetMb: 2 });
    const { log, endReason, remark } = await runVirtually(time, options);
    expect(endReason).toBe('overloaded');
    expect(remark).toContain('the server is slower than the load');
    expect(host.mostInFlight).toBeLessThan(2 ** 21 / 2 ** 14 + 1);
    expect(log.outcome).toContain(Outcome.completed);
  });

  it('is told to who follows the progress', async () => {
    const time = new VirtualTime();
    const host = new QueueingServer(time, () => ({ serviceUs: 100 }));
    const seen: number[] = [];
    const onProgress = ({ answered }: { answered: number }) => seen.push(answered);
    await runVirtually(time, loadOptions(host.client, [loadTenant('t', open)], { onProgress }));
    expect(seen.at(-1)).toBe(4);
  });
});

describe('requests', () => {
  it('are encoded once for each size, priority and timeout, and sent as the trace says', async () => {
    const time = new VirtualTime();
    const host = new QueueingServer(time, () => ({ serviceUs: 10 }));
    const { trace: plain } = open as Load & { mode: 'open' };
    const mixed = { ...plain, batchSize: Uint16Array.of(1, 4, 1, 4), priority: Uint32Array.of(0, 2, 0, 0) };
    let prepared = 0;
    const client = {
      ...host.client,
      prepare: (request: Parameters<typeof host.client.prepare>[0]) => {
        prepared++;
        return host.client.prepare(request);
      },
    };
    const load: Load = { mode: 'open', trace: mixed };
    const { log } = await runVirtually(time, loadOptions(client, [loadTenant('t', load, { priority: 1 })]));
    expect(prepared).toBe(3);
    expect(Array.from(log.batchSize)).toEqual([1, 4, 1, 4]);
    expect(
      host.received.map(({ request }) => JSON.parse(new TextDecoder().decode(request.bytes)).priority),
    ).toEqual([1, 2, 1, 1]);
  });

  it('are as large as the tenant says where the trace says 0', async () => {
    const time = new VirtualTime();
    const host = new QueueingServer(time, () => ({ serviceUs: 10 }));
    const { trace: plain } = open as Load & { mode: 'open' };
    const load: Load = { mode: 'open', trace: { ...plain, batchSize: Uint16Array.of(0, 4, 0, 1) } };
    const { log } = await runVirtually(
      time,
      loadOptions(host.client, [loadTenant('t', load, { batchSize: 2 })]),
    );
    expect(Array.from(log.batchSize)).toEqual([2, 4, 2, 1]);
  });

  it('that would fill the memory when encoded are refused before the run', async () => {
    const { trace: plain } = open as Load & { mode: 'open' };
    const timeouts: Load = { mode: 'open', trace: { ...plain, timeoutUs: Float64Array.of(1, 2, 3, 4) } };
    const prepare = ({ model, batchSize }: { model: string; batchSize: number }) => ({
      model,
      batchSize,
      bytes: { length: 1e9 } as Uint8Array,
    });
    const client = fakeClient(() => undefined, { prepare });
    const run = runVirtually(new VirtualTime(), loadOptions(client, [loadTenant('t', timeouts)]));
    await expect(run).rejects.toThrow('tenant "t" has more than 2 different requests');
  });

  it('go to the servers in turn', async () => {
    const time = new VirtualTime();
    const [one, two] = [0, 1].map(() => new QueueingServer(time, () => ({ serviceUs: 10 })));
    const targets = [{ server: 0 }, { server: 1 }];
    const options = loadOptions(one!.client, [loadTenant('t', open, { targets })], {
      servers: [
        { name: 'a', client: one!.client },
        { name: 'b', client: two!.client },
      ],
    });
    const { log } = await runVirtually(time, options);
    expect(Array.from(log.server)).toEqual([0, 1, 0, 1]);
    expect(log.servers).toEqual(['a', 'b']);
  });
});
