import type { Trace } from '../trace.js';
import type { Spread } from './spread.js';

/** What the values of a series of Prometheus are: requests until then, or per second. */
export type SeriesValues = 'counter' | 'rate';

/** How a table writes a time: a stamp of the calendar, or a count since any moment. */
export type TimeFormat = 'iso' | 's' | 'ms' | 'us' | 'ns';

/** What an importer may be told. Each uses the ones listed in its entry of `importers`. */
export interface ImportOptions {
  /** Path of the file, for messages; its last part stands in the trace's `source`. */
  readonly file?: string | undefined;
  /** Whose requests they are, where the source does not tell. Default `default`. */
  readonly tenant?: string | undefined;
  /**
   * What becomes a tenant, where the source has several levels: `function` (default), `app` or `owner`; of
   * Prometheus the name of a label, default `model`; of an access log `model` (default) or `path`.
   */
  readonly tenantBy?: string | undefined;
  /** Column of a table that says when a request came. Default `timestamp`. */
  readonly timeColumn?: string | undefined;
  /** How it is written there. Default `iso`. */
  readonly timeFormat?: TimeFormat | undefined;
  /** Column of a table that says whose a request is. Default: all are of one tenant. */
  readonly tenantColumn?: string | undefined;
  /** Column of a table with the inferences of a request. Default: as the tenant says. */
  readonly batchColumn?: string | undefined;
  /** Column of a table with the tokens of a request's prompt. Default: as the tenant says. */
  readonly promptTokensColumn?: string | undefined;
  /** Column of a table with the tokens that a request gets back. Default: as the tenant says. */
  readonly outputTokensColumn?: string | undefined;
  /** What the values of Prometheus' series are. Default: counters, where they have a name. */
  readonly values?: SeriesValues | undefined;
  /** Length of a counted interval or window, in microseconds. */
  readonly binUs?: number | undefined;
  /** Where arrivals lie inside a counted interval. */
  readonly spread?: Spread | undefined;
  /** Seed of the random streams. Default 0. */
  readonly seed?: number | string | undefined;
  /** Leave out what arrives before; the trace begins here. Microseconds of the source's clock, default 0. */
  readonly fromUs?: number | undefined;
  /** Leave out what arrives at or after. Default: nothing. */
  readonly toUs?: number | undefined;
  /** Multiply rates by this before arrivals are drawn. Default 1. */
  readonly rateScale?: number | undefined;
  /** Which experiment of a file with several, counted from 0. */
  readonly experiment?: number | undefined;
  /** Refuse to make a longer trace. Default 50 million requests. */
  readonly maxRequests?: number | undefined;
}

export interface SourceFile {
  readonly file?: string | undefined;
  readonly text: string;
}

/** A trace, and sentences on what its source did not tell. */
export interface ImportedTrace {
  readonly trace: Trace;
  readonly notes: readonly string[];
}

/** The file in the `source` of a trace: ` (name)`, without the folders, which differ between machines. */
export function sourceNote({ file }: ImportOptions): string {
  return file === undefined ? '' : ` (${file.replace(/^.*[/\\]/s, '')})`;
}
