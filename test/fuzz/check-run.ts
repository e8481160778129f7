import { littleCheck } from '../../src/metrics/little.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import type { SimulationResult } from '../../src/simulator/result.js';
import { callEndedUs, callsOf } from '../../src/trace/calls.js';
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
  checkCalls(scenario, log);
  checkTree(log);
  checkExecutions(scenario, result);
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
  const isPlain = log.calls.tree === undefined;
  const isExecuted = isPlain && log.calls.execution[row]! >= 0;
  const ofCall = isExecuted ? [log.calls.queuedUs, log.calls.startedUs] : [];
  const times = [log.plannedUs, log.sentUs, ...ofCall, log.endedUs].map((column) => column[row]!);
  demand(isAscending(times), () => `row ${row} has the times ${times.join(', ')}`);
  const endedUs = log.endedUs[row]!;
  demand(endedUs <= log.endUs + ROUNDING_US, `row ${row} is completed at ${endedUs}, after the run`);
  const parts = [log.frontEndUs[row]!, log.networkUs[row]!];
  demand(parts.every(isTime), () => `row ${row} has the parts ${parts.join(', ')}`);
  const { model, targets } = tenants[log.tenant[row]!]!;
  const isTarget = targets.some(({ server }) => server === log.server[row]);
  demand(isTarget, `row ${row} of ${model} was answered by a server that is no target`);
  if (!isPlain) return;
  const { cache } = servers[log.server[row]!]!.options;
  demand(isExecuted || cache !== undefined, `row ${row} was answered by no execution`);
  if (!isExecuted) return;
  const executed = log.calls.executedBatch[row]!;
  demand(executed >= log.batchSize[row]!, `row ${row} ran in a batch of ${executed}`);
}

function isAscending(times: readonly number[]): boolean {
  return times.every((us, i) => Number.isFinite(us) && us >= (times[i - 1] ?? 0) - ROUNDING_US);
}

function isTime(us: number): boolean {
  return us >= 0 && Number.isFinite(us);
}

/** A call with an execution: its times follow each other, and its model or engine takes such a batch. */
function checkCalls({ servers }: Scenario, { calls }: RequestLog): void {
  const largest = new Map(
    servers.flatMap(({ models }, s) =>
      models.map(({ config, engine }) => {
        return [`${s} ${config.name}`, engine?.maxSequences ?? Math.max(1, config.maxBatchSize)] as const;
      }),
    ),
  );
  for (let call = 0; call < calls.execution.length; call++) {
    if (calls.execution[call]! < 0 || calls.outcome[call] !== Outcome.completed) continue;
    const times = [calls.queuedUs[call]!, calls.startedUs[call]!, callEndedUs(calls, call)];
    demand(isAscending(times), () => `call ${call} has the times ${times.join(', ')}`);
    const { inputUs, inferUs, outputUs, responseUs } = calls;
    const parts = [inputUs, inferUs, outputUs, responseUs].map((column) => column[call]!);
    demand(parts.every(isTime), () => `call ${call} has the parts ${parts.join(', ')}`);
    const { name } = calls.models[calls.model[call]!]!;
    const most = largest.get(`${calls.server[call]} ${name}`) ?? 0;
    const executed = calls.executedBatch[call]!;
    demand(executed >= 1 && executed <= most, `call ${call} of ${name} ran in a batch of ${executed}`);
  }
}

/** Calls come after the one that makes them, and end before it has its answer; the client has it after all of them. */
function checkTree(log: RequestLog): void {
  const { calls, sentUs } = log;
  const { tree } = calls;
  if (tree === undefined) return;
  for (let request = 0; request < log.outcome.length; request++) {
    const own = callsOf(log, request);
    for (const call of own) {
      const parent = tree.parent[call]!;
      demand(parent < call && (parent < 0 || parent >= own[0]!), `call ${call} is made by ${parent}`);
      const queuedUs = calls.queuedUs[call]!;
      const madeUs = parent < 0 ? sentUs[request]! : calls.queuedUs[parent]!;
      demand(!(queuedUs < madeUs - ROUNDING_US), `call ${call} is there at ${queuedUs}, before ${madeUs}`);
      const outcome = parent < 0 ? log.outcome[request] : calls.outcome[parent];
      const answeredUs = parent < 0 ? log.endedUs[request]! : callEndedUs(calls, parent);
      const endedUs = callEndedUs(calls, call);
      demand(
        outcome !== Outcome.completed || !(endedUs > answeredUs + ROUNDING_US),
        `call ${call} ends at ${endedUs}, after the answer at ${answeredUs}`,
      );
    }
  }
}

/** The requests of an execution add up to its batch, and executions to the counters of the models. */
function checkExecutions({ servers }: Scenario, { log, executions }: SimulationResult): void {
  const { calls } = log;
  const held = new Map<number, number>();
  for (let call = 0; call < calls.execution.length; call++) {
    const execution = calls.execution[call]!;
    // How many inferences a call of a tree asks for is not in the log: at least one.
    const size = calls.tree === undefined ? log.batchSize[call]! : 1;
    if (execution >= 0) held.set(execution, (held.get(execution) ?? 0) + size);
  }
  // A batch of these holds more than the calls that name it: padding, and sequences of other steps.
  const padded = new Set(
    servers.flatMap(({ models }) =>
      models.flatMap(({ config, engine }) => {
        return engine !== undefined || config.sequences?.kind === 'direct' ? [config.name] : [];
      }),
    ),
  );
  for (let call = 0; call < calls.execution.length; call++) {
    const execution = calls.execution[call]!;
    if (execution < 0) continue;
    const [sum, batch] = [held.get(execution)!, calls.executedBatch[call]!];
    const isExact = calls.tree === undefined && !padded.has(calls.models[calls.model[call]!]!.name);
    demand(isExact ? sum === batch : sum <= batch, `execution ${execution} of ${batch} holds ${sum}`);
  }
  const counted = executions.flatMap(({ byBatchSize }) => [...byBatchSize]);
  const count = counted.reduce((sum, times) => sum + (times ?? 0), 0);
  // Of the many steps that an engine takes for a request the log names one.
  const hasEngine = servers.some(({ models }) => models.some(({ engine }) => engine !== undefined));
  const isRight = hasEngine ? count >= held.size : count === held.size;
  demand(isRight, `${count} executions are counted, ${held.size} are in the log`);
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
