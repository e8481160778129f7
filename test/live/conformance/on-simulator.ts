import type { ModelConfig } from '../../../src/scenario/model-config.js';
import { batchingRules } from '../../../src/simulator/server/batching.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { Outcome, type RequestLog } from '../../../src/trace/request-log.js';
import { runBatcher } from '../../support/batcher.js';
import { arrivals, profile, scenario, server, tenant } from '../../support/scenario.js';
import {
  type Arrival,
  type ConformanceCase,
  type Event,
  endMs,
  type Happened,
  parseArrivals,
  readConfig,
  SERVICE_MS,
} from './conformance-case.js';
import { gather } from './gather.js';

export interface SimulatedThreads {
  /**
   * Share of executions at whose end the batcher is faster than the instance that looks for the next payload, and
   * the seed that says which.
   */
  readonly batcherWinsShare: number;
  readonly seed: number;
  /** By the general event loop, also where a shorter way exists. */
  readonly eventLoop: boolean;
}

/** Times of threads as calibration finds them on a real server: far below the steps of the table. */
const WAKE_US = 60;
const PICK_UP_US = 30;

/** What the simulator does with a row. */
export function runOnSimulator(row: ConformanceCase, threads: SimulatedThreads): Happened {
  const config = readConfig(row, 'm');
  if (row.heldUntil !== undefined) return runHeld(row, config, row.heldUntil);
  const spec = toScenario(row, config, threads);
  return fromLog(simulate(spec, { eventLoop: threads.eventLoop }).log);
}

function toScenario(row: ConformanceCase, config: ModelConfig, { batcherWinsShare, seed }: SimulatedThreads) {
  const instances = config.instanceGroups.reduce((sum, { count }) => sum + count, 0);
  const served = { config, profile: profile('m', row.serviceMs ?? SERVICE_MS, row.itemMs ?? 0), instances };
  const triton = server('triton', {
    models: [served],
    wakeUs: WAKE_US,
    pickUpUs: PICK_UP_US,
    batcherWinsShare,
  });
  const requests = parseArrivals(row.arrives);
  const shapes = [...new Set(requests.map(({ shape }) => shape))];
  const tenants = shapes.map((shape) => tenant(`shape ${shape}`, 'm', loadOf(requests, shape), { shape }));
  // Long enough for the batcher's rounds of 500 ms.
  return scenario([triton], tenants, (endMs(row) + 1000) / 1000, { seed });
}

/** The requests of one shape: a tenant sends one shape. */
function loadOf(requests: readonly Arrival[], shape: number) {
  const own = requests.filter((request) => request.shape === shape);
  return arrivals(
    own.map(({ atMs }) => atMs * 1000),
    {
      batchSize: Uint16Array.from(own, ({ size }) => size),
      priority: Uint32Array.from(own, ({ priority }) => priority),
      timeoutUs: Float64Array.from(own, ({ timeoutMs }) => timeoutMs * 1000),
    },
  );
}

/** Rows of a log are in order of arrival, as the numbers of a row's requests are. */
function fromLog(log: RequestLog): Happened {
  const ended = (outcome: number) => [...log.outcome.keys()].filter((row) => log.outcome[row] === outcome);
  const ends = (rows: readonly number[]) =>
    rows.map((row) => ({ request: row + 1, atMs: log.endedUs[row]! / 1000 }));
  const executed = [...log.calls.execution.keys()].filter((row) => log.calls.execution[row]! >= 0);
  return gather({
    started: executed.map((row) => ({
      request: row + 1,
      execution: log.calls.execution[row]!,
      atMs: log.calls.startedUs[row]! / 1000,
    })),
    refused: ends(ended(Outcome.rejected)),
    expired: ends(ended(Outcome.timedOut)),
    answered: ends(ended(Outcome.completed)),
  });
}

/** A scenario cannot hold the batcher back; its state machine can. */
function runHeld(row: ConformanceCase, config: ModelConfig, heldUntil: number): Happened {
  const requests = parseArrivals(row.arrives);
  const serviceMs = row.serviceMs ?? SERVICE_MS;
  const { maxBatchSize, preferred, delayNs, enforceEqualShape, prefetch } = batchingRules(config);
  const executions = runBatcher({
    ...{ maxBatchSize, preferred, delayNs, enforceEqualShape, prefetch },
    instances: 1,
    fixedNs: serviceMs * 1e6,
    itemNs: (row.itemMs ?? 0) * 1e6,
    wakeNs: WAKE_US * 1000,
    pickUpNs: PICK_UP_US * 1000,
    holdUntilQueued: heldUntil,
    requests: requests.map(({ atMs, size, shape }) => [atMs * 1e6, size, shape] as const),
  });
  let next = 1;
  const events: Event[] = executions.map(([startNs, , count]) => ({
    requests: Array.from({ length: count }, () => next++),
    atMs: startNs / 1e6,
  }));
  return { executions: events, refused: [], expired: [], answers: [] };
}
