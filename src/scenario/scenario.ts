import type { MeasuredNetworkDelay, NetworkDelay } from '../effects/server-side.js';
import type { HostThreadWaits } from '../effects/thread-waits.js';
import type { Trace } from '../trace/trace.js';
import type { Change } from './changes.js';
import type { ServedModel } from './served-model.js';
import type { Contents, Slo, TenantSpec, Tokens } from './spec/tenant-spec.js';

export type {
  InstanceLimits,
  IterationLaw,
  ModelInstance,
  ResponseLaw,
  ServedModel,
} from './served-model.js';

export type { Contents, HostThreadWaits, MeasuredNetworkDelay, NetworkDelay, Slo };

/**
 * A checked set-up: what is served where, who sends what, and under which SLOs. Built from a
 * `ScenarioSpec` (a YAML or JSON file) by `checkScenario`; everything the simulator needs is in it,
 * references are indices, and nothing is left to look up.
 */
export interface Scenario {
  readonly name: string;
  readonly seed: number | string;
  /** Length of the run in microseconds. */
  readonly durationUs: number;
  /** Requests planned before this are simulated but not counted. */
  readonly warmUpUs: number;
  readonly servers: readonly Server[];
  readonly tenants: readonly Tenant[];
  /** What comes or goes in the middle of the run, in order of time; absent = nothing. */
  readonly changes?: readonly Change[];
}

/** One Triton server on one machine (or one replica of it). */
export interface Server {
  readonly name: string;
  readonly machine: Machine;
  /** Host cores shared by front end, copies and CPU instances; Infinity = host never limits. */
  readonly cpuCores: number;
  /** Cores' worth of threads of other processes that always compete for them. Default 0. */
  readonly backgroundCores?: number;
  readonly network: Network;
  readonly options: ServerOptions;
  readonly devices: readonly Device[];
  readonly models: readonly ServedModel[];
  /** Models are loaded when requests ask for them; absent = all are loaded from the start. */
  readonly modelCache?: ModelCacheOptions;
}

/** How a server loads its models when requests ask for them. */
export interface ModelCacheOptions {
  /** MiB of all that are loaded at once. */
  readonly memoryMb: number;
  /** Loads under way at once, at most. */
  readonly loadThreads: number;
}

/** A rented or owned machine: its price row, resolved. */
export interface Machine {
  readonly kind: string;
  readonly usdPerHour: number;
  /** Where the price comes from, with its date; `unpriced` when none was given. */
  readonly priceSource: string;
}

/** A way under a certain load. */
export interface EffectiveNetworkDelay extends NetworkDelay {
  /**
   * How much of the network delay to the server is the waking of threads, at its end: a request that would reach them before they are
   * awake for the one before it is taken in with that.
   */
  readonly wakeUs: number;
}

/** Between clients and one server. */
export interface Network extends NetworkDelay {
  /** As of a {@link MeasuredNetworkDelay}. */
  readonly wakeUs?: number;
  /** What the clients' threads take of both directions together; absent = unknown. */
  readonly clientUs?: number;
  /** Shared by all requests (responses) in flight; Infinity = no limit. */
  readonly requestBytesPerUs: number;
  readonly responseBytesPerUs: number;
}

export interface ServerOptions {
  readonly tritonVersion: string;
  readonly protocol: 'grpc' | 'http';
  /** Front-end handler threads: gRPC 2 by default, HTTP 8. */
  readonly frontEndThreads: number;
  /** From a signal until the batcher thread runs. */
  readonly batcherWakeUs: number;
  /** The same of a batcher that is still awake, because the instance for which it last made a payload is not yet. Default: as long. */
  readonly batcherAwakeUs?: number;
  /** From the end of an execution until its instance thread takes the next payload. */
  readonly instancePickUpUs: number;
  /** From a payload being there until an idle instance thread has it. Default: `instancePickUpUs`. */
  readonly instanceWakeUs?: number;
  /** How late the batcher thread comes back from holding a batch for its queue delay. Default 0. */
  readonly timerSlackUs?: number;
  /**
   * Share of the executions at whose end the batcher thread runs before the instance thread takes its next
   * payload, 0..1. Two threads race there; who wins decides what a batch holds wherever a queue delay or a
   * queue policy is set. Default 0: the instance thread always wins.
   */
  readonly batcherWinsShare?: number;
  /** What an ensemble takes to hand a request on to one step, on the thread that brings the answer before. Default 0. */
  readonly ensembleStepUs?: number;
  /** What a call of another model takes, there and back, besides that model's own time. Default 0. */
  readonly blsCallUs?: number;
  /** Its response cache; absent = none. */
  readonly cache?: CacheOptions;
  /** Its rate limiter (Triton: `--rate-limit=execution_count`); absent = off. */
  readonly rateLimit?: RateLimitOptions;
  /** What waking threads wait while executions compute on the host. Default: nothing. */
  readonly threadWaits?: HostThreadWaits;
  /** Reproduce the idle-instance counter bug of r23.08 to r26.06 (server issue #8870). Default false. */
  readonly idleCounterDrift?: boolean;
}

export interface RateLimitOptions {
  /** What there is of each resource, as by `--rate-limit-resource`; none = as much as the instance has that asks for the most. */
  readonly resources: readonly LimitedResource[];
}

export interface LimitedResource {
  readonly name: string;
  readonly count: number;
  /** Triton's id of the only device that has it; absent = each device has so much. */
  readonly device?: number;
}

/** A response cache (Triton: `--cache-config local`). */
export interface CacheOptions {
  readonly bytes: number;
  /** What finding or keeping an answer takes under the cache's lock, besides copying it. */
  readonly lookUpUs: number;
  readonly copyPerKilobyteUs: number;
  /** What making a key out of a request takes. */
  readonly hashPerKilobyteUs: number;
}

