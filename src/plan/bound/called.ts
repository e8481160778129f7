import type { ServedModelSpec } from '../../scenario/spec/server-spec.js';
import { type Entry, partsOf, type ServedPart, type Workload } from '../problem-setting.js';
import { LUCK } from './chance.js';
import { inferencesOf, shortestExecutionMs } from './device-time.js';
import type { LeastLoad, TenantLoad } from './least-load.js';

/** What a model gets for one request of a client. */
interface Calls {
  /** Inferences: so many for each of the request, and so many besides. */
  readonly perInference: number;
  readonly perRequest: number;
  /** The calls that they come in. */
  readonly calls: number;
}

/** How often a model executes for the requests of a workload. */
export interface Use {
  /** On average, and never less than that. */
  readonly mean: Calls;
  /** With each call that may be made. */
  readonly most: Calls;
  /** What one request asks for comes in calls of their own, whatever batch the caller has. */
  readonly isSplit: boolean;
  /** One draw decides for all requests of a batch. */
  readonly isByBatch: boolean;
}

function callsBy(of: (field: keyof Calls) => number): Calls {
  return { perInference: of('perInference'), perRequest: of('perRequest'), calls: of('calls') };
}

const ONE: Calls = { perInference: 1, perRequest: 0, calls: 1 };
const NONE: Calls = { perInference: 0, perRequest: 0, calls: 0 };
const NEVER: Use = { mean: NONE, most: NONE, isSplit: false, isByBatch: false };

type CallStepSpec = NonNullable<ServedModelSpec['calls']>[number];
type CallSpec = Omit<CallStepSpec, 'call' | 'ownMs' | 'parallel' | 'times'> & { readonly call: string };

/** The calls of a step, all at once or one after the other. */
function callsIn({ call, parallel, ownMs: _, times = 1, ...fields }: CallStepSpec): readonly CallSpec[] {
  return parallel ?? (call === undefined ? [] : Array.from({ length: times }, () => ({ ...fields, call })));
}

/** Whether a call has as many inferences as the batch of its caller. */
export function isForBatch({ per, inferences }: CallSpec): boolean {
  return per === 'batch' && inferences === undefined;
}

export function callsOf({ calls = [] }: Pick<ServedPart, 'calls'>): readonly CallSpec[] {
  return calls.flatMap(callsIn);
}

/**
 * How often each model of a workload executes, by name: calls times their probabilities; never where only steps call it that no
 * output which is asked for needs. How many calls there are of those for whole batches with a number of inferences of their own nobody
 * knows: of the mean they are no part.
 */
export function usesOf(workload: Served): ReadonlyMap<string, Use> {
  const uses = new Map(partsOf(workload).map((part) => [part.model, NEVER]));
  for (const { model, inferenceShare, requestShare } of entriesOf(workload)) {
    const mean = { perInference: inferenceShare, perRequest: 0, calls: requestShare };
    visit(model, { ...NEVER, mean, most: ONE }, []);
  }
  return uses;

  function visit(model: string, use: Use, trail: readonly string[], asked?: Asked): void {
    // Calls in a circle are refused elsewhere.
    if (trail.includes(model)) return;
    const to = [...trail, model];
    for (const step of stepsOf(workload, model, asked))
      visit(step.model, eachOf(use, step.after), to, step.asked);
    const part = partOf(workload, model);
    if (part === undefined) return;
    const executed = eachOf(use, part.iterations === undefined ? [] : [part.iterations]);
    uses.set(model, plus(uses.get(model)!, executed));
    for (const call of callsOf(part)) visit(call.call, ofCall(executed, call), to);
  }
}

type Served = Pick<Workload, 'model' | 'profiles' | 'parts' | 'ensembles' | 'entries'>;

function entriesOf({ model, entries }: Served): readonly Entry[] {
  return entries ?? [{ model, inferenceShare: 1, requestShare: 1 }];
}

function partOf(workload: Served, model: string): ServedPart | undefined {
  return partsOf(workload).find((part) => part.model === model);
}

/** Names of the outputs that a call asks for; undefined: all. */
type Asked = readonly string[] | undefined;

