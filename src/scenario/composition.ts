import type { ModelProfile } from '../profile/profile.js';

/** An ensemble, with its steps resolved on the server that serves it. Tensors are numbered: those that clients send come first. */
export interface Ensemble {
  readonly steps: readonly EnsembleStep[];
  /** How many tensors clients send. */
  readonly inputs: number;
  readonly tensors: number;
  /** The tensors that it answers with, by name. */
  readonly outputs: ReadonlyMap<string, number>;
  /** Calls of each step that may be under way: of one request, or since 26.04 of all. Absent: any number. */
  readonly maxInFlight?: number;
}

export interface EnsembleStep {
  /** The model of the step, by its index on the server. */
  readonly model: number;
  /** Tensors without which it cannot begin. */
  readonly needs: readonly number[];
  readonly gives: readonly number[];
  /** Of an ensemble, the outputs that it maps, which alone it asks for (ensemble_scheduler.cc, `InitStep`). Absent: all. */
  readonly outputs?: readonly string[];
  /** Its model is an engine, which it asks for one response with the whole answer. Default: for each token as it comes. */
  readonly asksForWhole?: boolean;
}

/** What a model that calls others does after its own inference, in this order (Triton: business logic scripting, BLS). */
export type CallStep =
  /** Computes by itself; the instance is busy. */
  | { readonly ownUs: number }
  /** Calls others and waits for all of them: one after the other, or all at once. */
  | { readonly calls: readonly ModelCall[]; readonly atOnce: boolean };

export interface ModelCall {
  /** By its index on the server. */
  readonly model: number;
  /** One call for each request of a batch, or one for all of them. */
  readonly per: 'request' | 'batch';
  /** How often it is made, 0..1. */
  readonly probability: number;
  /** Undefined: those of the request, or of the batch. */
  readonly inferences: number | undefined;
}

/**
 * Calls of one instance of a Python model that are under way at once, at most: `async_exec` waits in a thread of asyncio's default
 * executor (python_backend pb_stub.cc, r24.10), which has 4 more than there are cores, and 32 at most (Python, `ThreadPoolExecutor`).
 */
export function callsAtOnce(cpuCores: number): number {
  return Math.min(32, Math.floor(cpuCores) + 4);
}

/** The steps of an ensemble that run for a request which asks for these outputs; undefined: for all of them. */
export function stepsFor(
  { steps, inputs, outputs }: Pick<Ensemble, 'steps' | 'inputs' | 'outputs'>,
  asked: readonly string[] | undefined,
): readonly EnsembleStep[] {
  if (asked === undefined) return steps;
  const pruned = prunedSteps({ steps, outputs }, asked);
  const left = steps.filter((step) => !pruned.has(step));
  const begins = new Set(stepsInOrder({ steps: left, inputs }));
  return left.filter((_, place) => begins.has(place));
}

/** Whether those steps give what the request asks for; Triton answers others with an error ("unexpected deadlock"). */
export function givesAsked(ensemble: Ensemble, asked: readonly string[]): boolean {
  const given = new Set(stepsFor(ensemble, asked).flatMap(({ gives }) => gives));
  return asked.every((name) => given.has(ensemble.outputs.get(name)!));
}

/**
 * The steps that Triton leaves out where only those of the outputs are asked for (ensemble_scheduler.cc, `EnsembleContext`). It leaves
 * out too many. An output that is not asked for counts as useless, also where another step takes it. A tensor that only steps which
 * are left out take counts as useless, also where it is asked for. An input of the ensemble counts as given by the first step.
 */
function prunedSteps(
  { steps, outputs }: Pick<Ensemble, 'steps' | 'outputs'>,
  asked: readonly string[],
): Set<EnsembleStep> {
  const pruned = new Set<EnsembleStep>();
  const left = new Map(steps.map((step) => [step, step.gives.length]));
  const ignored = [...outputs].flatMap(([name, tensor]) => (asked.includes(name) ? [] : [tensor]));
  // A list goes on to what is added while it is walked.
  for (const tensor of ignored) {
    const step = steps.find(({ gives }) => gives.includes(tensor)) ?? steps[0]!;
    left.set(step, left.get(step)! - 1);
    if (left.get(step) !== 0) continue;
    pruned.add(step);
    for (const need of new Set(step.needs))
      if (!steps.some((other) => other.needs.includes(need) && !pruned.has(other))) ignored.push(need);
  }
  return pruned;
}

