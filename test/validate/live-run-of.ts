import type { BatchStatistics, ModelStatistics, StatisticDuration } from '../../src/live/inference-client.js';
import type { LoadRun } from '../../src/live/load-run.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import type { SimulationResult } from '../../src/simulator/result.js';
import { unknownCalls } from '../../src/trace/calls.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';

/**
 * A simulated run as a live load generator would have seen it: its log knows only what a client knows,
 * the rest is in the statistics of the server.
 */
export function liveRunOf(result: SimulationResult, scenario: Scenario): LoadRun {
  const { log } = result;
  const models = [...new Set(scenario.tenants.map(({ model }) => model))];
  return {
    log: clientLog(log),
    statistics: models.map((model) => statisticsOf(model, log, scenario)),
    generator: {
      lagMs: { p50: 0, p99: 0, max: 0 },
      stalls: { count: 0, longestMs: 0, totalMs: 0 },
      fellBehind: false,
      verdict: 'on time',
    },
  };
}

function clientLog(log: RequestLog): RequestLog {
  const unknown = () => new Float32Array(log.tenant.length).fill(Number.NaN);
  return { ...log, frontEndUs: unknown(), networkUs: unknown(), calls: unknownCalls(log.tenant.length) };
}

/** Triton counts the outputs of an execution until the last of its responses has left. */
function lastResponsesUs({ calls: { execution, responseUs } }: RequestLog): ReadonlyMap<number, number> {
  const lastUs = new Map<number, number>();
  execution.forEach((each, row) => {
    lastUs.set(each, Math.max(lastUs.get(each) ?? 0, responseUs[row]!));
  });
  return lastUs;
}

function statisticsOf(model: string, log: RequestLog, scenario: Scenario): ModelStatistics {
  const tenants = scenario.tenants.filter((tenant) => tenant.model === model).map(({ name }) => name);
  const lastUs = lastResponsesUs(log);
  const sums = { success: 0, queue: 0, input: 0, infer: 0, output: 0 };
  const batches = new Map<number, BatchStatistics>();
  const seen = new Set<number>();
  let count = 0;
  let inferences = 0;
  for (let row = 0; row < log.tenant.length; row++) {
    if (!tenants.includes(log.tenants[log.tenant[row]!]!) || log.outcome[row] !== Outcome.completed) continue;
    const queueUs = log.calls.startedUs[row]! - log.calls.queuedUs[row]!;
    const [input, infer] = [log.calls.inputUs[row]!, log.calls.inferUs[row]!];
    const output = log.calls.outputUs[row]! + lastUs.get(log.calls.execution[row]!)!;
    count++;
    inferences += log.batchSize[row]!;
    sums.success += queueUs + input + infer + output;
    sums.queue += queueUs;
    sums.input += input;
    sums.infer += infer;
    sums.output += output;
    if (seen.has(log.calls.execution[row]!)) continue;
    seen.add(log.calls.execution[row]!);
    const batchSize = log.calls.executedBatch[row]!;
    const before = batches.get(batchSize);
    const add = (duration: StatisticDuration | undefined, us: number): StatisticDuration => ({
      count: (duration?.count ?? 0) + 1,
      ns: (duration?.ns ?? 0) + 1000 * us,
    });
    batches.set(batchSize, {
      batchSize,
      computeInput: add(before?.computeInput, input),
      computeInfer: add(before?.computeInfer, infer),
      computeOutput: add(before?.computeOutput, output),
    });
  }
  const duration = (us: number): StatisticDuration => ({ count, ns: 1000 * us });
  return {
    model,
    version: '1',
    inferenceCount: inferences,
    executionCount: seen.size,
    success: duration(sums.success),
    fail: { count: 0, ns: 0 },
    queue: duration(sums.queue),
    computeInput: duration(sums.input),
    computeInfer: duration(sums.infer),
    computeOutput: duration(sums.output),
    batches: [...batches.values()].sort((a, b) => a.batchSize - b.batchSize),
  };
}
