import type { ModelStatistics } from '../../src/live/inference-client.js';
import type { Stalls } from '../../src/live/load/stall-meter.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { answeredRows, latencyFigures } from '../support/latencies.js';
import type { CrossCheckCase } from './cross-check-cases.js';
import type { CrossCheckRequests } from './perf-analyzer-runs.js';

/** What perf_analyzer and the server's statistics say of one run. */
export interface MeasuredCrossCheck {
  readonly requests: readonly CrossCheckRequests[];
  readonly statistics: readonly ModelStatistics[];
  /** Of the machine meanwhile; runs of older versions do not know. */
  readonly stalls?: Stalls;
}

/** One tenant of one run: measured by perf_analyzer beside simulated on its arrivals. */
export type CrossCheckRow = ReturnType<typeof compareCrossCheck>[number];

/** `batch`: inferences in an execution, mean. */
export type Figures = CrossCheckRow['measured'];

/** The first second is not counted: not all clients are there yet. */
const SKIPPED_US = 1e6;
/** Time for the last requests to be answered. */
const DRAIN_US = 5e6;

/** Simulates exactly the arrivals that perf_analyzer sent and compares what it saw while all tenants sent. */
export function compareCrossCheck(
  { name, group }: CrossCheckCase,
  repeat: number,
  scenario: Scenario,
  { requests, statistics, stalls }: MeasuredCrossCheck,
) {
  const { seconds, tenants } = besideSimulated(scenario, requests);
  return tenants.map(({ model, liveUs, simulatedUs, simulatedExecutions }) => {
    const counted = statistics.find((each) => each.model === model)!;
    return {
      name,
      group,
      repeat,
      model,
      ratePerS: liveUs.length / seconds,
      measured: { ...latencyFigures(liveUs), batch: counted.inferenceCount / counted.executionCount },
      simulated: { ...latencyFigures(simulatedUs), batch: simulatedUs.length / simulatedExecutions },
      // For which nothing ran on the machine; undefined where nobody looked.
      longestStallMs: stalls?.longestMs,
    };
  });
}

/**
 * What perf_analyzer saw while all tenants sent, beside what was simulated of the same requests.
 * @param requests of each tenant of the scenario, in its order
 */
export function besideSimulated(scenario: Scenario, requests: readonly CrossCheckRequests[]) {
  const { startUs, endUs, counts } = countedWindow(requests);
  const { log } = simulate(withArrivals(scenario, requests, endUs + DRAIN_US));
  const tenants = requests.map(({ model, sentUs, latencyUs }, tenant) => {
    const rows = answeredRows(log, tenant, (i) => counts(log.plannedUs[i]!));
    return {
      model,
      /** Latencies, in no order. */
      liveUs: latencyUs.filter((_, i) => counts(sentUs[i]!)),
      /** Of those that were answered. */
      simulatedUs: rows.map((i) => log.endedUs[i]! - log.plannedUs[i]!),
      simulatedExecutions: new Set(rows.map((i) => log.calls.execution[i]!)).size,
    };
  });
  return { seconds: (endUs - startUs) / 1e6, tenants };
}

/** The time in which all tenants sent, less its beginning. */
function countedWindow(requests: readonly CrossCheckRequests[]) {
  const endUs = Math.min(...requests.map(({ sentUs }) => sentUs.at(-1)!));
  const startUs = Math.max(...requests.map(({ sentUs }) => sentUs[0]!)) + SKIPPED_US;
  return { startUs, endUs, counts: (us: number) => us >= startUs && us < endUs };
}

/** The scenario under the arrivals of a run of perf_analyzer. */
function withArrivals(
  scenario: Scenario,
  requests: readonly CrossCheckRequests[],
  durationUs: number,
): Scenario {
  const tenants = scenario.tenants.map((tenant, t) => {
    const arrivalUs = Float64Array.from(requests[t]!.sentUs);
    const trace = {
      tenants: [tenant.name],
      arrivalUs,
      tenant: new Uint16Array(arrivalUs.length),
      durationUs,
    };
    return { ...tenant, load: { mode: 'open', trace } as const };
  });
  return { ...scenario, tenants, warmUpUs: 0, durationUs };
}
