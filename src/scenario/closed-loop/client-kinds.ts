import type { ClientThreads } from '../scenario.js';
import type { ClientSpec } from '../spec/tenant-spec.js';

export const CLIENT_KINDS = ['ideal', 'perf-analyzer', 'one-thread-each'] as const;

/**
 * From one answer that perf_analyzer's process takes to the next, where many have come at once: 94 us on average in bursts of 16
 * synchronous clients on two cores (6,000 requests), about exponential: 10 % below 17 us, half below 70, 10 % above 204. Each thread
 * sends 3 to 5 us after it has taken its answer. Measured on one host: `sendUs` says another's. What it brings on models and loads that it
 * was not measured on: results/closed-loops.
 */
const SEND_US = 94;
const SEND_CV = 1;

/**
 * perf_analyzer has a thread for each synchronous client (its `max_threads` is raised to the number of clients), but answers come over a
 * connection for every six of them and wake their threads one after the other: on two cores beside the server as one thread does.
 */
const PERF_ANALYZER_THREADS = 1;

/** What the threads of a client cost; undefined for an ideal one. */
export function clientThreads(spec: ClientSpec | undefined): ClientThreads | undefined {
  if (spec === undefined || spec.kind === 'ideal') return undefined;
  const { kind, threads = PERF_ANALYZER_THREADS, sendUs = SEND_US, sendCv = SEND_CV } = spec;
  return {
    threads: kind === 'one-thread-each' ? { kind: 'own' } : { kind: 'shared', count: threads },
    sendUs,
    sendCv,
  };
}
