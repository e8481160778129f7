import { groupBy } from '../../../base/group-by.js';
import { MOST_INFERENCES } from '../../columns.js';
import type { SeriesIncreases } from './increases.js';
import { countsFailures, countsInferences } from './meaning.js';

export interface TenantSeries {
  readonly tenant: string;
  readonly told: SeriesIncreases;
}

/** What is known of the requests of one tenant. */
export interface TenantLoad {
  readonly tenant: string;
  /** The series that count its requests: of every version, server and device. */
  readonly requests: readonly SeriesIncreases[];
  /** Mean of inferences in a request, where both are counted; at least 1. */
  readonly inferencesEach: number | undefined;
  /** Whether inferences are counted and no requests, so that each is taken for one. */
  readonly countsInferences: boolean;
}

/** The tenants in order of their names. */
export function tenantLoads(series: readonly TenantSeries[]): TenantLoad[] {
  return [...groupBy(series, ({ tenant }) => tenant)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([tenant, own]) =>
      loadOf(
        tenant,
        own.map(({ told }) => told),
      ),
    );
}

function loadOf(tenant: string, told: readonly SeriesIncreases[]): TenantLoad {
  const inferences = told.filter(({ series }) => countsInferences(series));
  const requests = told.filter((each) => !inferences.includes(each));
  if (requests.length === 0)
    return { tenant, requests: inferences, inferencesEach: undefined, countsInferences: true };
  // Only those that succeeded are in the count of inferences.
  const answered = total(requests.filter(({ series }) => !countsFailures(series)));
  const isKnown = inferences.length > 0 && answered > 0;
  const inferencesEach = isKnown ? nearlyWhole(total(inferences) / answered) : undefined;
  return { tenant, requests, inferencesEach, countsInferences: false };
}

function total(told: readonly SeriesIncreases[]): number {
  return told.reduce((sum, { increases }) => increases.reduce((all, { amount }) => all + amount, sum), 0);
}

/** A request is counted a moment before or after its inferences, so that their ratio is rarely quite whole. */
const NEARLY = 0.005;

function nearlyWhole(mean: number): number {
  const inRange = Math.min(MOST_INFERENCES, Math.max(1, mean));
  const whole = Math.round(inRange);
  return Math.abs(inRange - whole) <= NEARLY * whole ? whole : inRange;
}

/**
 * Inferences of the request with that number: the whole numbers beside the mean, in turn, so that the sum over any
 * requests in a row is off by less than one.
 */
export function batchSizeOf(request: number, inferencesEach: number): number {
  return Math.floor((request + 1) * inferencesEach) - Math.floor(request * inferencesEach);
}
