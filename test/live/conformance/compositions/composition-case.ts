import { ProblemList } from '../../../../src/base/problem.js';
import type { ModelConfig } from '../../../../src/scenario/model-config.js';
import type { ServedModelSpec } from '../../../../src/scenario/spec/server-spec.js';
import { interpretModelConfig } from '../../../../src/scenario/triton/interpret.js';
import { readModelConfigText } from '../../../../src/scenario/triton/model-config-text.js';

/** A model of a row: an ensemble, or a Python model that sleeps. */
export type CompositionModel = EnsembleModel | SleepingModel;

export interface EnsembleModel {
  /**
   * Its steps, `tensors>MODEL>tensor` joined by `; `. Clients send `IN`; tensors that begin with `OUT` are its outputs.
   * `IN>A>a; a>B>OUT` is a chain of two.
   */
  readonly steps: string;
  /** What else stands in `config.pbtxt`. */
  readonly config?: string;
}

export interface SleepingModel {
  /** What stands in `config.pbtxt` about batching, scheduler and instances. */
  readonly config: string;
  /** Time of an execution before its calls, ms. */
  readonly serviceMs: number;
  /** Time on top for each inference, ms; 0 where left out. */
  readonly itemMs?: number;
  /** Inputs that it has; 1 where left out. */
  readonly inputs?: number;
  /** Calls that it makes of other models, as a scenario writes them; `model.py` reads the same. */
  readonly calls?: NonNullable<ServedModelSpec['calls']>;
  /** Makes it decoupled: what each request gets. */
  readonly responses?: Responses;
  /** A request of content 13 kills the process of its instance. */
  readonly mayDie?: boolean;
}

export interface Responses {
  readonly count: number;
  readonly firstMs: number;
  readonly gapMs: number;
  /** `execute` itself sends them, to one request of the batch after the other; else the instance is free again meanwhile. */
  readonly isBusy?: boolean;
  /** So long after the last one, a message that ends the stream and holds no response. Absent: the last one ends it. */
  readonly endMs?: number;
}

/** A model is unloaded, loaded, or loaded anew in mid-run; the simulator takes `loadMs` for it. */
export interface ModelChange {
  readonly atMs: number;
  readonly do: 'loadModel' | 'unloadModel' | 'reloadModel';
  readonly model: string;
  readonly loadMs?: number;
}

/**
 * A row of the table of compositions: what arrives at a model that others work for, or that keeps state, and what Triton does with
 * it. The same row runs on the simulator and on a real server. Times are milliseconds.
 */
export interface CompositionCase {
  /** The rule that it shows, as a sentence. */
  readonly rule: string;
  /** Section of `triton-breadth.md` that says so. */
  readonly source: string;
  readonly models: Readonly<Record<string, CompositionModel>>;
  /**
   * Requests, `inferences>MODEL@ms` in order, the model left out where it is the last of `models`; then `c` with a number for
   * their content, `s` with one for their sequence and `<` where they start it, `>` where they end it; `o` with an output
   * that alone is wanted. They are numbered from 1.
   */
  readonly arrives: string;
  /** By model its executions, `requests@start`; `_` is padding. Where threads race, ways are joined by ` or `. */
  readonly executes: Readonly<Record<string, string>>;
  /** When each request has its result, `request@answer`. */
  readonly answers: string;
  /** When each request that has none has its error. */
  readonly errors?: string;
  /** Of the errors those that the real server never sends: the request stays without an answer. */
  readonly hangs?: readonly number[];
  /** By model how many answers came from the cache, and how many were new to it. */
  readonly cache?: Readonly<Record<string, { readonly hits: number; readonly misses: number }>>;
  /** Of models that stream the responses to each request, which it is named for once each, at the first of them. */
  readonly streams?: string;
  readonly changes?: readonly ModelChange[];
  /** When the process of a model that may die is dead: soon after it begins to execute the request of content 13. */
  readonly diesMs?: number;
  /** The server's rate limiter is on. */
  readonly isLimited?: boolean;
  /** Why the simulator is not asked: what it says of this instead. */
  readonly notSimulated?: string;
  /** Where the real server does otherwise than `triton-breadth.md` says. */
  readonly finding?: string;
}

export interface Arrival {
  readonly model: string;
  /** Name of the model's input. */
  readonly input: string;
  readonly atMs: number;
  readonly size: number;
  /** 0 = like no other. */
  readonly content: number;
  /** 0 = none. */
  readonly sequence: number;
  readonly starts: boolean;
  readonly ends: boolean;
  readonly output: string | undefined;
}

const ARRIVAL =
  /^(?<size>\d+)(>(?<model>\w+))?@(?<at>\d+)(c(?<content>\d+))?(s(?<sequence>\d+)(?<starts><)?(?<ends>>)?)?(o(?<output>\w+))?$/;

/** The requests of a row, by time. */
export function parseArrivals({ arrives, models }: CompositionCase): Arrival[] {
  const last = Object.keys(models).at(-1)!;
  return arrives.split(' ').map((word) => {
    const found = ARRIVAL.exec(word)?.groups;
    if (found === undefined) throw new Error(`"${word}" in "${arrives}" is no arrival`);
    const { size, model = last, at, content = 0, sequence = 0, starts, ends, output } = found;
    return {
      model,
      input: inputName(models, model, 0),
      atMs: Number(at),
      size: Number(size),
      content: Number(content),
      sequence: Number(sequence),
      starts: starts !== undefined,
      ends: ends !== undefined,
      output,
    };
  });
}

/** Requests (numbered from 1, 0 = padding) to which something happens at one time. */
export interface Event {
  readonly requests: readonly number[];
  readonly atMs: number;
}

