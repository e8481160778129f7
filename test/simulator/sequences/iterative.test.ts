import { describe, expect, it } from 'vitest';
import { summarizeRun } from '../../../src/report/build-report.js';
import { explainTenant } from '../../../src/report/explain-tenant.js';
import type { SequenceBatching } from '../../../src/scenario/model-config.js';
import type { IterationLaw } from '../../../src/scenario/scenario.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { Outcome } from '../../../src/trace/request-log.js';
import { check, problemsOf, scenarioText } from '../../scenario/fixtures.js';
import {
  arrivals,
  config,
  ONE_CLIENT,
  poisson,
  profile,
  scenario,
  server,
  tenant,
} from '../../support/scenario.js';

const SLOTS = { isIterative: true, maxSequenceIdleUs: 1e9, maxQueueDelayUs: 0 } as const;
const DIRECT = { ...SLOTS, kind: 'direct', minSlotUtilization: 0 } as const;
const OLDEST = { ...SLOTS, kind: 'oldest', preferredBatchSizes: [4] } as const;

interface Sketch {
  readonly batching: Omit<SequenceBatching, 'slots'>;
  readonly slots: number;
  readonly iterations: Partial<IterationLaw>;
  readonly load?: Parameters<typeof tenant>[2];
}

/** Executions of 10 ms, however many share one. */
function iterative({ batching, slots, iterations, load = arrivals([0, 5000]) }: Sketch) {
  const model = {
    config: { ...config('m', slots), sequences: { ...batching, slots } as SequenceBatching },
    profile: profile('m', 10, 0),
    more: { iterations: { mean: 1, law: 'constant' as const, streams: false, ...iterations } },
  };
  return scenario([server('s', { models: [model] })], [tenant('t', 'm', load)], 10);
}

function run(sketch: Sketch) {
  const of = iterative(sketch);
  const result = simulate(of);
  const counts = result.executions[0]!.byBatchSize;
  return {
    ...{ of, result, log: result.log },
    endedMs: Array.from(result.log.endedUs, (us) => us / 1000),
    batches: Object.fromEntries([...counts.entries()].filter(([, count]) => count > 0)),
  };
}

describe('a model with iterative sequences', () => {
  it('executes a request until it is done, and then the next one of the backlog (QA backlog_fill)', () => {
    const load = arrivals([0, 0, 0, 0]);
    const { batches, endedMs } = run({ batching: DIRECT, slots: 1, iterations: { mean: 2 }, load });
    expect(batches).toEqual({ 1: 8 });
    expect(endedMs).toEqual([20, 40, 60, 80]);
  });

  it('lets a request join those that are under way, direct with padding for those that have left', () => {
    const { batches, endedMs, log } = run({ batching: DIRECT, slots: 4, iterations: { mean: 3 } });
    expect(batches).toEqual({ 1: 1, 2: 3 });
    expect(endedMs).toEqual([30, 40]);
    // A request counts as in execution from its first execution on.
    expect(Array.from(log.calls.inferUs)).toEqual([30_000, 30_000]);
  });

  it('takes the oldest request of all where another waits when one comes back', () => {
    const { batches, endedMs } = run({ batching: OLDEST, slots: 4, iterations: { mean: 3 } });
    expect(batches).toEqual({ 1: 6 });
    expect(endedMs).toEqual([50, 60]);
  });

  it('gives a response with each execution where it is decoupled', () => {
    const iterations = { mean: 3, streams: true };
    const { of, result, log } = run({ batching: DIRECT, slots: 4, iterations });
    expect(log.responses).toEqual({
      count: Uint32Array.of(3, 3),
      firstUs: Float64Array.of(10_000, 20_000),
    });
    const { stream } = summarizeRun({ scenario: of, result }).tenants[0]!;
    expect(stream!.betweenResponsesMs.mean.value).toBe(10);
  });

  it('refuses a request that comes back after its sequence was idle for too long (QA reschedule_error)', () => {
    const batching = { ...DIRECT, maxSequenceIdleUs: 5000 };
    const { log } = run({ batching, slots: 4, iterations: { mean: 2 } });
    expect(Array.from(log.outcome)).toEqual([Outcome.rejected, Outcome.rejected]);
  });

  it('keeps its device as busy as its executions are long, and shares that among their requests', () => {
    const { result } = run({ batching: OLDEST, slots: 4, iterations: { mean: 3 } });
    expect(result.devices[0]!.busyShare).toBeCloseTo(60e3 / 10e6, 9);
    expect(result.devices[0]!.busyUsByTenant.get('t')).toBeCloseTo(60_000, 3);
  });

  it('answers closed-loop clients, whose requests are each a sequence of its own', () => {
    const { log } = run({ batching: DIRECT, slots: 4, iterations: { mean: 5 }, load: ONE_CLIENT });
    expect(log.endedUs[1]! - log.endedUs[0]!).toBe(50_000);
  });

  it('is explained by how often its requests are executed', () => {
    const load = poisson('i', 20, 200);
    const of = iterative({ batching: DIRECT, slots: 4, iterations: { mean: 5, law: 'geometric' }, load });
    const codes = explainTenant(of, 't').explanation.causes.map(({ code }) => code);
    expect(codes).toContain('more-executions');
  });

  it('has a scenario that says how often a request is executed, and no other model has', () => {
    const batching = 'sequence_batching: {iterative_sequence: true}';
    const model = (config: string, more = '') =>
      scenarioText({ models: `[{name: resnet, config: {${config}}${more}}]` });
    const { scenario: found } = check(model(`max_batch_size: 4, ${batching}`, ', iterations: {mean: 7}'));
    expect(found.servers[0]!.models[0]!.iterations).toEqual({ mean: 7, law: 'constant', streams: false });
    expect(problemsOf(model(batching)).join('\n')).toContain(
      '"resnet" has iterative sequences; write iterations: how often a request is executed',
    );
    expect(problemsOf(model('', ', iterations: {mean: 2}')).join('\n')).toContain(
      'iterations: "resnet" has no iterative sequences; leave it out',
    );
    const decoupled = `${batching}, model_transaction_policy: {decoupled: true}`;
    const both = ', iterations: {mean: 2}, responses: {mean: 2}';
    expect(problemsOf(model(decoupled, both)).join('\n')).toContain('leave it out, and write iterations');
    expect(
      check(model(decoupled, ', iterations: {mean: 2}')).scenario.servers[0]!.models[0]!.iterations!.streams,
    ).toBe(true);
  });
});
