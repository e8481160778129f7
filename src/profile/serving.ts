/** Delays of a server's threads and of the network delay to it, measured together with its models. */
export interface Serving {
  /** From a signal until the batcher thread runs. */
  readonly batcherWakeUs: number;
  /** From a payload being there until an idle instance thread has it. */
  readonly instanceWakeUs: number;
  /** From the end of an execution until its instance thread takes the next payload. */
  readonly instancePickUpUs: number;
  /**
   * What of `response.fixedUs` an instance takes to wake its model's batcher, which one without dynamic batching has not to
   * wake; absent = nothing.
   */
  readonly batcherSignalUs?: number;
  /** How late a batcher that holds a batch back for its queue delay comes back. */
  readonly timerSlackUs: number;
  /** Share of the executions at whose end the batcher runs before the instance takes its next payload, 0..1. */
  readonly batcherWinsShare: number;
  /** Client to server and back, outside of the server's own request time, where nothing is known of the load. */
  readonly requestDelayUs: number;
  readonly responseDelayUs: number;
  /**
   * The same by how many requests the server got, ascending: cores that have gone to sleep between sparse requests
   * take longer. Between two of these the way changes with the logarithm of the rate.
   */
  readonly networkDelayByRate?: readonly RatedDelays[];
  /** The same of closed-loop clients that send as soon as they have their answer, and find everything awake; absent: as under any load. */
  readonly closedLoopNetworkDelay?: { readonly requestDelayUs: number; readonly responseDelayUs: number };
  /**
   * What an execution takes longer than the profile's `service` says, by how many requests per second the server gets,
   * ascending: its threads, and the backend's, sleep deeper between sparse requests. Between two of these it changes with the
   * logarithm of the rate.
   */
  readonly phasesByRate?: readonly RatedPhases[];
  /** What perseus' own load generator adds to both ways together, beyond a client that costs nothing. */
  readonly generatorUs: number;
  /**
   * What a usual client adds instead, one whose threads hand requests and answers on as those of gRPC's own libraries
   * and of perf_analyzer do; absent = nothing.
   */
  readonly clientUs?: number;
  /**
   * What each further response of an execution takes longer to send to such a client: it sleeps until each comes, and its
   * thread is woken from the instance's. Perseus' own generator is awake from the first on; absent = nothing.
   */
  readonly clientWakeUs?: number;
  /** Cores of the server's host, where they were known. */
  readonly cpuCores?: number;
  /**
   * Core time of the host that a request takes besides its execution: front end, batcher and what wakes them; absent = unknown,
   * nothing is taken.
   */
  readonly requestCpuUs?: number;
  /** The same of an execution besides what it computes: instance thread, the backend's process; absent = nothing. */
  readonly executionCpuUs?: number;
  /** The same of the client that sends it, where that is on the same host. */
  readonly clientCpuUs?: number;
  /** What threads wait that wake while executions compute on the host; absent = nothing. */
  readonly threadWaits?: ThreadWaits;
}

/**
 * Schedulers leave a core to the thread that computes on it for some milliseconds, and wake others there although
 * another core is free: of the threads that wake while executions compute on all cores but one, `share` wait,
 * for anything up to `longestUs` (uniform).
 */
export interface ThreadWaits {
  readonly share: number;
  readonly longestUs: number;
}

/** Delays of the way under so many requests per second to the server. */
export interface RatedDelays {
  readonly requestsPerS: number;
  readonly requestDelayUs: number;
  readonly responseDelayUs: number;
}

/** What the phases of an execution take longer under so many requests per second to the server. */
export interface RatedPhases {
  readonly requestsPerS: number;
  /** Fewer where requests were batched: it is executions that keep threads awake. Absent = as many. */
  readonly executionsPerS?: number;
  readonly inputUs: number;
  readonly inferUs: number;
  readonly outputUs: number;
}
