/**
 * Threads that wake for a moment wait for each other where all cores of a host are taken: its cores are the servers of a queue,
 * and every waking thread is a customer of it (M/M/c). What executions that compute hold for milliseconds is told apart
 * (`ThreadWaits` of a profile).
 *
 * A request wakes about so many threads, one after the other. In Triton 24.10 under gRPC with models in processes of their own:
 * the client's and the server's on the way in, batcher and instance, the backend's process, its timer or its sending, and the
 * instance again, the server's thread that answers, and two on the way back. (What those of the queue wait is part of its measured
 * delays.)
 */
export const WAKES = { wayIn: 2, queue: 2, inference: 3, output: 1, wayBack: 2 } as const;

export const WAKES_OF_A_REQUEST = Object.values(WAKES).reduce((sum, each) => sum + each, 0);

/** Beyond it a queue would grow without end; what really happens then is that fewer requests are sent. */
const MOST_BUSY = 0.95;

/**
 * Probability that a customer finds all `servers` taken who are busy for `busyShare` of the time: Erlang's C formula, by
 * the recursion of his B formula (A. K. Erlang 1917).
 */
export function probabilityOfWaiting(servers: number, busyShare: number): number {
  const load = servers * busyShare;
  let blocked = 1;
  for (let k = 1; k <= servers; k++) blocked = (load * blocked) / (k + load * blocked);
  return blocked / (1 - busyShare * (1 - blocked));
}

/** Cores of a host as waking threads meet them. */
export interface WakeQueue {
  /** How likely one waits. */
  readonly probability: number;
  /** How long those wait that do, mean of an exponential distribution. */
  readonly meanUs: number;
}

/**
 * @param burstUs how long a thread runs when it has woken, mean
 * @param busyShare of all cores' time, 0..1
 */
export function wakeQueue(burstUs: number, cores: number, busyShare: number): WakeQueue {
  const servers = Math.max(1, Math.round(cores));
  const busy = Math.min(MOST_BUSY, busyShare);
  return { probability: probabilityOfWaiting(servers, busy), meanUs: burstUs / (servers * (1 - busy)) };
}