/** A GPU, a MIG slice, or the cores of a host where executions meet there. */
export interface Device {
  readonly name: string;
  /** Kind as in a profile's `device`, e.g. `Tesla T4`, `A100-80GB MIG 3g.40gb`, `CPU`. */
  readonly kind: string;
  readonly memoryMb: number;
  readonly sharing: Sharing;
  /** Of a MIG slice beside busy ones that other servers have: how many times as long executions take, from least to most. */
  readonly neighbours?: { readonly least: number; readonly most: number };
}

/**
 * How executions on one device share it.
 * - `exclusive`: each runs as if alone (a device per instance, or none contending).
 * - `streams`: all run at once; each is slowed by each co-runner by the pairwise slowdown of the
 *   profiles; work conserving (speeds are set anew at every start and end).
 * - `hostCores`: the device is a host. While there is a core for each execution they slow each other in pairs, as
 *   streams do; more of them share the cores evenly. A scenario file does not say it: the check finds it.
 * - `timeSlices`: k executions run at 1/k of full speed each, less `switchOverhead`; with `quantumUs`
 *   they take turns of that length instead (Infinity: each runs to its end, in order of arrival), and
 *   lose `switchOverhead` of the time while others wait.
 * - `mps`: each model has a share of the device's multiprocessors, 0..1, which its executions divide.
 * - `mig`: hard partition; the device is one slice, and within it executions share as by `streams`.
 */
export type Sharing =
  | { readonly mode: 'exclusive' }
  | { readonly mode: 'streams' }
  | { readonly mode: 'hostCores'; readonly cores: number }
  | { readonly mode: 'timeSlices'; readonly switchOverhead: number; readonly quantumUs: number | undefined }
  | { readonly mode: 'mps'; readonly shares: ReadonlyMap<string, number> }
  | {
      readonly mode: 'mig';
      readonly parent: string;
      readonly computeSlices: number;
      /** How many times as long executions take beside busy slices; absent = what was measured of this kind of GPU. */
      readonly neighbourSlowdown?: number;
    };

/** Who sends requests, to what, and under which SLO. */
export interface Tenant {
  readonly name: string;
  readonly model: string;
  /** Where its requests may go: indices into servers, with the model's index on that server. */
  readonly targets: readonly { readonly server: number; readonly model: number }[];
  readonly routing: Routing;
  readonly load: Load;
  /**
   * Requests per second while it sends, where its load does not say so: a trace with long pauses, as of measurements in turns. A server
   * that gets more keeps its threads awake. Default: those of the trace in the time of the run.
   */
  readonly usualPerS?: number;
  /** Inferences per request where the trace does not say. */
  readonly batchSize: number;
  /** On the wire, for each inference: 0 where tensors are in shared memory. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Where tensors are that requests only refer to; absent = requests hold them. */
  readonly sharedMemory?: 'system' | 'cuda';
  /** Streams that its requests share, in which answers keep their order; absent = each request has one of its own. */
  readonly sharedStreams?: number;
  readonly priority: number;
  readonly timeoutUs: number;
  /**
   * Class of what Triton tells apart in its inputs: requests of different classes share a batch only if the model
   * allows ragged batches or has fixed dimensions, no input may be left out, and none is a shape tensor.
   */
  readonly shape: number;
  /** Outputs that its requests ask an ensemble for; absent = all. */
  readonly outputs?: readonly string[];
  /** What its requests hold, where no trace says it; absent = each is like no other. */
  readonly contents?: Contents;
  /** Tokens of its requests to language models, where no trace says them. */
  readonly tokens?: Tokens;
  readonly slo?: Slo;
}

/** How a tenant with several targets chooses among them, request by request. */
export type Routing = TenantSpec['routing'];

export type Load =
  /** Requests leave as planned. `trace` has this tenant only, shifted and scaled as asked. */
  | { readonly mode: 'open'; readonly trace: Trace }
  /** As open, but no more than `maxInFlight` at once; later ones wait at the client. */
  | {
      readonly mode: 'capped';
      readonly trace: Trace;
      readonly maxInFlight: number;
      readonly latencyFrom: 'planned' | 'sent';
      /**
       * What happens to the plan when a request had to wait for a free place. `schedule` (default): later
       * requests keep their planned times and catch up. `gap`: the planned gap counts from the last
       * request actually sent, so the client falls behind its plan for good.
       */
      readonly pacing?: 'schedule' | 'gap';
    }
  /** `concurrency` closed-loop clients, each sending again `thinkTime` after its answer. */
  | {
      readonly mode: 'closed';
      readonly concurrency: number;
      readonly thinkTime: ThinkTime;
      readonly maxRequests: number;
      /** What sending again costs the client's threads. Default: an ideal client, which it costs nothing. */
      readonly client?: ClientThreads;
    };

/** Threads of a client that take answers and send the next requests. */
export interface ClientThreads {
  /**
   * Whether threads serve all its closed-loop clients (`shared`): a thread sends as soon as it takes an answer, and takes the next
   * answer so long after. Or each closed-loop client has its own thread (`own`), which sends so long after the answer.
   */
  readonly threads: { readonly kind: 'shared'; readonly count: number } | { readonly kind: 'own' };
  /** Mean of that time. */
  readonly sendUs: number;
  /** Its coefficient of variation; gamma distributed, 0 is constant. */
  readonly sendCv: number;
}

/** How long a client waits from its answer to its next request. */
export interface ThinkTime {
  readonly law: 'constant' | 'exponential';
  readonly meanUs: number;
}
