import type { ServedModelSpec } from '../../../src/scenario/spec/server-spec.js';

/** A model of a row: an ensemble, or a Python model that sleeps. */
export type RowModel = EnsembleModel | SleepingModel;

export interface EnsembleModel {
  /**
   * Its steps, `tensors>MODEL>tensor` joined by `; `. Clients send `IN`; tensors that begin with `OUT` are its outputs.
   * `IN>A>a; a>B>OUT` is a chain of two. `IN>F.OUTB>f` takes one output of an ensemble that has several.
   */
  readonly steps: string;
  /** What else stands in `config.pbtxt`. */
  readonly config?: string;
}

export interface SleepingModel {
  /** What stands in `config.pbtxt` about batching, scheduler and instances. */
  readonly config: string;
  /** Where the file says less than `config`, and Triton is to fill in the rest: all that it says; '' = no file. */
  readonly file?: string;
  /** Time of an execution before its calls, ms. */
  readonly serviceMs: number;
  /** Time on top for each inference, ms; 0 where left out. */
  readonly itemMs?: number;
  /** Inputs that it has; 1 where left out. */
  readonly inputs?: number;
  /** Of its inputs, besides name and type; `dims: [1]` where left out. */
  readonly input?: string;
  /** Calls that it makes of other models, as a scenario writes them; `model.py` reads the same. */
  readonly calls?: NonNullable<ServedModelSpec['calls']>;
  /** Makes it decoupled: what each request gets. */
  readonly responses?: Responses;
  /** Its `execute` is a coroutine. */
  readonly isAsync?: boolean;
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
 * A row of the conformance tables: what arrives at models, and what Triton does with it. The same row runs on the simulator
 * and on a real server; both read the same text of configurations.
 *
 * Times are milliseconds. The steps of a row are several times longer than any thread takes to wake up, so that what happens
 * follows from the rules of the schedulers and not from who was faster.
 */
export interface Row {
  /** The rule that it shows, as a sentence. */
  readonly rule: string;
  /** Section of the notes that says so. */
  readonly source: string;
  readonly models: Readonly<Record<string, RowModel>>;
  /**
   * Requests, `inferences>MODEL@ms` in order, the model left out where it is the last of `models`; then a letter for the shape of
   * the input, `c` with a number for the content, `s` with one for the sequence and `<` where they start it, `>` where they end
   * it; `o` with an output that alone is wanted; `p` with a priority level, `t` with the request's own queue timeout in ms:
   * `1@0 2@50b 1@60p1 1>B@70t30`. They are numbered from 1.
   */
  readonly arrives: string;
  /**
   * By model its executions, `requests@start`: `1@0 2+3@40`; `_` is padding. Where threads race, ways are joined by ` or `. A
   * start with a tilde, `2@40~`, may be missed by the batcher, which then sleeps on.
   */
  readonly executes: Readonly<Record<string, string>>;
  /** When requests have their results, `requests@answer`; not looked at where left out. */
  readonly answers?: string;
  /** When requests are refused because a queue is full. */
  readonly refused?: string;
  /** When requests are told that they have waited too long. */
  readonly expired?: string;
  /** When the other requests that have no result have their errors. */
  readonly errors?: string;
  /** Requests that the real server never answers, though they have an answer or an error here. */
  readonly hangs?: readonly number[];
  /** A thread of the real server is stuck after it: its models are not used again, and cannot be unloaded. */
  readonly isStuckAfter?: boolean;
  /** By model how many answers came from the cache, and how many were new to it. */
  readonly cache?: CacheCounts;
  /** Of models that stream the responses to each request, which it is named for once each, at the first of them. */
  readonly streams?: string;
  readonly changes?: readonly ModelChange[];
  /** When the process of a model that may die is dead: soon after it begins to execute the request of content 13. */
  readonly diesMs?: number;
  /** Requests go over so many gRPC streams in turn; each over one of its own where left out. */
  readonly sharedStreams?: number;
  /** The server's rate limiter is on. */
  readonly isLimited?: boolean;
  /** Batchers do nothing until so many requests wait (Triton's `TRITONSERVER_DELAY_SCHEDULER`). */
  readonly heldUntil?: number;
  /** Where the real server does otherwise than the notes say. */
  readonly finding?: string;
}

export type CacheCounts = Readonly<Record<string, { readonly hits: number; readonly misses: number }>>;

/** A row of one model. */
export interface OneModelRow
  extends Omit<Row, 'models' | 'executes'>,
    Pick<SleepingModel, 'config' | 'file' | 'input' | 'itemMs'> {
  /** 40 where left out. */
  readonly serviceMs?: number;
  readonly executes: string;
}

const SERVICE_MS = 40;
/** What the model of such a row is called; pages do not name it. */
export const ONLY_MODEL = 'm';

export function rowOf(row: OneModelRow): Row {
  const { config, file, input, itemMs, serviceMs = SERVICE_MS, executes, ...rest } = row;
  const model: SleepingModel = {
    ...{ config, serviceMs },
    ...(file !== undefined && { file }),
    ...(input !== undefined && { input }),
    ...(itemMs !== undefined && { itemMs }),
  };
  return { ...rest, models: { [ONLY_MODEL]: model }, executes: { [ONLY_MODEL]: executes } };
}

/** A model without a batcher. */
export function sleeping(serviceMs: number, more: Partial<SleepingModel> = {}): SleepingModel {
  return { config: 'max_batch_size: 8', serviceMs, ...more };
}

/** An ensemble of two steps, one after the other. */
export const CHAIN: EnsembleModel = { steps: 'IN>A>a; a>B>OUT' };

export interface Arrival {
  readonly model: string;
  readonly atMs: number;
  readonly size: number;
  /** Of the one variable dimension; 1 for shape `a`, 2 for `b` … */
  readonly shape: number;
  /** 0 = like no other. */
  readonly content: number;
  /** 0 = none. */
  readonly sequence: number;
  readonly starts: boolean;
  readonly ends: boolean;
  readonly output: string | undefined;
  /** 0 = none. */
  readonly priority: number;
  /** 0 = none. */
  readonly timeoutMs: number;
}

const ARRIVAL = new RegExp(
  [
    /^(?<size>\d+)(>(?<model>\w+))?@(?<at>\d+)(?<shape>[ab])?(c(?<content>\d+))?/,
    /(s(?<sequence>\d+)(?<starts><)?(?<ends>>)?)?(o(?<output>[A-Z]+))?(p(?<priority>\d+))?(t(?<timeout>\d+))?$/,
  ]
    .map(({ source }) => source)
    .join(''),
);

/** The requests of a row, by time. */
export function parseArrivals({ arrives, models }: Pick<Row, 'arrives' | 'models'>): Arrival[] {
  const last = Object.keys(models).at(-1)!;
  return arrives.split(' ').map((word) => {
    const found = ARRIVAL.exec(word)?.groups;
    if (found === undefined) throw new Error(`"${word}" in "${arrives}" is no arrival`);
    const { size, model = last, at, shape = 'a', starts, ends, output } = found;
    const { content = 0, sequence = 0, priority = 0, timeout = 0 } = found;
    return {
      model,
      atMs: Number(at),
      size: Number(size),
      shape: 1 + shape.charCodeAt(0) - 'a'.charCodeAt(0),
      content: Number(content),
      sequence: Number(sequence),
      starts: starts !== undefined,
      ends: ends !== undefined,
      output,
      priority: Number(priority),
      timeoutMs: Number(timeout),
    };
  });
}

export function isEnsemble(model: RowModel): model is EnsembleModel {
  return 'steps' in model;
}

/** The steps of an ensemble in their order. */
export function stepsOf({ steps }: EnsembleModel) {
  return steps.split('; ').map((step) => {
    const [needs, called, gives] = step.split('>') as [string, string, string];
    const [model, output] = called.split('.') as [string, string?];
    return { needs: needs.split(','), model, output, gives };
  });
}

/** Whether a model, or a step of it, gives a stream of responses. */
export function isStreaming(models: Row['models'], name: string): boolean {
  const model = models[name]!;
  if (!isEnsemble(model)) return model.responses !== undefined;
  return stepsOf(model).some((step) => isStreaming(models, step.model));
}

/** Whether it asks which places of a batch are empty. */
export function hasPadding(model: RowModel): boolean {
  return model.config?.includes('CONTROL_SEQUENCE_READY') === true;
}