interface Step {
  readonly model: string;
  /** A step asks for the outputs that it maps. */
  readonly asked: Asked;
  /** The decoupled models whose responses it runs for, each again. */
  readonly after: readonly NonNullable<ServedPart['responses']>[];
}

/** Steps of an ensemble that those outputs need: Triton runs these at least. None where it is no ensemble. */
function stepsOf(workload: Served, model: string, asked: Asked): readonly Step[] {
  const fields = workload.ensembles?.find((ensemble) => ensemble.model === model)?.fields;
  const all = fields?.ensemble_scheduling?.step ?? [];
  const wired = all.map(({ model_name: name = '', input_map: inputs, output_map: outputs }) => ({
    name,
    asks: [...entriesIn(outputs).keys()],
    needs: [...entriesIn(inputs).values()],
    gives: [...entriesIn(outputs).values()],
  }));
  const tensors = new Set(asked ?? (fields?.output ?? []).map(({ name = '' }) => name));
  const needed = new Set<string[]>();
  // A set goes on to what is added while it is walked.
  for (const tensor of tensors)
    for (const { needs, gives } of wired) {
      if (!gives.includes(tensor)) continue;
      needed.add(needs);
      for (const need of needs) tensors.add(need);
    }
  const steps = wired.filter(({ needs }) => needed.has(needs));
  const after = new Map<string, Step['after']>();
  const responsesOf = (tensors: readonly string[]) => [
    ...new Set(tensors.flatMap((tensor) => after.get(tensor) ?? [])),
  ];
  // A step may stand before the one that it waits for.
  for (const _ of steps)
    for (const { name, needs, gives } of steps) {
      const own = partOf(workload, name)?.responses;
      const responses = [...responsesOf(needs), ...(own === undefined ? [] : [own])];
      for (const tensor of gives) after.set(tensor, responses);
    }
  return steps.map(({ name, asks, needs }) => ({ model: name, asked: asks, after: responsesOf(needs) }));
}

/** A map of tensors, in the form of the file or of plain data. */
function entriesIn(
  map: ReadonlyMap<string, string> | Readonly<Record<string, string>> = {},
): ReadonlyMap<string, string> {
  return map instanceof Map ? map : new Map(Object.entries(map));
}

/** More responses than so many times the mean hardly any request has: one in e^20, geometrically. */
const MOST_OF_MEAN = 20;

/** How many times something happens. */
type CountLaw = NonNullable<ServedPart['iterations']>;

/** Once for each response of decoupled models before it, or for each iteration. */
function eachOf(use: Use, laws: readonly CountLaw[]): Use {
  if (laws.length === 0) return use;
  const product = (of: (law: CountLaw) => number) => laws.reduce((all, one) => all * of(one), 1);
  const times = (one: Calls, factor: number) => callsBy((field) => one[field] * factor);
  const mean = product((one) => (one.law === 'constant' && one.mean >= 1 ? Math.round(one.mean) : one.mean));
  const most = product(mostOf);
  return { ...use, mean: times(use.mean, mean), most: times(use.most, most), isSplit: true };
}

function mostOf({ law, mean }: CountLaw): number {
  if (mean < 1) return Math.ceil(mean);
  return law === 'constant' ? Math.round(mean) : MOST_OF_MEAN * mean;
}

function plus(a: Use, b: Use): Use {
  return {
    mean: callsBy((field) => a.mean[field] + b.mean[field]),
    most: callsBy((field) => a.most[field] + b.most[field]),
    isSplit: a.isSplit || b.isSplit,
    isByBatch: a.isByBatch || b.isByBatch,
  };
}

function ofCall(use: Use, { per = 'request', probability = 1, inferences }: CallSpec): Use {
  const isOfBatch = per === 'batch';
  const times = ({ perInference, perRequest, calls: all }: Calls, part: number, calls = all * part) =>
    inferences === undefined
      ? { perInference: perInference * part, perRequest: perRequest * part, calls }
      : { perInference: 0, perRequest: inferences * calls, calls };
  return {
    mean: times(use.mean, probability, isOfBatch ? 0 : undefined),
    most: times(use.most, 1),
    isSplit: use.isSplit || !isOfBatch,
    isByBatch: use.isByBatch || (isOfBatch && probability < 1),
  };
}

