import { groupBy } from '../../../base/group-by.js';
import { countedOf, type Observation, observationsOf } from '../../observation.js';
import { byPhase, meanTimeUs, type PhaseMeans, phasesByBatch } from '../phases.js';

/** Phases of executions of so many requests. */
export interface LoadedPhases extends PhaseMeans {
  readonly requests: number;
}

/** What sizes usually are off the line through all sizes, as a fraction. */
export const OFF_LINE = 0.03;

/** Executions that it takes to know the mean of those that vary so, within what sizes usually are off their line. */
export function executionsToKnow(coefficientOfVariation: number): number {
  return (coefficientOfVariation / OFF_LINE) ** 2;
}

/**
 * Executions under Poisson arrivals of single inferences: of each batch size the usual ones over the slices of all dense
 * points, or of the sparse one where there is no other. What sparse loads add is told apart (`pauses/`, `phases-by-rate.ts`).
 * And full batches of clients that always wait.
 * @param least executions behind a mean that is known
 */
export function loadedPhases(
  observations: readonly Observation[],
  model: string,
  least: number,
): LoadedPhases[] {
  const rowsOf = (kind: 'poisson' | 'alone') =>
    observationsOf(observations, kind, model).flatMap(({ statistics, slices = statistics }) =>
      countedOf(slices, model).flatMap(phasesByBatch),
    );
  const dense = rowsOf('poisson');
  const open = (dense.length > 0 ? dense : rowsOf('alone')).map((row) => ({
    ...row,
    requests: row.batchSize,
  }));
  const full = observationsOf(observations, 'backlog', model).flatMap(({ experiment, statistics }) =>
    countedOf(statistics, model)
      .flatMap(phasesByBatch)
      .map((row) => ({ ...row, requests: row.batchSize / experiment.batchSize })),
  );
  return bySize([...open, ...full], least);
}

/** Executions behind a mean under load before it may shape the fit. */
const LEAST_EXECUTIONS = 20;

/** One row for each batch size and number of requests; ascending. */
function bySize(rows: readonly LoadedPhases[], least: number): LoadedPhases[] {
  return [...groupBy(rows, ({ batchSize, requests }) => `${batchSize} of ${requests}`).values()]
    .map((alike) => ({ ...usualPhases(alike, least), requests: alike[0]!.requests }))
    .filter(({ executions }) => executions >= LEAST_EXECUTIONS)
    .sort((a, b) => a.batchSize - b.batchSize);
}

/** A median of fewer means says no more than their mean. */
const LEAST_OF_A_MEDIAN = 3;

/**
 * Phases of rows of one batch size: the median over rows, which no disturbance of some moves, each as heavy as it has executions.
 * Rows are put together until the mean of each is known: of executions that are seldom long most rows of a few hold none of these.
 */
function usualPhases(rows: readonly PhaseMeans[], least: number): PhaseMeans {
  const groups = putTogether(rows, least);
  const usual = groups.length < LEAST_OF_A_MEDIAN ? [meanOfRows(rows)] : groups;
  return {
    batchSize: rows[0]!.batchSize,
    executions: executionsOf(rows),
    ...byPhase((phase) => weightedMedian(usual.map((row) => ({ x: row[phase], weight: row.executions })))),
  };
}

function putTogether(rows: readonly PhaseMeans[], least: number): PhaseMeans[] {
  const groups: PhaseMeans[] = [];
  let open: PhaseMeans[] = [];
  for (const row of rows) {
    open.push(row);
    if (executionsOf(open) < least) continue;
    groups.push(meanOfRows(open));
    open = [];
  }
  const last = groups.pop();
  return last === undefined ? [] : [...groups, meanOfRows([last, ...open])];
}

function meanOfRows(rows: readonly PhaseMeans[]): PhaseMeans {
  const { batchSize } = rows[0]!;
  return {
    batchSize,
    executions: executionsOf(rows),
    ...byPhase((phase) => meanTimeUs(rows, [phase])),
  };
}

function executionsOf(rows: readonly PhaseMeans[]): number {
  return rows.reduce((sum, { executions }) => sum + executions, 0);
}

function weightedMedian(values: { readonly x: number; readonly weight: number }[]): number {
  const sorted = values.sort((a, b) => a.x - b.x);
  const wanted = 0.5 * sorted.reduce((sum, { weight }) => sum + weight, 0);
  let below = 0;
  for (const { x, weight } of sorted) {
    below += weight;
    if (below >= wanted) return x;
  }
  return Number.NaN;
}
