import type { ModelStatistics, StatisticDuration } from '../../live/inference-client.js';

/** Mean phases of the executions of one batch size, microseconds. */
export interface PhaseMeans {
  readonly batchSize: number;
  readonly executions: number;
  readonly inputUs: number;
  readonly inferUs: number;
  readonly outputUs: number;
}

export const PHASES = ['inputUs', 'inferUs', 'outputUs'] as const;
export type Phase = (typeof PHASES)[number];

export function byPhase<Value>(of: (phase: Phase) => Value): Record<Phase, Value> {
  return { inputUs: of('inputUs'), inferUs: of('inferUs'), outputUs: of('outputUs') };
}

/** All phases, one after the other. */
export function executionUs({ inputUs, inferUs, outputUs }: Readonly<Record<Phase, number>>): number {
  return inputUs + inferUs + outputUs;
}

/** Phases by executed batch size: each execution counts once (Triton's `batch_stats`). */
export function phasesByBatch(statistics: ModelStatistics): PhaseMeans[] {
  return statistics.batches
    .filter(({ computeInfer }) => computeInfer.count > 0)
    .map(({ batchSize, computeInput, computeInfer, computeOutput }) => ({
      batchSize,
      executions: computeInfer.count,
      inputUs: meanUs(computeInput),
      inferUs: meanUs(computeInfer),
      outputUs: meanUs(computeOutput),
    }));
}

/** Mean of the three phases over all executions, whatever their batch size. */
export function meanPhases(statistics: ModelStatistics): PhaseMeans {
  const rows = phasesByBatch(statistics);
  const executions = rows.reduce((sum, row) => sum + row.executions, 0);
  const meanOf = (value: (row: PhaseMeans) => number) =>
    rows.reduce((sum, row) => sum + value(row) * row.executions, 0) / Math.max(1, executions);
  return {
    batchSize: meanOf((row) => row.batchSize),
    executions,
    ...byPhase((phase) => meanOf((row) => row[phase])),
  };
}

/** Time that executions spent in these phases, all together, microseconds. */
export function timeUs(counted: readonly ModelStatistics[], phases: readonly Phase[]): number {
  return timeOf(counted.flatMap(phasesByBatch), phases);
}

function timeOf(rows: readonly PhaseMeans[], phases: readonly Phase[]): number {
  return rows.reduce(
    (sum, row) => sum + row.executions * phases.reduce((us, phase) => us + row[phase], 0),
    0,
  );
}

/** What the server counted of a request, means in microseconds. */
export interface RequestMeans {
  readonly requests: number;
  readonly requestUs: number;
  readonly queueUs: number;
  /** What request, queue and compute times leave over: responses and reporting where no phase holds them. */
  readonly overheadUs: number;
}

/** Means over the requests that the server counted as answered. */
export function requestMeans(statistics: ModelStatistics): RequestMeans {
  const { success, queue, computeInput, computeInfer, computeOutput } = statistics;
  const requestUs = meanUs(success);
  const queueUs = meanUs(queue);
  const computeUs = meanUs(computeInput) + meanUs(computeInfer) + meanUs(computeOutput);
  return {
    requests: success.count,
    requestUs,
    queueUs,
    overheadUs: Math.max(0, requestUs - queueUs - computeUs),
  };
}

/** Of executions that were counted together; NaN where there was none. */
export function requestsPerExecution(counted: readonly ModelStatistics[]): number {
  const requests = counted.reduce((sum, { success }) => sum + success.count, 0);
  return requests / counted.reduce((sum, { executionCount }) => sum + executionCount, 0);
}

/** 0 where nothing was counted. */
export function meanUs({ count, ns }: StatisticDuration = { count: 0, ns: 0 }): number {
  return count === 0 ? 0 : ns / count / 1000;
}

/** Mean inference time of executions of one request of so many inferences; undefined where there was none. */
export function meanSingleUs(counted: readonly ModelStatistics[], inferences = 1): number | undefined {
  const rows = counted.flatMap(phasesByBatch).filter(({ batchSize }) => batchSize === inferences);
  return rows.length === 0 ? undefined : meanTimeUs(rows, ['inferUs']);
}

/** Mean time in these phases over all executions of the rows, of which there is one at least, microseconds. */
export function meanTimeUs(rows: readonly PhaseMeans[], phases: readonly Phase[]): number {
  return timeOf(rows, phases) / rows.reduce((sum, { executions }) => sum + executions, 0);
}

/** How many other requests of one inference a request meets in its execution, mean over requests: large executions hold more of them. */
export function requestsBeside(counted: ModelStatistics): number {
  const rows = phasesByBatch(counted);
  const requests = rows.reduce((sum, { batchSize, executions }) => sum + batchSize * executions, 0);
  const met = rows.reduce((sum, { batchSize, executions }) => sum + batchSize ** 2 * executions, 0);
  return requests === 0 ? 0 : met / requests - 1;
}
