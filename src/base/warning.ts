/**
 * Something a reader of a result must know before trusting it. Warnings are values: the core
 * returns them and never prints; `code` is stable, so that a program can look for one.
 */
export interface Warning {
  readonly code: WarningCode;
  /** What it is about, e.g. a tenant, model or device name. */
  readonly subject: string;
  /** One sentence for people, with the numbers in it. */
  readonly message: string;
}

/** Kinds of warnings; published, so that none is renamed. */
export type WarningCode =
  | 'outside-profile-region'
  | 'extrapolated-batch-size'
  | 'interpolated-batch-size'
  | 'assumed-slowdown'
  | 'assumed-parameter'
  | 'doubtful-profile'
  | 'other-transport'
  | 'overloaded'
  | 'backlogged'
  | 'short-run'
  | 'warm-up-uncertain'
  | 'unserved-at-end'
  | 'counted-latencies'
  | 'batcher-sleeps'
  | 'waits-for-resources'
  | 'trace-changed';
