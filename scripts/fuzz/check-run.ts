import { littleCheck } from '../../src/metrics/little.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import type { SimulationResult } from '../../src/simulator/result.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';
import { demand } from './family.js';
import { findWrongNumber } from './numbers.js';

/** Times are kept as microseconds made of whole nanoseconds; their parts as single-precision numbers. */
const ROUNDING_US = 0.01;

/**
 * Checks the laws of every run: each planned request is in the log once and ends in one way, its times
 * follow each other, executions hold what they say, caps are kept, and L = λW. @throws Violation
 */
export function checkRun(scenario: Scenario, result: SimulationResult): void {
  const { log } = result;
  demand(log.endUs === scenario.durationUs, `the run ends at ${log.endUs}`);
  checkCounts(scenario, log);
  for (let row = 0; row < log.plannedUs.length; row++) checkRow(scenario, log, row);
  checkExecutions(result);
  scenario.tenants.forEach((_, tenant) => {
    checkInFlight(scenario, log, tenant);
  });
  const { relativeGap } = littleCheck(log);
  demand(relativeGap < 1e-4, `Little's law is off by ${relativeGap}`);
  for (const part of ['devices', 'hosts', 'executions'] as const) {
    const wrong = findWrongNumber(result[part], { infinite: true });
    demand(wrong === undefined, `${part}${wrong}`);
  }
  for (const { device, busyShare } of result.devices) {
    demand(busyShare <= 1 + 1e-9, `${device} is busy ${busyShare} of the time`);
  }
}

/** No request is lost or made up. */
function checkCounts({ tenants }: Scenario, log: RequestLog): void {
  const counts = new Array<number>(tenants.length).fill(0);
  for (const tenant of log.tenant) counts[tenant]!++;
  tenants.forEach(({ name, load }, index) => {
    const found = counts[index]!;
    if (load.mode === 'closed') {
      demand(found <= load.maxRequests, `${name} sends ${found} requests of ${load.maxRequests}`);
      return;
    }
    const planned = load.trace.arrivalUs.reduce((sum, us) => sum + Number(us <= log.endUs), 0);
    const all = load.trace.arrivalUs.length;
    demand(
      found === planned || found === all,
      `${name} has ${found} requests of ${planned} planned (${all})`,
    );
  });
}

function checkRow({ tenants, servers }: Scenario, log: RequestLog, row: number): void {
  const outcome = log.outcome[row]!;
  demand(outcome <= Outcome.unfinished, `row ${row} has the outcome ${outcome}`);
  demand(
    log.plannedUs[row]! >= 0 && log.batchSize[row]! >= 1,
    `row ${row} is planned at ${log.plannedUs[row]}`,
  );
  if (outcome !== Outcome.completed) return;
  // Calls that make others are held to laws of their own (`test/laws/call-trees.test.ts`).
  const isPlain = log.calls.tree === undefined;
  const ofCall = isPlain ? [log.calls.queuedUs, log.calls.startedUs] : [];
  const times = [log.plannedUs, log.sentUs, ...ofCall, log.endedUs].map((column) => column[row]!);
  demand(
    times.every((us, i) => Number.isFinite(us) && us >= (times[i - 1] ?? 0) - ROUNDING_US),
    () => `row ${row} has the times ${times.join(', ')}`,
  );
  const endedUs = log.endedUs[row]!;
  demand(endedUs <= log.endUs + ROUNDING_US, `row ${row} is completed at ${endedUs}, after the run`);
  const { inputUs, inferUs, outputUs, responseUs } = log.calls;
  const parts = [...(isPlain ? [inputUs, inferUs, outputUs, responseUs] : []), log.frontEndUs, log.networkUs];
  demand(
    parts.every((column) => column[row]! >= 0 && Number.isFinite(column[row]!)),
    () => `row ${row} has the parts ${parts.map((column) => column[row]).join(', ')}`,
  );
  const { model, targets } = tenants[log.tenant[row]!]!;
  const target = targets.find(({ server }) => server === log.server[row]);
  demand(target !== undefined, `row ${row} of ${model} was answered by a server that is no target`);
  if (!isPlain) return;
  const largest = Math.max(1, servers[target.server]!.models[target.model]!.config.maxBatchSize);
  const executed = log.calls.executedBatch[row]!;
  demand(executed >= log.batchSize[row]! && executed <= largest, `row ${row} ran in a batch of ${executed}`);
}

/** The requests of an execution add up to its batch, and executions to the counters of the models. */
function checkExecutions({ log, executions }: SimulationResult): void {
  if (log.calls.tree !== undefined) return;
  const held = new Map<number, number>();
  for (let row = 0; row < log.calls.execution.length; row++) {
    const execution = log.calls.execution[row]!;
    if (execution >= 0) held.set(execution, (held.get(execution) ?? 0) + log.batchSize[row]!);
  }
  for (let row = 0; row < log.calls.execution.length; row++) {
    const execution = log.calls.execution[row]!;
    if (execution < 0) continue;
    const sum = held.get(execution)!;
    demand(
      sum === log.calls.executedBatch[row],
      `execution ${execution} of ${log.calls.executedBatch[row]} holds ${sum}`,
    );
  }
  const counted = executions.flatMap(({ byBatchSize }) => [...byBatchSize]);
  const count = counted.reduce((sum, times) => sum + (times ?? 0), 0);
  demand(count === held.size, `${count} executions are counted, ${held.size} are in the log`);
}

/** A client with a cap, or a closed loop, has no more requests under way than it may. */
function checkInFlight({ tenants }: Scenario, log: RequestLog, tenant: number): void {
  const { name, load } = tenants[tenant]!;
  if (load.mode === 'open') return;
  const limit = load.mode === 'capped' ? load.maxInFlight : load.concurrency;
  const changes: [atUs: number, by: number][] = [];
  for (let row = 0; row < log.tenant.length; row++) {
    if (log.tenant[row] !== tenant || !(log.sentUs[row]! <= log.endUs)) continue;
    changes.push([log.sentUs[row]!, 1], [log.endedUs[row]! >= 0 ? log.endedUs[row]! : Infinity, -1]);
  }
  changes.sort(([a, byA], [b, byB]) => (a === b ? byA - byB : a - b));
  let inFlight = 0;
  for (const [atUs, by] of changes) {
    inFlight += by;
    // A request may be sent and refused at one instant, before which another was answered.
    demand(
      inFlight <= limit || by < 0,
      `${name} has ${inFlight} requests under way at ${atUs}, more than ${limit}`,
    );
  }
}
