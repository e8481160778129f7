import { describe, expect, it } from 'vitest';
import { componentFigures } from '../../src/measure/component-figures.js';
import { runFigures } from '../../src/measure/run-figures.js';
import { Scratch } from '../../src/metrics/statistics/scratch.js';
import { summarizeRun } from '../../src/report/build-report.js';
import { explainTenant } from '../../src/report/explain-tenant.js';
import type { ResponseLaw, Slo } from '../../src/scenario/scenario.js';
import { partition } from '../../src/simulator/partition.js';
import { simulate } from '../../src/simulator/simulate.js';
import { check, problemsOf, scenarioText } from '../scenario/fixtures.js';
import { expectClose } from '../support/close.js';
import { arrivals, config, poisson, profile, scenario, server, tenant } from '../support/scenario.js';

const LAW: ResponseLaw = { mean: 3, law: 'constant', firstUs: 2000, gapUs: 5000 };

const SLO: Slo = { percentile: 99, limitMs: 1000 };

function streaming(load = arrivals([0, 0]), law = LAW) {
  const served = { config: config('m', 1), profile: profile('m', 10, 0), more: { responses: law } };
  return scenario([server('s', { models: [served] })], [tenant('t', 'm', load)], 10);
}

describe('a decoupled model', () => {
  it('is free for the next request while its responses come', () => {
    const { log } = simulate(streaming());
    // Executions of 10 ms one after the other, then 2 ms to the first response and twice 5 ms.
    expect(Array.from(log.endedUs, (us) => us / 1000)).toEqual([22, 32]);
    expect(Array.from(log.responses!.firstUs, (us) => us / 1000)).toEqual([12, 22]);
    expect(Array.from(log.responses!.count)).toEqual([3, 3]);
  });

  it('has parts of its latency that add up to it: the rest of the stream is its response', () => {
    const of = streaming();
    const { splitMs, latencyMs } = summarizeRun({ scenario: of, result: simulate(of) }).tenants[0]!;
    expect(splitMs).toMatchObject({ queue: 5, infer: 10, response: 12 });
    expect(latencyMs.mean.value).toBe(27);
  });

  it('may give them while it executes: the first so long before the end, and none before the start', () => {
    const while10ms = (firstUs: number) => simulate(streaming(arrivals([0, 0]), { ...LAW, firstUs })).log;
    const { endedUs, responses } = while10ms(-8000);
    expect(Array.from(endedUs, (us) => us / 1000)).toEqual([12, 22]);
    expect(Array.from(responses!.firstUs, (us) => us / 1000)).toEqual([2, 12]);
    const early = while10ms(-15_000);
    expect(Array.from(early.responses!.firstUs, (us) => us / 1000)).toEqual([0, 10]);
    expect(Array.from(early.endedUs, (us) => us / 1000)).toEqual([10, 20]);
  });

  it('sends those of a batch one request after the other where each makes its execution longer, else together', () => {
    const batchOfTwo = (fixedMs: number, itemMs: number, mode: 'exclusive' | 'streams' = 'exclusive') => {
      const responses: ResponseLaw = { ...LAW, firstUs: -8000, gapUs: 4000 };
      const served = {
        config: config('m', 2, {}),
        profile: profile('m', fixedMs, itemMs),
        more: { responses },
      };
      const place = server('s', { models: [served], sharing: { mode } });
      const { log } = simulate(scenario([place], [tenant('t', 'm', arrivals([0, 0]))], 10));
      expect(new Set(log.calls.execution).size).toBe(1);
      const ms = (us: Float64Array) => Array.from(us, (each) => each / 1000);
      return { first: ms(log.responses!.firstUs), last: ms(log.endedUs), inferUs: log.calls.inferUs[0] };
    };
    const oneAfterTheOther = { first: [2, 12], last: [10, 20], inferUs: 20_000 };
    expect(batchOfTwo(0, 10)).toEqual(oneAfterTheOther);
    expect(batchOfTwo(0, 10, 'streams')).toEqual(oneAfterTheOther);
    expect(batchOfTwo(9, 1)).toEqual({ first: [3, 3], last: [11, 11], inferUs: 11_000 });
  });

  it('gives as many responses as its law says, on average', () => {
    const { log } = simulate(streaming(poisson('a', 50, 400), { ...LAW, mean: 8, law: 'geometric' }));
    const counts = Array.from(log.responses!.count).filter((count) => count > 0);
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    expect(mean).toBeGreaterThan(7);
    expect(mean).toBeLessThan(9);
  });

  it.each(['constant', 'geometric'] as const)(
    'gives one to a part of its requests where its mean is below 1 (%s)',
    (law) => {
      const { log } = simulate(streaming(poisson('a', 50, 400), { ...LAW, mean: 0.3, law }));
      const counts = Array.from(log.responses!.count);
      expect(new Set(counts)).toEqual(new Set([0, 1]));
      const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
      expect(mean).toBeGreaterThan(0.2);
      expect(mean).toBeLessThan(0.4);
    },
  );

  it('may end a request without a response: its log has none, and its client hears of the end', () => {
    const { log } = simulate(streaming(undefined, { ...LAW, mean: 0 }));
    expect(Array.from(log.endedUs, (us) => us / 1000)).toEqual([12, 22]);
    expect(Array.from(log.responses!.count)).toEqual([0, 0]);
    expect(Array.from(log.responses!.firstUs)).toEqual([Number.NaN, Number.NaN]);
  });

  it('may end a request with an empty message after the last response', () => {
    const of = streaming(arrivals([0]), { ...LAW, endUs: 100_000 });
    const result = simulate(of);
    expect(result.log.endedUs[0]).toBe(122_000);
    expect(result.log.responses).toEqual({
      count: Uint32Array.of(3),
      firstUs: Float64Array.of(12_000),
      lastUs: Float64Array.of(22_000),
    });
    const { stream } = summarizeRun({ scenario: of, result }).tenants[0]!;
    expect(stream!.betweenResponsesMs.mean.value).toBe(5);
  });

  it('is explained by the message that ends its requests, where that comes late', () => {
    const of = streaming(poisson('c', 20, 200), { ...LAW, endUs: 50_000 });
    const codes = explainTenant(of, 't').explanation.causes.map(({ code }) => code);
    expect(codes).toContain('late-end');
  });

  it.each([
    ['several responses', { ...LAW, law: 'geometric' as const }],
    ['no response', { ...LAW, mean: 0 }],
    ['an empty last message', { ...LAW, endUs: 3000 }],
  ])('has the same figures with a log and without (%s)', (_, law) => {
    const of = streaming(poisson('b', 50, 200), law);
    const memory = { scratch: new Scratch(), isKept: true, hasStages: true };
    const components = partition(of).map((component) => ({
      component,
      figures: componentFigures(of, component, memory),
    }));
    const expected = summarizeRun({ scenario: of, result: simulate(of) }).tenants[0]!;
    expect(expected.stream).toBeDefined();
    expectClose(runFigures(of, components).summary.tenants[0], expected, 't');
  });

  it('meets an SLO only where its first response and the time between responses are within it, too', () => {
    // The first responses come after 12, 22 and 32 ms, each further one 5 ms later.
    const of = streaming(arrivals([0, 0, 0]));
    const attainment = (slo: Partial<Slo>) => {
      const held = { ...of, tenants: of.tenants.map((each) => ({ ...each, slo: { ...SLO, ...slo } })) };
      const memory = { scratch: new Scratch(), isKept: true, hasStages: true };
      const components = partition(held).map((component) => ({
        component,
        figures: componentFigures(held, component, memory),
      }));
      const [first] = runFigures(held, components).summary.tenants;
      const [expected] = summarizeRun({ scenario: held, result: simulate(held) }).tenants;
      expectClose(first!.slo, expected!.slo, 'slo');
      return Math.round(3 * first!.slo!.attainment.value);
    };
    expect(attainment({})).toBe(3);
    expect(attainment({ firstResponseMs: 22 })).toBe(2);
    expect(attainment({ betweenResponsesMs: 5 })).toBe(3);
    expect(attainment({ betweenResponsesMs: 4.9 })).toBe(0);
    expect(attainment({ limitMs: 35, firstResponseMs: 40, betweenResponsesMs: 6 })).toBe(2);
  });

  it('is the only one that an SLO may ask for a first response', () => {
    const text = scenarioText({
      tenants:
        '- {name: a, model: resnet, load: {process: {kind: constant, ratePerS: 1}}, slo: {percentile: 99, limitMs: 9, firstResponseMs: 5}}',
    });
    expect(problemsOf(text)).toEqual([
      expect.stringContaining('slo.firstResponseMs: "resnet" gives one response; write limitMs alone'),
    ]);
  });

  it('says in a scenario how many responses it gives, and no other model does', () => {
    const decoupled = 'config: {model_transaction_policy: {decoupled: true}}';
    const model = (more: string) => scenarioText({ models: `[{name: resnet, ${more}}]` });
    const { scenario: found } = check(model(`${decoupled}, responses: {mean: 2, gapMs: 1, endMs: 4}`));
    expect(found.servers[0]!.models[0]!.responses).toEqual({
      mean: 2,
      law: 'constant',
      firstUs: 0,
      gapUs: 1000,
      endUs: 4000,
    });
    expect(problemsOf(model(decoupled)).join('\n')).toContain(
      '"resnet" is decoupled; write at the model how many responses',
    );
    expect(problemsOf(model('config: {}, responses: {mean: 2}')).join('\n')).toContain('is not decoupled');
    expect(problemsOf(model(`${decoupled}, responses: {mean: -0.5}`)).join('\n')).toContain(
      'responses.mean: is below 0',
    );
  });
});
