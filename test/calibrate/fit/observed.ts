import type { Experiment } from '../../../src/calibrate/experiment.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import type { ModelStatistics } from '../../../src/live/inference-client.js';

const NOTHING = { count: 0, ns: 0 };

/** What a server counted of single executions of a model: so many, of so long an inference each. */
export function counted(
  model: string,
  executions: number,
  inferUs: number,
  requestUs = inferUs,
): ModelStatistics {
  const times = (us: number) => ({ count: executions, ns: executions * us * 1000 });
  const compute = { computeInput: times(0), computeInfer: times(inferUs), computeOutput: times(0) };
  return {
    model,
    version: '1',
    inferenceCount: executions,
    executionCount: executions,
    success: times(requestUs),
    fail: NOTHING,
    queue: times(requestUs - inferUs),
    ...compute,
    batches: [{ batchSize: 1, ...compute }],
  };
}

/** A point of ten seconds in which nothing was noted but what is given. */
export function observed(experiment: Experiment, parts: Partial<Observation>): Observation {
  return {
    experiment,
    measuredAt: '2026-01-01T00:00:00Z',
    durationS: 10,
    clients: [],
    statistics: [],
    generator: {
      lagMs: { p50: 0, p99: 0, max: 0 },
      stalls: { count: 0, longestMs: 0, totalMs: 0 },
      fellBehind: false,
      verdict: '',
    },
    ...parts,
  };
}

/** What one client saw: only its mean latency. */
export function clientOf(model: string, meanUs: number): Observation['clients'][number] {
  return { model, batchSize: 1, completed: 1000, meanUs, relativeError: 0.01, quantilesUs: [] };
}
