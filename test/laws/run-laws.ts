import type { Scenario } from '../../src/scenario/scenario.js';
import type { SimulationResult } from '../../src/simulator/result.js';
import { callEndedUs, callsOf } from '../../src/trace/calls.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';
import { demand } from '../fuzz/family.js';
import { findWrongNumber } from '../fuzz/numbers.js';
import { littleCheck } from '../support/little.js';
import { mostAtOnce } from './log.js';

/** Times are kept as microseconds made of whole nanoseconds; their parts as single-precision numbers. */
const ROUNDING_US = 0.01;

/** @throws Violation where it does not hold */
type RunLaw = (scenario: Scenario, result: SimulationResult) => void;

/** What holds of every run, whatever the scenario. */
export const RUN_LAWS: Readonly<Record<string, RunLaw>> = {
  'no planned request is lost, none made up, and the log is in planned order': checkCounts,
  'every request ends in one way, at a server of its tenant, and only one that was executed or was in a cache completes':
    checkRequests,
  'times never go back, and a request is completed before the end of the run': checkTimes,
  'calls come after the one that makes them, and end before it has its answer': checkTrees,
  'executions hold the inferences of their calls, no more than their models take, and each is counted':
    checkExecutions,
  'no client has more requests under way than it may': checkInFlight,
  "Little's law holds to rounding": (_, { log }) => {
    const { relativeGap } = littleCheck(log);
    demand(relativeGap < 1e-4, `Little's law is off by ${relativeGap}`);
  },
  'no figure is missing or below 0, and no device is busy for more than all of the time': checkFigures,
};

/** @throws Violation at the first law that does not hold */
export function checkRun(scenario: Scenario, result: SimulationResult): void {
  for (const law of Object.values(RUN_LAWS)) law(scenario, result);
}

function checkCounts({ durationUs, tenants }: Scenario, { log }: SimulationResult): void {
  demand(log.endUs === durationUs, `the run ends at ${log.endUs}`);
  const counts = new Array<number>(tenants.length).fill(0);
  for (const tenant of log.tenant) counts[tenant]!++;
  tenants.forEach(({ name, load }, index) => {
    const found = counts[index]!;
    if (load.mode === 'closed') {
      demand(found <= load.maxRequests, `${name} sends ${found} requests of ${load.maxRequests}`);
      return;
    }
    const planned = load.trace.arrivalUs.reduce((sum, us) => sum + Number(us < log.endUs), 0);
    demand(found === planned, `${name} has ${found} requests of ${planned} planned`);
  });
  const { plannedUs } = log;
  const early = plannedUs.findIndex((us, row) => !(us >= (plannedUs[row - 1] ?? 0)));
  demand(early < 0, () => `row ${early} is planned at ${plannedUs[early]}, before the one above it`);
}

function checkRequests({ tenants, servers }: Scenario, { log }: SimulationResult): void {
  const isPlain = log.calls.tree === undefined;
  for (const row of log.tenant.keys()) {
    const outcome = log.outcome[row]!;
    demand(outcome <= Outcome.failed, `row ${row} has the outcome ${outcome}`);
    demand(log.batchSize[row]! >= 1, `row ${row} has ${log.batchSize[row]} inferences`);
    const { model, targets } = tenants[log.tenant[row]!]!;
    const isTarget = targets.some(({ server }) => server === log.server[row]);
    demand(isTarget, `row ${row} of ${model} is at a server that is no target`);
    const isEnded = !Number.isNaN(log.endedUs[row]!);
    demand(
      isEnded === (outcome !== Outcome.unfinished),
      `row ${row} of outcome ${outcome} ends at ${log.endedUs[row]}`,
    );
    if (!isPlain) continue;
    const isExecuted = log.calls.execution[row]! >= 0;
    const mayBeCached = servers[log.server[row]!]!.options.cache !== undefined;
    demand(
      outcome !== Outcome.completed || isExecuted || mayBeCached,
      `row ${row} was answered by no execution`,
    );
    const isRefused = outcome === Outcome.rejected || outcome === Outcome.timedOut;
    demand(!isRefused || !isExecuted, `row ${row} was refused, and executed`);
  }
}

function checkTimes(_: Scenario, { log }: SimulationResult): void {
  const { calls } = log;
  const isPlain = calls.tree === undefined;
  for (const row of log.tenant.keys()) {
    const ofCall = isPlain ? [calls.queuedUs, calls.startedUs] : [];
    const times = [log.plannedUs, log.sentUs, ...ofCall, log.endedUs].map((column) => column[row]!);
    demand(isAscending(times), () => `row ${row} has the times ${times.join(', ')}`);
    const endedUs = log.endedUs[row]!;
    demand(!(endedUs > log.endUs + ROUNDING_US), `row ${row} ends at ${endedUs}, after the run`);
    if (log.outcome[row] !== Outcome.completed) continue;
    const parts = [log.frontEndUs[row]!, log.networkUs[row]!];
    demand(parts.every(isTime), () => `row ${row} has the parts ${parts.join(', ')}`);
  }
  for (const call of calls.execution.keys()) {
    const isExecuted = calls.execution[call]! >= 0;
    // An ensemble begins without one.
    const isBegun = !Number.isNaN(calls.startedUs[call]!);
    demand(isBegun || !isExecuted, `call ${call} is executed, and never begins`);
    demand(isExecuted || !isBegun || !isPlain, `call ${call} begins without an execution`);
    if (!isExecuted || calls.outcome[call] !== Outcome.completed) continue;
    const times = [calls.queuedUs[call]!, calls.startedUs[call]!, callEndedUs(calls, call)];
    demand(isAscending(times), () => `call ${call} has the times ${times.join(', ')}`);
    const { inputUs, inferUs, outputUs, responseUs } = calls;
    const parts = [inputUs, inferUs, outputUs, responseUs].map((column) => column[call]!);
    demand(parts.every(isTime), () => `call ${call} has the parts ${parts.join(', ')}`);
  }
}

