import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ModelStatistics } from '../../src/live/inference-client.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { simulate } from '../../src/simulator/simulate.js';
import { callEndedUs } from '../../src/trace/calls.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';
import { compareRuns } from '../../src/validate/compare-runs.js';
import { figuresOfLiveRun, figuresOfSimulation, validatedScenario } from '../../src/validate/run-figures.js';

const EXAMPLES = join(import.meta.dirname, '../../examples/scenarios');

/** What a server would count of the calls in a log. */
function countedBy({ calls }: RequestLog, hits: number): ModelStatistics[] {
  return calls.models.map(({ name }, m) => {
    const own = [...calls.model.keys()].filter(
      (call) => calls.model[call] === m && calls.outcome[call] === Outcome.completed,
    );
    const executed = own.filter((call) => calls.execution[call]! >= 0);
    const sum = (rows: readonly number[], us: (call: number) => number) => ({
      count: rows.length,
      ns: rows.reduce((total, call) => total + us(call), 0) * 1000,
    });
    return {
      model: name,
      version: '1',
      inferenceCount: own.length,
      executionCount: new Set(executed.map((call) => calls.execution[call])).size,
      success: sum(own, (call) => callEndedUs(calls, call) - calls.queuedUs[call]!),
      fail: { count: 0, ns: 0 },
      queue: sum(executed, (call) => calls.startedUs[call]! - calls.queuedUs[call]!),
      computeInput: sum(executed, (call) => calls.inputUs[call]!),
      computeInfer: sum(executed, (call) => calls.inferUs[call]!),
      computeOutput: sum(executed, (call) => calls.outputUs[call]!),
      ...(hits > 0 && { cache: { hits: { count: hits, ns: 0 }, misses: { count: 100 - hits, ns: 0 } } }),
      batches: [],
    };
  });
}

async function comparedFigures(file: string, hits = 0) {
  const { scenario } = await loadScenario(join(EXAMPLES, file), { durationS: 4, warmUpS: 0 });
  const result = simulate(scenario);
  const described = validatedScenario(scenario);
  const generator = { lagMs: { p50: 0, p99: 0, max: 0 }, fellBehind: false, verdict: '' };
  const stalls = { count: 0, longestMs: 0, totalMs: 0 };
  const live = {
    log: result.log,
    statistics: countedBy(result.log, hits),
    generator: { ...generator, stalls },
  };
  const { figures, parts } = compareRuns({
    scenarioName: file,
    tenants: described.tenants,
    steps: described.steps ?? [],
    measured: [figuresOfLiveRun(live, described)],
    predicted: [figuresOfSimulation(result, described)],
  });
  const of = (subject: string) =>
    new Map(figures.filter((each) => each.subject === subject).map((each) => [each.metric.name, each]));
  return { of, parts };
}

it('steps of an ensemble and models that others call are compared by what the server counts of them', async () => {
  const { of, parts } = await comparedFigures('ensemble.yaml');
  for (const model of ['decode', 'resnet50', 'label', 'rerank']) {
    const step = of(`model ${model}`);
    for (const name of ['callsPerS', 'queueMs', 'inferMs']) {
      expect(step.get(name)!.predicted, `${name} of ${model}`).toBeGreaterThan(0);
      expect(Math.abs(step.get(name)!.error), `${name} of ${model}`).toBeLessThan(1e-6);
    }
    expect(step.has('networkMs')).toBe(false);
  }
  // A tenth of the labels are asked for again.
  const rate = (model: string) => of(`model ${model}`).get('callsPerS')!.measured;
  expect(rate('rerank') / rate('label')).toBeCloseTo(0.1, 1);
  // Of the ensemble itself the server adds up its steps: only the way to it is compared.
  const ofSteps = ['queueMs', 'inputMs', 'inferMs', 'outputMs', 'meanBatch', 'callsPerS'];
  expect(ofSteps.filter((name) => of('shop').has(name))).toEqual([]);
  expect(of('shop').has('networkMs')).toBe(true);
  expect(parts.map(({ subject }) => subject)).toEqual([
    'shop',
    ...['decode', 'resnet50', 'label', 'rerank'].map((model) => `model ${model}`),
  ]);
});

it('the share that a cache answers is compared where a model uses it', async () => {
  expect((await comparedFigures('one-tenant.yaml')).of('photos').has('cacheHitShare')).toBe(false);
  const { of } = await comparedFigures('one-tenant.yaml', 40);
  const hits = of('photos').get('cacheHitShare')!;
  expect(hits.measured).toBeGreaterThan(0);
  expect(hits.measured).toBeLessThan(40);
});
