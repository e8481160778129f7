import { shortened } from '../base/shortened.js';
import type { ModelConfig } from '../scenario/model-config.js';

/**
 * What perseus needs of a live inference server. `src/live/triton` is the adapter for gRPC and HTTP/REST; tests use the same
 * adapter against a server in memory, or a fake of this interface.
 *
 * Every method rejects with a {@link LiveError} that says what happened and what to do about it.
 */
export interface InferenceClient {
  /** Where it is connected to, as the user wrote it. */
  readonly url: string;
  serverFacts(): Promise<ServerFacts>;
  isServerReady(): Promise<boolean>;
  isModelReady(model: string): Promise<boolean>;
  /** The configuration in force, completed by the server: not what the file says. */
  modelConfig(model: string): Promise<LiveModelConfig>;
  /** Statistics since the model was loaded, of one model or of all. */
  statistics(model?: string): Promise<readonly ModelStatistics[]>;
  repositoryIndex(): Promise<readonly RepositoryEntry[]>;
  /**
   * Loads a model, or loads it anew under another configuration (JSON as Triton's `config` parameter takes
   * it). Resolves when it is ready.
   */
  loadModel(model: string, options?: { readonly configJson?: string }): Promise<void>;
  /** Resolves when the server has accepted; memory goes when work in flight is done. */
  unloadModel(model: string): Promise<void>;
  /** Makes a file in the shared memory of the server's host known to it, as a region of its own name. */
  registerMemory(name: string, bytes: number): Promise<void>;
  unregisterMemory(name: string): Promise<void>;
  /** Encodes a request once; it may be sent any number of times. */
  prepare(request: InferRequest): PreparedRequest;
  /** A copy of a prepared request that says what only this one is. */
  mark(request: PreparedRequest, mark: RequestMark): PreparedRequest;
  /**
   * Sends a prepared request. `done` runs once; it never throws out of `send`. `undefined` means that all of its results
   * came. The cheap path of the load generator: the answer's tensors are not decoded.
   * @param responded runs with each response of a stream, before `done`
   */
  send(request: PreparedRequest, done: (error: LiveError | undefined) => void, responded?: () => void): void;
  /** Sends a request over gRPC, for one response. @returns how many bytes of tensors that holds */
  answerBytes(request: InferRequest): Promise<number>;
  /** A stream over gRPC that requests share. */
  openStream(): RequestStream;
  /** Smallest call the server answers (ServerLive): what client, network and front end take at least. */
  ping(): Promise<void>;
  /** The clock of a simulated server, milliseconds; absent: the machine's own. */
  nowMs?(): number;
  close(): void;
}

/** Milliseconds on the clock by which its requests are timed. */
export function nowMs(client: InferenceClient): number {
  return client.nowMs?.() ?? performance.now();
}

export type LiveErrorKind =
  /** Nobody answers at the address. */
  | 'unreachable'
  /** TLS or client certificates do not fit. */
  | 'tls'
  /** The deadline passed. */
  | 'deadline'
  /** UNAVAILABLE by the scheduler: the queue is full (`max_queue_size`). */
  | 'queueFull'
  /** UNAVAILABLE by the scheduler: the request waited longer than its queue timeout. */
  | 'queueTimeout'
  /** No such model, or it is not ready. */
  | 'modelNotReady'
  /** The server does not allow or know the call. */
  | 'refused'
  /** The request does not fit the model. */
  | 'invalid'
  /** The connection broke while a call was under way. */
  | 'lost'
  /** Any other answer with an error. */
  | 'server';

/** Triton's longest errors, with the stack of a Python model, have some 1,500 characters. */
const MOST_SHOWN = 2000;

/** A call to a live server that failed. `message` is one line and names the address; `remedy` says what to do. */
export class LiveError extends Error {
  readonly kind: LiveErrorKind;
  readonly remedy: string;
  constructor(kind: LiveErrorKind, message: string, remedy: string) {
    super(shortened(message, MOST_SHOWN));
    this.name = 'LiveError';
    this.kind = kind;
    this.remedy = remedy;
  }
}

export interface ServerFacts {
  readonly name: string;
  /** Triton's own number, e.g. `2.51.0`. */
  readonly version: string;
  /** The release it belongs to, e.g. `24.10`; undefined where not known. */
  readonly release: string | undefined;
}

export interface LiveModelConfig {
  /** The part that decides scheduling, as a scenario holds it. */
  readonly config: ModelConfig;
  /** The whole answer as JSON in Triton's field names, for files that are emitted and for fingerprints. */
  readonly json: unknown;
  readonly version: string;
}

