import type { CounterInterval } from './intervals.js';

/** What the traffic was like of which a profile was made: the load of a scenario of it, and figures to hold its prediction against. */
export interface ObservedTraffic {
  readonly requests: number;
  /** Over all intervals and in that with fewest and with most; NaN where the scrapes bear no times. */
  readonly requestsPerS: { readonly mean: number; readonly least: number; readonly most: number };
  readonly inferencesPerRequest: number;
  readonly inferencesPerExecution: number;
  /** Means of a request, in milliseconds: in the server, and of that in the queue. */
  readonly serverMs: number;
  readonly queueMs: number;
}

export function observedTraffic(intervals: readonly CounterInterval[]): ObservedTraffic {
  const sum = (figure: (interval: CounterInterval) => number) =>
    intervals.reduce((total, interval) => total + figure(interval), 0);
  const requests = sum((interval) => interval.requests);
  const inferences = sum((interval) => interval.inferences);
  const rates = intervals.map((interval) => interval.requests / interval.seconds);
  const meanMs = (us: (interval: CounterInterval) => number) =>
    sum((interval) => interval.requests * us(interval)) / requests / 1000;
  return {
    requests,
    requestsPerS: {
      mean: requests / sum(({ seconds }) => seconds),
      least: Math.min(...rates),
      most: Math.max(...rates),
    },
    inferencesPerRequest: inferences / requests,
    inferencesPerExecution: inferences / sum(({ executions }) => executions),
    serverMs: meanMs(({ requestUs }) => requestUs),
    queueMs: meanMs(({ queueUs }) => queueUs),
  };
}
