import { groupBy } from '../../../src/base/group-by.js';
import type { ModelProfile } from '../../../src/profile/profile.js';
import type { Change } from '../../../src/scenario/changes.js';
import { withCompositions } from '../../../src/scenario/check/compositions/compositions.js';
import { Findings } from '../../../src/scenario/check/findings.js';
import { type ModelConfig, servingInstances } from '../../../src/scenario/model-config.js';
import { demandOf } from '../../../src/scenario/rate-limits.js';
import type { ModelInstance, ResponseLaw, Scenario } from '../../../src/scenario/scenario.js';
import type { ServedModelSpec } from '../../../src/scenario/spec/server-spec.js';
import { batchingRules } from '../../../src/simulator/server/batching.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { requestOf } from '../../../src/trace/calls.js';
import { Outcome, type RequestLog } from '../../../src/trace/request-log.js';
import { SEQUENCE_END, SEQUENCE_START } from '../../../src/trace/sequence-flags.js';
import { runBatcher } from '../../support/batcher.js';
import { arrivals, profile, scenario, server, tenant } from '../../support/scenario.js';
import { readConfig } from './config-text.js';
import { type Event, endMs, type Happened, sorted, streamEvent } from './events.js';
import {
  type Arrival,
  hasPadding,
  isEnsemble,
  isStreaming,
  parseArrivals,
  type Responses,
  type Row,
  type SleepingModel,
} from './row.js';

export interface SimulatedThreads {
  /**
   * Share of executions at whose end the batcher is faster than the instance that looks for the next payload, and
   * the seed that says which.
   */
  readonly batcherWinsShare: number;
  readonly seed: number;
  /** By the general event loop, also where a shorter way exists. */
  readonly eventLoop: boolean;
  /** What an ensemble takes to hand a request on to a step; 0 where left out. */
  readonly ensembleStepUs?: number;
}

/** Times of threads as calibration finds them on a real server: far below the steps of the table. */
const THREADS = { wakeUs: 60, pickUpUs: 30 };
const CACHE = { bytes: 2 ** 20, lookUpUs: 0, copyPerKilobyteUs: 0, hashPerKilobyteUs: 0 };

/** What the simulator does with a row. */
export function runOnSimulator(row: Row, threads: SimulatedThreads): Happened {
  if (row.heldUntil !== undefined) return runHeld(row, row.heldUntil);
  const spec = toScenario(row, threads);
  const { log, executions } = simulate(spec, { eventLoop: threads.eventLoop });
  const names = spec.servers[0]!.models.map(({ config }) => config.name);
  const counts = executions.map(({ cache }, i) => [names[i]!, cache ?? { hits: 0, misses: 0 }] as const);
  return { ...fromLog(row, log), cache: Object.fromEntries(counts) };
}

function toScenario(row: Row, { batcherWinsShare, seed, ensembleStepUs = 0 }: SimulatedThreads): Scenario {
  const names = Object.keys(row.models);
  const plain = server('triton', {
    ...THREADS,
    batcherWinsShare,
    models: names.map((name) => sketch(row, name)),
  });
  const located = plain.models.map((model, i) => ({
    model,
    spec: specOf(row, model.config.name),
    path: ['models', i],
  }));
  const findings = new Findings(() => ({ file: row.rule }));
  const models = withCompositions(located, { names, release: plain.options.tritonVersion }, findings);
  findings.list.throwIfAny();
  const isCached = models.some(({ config }) => config.responseCache);
  const options = {
    ...plain.options,
    ensembleStepUs,
    ...(isCached && { cache: CACHE }),
    ...(row.isLimited && { rateLimit: { resources: [] } }),
  };
  const tenants = [...groupBy(parseArrivals(row), kindOf)].map(([kind, own]) => {
    const { model, output, shape } = own[0]!;
    return tenant(kind, model, loadOf(own), {
      targets: [{ server: 0, model: names.indexOf(model) }],
      shape,
      ...(row.sharedStreams !== undefined && { sharedStreams: row.sharedStreams }),
      ...(output !== undefined && { outputs: [output] }),
    });
  });
  const changes = [...changesOf(row, names), ...deathsOf(row, names)];
  // Long enough for the batcher's rounds of 500 ms.
  return scenario([{ ...plain, models, options }], tenants, (endMs(row) + 1000) / 1000, {
    seed,
    ...(changes.length > 0 && { changes }),
  });
}

function sketch(row: Row, name: string) {
  const model = row.models[name]!;
  const config = readConfig(row, name);
  const own = isEnsemble(model)
    ? profile(name, 0, 0)
    : profile(name, model.serviceMs, (model.itemMs ?? 0) + sendingMs(model));
  return {
    config,
    profile: own,
    instances: isEnsemble(model) ? 0 : servingInstances(config),
    more: {
      ...(row.isLimited && { instances: limitedInstances(config, own) }),
      ...(!isEnsemble(model) && model.responses !== undefined && { responses: lawOf(model.responses) }),
      ...(!isEnsemble(model) && model.isAsync === true && { overlapping: true }),
    },
  };
}

function limitedInstances({ instanceGroups }: ModelConfig, own: ModelProfile): ModelInstance[] {
  return instanceGroups.flatMap(({ count, rateLimiter }) =>
    Array.from({ length: count }, () => ({
      ...{ device: 0, profile: own },
      ...(rateLimiter && {
        limits: { demand: demandOf(rateLimiter, 0), priority: rateLimiter.priority },
      }),
    })),
  );
}

/** What the execution of each request takes for the responses that it sends itself. */
function sendingMs({ responses }: SleepingModel): number {
  if (responses?.isBusy !== true) return 0;
  return responses.firstMs + (responses.count - 1) * responses.gapMs;
}

