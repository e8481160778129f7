import type { Spread } from './spread.js';

/** What an importer may be told. Each uses the ones listed in its entry of `importers`. */
export interface ImportOptions {
  /** Path of the file, for messages; its last part stands in the trace's `source`. */
  readonly file?: string | undefined;
  /** Whose requests they are, where the source does not tell. Default `default`. */
  readonly tenant?: string | undefined;
  /** What becomes a tenant, where the source has several levels. Default `function`. */
  readonly tenantBy?: 'function' | 'app' | 'owner' | undefined;
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

/** The file in the `source` of a trace: ` (name)`, without the folders, which differ between machines. */
export function sourceNote({ file }: ImportOptions): string {
  return file === undefined ? '' : ` (${file.replace(/^.*[/\\]/s, '')})`;
}