/** Whether each request asks for all of its inferences once or more often, in calls that are surely made. */
export function isPlain({ mean, most }: Use): boolean {
  return mean.perInference === most.perInference && mean.perInference >= 1 && most.perRequest === 0;
}

/** Requests that are executed, and those that may not be. */
interface Executed {
  readonly requests: number;
  readonly inferences: number;
  readonly leftOut: number;
  /** Inferences of the largest request. */
  readonly largest: number;
  /** Requests for which one draw may decide. */
  readonly mostTogether: number;
}

/**
 * Inferences that a model executes at least for such requests: as many as are to be expected, and in one run fewer by chance, which
 * decides whether calls are made, and of requests that may be late leaves out those with most calls. What one request asks for is
 * between nothing and `most`: its variance is at most what that allows.
 */
export function leastInferences({ mean, most, isByBatch }: Use, executed: Executed, isRun: boolean): number {
  const { requests, inferences, leftOut, largest, mostTogether } = executed;
  const expected = mean.perInference * inferences + mean.perRequest * requests;
  const isSure = mean.perInference === most.perInference && mean.perRequest === most.perRequest;
  if (isSure || !isRun || requests === 0) return expected;
  const ofOne = most.perInference * largest + most.perRequest;
  const ofExecuted = Math.max(0, ofOne * expected - expected ** 2 / requests);
  const variance = (isByBatch ? mostTogether : 1) * (ofExecuted + (leftOut * ofOne ** 2) / 4);
  const dropped = leftOut * ofOne;
  return Math.max(0, expected - LUCK * Math.sqrt(variance) - dropped);
}

/** All that the tenants of a load ask for together. */
export function countsOfAll({ tenants }: LeastLoad) {
  const sum = (of: (load: TenantLoad) => number) => tenants.reduce((all, load) => all + of(load), 0);
  return {
    requests: sum(({ executed }) => executed),
    leftOut: sum(({ leftOut }) => leftOut),
    inferences: inferencesOf(tenants),
  };
}

/** What a request takes at least until its answer, whatever it asks for; 0 where it is not known. */
export function shortestAnswerMs(workload: Served, kind: number): number {
  return Math.min(...entriesOf(workload).map(({ model }) => leastMs(workload, model, kind)));
}

/** What a model takes at least from a request until its answer, with all that it surely calls; 0 where it is not known. */
function leastMs(
  workload: Served,
  model: string,
  kind: number,
  trail: readonly string[] = [],
  asked?: Asked,
): number {
  if (trail.includes(model)) return 0;
  const to = [...trail, model];
  const steps = stepsOf(workload, model, asked).map((step) =>
    leastMs(workload, step.model, kind, to, step.asked),
  );
  const part = partOf(workload, model);
  const profile = part?.profiles[kind];
  if (part === undefined || profile === undefined) return Math.max(0, ...steps);
  // An answer of one token takes no step.
  if (part.engine !== undefined) return 0;
  const answerMs = (part.responses?.firstMs ?? 0) * (part.times ?? 1);
  return shortestExecutionMs(profile) + waitMs(workload, part, kind, 1, trail) + answerMs;
}

/**
 * How long an instance that has so many requests in an execution is busy at least after its own inference: its own time, and calls
 * that are surely made.
 */
export function waitMs(
  workload: Served,
  { model, calls = [], times = 1 }: ServedPart,
  kind: number,
  requests: number,
  trail: readonly string[] = [],
): number {
  return calls.reduce((sum, step) => {
    const sure = callsIn(step).filter(({ probability = 1 }) => probability === 1);
    const called = sure.map(({ call, per = 'request' }) => {
      // Calls at once may all be under way together.
      const number = per === 'request' && step.parallel === undefined ? requests : Math.min(1, requests);
      return number * leastMs(workload, call, kind, [...trail, model]);
    });
    return sum + (step.ownMs ?? 0) * times + (step.times ?? 1) * Math.max(0, ...called);
  }, 0);
}