function lawOf({ count, firstMs, gapMs, endMs, isBusy = false }: Responses): ResponseLaw {
  const times = { firstUs: 1000 * (isBusy ? (1 - count) * gapMs : firstMs), gapUs: gapMs * 1000 };
  return { mean: count, law: 'constant', ...times, ...(endMs !== undefined && { endUs: endMs * 1000 }) };
}

function changesOf({ changes = [] }: Row, names: readonly string[]): Change[] {
  return changes.map(({ atMs, loadMs = 0, model, ...change }) => ({
    ...{ ...change, server: 0, model: names.indexOf(model) },
    atUs: (atMs + loadMs) * 1000,
  }));
}

/** A process dies as soon as it executes the deadly request. */
function deathsOf({ models, diesMs }: Row, names: readonly string[]): Change[] {
  if (diesMs === undefined) return [];
  const model = names.findIndex((name) => {
    const of = models[name]!;
    return !isEnsemble(of) && of.mayDie === true;
  });
  return [{ atUs: diesMs * 1000, do: 'killInstances', server: 0, model, count: 1 }];
}

/** Only the calls of it matter here. */
function specOf({ models }: Row, name: string): ServedModelSpec {
  const model = models[name]!;
  const calls = isEnsemble(model) ? undefined : model.calls;
  return { name, ...(calls !== undefined && { calls }) } as ServedModelSpec;
}

/** A tenant asks one model for certain outputs, in one shape. */
function kindOf({ model, output = '', shape }: Arrival): string {
  return `${model} ${output} ${shape}`;
}

function loadOf(requests: readonly Arrival[]) {
  return arrivals(
    requests.map(({ atMs }) => atMs * 1000),
    {
      batchSize: Uint16Array.from(requests, ({ size }) => size),
      priority: Uint32Array.from(requests, ({ priority }) => priority),
      timeoutUs: Float64Array.from(requests, ({ timeoutMs }) => timeoutMs * 1000),
      contentId: Float64Array.from(requests, ({ content }) => content),
      sequenceId: Float64Array.from(requests, ({ sequence }) => sequence),
      sequenceFlags: Uint16Array.from(
        requests,
        ({ starts, ends }) => (starts ? SEQUENCE_START : 0) | (ends ? SEQUENCE_END : 0),
      ),
    },
  );
}

/** Rows of a log are in order of arrival, as the numbers of a row's requests are. */
function fromLog(row: Row, log: RequestLog): Omit<Happened, 'cache'> {
  const ended = (isOf: (outcome: number) => boolean): Event[] =>
    [...log.outcome.keys()]
      .filter((i) => isOf(log.outcome[i]!))
      .map((i) => ({ requests: [i + 1], atMs: log.endedUs[i]! / 1000 }));
  const others: readonly number[] = [
    ...[Outcome.completed, Outcome.rejected, Outcome.timedOut, Outcome.unfinished],
  ];
  return {
    executions: executionsOf(row, log),
    answers: ended((outcome) => outcome === Outcome.completed),
    refused: ended((outcome) => outcome === Outcome.rejected),
    expired: ended((outcome) => outcome === Outcome.timedOut),
    errors: ended((outcome) => !others.includes(outcome)),
    streams: streamsOf(row, log),
  };
}

function streamsOf(row: Row, { responses, outcome }: RequestLog): Event[] {
  const requests = parseArrivals(row);
  return [...outcome.keys()]
    .filter((i) => isStreaming(row.models, requests[i]!.model))
    .map((i) => streamEvent(i, responses!.count[i]!, responses!.firstUs[i]! / 1000))
    .filter((event) => event.requests.length > 0);
}

function executionsOf({ models }: Row, log: RequestLog): Record<string, Event[]> {
  const { calls } = log;
  const found: Record<string, Event[]> = {};
  for (const [execution, group] of groupBy([...calls.execution.keys()], (call) => calls.execution[call]!)) {
    if (execution < 0) continue;
    const first = group[0]!;
    const { name } = calls.models[calls.model[first]!]!;
    // Requests of sequences have one inference each.
    const padding = hasPadding(models[name]!) ? calls.executedBatch[first]! - group.length : 0;
    found[name] ??= [];
    found[name].push({
      requests: sorted([...Array<number>(padding).fill(0), ...group.map((call) => requestOf(log, call) + 1)]),
      atMs: calls.startedUs[first]! / 1000,
    });
  }
  return found;
}

/** A scenario cannot hold the batcher of its one model back; its state machine can. */
function runHeld(row: Row, heldUntil: number): Happened {
  const [[name, model]] = Object.entries(row.models) as [[string, SleepingModel]];
  const rules = batchingRules(readConfig(row, name));
  const { maxBatchSize, preferred, delayNs, enforceEqualShape, prefetch } = rules;
  const executions = runBatcher({
    ...{ maxBatchSize, preferred, delayNs, enforceEqualShape, prefetch },
    instances: 1,
    fixedNs: model.serviceMs * 1e6,
    itemNs: (model.itemMs ?? 0) * 1e6,
    wakeNs: THREADS.wakeUs * 1000,
    pickUpNs: THREADS.pickUpUs * 1000,
    holdUntilQueued: heldUntil,
    requests: parseArrivals(row).map(({ atMs, size, shape }) => [atMs * 1e6, size, shape] as const),
  });
  let next = 1;
  const events: Event[] = executions.map(([startNs, , count]) => ({
    requests: Array.from({ length: count }, () => next++),
    atMs: startNs / 1e6,
  }));
  return {
    ...{ executions: { [name]: events }, answers: [], refused: [], expired: [], errors: [], streams: [] },
    cache: {},
  };
}