/** Times in nanoseconds as sums; counts as numbers (exact below 2^53). */
export interface ModelStatistics {
  readonly model: string;
  readonly version: string;
  readonly inferenceCount: number;
  readonly executionCount: number;
  readonly success: StatisticDuration;
  readonly fail: StatisticDuration;
  readonly queue: StatisticDuration;
  readonly computeInput: StatisticDuration;
  readonly computeInfer: StatisticDuration;
  readonly computeOutput: StatisticDuration;
  /** Look-ups in the response cache; absent where there were none. A miss includes storing the answer. */
  readonly cache?: { readonly hits: StatisticDuration; readonly misses: StatisticDuration };
  /** One entry per executed batch size, ascending; the unbiased source of service times. */
  readonly batches: readonly BatchStatistics[];
}

export interface StatisticDuration {
  readonly count: number;
  readonly ns: number;
}

export interface BatchStatistics {
  readonly batchSize: number;
  readonly computeInput: StatisticDuration;
  readonly computeInfer: StatisticDuration;
  readonly computeOutput: StatisticDuration;
}

export interface RepositoryEntry {
  readonly model: string;
  readonly version: string;
  /** `READY`, `UNAVAILABLE`, `LOADING` …; empty where the server does not say. */
  readonly state: string;
  readonly reason: string;
}

export interface InferRequest {
  readonly model: string;
  /** Empty or absent: the server's choice. */
  readonly version?: string;
  /** Inferences in the request; ignored (1) for models without a batch dimension. */
  readonly batchSize: number;
  /** In the order of the model's inputs. `data` is little endian, all inferences one after another. */
  readonly inputs: readonly InputTensor[];
  /** Triton's priority level, 0 = the default of the model. */
  readonly priority?: number;
  /** Queue timeout the request asks for; 0 = none. */
  readonly timeoutUs?: number;
  /** The outputs that it asks for; all where left out. */
  readonly outputs?: readonly OutputTensor[];
  /** Its model is decoupled: it may get any number of responses. */
  readonly isStream?: boolean;
}

export interface InputTensor {
  readonly name: string;
  readonly dataType: string;
  /** With the batch dimension where the model has one. */
  readonly shape: readonly number[];
  readonly data: Uint8Array;
  /** Where `data` is read from; in the request itself where left out. */
  readonly place?: MemoryPlace;
}

export interface OutputTensor {
  readonly name: string;
  /** Where it is written to; into the answer where left out. */
  readonly place?: MemoryPlace;
}

/** A part of a region of shared memory that the server knows. */
export interface MemoryPlace {
  readonly region: string;
  readonly offset: number;
  readonly bytes: number;
}

export interface PreparedRequest {
  readonly model: string;
  readonly batchSize: number;
  /** The encoded ModelInferRequest, or the body of an HTTP request. */
  readonly bytes: Uint8Array;
  /** Of a request over HTTP/REST: its path, and how much of its body is JSON, before the tensors. */
  readonly rest?: { readonly path: string; readonly jsonBytes: number };
  readonly isStream?: boolean;
  /** Where a number of its content fits in; absent where no input has room for one. */
  readonly content?: ContentPlace;
}

/** Its requests have one response each. These come in the order of the requests, so that one that takes long holds up those behind it. */
export interface RequestStream {
  /** As that of an {@link InferenceClient}. */
  send(request: PreparedRequest, done: (error: LiveError | undefined) => void): void;
  /** Nobody hears of requests that have no answer yet. */
  close(): void;
}

/** What a request is that is otherwise equal to others. */
export interface RequestMark {
  /** Below the `room` of the request: equal numbers make equal bytes, others make others. */
  readonly content?: number;
  readonly sequence?: {
    /** Above 0. */
    readonly id: number;
    readonly starts: boolean;
    readonly ends: boolean;
  };
}

/** The first elements of an input, which are the digits of a number. */
export interface ContentPlace {
  /** Of the first digit within the bytes of the request. */
  readonly at: number;
  readonly dataType: string;
  readonly digits: number;
  readonly base: number;
  readonly room: number;
}

/** A client that does some things otherwise. */
export function wrapped(client: InferenceClient, otherwise: Partial<InferenceClient>): InferenceClient {
  return new Proxy(client, {
    get: (target, key) => {
      if (Object.hasOwn(otherwise, key)) return Reflect.get(otherwise, key);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
