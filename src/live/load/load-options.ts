import type { Routing, Tenant } from '../../scenario/scenario.js';
import type { InferenceClient, InferRequest, LiveErrorKind } from '../inference-client.js';
import type { LoadRun } from '../load-run.js';

/** What {@link runLoad} sends, where to, and for how long. */
export interface LoadOptions {
  /** Who sends what; a scenario's tenants fit as they are. */
  readonly tenants: readonly LoadTenant[];
  /** In the order in which the tenants' `targets` count them. */
  readonly servers: readonly LoadServer[];
  /**
   * What a request of that tenant and size carries. Called before the run, once for each tenant and batch
   * size; priority and queue timeout are filled in from tenant and trace.
   */
  readonly request: (tenant: LoadTenant, batchSize: number) => InferRequest;
  /** Where some tenants ask models that answer from a cache: their requests hold what trace or law says. Default: all are equal. */
  readonly contents?: {
    readonly isMarked: (tenant: LoadTenant) => boolean;
    /** 0 to 1, another one for each run. */
    readonly place: number;
  };
  /**
   * Length of the run. Infinity: until every load has come to its end, which a closed loop without
   * `maxRequests` never does.
   */
  readonly durationUs: number;
  /** Think times and random routing come from it, as in a simulated run. */
  readonly seed: number | string;
  /** How the generator waits for the next send. Default: {@link defaultPacer} of the servers' addresses. */
  readonly pacer?: PacerKind;
  /**
   * How long to wait after the end for requests under way, so that the next run finds the server idle.
   * They stay `unfinished` in the log, as in a simulated run. Default 2000.
   */
  readonly drainMs?: number;
  /** Stop when for so long nothing but broken or refused connections came back. Default 5000. */
  readonly giveUpMs?: number;
  /**
   * Stop when the requests under way take more memory than this, because the server is slower than the load:
   * better an early end than a process that dies with its measurements. Each thread counts its own. Default 1024.
   */
  readonly memoryBudgetMb?: number;
  /** Send from so many worker threads, each with its own connection. Needs `connect` of every server. Default 1: from this thread. */
  readonly threads?: number;
  /** Stops sending, drains, and returns what was measured until then. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** What the generator must know of a tenant. Without `targets`, everything goes to the first server. */
export type LoadTenant = Pick<
  Tenant,
  | 'name'
  | 'model'
  | 'load'
  | 'batchSize'
  | 'priority'
  | 'timeoutUs'
  | 'contents'
  | 'outputs'
  | 'sharedStreams'
> & {
  readonly targets?: readonly { readonly server: number }[];
  readonly routing?: Routing;
};

export interface LoadServer {
  readonly name: string;
  /** Connected; it is not closed here. */
  readonly client: InferenceClient;
  /** How a worker thread gets a client of its own. */
  readonly connect?: ClientRecipe;
}

/** A client factory that can be described to another thread: `(await import(module))[factory](options)`. */
export interface ClientRecipe {
  /** URL of the module, e.g. `import.meta.resolve('…')`. */
  readonly module: string;
  /** Name of an exported function that gives an {@link InferenceClient} or a promise of one. */
  readonly factory: string;
  /** Plain data. */
  readonly options: unknown;
}

/**
 * - `hybrid`: a timer until 2 ms before the next send, then spinning. Most punctual; costs most of a core.
 * - `worker`: a thread sleeps until the send is due and wakes this one. For servers on the same cores.
 * - `sleep`: a plain timer, a millisecond coarse. For slow loads on a crowded machine.
 */
export type PacerKind = 'hybrid' | 'worker' | 'sleep';

/** How far a run is; given about five times a second and once at the end. */
export interface LoadProgress {
  readonly elapsedUs: number;
  readonly durationUs: number;
  readonly sent: number;
  /** Answers of every kind, errors included. */
  readonly answered: number;
  readonly failed: number;
}

/** Why a run ended. */
export type EndReason =
  /** Its time was over. */
  | 'duration'
  /** Every load had come to its end and every request was answered. */
  | 'exhausted'
  /** The caller's signal. */
  | 'aborted'
  /** For `giveUpMs` nothing but broken or refused connections came back. */
  | 'serverGone'
  /** Requests under way outgrew `memoryBudgetMb`: the server is slower than the load. */
  | 'overloaded';

/** What {@link runLoad} measured. */
export interface LoadResult extends Pick<LoadRun, 'log' | 'generator' | 'answers'> {
  readonly endReason: EndReason;
  /** One sentence for people where the run did not go as asked (stopped early, errors); empty otherwise. */
  readonly remark: string;
  /** Errors by kind, most frequent first; full queues and queue timeouts included. */
  readonly errors: readonly ErrorCount[];
  /** Answers that came in the drain, after the end of the run; unfinished in the log. */
  readonly answeredLate: number;
}

export interface ErrorCount {
  readonly kind: LiveErrorKind;
  readonly count: number;
  /** Of the first error of that kind. */
  readonly message: string;
  readonly remedy: string;
}