/** What became of the requests of a row, each list by time. */
export interface Happened {
  readonly executions: Readonly<Record<string, readonly Event[]>>;
  readonly answers: readonly Event[];
  readonly errors: readonly Event[];
  readonly streams: readonly Event[];
  /** Requests that had no answer long after everything was over; undefined where nothing can hang. */
  readonly unanswered?: readonly number[];
  readonly cache: Readonly<Record<string, { readonly hits: number; readonly misses: number }>>;
}

/** The responses to one request as an event. */
export function streamEvent(request: number, responses: number, atMs: number): Event {
  return { requests: Array.from({ length: responses }, () => request + 1), atMs };
}

/** The ways that a list of events names. */
export function parseWays(text: string): Event[][] {
  return text.split(' or ').map((way) =>
    way
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => {
        const { requests, at } = /^(?<requests>[\d_]+(\+[\d_]+)*)@(?<at>\d+)$/.exec(word)?.groups ?? {};
        if (requests === undefined)
          throw new Error(`"${word}" in "${text}": write requests@ms, as in 2+3@40`);
        return {
          requests: sorted(requests.split('+').map((name) => Number(name.replace('_', '0')))),
          atMs: Number(at),
        };
      }),
  );
}

/** An event's requests in the order in which they are compared. */
export function sorted(requests: readonly number[]): number[] {
  return [...requests].sort((a, b) => a - b);
}

export function printEvents(events: readonly Event[]): string {
  const shown = events.map(
    ({ requests, atMs }) => `${requests.map((each) => each || '_').join('+')}@${Math.round(atMs)}`,
  );
  return shown.join(' ') || 'nothing';
}

export function isEnsemble(model: CompositionModel): model is EnsembleModel {
  return 'steps' in model;
}

/** Whether a model, or a step of it, gives a stream of responses. */
export function isStreaming({ models }: CompositionCase, name: string): boolean {
  const model = models[name]!;
  if (!isEnsemble(model)) return model.responses !== undefined;
  return model.steps
    .split('; ')
    .some((step) => isStreaming({ models } as CompositionCase, step.split('>')[1]!));
}

/** Whether it asks which places of a batch are empty. */
export function hasPadding({ config }: SleepingModel): boolean {
  return config.includes('CONTROL_SEQUENCE_READY');
}

function inputName(models: CompositionCase['models'], name: string, number: number): string {
  return isEnsemble(models[name]!) ? 'IN' : `INPUT${number}`;
}

/**
 * The whole `config.pbtxt` of a model.
 * @param prefix of all models' names, so that rows do not share them
 */
export function configText({ models }: CompositionCase, name: string, prefix = ''): string {
  const model = models[name]!;
  if (isEnsemble(model)) return ensembleText(models, model, prefix);
  const { config, serviceMs, itemMs = 0, inputs = 1, calls = [], responses, mayDie = false } = model;
  const parameters = {
    fixed_us: serviceMs * 1000,
    item_us: itemMs * 1000,
    prefix,
    calls: JSON.stringify(calls),
    ...(responses !== undefined && { responses: JSON.stringify(responses) }),
    ...(mayDie && { may_die: 1 }),
  };
  return [
    'backend: "python"',
    config,
    ...(responses === undefined ? [] : ['model_transaction_policy { decoupled: true }']),
    ...Array.from({ length: inputs }, (_, i) => `input [ { name: "INPUT${i}" ${TENSOR} } ]`),
    `output [ { name: "OUTPUT0" ${TENSOR} } ]`,
    ...Object.entries(parameters).map(
      ([key, value]) =>
        `parameters { key: "${key}" value: { string_value: ${JSON.stringify(String(value))} } }`,
    ),
    '',
  ].join('\n');
}

const TENSOR = 'data_type: TYPE_FP32 dims: [1]';

function ensembleText(
  models: CompositionCase['models'],
  { steps, config = 'max_batch_size: 8' }: EnsembleModel,
  prefix: string,
): string {
  const parsed = steps.split('; ').map((step) => {
    const [needs, model, gives] = step.split('>') as [string, string, string];
    return { needs: needs.split(','), model, gives };
  });
  const outputs = parsed.map(({ gives }) => gives).filter((tensor) => tensor.startsWith('OUT'));
  return [
    'platform: "ensemble"',
    config,
    `input [ { name: "IN" ${TENSOR} } ]`,
    ...outputs.map((name) => `output [ { name: "${name}" ${TENSOR} } ]`),
    'ensemble_scheduling {',
    ...parsed.map(({ needs, model, gives }) => {
      const inputs = needs
        .map((tensor, i) => `input_map { key: "${inputName(models, model, i)}" value: "${tensor}" }`)
        .join(' ');
      const output = `output_map { key: "${isEnsemble(models[model]!) ? 'OUT' : 'OUTPUT0'}" value: "${gives}" }`;
      return `  step [ { model_name: "${prefix}${model}" model_version: -1 ${inputs} ${output} } ]`;
    }),
    '}',
    '',
  ].join('\n');
}

/** The configuration of a model as perseus reads it from the text. */
export function readConfig(row: CompositionCase, name: string): ModelConfig {
  const problems = new ProblemList();
  const source = readModelConfigText(configText(row, name), 'config.pbtxt', problems);
  const config = source && interpretModelConfig(source, { name, devices: 0 }, problems);
  problems.throwIfAny();
  return config!;
}

/** A time by which everything in a row is over. */
export function endMs(row: CompositionCase): number {
  const lists = [...Object.values(row.executes), row.answers, row.errors ?? ''].flatMap(parseWays);
  const longestMs = Object.values(row.models).map((model) => (isEnsemble(model) ? 0 : model.serviceMs));
  return Math.max(...lists.flat().map(({ atMs }) => atMs)) + Math.max(...longestMs) + 50;
}
