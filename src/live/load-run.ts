import type { RequestLog } from '../trace/request-log.js';
import type { ModelStatistics } from './inference-client.js';

/** What a live run leaves behind: the same log as a simulated one, and how far the run itself may be trusted. */
export interface LoadRun {
  readonly log: RequestLog;
  /**
   * What came of each request of the log in the end, those included that are unfinished there and were answered in the drain:
   * the server counts them. Absent where nothing was drained.
   */
  readonly answers?: Pick<RequestLog, 'endedUs' | 'outcome'>;
  readonly generator: GeneratorHealth;
  /** What the server counted during the run, by model; empty where it was not asked. */
  readonly statistics: readonly ModelStatistics[];
}

export interface GeneratorHealth {
  /** Sent less due time over all requests, milliseconds; NaN where none was sent. Due: see `generatorHealth`. */
  readonly lagMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Gaps in which the machine did nothing, as a thread saw them that only ticks; `STALL_MS` and more. */
  readonly stalls: { readonly count: number; readonly longestMs: number; readonly totalMs: number };
  /** True when it fell behind its schedule for good: the run shows the generator, not the server. */
  readonly fellBehind: boolean;
  /** One line for people: what the figures above mean. */
  readonly verdict: string;
}