/** Those that are known. */
function isAscending(times: readonly number[]): boolean {
  const known = times.filter((us) => !Number.isNaN(us));
  return known.every((us, i) => Number.isFinite(us) && us >= (known[i - 1] ?? 0) - ROUNDING_US);
}

function isTime(us: number): boolean {
  return us >= 0 && Number.isFinite(us);
}

/** The client has its answer after all of its calls; an error may be told while other steps go on. */
function checkTrees(_: Scenario, { log }: SimulationResult): void {
  const { calls, sentUs } = log;
  const { tree } = calls;
  if (tree === undefined) return;
  for (const request of log.tenant.keys()) {
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
        outcome !== Outcome.completed || endedUs <= answeredUs + ROUNDING_US,
        `call ${call} ends at ${endedUs}, the answer comes at ${answeredUs}`,
      );
    }
  }
}

interface Execution {
  readonly batch: number;
  /** Inferences of the calls that name it. */
  held: number;
}

function checkExecutions(scenario: Scenario, { log, executions }: SimulationResult): void {
  const { calls } = log;
  const models = servedModels(scenario);
  const found = new Map<number, Execution>();
  for (const call of calls.execution.keys()) {
    const execution = calls.execution[call]!;
    if (execution < 0) continue;
    const { name } = calls.models[calls.model[call]!]!;
    const { most, isStepwise } = models.get(`${calls.server[call]} ${name}`)!;
    const batch = calls.executedBatch[call]!;
    demand(batch >= 1 && batch <= most, `call ${call} of ${name} ran in a batch of ${batch}`);
    if (isStepwise) continue;
    // How many inferences a call of a tree asks for is not in the log: at least one.
    const size = calls.tree === undefined ? log.batchSize[call]! : 1;
    const { held, batch: before } = found.get(execution) ?? { held: 0, batch };
    demand(before === batch, `execution ${execution} has batches of ${before} and ${batch}`);
    found.set(execution, { batch, held: held + size });
  }
  const isExact = calls.tree === undefined && ![...models.values()].some(({ isPadded }) => isPadded);
  const sizes: number[] = [];
  for (const [execution, { batch, held }] of found) {
    demand(
      isExact ? held === batch : held <= batch,
      `execution ${execution} of ${batch} holds ${held} inferences`,
    );
    sizes[batch] = (sizes[batch] ?? 0) + 1;
  }
  const counted: number[] = [];
  for (const { server, model, byBatchSize } of executions) {
    if (models.get(`${log.servers.indexOf(server)} ${model}`)!.isStepwise) continue;
    for (const [batch, times = 0] of byBatchSize.entries())
      if (times > 0) counted[batch] = (counted[batch] ?? 0) + times;
  }
  demand(
    counted.join() === sizes.join(),
    () => `executions by batch are counted as ${counted.join()}, in the log ${sizes.join()}`,
  );
}

/** By server and name: its largest batch, whether its batches hold more than calls, and whether calls are in many executions. */
function servedModels({ servers }: Scenario) {
  return new Map(
    servers.flatMap(({ models }, server) =>
      models.map(({ config, engine, iterations }) => {
        const most = engine?.maxSequences ?? Math.max(1, config.maxBatchSize);
        const isStepwise = engine !== undefined || iterations !== undefined;
        const isPadded = config.sequences?.kind === 'direct';
        return [`${server} ${config.name}`, { most, isStepwise, isPadded }] as const;
      }),
    ),
  );
}

/** A client with a cap, or a closed loop. */
function checkInFlight({ tenants }: Scenario, { log }: SimulationResult): void {
  for (const [tenant, { name, load }] of tenants.entries()) {
    if (load.mode === 'open') continue;
    const most = mostAtOnce(sentOf(log, tenant));
    const limit = load.mode === 'capped' ? load.maxInFlight : load.concurrency;
    demand(most <= limit, `${name} has ${most} requests under way, more than ${limit}`);
  }
}

function sentOf({ tenant: tenants, sentUs, endedUs, endUs }: RequestLog, tenant: number) {
  return [...tenants.keys()]
    .filter((row) => tenants[row] === tenant && sentUs[row]! <= endUs)
    .map((row) => [sentUs[row]!, endedUs[row]!] as const);
}

function checkFigures(_: Scenario, result: SimulationResult): void {
  for (const part of ['devices', 'hosts', 'executions'] as const) {
    const wrong = findWrongNumber(result[part], { infinite: true });
    demand(wrong === undefined, `${part}${wrong}`);
  }
  for (const { model, busyShare = 0 } of result.executions)
    demand(
      busyShare >= 0 && busyShare <= 1 + 1e-9,
      `instances of ${model} are busy ${busyShare} of the time`,
    );
  for (const { device, busyShare } of result.devices)
    demand(busyShare <= 1 + 1e-9, `${device} is busy ${busyShare} of the time`);
}
