import { InputError, type Place, type Problem } from '../../base/problem.js';
import { MOST_INFERENCES } from '../../trace/columns.js';
import { isSolo, type SummaryObservation, type SummarySetup } from './observation.js';

/**
 * @param places where each row comes from, for messages; without them rows are counted from 0
 * @throws InputError with every row that no fit can use
 */
export function checkObservations(
  observations: readonly SummaryObservation[],
  setup: SummarySetup,
  places: readonly Place[] = [],
): void {
  const problems = observations.flatMap((row, i) =>
    problemsOf(row, setup).map(
      (problem): Problem => ({ ...(places[i] ?? { path: `rows[${i}]` }), ...problem }),
    ),
  );
  if (observations.length === 0) {
    problems.push({ what: 'there are no rows', remedy: 'give a table with one row at least' });
  } else if (!observations.some((row) => isSolo(row) || row.splitMs !== undefined)) {
    problems.push({
      what: 'no row has one client or a split latency, so waiting cannot be told from service',
      remedy: 'measure concurrency 1 as well, or let perf_analyzer write the server split',
    });
  }
  if (problems.length > 0) throw new InputError(problems);
}

function problemsOf(row: SummaryObservation, { config }: SummarySetup): readonly Problem[] {
  const problems: Problem[] = [];
  const { concurrency, openLoop, requestBatch, inferencesPerS, meanLatencyMs, splitMs } = row;
  const most = Math.max(1, config.maxBatchSize);
  if (openLoop === undefined && !isCount(concurrency, MOST_CLIENTS)) {
    problems.push({ what: `concurrency ${concurrency}`, remedy: `1 to ${MOST_CLIENTS}` });
  }
  if (openLoop !== undefined && !(openLoop.requestsPerS > 0 && openLoop.requestsPerS < MOST)) {
    problems.push({ what: `${openLoop.requestsPerS} requests per second`, remedy: 'a rate above 0' });
  }
  if (requestBatch > MOST_INFERENCES) {
    problems.push({ what: `a request of ${requestBatch} inferences`, remedy: `1 to ${MOST_INFERENCES}` });
  } else if (!isCount(requestBatch, most)) {
    problems.push({
      what: `a request of ${requestBatch} inferences where max_batch_size is ${config.maxBatchSize}`,
      remedy: `1 to ${most}: does the configuration belong to this table?`,
    });
  }
  const figures = { throughput: inferencesPerS, latency: meanLatencyMs };
  for (const [name, value] of Object.entries(figures)) {
    if (!(value > 0 && value < MOST)) {
      problems.push({ what: `a ${name} of ${value}`, remedy: 'leave out rows without results' });
    }
  }
  for (const [name, ms] of Object.entries(splitMs ?? {})) {
    if (!(ms >= 0 && ms < MOST)) problems.push({ what: `${name} took ${ms} ms`, remedy: '0 or more' });
  }
  return problems;
}

/** More clients than any perf_analyzer has threads for. */
const MOST_CLIENTS = 100_000;
/** Above any latency in milliseconds (a day) and any rate that a server reaches. */
const MOST = 1e10;

function isCount(value: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= 1 && value <= most;
}