/** Places of steps, each after those that it waits for; those that never begin are left out. */
export function stepsInOrder({ steps, inputs }: Pick<Ensemble, 'steps' | 'inputs'>): number[] {
  const there = new Set(Array.from({ length: inputs }, (_, tensor) => tensor));
  const found = new Set<number>();
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const [i, { needs, gives }] of steps.entries()) {
      if (found.has(i) || !needs.every((tensor) => there.has(tensor))) continue;
      for (const tensor of gives) there.add(tensor);
      found.add(i);
    }
  }
  return [...found];
}

export interface CallingModel {
  readonly ensemble?: Ensemble;
  readonly calls?: readonly CallStep[];
}

/** The models that a model calls, by their index on the server; each once. */
export function calledModels({ ensemble, calls = [] }: CallingModel): number[] {
  const called = [
    ...(ensemble?.steps.map(({ model }) => model) ?? []),
    ...calls.flatMap((step) => ('calls' in step ? step.calls.map(({ model }) => model) : [])),
  ];
  return [...new Set(called)];
}

/** Those models of a server and all that they call, one way or another. */
export function withCalled(models: readonly CallingModel[], asked: readonly number[]): number[] {
  const found = new Set(asked);
  // A set goes on to what is added while it is walked.
  for (const index of found) for (const called of calledModels(models[index]!)) found.add(called);
  return [...found];
}

/** Of each model of a server those that calls join it to, one way or the other, itself among them: one list for all of a group. */
export function joinedModels(models: readonly CallingModel[]): readonly (readonly number[])[] {
  const groups = models.map((_, index) => [index]);
  for (const [index, model] of models.entries())
    for (const called of calledModels(model)) {
      const [own, other] = [groups[index]!, groups[called]!];
      if (own === other) continue;
      own.push(...other);
      for (const member of other) groups[member] = own;
    }
  return groups;
}

/** The models whose queues requests for a model come to, with their priority and timeout: of an ensemble those of its steps (model.cc, `Init`). */
export function queuedAt(models: readonly CallingModel[], asked: number): number[] {
  const { ensemble } = models[asked] ?? {};
  if (ensemble === undefined) return [asked];
  return [...new Set(ensemble.steps.flatMap(({ model }) => queuedAt(models, model)))];
}

/** A model that may give several responses. */
interface Responder extends CallingModel {
  readonly responses?: unknown;
  readonly engine?: { readonly streams: boolean };
  readonly iterations?: { readonly streams: boolean };
}

/** Whether a model gives several responses to a request for these outputs; an ensemble does where one of its steps does. */
export function givesSeveral(
  models: readonly Responder[],
  index: number,
  asked?: readonly string[],
): boolean {
  // Undefined while a step's model is not known.
  const { responses, engine, iterations, ensemble } = models[index] ?? {};
  if (responses !== undefined || (engine ?? iterations)?.streams === true) return true;
  return ensemble !== undefined && stepsFor(ensemble, asked).some((step) => runsSeveral(models, step));
}

/** Whether what follows a step runs for each of several responses. */
export function runsSeveral(
  models: readonly Responder[],
  { model, outputs, asksForWhole }: EnsembleStep,
): boolean {
  return asksForWhole !== true && givesSeveral(models, model, outputs);
}

/** Whether its requests are trees of calls. */
export function isComposed({ ensemble, calls }: CallingModel): boolean {
  return ensemble !== undefined || calls !== undefined;
}

/** The profile that says how requests reach a model: its own, or of an ensemble the one of its first step. Undefined where that is not known. */
export function entryProfile(
  models: readonly (CallingModel & { readonly instances: readonly { readonly profile: ModelProfile }[] })[],
  index: number,
): ModelProfile | undefined {
  const own = models[index];
  const [first] = own?.ensemble?.steps ?? [];
  return own?.instances[0]?.profile ?? (first && entryProfile(models, first.model));
}

/** A model whose called models have other indices. */
export function renumbered<T extends CallingModel>(caller: T, placeOf: (model: number) => number): T {
  const { ensemble, calls } = caller;
  const moved = <S extends { readonly model: number }>(of: S): S => ({ ...of, model: placeOf(of.model) });
  return {
    ...caller,
    ...(ensemble !== undefined && { ensemble: { ...ensemble, steps: ensemble.steps.map(moved) } }),
    ...(calls !== undefined && {
      calls: calls.map((step) => ('calls' in step ? { ...step, calls: step.calls.map(moved) } : step)),
    }),
  };
}

/** Whether answers of a model come from the server's response cache where it has them. */
export function usesCache(
  { options }: { readonly options: { readonly cache?: unknown } },
  { config }: { readonly config: { readonly responseCache?: boolean } },
): boolean {
  return options.cache !== undefined && config.responseCache === true;
}
